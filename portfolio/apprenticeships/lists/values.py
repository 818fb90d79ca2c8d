"""The cells of a learner list: dates and numbers as people and spreadsheets write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from portfolio.apprenticeships.lists.columns import Column, Heading
from portfolio.apprenticeships.lists.text import Line
from portfolio.apprenticeships.rules import NO_ULN_YET, uln_problem
from portfolio.apprenticeships.rules_contacts import reason_against_phone
from portfolio.people.rules import reason_against_email, tidy_email

SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
SERIAL = re.compile(r"\d{5}([.,]\d+)?")
TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HOW = "Write it as 2026-11-18 or 18/11/2026."


class Unreadable(ValueError):
    """The sentence that says what is wrong with a cell."""


@dataclass(frozen=True)
class CellProblem:
    """What is wrong, and in which column; the column as the list itself calls it."""

    column: str
    sentence: str


@dataclass
class Given:
    """What one row says. Empty means that it says nothing of it, never that something is to be erased."""

    line: int
    cells: tuple[str, ...]
    name: str = ""
    email: str = ""
    uln: str = ""
    provider_ref: str = ""
    date_of_birth: date | None = None
    start_on: date | None = None
    planned_on: date | None = None
    employer: str = ""
    lead_name: str = ""
    """The safeguarding lead of the employer, for one that has none on record yet."""
    lead_phone: str = ""
    lead_email: str = ""
    mentor_name: str = ""
    mentor_email: str = ""
    assessor_email: str = ""
    iqa_email: str = ""
    standard_ref: str = ""
    version: str = ""
    problems: list[CellProblem] = field(default_factory=list)


def read_row(heading: Heading, line: Line) -> Given:
    """The row with everything that could be read, and a problem for each cell that could not."""
    given = Given(line.number, line.cells)
    if any("\n" in cell for cell in line.cells):
        given.problems.append(
            CellProblem("", "A quotation mark that is opened here is not closed on this line.")
        )
        return given
    cells = {column: heading.cell(line.cells, column) for column in Column}
    given.name = _name(cells[Column.NAME], cells[Column.GIVEN_NAMES], cells[Column.FAMILY_NAME])
    for column, (target, read) in READERS.items():
        try:
            setattr(given, target, read(cells[column]))
        except Unreadable as problem:
            given.problems.append(CellProblem(heading.shown(column), str(problem)))
    for column, target in PLAIN.items():
        setattr(given, target, " ".join(cells[column].split()))
    return given


def _name(whole: str, given: str, family: str) -> str:
    """Given names and family name if the list has both, else the whole name; "Archer, Amina" is turned round."""
    parts = f"{given} {family}".split() if given or family else whole.split()
    name = " ".join(parts)
    if not (given or family) and name.count(",") == 1:
        last, first = (part.strip() for part in name.split(","))
        name = f"{first} {last}".strip()
    return name


def read_uln(text: str) -> str:
    """Ten digits, or nothing where the record says that there is no number yet. Raises Unreadable."""
    if SCIENTIFIC.fullmatch(text):
        raise Unreadable(
            f"A spreadsheet has shortened this number to “{text}” and lost its last digits. "
            "Format the column as text, enter the number again, and save the list anew."
        )
    text = re.sub(r"[.,]0+$", "", text.lstrip("'"))
    if text in ("-2", NO_ULN_YET):
        return ""
    digits = re.sub(r"[\s-]", "", text)
    if sentence := uln_problem(digits):
        raise Unreadable(sentence)
    return digits


def read_date(text: str) -> date | None:
    """A day written as 2026-11-18, 18/11/2026, 18.11.2026 or 18 November 2026. Raises Unreadable."""
    if not text:
        return None
    text = TIME.sub("", text)
    _refuse_damaged(text)
    parts = [part for part in re.split(r"[-/.\s]+", text.replace(",", " ")) if part]
    if len(parts) != 3:
        raise Unreadable(f"“{text[:40]}” is no date. {HOW}")
    if len(parts[0]) == 4:
        parts.reverse()
    day, month, year = parts
    if len(year) != 4:
        raise Unreadable(f"“{text[:40]}” has no year with four digits. {HOW}")
    try:
        found = date(int(year), _month(month), int(day))
    except ValueError:
        raise Unreadable(
            f"“{text[:40]}” is no day of the calendar: the day comes before the month. {HOW}"
        ) from None
    if not 1900 <= found.year <= 2100:
        raise Unreadable(f"“{text[:40]}” cannot be meant. Check the year.")
    return found


def _refuse_damaged(text: str) -> None:
    if SERIAL.fullmatch(text):
        raise Unreadable(
            f"“{text}” is the number that a spreadsheet keeps behind a date. "
            "Format the column as a date, and save the list anew."
        )
    if text.startswith("##"):
        raise Unreadable(
            "The spreadsheet's column was too narrow to show the date. Widen it and save the list anew."
        )


def _month(text: str) -> int:
    short = text[:3].lower()
    return MONTHS.index(short) + 1 if short in MONTHS else int(text)


def read_address(text: str) -> str:
    """An e-mail address in lower case, or nothing. Raises Unreadable."""
    address = tidy_email(text)
    if address and (reason := reason_against_email(address)):
        raise Unreadable(f"“{address[:60]}” is no e-mail address. {reason}")
    return address


def read_phone(text: str) -> str:
    """A number that can be dialled, or nothing. Raises Unreadable."""
    number = " ".join(text.lstrip("'").split())
    if SCIENTIFIC.fullmatch(number):
        raise Unreadable(
            "A spreadsheet has shortened this number. Format the column as text and enter it again."
        )
    if number and (reason := reason_against_phone(number)):
        raise Unreadable(f"“{number[:40]}” is no phone number. {reason}")
    return number


READERS: dict[Column, tuple[str, Callable[[str], object]]] = {
    Column.ULN: ("uln", read_uln),
    Column.EMAIL: ("email", read_address),
    Column.DATE_OF_BIRTH: ("date_of_birth", read_date),
    Column.START_DATE: ("start_on", read_date),
    Column.PLANNED_END: ("planned_on", read_date),
    Column.LEAD_PHONE: ("lead_phone", read_phone),
    Column.LEAD_EMAIL: ("lead_email", read_address),
    Column.MENTOR_EMAIL: ("mentor_email", read_address),
    Column.ASSESSOR_EMAIL: ("assessor_email", read_address),
    Column.IQA_EMAIL: ("iqa_email", read_address),
}
PLAIN = {
    Column.PROVIDER_REF: "provider_ref",
    Column.EMPLOYER: "employer",
    Column.LEAD_NAME: "lead_name",
    Column.MENTOR_NAME: "mentor_name",
    Column.STANDARD_REF: "standard_ref",
    Column.VERSION: "version",
}
