"""The day and the times on London's clock that somebody typed, as moments. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from kbs.training_catalogue import Session
from portfolio.web.formats import LONDON

CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


def clock(text: str) -> time | None:
    """9:30, 09:30 or 09.30; None for anything else."""
    found = CLOCK.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else None


def moment(day: date, at: time) -> datetime | None:
    """What London's clock shows then; None in the hour that is left out when the clocks go forward."""
    wall = datetime.combine(day, at, LONDON)
    utc = wall.astimezone(UTC)
    return utc if utc.astimezone(LONDON).time() == at else None


def as_listed(key: str, starts_at: datetime, ends_at: datetime) -> Session:
    """A session as the rules of the catalogue compare it: its day and its times on the wall."""
    starts, ends = starts_at.astimezone(LONDON), ends_at.astimezone(LONDON)
    return Session(key, starts.date(), starts.time(), ends.time(), "")
