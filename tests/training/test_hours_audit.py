"""The auditor of off-the-job hours: every planted fault is found, where it stands, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.training.rules.hours import Code
from portfolio.training.rules.hours_audit import audit
from portfolio.training.rules.hours_facts import BreakInLearning, Delivery, Entry, Limits, Programme
from portfolio.training.rules.hours_picture import MonthState, months_of, picture
from tests.training.hours_log import FURTHER, HOUR, PROGRAMME, TODAY, TWELVE, Fault, entry, good_log

GOOD = good_log()
BOTH = (*TWELVE, *FURTHER)


def found(
    log: list[Entry], programme: Programme = PROGRAMME, on: date = TODAY, limits: Limits | None = None
) -> list[tuple[Code, date]]:
    return sorted((one.code, one.day) for one in audit(log, programme, on, limits or Limits()))


def planted(faults: tuple[Fault, ...] | list[Fault]) -> list[Entry]:
    """What takes a whole month away goes first, so that it does not take what another one put there."""
    log = GOOD
    for fault in sorted(faults, key=lambda one: one.code is not Code.EMPTY_MONTH):
        log = fault.plant(log)
    return log


def test_a_log_in_good_order_has_no_fault() -> None:
    assert len(GOOD) > 130
    assert found(GOOD) == []


def test_twelve_faults_among_a_hundred_and_more_good_entries_are_all_found_and_none_is_invented() -> None:
    assert len({one.code for one in TWELVE}) == 12
    assert found(planted(TWELVE)) == sorted((one.code, one.day) for one in TWELVE)


@pytest.mark.parametrize("fault", BOTH, ids=lambda one: one.code)
def test_each_fault_alone_is_the_only_one_found_and_says_what_to_do(fault: Fault) -> None:
    findings = audit(planted([fault]), PROGRAMME, TODAY)
    assert [(one.code, one.day) for one in findings] == [(fault.code, fault.day)]
    assert findings[0].sentence.endswith(".")
    assert len(findings[0].sentence) > 30


@given(st.lists(st.sampled_from(BOTH), unique=True), st.randoms(use_true_random=False))
def test_any_mix_of_faults_in_any_order_is_found_exactly(faults: list[Fault], chance: object) -> None:
    log = planted(faults)
    chance.shuffle(log)  # type: ignore[attr-defined]
    assert found(log) == sorted((one.code, one.day) for one in faults)


@given(st.lists(st.sampled_from(BOTH), unique=True))
def test_what_counts_and_what_does_not_add_up_to_what_was_written(faults: list[Fault]) -> None:
    log = planted(faults)
    seen = picture(log, PROGRAMME, TODAY)
    assert seen.confirmed + seen.unconfirmed + seen.not_counted == sum(one.minutes for one in log)
    assert sum(month.minutes for month in seen.months) == seen.total


def test_minutes_of_a_fault_that_blocks_do_not_count_and_others_do() -> None:
    blocking = {one.code for one in BOTH if audit(planted([one]), PROGRAMME, TODAY)[0].blocks}
    for fault in BOTH:
        log = planted([fault])
        seen = picture(log, PROGRAMME, TODAY)
        assert (seen.not_counted > 0) is (fault.code in blocking - {Code.NO_LENGTH}), fault.code
    assert {Code.LONG_DAY, Code.OVER_WEEK, Code.LATE, Code.UNCONFIRMED}.isdisjoint(blocking)


def test_an_entry_confirmed_by_the_apprentice_counts_as_unconfirmed() -> None:
    log = [*GOOD, entry(date(2026, 6, 8), "Planted", confirmed_by="apprentice", minutes=30)]
    assert picture(log, PROGRAMME, TODAY).unconfirmed == 30


@pytest.mark.parametrize(
    ("days_ago", "code"),
    [(28, None), (29, Code.UNCONFIRMED)],
)
def test_an_entry_may_wait_four_weeks_for_its_confirmation(days_ago: int, code: Code | None) -> None:
    day = TODAY - timedelta(days=days_ago)
    log = [*GOOD, entry(day, "Waiting", confirmed_on=None, confirmed_by=None)]
    assert found(log) == ([(code, day)] if code else [])


def test_nobody_is_asked_to_confirm_what_does_not_count() -> None:
    day = date(2026, 3, 9)
    log = [*GOOD, entry(day, "Planted", new_learning=False, confirmed_on=None, confirmed_by=None)]
    assert found(log) == [(Code.NOT_NEW, day)]


def test_learning_outside_paid_hours_does_not_fill_the_paid_week() -> None:
    days = [date(2026, 3, 9) + timedelta(days=one) for one in (0, 2, 4, 5)]
    log = [*GOOD, *(entry(day, "Own time", minutes=9 * HOUR, in_paid_hours=False) for day in days)]
    assert found(log) == [(Code.NOT_PAID, day) for day in days]


def test_a_provider_may_set_its_own_limits() -> None:
    day = TODAY - timedelta(days=12)
    log = [*GOOD, entry(day, "Waiting", confirmed_on=None, confirmed_by=None)]
    assert found(log, limits=Limits(confirm_weeks=1)) == [(Code.UNCONFIRMED, day)]


@pytest.mark.parametrize("minutes", [12 * HOUR, 12 * HOUR + 1])
def test_twelve_hours_on_a_day_are_not_asked_about_and_a_minute_more_is(minutes: int) -> None:
    day = date(2026, 3, 23)
    log = [*GOOD, entry(day, "Conference", minutes=minutes)]
    assert found(log) == ([(Code.LONG_DAY, day)] if minutes > 12 * HOUR else [])


AFTER = date(2027, 3, 1)
FINISHED = replace(PROGRAMME, last_day=date(2027, 2, 25), published_minimum=300 * HOUR)


@pytest.mark.parametrize(
    ("planned", "published", "on", "codes"),
    [
        (371, 371, AFTER, set()),
        (372, 371, AFTER, {Code.UNDER_PLAN}),
        (400, 380, AFTER, {Code.UNDER_PLAN, Code.UNDER_MINIMUM}),
        (300, 380, AFTER, {Code.PLAN_UNDER_MINIMUM, Code.UNDER_MINIMUM}),
        (400, None, AFTER, {Code.UNDER_PLAN}),
        (400, 380, date(2027, 2, 25), set()),
        (300, 380, date(2027, 2, 25), {Code.PLAN_UNDER_MINIMUM}),
    ],
)
def test_totals_are_held_against_plan_and_minimum_once_the_training_is_over(
    planned: int, published: int | None, on: date, codes: set[Code]
) -> None:
    log = [one for one in good_log(AFTER) if one.day <= date(2027, 2, 25)]
    assert sum(one.minutes for one in log) == 371 * HOUR + 15
    programme = replace(
        FINISHED, planned=planned * HOUR, published_minimum=None if published is None else published * HOUR
    )
    assert {code for code, _ in found(log, programme, on)} == codes


def test_learning_after_the_last_day_is_named() -> None:
    day = date(2027, 2, 26)
    log = [*good_log(date(2027, 2, 25)), entry(day, "Afterwards")]
    programme = replace(FINISHED, planned=300 * HOUR)
    assert found(log, programme, date(2027, 2, 28)) == [(Code.AFTER_END, day)]


def test_learning_past_the_planned_end_is_in_order_while_the_programme_goes_on() -> None:
    programme = replace(PROGRAMME, planned_end=date(2026, 10, 31), planned=200 * HOUR, published_minimum=None)
    assert found(GOOD, programme) == []


def states(log: list[Entry], programme: Programme, on: date) -> str:
    letters = {
        MonthState.LEARNING: "L",
        MonthState.EMPTY: "-",
        MonthState.RUNNING: "r",
        MonthState.PAUSED: "b",
        MonthState.PART: "p",
    }
    return "".join(letters[one.state] for one in months_of(log, programme, on))


def without(*months: int) -> list[Entry]:
    return [one for one in GOOD if one.day.month not in months or one.day.year == 2025]


@pytest.mark.parametrize(
    ("log", "on", "expected"),
    [
        (GOOD, TODAY, "LLLLLLLLLLbLLLL"),
        (without(4, 5), TODAY, "LLLLLLL--LbLLLL"),
        (without(11), TODAY, "LLLLLLLLLLbLLLr"),
        ([], date(2025, 9, 30), "r"),
        ([], date(2025, 10, 1), "-r"),
        ([], date(2025, 8, 31), ""),
    ],
)
def test_months_stand_for_learning_none_break_or_not_over(log: list[Entry], on: date, expected: str) -> None:
    assert states(log, PROGRAMME, on) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [(date(2025, 9, 17), "-r"), (date(2025, 9, 18), "pr")],
    ids=["ten weekdays left", "nine weekdays left"],
)
def test_a_month_with_less_than_ten_weekdays_on_programme_is_not_asked_for_learning(
    start: date, expected: str
) -> None:
    assert states([], replace(PROGRAMME, start_on=start, breaks=()), date(2025, 10, 2)) == expected


@pytest.mark.parametrize(
    ("months", "named"),
    [
        ((3, 4), []),
        ((3, 4, 5), [date(2026, 5, 1)]),
        ((5, 6, 8), [date(2026, 8, 1)]),
        ((3, 4, 6), []),
        ((3, 4, 5, 6, 8, 9), [date(2026, 5, 1), date(2026, 9, 1)]),
    ],
    ids=["two", "three", "three around a break", "two and one", "six"],
)
def test_training_in_blocks_is_asked_for_every_three_months(
    months: tuple[int, ...], named: list[date]
) -> None:
    blocks = replace(PROGRAMME, delivery=Delivery.BLOCKS)
    assert found(without(*months), blocks) == [(Code.EMPTY_MONTH, day) for day in named]


def test_a_month_of_english_only_says_so() -> None:
    log = [*without(5), entry(date(2026, 5, 11), "Functional skills", english_maths=True)]
    findings = {one.code: one for one in audit(log, PROGRAMME, TODAY)}
    assert set(findings) == {Code.EMPTY_MONTH, Code.ENGLISH_MATHS}
    assert "Only English or maths" in findings[Code.EMPTY_MONTH].sentence


def test_an_open_break_pauses_every_month_that_follows() -> None:
    programme = replace(PROGRAMME, breaks=(*PROGRAMME.breaks, BreakInLearning(date(2026, 9, 1))))
    log = [one for one in GOOD if one.day < date(2026, 9, 1)]
    assert found(log, programme) == []
    assert states(log, programme, TODAY).endswith("Lbbb")
