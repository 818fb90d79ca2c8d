"""What a list would do, row by row, before anything is written: added, changed, already there, or why not.

People are recognised by ULN, else by provider reference, else by e-mail address, among the apprenticeships on
the same standard. An empty cell says nothing and erases nothing. Reads and rules only; `carrying` writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.statements import Standard
from portfolio.access import Role
from portfolio.apprenticeships.actions_setup import same
from portfolio.apprenticeships.lists.columns import Column, Heading, read_heading
from portfolio.apprenticeships.lists.known import Known, look_up
from portfolio.apprenticeships.lists.leads import lead_for, lead_problems, leads_in
from portfolio.apprenticeships.lists.people import person_problems, surroundings
from portfolio.apprenticeships.lists.text import lines_of
from portfolio.apprenticeships.lists.values import CellProblem, Given, read_row
from portfolio.apprenticeships.models import Apprenticeship, Cohort, Employer
from portfolio.apprenticeships.rules import LOCKED, Details, detail_problems, start_against_breaks
from portfolio.apprenticeships.rules_contacts import Contact
from portfolio.refusals import Refused
from portfolio.web.formats import date_words

FIELDS = {
    "start_on": Column.START_DATE,
    "planned_gateway_on": Column.PLANNED_END,
    "date_of_birth": Column.DATE_OF_BIRTH,
    "uln": Column.ULN,
    "provider_reference": Column.PROVIDER_REF,
}


class Kind(StrEnum):
    """What a row will do."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    BAD = "bad"


@dataclass
class Planned:
    """One row with what it will do. `words` says what, `notes` what it leaves alone."""

    given: Given
    kind: Kind = Kind.BAD
    match: Apprenticeship | None = None
    details: Details | None = None
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    around: list[tuple[Role, str, str]] = field(default_factory=list)
    """(role, e-mail, name) of each person who is to be assigned and is not yet."""
    known_employer: Employer | None = None
    lead: Contact | None = None
    """The safeguarding lead to put on record for the employer, which has none yet."""
    name: str = ""
    employer: str = ""

    @property
    def reason(self) -> str:
        """All problems in one line, each with its column: for the file of bad rows."""
        parts = [f"{one.column}: {one.sentence}" if one.column else one.sentence for one in self.problems]
        return " ".join(parts)


@dataclass(frozen=True)
class Plan:
    heading: Heading
    rows: Sequence[Planned]
    new_employers: Sequence[str]

    def of(self, kind: Kind) -> list[Planned]:
        return [row for row in self.rows if row.kind is kind]

    @property
    def good(self) -> list[Planned]:
        """The rows that will be written."""
        return [row for row in self.rows if row.kind in (Kind.ADD, Kind.CHANGE)]


def make_plan(session: Session, catalogue: Catalogue, cohort: Cohort, text: str, today: date) -> Plan:
    """Read the list and say what it would do. The number of queries does not grow with the rows.

    Raises Refused for a list that cannot be read as a whole.
    """
    lines = lines_of(text)
    if not lines:
        raise Refused("There is nothing in the list yet. Paste it, or choose a file.")
    heading = read_heading(lines[0].cells)
    if len(lines) == 1:
        raise Refused("Under the names of the columns there is no row.")
    rows = [read_row(heading, line) for line in lines[1:]]
    known = look_up(session, cohort, rows)
    standard = catalogue.get(cohort.standard_reference, cohort.standard_version)
    planner = Planner(heading, known, standard, today, leads_in(rows))
    planned = [planner.plan(row) for row in rows]
    return Plan(heading, planned, _new_employers(known, planned))


def _new_employers(known: Known, planned: Sequence[Planned]) -> list[str]:
    found: dict[str, str] = {}
    for row in planned:
        name = row.given.employer
        if row.kind in (Kind.ADD, Kind.CHANGE) and name and same(name) not in known.employers:
            found.setdefault(same(name), name)
    return sorted(found.values(), key=same)


