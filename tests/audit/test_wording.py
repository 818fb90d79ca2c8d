"""The trail in plain words."""

from __future__ import annotations

import pytest

from portfolio.audit.wording import action_words, detail_words, record_words


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("evidence.submitted", "Evidence submitted"),
        ("gateway.something_new", "Gateway something new"),
        ("break.recorded", "Break in learning recorded"),
        ("apprenticeship.withdrawal_undone", "Withdrawal undone"),
        ("session.started", "Signed in"),
    ],
)
def test_every_action_has_words(action: str, words: str) -> None:
    assert action_words(action) == words


def test_records_have_words() -> None:
    assert record_words("evidence_version") == "version of a piece"
    assert record_words("some_new_record") == "some new record"


def test_details_show_codes_dates_and_roles_and_no_ids() -> None:
    detail = {
        "role": "iqa",
        "changed": ["start_on", "uln"],
        "start_on": "2025-10-06",
        "file_id": "0199a5a0-0000-7000-8000-000000000000",
        "codes": ["K2", "K10"],
        "outcome": "not_yet",
        "ended_on": None,
        "roles": [],
    }
    assert set(detail_words(detail)) == {
        "role: internal quality assurer",
        "changed: start, ULN",
        "start: 6 October 2025",
        "items: K2, K10",
        "outcome: not yet",
    }
