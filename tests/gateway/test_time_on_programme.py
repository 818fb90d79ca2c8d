"""Minimum time on the programme: calendar months, breaks taken out, ready on the last day itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portfolio.gateway.rules import Break, State, check
from portfolio.gateway.time_on_programme import add_months, merged, served
from tests.gateway.examples import READY, START, TODAY, WORDS

MONTHS_LATER = {
    "a plain month": (date(2025, 9, 1), 8, date(2026, 5, 1)),
    "over the turn of the year": (date(2025, 12, 15), 1, date(2026, 1, 15)),
    "twelve months": (date(2025, 7, 31), 12, date(2026, 7, 31)),
    "to a shorter month": (date(2025, 8, 31), 8, date(2026, 4, 30)),
    "to February": (date(2025, 6, 30), 8, date(2026, 2, 28)),
    "to February of a leap year": (date(2027, 6, 30), 8, date(2028, 2, 29)),
    "from 29 February": (date(2028, 2, 29), 12, date(2029, 2, 28)),
    "to December": (date(2026, 4, 30), 8, date(2026, 12, 30)),
    "no month": (date(2026, 1, 31), 0, date(2026, 1, 31)),
}


@pytest.mark.parametrize(("day", "months", "later"), MONTHS_LATER.values(), ids=MONTHS_LATER.keys())
def test_so_many_calendar_months_later(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


EARLIEST_BY_START = {
    "last start of 2024-25: 12 months": (date(2025, 7, 31), date(2026, 7, 31)),
    "first start of 2025-26: 8 months": (date(2025, 8, 1), date(2026, 4, 1)),
    "first start of 2024-25": (date(2024, 8, 1), date(2025, 8, 1)),
    "last start of 2025-26": (date(2026, 7, 31), date(2027, 3, 31)),
    "first start of 2026-27": (date(2026, 8, 1), date(2027, 4, 1)),
    "start on the last of a long month": (date(2025, 8, 31), date(2026, 4, 30)),
    "start on 30 June ends in February": (date(2026, 6, 30), date(2027, 2, 28)),
    "the day the standard opened": (date(2024, 10, 16), date(2025, 10, 16)),
    "before the oldest book": (date(2024, 2, 29), date(2025, 2, 28)),
}


@pytest.mark.parametrize(("start", "earliest"), EARLIEST_BY_START.values(), ids=EARLIEST_BY_START.keys())
def test_ready_on_the_last_day_of_the_minimum_and_not_before(start: date, earliest: date) -> None:
    facts = replace(READY, start_on=start)
    before = check(facts, earliest - timedelta(days=1))
    assert before["time_on_programme"].state is State.MISSING
    assert before.earliest_on == earliest
    that_day = check(facts, earliest)
    assert that_day["time_on_programme"].state is State.IN_PLACE
    assert that_day.earliest_on == earliest


# Start 1 September 2025, 8 months: 1 May 2026 without a break.
BREAKS = {
    "no break": ((), date(2026, 5, 1), 0),
    "one day": ((Break(date(2026, 1, 10), date(2026, 1, 10)),), date(2026, 5, 2), 1),
    "a whole month": ((Break(date(2026, 1, 1), date(2026, 1, 31)),), date(2026, 6, 1), 31),
    "across a month end": ((Break(date(2026, 1, 25), date(2026, 2, 5)),), date(2026, 5, 13), 12),
    "across the end of February": ((Break(date(2026, 2, 20), date(2026, 3, 10)),), date(2026, 5, 20), 19),
    "two apart": (
        (Break(date(2025, 12, 1), date(2025, 12, 10)), Break(date(2026, 3, 1), date(2026, 3, 10))),
        date(2026, 5, 21),
        20,
    ),
    "overlapping days counted once": (
        (Break(date(2026, 1, 1), date(2026, 1, 20)), Break(date(2026, 1, 11), date(2026, 1, 31))),
        date(2026, 6, 1),
        31,
    ),
    "one inside another": (
        (Break(date(2026, 1, 1), date(2026, 1, 31)), Break(date(2026, 1, 5), date(2026, 1, 6))),
        date(2026, 6, 1),
        31,
    ),
    "the same break twice": ((Break(date(2026, 1, 1), date(2026, 1, 31)),) * 2, date(2026, 6, 1), 31),
    "before the start": ((Break(date(2025, 6, 1), date(2025, 6, 30)),), date(2026, 5, 1), 0),
    "half before the start": ((Break(date(2025, 8, 20), date(2025, 9, 10)),), date(2026, 5, 11), 10),
    "until the eve of the start": ((Break(date(2025, 8, 1), date(2025, 8, 31)),), date(2026, 5, 1), 0),
    "begins on the earliest day": ((Break(date(2026, 5, 1), date(2026, 5, 10)),), date(2026, 5, 11), 10),
    "begins after the minimum is served": (
        (Break(date(2026, 5, 2), date(2026, 5, 31)),),
        date(2026, 5, 1),
        0,
    ),
    "one break moves the date into the next": (
        (Break(date(2026, 4, 1), date(2026, 4, 10)), Break(date(2026, 5, 5), date(2026, 5, 9))),
        date(2026, 5, 16),
        15,
    ),
    "in any order": (
        (Break(date(2026, 3, 1), date(2026, 3, 10)), Break(date(2025, 12, 1), date(2025, 12, 10))),
        date(2026, 5, 21),
        20,
    ),
}


@pytest.mark.parametrize(("breaks", "earliest", "days"), BREAKS.values(), ids=BREAKS.keys())
def test_every_day_of_a_break_moves_the_earliest_date_on(
    breaks: tuple[Break, ...], earliest: date, days: int
) -> None:
    found = served(START, 8, breaks, TODAY)
    assert (found.earliest_on, found.break_days) == (earliest, days)
    facts = replace(READY, breaks=breaks)
    assert check(facts, earliest)["time_on_programme"].state is State.IN_PLACE
    assert check(facts, earliest - timedelta(days=1))["time_on_programme"].state is State.MISSING


def test_the_sentence_names_minimum_start_date_and_days_of_break() -> None:
    line = check(replace(READY, breaks=(Break(date(2026, 1, 1), date(2026, 1, 31)),)), TODAY)[
        "time_on_programme"
    ]
    assert line.reason == (
        "The minimum of 8 months from 1 September 2025 was served on 1 June 2026, with 31 days of break taken out."
    )
    assert "paragraph 73" in line.source
    assert "paragraph 266" in line.source


def test_before_the_day_it_says_to_wait_until_then() -> None:
    line = check(READY, date(2026, 4, 30))["time_on_programme"]
    assert line.reason == "The minimum of 8 months from 1 September 2025 is served on 1 May 2026."
    assert line.put_right.startswith("Nothing but time: wait until 1 May 2026;")


OPEN_BREAKS = {
    "running now": (Break(date(2026, 10, 1)), TODAY, None),
    "began today": (Break(TODAY), TODAY, None),
    "planned before the minimum is served": (Break(date(2026, 4, 1)), date(2026, 3, 1), None),
    "planned for the earliest day": (Break(date(2026, 5, 1)), date(2026, 3, 1), None),
    "planned after the minimum is served": (Break(date(2026, 12, 1)), TODAY, date(2026, 5, 1)),
}


@pytest.mark.parametrize(("one", "on", "earliest"), OPEN_BREAKS.values(), ids=OPEN_BREAKS.keys())
def test_an_open_break_leaves_the_earliest_date_unknown(one: Break, on: date, earliest: date | None) -> None:
    found = check(replace(READY, breaks=(one,)), on)
    line = found["time_on_programme"]
    assert found.earliest_on == earliest
    assert line.state is (State.IN_PLACE if earliest else State.NEEDS_ACTION)
    if earliest is None:
        assert "has no last day, so the earliest date is not known." in line.reason
        assert "The earliest date cannot be said" in found.summary


def test_a_break_open_since_before_the_start_still_counts_as_open() -> None:
    assert check(replace(READY, breaks=(Break(date(2025, 1, 1)),)), TODAY).earliest_on is None


def test_on_a_day_inside_a_break_the_gateway_waits_for_the_return() -> None:
    facts = replace(READY, breaks=(Break(date(2026, 11, 10), date(2026, 11, 20)),))
    found = check(facts, TODAY)
    assert found["time_on_programme"].state is State.MISSING
    assert found.earliest_on == date(2026, 11, 21)
    assert not found.ready_to_lock
    assert check(facts, date(2026, 11, 21)).ready_to_lock


def test_a_break_the_wrong_way_round_needs_action() -> None:
    found = check(replace(READY, breaks=(Break(date(2026, 2, 1), date(2026, 1, 1)),)), TODAY)
    assert found["time_on_programme"].state is State.NEEDS_ACTION
    assert "the wrong way round" in found["time_on_programme"].reason
    assert found.earliest_on is None


def test_a_standard_may_ask_for_longer_but_not_for_less_than_the_rulebook() -> None:
    longer = replace(WORDS, minimum_months=18, minimum_months_source="Lighthouse keeper XX0001, key facts")
    found = check(replace(READY, standard=longer), TODAY)
    assert found.earliest_on == date(2027, 3, 1)
    assert found["time_on_programme"].source.startswith("Lighthouse keeper XX0001, key facts")
    shorter = replace(WORDS, minimum_months=6)
    assert check(replace(READY, standard=shorter), TODAY).earliest_on == date(2026, 5, 1)


def test_breaks_that_touch_are_one() -> None:
    days = [(date(2026, 1, 11), date(2026, 1, 20)), (date(2026, 1, 1), date(2026, 1, 10))]
    assert merged(days) == [(date(2026, 1, 1), date(2026, 1, 20))]
