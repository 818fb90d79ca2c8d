"""One thing that is due for somebody, as home pages and digests list it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kbs.refresher import DueState


@dataclass(frozen=True)
class DueLine:
    """ "Level 1 refresher: due on 3 December 2026", with the page where it is done."""

    what: str
    sentence: str
    """When it is due and why, in words."""
    address: str
    """Path of the page where something can be done about it."""
    due_on: date | None = None
    state: DueState | None = None
    """None: something that waits, without a day by which it must be done."""


def most_urgent_first(lines: Iterable[DueLine]) -> list[DueLine]:
    """By the day on which it is due; what has no day comes last, in the order given."""
    return sorted(lines, key=lambda one: (one.due_on is None, one.due_on or date.max))
