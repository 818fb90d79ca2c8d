"""When learning is due again, over the rules of the four sources and the employer's own, as tables."""

from datetime import date, timedelta

import pytest

from kbs.framework import RefresherRule, UnknownLevel
from kbs.frameworks import load_frameworks
from kbs.months import add_months
from kbs.refresher import Done, DueState, Override, refresher, rule_for, state_by_days

FRAMEWORKS = load_frameworks()
MK, PA3, ROTHERHAM, WALES = "mk-together-2020", "pa3-2022", "rotherham-2018-19", "wales-2023"
IN_DATE, AMBER, RED, OVERDUE = DueState.IN_DATE, DueState.AMBER, DueState.RED, DueState.OVERDUE
NEVER, NO_RULE = DueState.NEVER_DONE, DueState.NO_RULE
D = date


def rule(framework: str, level: str, *, lead: bool = False) -> RefresherRule | None:
    return rule_for(FRAMEWORKS.get(framework), level, designated_lead=lead)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (D(2026, 8, 31), 6, D(2027, 2, 28)),
        (D(2027, 8, 31), 6, D(2028, 2, 29)),
        (D(2024, 2, 29), 12, D(2025, 2, 28)),
        (D(2024, 2, 29), 24, D(2026, 2, 28)),
        (D(2024, 2, 29), 36, D(2027, 2, 28)),
        (D(2024, 2, 29), 48, D(2028, 2, 29)),
        (D(2023, 2, 28), 12, D(2024, 2, 28)),
        (D(2026, 1, 31), 1, D(2026, 2, 28)),
        (D(2026, 1, 31), 3, D(2026, 4, 30)),
        (D(2026, 3, 31), 6, D(2026, 9, 30)),
        (D(2026, 12, 15), 1, D(2027, 1, 15)),
        (D(2026, 12, 31), 2, D(2027, 2, 28)),
        (D(2026, 5, 10), 0, D(2026, 5, 10)),
        (D(2026, 1, 1), 36, D(2029, 1, 1)),
    ],
)
def test_months_run_to_the_same_day_or_the_last_of_the_month(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("days_left", "state"),
    [
        (400, IN_DATE),
        (91, IN_DATE),
        (90, AMBER),
        (89, AMBER),
        (31, AMBER),
        (30, RED),
        (29, RED),
        (1, RED),
        (0, RED),
        (-1, OVERDUE),
        (-500, OVERDUE),
    ],
)
def test_amber_begins_90_days_before_and_red_30_and_the_due_day_is_in_time(
    days_left: int, state: DueState
) -> None:
    today = D(2026, 11, 22)
    assert state_by_days(today + timedelta(days=days_left), today) is state


@pytest.mark.parametrize(
    ("framework", "level", "lead", "rule_id"),
    [
        (PA3, "1", False, "other-staff"),
        (PA3, "2", False, "other-staff"),
        (PA3, "3", False, "other-staff"),
        (PA3, "5", False, "other-staff"),
        (PA3, "1", True, "designated-leads"),
        (PA3, "4", True, "designated-leads"),
        (ROTHERHAM, "1", False, "yearly-by-appraisal"),
        (ROTHERHAM, "1", True, "yearly-by-appraisal"),
        (ROTHERHAM, "2", False, None),
        (ROTHERHAM, "4", True, None),
        (WALES, "A", False, "group-a-hours"),
        (WALES, "B", False, "group-b-hours"),
        (WALES, "B", True, "group-b-hours"),
        (WALES, "C", True, None),
        (WALES, "D", False, None),
        (WALES, "E", False, None),
        (WALES, "F", False, None),
        (MK, "1", False, "activities-three-years"),
        (MK, "3", True, "activities-three-years"),
        (MK, "5", False, "activities-three-years"),
        (MK, "board", False, None),
    ],
)
def test_the_rule_for_a_level_and_a_role(framework: str, level: str, lead: bool, rule_id: str | None) -> None:
    found = rule(framework, level, lead=lead)
    assert (found.id if found else None) == rule_id


