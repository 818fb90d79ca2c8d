"""What a rulebook is made of: lines of plain words, values with units, a source for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


class RulebookError(ValueError):
    """A rulebook cannot be used. `problems` names each mistake and where it stands."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True)
class Value:
    """One number or date a rule turns on, with its unit: 8 calendar months, 19 years."""

    name: str
    value: int | date
    unit: str


@dataclass(frozen=True)
class RuleLine:
    """One rule: what it says in our own words, its values, where it stands and how sure that is."""

    id: str
    says: str
    values: tuple[Value, ...]
    source: str
    confidence: str
    compiled_on: date

    @property
    def cited(self) -> str:
        """The source as a page shows it: document, version, paragraphs, and how sure they are."""
        return f"{self.source} ({self.confidence})"


@dataclass(frozen=True)
class Rulebook:
    """The rules for starts from one day to another, both included."""

    id: str
    title: str
    document: str
    address: str
    starts_from: date
    starts_until: date
    compiled_on: date
    lines: tuple[RuleLine, ...]
    applies_exactly: bool = True
    note: str = ""

    def line(self, line_id: str) -> RuleLine:
        """The line with this id. Raises KeyError for one the book does not have."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise KeyError(f"{self.id} has no line {line_id}")

    def has(self, line_id: str) -> bool:
        """Whether the book has a line with this id: some rules are not in every year's source."""
        return any(line.id == line_id for line in self.lines)

    def number(self, line_id: str, name: str) -> int:
        """A number the line turns on, in the unit its file gives (months, years)."""
        found = self._value(line_id, name)
        if isinstance(found, int):
            return found
        raise TypeError(f"{self.id}, {line_id}: {name} is a date, not a number")

    def day(self, line_id: str, name: str) -> date:
        """A date the line turns on."""
        found = self._value(line_id, name)
        if isinstance(found, date):
            return found
        raise TypeError(f"{self.id}, {line_id}: {name} is a number, not a date")

    def _value(self, line_id: str, name: str) -> int | date:
        for value in self.line(line_id).values:
            if value.name == name:
                return value.value
        raise KeyError(f"{self.id}, {line_id} has no value {name}")
