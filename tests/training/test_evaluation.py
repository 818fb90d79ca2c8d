"""The form on the day and the one ten weeks later: when each is open, who is asked when, and what results show."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbs.training_file import load_catalogues
from portfolio.training.rules.booking import State
from portfolio.training.rules.evaluation import (
    Answer,
    Changed,
    Form,
    Standing,
    ask_due,
    missing,
    one_decimal,
    refusal_to_answer,
    results,
    standing,
    window,
)

AFTER = next(one for one in load_catalogues() if one.id == "rotherham-2018-19").after
LONDON = ZoneInfo("Europe/London")
ENDS = datetime(2026, 9, 22, 16, 30, tzinfo=LONDON)
DAY0, DAY70 = window(Form.ON_THE_DAY, ENDS, AFTER), window(Form.FOLLOW_UP, ENDS, AFTER)
ON, UP = Form.ON_THE_DAY, Form.FOLLOW_UP


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def test_the_follow_up_is_ten_weeks_after_the_session_though_the_clocks_change_between() -> None:
    assert (DAY70.opens_at.date() - ENDS.date()).days == 70
    assert DAY70.opens_at == moment("2026-12-01 00:00")
    assert DAY70.asks_on == (date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 22))
    assert DAY0.asks_on == (date(2026, 9, 22), date(2026, 9, 25), date(2026, 9, 29))
    assert (DAY0.closes_on, DAY70.closes_on) == (date(2026, 10, 6), date(2026, 12, 29))


@pytest.mark.parametrize(
    ("form", "now", "expected"),
    [
        (ON, "2026-09-22 16:29", Standing.NOT_OPEN),
        (ON, "2026-09-22 16:30", Standing.OPEN),
        (ON, "2026-10-06 23:59", Standing.OPEN),
        (ON, "2026-10-07 00:00", Standing.CLOSED),
        (UP, "2026-11-30 23:59", Standing.NOT_OPEN),
        (UP, "2026-12-01 00:00", Standing.OPEN),
        (UP, "2026-12-29 23:59", Standing.OPEN),
        (UP, "2026-12-30 00:00", Standing.CLOSED),
    ],
)
def test_a_form_opens_and_closes(form: Form, now: str, expected: Standing) -> None:
    frame = window(form, ENDS, AFTER)
    assert standing(State.FULL, answered=False, frame=frame, now=moment(now)) is expected
    assert standing(State.FULL, answered=True, frame=frame, now=moment(now)) is Standing.ANSWERED
    sentence = refusal_to_answer(expected, frame)
    assert (sentence is None) is (expected is Standing.OPEN)


@pytest.mark.parametrize("state", list(State))
def test_only_those_who_attended_are_asked(state: State) -> None:
    found = standing(state, answered=False, frame=DAY0, now=moment("2026-09-23 09:00"))
    assert found is (Standing.OPEN if state in (State.FULL, State.PART) else Standing.NOT_ASKED)
    assert (refusal_to_answer(found, DAY0) is None) is (found is Standing.OPEN)


@pytest.mark.parametrize(
    ("now", "asked_on", "due"),
    [
        ("2026-12-01 07:00", [], True),
        ("2026-12-01 09:00", [date(2026, 12, 1)], False),
        ("2026-12-07 09:00", [date(2026, 12, 1)], False),
        ("2026-12-08 09:00", [date(2026, 12, 1)], True),
        ("2026-12-10 09:00", [date(2026, 12, 1)], True),
        ("2026-12-11 09:00", [date(2026, 12, 1), date(2026, 12, 10)], False),
        ("2026-12-23 09:00", [], True),
        ("2026-12-24 09:00", [date(2026, 12, 23)], False),
        ("2026-12-30 09:00", [], False),
        ("2026-11-30 09:00", [], False),
    ],
)
def test_reminders_go_by_their_days_and_one_makes_up_for_those_missed(
    now: str, asked_on: list[date], due: bool
) -> None:
    found = standing(State.FULL, answered=False, frame=DAY70, now=moment(now))
    assert ask_due(found, DAY70, moment(now), asked_on) is due
    assert not ask_due(Standing.ANSWERED, DAY70, moment(now), asked_on)


@given(st.lists(st.integers(0, 40), unique=True).map(sorted))
def test_nobody_is_written_to_more_often_than_there_are_days_for_it(runs: list[int]) -> None:
    asked: list[date] = []
    for days in runs:
        now = DAY70.opens_at + timedelta(days=days, hours=9)
        if ask_due(standing(State.PART, answered=False, frame=DAY70, now=now), DAY70, now, asked):
            asked.append(now.date())
    assert len(asked) <= len(DAY70.asks_on)
    assert all(day <= DAY70.closes_on for day in asked)


DONE_ON = Answer(ON, useful=4, confidence_before=2, confidence_now=4)
DONE_UP = Answer(UP, confidence_now=4, changed=Changed.YES, words="I now ask who else lives there.")


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        (DONE_ON, set()),
        (DONE_UP, set()),
        (Answer(ON), {"useful", "confidence_before", "confidence_now"}),
        (Answer(UP), {"confidence_now", "changed", "words"}),
        (replace(DONE_ON, useful=0), {"useful"}),
        (replace(DONE_ON, useful=6), {"useful"}),
        (replace(DONE_ON, words="x" * 4001), {"words"}),
        (replace(DONE_UP, words="  "), {"words"}),
        (replace(DONE_UP, changed=Changed.NO), set()),
        (replace(DONE_UP, changed=Changed.NO, words=""), {"words"}),
    ],
)
def test_a_form_counts_as_answered_when_what_it_asks_for_is_there(answer: Answer, fields: set[str]) -> None:
    found = missing(answer)
    assert set(found) == fields
    assert all(one.endswith(".") for one in found.values())


@pytest.mark.parametrize(("given_", "shown"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10), (23, 20)])
def test_results_are_shown_in_whole_groups_of_five(given_: int, shown: int) -> None:
    found = results([DONE_ON] * given_, asked=25)
    assert (found.answered, found.shown) == (given_, shown)
    assert (found.useful is None) is (shown == 0)
    assert found.note.endswith(".")


def test_results_add_up_what_was_answered_and_quote_only_with_leave() -> None:
    said = [
        replace(DONE_UP, confidence_now=n, changed=changed, words=f"Words {n}", may_be_quoted=n > 3)
        for n, changed in zip(
            (1, 2, 3, 4, 5), (Changed.NO, Changed.YES, Changed.YES, Changed.YES, Changed.NO), strict=True
        )
    ]
    found = results(said, asked=8)
    assert found.confidence_now == 3
    assert found.useful is None
    assert found.changed == {Changed.YES: 3, Changed.PARTLY: 0, Changed.NO: 2}
    assert found.quotes == ("Words 4", "Words 5")
    assert "5 answers of 8 asked" in found.note


def test_a_figure_that_fewer_than_five_gave_is_not_shown() -> None:
    found = results([*[DONE_ON] * 4, DONE_UP], asked=8)
    assert (found.shown, found.useful, found.confidence_now) == (5, None, 4)


@given(st.lists(st.integers(1, 5), max_size=30))
def test_one_more_answer_changes_nothing_or_comes_with_four_others(figures: list[int]) -> None:
    answers = [replace(DONE_ON, useful=one) for one in figures]
    before, now = results(answers[:-1], asked=40), results(answers, asked=40)
    assert now.shown - before.shown in (0, 5)
    if now.shown == before.shown:
        assert now.useful == before.useful


@pytest.mark.parametrize(
    ("value", "words"),
    [(Fraction(13, 3), "4.3"), (Fraction(17, 4), "4.3"), (Fraction(5), "5.0"), (Fraction(499, 100), "5.0")],
)
def test_means_are_written_with_one_decimal(value: Fraction, words: str) -> None:
    assert one_decimal(value) == words