def test_a_level_that_is_not_there_has_no_rule_but_an_error() -> None:
    with pytest.raises(UnknownLevel):
        rule(PA3, "6")


@pytest.mark.parametrize(
    ("framework", "level", "lead", "done", "today", "state", "due_on"),
    [
        # PA3: designated leads every 24 months
        (PA3, "4", True, [D(2025, 3, 10)], D(2026, 11, 22), IN_DATE, D(2027, 3, 10)),
        (PA3, "4", True, [D(2025, 3, 10)], D(2026, 12, 9), IN_DATE, D(2027, 3, 10)),
        (PA3, "4", True, [D(2025, 3, 10)], D(2026, 12, 10), AMBER, D(2027, 3, 10)),
        (PA3, "4", True, [D(2025, 3, 10)], D(2027, 2, 7), AMBER, D(2027, 3, 10)),
        (PA3, "4", True, [D(2025, 3, 10)], D(2027, 2, 8), RED, D(2027, 3, 10)),
        (PA3, "4", True, [D(2025, 3, 10)], D(2027, 3, 10), RED, D(2027, 3, 10)),
        (PA3, "4", True, [D(2025, 3, 10)], D(2027, 3, 11), OVERDUE, D(2027, 3, 10)),
        (PA3, "4", True, [D(2024, 2, 29)], D(2026, 2, 28), RED, D(2026, 2, 28)),
        (PA3, "4", True, [D(2024, 2, 29)], D(2026, 3, 1), OVERDUE, D(2026, 2, 28)),
        # PA3: everybody else every 36 months
        (PA3, "2", False, [D(2025, 3, 10)], D(2027, 3, 11), IN_DATE, D(2028, 3, 10)),
        (PA3, "2", False, [D(2025, 3, 10)], D(2027, 12, 10), IN_DATE, D(2028, 3, 10)),
        (PA3, "2", False, [D(2025, 3, 10)], D(2027, 12, 11), AMBER, D(2028, 3, 10)),
        (PA3, "2", False, [D(2025, 3, 10)], D(2028, 2, 9), RED, D(2028, 3, 10)),
        (PA3, "2", False, [D(2025, 3, 10)], D(2028, 3, 11), OVERDUE, D(2028, 3, 10)),
        (PA3, "2", False, [D(2025, 2, 28)], D(2028, 2, 28), RED, D(2028, 2, 28)),
        (PA3, "2", False, [D(2025, 2, 28)], D(2028, 2, 29), OVERDUE, D(2028, 2, 28)),
        # the latest training counts, in whatever order it was entered; what lies ahead does not count yet
        (PA3, "2", False, [D(2025, 3, 10), D(2021, 1, 5)], D(2026, 1, 1), IN_DATE, D(2028, 3, 10)),
        (PA3, "2", False, [D(2022, 1, 10), D(2026, 2, 1)], D(2026, 1, 20), OVERDUE, D(2025, 1, 10)),
        (PA3, "2", False, [D(2022, 1, 10), D(2026, 2, 1)], D(2026, 2, 1), IN_DATE, D(2029, 2, 1)),
        # Rotherham: level 1 every year by appraisal, other levels unknown
        (ROTHERHAM, "1", False, [D(2026, 4, 1)], D(2026, 11, 22), IN_DATE, D(2027, 4, 1)),
        (ROTHERHAM, "1", False, [D(2026, 4, 1)], D(2027, 1, 1), AMBER, D(2027, 4, 1)),
        (ROTHERHAM, "1", False, [D(2026, 4, 1)], D(2027, 3, 2), RED, D(2027, 4, 1)),
        (ROTHERHAM, "1", False, [D(2026, 4, 1)], D(2027, 4, 2), OVERDUE, D(2027, 4, 1)),
        (ROTHERHAM, "1", False, [D(2024, 2, 29)], D(2025, 2, 28), RED, D(2025, 2, 28)),
        (ROTHERHAM, "2", False, [D(2010, 4, 1)], D(2026, 11, 22), NO_RULE, None),
        (ROTHERHAM, "4", True, [], D(2026, 11, 22), NO_RULE, None),
        # Milton Keynes counts activities and names no interval; Wales E to F name none either
        (MK, "3", True, [D(2010, 4, 1)], D(2026, 11, 22), NO_RULE, None),
        (MK, "board", False, [], D(2026, 11, 22), NO_RULE, None),
        (WALES, "E", False, [D(2010, 4, 1)], D(2026, 11, 22), NO_RULE, None),
        (WALES, "C", True, [], D(2026, 11, 22), NO_RULE, None),
    ],
)
def test_an_interval_by_the_sources_rule(
    framework: str,
    level: str,
    lead: bool,
    done: list[date],
    today: date,
    state: DueState,
    due_on: date | None,
) -> None:
    found = refresher(rule(framework, level, lead=lead), [Done(day) for day in done], today)
    assert (found.state, found.due_on) == (state, due_on)
    assert found.late(today) is (state is OVERDUE)