class Planner:
    """Takes the rows in their order, since a row must not repeat one before it."""

    def __init__(
        self, heading: Heading, known: Known, standard: Standard, today: date, leads: Mapping[str, Contact]
    ) -> None:
        self.heading, self.known, self.standard, self.today = heading, known, standard, today
        self.leads = leads
        self.seen: dict[tuple[Column, str], int] = {}

    def plan(self, given: Given) -> Planned:
        row = Planned(given, problems=list(given.problems))
        if not row.problems:
            self._check_repeated(row)
            self._check_standard(row)
        if not row.problems:
            self._match(row)
        if not row.problems:
            self._settle(row)
        if row.problems:
            row.kind = Kind.BAD
        row.name = row.match.apprentice.name if row.match else given.name
        row.employer = given.employer or (row.match.employer.name if row.match else "")
        return row

    def _refuse(self, row: Planned, column: Column, sentence: str) -> None:
        row.problems.append(CellProblem(self.heading.shown(column), sentence))

    def _check_repeated(self, row: Planned) -> None:
        given = row.given
        keys = (
            (Column.ULN, given.uln),
            (Column.PROVIDER_REF, given.provider_ref),
            (Column.EMAIL, given.email),
        )
        if not any(value for _, value in keys):
            self._refuse(
                row, Column.EMAIL, "The row has no ULN, no reference and no e-mail address: whose is it?"
            )
        for column, value in keys:
            before = self.seen.setdefault((column, value), given.line) if value else given.line
            if before != given.line:
                self._refuse(row, column, f"Line {before} has the same “{value}”. Keep one of the two.")

    def _check_standard(self, row: Planned) -> None:
        reference, version = row.given.standard_ref, row.given.version
        known_as = {self.standard.reference.lower(), str(self.standard.key_information.lars_code or "")}
        if reference and reference.lower() not in known_as:
            sentence = f"This row is for {reference}, the cohort for {self.standard.reference}."
            self._refuse(row, Column.STANDARD_REF, sentence)
        if version and version.lower().lstrip("v") != self.standard.version:
            sentence = f"This row is for version {version}, the cohort for version {self.standard.version}."
            self._refuse(row, Column.VERSION, sentence)

    def _match(self, row: Planned) -> None:
        """Whom the row means. Somebody who left, or is done, may begin again: that is no match."""
        given, known = row.given, self.known
        found: list[Apprenticeship] = []
        for value, among in (
            (given.uln, known.by_uln),
            (given.provider_ref, known.by_reference),
            (given.email, known.by_email),
        ):
            found = found or [one for one in among.get(value, ()) if value and self._same_standard(one)]
        here = [one for one in found if one.cohort_id == known.cohort.id]
        elsewhere = [one for one in found if one.cohort_id != known.cohort.id and one.withdrawn_on is None]
        if here:
            row.match = here[-1]
        elif elsewhere:
            one = elsewhere[-1]
            row.problems.append(
                CellProblem("", f"{one.apprentice.name} is in the cohort {one.cohort.name}. If they belong here, "
                "move them on the About page of their apprenticeship.")
            )  # fmt: skip

    def _same_standard(self, one: Apprenticeship) -> bool:
        return one.standard_reference == self.standard.reference

    def _settle(self, row: Planned) -> None:
        """Everything that needs the record: numbers of others, dates, people, and what would change."""
        row.problems += person_problems(self.heading, self.known, row.given, row.match)
        self._check_missing(row)
        if row.problems:
            return
        row.details = self._details(row)
        row.known_employer = self.known.employers.get(same(row.given.employer))
        for name, sentence in detail_problems(row.details, self.standard, self.today).items():
            self._refuse(row, FIELDS[name], sentence)
        self._check_twice(row)
        self._check_lead(row)
        around = surroundings(self.heading, self.known, row.given, row.match)
        row.problems += around.problems
        row.around, row.notes = around.wanted, around.notes
        row.words += around.words
        if row.match is None:
            row.kind = Kind.ADD
        else:
            self._compare(row, row.match, row.details)

    def _check_lead(self, row: Planned) -> None:
        """Somebody who starts, or moves to another employer, must see there whom to turn to."""
        given, match = row.given, row.match
        if not given.employer or (match is not None and same(given.employer) == same(match.employer.name)):
            return
        row.problems += lead_problems(self.heading, self.known, given, self.leads)
        row.lead = lead_for(self.known, self.leads, given.employer)
        if row.lead is not None and given.lead_name:
            row.words.append(f"{row.lead.name} becomes safeguarding lead of {given.employer}")

    def _check_missing(self, row: Planned) -> None:
        if row.match is not None:
            return
        given = row.given
        needed = (
            (Column.EMAIL, given.email, "an e-mail address"),
            (Column.NAME, given.name, "a name"),
            (Column.START_DATE, given.start_on, "a start date"),
            (Column.PLANNED_END, given.planned_on, "a planned end"),
            (Column.EMPLOYER, given.employer, "an employer"),
        )
        for column, value, what in needed:
            if not value:
                self._refuse(row, column, f"Somebody new needs {what}.")

    def _details(self, row: Planned) -> Details:
        given, match = row.given, row.match
        if match is None:
            return Details(
                given.start_on or date.max, given.planned_on or date.max, given.date_of_birth, given.uln,
                given.provider_ref,
            )  # fmt: skip
        return Details(
            start_on=given.start_on or match.start_on,
            planned_gateway_on=given.planned_on or match.planned_gateway_on,
            date_of_birth=given.date_of_birth or match.date_of_birth,
            uln=given.uln or match.uln,
            provider_reference=given.provider_ref or match.provider_reference,
        )

    def _check_twice(self, row: Planned) -> None:
        """The same person, standard and start a second time: a withdrawn apprenticeship keeps its place."""
        assert row.details is not None  # noqa: S101  # set by _settle just before
        email = row.match.apprentice.email if row.match else row.given.email
        for one in self.known.by_email.get(email, ()):
            if one is not row.match and self._same_standard(one) and one.start_on == row.details.start_on:
                sentence = (
                    f"{one.apprentice.name} began on this day already, in the cohort {one.cohort.name}."
                )
                self._refuse(row, Column.START_DATE, sentence)

    def _compare(self, row: Planned, match: Apprenticeship, details: Details) -> None:
        changes = [
            f"{WORDS[name]}: {_shown(getattr(match, name))} becomes {_shown(getattr(details, name))}"
            for name in FIELDS
            if getattr(match, name) != getattr(details, name)
        ]
        if row.given.employer and same(row.given.employer) != same(match.employer.name):
            changes.append(f"employer: {match.employer.name} becomes {row.given.employer}")
        breaks = self.known.breaks.get(match.id, [])
        if details.start_on != match.start_on and (
            sentence := start_against_breaks(details.start_on, breaks)
        ):
            self._refuse(row, Column.START_DATE, sentence)
        if match.id in self.known.locked and any(not change.startswith(FREE) for change in changes):
            row.problems.append(CellProblem("", LOCKED))
        row.words = changes + row.words
        row.kind = Kind.CHANGE if row.words else Kind.SAME


WORDS = {
    "start_on": "start",
    "planned_gateway_on": "planned end",
    "date_of_birth": "date of birth",
    "uln": "ULN",
    "provider_reference": "reference",
}
FREE = ("ULN", "reference")
"""What may still be corrected after the gateway lock."""


def _shown(value: date | str | None) -> str:
    if isinstance(value, date):
        return date_words(value)
    return value or "nothing"
