"""After a session, for the provider's managers: certificates, materials, and what people said of a course."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.courses import certificates, materials, results
from portfolio.courses.after_forms import DecisionForm, MaterialForm
from portfolio.courses.evaluations import TITLES
from portfolio.courses.models import CourseSession
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import NotFound, Refused, SentBefore
from portfolio.training.rules.booking import State
from portfolio.training.rules.certificate import TrainersWord
from portfolio.training.rules.evaluation import one_decimal
from portfolio.web.formats import count_words, utc_now
from portfolio.web.forms import Submitted, empty, new_form_key, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PER_PAGE, PageNumber, cut

router = APIRouter(prefix="/providers/{provider_id}")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COURSES))]
Deciding = Annotated[Submitted[DecisionForm], Depends(submitted(DecisionForm))]
Adding = Annotated[Submitted[MaterialForm], Depends(submitted(MaterialForm))]


@router.get("/sessions/{session_id}/after", name="courses.session_after")
def session_after(
    page: PageDep, session: ReadSession, provider: Managed, session_id: UUID, number: PageNumber = 1, done: str = ""
) -> Response:  # fmt: skip
    of = materials.session_in(session, provider.provider_id, session_id)
    return _page(page, session, provider, of, number=number, done=done)


@router.post("/sessions/{session_id}/certificates", name="courses.certify")
def certify(
    page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, session_id: UUID
) -> Response:
    """What attendance says, for everybody of the session in one step."""
    of = materials.session_in(session, provider.provider_id, session_id)
    issued, withheld = certificates.record_attendance(session, of.id, by=viewer.person_id, now=utc_now())
    return page.go_to(
        "courses.session_after",
        query={"done": f"{issued}-{withheld}"},
        provider_id=provider.provider_id,
        session_id=of.id,
    )


@router.get("/sessions/{session_id}/certificates/{booking_id}", name="courses.decision")
def decision_page(
    page: PageDep, session: ReadSession, provider: Managed, session_id: UUID, booking_id: UUID
) -> Response:
    of = materials.session_in(session, provider.provider_id, session_id)
    return _decision(page, session, provider, of, booking_id, empty())


@router.post("/sessions/{session_id}/certificates/{booking_id}", name="courses.decide_certificate")
def decide(
    form: Deciding,
    page: PageDep,
    session: WriteSession,
    provider: Managed,
    viewer: SignedIn,
    session_id: UUID,
    booking_id: UUID,
) -> Response:
    """The trainer's decision on one certificate, with its reason."""
    of = materials.session_in(session, provider.provider_id, session_id)
    one = _standing(session, of, booking_id)
    if form.value is not None:
        at = session.get_one(Apprenticeship, one.booking.apprenticeship_id)
        reason = checking.left_out(session, at, form.value.reason)
        word = TrainersWord(form.value.outcome == "issue", reason)
        try:
            certificates.decide(session, one.booking, word, by=viewer.person_id, now=utc_now())
        except Refused as refusal:
            form.refuse("", refusal.reason)
    if form.errors:
        return _decision(page, session, provider, of, booking_id, form, status=422)
    return page.go_to(
        "courses.session_after",
        query={"done": "decided"},
        provider_id=provider.provider_id,
        session_id=of.id,
    )


@router.post("/sessions/{session_id}/materials", name="courses.add_material")
def add_material(
    form: Adding, page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, session_id: UUID
) -> Response:
    of, now = materials.session_in(session, provider.provider_id, session_id), utc_now()
    typed = form.value
    if typed is not None and not typed.link and not typed.note:
        form.refuse("link", "Give a web address, a note, or both.")
    if form.value is not None:
        says = {"title": form.value.title, "link": form.value.link, "note": form.value.note}
        try:
            materials.add(
                session, of, says, form_key=form.value.form_key, by=viewer.person_id, now=now
            )  # fmt: skip
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return _page(page, session, provider, of, form=form, status=422)
    return page.go_to(
        "courses.session_after",
        query={"done": "added"},
        provider_id=provider.provider_id,
        session_id=of.id,
    )


@router.post("/sessions/{session_id}/materials/{material_id}/remove", name="courses.remove_material")
def remove_material(
    page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, session_id: UUID, material_id: UUID
) -> Response:  # fmt: skip
    of = materials.session_in(session, provider.provider_id, session_id)
    materials.remove(session, of, material_id, by=viewer.person_id, now=utc_now())
    return page.go_to(
        "courses.session_after",
        query={"done": "removed"},
        provider_id=provider.provider_id,
        session_id=of.id,
    )


@router.get("/courses/{course_id}/results", name="courses.results")
def results_page(page: PageDep, session: ReadSession, provider: Managed, course_id: UUID) -> Response:
    """What people said of the course, over all its sessions."""
    course = results.course_in(session, provider.provider_id, course_id)
    return page(
        "courses/results.html",
        provider=provider,
        course=course,
        results=results.results_of(session, course),
        titles=TITLES,
        one_decimal=one_decimal,
    )


def _said(done: str) -> str:
    issued, _, withheld = done.partition("-")
    if issued.isdigit() and withheld.isdigit() and len(done) < 12:
        if int(issued) + int(withheld) == 0:
            return "Nothing was recorded: every certificate stands as attendance has it."
        return f"{count_words(int(issued), 'certificate')} issued, {withheld} withheld."
    return {
        "decided": "Your decision is on record.",
        "added": "The material is there for everybody who attended.",
        "removed": "The material was taken away.",
    }.get(done, "")


def _page(
    page: Page,
    session: Session,
    provider: Membership,
    of: CourseSession,
    *,
    number: int = 1,
    done: str = "",
    form: Submitted[Any] | None = None,
    status: int = 200,
) -> Response:
    everybody, now = certificates.of_session(session, of.id), utc_now()
    first = (number - 1) * PER_PAGE
    return page(
        "courses/materials.html",
        fragment="session_after",
        status=status,
        provider=provider,
        of=of,
        found=cut(everybody[first : first + PER_PAGE + 1], number),
        waiting=len([one for one in everybody if one.decides]),
        materials=materials.of_session(session, of.id),
        over=now >= of.ends_at,
        states=State,
        said=_said(done),
        form=form or empty(),
        key=new_form_key(),
    )


def _standing(session: Session, of: CourseSession, booking_id: UUID) -> certificates.Standing:
    found = [one for one in certificates.of_session(session, of.id) if one.booking.id == booking_id]
    if not found:
        raise NotFound
    return found[0]


def _decision(
    page: Page,
    session: Session,
    provider: Membership,
    of: CourseSession,
    booking_id: UUID,
    form: Submitted[Any],
    status: int = 200,
) -> Response:
    return page(
        "courses/certificate.html",
        fragment="decision_form",
        status=status,
        provider=provider,
        of=of,
        one=_standing(session, of, booking_id),
        form=form,
    )
