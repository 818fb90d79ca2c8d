"""Who may decide on what, and what follows, as tables."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from kbs.coverage import Outcome
from portfolio.assessment.rules import (
    OWN_WORK,
    QUESTIONS,
    WITNESSED,
    DecideFacts,
    ItemSignOffFacts,
    already_decided_words,
    in_words,
    state_after,
    why_missing_needed,
    why_not_decide,
    why_not_sign_off,
    why_not_supersede,
    why_not_this_outcome,
    why_not_withdraw,
    withdraws_sign_off,
)

ASSESSOR, APPRENTICE, MENTOR = (UUID(int=number) for number in (1, 2, 3))
CLOSED = "The portfolio is locked."
FACTS = DecideFacts(ASSESSOR, APPRENTICE, frozenset({MENTOR}), "submitted")
COVERED, PARTLY, NOT_YET = Outcome.COVERED, Outcome.PARTLY, Outcome.NOT_YET


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({}, ""),
        ({"decider_id": APPRENTICE}, OWN_WORK),
        ({"decider_id": MENTOR}, WITNESSED),
        ({"witnesses": frozenset({MENTOR, ASSESSOR})}, WITNESSED),
        ({"witnesses": frozenset()}, ""),
        ({"closed": CLOSED}, CLOSED),
        ({"closed": CLOSED, "state": "decided"}, CLOSED),
        ({"decider_id": APPRENTICE, "closed": CLOSED}, OWN_WORK),
        ({"state": "draft"}, "The apprentice has taken this back"),
        ({"state": "returned"}, "This piece was returned."),
        ({"state": "decided"}, "Everything in this piece has been decided."),
        ({"state": "withdrawn"}, "The apprentice withdrew this piece"),
    ],
)
def test_who_can_decide_on_a_piece(changes: dict[str, object], begins: str) -> None:
    reason = why_not_decide(replace(FACTS, **changes))  # type: ignore[arg-type]
    assert reason.startswith(begins)
    assert bool(reason) is bool(begins)


@pytest.mark.parametrize(
    ("changes", "superseded_by", "stands", "begins"),
    [
        ({}, "", True, ""),
        ({"state": "decided"}, "", True, ""),
        ({"state": "returned"}, "", True, ""),
        ({"state": "withdrawn"}, "", True, "This piece was withdrawn"),
        (
            {},
            "Otto Owens on 2 November 2026 at 09:30",
            False,
            "This decision was superseded already, by Otto",
        ),
        ({}, "", False, "A decision on a later version counts instead."),
        ({"closed": CLOSED}, "", True, CLOSED),
        ({"decider_id": APPRENTICE}, "", True, OWN_WORK),
        ({"decider_id": MENTOR}, "", True, WITNESSED),
    ],
)
def test_which_decision_can_be_superseded(
    changes: dict[str, object], superseded_by: str, stands: bool, begins: str
) -> None:
    facts = replace(FACTS, **changes)  # type: ignore[arg-type]
    reason = why_not_supersede(facts, superseded_by=superseded_by, stands=stands)
    assert reason.startswith(begins)
    assert bool(reason) is bool(begins)


ITEM = ItemSignOffFacts(ASSESSOR, APPRENTICE, signed_off=False)


@pytest.mark.parametrize(
    ("changes", "pieces", "sign_off", "withdraw"),
    [
        ({}, 2, "", "This is not signed off"),
        ({}, 0, "No submitted piece claims this yet", "This is not signed off"),
        ({"signed_off": True}, 2, "This is signed off already.", ""),
        ({"signed_off": True}, 0, "This is signed off already.", ""),
        ({"closed": CLOSED}, 2, CLOSED, CLOSED),
        ({"closed": CLOSED, "signed_off": True}, 2, CLOSED, CLOSED),
        ({"decider_id": APPRENTICE}, 2, OWN_WORK, OWN_WORK),
    ],
)
def test_when_an_item_can_be_signed_off_or_withdrawn_from_its_page(
    changes: dict[str, object], pieces: int, sign_off: str, withdraw: str
) -> None:
    facts = replace(ITEM, **changes)  # type: ignore[arg-type]
    for reason, begins in (
        (why_not_sign_off(facts, pieces=pieces), sign_off),
        (why_not_withdraw(facts), withdraw),
    ):
        assert reason.startswith(begins)
        assert bool(reason) is bool(begins)


YES = dict.fromkeys(QUESTIONS, True)


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("outcome", Outcome)
def test_covered_needs_all_five_and_the_others_take_any(outcome: Outcome, name: str) -> None:
    assert why_not_this_outcome(outcome, YES) == ""
    reason = why_not_this_outcome(outcome, YES | {name: False})
    assert bool(reason) is (outcome is COVERED)
    assert reason == "" or f"and {name} is answered no" in reason


def test_what_is_missing_is_needed_unless_covered() -> None:
    assert why_missing_needed(COVERED, "") == ""
    assert why_missing_needed(PARTLY, "More") == ""
    assert why_missing_needed(PARTLY, "  ") == "Say what is missing."
    assert why_missing_needed(NOT_YET, "") == "Say what is missing."


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([COVERED], "decided"),
        ([COVERED, COVERED], "decided"),
        ([COVERED, PARTLY], "returned"),
        ([NOT_YET], "returned"),
        ([], "decided"),
    ],
)
def test_a_piece_is_decided_when_everything_it_claims_is_covered(outcomes: list[Outcome], state: str) -> None:
    assert state_after(outcomes) == state


def test_outcomes_in_words() -> None:
    assert in_words({"K7": COVERED, "S7": COVERED, "S16": PARTLY}) == "K7 and S7 covered, S16 partly"
    assert in_words({"Duty 8": NOT_YET}) == "Duty 8 not yet"
    assert already_decided_words([("Otto Owens", "2 November 2026 at 09:30")], {"K7": COVERED}) == (
        "This piece was decided while you were looking at it, by Otto Owens on 2 November 2026 at 09:30: K7 covered."
    )


@pytest.mark.parametrize(
    ("signed_off", "basis", "elsewhere", "withdraws"),
    [
        (True, "decision", False, True),
        (True, "decision", True, False),
        (True, "several_pieces", False, False),
        (False, "decision", False, False),
        (False, "", False, False),
    ],
)
def test_when_superseding_takes_the_sign_off_along(
    signed_off: bool, basis: str, elsewhere: bool, withdraws: bool
) -> None:
    assert withdraws_sign_off(signed_off=signed_off, basis=basis, covered_elsewhere=elsewhere) is withdraws
