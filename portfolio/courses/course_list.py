"""A list of courses and dates as rows: what each would do, and what is wrong with which cell. Pure.

One row is one date of a course; a row without a day is a course that has none yet. Courses are recognised by their
title, dates by course and start, so that a list that is sent again adds nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from portfolio.apprenticeships.lists.text import Line
from portfolio.courses.forms import (
    KINDS,
    LONGEST,
    LONGEST_TITLE,
    MODES,
    MOST_MINUTES,
    MOST_PLACES,
    whole_number,
)
from portfolio.courses.moments import clock, moment
from portfolio.refusals import Refused

COLUMNS = {
    "title": "Title of the course. Needed in every row.",
    "kind": "Workshop, e-learning or briefing. Empty: workshop.",
    "held": "In person, online or own pace. Empty: in person; for e-learning own pace.",
    "minutes": "How long it takes, in minutes.",
    "level": "Level, in your words.",
    "about": "What it is about.",
    "day": "Day of one date, as 2027-03-18 or 18/03/2027. Empty: the course alone.",
    "starts": "When it starts, London time, as 09:30. Needed with a day.",
    "ends": "When it ends. Needed with a day.",
    "where": "The place, or “online”.",
    "places": "How many places. Empty: as many as come.",
    "note": "What to know beforehand.",
}
EXAMPLE = (
    "Chairing a strategy meeting", "workshop", "in person", "180", "Level 3", "Practice with a case.",
    "2027-03-18", "09:30", "12:30", "Training room 2", "16", "Bring your notes.",
)  # fmt: skip
KIND_WORDS = {"": "workshop", "e-learning": "elearning", "e learning": "elearning"} | {
    one: one for one in KINDS
}
MODE_WORDS = {
    "in person": "in_person", "online": "online", "own pace": "own_pace", "at own pace": "own_pace"
} | {one: one for one in MODES}  # fmt: skip


class Does(StrEnum):
    """What a row would do."""

    COURSE_AND_DATE = "new course with this date"
    DATE = "new date of a course that is there"
    COURSE = "new course without a date"
    SAME = "already there"
    BAD = "cannot be taken"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell, and what to do."""

    column: str
    sentence: str


@dataclass
class Row:
    """One row, as what it would write."""

    line: int
    course: dict[str, Any] = field(default_factory=dict)
    date: dict[str, Any] | None = None
    faults: list[Fault] = field(default_factory=list)
    does: Does = Does.BAD

    @property
    def title(self) -> str:
        return str(self.course.get("title", ""))

    @property
    def key(self) -> str:
        return same(self.title)

    def fault(self, column: str, sentence: str) -> None:
        self.faults.append(Fault(column, sentence))


def same(title: str) -> str:
    """Two titles that differ in case or spaces only are one course."""
    return " ".join(title.split()).casefold()


def rows_of(lines: list[Line]) -> list[Row]:
    """Raises Refused for a list without its heading."""
    if not lines:
        raise Refused("The list is empty. Paste it with the names of the columns in the first line.")
    names = [cell.casefold() for cell in lines[0].cells]
    unknown = [cell for cell in names if cell and cell not in COLUMNS]
    if "title" not in names or unknown:
        wrong = f" “{unknown[0][:40]}” is none of them." if unknown else ""
        raise Refused(
            f"The first line has to name the columns: {', '.join(COLUMNS)}. At least title is needed.{wrong}"
        )
    if twice := next((name for name in names if name and names.count(name) > 1), ""):
        raise Refused(f"The first line names the column {twice} twice. Take one of the two out.")
    return [_row(one, names) for one in lines[1:]]


