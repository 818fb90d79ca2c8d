"""After the last kill: every row against everything that was sent and everything that was confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.assessment.models import Decision, SignOff
from portfolio.evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion, VersionFile
from portfolio.objects.models import PendingObject
from portfolio.objects.queries import naming_columns
from portfolio.safekeeping.verify import Figures, Site, verify
from tests.durability.clients import Piece, Verdict
from tests.durability.world import World
from tests.working import work_off

LATER = timedelta(hours=49)


@dataclass
class Found:
    """What the kills left behind, for the record."""

    pieces: int = 0
    confirmed: int = 0
    verdicts: int = 0
    whole_but_unconfirmed: int = 0
    pending: int = 0


def whole_and_nothing_lost(app: FastAPI, world: World) -> Found:
    """Nothing confirmed is missing, nothing is there in part or twice, and the sweep leaves only what is named."""
    database, found = app.state.database, Found()
    with database.reading() as session:
        found.pending = len(session.scalars(select(PendingObject.id)).all())
        _pieces_are_whole(session, world.pieces, found)
        _verdicts_are_whole(session, world.verdicts, found)
        _every_row_has_its_object(session, app)
    _nothing_is_wrong(app)
    _only_named_objects_stay(app)
    return found


def _pieces_are_whole(session: Session, sent: Iterable[Piece], found: Found) -> None:
    by_key = {piece.key: piece for piece in sent}
    rows = session.scalars(select(Evidence)).all()
    assert max(Counter(row.form_key for row in rows).values(), default=1) == 1, "a piece was made twice"
    assert {piece.key for piece in by_key.values() if piece.confirmed} <= {row.form_key for row in rows}
    for row in rows:
        piece = by_key[row.form_key]
        _is_whole(session, row, piece)
        found.pieces += 1
        found.confirmed += piece.confirmed
        found.whole_but_unconfirmed += not piece.confirmed
    versions = session.scalars(select(EvidenceVersion.evidence_id)).all()
    assert Counter(versions) == Counter(row.id for row in rows), "one version for each piece, none without"
    on_versions = Counter(session.scalars(select(VersionFile.file_id)).all())
    assert set(on_versions.values()) <= {1}
    assert set(on_versions) == set(session.scalars(select(EvidenceFile.id)).all()), "no file of no version"


def _is_whole(session: Session, row: Evidence, piece: Piece) -> None:
    version = session.scalars(select(EvidenceVersion).where(EvidenceVersion.evidence_id == row.id)).one()
    claims = session.scalars(select(Claim.item_code).where(Claim.version_id == version.id)).all()
    files = session.scalars(select(EvidenceFile).where(EvidenceFile.evidence_id == row.id)).all()
    assert version.title == piece.title
    assert sorted(claims) == sorted(piece.claims), "half of the claims"
    assert sorted(file.name for file in files) == sorted(file.name for file in piece.files), (
        "some of the files"
    )
    assert (version.submitted_at is not None) is piece.submits
    assert (row.state != "draft") is piece.submits
    if piece.confirmed:
        assert str(row.id) == piece.evidence_id
        assert {str(file.id): file.sha256_stored for file in files} == {
            file_id: receipt.stored for file_id, receipt in piece.receipts.items()
        }


def _verdicts_are_whole(session: Session, sent: Iterable[Verdict], found: Found) -> None:
    by_key = {verdict.key: verdict for verdict in sent}
    rows = session.scalars(select(Decision)).all()
    assert {row.form_key for row in rows} <= set(by_key)
    for verdict in by_key.values():
        own = {row.item_code: row.outcome for row in rows if row.form_key == verdict.key}
        assert own in ({}, verdict.outcomes), "half of a decision"
        assert own or not verdict.confirmed, "a confirmed decision is gone"
        if own:
            found.verdicts += 1
            _followed(session, verdict)
    signed = session.execute(select(SignOff.decision_id, SignOff.item_code)).all()
    decided = {row.id: row.item_code for row in rows if row.outcome == "covered"}
    assert {(decision_id, code) for decision_id, code in signed} <= set(decided.items())


def _followed(session: Session, verdict: Verdict) -> None:
    """The piece went where the decision sends it, in the same moment."""
    row = session.get_one(Evidence, UUID(verdict.piece.evidence_id))
    covered = set(verdict.outcomes.values()) == {"covered"}
    assert row.state == ("decided" if covered else "returned")


def _every_row_has_its_object(session: Session, app: FastAPI) -> None:
    for key, size in session.execute(select(EvidenceFile.storage_key, EvidenceFile.size)):
        assert app.state.store.size(key) == size, "a row whose object is not there"


def _nothing_is_wrong(app: FastAPI) -> None:
    """The operator's own command: ledger, summaries, rows and the bytes of every object."""
    site = Site(app.state.database, app.state.store, app.state.catalogue)
    faults = list(verify(site, Figures(), now=datetime.now(UTC), say=lambda *_: None))
    assert faults == []


def _only_named_objects_stay(app: FastAPI) -> None:
    """Two days later everything that was reserved and never kept is gone, and all that is named is there."""
    later = datetime.now(UTC) + LATER
    work_off(app, lambda: later)
    with app.state.database.reading() as session:
        assert session.scalars(select(PendingObject.id)).all() == []
        named = {key for column in naming_columns() for key in session.scalars(select(column)) if key}
    assert set(app.state.store.keys()) == named
