"""What may be recorded of an apprenticeship, as tables."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kbs.statements import Standard
from portfolio.apprenticeships.rules import (
    Away,
    Details,
    age_on,
    break_problems,
    detail_problems,
    start_against_breaks,
    uln_problem,
    withdrawal_problem,
)

TODAY = date(2026, 11, 2)
START, GATEWAY = date(2025, 10, 6), date(2027, 4, 6)


def a_standard(earliest: date | None = date(2024, 10, 16), latest: date | None = None) -> Standard:
    """Only what the rules read of a standard."""
    words = SimpleNamespace(gateway="gateway")
    bare = SimpleNamespace(
        version="2.3",
        title="Lighthouse keeper",
        earliest_start_on=earliest,
        latest_start_on=latest,
        words=words,
    )
    return cast("Standard", bare)


def wrong(**given: Any) -> dict[str, str]:
    values: dict[str, Any] = {"start_on": START, "planned_gateway_on": GATEWAY} | given
    return detail_problems(Details(**values), a_standard(), TODAY)


def test_dates_in_order_and_no_numbers_are_enough() -> None:
    assert wrong() == {}


@pytest.mark.parametrize(
    ("given", "field", "part"),
    [
        ({"planned_gateway_on": START}, "planned_gateway_on", "must come after the start on 6 October 2025"),
        ({"planned_gateway_on": date(2025, 10, 5)}, "planned_gateway_on", "must come after"),
        ({"planned_gateway_on": date(2072, 4, 6)}, "planned_gateway_on", "more than six years"),
        ({"start_on": date(2024, 10, 15)}, "start_on", "open for starts from 16 October 2024"),
        (
            {"start_on": date(2027, 11, 6), "planned_gateway_on": date(2029, 4, 6)},
            "start_on",
            "Check the year",
        ),
        ({"date_of_birth": date(2015, 1, 1)}, "date_of_birth", "That makes 10 years on the first day"),
        ({"date_of_birth": date(1900, 1, 1)}, "date_of_birth", "That makes 125 years"),
        ({"date_of_birth": date(2026, 1, 1)}, "date_of_birth", "after the start"),
        ({"uln": "123456789"}, "uln", "10 digits"),
        ({"uln": "0123456789"}, "uln", "does not begin with 0"),
        ({"uln": "9999999999"}, "uln", "no number yet"),
        ({"provider_reference": "R" * 41}, "provider_reference", "40"),
    ],
)
def test_each_field_that_cannot_stand_has_its_sentence(given: dict[str, Any], field: str, part: str) -> None:
    found = wrong(**given)
    assert list(found) == [field]
    assert part in found[field]


@pytest.mark.parametrize(
    ("earliest", "latest", "start_on", "fits"),
    [
        (date(2025, 10, 6), None, START, True),  # the first day itself
        (date(2025, 10, 7), None, START, False),
        (None, date(2025, 10, 6), START, True),  # the last day itself
        (None, date(2025, 10, 5), START, False),
        (None, None, date(2001, 1, 1), True),  # not published: nothing to hold it against
    ],
)
def test_a_start_lies_within_the_dates_of_its_version(
    earliest: date | None, latest: date | None, start_on: date, fits: bool
) -> None:
    found = detail_problems(Details(start_on, date(2026, 9, 1)), a_standard(earliest, latest), TODAY)
    assert ("start_on" not in found) is fits


def test_all_mistakes_are_told_at_once() -> None:
    assert set(wrong(planned_gateway_on=START, uln="1", date_of_birth=date(2024, 1, 1))) == {
        "planned_gateway_on",
        "uln",
        "date_of_birth",
    }


@pytest.mark.parametrize("uln", ["", "1000000000", "9100000001", "9999999998"])
def test_ten_digits_or_nothing_is_a_uln(uln: str) -> None:
    assert uln_problem(uln) == ""


@pytest.mark.parametrize("uln", ["91000000011", "910000000a", "٩١٠٠٠٠٠٠٠١", " 9100000001"])
def test_anything_else_is_none(uln: str) -> None:
    assert uln_problem(uln)


@pytest.mark.parametrize(
    ("born_on", "day", "age"),
    [
        (date(2000, 5, 1), date(2026, 4, 30), 25),
        (date(2000, 5, 1), date(2026, 5, 1), 26),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_is_counted_in_full_years(born_on: date, day: date, age: int) -> None:
    assert age_on(born_on, day) == age


def break_wrong(away: Away, *others: Away, withdrawn_on: date | None = None) -> dict[str, str]:
    return break_problems(away, others, start_on=START, withdrawn_on=withdrawn_on, today=TODAY)


MARCH = Away(date(2026, 3, 2), date(2026, 4, 1))


@pytest.mark.parametrize(
    ("away", "fits"),
    [
        (Away(date(2026, 4, 1), date(2026, 4, 20)), True),  # begins on the first day back
        (Away(date(2026, 3, 31), date(2026, 4, 20)), False),
        (Away(date(2026, 2, 1), date(2026, 3, 2)), True),  # ends on the day the other begins
        (Away(date(2026, 2, 1), date(2026, 3, 3)), False),
        (Away(date(2026, 2, 1)), False),  # never ends, so it runs into the other
        (Away(date(2026, 5, 1)), True),
        (Away(date(2026, 3, 10), date(2026, 3, 11)), False),
    ],
)
def test_breaks_do_not_overlap(away: Away, fits: bool) -> None:
    found = break_wrong(away, MARCH)
    assert (found == {}) is fits
    if not fits:
        assert "overlaps the break from 2 March 2026 with 1 April 2026 as first day back" in found["began_on"]


def test_a_break_that_lasts_has_to_end_before_the_next() -> None:
    found = break_wrong(Away(date(2026, 10, 1)), Away(date(2026, 9, 1)))
    assert "has no first day back yet" in found["began_on"]


@pytest.mark.parametrize(
    ("away", "field", "part"),
    [
        (Away(date(2025, 10, 5)), "began_on", "started on 6 October 2025"),
        (Away(date(2026, 12, 4)), "began_on", "at most a month ahead"),
        (Away(date(2026, 5, 1), date(2026, 5, 1)), "ended_on", "after the break began"),
        (Away(date(2026, 5, 1), date(2026, 11, 3)), "ended_on", "when it has come"),
        (Away(date(2026, 5, 1), None, date(2026, 4, 1)), "expected_back_on", "after the break began"),
    ],
)
def test_a_break_has_possible_dates(away: Away, field: str, part: str) -> None:
    found = break_wrong(away)
    assert list(found) == [field]
    assert part in found[field]


@pytest.mark.parametrize(
    "away",
    [
        Away(START),
        Away(date(2026, 12, 3)),
        Away(date(2026, 10, 1), TODAY),
        Away(TODAY, None, date(2027, 3, 1)),
    ],
)
def test_the_outermost_days_are_allowed(away: Away) -> None:
    assert break_wrong(away) == {}


def test_nobody_goes_on_a_break_after_leaving() -> None:
    found = break_wrong(Away(date(2026, 10, 1)), withdrawn_on=date(2026, 9, 1))
    assert "withdrawal on 1 September 2026" in found["began_on"]


def test_a_start_does_not_move_past_a_break() -> None:
    assert start_against_breaks(date(2026, 3, 2), [MARCH]) == ""
    assert "2 March 2026" in start_against_breaks(date(2026, 3, 3), [MARCH])
    assert start_against_breaks(date(2026, 3, 3), []) == ""


@pytest.mark.parametrize(
    ("day", "fits"),
    [(START, True), (TODAY, True), (date(2025, 10, 5), False), (date(2026, 11, 3), False)],
)
def test_a_withdrawal_lies_between_the_start_and_today(day: date, fits: bool) -> None:
    assert (withdrawal_problem(day, start_on=START, today=TODAY) == "") is fits
