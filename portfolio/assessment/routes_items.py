"""One statement or duty: how it came to stand as it does, signing it off, withdrawing the sign-off."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from kbs.coverage import CoverageMap
from kbs.statements import Duty, Item
from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.assessment import actions_items, queries, rules
from portfolio.assessment.forms import SignOffItem, WithdrawSignOff
from portfolio.audit.marks import ledger_marks
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.refusals import NotFound, Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, new_form_key, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/items/{code}")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
Deciding = Annotated[Opened, Depends(Needs(Permission.DECIDE))]
SignOffForm = Annotated[Submitted[SignOffItem], Depends(submitted(SignOffItem))]
WithdrawForm = Annotated[Submitted[WithdrawSignOff], Depends(submitted(WithdrawSignOff))]


def _item(opened: Opened, code: str) -> Item:
    if code not in opened.standard:
        raise NotFound
    return opened.standard.item(code)


@router.get("/history", name="assessment.item_history")
def item_history(page: PageDep, session: ReadSession, opened: Viewed, code: str) -> Response:
    item = _item(opened, code)
    sign_offs = queries.sign_off_history(session, opened.id, code)
    decisions = queries.decisions_on_item(session, opened.id, code)
    return page(
        "assessment/item_history.html",
        fragment="history",
        opened=opened,
        item=item,
        sign_offs=sign_offs,
        decisions=decisions,
        marks={
            **ledger_marks(page, session, "sign_off", [shown.sign_off.id for shown in sign_offs]),
            **ledger_marks(page, session, "decision", [shown.decision.id for shown in decisions]),
        },
    )


@router.get("/sign-off", name="assessment.sign_off")
def sign_off_page(page: PageDep, session: ReadSession, opened: Deciding, code: str) -> Response:
    return _sign_off_shown(page, session, opened, _item(opened, code), empty())


@router.post("/sign-off", name="assessment.sign_off_now")
def sign_off(
    form: SignOffForm, page: PageDep, session: WriteSession, opened: Deciding, code: str
) -> Response:
    item, status = _item(opened, code), 422
    found = checking.found_in_form(session, opened, form, {"reason": "Why they cover it together"})
    if not checking.stopped(form, found) and form.value is not None:
        try:
            row = actions_items.sign_off_item(
                session,
                opened,
                code,
                version_ids=form.value.pieces,
                reason=form.value.reason,
                form_key=form.value.form_key,
                now=utc_now(),
            )
            checking.keep_once(session, opened, "sign_off", row.id, found, now=utc_now())
        except actions_items.ChoosePieces as mistake:
            form.refuse("pieces", mistake.reason)
        except Refused as refusal:
            form.refuse("", refusal.reason)
            form.typed.pop("form_key", None)  # what is sent from the page that follows is meant anew
            status = 409
    if form.errors:
        return _sign_off_shown(page, session, opened, item, form, status=status)
    return page.go_to("coverage.item", apprenticeship_id=opened.id, code=code)


def _sign_off_shown(
    page: Page, session: Session, opened: Opened, item: Item, form: Submitted[Any], *, status: int = 200
) -> Response:
    choosable = actions_items.pieces_to_choose(session, opened, item.code)
    facts = actions_items.item_facts_for(session, opened, item.code)
    coverage = CoverageMap.from_facts(opened.standard, queries.item_facts(session, opened.id))
    return page(
        "assessment/sign_off.html",
        fragment="sign_off",
        status=status,
        opened=opened,
        item=item,
        state=coverage.state(item.code),
        standing=coverage.duty_standing(item) if isinstance(item, Duty) else None,
        pieces=choosable,
        why_not=rules.why_not_sign_off(facts, pieces=len(choosable)),
        form=form,
        form_key=new_form_key(),
    )


@router.get("/withdraw", name="assessment.withdraw_sign_off")
def withdraw_page(page: PageDep, session: ReadSession, opened: Deciding, code: str) -> Response:
    return _withdraw_shown(page, session, opened, _item(opened, code), empty())


@router.post("/withdraw", name="assessment.withdraw_sign_off_now")
def withdraw(
    form: WithdrawForm, page: PageDep, session: WriteSession, opened: Deciding, code: str
) -> Response:
    item, status = _item(opened, code), 422
    found = checking.found_in_form(session, opened, form, {"reason": "Why it no longer stands"})
    if not checking.stopped(form, found) and form.value is not None:
        try:
            row = actions_items.withdraw_sign_off(
                session,
                opened,
                code,
                reason=form.value.reason,
                form_key=form.value.form_key,
                now=utc_now(),
            )
            checking.keep_once(session, opened, "sign_off", row.id, found, now=utc_now())
        except Refused as refusal:
            form.refuse("", refusal.reason)
            form.typed.pop("form_key", None)  # what is sent from the page that follows is meant anew
            status = 409
    if form.errors:
        return _withdraw_shown(page, session, opened, item, form, status=status)
    return page.go_to("coverage.item", apprenticeship_id=opened.id, code=code)


def _withdraw_shown(
    page: Page, session: Session, opened: Opened, item: Item, form: Submitted[Any], *, status: int = 200
) -> Response:
    history = queries.sign_off_history(session, opened.id, item.code)
    return page(
        "assessment/withdraw.html",
        fragment="withdraw",
        status=status,
        opened=opened,
        item=item,
        standing=history[0] if history and not history[0].is_withdrawal else None,
        why_not=rules.why_not_withdraw(actions_items.item_facts_for(session, opened, item.code)),
        form=form,
        form_key=new_form_key(),
    )
