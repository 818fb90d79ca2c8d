"""The lines of the gateway check, what they add up to, and who may declare, lock and unlock."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from portfolio.gateway.rules import (
    DECLARATION_IDS,
    GAP_LABELS,
    REQUIREMENT_IDS,
    DbsDecision,
    Declarations,
    GatewayFacts,
    HoursFact,
    Party,
    State,
    Waiting,
    check,
    gap_codes,
    reasons_not_to_declare,
    reasons_not_to_lock,
    reasons_not_to_unlock,
)
from tests.gateway.examples import ALL_DECLARED, GOOD_DBS, READY, START, TODAY, UNDECLARED, WORDS

NOTHING_KNOWN = GatewayFacts(
    start_on=START,
    standard=WORDS,
    required_statements=READY.required_statements,
    required_duties=READY.required_duties,
)


def test_with_everything_in_place_the_portfolio_can_be_locked() -> None:
    found = check(READY, TODAY)
    assert [line.state for line in found.requirements] == [State.IN_PLACE] * 11
    assert found.ready_to_declare
    assert found.ready_to_lock
    assert found.summary == "Everything is in place: the portfolio can be locked."


def test_the_lines_stand_in_their_fixed_order() -> None:
    expected = [
        "dbs",
        "english",
        "maths",
        "statements",
        "duties",
        "time_on_programme",
        "off_the_job",
        "evidence_declarations",
        "declaration_apprentice",
        "declaration_employer",
        "declaration_provider",
    ]
    assert [line.id for line in check(NOTHING_KNOWN, TODAY).requirements] == expected
    assert list(REQUIREMENT_IDS) == expected


def test_the_states_have_exactly_these_words() -> None:
    assert [state.value for state in State] == [
        "In place", "Missing", "Needs action", "Not needed", "Not known",
    ]  # fmt: skip
    assert [state.slug for state in State] == [
        "in_place", "missing", "needs_action", "not_needed", "not_known",
    ]  # fmt: skip


def test_knowing_nothing_leaves_every_line_open_but_time_and_hours_that_nobody_can_know() -> None:
    found = check(NOTHING_KNOWN, TODAY)
    assert {line.id for line in found.requirements if not line.is_open} == {
        "time_on_programme",
        "off_the_job",
    }
    assert found["off_the_job"].state is State.NOT_KNOWN
    assert found.summary == (
        "Not ready: 9 of 11 requirements are open. Earliest date by time on the programme: 1 May 2026."
    )


def test_with_all_but_the_declarations_they_can_be_made_and_nothing_locked() -> None:
    found = check(UNDECLARED, TODAY)
    assert found.ready_to_declare
    assert not found.ready_to_lock
    assert found.summary == "Everything else is in place: the declarations can be made."


@pytest.mark.parametrize("line_id", REQUIREMENT_IDS)
def test_every_line_says_what_it_rests_on(line_id: str) -> None:
    for facts in (READY, NOTHING_KNOWN):
        line = check(facts, TODAY)[line_id]
        assert line.reason.endswith(".")
        assert line.rule
        assert line.source
        assert line.rulebook == "2025-26"
        assert line.name


COVERAGE_CASES = {
    "all covered": ({}, State.IN_PLACE, "Coverage is signed off for all 5 statements.", ""),
    "none covered": (
        {"covered_statements": frozenset()},
        State.MISSING,
        "Coverage is signed off for 0 of 5 statements.",
        "Evidence that covers K1, K2, K10, S1 and B1, signed off by the assessor.",
    ),
    "one short": (
        {"covered_statements": frozenset({"K1", "K2", "S1", "B1"})},
        State.MISSING,
        "Coverage is signed off for 4 of 5 statements.",
        "Evidence that covers K10, signed off by the assessor.",
    ),
    "where the others stand": (
        {"covered_statements": frozenset({"K1"}), "statements_waiting": Waiting(2, 1, 1)},
        State.MISSING,
        "Coverage is signed off for 1 of 5 statements; 2 with the assessor, 1 returned, 1 partly covered.",
        "K2, K10, S1 and B1",
    ),
    "a code of another standard does not count": (
        {"covered_statements": frozenset({"K1", "K2", "S1", "B1", "K99"})},
        State.MISSING,
        "4 of 5 statements",
        "K10",
    ),
    "many missing are not all listed": (
        {
            "required_statements": frozenset(f"K{n}" for n in range(1, 13)),
            "covered_statements": frozenset({"K1"}),
        },
        State.MISSING,
        "1 of 12 statements",
        "K2, K3, K4, K5, K6, K7, K8, K9 and 3 more",
    ),
    "statements not loaded are not all covered": (
        {"required_statements": frozenset()},
        State.NEEDS_ACTION,
        "The statements of this standard are not loaded, so coverage cannot be said.",
        "Import the standard.",
    ),
}


@pytest.mark.parametrize(
    ("change", "state", "reason", "put_right"), COVERAGE_CASES.values(), ids=COVERAGE_CASES.keys()
)
def test_the_statements_line(change: dict[str, object], state: State, reason: str, put_right: str) -> None:
    line = check(replace(READY, **change), TODAY)["statements"]
    assert line.state is state
    assert reason in line.reason
    assert put_right in line.put_right
    assert WORDS.source in line.source


DUTY_CASES = {
    "all covered": ({}, State.IN_PLACE, "Coverage is signed off for all 3 duties.", ""),
    "duties are shown by number": (
        {"covered_duties": frozenset()},
        State.MISSING,
        "0 of 3 duties",
        "Evidence that covers Duty 1, Duty 2 and Duty 12, signed off by the assessor.",
    ),
    "one duty only": ({"required_duties": frozenset({"D1"})}, State.IN_PLACE, "all 1 duty.", ""),
    "all statements covered make no duty covered": (
        {"covered_duties": frozenset({"D1", "D2"})},
        State.MISSING,
        "2 of 3 duties",
        "Duty 12",
    ),
    "duties not loaded": (
        {"required_duties": frozenset()},
        State.NEEDS_ACTION,
        "The duties of this standard",
        "Import",
    ),
}


@pytest.mark.parametrize(
    ("change", "state", "reason", "put_right"), DUTY_CASES.values(), ids=DUTY_CASES.keys()
)
def test_the_duties_line(change: dict[str, object], state: State, reason: str, put_right: str) -> None:
    line = check(replace(READY, **change), TODAY)["duties"]
    assert (line.state, reason in line.reason, put_right in line.put_right) == (state, True, True)


EVIDENCE_CASES = {
    "each piece declared": (12, (), State.IN_PLACE, "Every submitted piece carries its"),
    "the only piece declared": (1, (), State.IN_PLACE, "The submitted piece carries its"),
    "nothing submitted is not in place": (0, (), State.MISSING, "No evidence has been submitted yet."),
    "one lacks a declaration": (12, ("Night log",), State.NEEDS_ACTION, "1 submitted piece lacks the"),
    "five lack a declaration": (12, tuple("ABCDE"), State.NEEDS_ACTION, "5 submitted pieces lack the"),
}


@pytest.mark.parametrize(
    ("pieces", "undeclared", "state", "reason"), EVIDENCE_CASES.values(), ids=EVIDENCE_CASES.keys()
)
def test_the_evidence_declarations_line(
    pieces: int, undeclared: tuple[str, ...], state: State, reason: str
) -> None:
    line = check(replace(READY, evidence_pieces=pieces, undeclared_pieces=undeclared), TODAY)[
        "evidence_declarations"
    ]
    assert line.state is state
    assert reason in line.reason
    assert "own rule" in line.source


def test_pieces_without_declarations_are_named_three_at_most() -> None:
    line = check(replace(READY, undeclared_pieces=tuple("ABCDE")), TODAY)["evidence_declarations"]
    assert line.put_right == "Declare both for “A”, “B”, “C” and 2 more, or withdraw the piece."


@pytest.mark.parametrize("party", list(Party))
def test_a_declaration_not_yet_made_is_missing_and_says_who_makes_it(party: Party) -> None:
    facts = replace(READY, declarations=replace(ALL_DECLARED, **{party.value: None}))
    found = check(facts, TODAY)
    line = found[f"declaration_{party}"]
    assert line.state is State.MISSING
    assert line.reason == f"The {party} has not declared yet."
    assert line.put_right == f"The {line.who} declares here that the apprentice is ready."
    assert found.ready_to_declare
    assert not found.ready_to_lock


def test_declarations_come_last_and_say_so() -> None:
    line = check(replace(UNDECLARED, dbs=None, covered_duties=frozenset()), TODAY)["declaration_employer"]
    assert line.state is State.MISSING
    assert line.put_right == "Declarations come last: first put right 2 other lines (DBS check and Duties)."
    assert line.who == "workplace mentor or line manager"


def test_a_declaration_made_before_something_fell_away_needs_action() -> None:
    found = check(replace(READY, dbs=replace(GOOD_DBS, next_check_due_on=date(2026, 11, 10))), TODAY)
    line = found["declaration_apprentice"]
    assert line.state is State.NEEDS_ACTION
    assert line.reason == "The apprentice declared on 2 November 2026, but since then not everything stands."
    assert line.put_right == "Put right first: DBS check. The declaration then counts as it was made."
    assert not found.ready_to_lock


def test_a_declaration_dated_tomorrow_has_not_been_made() -> None:
    facts = replace(READY, declarations=replace(ALL_DECLARED, employer=date(2026, 11, 19)))
    assert check(facts, TODAY)["declaration_employer"].state is State.MISSING


def test_after_a_withdrawal_the_gateway_stays_shut() -> None:
    found = check(replace(READY, withdrawn_on=TODAY), TODAY)
    assert not found.ready_to_declare
    assert not found.ready_to_lock
    sentence = "The apprenticeship was withdrawn on 18 November 2026, so the gateway stays shut."
    assert found.summary == sentence
    assert reasons_not_to_lock(found) == [sentence]


def test_a_withdrawal_still_to_come_changes_nothing() -> None:
    assert check(replace(READY, withdrawn_on=date(2026, 11, 19)), TODAY).ready_to_lock


def test_a_start_outside_the_rulebooks_is_said_on_the_check() -> None:
    found = check(replace(READY, start_on=date(2024, 5, 1)), TODAY)
    assert found.rulebook.id == "2024-25"
    assert not found.rulebook.applies_exactly
    assert "1 May 2024" in found.rulebook.note


def test_a_viewer_without_the_right_sees_the_state_and_nothing_personal() -> None:
    found = check(replace(READY, dbs=replace(GOOD_DBS, decision=DbsDecision.NOT_SATISFACTORY)), TODAY)
    line = found["dbs"].without_detail()
    assert line.state is State.NEEDS_ACTION
    assert line.reason == "Needs action: the detail is shown only to those who may see it."
    assert (line.put_right, line.who) == ("Ask the provider manager what is needed.", "provider manager")
    assert {line.id for line in found.requirements if line.confidential} == {"dbs", "english", "maths"}
    assert found["statements"].without_detail() == found["statements"]


def test_the_other_policys_sentence_hides_its_reason_too() -> None:
    other = check(READY, TODAY)["english"].without_detail().other_policy
    assert other is not None
    assert other.sentence == "The funding rules would say “In place”."


def test_gaps_of_a_summary_row_leave_out_time_and_declarations() -> None:
    assert gap_codes(check(READY, TODAY)) == ()
    assert gap_codes(check(UNDECLARED, TODAY)) == ()
    assert gap_codes(check(UNDECLARED, START)) == ("dbs", "english", "maths")  # dated later than that day
    assert gap_codes(check(NOTHING_KNOWN, TODAY)) == tuple(
        code for code in GAP_LABELS if code != "off_the_job"
    )
    no_hours = replace(NOTHING_KNOWN, hours=HoursFact(confirmed=0, minimum=60, how="By the plan."))
    assert gap_codes(check(no_hours, TODAY)) == tuple(GAP_LABELS)
    assert list(GAP_LABELS.values()) == [
        "DBS",
        "English",
        "Maths",
        "Statements",
        "Duties",
        "Off-the-job hours",
        "Evidence declarations",
    ]


def test_each_party_may_declare_once_everything_else_stands() -> None:
    found = check(UNDECLARED, TODAY)
    assert [reasons_not_to_declare(found, party, set()) for party in Party] == [[], [], []]


def test_nobody_declares_twice() -> None:
    found = check(READY, TODAY)
    assert reasons_not_to_declare(found, Party.EMPLOYER, {Party.EMPLOYER}) == [
        "The employer has already declared."
    ]


def test_reasons_not_to_declare_name_lines_and_states_but_no_detail() -> None:
    found = check(replace(UNDECLARED, dbs=replace(GOOD_DBS, level=None), covered_duties=frozenset()), TODAY)
    assert reasons_not_to_declare(found, Party.PROVIDER, set()) == [
        "DBS check: needs action.",
        "Duties: missing.",
    ]


def test_a_locked_portfolio_takes_no_declaration_and_no_second_lock() -> None:
    found = check(READY, TODAY)
    assert "locked" in reasons_not_to_declare(found, Party.PROVIDER, set(), locked=True)[0]
    assert "locked" in reasons_not_to_lock(found, locked=True)[0]


def test_the_lock_waits_for_all_three_declarations() -> None:
    found = check(replace(READY, declarations=Declarations(apprentice=TODAY)), TODAY)
    assert reasons_not_to_lock(found) == [
        "Employer's declaration: missing.",
        "Provider's declaration: missing.",
    ]
    assert reasons_not_to_lock(check(READY, TODAY)) == []
    assert len(reasons_not_to_lock(check(NOTHING_KNOWN, TODAY))) == 6 + len(DECLARATION_IDS)


UNLOCK_CASES = {
    "two persons and a reason": (
        "priya",
        "ines",
        "A certificate turned out to be another person's",
        True,
        [],
    ),
    "no reason": ("priya", "ines", "  ", True, ["Say why the portfolio has to be unlocked."]),
    "nobody agreed yet": ("priya", None, "Why", True, ["A second person has to agree."]),
    "the same person twice": (
        "priya",
        "priya",
        "Why",
        True,
        ["The person who asked cannot be the one who agrees."],
    ),
    "nobody asked": (None, "ines", "Why", True, ["Nobody has asked to unlock the portfolio."]),
    "not locked": ("priya", "ines", "Why", False, ["The portfolio is not locked."]),
    "nothing at all": (
        None,
        None,
        "",
        True,
        [
            "Say why the portfolio has to be unlocked.",
            "Nobody has asked to unlock the portfolio.",
            "A second person has to agree.",
        ],
    ),
}


@pytest.mark.parametrize(
    ("asked", "agreed", "why", "locked", "reasons"), UNLOCK_CASES.values(), ids=UNLOCK_CASES.keys()
)
def test_unlocking_takes_a_reason_and_a_second_person(
    asked: str | None, agreed: str | None, why: str, locked: bool, reasons: list[str]
) -> None:
    assert reasons_not_to_unlock(asked, agreed, why, locked=locked) == reasons


def test_the_rules_load_without_a_framework_a_database_or_settings() -> None:
    asked = (
        "import sys, portfolio.gateway.rules; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "portfolio" in loaded
    assert not {"sqlalchemy", "fastapi", "starlette", "pydantic", "boto3", "kbs", "storage"} & set(loaded)
