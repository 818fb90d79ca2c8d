"""Read one rulebook file and name everything that is wrong with it, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import yaml

from portfolio.gateway.rulebook_lines import Rulebook, RulebookError, RuleLine, Value

# What the gateway check reads from a book: line id, then value name and unit. A book without it is refused at
# loading, so that no apprentice's page finds out.
NEEDED: Mapping[str, Mapping[str, str]] = {
    "minimum_time": {"months": "calendar months"},
    "breaks": {},
    "minimum_age": {"from_age": "years"},
    "english_maths_young": {},
    "english_maths_adult": {"from_age": "years", "in_force_from": "date"},
    "professional_judgement": {"in_force_from": "date"},
    "gateway": {},
    "declarations": {},
    "evidence_declarations": {},
}
NO_DAY = date.min


@dataclass
class _Reader:
    """Takes fields out of a parsed file and collects what is wrong instead of stopping at the first mistake."""

    name: str
    problems: list[str] = field(default_factory=list)

    def wrong(self, where: str, what: str) -> None:
        self.problems.append(f"{self.name}: {where}: {what}")

    def text(self, source: Mapping[object, object], key: str, where: str) -> str:
        found = source.get(key)
        if isinstance(found, str) and found.strip():
            return " ".join(found.split())
        self.wrong(f"{where}{key}", "must be words" if key in source else "is missing")
        return ""

    def day(self, source: Mapping[object, object], key: str) -> date:
        found = source.get(key)
        if isinstance(found, date) and not isinstance(found, datetime):
            return found
        self.wrong(key, "must be a date such as 2025-08-01" if key in source else "is missing")
        return NO_DAY

    def rows(self, source: Mapping[object, object], key: str, where: str) -> list[Mapping[object, object]]:
        found = source.get(key) or []
        if isinstance(found, list) and all(isinstance(row, dict) for row in found):
            return found
        self.wrong(f"{where}{key}", "must be a list of entries")
        return []


def read_rulebook(text: str, name: str) -> Rulebook:
    """The rulebook in a YAML text; `name` is the file's, for messages.

    Raises RulebookError with every mistake: a missing or empty field, a value without its unit, a line the
    gateway needs, a line twice, a period the wrong way round.
    """
    try:
        parsed = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RulebookError([f"{name}: is not readable as YAML: {' '.join(str(error).split())}"]) from error
    if not isinstance(parsed, dict):
        raise RulebookError([f"{name}: must hold fields such as id and rules"])
    reader = _Reader(name)
    book = _book(reader, parsed)
    if reader.problems:
        raise RulebookError(reader.problems)
    return book


def _book(reader: _Reader, parsed: Mapping[object, object]) -> Rulebook:
    compiled_on = reader.day(parsed, "compiled_on")
    document = reader.text(parsed, "document", "")
    book = Rulebook(
        id=reader.text(parsed, "id", ""),
        title=reader.text(parsed, "title", ""),
        document=document,
        address=reader.text(parsed, "address", ""),
        starts_from=reader.day(parsed, "starts_from"),
        starts_until=reader.day(parsed, "starts_until"),
        compiled_on=compiled_on,
        lines=tuple(
            _line(reader, row, number, document, compiled_on)
            for number, row in enumerate(reader.rows(parsed, "rules", ""), start=1)
        ),
    )
    if NO_DAY not in (book.starts_from, book.starts_until) and book.starts_until < book.starts_from:
        reader.wrong("starts_until", f"{book.starts_until} lies before starts_from {book.starts_from}")
    _check_lines(reader, book)
    return book


def _line(
    reader: _Reader, row: Mapping[object, object], number: int, document: str, compiled_on: date
) -> RuleLine:
    where = f"rule {number} ({row.get('id', 'no id')}), "
    return RuleLine(
        id=reader.text(row, "id", where),
        says=reader.text(row, "says", where),
        values=tuple(_value(reader, value, where) for value in reader.rows(row, "values", where)),
        source=_source(reader, row, where, document),
        confidence=reader.text(row, "confidence", where),
        compiled_on=compiled_on,
    )


def _source(reader: _Reader, row: Mapping[object, object], where: str, document: str) -> str:
    if "source" in row:
        return reader.text(row, "source", where)
    if "paragraphs" not in row:
        reader.wrong(f"{where}paragraphs", "is missing (write null where they are not known)")
        return ""
    if row["paragraphs"] is None:
        return document
    numbers = reader.text(row, "paragraphs", where)
    several = any(sign in numbers for sign in (";", ",", " to "))
    return f"{document}, {'paragraphs' if several else 'paragraph'} {numbers}"


def _value(reader: _Reader, row: Mapping[object, object], where: str) -> Value:
    name, unit = reader.text(row, "name", where), reader.text(row, "unit", where)
    found = row.get("value")
    fits = isinstance(found, date) if unit == "date" else type(found) is int and found > 0
    if not fits or not isinstance(found, int | date):
        reader.wrong(
            f"{where}{name}", f"{found!r} is not {'a date' if unit == 'date' else f'a number of {unit}'}"
        )
        return Value(name, 0, unit)
    return Value(name, found, unit)


def _check_lines(reader: _Reader, book: Rulebook) -> None:
    ids = [line.id for line in book.lines]
    for line_id in sorted({line_id for line_id in ids if line_id and ids.count(line_id) > 1}):
        reader.wrong("rules", f"{line_id} stands there {ids.count(line_id)} times")
    for line_id, values in NEEDED.items():
        if line_id not in ids:
            reader.wrong("rules", f"the line {line_id} is missing")
            continue
        units = {value.name: value.unit for value in book.line(line_id).values}
        for name, unit in values.items():
            if units.get(name) != unit:
                reader.wrong(line_id, f"needs the value {name} in the unit {unit}")
