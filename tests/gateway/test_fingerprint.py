"""The fingerprint: anybody can make it again, and any change shows."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.evidence.models import EvidenceFile, VersionFile
from portfolio.feedback.models import Comment
from portfolio.gateway.fingerprint import canonical, fingerprint
from portfolio.gateway.portfolio_query import PARTS, portfolio_parts
from tests.builders import NOW, Cast, a_draft, a_submitted, latest_version
from tests.gateway.steps import a_decision, sign_off
from tests.training.steps import an_answer, an_entry

ONE = UUID("01a1eef9-a2e0-7012-9271-4717361f7da6")
TWO = UUID("01a1eef9-a2e0-7017-93f5-b437196c8c60")


def test_the_bytes_are_written_as_the_description_says() -> None:
    parts = {
        "decisions": [
            {"id": TWO, "valid": True, "reason": "Näher beschrieben", "number": 3},
            {
                "id": ONE,
                "on": date(2026, 11, 18),
                "at": datetime(2026, 11, 18, 14, 5, tzinfo=UTC),
                "gone": None,
            },
        ],
        "claims": [],
    }
    expected = (
        '{"claims":[],"decisions":[{"at":"2026-11-18T14:05:00.000000Z","gone":null,'
        '"id":"01a1eef9-a2e0-7012-9271-4717361f7da6","on":"2026-11-18"},'
        '{"id":"01a1eef9-a2e0-7017-93f5-b437196c8c60","number":3,"reason":"Näher beschrieben","valid":true}]}'
    )
    assert canonical(parts).decode() == expected
    assert fingerprint(parts) == hashlib.sha256(expected.encode()).hexdigest()


def test_neither_the_order_of_rows_and_columns_nor_the_time_zone_matters() -> None:
    summer = timezone(timedelta(hours=1))
    a = {"x": [{"id": ONE, "at": datetime(2026, 7, 1, 12, tzinfo=UTC)}, {"id": TWO, "at": None}]}
    b = {"x": [{"at": None, "id": TWO}, {"at": datetime(2026, 7, 1, 13, tzinfo=summer), "id": ONE}]}
    assert fingerprint(a) == fingerprint(b)


@pytest.mark.parametrize("value", [1.5, b"bytes", ["list"], datetime(2026, 7, 1, 12)])  # noqa: DTZ001
def test_a_value_without_one_spelling_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical({"x": [{"id": ONE, "value": value}]})


def test_every_part_of_the_portfolio_shows_in_it(session: Session, cast: Cast, catalogue: Catalogue) -> None:
    at = cast.amina_at
    common = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    seen = [fingerprint(portfolio_parts(session, at.id))]

    def changed() -> bool:
        seen.append(fingerprint(portfolio_parts(session, at.id)))
        return seen[-1] != seen[-2]

    piece = a_draft(session, at, "K1")
    file = EvidenceFile(
        **common,
        evidence_id=piece.id,
        storage_key="a-key",
        name="note.txt",
        kind="text",
        size=12,
        sha256_received="a" * 64,
        sha256_stored="a" * 64,
        uploaded_at=NOW,
        uploaded_by_id=cast.amina.id,
    )
    session.add(file)
    session.flush()
    session.add(VersionFile(**common, version_id=latest_version(session, piece.id).id, file_id=file.id))
    session.flush()
    assert not changed(), "a draft is no evidence yet"
    latest_version(session, piece.id).submitted_at = NOW
    piece.state = "submitted"
    session.flush()
    assert changed()
    parts = portfolio_parts(session, at.id)
    assert [len(parts[name]) for name in ("evidence", "versions", "claims", "files", "version_files")] == [
        1
    ] * 5
    a_decision(session, piece, cast.asha, "K1")
    assert changed()
    sign_off(session, at, cast.asha, "K1")
    assert changed()
    piece.state = "decided"
    session.flush()
    assert changed()
    session.add(
        Comment(
            **common,
            evidence_id=piece.id,
            author_id=cast.marek.id,
            role="mentor",
            text="Good.",
            written_at=NOW,
            form_key="x" * 32,
        )
    )
    session.flush()
    assert not changed(), "talk is not part of it"
    entry = an_entry(session, at)
    assert not changed(), "what nobody answered is still its apprentice's own"
    an_answer(session, entry, cast.marek)
    assert changed(), "confirmed hours are vouched for"
    parts = portfolio_parts(session, at.id)
    assert [(row["id"], row["minutes"]) for row in parts["training_entries"]] == [(entry.id, 90)]
    assert [row["entry_id"] for row in parts["hours_confirmations"]] == [entry.id]
    an_answer(session, entry, cast.asha, "returned", "The way there is no training.", "assessor")
    assert changed()
    a_submitted(session, cast.other_at, "K1")
    an_answer(session, an_entry(session, cast.other_at), cast.asha)
    assert not changed(), "nor is anybody else's portfolio"


def test_a_portfolio_without_a_training_log_has_the_fingerprint_that_it_always_had(
    session: Session, cast: Cast
) -> None:
    a_submitted(session, cast.amina_at, "K1")
    an_entry(session, cast.amina_at)
    parts = portfolio_parts(session, cast.amina_at.id)
    assert not {"training_entries", "hours_confirmations"} & parts.keys()


def test_every_column_it_covers_exists_and_every_row_has_an_id() -> None:
    for part, (model, names) in PARTS.items():
        columns = names.split()
        assert columns[0] == "id", part
        assert len(set(columns)) == len(columns)
        assert all(hasattr(model, name) for name in columns)
