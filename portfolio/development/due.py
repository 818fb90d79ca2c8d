"""What is due for apprentices themselves, and what their mentors look after, as lines for a home page or a letter.

Supervision is named from 30 days before its day, a refresher from 90: an employer may ask for supervision every month or
two, and what is always due is soon read by nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kbs.refresher import DueState
from portfolio.apprenticeships.models import Apprenticeship, Progress
from portfolio.development.standing import Standing, standings
from portfolio.development.unanswered import unanswered
from portfolio.training.due import DueLine, most_urgent_first
from portfolio.training.models import TrainingEntry
from portfolio.training.queries import answered
from portfolio.training.rules.report import STILL_LEARNING, InductionState
from portfolio.web.formats import date_words

REFRESHER = (DueState.AMBER, DueState.RED, DueState.OVERDUE, DueState.NEVER_DONE)
SUPERVISION = (DueState.RED, DueState.OVERDUE, DueState.NEVER_DONE)


def still_learning(provider_id: UUID) -> Select[UUID]:
    """The apprenticeships of a provider of which anybody is reminded."""
    return select(Progress.apprenticeship_id).where(
        Progress.provider_id == provider_id, Progress.stage.in_(STILL_LEARNING)
    )


def due_for_own(session: Session, apprenticeships: Iterable[Apprenticeship], today: date) -> list[DueLine]:
    """Refresher, supervision and induction of these apprenticeships, and entries of the training log that were
    returned; the most urgent first."""
    found = list(apprenticeships)
    lines: list[DueLine] = []
    for provider_id in sorted({one.provider_id for one in found}):
        ids = [one.id for one in found if one.provider_id == provider_id]
        for one in standings(session, provider_id, [Apprenticeship.id.in_(ids)], today):
            lines += lines_of(one, today)
    return most_urgent_first(lines) + _returned(session, [one.id for one in found])


def lines_of(one: Standing, today: date) -> list[DueLine]:
    """What is due for one person, in words."""
    row, base = one.row, f"/apprenticeships/{one.apprenticeship_id}"
    lines = []
    if row.refresher_state in REFRESHER:
        lines.append(
            _line(
                "Refresher training", f"{base}/development", row.refresher.due_on, row.refresher_state, today
            )
        )
    if row.supervision.state in SUPERVISION:
        lines.append(
            _line("Supervision", f"{base}/supervision", row.supervision.due_on, row.supervision.state, today)
        )
    if row.induction.state in (InductionState.DUE, InductionState.OVERDUE):
        state = DueState.OVERDUE if row.induction.state is InductionState.OVERDUE else DueState.RED
        lines.append(_line("Induction", f"{base}/development", row.induction.due_on, state, today))
    return lines


def _line(what: str, address: str, due_on: date | None, state: DueState, today: date) -> DueLine:
    if due_on is None:
        return DueLine(what, "Due now: nothing is recorded yet.", address, None, state)
    late = due_on < today
    return DueLine(what, f"{'Was due' if late else 'Due'} by {date_words(due_on)}.", address, due_on, state)


def _returned(session: Session, ids: list[UUID]) -> list[DueLine]:
    rows = session.execute(
        select(TrainingEntry.apprenticeship_id, func.count())
        .where(TrainingEntry.apprenticeship_id.in_(ids), answered("returned"))
        .group_by(TrainingEntry.apprenticeship_id)
    )
    return [
        DueLine(
            "Training log",
            "1 entry was returned to you." if number == 1 else f"{number} entries were returned to you.",
            f"/apprenticeships/{apprenticeship_id}/training?show=returned",
        )
        for apprenticeship_id, number in rows
    ]


@dataclass(frozen=True)
class OfMentor:
    """What waits with a mentor about the training of one of their apprentices."""

    apprenticeship_id: UUID
    name: str
    unanswered: int
    """Entries that claim hours, can count, and that nobody has confirmed or returned as they stand."""
    refresher_overdue: bool


def due_for_mentor(
    session: Session, provider_ids: Iterable[UUID], theirs: Select[UUID], today: date
) -> list[OfMentor]:
    """`theirs`: the apprenticeships that this person is the mentor of. Those without anything are left out."""
    numbers = unanswered(session, theirs, today)
    found = []
    for provider_id in provider_ids:
        for one in standings(
            session,
            provider_id,
            [Apprenticeship.id.in_(theirs), Apprenticeship.id.in_(still_learning(provider_id))],
            today,
        ):
            number, late = numbers.get(one.apprenticeship_id, 0), "refresher" in one.row.overdue
            if number or late:
                found.append(OfMentor(one.apprenticeship_id, one.name, number, late))
    return found
