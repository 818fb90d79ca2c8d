"""The pages of the training log as several routes show them, and what a form of an entry says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from kbs.frameworks import Frameworks
from kbs.statements import STATEMENT_KINDS, Duty, in_order
from portfolio.access import Permission
from portfolio.apprenticeships.guards import Opened
from portfolio.findings import queries as findings
from portfolio.library.queries import frameworks_for
from portfolio.training import actions, levels, queries
from portfolio.training.forms import EntryForm, answer
from portfolio.training.models import TrainingEntry
from portfolio.training.queries import ACTIVITIES, Log, Row
from portfolio.training.rules.hours_picture import MonthState
from portfolio.training.rules.log import State, minutes_typed, offered
from portfolio.training.rules.words import length, month_words
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, empty, filled, new_form_key
from portfolio.web.page import Page
from portfolio.web.paging import PER_PAGE, cut

TEXTS = {
    "what": "What you learnt",
    "objective": "What it was for",
    "given_by": "Who gave the training",
    "certificate": "Certificate",
    "impact": "What it changed in your work",
}
"""Fields in which people may be written about, with what stands above each."""
DONE = {
    "entered": "The entry is in your training log.",
    "changed": "The entry was changed.",
    "removed": "The entry was removed.",
    "confirmed": "Confirmed.",
    "returned": "Returned to the apprentice.",
    "plan": "The plan is set.",
}
SHOWN = {
    "": "All entries",
    "waiting": "Waiting for confirmation",
    "returned": "Returned",
    "blocked": "Do not count as they stand",
    "confirmed": "Confirmed",
}
STATES = {
    "waiting": (State.WAITING,),
    "returned": (State.RETURNED,),
    "blocked": (State.BLOCKED,),
    "confirmed": (State.CONFIRMED,),
}
TAGS = {
    State.CONFIRMED: ("g", "Confirmed"),
    State.WAITING: ("b", "Waiting for confirmation"),
    State.RETURNED: ("a", "Returned"),
    State.BLOCKED: ("r", "Does not count"),
    State.LOGGED: ("n", "In the log only"),
}


def list_page(
    page: Page,
    session: Session,
    opened: Opened,
    *,
    show: str = "",
    item: str = "",
    number: int = 1,
    done: str = "",
    form: Submitted[Any] | None = None,
    status: int = 200,
) -> Response:
    """The log with its totals; a page of its entries. `item`: only those that name this statement, or one of this
    duty's."""
    log = queries.log_of(session, opened, london_day(utc_now()))
    rows = log.in_state(*STATES[show]) if show in STATES else log.rows
    about = opened.standard.item(item) if item in opened.standard else None
    if about is not None:
        wanted = set(about.known_codes if isinstance(about, Duty) else (about.code,))
        rows = [row for row in rows if not wanted.isdisjoint(row.entry.codes)]
    first = (number - 1) * PER_PAGE
    found = cut(rows[first : first + PER_PAGE + 1], number)
    return page(
        "training/list.html",
        fragment="training",
        status=status,
        opened=opened,
        log=log,
        found=found,
        show=show if show in STATES else "",
        shown=SHOWN,
        about=about,
        waiting=len(log.in_state(State.WAITING)),
        confirms=Permission.CONFIRM_HOURS in opened.may and not log.closed,
        logs=Permission.LOG_TRAINING in opened.may,
        manages=Permission.MANAGE_APPRENTICESHIP in opened.may,
        tags=TAGS,
        states=State,
        month_states=MonthState,
        length=length,
        month_words=month_words,
        said=DONE.get(done, ""),
        form=form or empty(),
    )


def entry_page(
    page: Page,
    session: Session,
    opened: Opened,
    entry: TrainingEntry,
    *,
    done: str = "",
    form: Submitted[Any] | None = None,
    status: int = 200,
) -> Response:
    """One entry, what is wrong with it, what was said of it, and what this viewer may do with it now."""
    log = queries.log_of(session, opened, london_day(utc_now()))
    row = log.row(entry)
    answers = queries.said_about(session, entry.id)
    texts = {entry.id: {name: getattr(entry, name) for name in TEXTS}}
    confirms = Permission.CONFIRM_HOURS in opened.may
    return page(
        "training/show.html",
        fragment="entry",
        status=status,
        opened=opened,
        entry=entry,
        row=row,
        tag=TAGS[row.state],
        answers=answers,
        kept=findings.shown_in(session, texts | {one.id: {"reason": one.reason} for one in answers}),
        level=levels.words(known_to(session, opened), entry.framework_id, entry.level_id),
        logs=Permission.LOG_TRAINING in opened.may,
        why_not_change=actions.why_not_change(session, log, entry),
        why_not_remove=actions.why_not_remove(session, log, entry),
        confirms=confirms,
        why_not_confirm=actions.why_not_say(session, opened, log, entry, "confirmed") if confirms else "",
        why_not_return=actions.why_not_say(session, opened, log, entry, "returned") if confirms else "",
        closed=log.closed,
        sees_piece=queries.sees_piece(session, opened, entry),
        statements=[opened.standard.item(code) for code in entry.codes if code in opened.standard],
        offered=[opened.standard.item(code) for code in offered(entry.codes, opened.standard.codes)],
        length=length,
        said=DONE.get(done, ""),
        form=form or empty(),
    )


