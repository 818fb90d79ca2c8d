"""The months of the picture and the widths of its bars."""

from __future__ import annotations

from datetime import date

import pytest

from portfolio.frameworks.picture import MOST_MONTHS, WIDTH, Bar, days_of
from portfolio.training.rules.ratings import Counts

TODAY = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (date(2026, 11, 3), [TODAY]),
        (date(2026, 11, 1), [TODAY]),
        (date(2026, 10, 31), [TODAY, date(2026, 10, 31)]),
        (date(2026, 9, 30), [TODAY, date(2026, 10, 31), date(2026, 9, 30)]),
    ],
)
def test_each_month_is_looked_at_on_its_last_day(first: date, days: list[date]) -> None:
    assert days_of(first, TODAY) == days


def test_at_most_twelve_months_are_drawn() -> None:
    days = days_of(date(2020, 1, 1), TODAY)
    assert len(days) == MOST_MONTHS
    assert days[-1] == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("counts", "parts"),
    [
        ((0, 0, 0, 0), []),
        ((0, 0, 0, 4), []),
        ((1, 0, 0, 0), [("competent", 0, WIDTH)]),
        ((1, 1, 1, 0), [("competent", 0, 333), ("developing", 333, 333), ("notyet", 666, 334)]),
        ((1, 0, 2, 1), [("competent", 0, 250), ("notyet", 250, 500)]),
    ],
)
def test_a_bar_is_filled_exactly(
    counts: tuple[int, int, int, int], parts: list[tuple[str, int, int]]
) -> None:
    bar = Bar(Counts(TODAY, *counts))
    assert [(one.kind, one.starts, one.width) for one in bar.parts] == parts
    assert bar.words == (
        f"{counts[0]} competent, {counts[1]} developing, {counts[2]} not yet, {counts[3]} not rated"
    )
