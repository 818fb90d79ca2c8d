"""What the fingerprint of a portfolio covers, read from the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portfolio.assessment.models import Decision, SignOff, SignOffPiece
from portfolio.evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion, VersionFile
from portfolio.feedback.models import Testimony
from portfolio.sealing.queries import under_seal
from portfolio.sightings.models import Sighting
from portfolio.training.models import HoursConfirmation, TrainingEntry
from portfolio.training.queries import SAYS

# The columns are named one by one: a column that is added later must not change the fingerprint of an old lock.
PARTS: dict[str, tuple[type[Any], str]] = {
    "evidence": (Evidence, "id state withdrawn_reason"),
    "versions": (
        EvidenceVersion,
        (
            "id evidence_id number type title happened_on what_happened what_i_did why original_kept_at original_seen_by "
            "confidentiality nobody_identifiable own_work submitted_at"
        ),
    ),
    "claims": (Claim, "id version_id item_code note"),
    "version_files": (VersionFile, "id version_id file_id position"),
    "files": (EvidenceFile, "id evidence_id name kind size sha256_received sha256_stored"),
    "testimonies": (
        Testimony,
        "id version_id version_sha256 author_id relation saw_on statement signed_at",
    ),
    "decisions": (
        Decision,
        (
            "id version_id claim_id item_code outcome valid authentic current sufficient reliable missing supersedes_id "
            "reason decided_by_id decided_at"
        ),
    ),
    "sign_offs": (SignOff, "id item_code kind basis decision_id reason signed_by_id signed_at"),
    "sign_off_pieces": (SignOffPiece, "id sign_off_id version_id"),
    "sightings": (
        Sighting,
        "id version_id version_sha256 signed_by_id role seen_on seen_where statement signed_at",
    ),
    "training_entries": (TrainingEntry, f"id {' '.join(SAYS)} entered_at"),
    "hours_confirmations": (HoursConfirmation, "id entry_id outcome reason entry_sha256 by_id role at"),
}
"""Part -> table and columns. Drafts are left out, being nobody's evidence yet; so are comments, which are talk about
the portfolio and do not go to the assessment with it, and entries of the training log that nobody ever answered. All
of them are frozen by the lock all the same."""

LATER_PARTS = frozenset({"sightings", "training_entries", "hours_confirmations"})
LATER_COLUMNS = {"versions": "original_what original_seen_on"}
"""Came after the first locks were given. They count only where something stands in them, so that the fingerprint of an
older lock, whose portfolio has nothing there, is what it was."""


def portfolio_parts(session: Session, apprenticeship_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row that the fingerprint covers, part by part, as it was written though it may be sealed since. A constant
    number of queries."""
    found = {part: _rows(session, part, apprenticeship_id) for part in PARTS}
    unseal(session, found)
    for part in LATER_PARTS:
        if not found[part]:
            del found[part]
    return found


def unseal(session: Session, parts: dict[str, list[dict[str, Any]]]) -> None:
    rows = [row for part in parts.values() for row in part]
    words = under_seal(session, [row["id"] for row in rows])
    for (record_id, field), text in words.items():
        for row in rows:
            if row["id"] == record_id and field in row:
                row[field] = text


def _rows(session: Session, part: str, apprenticeship_id: UUID) -> list[dict[str, Any]]:
    model, names = PARTS[part]
    later = LATER_COLUMNS.get(part, "").split()
    columns: list[InstrumentedAttribute[Any]] = [getattr(model, name) for name in [*names.split(), *later]]
    statement = select(*columns).where(model.apprenticeship_id == apprenticeship_id).order_by(model.id)
    condition = _handed_in(model)
    if condition is not None:
        statement = statement.where(condition)
    rows = session.execute(statement).mappings()
    return [{name: value for name, value in row.items() if value or name not in later} for row in rows]


def _handed_in(model: type[Any]) -> ColumnElement[bool] | None:
    """Keeps drafts out: only versions that were handed in, and what hangs on them. Of the training log what was answered."""
    submitted = EvidenceVersion.submitted_at.is_not(None)
    if model is Evidence:
        return exists().where(EvidenceVersion.evidence_id == Evidence.id, submitted)
    if model is EvidenceVersion:
        return submitted
    if model is TrainingEntry:
        return exists().where(HoursConfirmation.entry_id == TrainingEntry.id)
    if model in (Claim, VersionFile):
        return exists().where(EvidenceVersion.id == model.version_id, submitted)
    if model is EvidenceFile:
        return exists().where(
            VersionFile.file_id == EvidenceFile.id, EvidenceVersion.id == VersionFile.version_id, submitted
        )
    return None
