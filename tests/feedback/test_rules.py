"""Who may comment and sign, and what exactly a signature covers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date

import pytest

from portfolio.feedback.rules import (
    SignedContent,
    WitnessFacts,
    canonical_text,
    version_sha256,
    why_no_comment,
    why_no_testimony,
    why_not_seen_on,
    why_void,
)

LOCKED = "The portfolio is locked."


@pytest.mark.parametrize(
    ("state", "closed", "begins"),
    [
        ("submitted", "", ""),
        ("returned", "", ""),
        ("decided", "", ""),
        ("draft", "", "This is still a draft."),
        ("withdrawn", "", "This piece was withdrawn."),
        ("submitted", LOCKED, LOCKED),
        ("draft", LOCKED, LOCKED),
    ],
)
def test_comments_are_for_what_was_submitted_and_not_for_what_is_frozen(
    state: str, closed: str, begins: str
) -> None:
    reason = why_no_comment(state=state, closed=closed)
    assert reason.startswith(begins)
    assert bool(reason) is bool(begins)


FACTS = WitnessFacts(state="submitted", closed="", is_own=False, has_signed=False)


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({}, ""),
        ({"state": "returned"}, ""),
        ({"state": "decided"}, ""),
        ({"is_own": True}, "Nobody can bear witness to their own work."),
        ({"is_own": True, "closed": LOCKED}, "Nobody can bear witness to their own work."),
        ({"closed": LOCKED}, LOCKED),
        ({"state": "draft"}, "This is still a draft."),
        ({"state": "withdrawn"}, "This piece was withdrawn"),
        ({"has_signed": True}, "You have already signed"),
    ],
)
def test_who_can_sign_that_they_saw_it(changes: dict[str, object], begins: str) -> None:
    reason = why_no_testimony(replace(FACTS, **changes))  # type: ignore[arg-type]
    assert reason.startswith(begins)
    assert bool(reason) is bool(begins)


def test_what_was_seen_was_not_seen_tomorrow() -> None:
    today = date(2026, 11, 2)
    assert why_not_seen_on(today, today=today) == ""
    assert why_not_seen_on(date(2026, 11, 3), today=today)


CONTENT = SignedContent(
    number=1,
    type="work_product",
    title="Escalated a concern – again",
    happened_on=date(2026, 10, 20),
    what_happened="A colleague told me.",
    what_i_did="I told the lead.",
    why="Waiting is a risk.",
    original_kept_at="",
    original_seen_by="",
    confidentiality="anonymised",
    nobody_identifiable=True,
    own_work=True,
    claims=[("S7", ""), ("K7", "By phone")],
    files=["B" * 64, "a" * 64],
)


def test_the_text_that_is_hashed_is_written_out_once_and_for_all() -> None:
    assert canonical_text(CONTENT) == (
        '{"claims":[["K7","By phone"],["S7",""]],"confidentiality":"anonymised",'
        f'"files":["{"a" * 64}","{"b" * 64}"],"happened_on":"2026-10-20","nobody_identifiable":true,"number":1,'
        '"original_kept_at":"","original_seen_by":"","own_work":true,"title":"Escalated a concern – again",'
        '"type":"work_product","what_happened":"A colleague told me.","what_i_did":"I told the lead.",'
        '"why":"Waiting is a risk."}'
    )
    assert version_sha256(CONTENT) == hashlib.sha256(canonical_text(CONTENT).encode()).hexdigest()
    assert json.loads(canonical_text(replace(CONTENT, happened_on=None)))["happened_on"] is None


def test_the_order_of_claims_and_files_does_not_matter() -> None:
    turned = replace(
        CONTENT,
        claims=list(reversed(CONTENT.claims)),
        files=[name.lower() for name in reversed(CONTENT.files)],
    )
    assert version_sha256(turned) == version_sha256(CONTENT)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 2},
        {"type": "case_study"},
        {"title": "Escalated a concern"},
        {"happened_on": None},
        {"what_happened": "A colleague told me. "},
        {"what_i_did": ""},
        {"why": "?"},
        {"original_kept_at": "The log"},
        {"original_seen_by": "The lead"},
        {"confidentiality": "original_stays"},
        {"nobody_identifiable": False},
        {"own_work": False},
        {"claims": [("K7", "By phone")]},
        {"claims": [("K7", "By letter"), ("S7", "")]},
        {"files": ["a" * 64]},
        {"files": ["a" * 64, "c" * 64]},
    ],
)
def test_any_change_of_words_claims_or_files_changes_the_hash(change: dict[str, object]) -> None:
    assert version_sha256(replace(CONTENT, **change)) != version_sha256(CONTENT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("signed", "newest", "same", "begins"),
    [
        (1, 1, True, ""),
        (2, 2, True, ""),
        (1, 2, True, "It was signed on version 1. Version 2 has been submitted since"),
        (1, 3, False, "It was signed on version 1. Version 3"),
        (1, 1, False, "What was signed does not match"),
    ],
)
def test_a_testimony_is_void_once_the_piece_has_changed(
    signed: int, newest: int, same: bool, begins: str
) -> None:
    reason = why_void(
        signed_number=signed, newest_number=newest, signed_sha256="x", sha256_now="x" if same else "y"
    )
    assert reason.startswith(begins)
    assert bool(reason) is bool(begins)
