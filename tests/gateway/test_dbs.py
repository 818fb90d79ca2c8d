"""The DBS line: an entry requirement of the standard, which the gateway checks still stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portfolio.gateway.rules import BarredLists, DbsDecision, DbsFact, DbsLevel, DbsWorkforce, State, check
from tests.gateway.examples import GOOD_DBS, READY, TODAY, WORDS

DBS_CASES = {
    "no record at all": (None, State.MISSING, "No decision on a DBS check is recorded."),
    "a record without a decision": (DbsFact(), State.MISSING, "No decision"),
    "satisfactory, enhanced and seen": (
        GOOD_DBS,
        State.IN_PLACE,
        (
            "Satisfactory enhanced check, child and adult workforce, both barred lists checked, issued on "
            "28 August 2025, original seen on 1 September 2025, decided on 2 September 2025."
        ),
    ),
    "only what the rule needs": (
        DbsFact(DbsDecision.SATISFACTORY, DbsLevel.ENHANCED, original_seen_on=TODAY),
        State.IN_PLACE,
        "Satisfactory enhanced check, original seen on 18 November 2026.",
    ),
    "another workforce and list are shown": (
        replace(GOOD_DBS, workforce=DbsWorkforce.ADULT, barred_lists=BarredLists.NONE),
        State.IN_PLACE,
        "adult workforce, no barred list checked",
    ),
    "awaiting the decision": (
        replace(GOOD_DBS, decision=DbsDecision.AWAITING),
        State.NEEDS_ACTION,
        "The employer's decision on the DBS check is awaited.",
    ),
    "not satisfactory": (
        replace(GOOD_DBS, decision=DbsDecision.NOT_SATISFACTORY),
        State.NEEDS_ACTION,
        "The DBS check on record does not yet meet the standard's entry requirement.",
    ),
    "a basic check only": (
        replace(GOOD_DBS, level=DbsLevel.BASIC),
        State.NEEDS_ACTION,
        "its level is basic; the standard asks for enhanced.",
    ),
    "a standard check only": (
        replace(GOOD_DBS, level=DbsLevel.STANDARD),
        State.NEEDS_ACTION,
        "its level is standard",
    ),
    "level left out": (replace(GOOD_DBS, level=None), State.NEEDS_ACTION, "its level is not recorded"),
    "original not seen": (
        replace(GOOD_DBS, original_seen_on=None),
        State.NEEDS_ACTION,
        "nobody has recorded seeing the original",
    ),
    "original seen tomorrow": (
        replace(GOOD_DBS, original_seen_on=date(2026, 11, 19)),
        State.NEEDS_ACTION,
        "seen on 19 November 2026, which is still to come",
    ),
    "issued tomorrow": (replace(GOOD_DBS, issued_on=date(2026, 11, 19)), State.NEEDS_ACTION, "still to come"),
    "decided tomorrow": (
        replace(GOOD_DBS, decided_on=date(2026, 11, 19)),
        State.NEEDS_ACTION,
        "still to come",
    ),
    "seen before it was issued": (
        replace(GOOD_DBS, issued_on=date(2025, 9, 5)),
        State.NEEDS_ACTION,
        "before it was issued on 5 September 2025",
    ),
    "next check due today": (replace(GOOD_DBS, next_check_due_on=TODAY), State.IN_PLACE, "Satisfactory"),
    "next check due yesterday": (
        replace(GOOD_DBS, next_check_due_on=date(2026, 11, 17)),
        State.NEEDS_ACTION,
        "Expired by policy: by the employer's own policy the next check was due on 17 November 2026.",
    ),
}


@pytest.mark.parametrize(("dbs", "state", "words"), DBS_CASES.values(), ids=DBS_CASES.keys())
def test_the_dbs_line(dbs: DbsFact | None, state: State, words: str) -> None:
    line = check(replace(READY, dbs=dbs), TODAY)["dbs"]
    assert line.state is state
    assert words in line.reason
    assert WORDS.dbs_sentence is not None
    assert WORDS.dbs_sentence in line.rule
    assert line.source == WORDS.dbs_source


def test_a_standard_that_asks_for_no_check_needs_none() -> None:
    facts = replace(READY, dbs=None, standard=replace(WORDS, dbs_sentence=None))
    found = check(facts, TODAY)
    assert found["dbs"].state is State.NOT_NEEDED
    assert not found["dbs"].mandatory
    assert found.ready_to_lock


def test_a_standard_that_asks_for_less_takes_the_enhanced_check() -> None:
    facts = replace(READY, standard=replace(WORDS, dbs_level=DbsLevel.STANDARD))
    assert check(facts, TODAY)["dbs"].state is State.IN_PLACE


@pytest.mark.parametrize("decision", [DbsDecision.NOT_SATISFACTORY, DbsDecision.AWAITING])
def test_no_sentence_hints_at_what_a_certificate_says(decision: DbsDecision) -> None:
    line = check(replace(READY, dbs=replace(GOOD_DBS, decision=decision)), TODAY)["dbs"]
    for word in (
        "conviction",
        "caution",
        "police",
        "criminal",
        "offence",
        "failed",
        "unsuitable",
        "trace",
        "clean",
    ):
        assert word not in f"{line.reason} {line.put_right}".lower()
