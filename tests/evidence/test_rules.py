"""What may be submitted, changed, taken back and withdrawn, and who has a piece: tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portfolio.evidence import rules
from portfolio.evidence.rules import PieceFacts

TODAY = date(2026, 11, 2)
READY = PieceFacts(
    type="work_product",
    title="Passing a concern on",
    happened_on=TODAY,
    texts=("It happened.", "", ""),
    claims=1,
    files=1,
    original_kept_at="",
    original_seen_by="",
    original_what="",
    original_seen_on=None,
    confidentiality="anonymised",
    nobody_identifiable=True,
    own_work=True,
)
ORIGINAL = ["original_what", "original_kept_at", "original_seen_by", "original_seen_on"]
IN_PLACE = {
    "original_what": "An entry in the log",
    "original_kept_at": "In the log",
    "original_seen_by": "The lead",
    "original_seen_on": TODAY,
}


def fields(facts: PieceFacts) -> list[str]:
    return [reason.field for reason in rules.reasons_not_to_submit(facts, TODAY)]


def test_a_complete_piece_can_be_submitted_on_the_day_it_happened() -> None:
    assert fields(READY) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"type": ""}, ["type"]),
        ({"title": "  "}, ["title"]),
        ({"happened_on": None}, ["happened_on"]),
        ({"happened_on": date(2026, 11, 3)}, ["happened_on"]),
        ({"happened_on": date(2020, 1, 1)}, []),
        ({"texts": ("", "", "")}, ["what_happened"]),
        ({"texts": ("", "I did it.", "")}, []),
        ({"texts": ("", "", "It was right.")}, []),
        ({"texts": ("", "x" * 20_000, "")}, []),
        ({"texts": ("", "x" * 20_001, "")}, ["what_i_did"]),
        ({"claims": 0}, ["claims"]),
        ({"files": 0}, ORIGINAL),
        ({"files": 0, "original_kept_at": "In the log"}, [one for one in ORIGINAL if "kept" not in one]),
        ({"files": 0, "original_seen_by": "The lead"}, [one for one in ORIGINAL if "seen_by" not in one]),
        ({"files": 0, "original_seen_on": TODAY}, ORIGINAL[:3]),
        ({"files": 0, **IN_PLACE}, []),
        ({"files": 0, **IN_PLACE, "original_seen_on": date(2026, 11, 3)}, ["original_seen_on"]),
        ({"original_seen_on": date(2026, 11, 3)}, ["original_seen_on"]),
        ({"confidentiality": "original_stays"}, ORIGINAL),
        ({"confidentiality": "original_stays", **IN_PLACE}, []),
        ({"undecided": ("talk.wav",)}, ["files"]),
        ({"confidentiality": "not_a_record"}, []),
        ({"confidentiality": ""}, ["confidentiality"]),
        ({"nobody_identifiable": False}, ["nobody_identifiable"]),
        ({"own_work": False}, ["own_work"]),
    ],
)
def test_each_missing_thing_is_named_at_its_field(change: dict[str, object], expected: list[str]) -> None:
    assert fields(replace(READY, **change)) == expected  # type: ignore[arg-type]


def test_everything_missing_is_named_at_once_in_the_order_of_the_page() -> None:
    nothing = PieceFacts("", "", None, ("", "", ""), 0, 0, "", "", "", None, "", False, False)
    assert fields(nothing) == [
        "type", "title", "happened_on", "what_happened", "claims", *ORIGINAL, "confidentiality", "nobody_identifiable", "own_work",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "may_edit", "may_take_back", "may_withdraw"),
    [
        ("draft", True, False, True),
        ("submitted", False, True, True),
        ("returned", True, False, True),
        ("decided", False, False, False),
        ("withdrawn", False, False, False),
    ],
)
def test_what_may_be_done_depends_on_the_state(
    state: str, may_edit: bool, may_take_back: bool, may_withdraw: bool
) -> None:
    assert (not rules.reasons_not_to_edit(state)) is may_edit
    assert (not rules.reasons_not_to_take_back(state)) is may_take_back
    assert (not rules.reasons_not_to_withdraw(state)) is may_withdraw


def test_what_a_sign_off_may_rest_on_is_not_withdrawn() -> None:
    assert rules.reasons_not_to_withdraw("returned", part_covered=True)


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        ("active", None),
        ("break", None),
        ("through", rules.LOCKED),
        ("assessed", rules.LOCKED),
        ("withdrawn", rules.ENDED),
    ],
)
def test_a_closed_portfolio_refuses_everything(stage: str, sentence: str | None) -> None:
    expected = [sentence] if sentence else []
    assert rules.reasons_closed(stage) == expected
    assert rules.reasons_not_to_edit("draft", stage) == expected
    assert rules.reasons_not_to_take_back("submitted", stage) == expected
    assert rules.reasons_not_to_withdraw("submitted", stage) == expected


@pytest.mark.parametrize("state", ["draft", "returned", "decided", "withdrawn"])
def test_only_a_piece_with_the_assessor_is_decided_on(state: str) -> None:
    assert rules.reasons_not_to_decide(state)
    assert rules.reasons_not_to_decide("submitted") == []


@pytest.mark.parametrize(
    ("state", "own", "assessors", "words"),
    [
        ("draft", True, [], "Only you can see this draft"),
        ("submitted", True, ["Asha Abbott"], "With Asha Abbott, to assess"),
        ("submitted", False, ["Asha Abbott", "Otto Owens"], "With Asha Abbott and Otto Owens, to assess"),
        ("submitted", True, [], "Waiting for an assessor"),
        ("returned", True, [], "Returned to you"),
        ("returned", False, [], "Returned to Amina Archer"),
        ("decided", False, [], "Decided"),
        ("withdrawn", True, [], "Withdrawn"),
    ],
)
def test_who_has_it_is_said_in_words(state: str, own: bool, assessors: list[str], words: str) -> None:
    assert rules.holder(state, own=own, apprentice="Amina Archer", assessors=assessors) == words


def test_the_next_step_is_only_told_to_whom_it_concerns() -> None:
    assert "Submit it" in rules.next_step("draft", own=True)
    assert "new version" in rules.next_step("returned", own=True, new_draft=True)
    assert rules.next_step("returned", own=False) == ""
    assert "assigns one" in rules.next_step("submitted", own=False)
    assert rules.next_step("decided", own=True) == ""


@pytest.mark.parametrize(
    ("texts", "names", "claims", "title"),
    [
        (("I rang the duty line.", "", ""), ["a.jpg"], ["K7"], "I rang the duty line."),
        (("", "one two three four five six seven eight nine", ""), [], [], "one two three four five six seven eight…"),
        (("", "", "w" * 300), [], [], "w" * 80 + "…"),
        (("", "", ""), ["Visit notes.pdf", "b.jpg"], ["K7"], "Visit notes"),
        (("", "", ""), ["unnamed"], [], "unnamed"),
        (("", "", ""), [], ["K7", "D8"], "Evidence for K7, D8"),
        (("  \n ", "", ""), [], [], ""),
    ],
)  # fmt: skip
def test_a_draft_without_a_title_gets_one_from_what_is_in_it(
    texts: tuple[str, ...], names: list[str], claims: list[str], title: str
) -> None:
    assert rules.title_from(texts, names, claims) == title
