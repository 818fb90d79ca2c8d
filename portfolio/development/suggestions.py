"""Which statements a supervision or a review learnt from may show: offered from data, never forced."""

from __future__ import annotations

from functools import cache

from kbs.statements import Item, Standard
from kbs.training_activities import Activity, load_activities, suggested_for


@cache
def _activities() -> tuple[Activity, ...]:
    return load_activities()


def offered(standard: Standard, kind: str) -> list[Item]:
    """The statements of this standard that are suggested for this kind of record."""
    codes = suggested_for(_activities(), standard.reference, kind)
    return [standard.item(code) for code in codes if code in standard]