def form_page(
    page: Page,
    session: Session,
    opened: Opened,
    form: Submitted[Any],
    *,
    entry: TrainingEntry | None = None,
    status: int = 200,
) -> Response:
    return page(
        "training/form.html",
        fragment="entry_form",
        status=status,
        opened=opened,
        entry=entry,
        form=form,
        key=new_form_key(),
        kinds=[(kind, opened.standard.items_of(kind)) for kind in STATEMENT_KINDS],
        activities=[(key, one.value.capitalize()) for key, one in ACTIVITIES.items()],
        levels=levels.choices(known_to(session, opened), _level_of(entry)),
    )


def new_form() -> Submitted[Any]:
    """An empty form for today."""
    return filled(
        day=london_day(utc_now()),
        counts=True,
        english_maths="no",
        assessment_or_review="no",
        activity="taught",
    )


def known_to(session: Session, opened: Opened) -> Frameworks:
    return frameworks_for(session, opened.apprenticeship.provider_id)


def _level_of(entry: TrainingEntry | None) -> str:
    return f"{entry.framework_id}:{entry.level_id}" if entry is not None and entry.framework_id else ""


def says(
    form: Submitted[EntryForm], session: Session, opened: Opened, entry: TrainingEntry | None = None
) -> dict[str, Any]:
    """What the form says, as the columns of an entry; what cannot be kept is noted at its field. Empty if anything is
    wrong already. `entry`: the one that is changed, which may keep a level that is not offered any more."""
    typed = form.value
    if typed is None:
        return {}
    minutes = minutes_typed(typed.hours, typed.minutes)
    if minutes is None:
        form.refuse("hours", "Give hours and minutes as numbers, for example 1 and 30.")
    elif not 0 < minutes <= 24 * 60:
        form.refuse(
            "hours",
            "Give how long it took: more than 0 minutes and at most 24 hours. Split longer learning by day.",
        )
    if typed.day > (today := london_day(utc_now())):
        form.refuse(
            "day", f"{typed.day.day} {typed.day:%B %Y} is still to come. Today is {today.day} {today:%B %Y}."
        )
    known = {item.code for kind in STATEMENT_KINDS for item in opened.standard.items_of(kind)}
    if unknown := [code for code in typed.statements if code not in known]:
        form.refuse(
            "statements", f"{', '.join(unknown)[:80]}: no statement of this standard. Choose from the list."
        )
    if typed.level and typed.level not in dict(levels.choices(known_to(session, opened), _level_of(entry))):
        form.refuse("level", "Choose a level from the list.")
    framework_id, _, level_id = typed.level.partition(":")
    return {
        "day": typed.day,
        "minutes": minutes or 0,
        "what": typed.what,
        "objective": typed.objective,
        "activity": typed.activity if typed.activity in ACTIVITIES else "taught",
        "given_by": typed.given_by,
        "certificate": typed.certificate,
        "framework_id": framework_id or None,
        "level_id": level_id or None,
        "in_paid_hours": answer(typed.in_paid_hours),
        "new_learning": answer(typed.new_learning),
        "english_maths": typed.english_maths == "yes",
        "assessment_or_review": typed.assessment_or_review == "yes",
        "impact": typed.impact,
        "statements": " ".join(in_order(typed.statements)),
        "counts": typed.counts,
    }


def csv_lines(log: Log, known: Frameworks) -> list[Sequence[str | int]]:
    """The log as a table, newest day first; the problems stand in words."""
    heading = (
        "Day", "Minutes", "What", "Kind", "In paid hours", "New learning", "English or maths",
        "Assessment or review", "Statements", "Objective", "Given by", "Certificate", "Framework and level", "Impact",
        "Counted as off-the-job hours", "State", "Confirmed or returned by", "Role", "On", "Reason", "What is wrong",
    )  # fmt: skip
    return [heading, *(_line(row, known) for row in log.rows)]


def _line(row: Row, known: Frameworks) -> Sequence[str | int]:
    entry, said = row.entry, row.said
    cells: list[str | int] = [
        entry.day.isoformat(),
        entry.minutes,
        entry.what,
        row.activity,
        _yes_no(entry.in_paid_hours),
        _yes_no(entry.new_learning),
        _yes_no(entry.english_maths),
        _yes_no(entry.assessment_or_review),
        entry.statements,
        entry.objective,
        entry.given_by,
        entry.certificate,
        levels.words(known, entry.framework_id, entry.level_id),
        entry.impact,
        _yes_no(entry.counts),
        row.state.value,
        said.by.name if said else "",
        row.said_role,
        london_day(said.at).isoformat() if said else "",
        said.reason if said else "",
        " ".join(one.sentence for one in row.problems),
    ]
    return [_harmless(one) if isinstance(one, str) else one for one in cells]


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _harmless(text: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
