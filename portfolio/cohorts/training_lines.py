"""The training report of a provider: every apprentice on programme, who is asked for, and lines for pages and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, Progress
from portfolio.cohorts.rules import spreadsheet_safe
from portfolio.development.standing import Standing, standings
from portfolio.development.wording import INDUCTION_TAGS, LEVEL_TAGS, TAGS
from portfolio.staff.models import StaffMember
from portfolio.staff.standing import Standing as OfStaff
from portfolio.staff.standing import on_staff
from portfolio.staff.standing import standings as standings_of_staff
from portfolio.training.rules.report import STILL_LEARNING, By, Totals, totals

HEADINGS = (
    "Apprentice", "Employer", "Cohort", "Start", "Overdue", "Induction", "Induction on", "Induction due",
    "Supervision", "Last supervision", "Supervision due", "Refresher", "Last refresher", "Refresher due",
    "Designated lead", "Framework", "Level", "Level stands", "Level held since",
)  # fmt: skip
STAFF_HEADINGS = (
    "Member of staff", "Employer", "Role at work", "Start", "Refresher", "Last refresher", "Refresher due",
    "Designated lead", "Framework", "Level", "Level stands", "Level held since",
)  # fmt: skip
TOTALS = (
    "People", "Anything overdue", "Induction done", "Induction overdue", "Supervision overdue", "Refresher overdue",
    "Refresher due within 90 days", "Level held",
)  # fmt: skip

Cell = str | int | date | None


@dataclass(frozen=True)
class Asked:
    """What is asked of the report."""

    employer: UUID | None = None
    cohort: UUID | None = None
    overdue: bool = False
    refresher: bool = False
    by: str = "people"

    def wants(self, one: Standing) -> bool:
        return (
            (self.employer is None or one.employer_id == self.employer)
            and (self.cohort is None or one.cohort_id == self.cohort)
            and (not self.overdue or bool(one.row.overdue))
            and (not self.refresher or "refresher" in one.row.overdue)
        )


def _asked(
    employer: Annotated[str, Query(max_length=40)] = "",
    cohort: Annotated[str, Query(max_length=40)] = "",
    only: Annotated[str, Query(max_length=20)] = "",
    by: Annotated[str, Query(max_length=20)] = "",
) -> Asked:
    """What cannot be read asks for nothing."""
    shown = by if by in ("employer", "cohort") else "people"
    return Asked(_id(employer), _id(cohort), only == "overdue", only == "refresher", shown)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


AskedFor = Annotated[Asked, Depends(_asked)]


def everybody(session: Session, provider_id: UUID, today: date) -> list[Standing]:
    """Everybody on programme, those with most overdue first."""
    there = select(Progress.apprenticeship_id).where(
        Progress.provider_id == provider_id, Progress.stage.in_(STILL_LEARNING)
    )
    return standings(session, provider_id, [Apprenticeship.id.in_(there)], today)


def staff_asked_for(session: Session, provider_id: UUID, asked: Asked, today: date) -> list[OfStaff]:
    """Staff who are no apprentices, as far as they are asked for, by name: they are in no cohort."""
    if asked.cohort is not None:
        return []
    which = [on_staff(today)]
    if asked.employer is not None:
        which.append(StaffMember.employer_id == asked.employer)
    every = standings_of_staff(session, provider_id, which, today)
    if asked.refresher:
        return [one for one in every if one.refresher_overdue]
    return [one for one in every if one.row.overdue] if asked.overdue else every


def added_up(every: Iterable[Standing], by: By) -> list[Totals]:
    return totals([one.row for one in every], by)


def cells(one: Standing) -> Sequence[Cell]:
    """One line of the file, in the order of HEADINGS."""
    row = one.row
    person, level = row.person, row.level
    return (
        one.name, person.employer, person.cohort, person.starts_on, ", ".join(row.overdue),
        INDUCTION_TAGS[row.induction.state][1], row.induction.done_on, row.induction.due_on,
        TAGS[row.supervision.state][1], row.supervision.last_on, row.supervision.due_on,
        TAGS[row.refresher_state][1], row.refresher.last_on, row.refresher.due_on,
        "yes" if person.designated_lead else "no", str(person.framework) if person.framework else "",
        level.target.title if level.target else "", LEVEL_TAGS[level.state][1], level.held_on,
    )  # fmt: skip


def staff_cells(one: OfStaff) -> Sequence[Cell]:
    """One line of the sheet of staff, in the order of STAFF_HEADINGS."""
    row = one.row
    person, level = row.person, row.level
    return (
        one.name, person.employer, one.title, person.starts_on,
        TAGS[row.refresher_state][1], row.refresher.last_on, row.refresher.due_on,
        "yes" if person.designated_lead else "no", str(person.framework) if person.framework else "",
        level.target.title if level.target else "", LEVEL_TAGS[level.state][1], level.held_on,
    )  # fmt: skip


def total_cells(one: Totals) -> Sequence[int]:
    """One line of totals, in the order of TOTALS."""
    induction = {state.name: number for state, number in one.induction.items()}
    refresher = {state.name: number for state, number in one.refresher.items()}
    supervision = {state.name: number for state, number in one.supervision.items()}
    level = {state.name: number for state, number in one.level.items()}
    return (
        one.people, one.anything_overdue, induction["DONE"] + induction["DONE_LATE"], induction["OVERDUE"],
        supervision["OVERDUE"], refresher["OVERDUE"], refresher["AMBER"] + refresher["RED"], level["HELD"],
    )  # fmt: skip


def csv_cells(every: Iterable[Standing]) -> Iterator[Sequence[str | int]]:
    """Dates as 2026-11-18; no cell is taken for a formula."""
    yield HEADINGS
    for one in every:
        yield [_csv(cell) for cell in cells(one)]


def _csv(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    return spreadsheet_safe(cell) if isinstance(cell, str) else cell
