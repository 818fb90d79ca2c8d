"""Booking a place: every step from every state by every side, the clock, the waiting list, and the certificate."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbs.training_catalogue import Session
from kbs.training_file import load_catalogues
from portfolio.training.rules.booking import Facts, State, Step, Who, after, refusal, steps_for
from portfolio.training.rules.certificate import Certificate, TrainersWord, certificate, refusal_of_word
from portfolio.training.rules.places import (
    Place,
    clash_sentence,
    clashes_with,
    free,
    lapsed,
    number_in_line,
    offer_until,
    place_for_new,
    to_offer,
    waiting,
)

CATALOGUE = next(one for one in load_catalogues() if one.id == "rotherham-2018-19")
LONDON = ZoneInfo("Europe/London")
STARTS = datetime(2026, 12, 8, 9, 30, tzinfo=LONDON)
WEEK_BEFORE, DURING = STARTS - timedelta(days=7), STARTS + timedelta(hours=1)
FACTS = Facts(
    State.REQUESTED, WEEK_BEFORE, STARTS, CATALOGUE.booking, reason="Because", substitute="A colleague"
)

R, A, W, OFF, C = State.REQUESTED, State.APPROVED, State.WAITING, State.OFFERED, State.CONFIRMED
PERSON, MANAGER, DESK, TRAINER, ITSELF = Who.PERSON, Who.MANAGER, Who.ORGANISER, Who.TRAINER, Who.SYSTEM
SIDES = {PERSON, MANAGER, DESK}
F, P, N = State.FULL, State.PART, State.NONE

BEFORE_THE_SESSION = {
    (R, Step.APPROVE): {MANAGER},
    (R, Step.REFUSE): {MANAGER},
    (A, Step.CONFIRM): {DESK, ITSELF},
    (W, Step.OFFER): {DESK, ITSELF},
    (OFF, Step.ACCEPT): {PERSON},
    (C, Step.SUBSTITUTE): SIDES,
    **{(state, Step.CANCEL): SIDES for state in (R, A, W, OFF, C)},
    **{(state, Step.CALL_OFF): {DESK} for state in (R, A, W, OFF, C)},
}
ONCE_IT_HAS_BEGUN = {
    (R, Step.REFUSE): {MANAGER},
    **{(state, Step.LAPSE): {ITSELF} for state in (R, A, W, OFF)},
    **{(state, Step.MARK_FULL): {DESK, TRAINER} for state in (C, P, N)},
    **{(state, Step.MARK_PART): {DESK, TRAINER} for state in (C, F, N)},
    **{(state, Step.MARK_NONE): {DESK, TRAINER} for state in (C, F, P)},
}


@pytest.mark.parametrize(
    ("now", "allowed"),
    [(WEEK_BEFORE, BEFORE_THE_SESSION), (DURING, ONCE_IT_HAS_BEGUN)],
    ids=["before", "begun"],
)
@pytest.mark.parametrize("step", list(Step))
def test_each_step_is_open_to_those_named_from_the_states_named_and_to_nobody_else(
    step: Step, now: datetime, allowed: dict[tuple[State, Step], set[Who]]
) -> None:
    for state, who in product(State, Who):
        sentence = refusal(step, who, replace(FACTS, state=state, now=now))
        expected = who in allowed.get((state, step), set())
        assert (sentence is None) is expected, (state, who, sentence)
        assert expected or (sentence and sentence.endswith(".")), (state, who)


@pytest.mark.parametrize(
    ("state", "step", "who", "changes", "words"),
    [
        (R, Step.REFUSE, MANAGER, {"reason": " "}, "Say why"),
        (R, Step.APPROVE, PERSON, {}, "Only the line manager can approve"),
        (R, Step.APPROVE, MANAGER, {"own": True}, "their own place"),
        (A, Step.CONFIRM, DESK, {"place_free": False}, "waiting list"),
        (A, Step.WAIT, DESK, {}, "Confirm it instead"),
        (
            A,
            Step.WAIT,
            DESK,
            {"place_free": False, "rules": replace(CATALOGUE.booking, waiting_list=False)},
            "no waiting",
        ),
        (W, Step.OFFER, DESK, {"place_free": False}, "Every place is taken"),
        (W, Step.OFFER, DESK, {"first_in_line": False}, "waited longer"),
        (OFF, Step.ACCEPT, PERSON, {"offer_until": WEEK_BEFORE - timedelta(seconds=1)}, "run out"),
        (OFF, Step.LAPSE, ITSELF, {"offer_until": WEEK_BEFORE}, "Wait"),
        (W, Step.LAPSE, ITSELF, {"offer_until": WEEK_BEFORE - timedelta(days=1)}, "Wait"),
        (OFF, Step.ACCEPT, PERSON, {"now": STARTS}, "has begun"),
        (C, Step.CANCEL, PERSON, {"now": STARTS}, "has begun"),
        (C, Step.CANCEL, TRAINER, {}, "the line manager, the person booked or the training organiser"),
        (C, Step.SUBSTITUTE, PERSON, {"substitute": ""}, "Name the colleague"),
        (C, Step.SUBSTITUTE, PERSON, {"substitute_booked": True}, "already"),
        (
            C,
            Step.SUBSTITUTE,
            PERSON,
            {"rules": replace(CATALOGUE.booking, substitute=False)},
            "no substitutes",
        ),
        (C, Step.CALL_OFF, DESK, {"reason": ""}, "Say why"),
        (C, Step.MARK_FULL, TRAINER, {}, "not begun"),
        (C, Step.MARK_FULL, TRAINER, {"now": DURING, "own": True}, "their own place"),
        (F, Step.MARK_PART, TRAINER, {"now": DURING, "reason": ""}, "Say why it changes"),
        (F, Step.MARK_PART, TRAINER, {"now": DURING, "certified": True}, "Withdraw the certificate"),
        (State.CANCELLED, Step.CONFIRM, DESK, {}, "This booking is cancelled"),
    ],
)
def test_each_refusal_says_what_to_do(
    state: State, step: Step, who: Who, changes: dict[str, object], words: str
) -> None:
    sentence = refusal(step, who, replace(FACTS, **{"state": state, **changes}))  # type: ignore[arg-type]
    assert sentence is not None
    assert words in sentence


@pytest.mark.parametrize(
    ("state", "step", "changes"),
    [
        (A, Step.WAIT, {"place_free": False}),
        (OFF, Step.ACCEPT, {"offer_until": WEEK_BEFORE}),
        (OFF, Step.LAPSE, {"offer_until": WEEK_BEFORE - timedelta(seconds=1)}),
        (C, Step.MARK_FULL, {"now": STARTS, "reason": ""}),
        (C, Step.CANCEL, {"now": STARTS - timedelta(seconds=1), "reason": ""}),
    ],
)
def test_the_edges_that_are_still_in_time(state: State, step: Step, changes: dict[str, object]) -> None:
    facts = replace(FACTS, **{"state": state, **changes})  # type: ignore[arg-type]
    assert any(refusal(step, who, facts) is None for who in Who)


SPRING = datetime(2026, 3, 30, 9, 30, tzinfo=LONDON)
"""Two days after the clocks went forward in the night of 29 March."""


@pytest.mark.parametrize(
    ("state", "starts", "now", "expected"),
    [
        (C, STARTS, STARTS - timedelta(hours=48), State.CANCELLED),
        (C, STARTS, STARTS - timedelta(hours=48) + timedelta(seconds=1), State.CANCELLED_LATE),
        (C, SPRING, datetime(2026, 3, 28, 9, 30, tzinfo=LONDON), State.CANCELLED_LATE),
        (C, SPRING, datetime(2026, 3, 28, 8, 30, tzinfo=LONDON), State.CANCELLED),
        (W, STARTS, STARTS - timedelta(hours=1), State.CANCELLED),
        (OFF, STARTS, STARTS - timedelta(hours=1), State.CANCELLED),
        (R, STARTS, STARTS - timedelta(hours=1), State.CANCELLED),
    ],
)
def test_only_a_confirmed_place_given_back_inside_48_hours_is_cancelled_late(
    state: State, starts: datetime, now: datetime, expected: State
) -> None:
    assert after(Step.CANCEL, replace(FACTS, state=state, starts_at=starts, now=now)) is expected


def test_buttons_are_what_the_rule_allows_before_anything_is_typed() -> None:
    bare = replace(FACTS, reason="", substitute="")
    assert steps_for(MANAGER, bare) == [Step.APPROVE, Step.REFUSE, Step.CANCEL]
    assert steps_for(PERSON, replace(bare, state=C)) == [Step.CANCEL, Step.SUBSTITUTE]
    assert steps_for(TRAINER, replace(bare, state=C)) == []
    assert steps_for(TRAINER, replace(bare, state=C, now=DURING)) == [
        Step.MARK_FULL,
        Step.MARK_PART,
        Step.MARK_NONE,
    ]


@given(st.lists(st.tuples(st.sampled_from(Step), st.sampled_from(Who), st.booleans()), max_size=12))
def test_no_order_of_steps_leaves_an_end_except_to_correct_attendance(
    steps: list[tuple[Step, Who, bool]],
) -> None:
    facts = FACTS
    for step, who, begun in steps:
        facts = replace(facts, now=DURING if begun or facts.now == DURING else WEEK_BEFORE)
        if refusal(step, who, facts) is not None:
            continue
        was = facts.state
        facts = replace(facts, state=after(step, facts))
        assert was.open or (was in (F, P, N) and facts.state in (F, P, N))
        assert facts.state is not was


def at(hours: int) -> datetime:
    return WEEK_BEFORE + timedelta(hours=hours)


def waits(name: str, hours: int) -> Place:
    return Place(name, W, waiting_since=at(hours))


FULL_HOUSE = [Place("a", C), Place("b", C), waits("late", -1), waits("early", -9), waits("middle", -5)]


@pytest.mark.parametrize(
    ("places", "capacity", "left", "new", "offers"),
    [
        ([], 2, 2, True, []),
        ([], None, None, True, []),
        ([], 0, 0, False, []),
        (FULL_HOUSE, 2, 0, False, []),
        (FULL_HOUSE, 1, 0, False, []),
        (FULL_HOUSE, 3, 1, False, ["early"]),
        (FULL_HOUSE, 4, 2, False, ["early", "middle"]),
        (FULL_HOUSE, 5, 3, False, ["early", "middle", "late"]),
        (FULL_HOUSE, 6, 4, True, ["early", "middle", "late"]),
        (FULL_HOUSE, None, None, True, ["early", "middle", "late"]),
        ([Place("o", OFF, offer_until=at(1)), waits("w", -1)], 1, 0, False, []),
        ([Place("o", OFF, offer_until=at(0)), waits("w", -1)], 1, 0, False, []),
        ([Place("o", OFF, offer_until=at(-1)), waits("w", -1)], 1, 1, False, ["w"]),
        ([Place("c", State.CANCELLED), Place("r", R), Place("p", A)], 1, 1, True, []),
    ],
)
def test_free_places_go_to_the_waiting_list_in_its_order_before_anybody_new(
    places: list[Place], capacity: int | None, left: int | None, new: bool, offers: list[str]
) -> None:
    assert free(places, capacity, WEEK_BEFORE) == left
    assert place_for_new(places, capacity, WEEK_BEFORE) is new
    assert [one.id for one in to_offer(places, capacity, WEEK_BEFORE, STARTS)] == offers


def test_nothing_is_offered_once_the_session_has_begun() -> None:
    assert to_offer(FULL_HOUSE, 9, STARTS, STARTS) == []
    assert {one.id for one in lapsed(FULL_HOUSE, STARTS, STARTS)} == {"late", "early", "middle"}
    assert lapsed(FULL_HOUSE, WEEK_BEFORE, STARTS) == []


def test_everybody_who_waits_sees_a_number() -> None:
    assert [number_in_line(FULL_HOUSE, one) for one in ("early", "middle", "late", "a")] == [1, 2, 3, None]
    same = [waits("2", 0), waits("1", 0)]
    assert [one.id for one in waiting(same)] == ["1", "2"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (WEEK_BEFORE, WEEK_BEFORE + timedelta(hours=72)),
        (STARTS - timedelta(hours=72), STARTS),
        (STARTS - timedelta(hours=2), STARTS),
        (datetime(2026, 10, 24, 12, 0, tzinfo=LONDON), datetime(2026, 10, 27, 11, 0, tzinfo=LONDON)),
    ],
    ids=["three days", "just three days", "two hours", "when the clocks go back"],
)
def test_an_offer_stands_72_hours_and_not_beyond_the_start(now: datetime, expected: datetime) -> None:
    assert offer_until(now, STARTS) == expected
    assert offer_until(now, STARTS).tzinfo is UTC


@given(
    st.lists(st.tuples(st.sampled_from(State), st.integers(-99, 0), st.integers(-5, 5)), max_size=12),
    st.integers(0, 12),
)
def test_offers_never_fill_more_places_than_there_are(
    rows: list[tuple[State, int, int]], capacity: int
) -> None:
    places = [Place(str(n), state, at(since), at(until)) for n, (state, since, until) in enumerate(rows)]
    held = capacity - (free(places, capacity, WEEK_BEFORE) or 0)
    offers = to_offer(places, capacity, WEEK_BEFORE, STARTS)
    assert held + len(offers) <= capacity
    assert all(one.state is W for one in offers)
    skipped = [one for one in waiting(places) if one not in offers]
    assert all((a.waiting_since or at(0)) <= (b.waiting_since or at(0)) for a in offers for b in skipped)


def session(course: str, start: str, end: str) -> Session:
    return Session(course, date(2026, 12, 8), time.fromisoformat(start), time.fromisoformat(end), "centre")


def test_a_clash_is_said_for_what_is_still_booked_and_not_for_what_was_given_back() -> None:
    mine = session("neglect", "09:30", "16:30")
    half = session("prevent", "09:30", "12:00")
    evening = session("digital", "16:30", "18:00")
    unknown = replace(half, course_id="briefing", starts=None, ends=None)
    found = clashes_with(mine, [(half, C), (evening, C), (unknown, W), (half, State.CANCELLED), (mine, C)])
    assert [(one.second.course_id, one.certain) for one in found] == [("prevent", True), ("briefing", False)]
    assert "same time on 8 December 2026" in clash_sentence(found[0], "Prevent")
    assert "times of one are not given" in clash_sentence(found[1], "Briefing")


@pytest.mark.parametrize(
    ("state", "word", "kind", "by_trainer"),
    [
        (C, None, Certificate.NOT_YET, False),
        (F, None, Certificate.ISSUED, False),
        (P, None, Certificate.WITHHELD, False),
        (N, None, Certificate.WITHHELD, False),
        (F, TrainersWord(issue=False, reason="On the phone throughout"), Certificate.WITHHELD, True),
        (F, TrainersWord(issue=True, reason="As usual"), Certificate.ISSUED, False),
        (P, TrainersWord(issue=True, reason="Missed the last ten minutes"), Certificate.ISSUED, True),
        (P, TrainersWord(issue=False, reason="Left at noon"), Certificate.WITHHELD, False),
        (N, TrainersWord(issue=True, reason="Knows it anyway"), Certificate.WITHHELD, False),
    ],
)
def test_a_certificate_follows_attendance_unless_the_trainer_decides_otherwise(
    state: State, word: TrainersWord | None, kind: Certificate, by_trainer: bool
) -> None:
    found = certificate(state, word)
    assert (found.certificate, found.by_trainer) == (kind, by_trainer)
    assert found.reason


@pytest.mark.parametrize(
    ("state", "word", "words"),
    [
        (C, TrainersWord(issue=True, reason="Good"), "attendance first"),
        (N, TrainersWord(issue=True, reason="Good"), "did not attend"),
        (P, TrainersWord(issue=True, reason=" "), "Say why"),
        (F, TrainersWord(issue=False, reason=""), "Say why"),
        (P, TrainersWord(issue=True, reason="Ten minutes missed"), None),
        (F, TrainersWord(issue=False, reason="Took no part"), None),
    ],
)
def test_the_trainers_decision_needs_a_reason_and_a_person_who_was_there(
    state: State, word: TrainersWord, words: str | None
) -> None:
    sentence = refusal_of_word(state, word)
    assert (sentence is None) if words is None else (sentence is not None and words in sentence)