def decide(
    rows: Iterable[Row], known: Mapping[str, Iterable[datetime]], archived: frozenset[str] = frozenset()
) -> None:
    """Say of each row what it would do. `known`: the courses that are there, by their title (`same`), with the starts
    of their dates; rows above count as there. `archived`: titles that are not offered any more."""
    there = {key: set(starts) for key, starts in known.items()}
    for row in rows:
        if row.key in archived and row.key not in there:
            row.fault(
                "title", "A course of this title is there and not offered any more. Offer it again first."
            )
        if row.faults:
            row.does = Does.BAD
            continue
        new = row.key not in there
        starts = there.setdefault(row.key, set())
        if row.date is None:
            row.does = Does.COURSE if new else Does.SAME
        elif row.date["starts_at"] in starts:
            row.does = Does.SAME
        else:
            row.does = Does.COURSE_AND_DATE if new else Does.DATE
            starts.add(row.date["starts_at"])


def _row(line: Line, names: list[str]) -> Row:
    row, cells = Row(line.number), dict.fromkeys(COLUMNS, "")
    under = names + [""] * (len(line.cells) - len(names))
    if any(cell for name, cell in zip(under, line.cells, strict=False) if not name):
        row.fault(
            "", "The row has more cells than the first line names. Put text with commas into quotation marks."
        )
    if line.left_open:
        row.fault(
            "", "A quotation mark that is opened in this row is not closed, so the rows below are lost in it."
        )
    cells.update({name: cell for name, cell in zip(names, line.cells, strict=False) if name})
    row.course = dict(_course(row, cells))
    row.date = _date(row, cells)
    return row


def _course(row: Row, cells: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    if not cells["title"]:
        row.fault("title", "Give the course a title.")
    yield "title", _short(row, "title", _one_line(cells["title"]))
    kind = KIND_WORDS.get(cells["kind"].casefold())
    if kind is None:
        row.fault("kind", "Write workshop, e-learning or briefing.")
    yield "kind", kind or "workshop"
    usual = "own_pace" if kind == "elearning" else "in_person"
    mode = MODE_WORDS.get(cells["held"].casefold()) if cells["held"] else usual
    if mode is None:
        row.fault("held", "Write in person, online or own pace.")
    yield "mode", mode or usual
    yield "minutes", _number(row, "minutes", cells["minutes"], MOST_MINUTES)
    yield "level", _short(row, "level", _one_line(cells["level"]))
    yield "about", _short(row, "about", cells["about"], LONGEST)


def _date(row: Row, cells: Mapping[str, str]) -> dict[str, Any] | None:
    if not cells["day"]:
        for name in ("starts", "ends", "where", "places", "note"):
            if cells[name]:
                row.fault("day", f"Give the day of this date, since the column {name} says something of it.")
                break
        return None
    day = _day(cells["day"])
    if day is None:
        row.fault("day", f"“{cells['day'][:20]}” is no day. Write it as 2027-03-18 or 18/03/2027.")
    starts, ends = (_moment(row, name, cells[name], day) for name in ("starts", "ends"))
    if starts and ends and ends <= starts:
        row.fault("ends", "The end is not after the start. Check both times.")
    return {
        "starts_at": starts,
        "ends_at": ends,
        "venue": _short(row, "where", _one_line(cells["where"])),
        "capacity": _number(row, "places", cells["places"], MOST_PLACES),
        "note": _short(row, "note", cells["note"], LONGEST),
    }


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007  # a day, not a moment
        except ValueError:
            continue
        return found if 2000 <= found.year <= 2100 else None
    return None


def _moment(row: Row, name: str, text: str, day: date | None) -> datetime | None:
    at = clock(text)
    if at is None:
        row.fault(name, f"Write when it {name} as a time of day, for example 09:30.")
        return None
    if day is None:
        return None
    found = moment(day, at)
    if found is None:
        row.fault(name, "The clocks go forward in that hour, so this time does not exist. Choose another.")
    return found


def _number(row: Row, name: str, text: str, most: int) -> int | None:
    if not text:
        return None
    found = whole_number(text, most)
    if found is None:
        row.fault(name, f"Write a whole number from 1 to {most}, or leave it empty.")
    return found


def _one_line(text: str) -> str:
    """A cell may hold several lines; a title is one."""
    return " ".join(text.split())


def _short(row: Row, name: str, text: str, most: int = LONGEST_TITLE) -> str:
    if len(text) > most:
        row.fault(name, f"Use at most {most} characters.")
    return text[:most]
