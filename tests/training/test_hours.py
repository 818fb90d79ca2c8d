"""One entry as it is typed, the minimum of a start date, and the hours added up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.training.rules.hours import Code, problems
from portfolio.training.rules.hours_facts import BreakInLearning, Programme
from portfolio.training.rules.hours_minimum import active_days, minimum_of
from portfolio.training.rules.hours_picture import picture
from portfolio.training.rules.hours_year import FILE, HoursRulesError, nearest_year, years, years_from_text
from portfolio.training.rules.words import length, several
from tests.training.hours_log import HOUR, PROGRAMME, TODAY, entry, good_log

DAY = date(2026, 3, 10)
FINISHED = replace(PROGRAMME, last_day=date(2026, 10, 30))


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"what": "  "}, [Code.NOTHING_SAID]),
        ({"minutes": 0}, [Code.NO_LENGTH]),
        ({"minutes": -5}, [Code.NO_LENGTH]),
        ({"minutes": 24 * HOUR}, [Code.LONG_DAY]),
        ({"minutes": 24 * HOUR + 1}, [Code.NO_LENGTH, Code.LONG_DAY]),
        ({"day": TODAY, "entered_on": TODAY}, [Code.AFTER_END]),
        ({"day": date(2026, 10, 30), "entered_on": date(2026, 10, 30)}, []),
        ({"day": date(2026, 10, 31), "entered_on": date(2026, 10, 31)}, [Code.AFTER_END]),
        ({"day": date(2025, 9, 1), "entered_on": date(2025, 9, 1)}, []),
        ({"day": date(2025, 8, 31), "entered_on": date(2025, 9, 1)}, [Code.BEFORE_START]),
        ({"day": date(2026, 6, 28), "entered_on": date(2026, 6, 28)}, []),
        ({"day": date(2026, 6, 29), "entered_on": date(2026, 6, 29)}, [Code.IN_BREAK]),
        ({"day": date(2026, 8, 2), "entered_on": date(2026, 8, 2)}, [Code.IN_BREAK]),
        ({"day": date(2026, 8, 3), "entered_on": date(2026, 8, 3)}, []),
        ({"in_paid_hours": None}, [Code.PAID_UNKNOWN]),
        ({"in_paid_hours": False}, [Code.NOT_PAID]),
        ({"new_learning": None}, [Code.NEW_UNKNOWN]),
        ({"new_learning": False}, [Code.NOT_NEW]),
        ({"english_maths": True}, [Code.ENGLISH_MATHS]),
        ({"assessment_or_review": True}, [Code.ASSESSMENT]),
        ({"statements": frozenset()}, [Code.NO_STATEMENT]),
        ({"entered_on": DAY + timedelta(days=28)}, []),
        ({"entered_on": DAY + timedelta(days=29)}, [Code.LATE]),
        ({"confirmed_by": "apprentice"}, [Code.OWN_CONFIRMATION]),
        (
            {"in_paid_hours": False, "new_learning": False, "statements": frozenset()},
            [Code.NOT_PAID, Code.NOT_NEW, Code.NO_STATEMENT],
        ),
    ],
)
def test_an_entry_is_checked_as_it_is_typed(changes: dict[str, object], codes: list[Code]) -> None:
    found = problems(replace(entry(DAY), **changes), FINISHED, TODAY)  # type: ignore[arg-type]
    assert [one.code for one in found] == codes
    assert all(one.sentence.endswith(".") for one in found)


def test_only_what_makes_no_sense_cannot_be_kept() -> None:
    odd = entry(TODAY + timedelta(days=1), " ", minutes=0, in_paid_hours=False, statements=frozenset())
    found = problems(odd, PROGRAMME, TODAY)
    assert {one.code for one in found if one.cannot_keep} == {Code.NOTHING_SAID, Code.NO_LENGTH, Code.FUTURE}


def test_an_entry_is_held_against_those_already_there_and_never_against_itself() -> None:
    mine = entry(DAY, "Thresholds, taught session")
    assert problems(mine, PROGRAMME, TODAY, others=[mine]) == []
    again = replace(mine, id="other", what="thresholds,  taught SESSION.")
    assert [one.code for one in problems(again, PROGRAMME, TODAY, others=[mine])] == [Code.DUPLICATE]
    other_day = replace(again, day=DAY + timedelta(days=1))
    assert problems(other_day, PROGRAMME, TODAY, others=[mine]) == []


def test_day_and_week_are_added_up_as_it_is_typed() -> None:
    long = [entry(DAY, "One", minutes=10 * HOUR)]
    assert [one.code for one in problems(entry(DAY, "Two"), PROGRAMME, TODAY, long)] == [Code.LONG_DAY]
    days = [entry(date(2026, 3, 9) + timedelta(days=one), "Course", minutes=9 * HOUR) for one in (0, 2, 3, 4)]
    assert [one.code for one in problems(entry(DAY, "Two"), PROGRAMME, TODAY, days)] == [Code.OVER_WEEK]
    unpaid = [replace(one, in_paid_hours=False) for one in days]
    assert problems(entry(DAY, "Two"), PROGRAMME, TODAY, unpaid) == []


def test_twelve_hours_on_a_day_may_be_typed_and_a_minute_more_is_asked_about() -> None:
    there = [entry(DAY, "One", minutes=10 * HOUR)]
    assert problems(entry(DAY, "Two", minutes=2 * HOUR), PROGRAMME, TODAY, there) == []
    found = problems(entry(DAY, "Two", minutes=2 * HOUR + 1), PROGRAMME, TODAY, there)
    assert [one.code for one in found] == [Code.LONG_DAY]


def test_the_first_and_the_last_day_are_days_of_the_programme() -> None:
    around = [
        FINISHED.start_on - timedelta(days=1),
        FINISHED.start_on,
        date(2026, 10, 30),
        date(2026, 10, 31),
    ]
    assert [FINISHED.active(day) for day in around] == [False, True, True, False]


def started(day: date, **changes: object) -> Programme:
    base = Programme("apprentice", day, day + timedelta(days=7 * 52 - 1), 37 * HOUR + 30, 400 * HOUR)
    return replace(base, **changes)  # type: ignore[arg-type]


Y24, Y25, Y26 = date(2024, 8, 1), date(2025, 8, 1), date(2026, 8, 1)


@pytest.mark.parametrize(
    ("programme", "minutes"),
    [
        (started(Y24), 52 * 6 * HOUR),
        (started(Y24, weekly_paid=30 * HOUR), 52 * 6 * HOUR),
        (started(Y24, weekly_paid=20 * HOUR), 52 * 4 * HOUR),
        (started(Y24, weekly_paid=20 * HOUR, published_minimum=10), 52 * 4 * HOUR),
        (started(Y24, weekly_paid=0), None),
        (started(Y24, leave_weeks=6), 46 * 6 * HOUR),
        (started(date(2025, 7, 31)), 52 * 6 * HOUR),
        (started(Y24, breaks=(BreakInLearning(date(2024, 9, 2), date(2024, 9, 15)),)), 50 * 6 * HOUR),
        (started(date(2024, 7, 31)), None),
        (started(date(2027, 8, 1), published_minimum=300 * HOUR), None),
        (started(Y25), None),
        (started(Y25, published_minimum=300 * HOUR), 300 * HOUR),
        (started(Y25, published_minimum=300 * HOUR, prior_learning=100 * HOUR), 200 * HOUR),
        (started(Y25, published_minimum=300 * HOUR, prior_learning=113 * HOUR), 187 * HOUR),
        (started(Y25, published_minimum=300 * HOUR, prior_learning=200 * HOUR), 187 * HOUR),
        (started(Y25, published_minimum=150 * HOUR, prior_learning=20 * HOUR), 150 * HOUR),
        (started(Y26, prior_learning=20 * HOUR), None),
        (started(Y26, published_minimum=421 * HOUR), 421 * HOUR),
    ],
)
def test_the_start_date_says_what_the_minimum_is_and_unknown_stays_unknown(
    programme: Programme, minutes: int | None
) -> None:
    found = minimum_of(programme)
    assert found.minutes == minutes
    assert found.known is (minutes is not None)
    assert found.how.endswith(".")


@pytest.mark.parametrize(
    ("day", "source"),
    [
        (Y24, "2024 to 2025"),
        (Y25, "2025 to 2026"),
        (date(2026, 7, 31), "2025 to 2026"),
        (Y26, "2026 to 2027"),
    ],
)
def test_the_minimum_names_the_rules_of_its_year(day: date, source: str) -> None:
    assert source in minimum_of(started(day)).source


@given(
    st.lists(
        st.tuples(st.integers(-30, 400), st.none() | st.integers(0, 90)).map(
            lambda one: BreakInLearning(
                Y24 + timedelta(days=one[0]),
                None if one[1] is None else Y24 + timedelta(days=one[0] + one[1]),
            )
        ),
        max_size=4,
    )
)
def test_days_on_programme_count_each_day_once_however_breaks_overlap(breaks: list[BreakInLearning]) -> None:
    programme = started(Y24, breaks=tuple(breaks))
    days = [Y24 + timedelta(days=one) for one in range(7 * 52)]
    assert active_days(programme) == sum(1 for day in days if not programme.on_break(day))


def test_totals_say_what_is_confirmed_and_how_they_stand_to_plan_and_minimum() -> None:
    log = [entry(DAY, minutes=90), entry(DAY, "Two", minutes=30, confirmed_on=None, confirmed_by=None)]
    seen = picture(log, replace(PROGRAMME, planned=400), TODAY)
    assert (seen.confirmed, seen.unconfirmed, seen.total, seen.per_cent_of_plan) == (90, 30, 120, 30)
    assert (seen.short_of_plan, seen.short_of_minimum) == (280, 350 * HOUR - 120)
    unknown = picture(log, replace(PROGRAMME, planned=0, published_minimum=None), TODAY)
    assert (unknown.per_cent_of_plan, unknown.short_of_minimum, unknown.minimum.known) == (None, None, False)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 8, 31), 0),
        (date(2025, 9, 1), 1),
        (date(2026, 6, 28), 301),
        (date(2026, 7, 20), 301),
        (date(2026, 8, 3), 302),
        (date(2027, 2, 28), 511),
        (date(2028, 1, 1), 511),
    ],
)
def test_an_even_pace_stands_still_in_a_break(on: date, expected: int) -> None:
    assert active_days(PROGRAMME) == 511
    assert picture([], replace(PROGRAMME, planned=511), on).expected_by_now == expected


def test_behind_is_less_than_an_even_pace() -> None:
    log = good_log()
    done = sum(one.minutes for one in log)
    pace = picture(log, PROGRAMME, TODAY).expected_by_now
    assert picture(log, PROGRAMME, TODAY).behind is (done < pace)
    assert picture([], PROGRAMME, TODAY).behind
    assert not picture([], PROGRAMME, date(2025, 8, 1)).behind


def test_lengths_and_lists_are_written_in_words() -> None:
    assert [length(one) for one in (0, 1, 45, 60, 61, 150)] == [
        "0 hours",
        "1 minute",
        "45 minutes",
        "1 hour",
        "1 hour 1 minute",
        "2 hours 30 minutes",
    ]
    assert [several(one) for one in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_the_years_held_are_whole_and_the_nearest_serves_outside_them() -> None:
    assert [one.id for one in years()] == ["2024-25", "2025-26", "2026-27"]
    assert nearest_year(date(2020, 1, 1)).id == "2024-25"
    assert nearest_year(date(2025, 7, 31)).id == "2024-25"
    assert nearest_year(date(2030, 1, 1)).id == "2026-27"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("schema_version: 1", "schema_version: 2", "schema_version"),
        ("by: weeks", "by: months", "years[1].minimum.by"),
        ("per_cent: 20, ", "", "years[1].minimum.per_cent"),
        ("floor_hours: 187", "floor_hours: many", "years[2].minimum.floor_hours"),
        (
            "starts_until: 2025-07-31",
            "starts_until: 2025-07-30",
            "2025-26 has to begin the day after 2024-25 ends",
        ),
        ("starts_from: 2024-08-01", "starts_from: soon", "years[1].starts_from"),
        ("spread_months: 1", "spread_months: 0", "years[1].active_learning.spread_months"),
        ("    confidence:", "    sureness:", "years[1].sureness"),
        ("years:", "year:", "years: at least one year"),
    ],
)
def test_a_file_of_rules_that_cannot_be_used_says_where_it_is_wrong(old: str, new: str, where: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    with pytest.raises(HoursRulesError) as caught:
        years_from_text(text.replace(old, new), "hours.yaml")
    assert any(where in one for one in caught.value.faults), caught.value.faults