@pytest.mark.parametrize(
    ("framework", "level", "lead", "starts_on", "today", "due_on", "late"),
    [
        (PA3, "2", False, D(2026, 9, 1), D(2026, 8, 20), D(2026, 9, 1), False),
        (PA3, "2", False, D(2026, 9, 1), D(2026, 9, 1), D(2026, 9, 1), False),
        (PA3, "2", False, D(2026, 9, 1), D(2026, 9, 2), D(2026, 9, 1), True),
        (PA3, "4", True, D(2026, 9, 1), D(2026, 9, 2), D(2026, 9, 1), True),
        (PA3, "2", False, None, D(2026, 9, 2), None, True),
        (ROTHERHAM, "1", False, D(2026, 9, 1), D(2026, 9, 2), None, True),
        (WALES, "A", False, D(2026, 9, 1), D(2026, 9, 2), D(2026, 9, 1), True),
        (WALES, "B", False, D(2026, 8, 31), D(2027, 2, 28), D(2027, 2, 28), False),
        (WALES, "B", False, D(2026, 8, 31), D(2027, 3, 1), D(2027, 2, 28), True),
    ],
)
def test_with_nothing_recorded_it_is_due_by_the_rules_first_time_or_at_once(
    framework: str,
    level: str,
    lead: bool,
    starts_on: date | None,
    today: date,
    due_on: date | None,
    late: bool,
) -> None:
    found = refresher(rule(framework, level, lead=lead), [], today, starts_on=starts_on)
    assert (found.state, found.due_on, found.last_on) == (NEVER, due_on, None)
    assert found.late(today) is late


def test_training_that_lies_ahead_leaves_nothing_recorded() -> None:
    found = refresher(rule(PA3, "2"), [Done(D(2026, 12, 1))], D(2026, 11, 22))
    assert found.state is NEVER


