"""How somebody stands, as tables written by hand; days are counted from the start of an invented programme."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portfolio.cohorts.rules import (
    Limits,
    ProgressFacts,
    Standing,
    definitions,
    due,
    forecast,
    median,
    open_gaps,
    pace,
    spreadsheet_safe,
    standing,
)

LIMITS = Limits.from_settings(behind_below=0.85, at_risk_below=0.6, at_risk_after_quiet_days=42)
START = date(2026, 1, 5).toordinal()
BASE = ProgressFacts(
    stage="active",
    items=100,
    covered=20,
    start_day=START,
    planned_gateway_day=START + 500,
    last_activity_day=START + 99,
    earliest_gateway_day=START + 370,
    gaps="maths,statements,duties",
)
DAY_100 = START + 100
"""A fifth of the way: an even pace has brought 20 of 100 items."""


def stands(today: int = DAY_100, **changed: Any) -> Standing:
    return standing(replace(BASE, **changed), today, LIMITS)


@pytest.mark.parametrize(
    ("covered", "expected"),
    [
        (20, Standing.ON_TRACK),
        (17, Standing.ON_TRACK),  # 85% exactly is enough
        (16, Standing.BEHIND),
        (12, Standing.BEHIND),  # 60% exactly is not yet a risk
        (11, Standing.AT_RISK),
        (0, Standing.AT_RISK),
        (100, Standing.ON_TRACK),
    ],
)
def test_pace_decides_at_the_limits_of_the_settings(covered: int, expected: Standing) -> None:
    assert stands(covered=covered) is expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, Standing.ON_TRACK), (41, Standing.ON_TRACK), (42, Standing.AT_RISK)],
)
def test_the_first_days_are_for_settling_in(days: int, expected: Standing) -> None:
    assert stands(START + days, covered=0, last_activity_day=START + days) is expected


def test_somebody_who_has_not_started_yet_is_on_track() -> None:
    assert stands(START - 20, covered=0, last_activity_day=None) is Standing.ON_TRACK


@pytest.mark.parametrize(("quiet", "expected"), [(41, Standing.ON_TRACK), (42, Standing.AT_RISK)])
def test_nothing_new_for_too_long_is_a_risk_whatever_the_pace(quiet: int, expected: Standing) -> None:
    assert stands(covered=90, last_activity_day=DAY_100 - quiet) is expected


def test_who_never_did_anything_is_quiet_since_the_start() -> None:
    assert stands(START + 41, covered=0, last_activity_day=None) is Standing.ON_TRACK
    assert stands(START + 42, covered=0, last_activity_day=None) is Standing.AT_RISK


def test_time_away_is_not_time_without_activity() -> None:
    away = {"break_days": 60, "planned_gateway_day": START + 560, "back_day": DAY_100 - 1}
    assert stands(covered=8, last_activity_day=START + 30, **away) is Standing.ON_TRACK
    assert stands(covered=8, last_activity_day=START + 30, **(away | {"back_day": None})) is Standing.AT_RISK


def test_a_break_moves_the_even_pace() -> None:
    moved = replace(BASE, break_days=50, planned_gateway_day=START + 550)
    assert due(BASE, DAY_100) == 20
    assert due(moved, DAY_100) == 10
    assert pace(moved, DAY_100) == 2000


def test_a_running_break_stops_the_clock_from_its_first_day() -> None:
    away = {"stage": "break", "break_began_day": START + 50}
    assert stands(**away) is Standing.BREAK
    assert due(replace(BASE, **away), DAY_100) == 10
    assert stands(START + 49, **away) is not Standing.BREAK  # agreed, but not begun


@pytest.mark.parametrize(
    ("stage", "expected"),
    [("through", Standing.THROUGH), ("assessed", Standing.ASSESSED), ("withdrawn", Standing.WITHDRAWN)],
)
def test_what_is_over_is_no_matter_of_pace(stage: str, expected: Standing) -> None:
    found = replace(BASE, stage=stage, covered=0, last_activity_day=None)
    assert standing(found, DAY_100 + 5000, LIMITS) is expected
    assert pace(found, DAY_100) is None


READY: dict[str, Any] = {"covered": 100, "gaps": ""}


@pytest.mark.parametrize(
    ("today", "changed", "expected"),
    [
        (START + 370, {}, Standing.READY),
        (START + 369, {}, Standing.ON_TRACK),
        (START + 400, {"gaps": "maths"}, Standing.ON_TRACK),
        (START + 400, {"earliest_gateway_day": None}, Standing.ON_TRACK),
        (START + 400, {"dbs_due_day": START + 400}, Standing.READY),
        (START + 401, {"dbs_due_day": START + 400}, Standing.ON_TRACK),
        (START + 600, {"last_activity_day": START + 300}, Standing.READY),
    ],
)
def test_ready_means_only_the_declarations_are_left(
    today: int, changed: dict[str, Any], expected: Standing
) -> None:
    assert stands(today, **({"last_activity_day": today} | READY | changed)) is expected


def test_a_dbs_check_that_fell_due_is_a_gap_once() -> None:
    assert open_gaps(replace(BASE, gaps="maths", dbs_due_day=DAY_100 - 1), DAY_100) == ("dbs", "maths")
    assert open_gaps(replace(BASE, gaps="dbs,maths", dbs_due_day=DAY_100 - 1), DAY_100) == ("dbs", "maths")
    assert open_gaps(replace(BASE, gaps="", dbs_due_day=DAY_100), DAY_100) == ()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, START + 500),  # 20 in 100 days: the other 80 take 400 more
        ({"covered": 50}, START + 370),  # 200 days in all, but never before the earliest
        ({"covered": 50, "earliest_gateway_day": None}, START + 200),
        ({"covered": 30, "earliest_gateway_day": None}, START + 334),  # 233.3 days more: rounded up
        ({"covered": 100, "earliest_gateway_day": None}, DAY_100),
        ({"covered": 0}, None),
        ({"stage": "break", "break_began_day": START + 50}, None),
        ({"stage": "withdrawn"}, None),
        ({"stage": "through", "through_day": START + 90}, START + 90),
        ({"stage": "assessed", "through_day": START + 90}, START + 90),
        (
            {"break_days": 50, "earliest_gateway_day": None},
            START + 300,
        ),  # 20 in 50 days of learning: 200 more
        ({"items": 4000, "covered": 1, "start_day": 1}, date.max.toordinal()),
    ],
)
def test_the_forecast_goes_on_at_their_own_pace(changed: dict[str, Any], expected: int | None) -> None:
    assert forecast(replace(BASE, **changed), DAY_100) == expected


def test_there_is_no_forecast_on_the_first_day() -> None:
    assert forecast(BASE, START) is None


def test_the_definition_names_the_limits_and_every_standing() -> None:
    found = dict(definitions(LIMITS, "gateway"))
    assert set(found) == set(Standing)
    assert "85%" in found[Standing.BEHIND]
    assert "60%" in found[Standing.AT_RISK]
    assert "42 days" in found[Standing.AT_RISK]


@pytest.mark.parametrize(
    ("waits", "expected"),
    [({}, None), ({3: 1}, 3), ({3: 1, 8: 1}, 5.5), ({1: 2, 9: 1}, 1), ({0: 1, 4: 1, 90: 3}, 90)],
)
def test_the_median_is_the_middle_wait(waits: dict[int, int], expected: float | None) -> None:
    assert median(waits) == expected


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  ="])
def test_text_that_would_be_a_formula_gets_an_apostrophe(start: str) -> None:
    assert spreadsheet_safe(start + "1+1") == "'" + start + "1+1"


@pytest.mark.parametrize("harmless", ["", "Ada Abel", "O'Brien", "3 - 2", " x"])
def test_other_text_stays_as_it_is(harmless: str) -> None:
    assert spreadsheet_safe(harmless) == harmless
