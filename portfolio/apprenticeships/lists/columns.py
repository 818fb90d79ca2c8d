"""What the columns of a learner list may be called, in any order and spelling. Pure.

The names come from the records that providers already have: the apprenticeship service's file, the learner
record, the files of portfolio and assessment systems. Prices are never read, whatever they are called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portfolio.refusals import Refused


class Column(StrEnum):
    """What we read; the value is our own name of the column."""

    ULN = "uln"
    PROVIDER_REF = "provider_ref"
    GIVEN_NAMES = "given_names"
    FAMILY_NAME = "family_name"
    NAME = "name"
    EMAIL = "email"
    DATE_OF_BIRTH = "date_of_birth"
    STANDARD_REF = "standard_ref"
    VERSION = "version"
    START_DATE = "start_date"
    PLANNED_END = "planned_end"
    EMPLOYER = "employer"
    LEAD_NAME = "safeguarding_lead"
    LEAD_PHONE = "safeguarding_phone"
    LEAD_EMAIL = "safeguarding_email"
    MENTOR_NAME = "mentor_name"
    MENTOR_EMAIL = "mentor_email"
    ASSESSOR_EMAIL = "assessor_email"
    IQA_EMAIL = "iqa_email"


SYNONYMS: dict[Column, str] = {
    Column.ULN: "uln, unique learner number, learner number",
    Column.PROVIDER_REF: "provider ref, provider reference, LearnRefNumber, learner ref, learner reference, "
    "learner id, MIS ID, reference",
    Column.GIVEN_NAMES: "given names, given name, first name, first names, forename, forenames",
    Column.FAMILY_NAME: "family name, last name, surname",
    Column.NAME: "name, full name, learner, learner name, apprentice, apprentice name",
    Column.EMAIL: "email, e-mail, email address, e-mail address, learner email, apprentice email, work email",
    Column.DATE_OF_BIRTH: "date of birth, DOB, birth date, born",
    Column.STANDARD_REF: "standard ref, standard reference, standard, standard code, StdCode, LARS code",
    Column.VERSION: "version, standard version",
    Column.START_DATE: "start date, start, started, LearnStartDate, apprenticeship start, apprenticeship start date",
    Column.PLANNED_END: "planned end, planned end date, end date, LearnPlanEndDate, expected end, expected end date, "
    "planned gateway, planned gateway date, expected gateway, expected gateway date, gateway date",
    Column.EMPLOYER: "employer, employer name, placement, workplace",
    Column.LEAD_NAME: "safeguarding lead, safeguarding lead name, DSL, DSL name",
    Column.LEAD_PHONE: "safeguarding phone, safeguarding lead phone, DSL phone",
    Column.LEAD_EMAIL: "safeguarding email, safeguarding e-mail, safeguarding lead email, DSL email",
    Column.MENTOR_NAME: "mentor, mentor name, workplace mentor, line manager, line manager name",
    Column.MENTOR_EMAIL: "mentor email, mentor e-mail, line manager email, line manager e-mail",
    Column.ASSESSOR_EMAIL: "assessor email, assessor e-mail, assessor, default assessor, tutor email",
    Column.IQA_EMAIL: "iqa email, iqa e-mail, iqa",
}
_MEANT = {
    re.sub(r"[^a-z0-9]", "", name.lower()): column
    for column, names in SYNONYMS.items()
    for name in (column.value, *names.split(", "))
}
KEYS = (Column.ULN, Column.PROVIDER_REF, Column.EMAIL)
"""A row is recognised by these, in this order."""


@dataclass(frozen=True)
class Heading:
    """Which column stands where, and which headings say nothing to us."""

    names: tuple[str, ...]
    places: dict[Column, int]
    unused: tuple[str, ...]

    def cell(self, cells: Sequence[str], column: Column) -> str:
        place = self.places.get(column)
        return cells[place] if place is not None and place < len(cells) else ""

    def shown(self, column: Column) -> str:
        """The column as the list itself calls it."""
        place = self.places.get(column)
        return self.names[place] if place is not None else column.value


def meaning(name: str) -> Column | None:
    """Which of our columns a heading means: case, spaces and signs do not matter."""
    return _MEANT.get(re.sub(r"[^a-z0-9]", "", name.lower()))


def read_heading(names: Sequence[str]) -> Heading:
    """Raises Refused if no column tells people apart, or two columns mean the same."""
    places: dict[Column, int] = {}
    unused: list[str] = []
    for place, name in enumerate(names):
        column = meaning(name)
        if column is None:
            unused.append(name)
        elif column in places:
            first = names[places[column]]
            raise Refused(f"The columns “{first}” and “{name}” mean the same here. Take one of them out.")
        else:
            places[column] = place
    if not any(key in places for key in KEYS):
        raise Refused(
            "The first line must hold the names of the columns, and one of them must be uln, provider_ref or "
            "email, so that a person can be recognised. This first line has none of them."
        )
    return Heading(tuple(names), places, tuple(name for name in unused if name))