@pytest.mark.parametrize(
    ("level", "done", "starts_on", "today", "state", "due_on", "hours", "short"),
    [
        # group B: six hours over three years; a day counts until the same day three years on
        ("B", [(D(2025, 1, 10), 6)], None, D(2026, 11, 22), IN_DATE, D(2028, 1, 10), 6, 0),
        ("B", [(D(2025, 1, 10), 6)], None, D(2027, 10, 12), AMBER, D(2028, 1, 10), 6, 0),
        ("B", [(D(2025, 1, 10), 6)], None, D(2027, 12, 11), RED, D(2028, 1, 10), 6, 0),
        ("B", [(D(2025, 1, 10), 6)], None, D(2028, 1, 10), RED, D(2028, 1, 10), 6, 0),
        ("B", [(D(2025, 1, 10), 6)], None, D(2028, 1, 11), OVERDUE, D(2028, 1, 10), 0, 6),
        # the hours that fall out first decide; more hours put it off
        ("B", [(D(2024, 1, 10), 3), (D(2025, 6, 1), 3)], None, D(2026, 1, 1), IN_DATE, D(2027, 1, 10), 6, 0),
        (
            "B",
            [(D(2024, 1, 10), 3), (D(2025, 6, 1), 3), (D(2025, 9, 1), 3)],
            None,
            D(2026, 1, 1),
            IN_DATE,
            D(2028, 6, 1),
            9,
            0,
        ),
        ("B", [(D(2022, 1, 10), 6), (D(2024, 6, 1), 4)], None, D(2026, 1, 1), OVERDUE, D(2025, 1, 10), 4, 2),
        # caught up again after a gap
        ("B", [(D(2020, 1, 10), 6), (D(2025, 6, 1), 6)], None, D(2026, 1, 1), IN_DATE, D(2028, 6, 1), 6, 0),
        # two halves that never lie in one period are not enough
        ("B", [(D(2020, 1, 10), 3), (D(2024, 1, 10), 3)], None, D(2026, 1, 1), OVERDUE, D(2023, 1, 10), 3, 3),
        # not yet enough for the first time: due by the end of probation, or of a period where the start is unknown
        ("B", [(D(2026, 9, 10), 2)], D(2026, 9, 1), D(2026, 11, 22), IN_DATE, D(2027, 3, 1), 2, 4),
        ("B", [(D(2026, 9, 10), 2)], D(2026, 9, 1), D(2027, 2, 20), RED, D(2027, 3, 1), 2, 4),
        ("B", [(D(2026, 9, 10), 2)], D(2026, 9, 1), D(2027, 3, 2), OVERDUE, D(2027, 3, 1), 2, 4),
        ("B", [(D(2026, 9, 10), 2)], None, D(2026, 11, 22), IN_DATE, D(2029, 9, 10), 2, 4),
        # parts of hours add up
        (
            "B",
            [(D(2026, 1, day), 0.6) for day in range(1, 11)],
            None,
            D(2026, 2, 1),
            IN_DATE,
            D(2029, 1, 1),
            6,
            0,
        ),
        (
            "B",
            [(D(2026, 1, day), 0.6) for day in range(1, 10)],
            None,
            D(2026, 2, 1),
            IN_DATE,
            D(2029, 1, 1),
            5.4,
            0.6,
        ),
        # group A: one hour is enough, three are usual
        ("A", [(D(2024, 2, 29), 1)], None, D(2026, 1, 1), IN_DATE, D(2027, 2, 28), 1, 0),
        ("A", [(D(2024, 2, 29), 1)], None, D(2027, 3, 1), OVERDUE, D(2027, 2, 28), 0, 1),
        ("A", [(D(2026, 9, 1), 0.5)], D(2026, 9, 1), D(2026, 9, 2), OVERDUE, D(2026, 9, 1), 0.5, 0.5),
        ("A", [(D(2024, 2, 1), 3)], None, D(2026, 1, 1), IN_DATE, D(2027, 2, 1), 3, 0),
    ],
)
def test_hours_over_a_rolling_period_of_three_years(
    level: str,
    done: list[tuple[date, float]],
    starts_on: date | None,
    today: date,
    state: DueState,
    due_on: date,
    hours: float,
    short: float,
) -> None:
    found = refresher(rule(WALES, level), [Done(*one) for one in done], today, starts_on=starts_on)
    assert (found.state, found.due_on, found.hours, found.hours_short) == (state, due_on, hours, short)
    assert found.days_left(today) == (due_on - today).days


