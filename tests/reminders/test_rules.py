"""What a digest says and when it goes, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbs.refresher import DueState
from portfolio.reminders import rules
from portfolio.reminders.rules import Choice, Facts, Limits, Line, Report, Training
from portfolio.reminders.view import PLACES, place_of
from portfolio.training.due import DueLine

TODAY = date(2026, 11, 23)
LIMITS = Limits(quiet_days=42, long_wait_days=14)
PROVIDER = UUID("0190a000-0000-7000-8000-000000000001")
FULL = Facts(
    to_assess=3,
    oldest_to_assess=date(2026, 11, 11),
    new_to_mentor=2,
    returned=1,
    oldest_returned=date(2026, 11, 18),
    quiet=4,
    waits_long=1,
    dbs_due=2,
    nearly_ready={"gateway": 2},
    own_dbs_due=True,
    own_nearly_ready=("gateway",),
    ended=1,
    is_manager=True,
    training=Training(
        own=(
            DueLine("Supervision", "", "", date(2026, 11, 3), DueState.OVERDUE),
            DueLine("Refresher training", "", "", date(2027, 1, 10), DueState.AMBER),
        ),
        refreshers=2,
        entries=3,
        bookings=1,
        reports=(Report(PROVIDER, refresher=4, supervision=1),),
    ),
)


def sentences(facts: Facts, choice: Choice | None = None) -> list[str]:
    return [said.sentence for said in rules.digest(facts, choice or Choice(), LIMITS, TODAY)]


def test_every_line_is_a_sentence_with_its_count_and_day() -> None:
    assert sentences(FULL) == [
        "3 pieces of evidence wait for your decision. The oldest has waited 12 days.",
        "2 new pieces from your apprentices, about which you have said nothing yet. A comment takes a minute.",
        "1 piece of your evidence came back to you. It has been with you since 18 November 2026; the page says what is missing.",
        "Nothing new has come from 4 apprentices for 42 days or more.",
        "Evidence of 1 apprentice has waited for an assessor for more than 14 days.",
        "2 DBS checks fall due within 30 days, or did already, by the employers' policies.",
        "Your next DBS check falls due within 30 days, or did already, by your employer's policy.",
        "You are nearly ready for the gateway: everything is signed off. The page says what is still open.",
        "2 apprentices are nearly ready for the gateway: everything is signed off, and little else is open.",
        "1 assignment of yours to an apprentice ended since the last digest.",
        "Your supervision was due by 3 November 2026.",
        "Your refresher training is due by 10 January 2027, within 90 days.",
        "The refresher training of 2 of your apprentices is overdue.",
        "3 entries wait for your confirmation in the training logs of your apprentices.",
        "1 booking waits for your yes or no, from your apprentices.",
        "The refresher training of 4 apprentices is overdue.",
        "The supervision of 1 apprentice is overdue.",
    ]


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        (Facts(to_assess=3), "3 pieces wait for you"),
        (Facts(to_assess=1), "1 piece waits for you"),
        (Facts(to_assess=1, ended=1), "1 piece waits for you, and 1 other thing"),
        (FULL, "3 pieces wait for you, and 16 other things"),
        (Facts(new_to_mentor=1), "1 new piece from your apprentices"),
        (Facts(returned=2, oldest_returned=TODAY), "2 pieces came back to you"),
        (Facts(nearly_ready={"gateway": 1}), "1 apprentice is nearly ready for the gateway"),
        (Facts(ended=2), "2 assignments of yours ended"),
        (Facts(training=Training(refreshers=1)), "1 refresher overdue"),
        (Facts(training=Training(entries=1)), "1 entry waits for your confirmation"),
        (Facts(training=Training(bookings=2)), "2 bookings wait for your yes or no"),
        (
            Facts(training=Training(reports=(Report(PROVIDER, 3, 1),))),
            "Refresher training of 3 apprentices overdue, and 1 other thing",
        ),
        (
            Facts(training=Training(own=(DueLine("Induction", "", "", TODAY, DueState.RED),))),
            "Your induction falls due",
        ),
    ],
)
def test_the_subject_says_the_count(facts: Facts, subject: str) -> None:
    assert rules.subject(rules.digest(facts, Choice(), LIMITS, TODAY)) == subject


def test_what_came_today_has_not_waited() -> None:
    assert sentences(Facts(to_assess=1, oldest_to_assess=TODAY)) == [
        "1 piece of evidence waits for your decision."
    ]


def test_each_standard_has_its_own_word_for_the_gateway() -> None:
    facts = Facts(nearly_ready={"gateway to completion": 1, "gateway": 2}, own_nearly_ready=("way out",))
    assert [sentence.split(":")[0] for sentence in sentences(facts)] == [
        "You are nearly ready for the way out",
        "2 apprentices are nearly ready for the gateway",
        "1 apprentice is nearly ready for the gateway to completion",
    ]


@pytest.mark.parametrize(
    ("due_on", "state", "sentence"),
    [
        (
            date(2027, 2, 1),
            DueState.AMBER,
            "Your refresher training is due by 1 February 2027, within 90 days.",
        ),
        (TODAY, DueState.RED, "Your refresher training is due by 23 November 2026, within 30 days."),
        (date(2026, 11, 22), DueState.OVERDUE, "Your refresher training was due by 22 November 2026."),
        (date(2028, 1, 1), DueState.NEVER_DONE, "Your refresher training is due by 1 January 2028."),
        (None, DueState.NEVER_DONE, "Your refresher training is due now: nothing is recorded yet."),
        (None, DueState.OVERDUE, "Your refresher training is due now: nothing is recorded yet."),
    ],
)
def test_what_is_due_of_one_s_own_is_said_with_its_day(
    due_on: date | None, state: DueState, sentence: str
) -> None:
    own = (DueLine("Refresher training", "words of the page", "/apprenticeships/1", due_on, state),)
    (said,) = rules.digest(Facts(training=Training(own=own)), Choice(), LIMITS, TODAY)
    assert (said.sentence, said.path) == (sentence, "/")


def test_each_provider_s_report_has_its_own_sentence_and_address() -> None:
    other = UUID("0190a000-0000-7000-8000-000000000002")
    reports = (Report(PROVIDER, refresher=2), Report(other, supervision=1))
    said = rules.digest(Facts(training=Training(reports=reports)), Choice(), LIMITS, TODAY)
    assert [(one.sentence, one.path) for one in said] == [
        ("The refresher training of 2 apprentices is overdue.", f"/providers/{PROVIDER}/training-report"),
        ("The supervision of 1 apprentice is overdue.", f"/providers/{other}/training-report"),
    ]
    assert {place_of(one.path) for one in said} == {"In the training report"}


@pytest.mark.parametrize("line", Line)
def test_a_muted_line_is_not_said_and_the_others_are(line: Line) -> None:
    every = rules.digest(FULL, Choice(), LIMITS, TODAY)
    said = rules.digest(FULL, Choice(muted=frozenset({line.value})), LIMITS, TODAY)
    assert said == [one for one in every if one.line is not line]
    assert len(said) < len(every)


def test_with_nothing_to_say_or_turned_off_nothing_is_said() -> None:
    assert sentences(Facts()) == []
    assert sentences(FULL, Choice(weekly=False)) == []


def test_days_and_weeks_are_london_s() -> None:
    """In July seven o'clock in London is six in UTC; a year can end in week 53."""
    assert rules.plan_period(datetime(2026, 7, 6, 5, 59, tzinfo=UTC)) is None
    assert rules.plan_period(datetime(2026, 7, 6, 6, 0, tzinfo=UTC)) == "2026-07-06"
    assert rules.plan_period(datetime(2026, 11, 23, 6, 59, tzinfo=UTC)) is None
    assert rules.plan_period(datetime(2026, 11, 23, 7, 0, tzinfo=UTC)) == "2026-11-23"
    assert rules.week_of(date(2026, 11, 23)) == "2026-W48"
    assert rules.week_of(date(2027, 1, 1)) == "2026-W53"


