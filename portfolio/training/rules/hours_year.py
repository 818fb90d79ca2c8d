"""What one year of the funding rules asks of off-the-job training: read from the file beside this module."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

from kbs.fields import Faults, Fields, read_yaml
from portfolio.training.rules.hours_facts import Delivery

FILE = Path(__file__).with_name("off_the_job.yaml")
WEEKS, PUBLISHED = "weeks", "published"
KNOWN = ("id", "document", "starts_from", "starts_until", "confidence", "minimum", "active_learning")


class HoursRulesError(ValueError):
    """The file cannot be used. `faults` has a line "file: where: what is wrong" for each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class HoursYear:
    """The rules for starts from one day to another, both included. Lengths are minutes."""

    id: str
    document: str
    starts_from: date
    starts_until: date
    confidence: str
    by: str
    per_cent: int
    week_cap: int
    floor: int
    minimum_at: str
    spread_months: int
    blocks_months: int
    active_at: str

    @property
    def minimum_cited(self) -> str:
        return f"{self.document}, paragraphs {self.minimum_at} ({self.confidence})"

    @property
    def active_cited(self) -> str:
        return f"{self.document}, paragraphs {self.active_at} ({self.confidence})"

    def months_between(self, delivery: Delivery) -> int:
        """Every how many calendar months there has to be learning."""
        return self.spread_months if delivery is Delivery.SPREAD else self.blocks_months

    def covers(self, start_on: date) -> bool:
        return self.starts_from <= start_on <= self.starts_until


def years_from_text(text: str, file_name: str) -> tuple[HoursYear, ...]:
    """The years of a file, oldest first. Raises HoursRulesError with everything that is wrong in it."""
    faults = Faults(file_name)
    top = Fields(read_yaml(text, faults), "", faults, ("schema_version", "years"))
    if top.number("schema_version", 1, 99) != 1:
        top.fault("schema_version", "this program reads schema version 1")
    found = sorted((_year(part) for part in top.parts("years", KNOWN)), key=lambda one: one.starts_from)
    if not found:
        top.fault("years", "at least one year is needed here")
    for earlier, later in pairwise(found):
        if later.starts_from != earlier.starts_until + timedelta(days=1):
            top.fault("years", f"{later.id} has to begin the day after {earlier.id} ends")
    if faults.found:
        raise HoursRulesError(faults.found)
    return tuple(found)


@cache
def years() -> tuple[HoursYear, ...]:
    """The years that come with the product, oldest first; read once."""
    return years_from_text(FILE.read_text("utf-8"), FILE.name)


def year_of(start_on: date) -> HoursYear | None:
    """The year a start falls under; None outside the years held here."""
    return next((one for one in years() if one.covers(start_on)), None)


def nearest_year(start_on: date) -> HoursYear:
    """The year a start falls under, or the nearest one held here."""
    return year_of(start_on) or (years()[0] if start_on < years()[0].starts_from else years()[-1])


def _year(part: Fields) -> HoursYear:
    least = part.part("minimum", ("by", "per_cent", "week_cap_hours", "floor_hours", "paragraphs"))
    active = part.part("active_learning", ("spread_months", "blocks_months", "paragraphs"))
    by = least.text("by")
    if by not in (WEEKS, PUBLISHED):
        least.fault("by", f"{WEEKS} or {PUBLISHED} expected here")
    by_weeks = by == WEEKS
    return HoursYear(
        id=part.text("id"),
        document=part.text("document"),
        starts_from=_day(part, "starts_from"),
        starts_until=_day(part, "starts_until"),
        confidence=part.text("confidence"),
        by=by,
        per_cent=least.number("per_cent", 1, 100) if by_weeks else 0,
        week_cap=60 * (least.number("week_cap_hours", 1, 168) if by_weeks else 0),
        floor=60 * (0 if by_weeks else least.number("floor_hours", 0, 9999)),
        minimum_at=least.text("paragraphs"),
        spread_months=active.number("spread_months", 1, 12),
        blocks_months=active.number("blocks_months", 1, 12),
        active_at=active.text("paragraphs"),
    )


def _day(part: Fields, name: str) -> date:
    found = part.optional_date(name)
    if found is None:
        part.fault(name, "a date is missing here")
    return found or date.min
