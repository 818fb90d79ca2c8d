"""How an entry of the training log stands, and what people may do with it: as tables."""

from __future__ import annotations

import pytest

from portfolio.training.rules.hours import Code, Problem
from portfolio.training.rules.log import (
    Said,
    State,
    entry_sha256,
    minutes_typed,
    offered,
    state_of,
    why_not_change,
    why_not_confirm,
    why_not_remove,
    why_not_return,
)

BLOCKS = Problem(Code.NOT_PAID, "Learning outside paid hours does not count.")
ASKS = Problem(Code.LONG_DAY, "Check the length.", blocks=False)
CONFIRMED, RETURNED, CHANGED_SINCE = Said("confirmed", True), Said("returned", True), Said("returned", False)


@pytest.mark.parametrize(
    ("hours", "minutes", "expected"),
    [
        ("1", "30", 90),
        ("", "45", 45),
        ("2", "", 120),
        ("1.5", "", 90),
        ("1,25", "", 75),
        ("0.1", "", 6),
        ("", "", 0),
        ("0", "90", 90),
        (" 3 ", " 5 ", 185),
        ("one", "", None),
        ("-1", "", None),
        ("1e3", "", None),
        ("1.2.3", "", None),
        (".", "", None),
        ("²", "", None),
        ("99999999", "", None),
    ],
)
def test_a_length_is_typed_as_hours_and_minutes(hours: str, minutes: str, expected: int | None) -> None:
    assert minutes_typed(hours, minutes) == expected


@pytest.mark.parametrize(
    ("counts", "problems", "said", "expected"),
    [
        (True, [], None, State.WAITING),
        (True, [ASKS], None, State.WAITING),
        (True, [ASKS, BLOCKS], None, State.BLOCKED),
        (False, [], None, State.LOGGED),
        (True, [], CONFIRMED, State.CONFIRMED),
        (True, [BLOCKS], CONFIRMED, State.CONFIRMED),
        (True, [BLOCKS], RETURNED, State.RETURNED),
        (False, [], RETURNED, State.RETURNED),
        (True, [], CHANGED_SINCE, State.WAITING),
        (True, [BLOCKS], CHANGED_SINCE, State.BLOCKED),
        (False, [], CHANGED_SINCE, State.LOGGED),
    ],
)
def test_how_an_entry_stands(
    counts: bool, problems: list[Problem], said: Said | None, expected: State
) -> None:
    assert state_of(counts=counts, problems=problems, said=said) is expected


@pytest.mark.parametrize(
    ("closed", "sealed", "said", "words"),
    [
        ("", False, None, ""),
        ("", False, RETURNED, ""),
        ("", False, CHANGED_SINCE, ""),
        ("", False, CONFIRMED, "was confirmed"),
        ("", True, None, "was reported"),
        ("Locked.", True, CONFIRMED, "Locked."),
    ],
)
def test_who_may_still_change_it(closed: str, sealed: bool, said: Said | None, words: str) -> None:
    found = why_not_change(closed=closed, sealed=sealed, said=said)
    assert (words in found) if words else found == ""


@pytest.mark.parametrize(
    ("said", "has_piece", "words"),
    [
        (None, False, ""),
        (None, True, "A piece of evidence was made"),
        (RETURNED, False, "returned this entry"),
        (CHANGED_SINCE, False, "returned this entry"),
        (CONFIRMED, False, "was confirmed"),
    ],
)
def test_what_somebody_answered_or_made_a_piece_of_is_not_removed(
    said: Said | None, has_piece: bool, words: str
) -> None:
    found = why_not_remove(closed="", sealed=False, said=said, has_piece=has_piece)
    assert (words in found) if words else found == ""


@pytest.mark.parametrize(
    ("state", "confirm", "give_back"),
    [
        (State.WAITING, "", ""),
        (State.BLOCKED, "does not count", ""),
        (State.LOGGED, "not claimed", ""),
        (State.RETURNED, "has not been changed since", "returned already"),
        (State.CONFIRMED, "confirmed already", ""),
    ],
)
def test_what_can_be_confirmed_and_what_returned(state: State, confirm: str, give_back: str) -> None:
    for rule, words in ((why_not_confirm, confirm), (why_not_return, give_back)):
        found = rule(closed="", sealed=False, own=False, state=state)
        assert (words in found) if words else found == ""
        assert "Nobody confirms their own" in rule(closed="", sealed=False, own=True, state=state)
        assert rule(closed="Locked.", sealed=False, own=False, state=state) == "Locked."
        assert "was reported" in rule(closed="", sealed=True, own=False, state=state)


def test_the_fingerprint_changes_with_whatever_is_said_and_with_nothing_else() -> None:
    says = {"what": "A lesson", "minutes": 90, "new_learning": None}
    assert entry_sha256(says) == entry_sha256(dict(reversed(says.items())))
    for other in ({"what": "A lesson."}, {"minutes": 91}, {"new_learning": False}):
        assert entry_sha256(says | other) != entry_sha256(says)


def test_statements_about_ones_own_learning_are_offered_where_the_standard_has_them() -> None:
    assert offered(["K7"], ["K7", "K27", "S27"]) == ["K27", "S27"]
    assert offered(["K27"], ["K7", "K27", "S27"]) == ["S27"]
    assert offered([], ["K1"]) == []