def test_missed_days_of_this_week_are_made_up_for_but_not_before_the_first_plan_ever() -> None:
    monday, thursday = date(2026, 11, 23), date(2026, 11, 26)
    assert rules.days_to_plan(thursday, set()) == [thursday]
    assert rules.days_to_plan(thursday, {thursday}) == [thursday]
    last_friday = monday - timedelta(days=3)
    assert rules.days_to_plan(thursday, {last_friday}) == [monday + timedelta(days=n) for n in range(4)]
    assert rules.days_to_plan(thursday, {monday}) == [monday + timedelta(days=n) for n in (1, 2, 3)]
    assert rules.days_to_plan(monday, {last_friday}) == [monday], "last week is over"


@pytest.mark.parametrize(
    ("now", "weekday", "last", "expected"),
    [
        ((2026, 11, 23, 6), 1, "", date(2026, 11, 23)),  # this morning still
        ((2026, 11, 23, 8), 1, "", date(2026, 11, 30)),  # it was planned already
        ((2026, 11, 24, 8), 3, "", date(2026, 11, 25)),
        ((2026, 11, 24, 8), 3, "2026-W48", date(2026, 12, 2)),  # one a week, also after a change of the day
        ((2026, 11, 29, 23), 1, "2026-W48", date(2026, 11, 30)),
    ],
)
def test_the_next_one(now: tuple[int, ...], weekday: int, last: str, expected: date) -> None:
    at = datetime(*now, tzinfo=UTC)  # type: ignore[arg-type, misc]
    assert rules.next_on(Choice(weekday=weekday), at, last) == expected


@given(
    facts=st.builds(
        Facts,
        to_assess=st.integers(0, 3),
        new_to_mentor=st.integers(0, 3),
        returned=st.integers(0, 3),
        oldest_returned=st.just(TODAY),
        quiet=st.integers(0, 3),
        waits_long=st.integers(0, 3),
        dbs_due=st.integers(0, 3),
        nearly_ready=st.dictionaries(st.just("gateway"), st.integers(1, 3)),
        own_dbs_due=st.booleans(),
        ended=st.integers(0, 3),
        is_manager=st.booleans(),
        training=st.builds(
            Training,
            own=st.lists(
                st.builds(
                    DueLine,
                    what=st.sampled_from(("Refresher training", "Supervision", "Induction")),
                    sentence=st.just(""),
                    address=st.just(""),
                    due_on=st.none() | st.just(TODAY),
                    state=st.sampled_from(DueState),
                ),
                max_size=3,
            ).map(tuple),
            refreshers=st.integers(0, 3),
            entries=st.integers(0, 3),
            bookings=st.integers(0, 3),
        ),
    )
)
def test_it_says_something_exactly_if_something_counts(facts: Facts) -> None:
    said = rules.digest(facts, Choice(), LIMITS, TODAY)
    nothing = Facts(oldest_returned=facts.oldest_returned, is_manager=facts.is_manager)
    assert bool(said) == (facts != nothing)
    assert all(one.path in PLACES and one.sentence.endswith(".") for one in said)