@pytest.mark.parametrize(
    ("done", "counted"),
    [
        ([], 0),
        ([D(2026, 1, 1)], 1),
        ([D(2023, 11, 22), D(2023, 11, 21), D(2026, 1, 1)], 2),
        ([D(2026, 12, 1), D(2026, 11, 22)], 1),
    ],
)
def test_milton_keynes_counts_activities_of_three_years_and_nothing_falls_due(
    done: list[date], counted: int
) -> None:
    found = refresher(rule(MK, "2"), [Done(day) for day in done], D(2026, 11, 22))
    assert (found.state, found.counted, found.due_on) == (NO_RULE, counted, None)
    assert not found.late(D(2026, 11, 22))


@pytest.mark.parametrize(
    ("framework", "level", "lead", "months", "state", "due_on", "longer"),
    [
        (PA3, "2", False, 12, OVERDUE, D(2026, 3, 10), False),
        (PA3, "2", False, 21, RED, D(2026, 12, 10), False),
        (PA3, "2", False, 22, AMBER, D(2027, 1, 10), False),
        (PA3, "2", False, 36, IN_DATE, D(2028, 3, 10), False),
        (PA3, "2", False, 48, IN_DATE, D(2029, 3, 10), True),
        (PA3, "4", True, 36, IN_DATE, D(2028, 3, 10), True),
        (ROTHERHAM, "1", False, 24, IN_DATE, D(2027, 3, 10), True),
        (ROTHERHAM, "3", False, 24, IN_DATE, D(2027, 3, 10), False),
        (MK, "3", False, 12, OVERDUE, D(2026, 3, 10), False),
        (WALES, "E", False, 24, IN_DATE, D(2027, 3, 10), False),
    ],
)
def test_the_employers_own_interval_takes_the_place_of_the_sources(
    framework: str, level: str, lead: bool, months: int, state: DueState, due_on: date, longer: bool
) -> None:
    own = Override(reason="The trust's board asks for it.", months=months)
    found = refresher(
        rule(framework, level, lead=lead), [Done(D(2025, 3, 10))], D(2026, 11, 22), override=own
    )
    assert (found.state, found.due_on) == (state, due_on)
    assert found.ask is not None
    assert found.ask.override is own
    assert found.ask.longer_than_source is longer


@pytest.mark.parametrize(
    ("months", "hours", "state", "due_on", "longer"),
    [
        (36, None, IN_DATE, D(2028, 3, 10), False),
        (36, 12.0, IN_DATE, D(2028, 3, 10), False),
        (36, 3.0, IN_DATE, D(2028, 3, 10), True),
        (12, None, OVERDUE, D(2026, 3, 10), False),
    ],
)
def test_an_employers_rule_of_hours_keeps_the_sources_hours_unless_it_names_its_own(
    months: int, hours: float | None, state: DueState, due_on: date, longer: bool
) -> None:
    own = Override(reason="Agreed with the council.", months=months, hours=hours)
    found = refresher(rule(WALES, "B"), [Done(D(2025, 3, 10), 6)], D(2026, 11, 22), override=own)
    assert (found.state, found.due_on) == (state, due_on)
    assert found.ask is not None
    assert found.ask.hours == (hours or 6)
    assert found.ask.longer_than_source is longer


@pytest.mark.parametrize(
    ("reason", "months", "hours", "said"),
    [
        ("", 12, None, "Say why the employer sets its own interval."),
        ("   ", 12, None, "Say why the employer sets its own interval."),
        ("Policy.", 0, None, "Give the interval in months, from 1 to 120."),
        ("Policy.", -6, None, "Give the interval in months, from 1 to 120."),
        ("Policy.", 121, None, "Give the interval in months, from 1 to 120."),
        ("Policy.", 12, 0.0, "Give the hours as a number above zero, or leave them out."),
    ],
)
def test_an_override_without_a_reason_or_a_sensible_interval_is_refused(
    reason: str, months: int, hours: float | None, said: str
) -> None:
    with pytest.raises(ValueError, match="^" + said.replace(".", r"\.") + "$"):
        Override(reason=reason, months=months, hours=hours)
