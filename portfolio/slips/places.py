"""Every column in which words of a piece may stand, so that all of them can be sealed. A test asks for each table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, Table, or_, select

from portfolio.assessment.models import Decision, SignOff, SignOffPiece
from portfolio.courses.after_models import EvaluationAnswer, EvaluationPiece
from portfolio.database import Base
from portfolio.development.models import ReviewLearnt, Supervision
from portfolio.evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion
from portfolio.feedback.models import Comment, Testimony
from portfolio.findings.models import KeptFinding
from portfolio.sightings.models import Sighting
from portfolio.training.models import HoursConfirmation, TrainingEntry

Find = Callable[[Table, UUID], ColumnElement[bool]]


@dataclass(frozen=True)
class Place:
    """A table, its columns with words, and which of its rows belong to a piece. `always`: this column is sealed
    though it is empty, so that the seal shows whether the row is out of sight."""

    name: str
    columns: tuple[str, ...]
    find: Find
    always: str = ""

    @property
    def table(self) -> Table:
        return Base.metadata.tables[self.name]


def _versions(evidence_id: UUID) -> Select[UUID]:
    return select(EvidenceVersion.id).where(EvidenceVersion.evidence_id == evidence_id)


def _of_piece(table: Table, evidence_id: UUID) -> ColumnElement[bool]:
    return table.c.evidence_id == evidence_id


def _itself(table: Table, evidence_id: UUID) -> ColumnElement[bool]:
    return table.c.id == evidence_id


def _of_version(table: Table, evidence_id: UUID) -> ColumnElement[bool]:
    return table.c.version_id.in_(_versions(evidence_id))


def _on_entry(table: Table, evidence_id: UUID) -> ColumnElement[bool]:
    """What was said of the entry of the training log that the piece was made from."""
    return table.c.entry_id.in_(select(TrainingEntry.id).where(TrainingEntry.evidence_id == evidence_id))


def _answered(table: Table, evidence_id: UUID) -> ColumnElement[bool]:
    """What its apprentice said of the course that the piece was made from."""
    made = select(EvaluationPiece.booking_id).where(EvaluationPiece.evidence_id == evidence_id)
    return table.c.booking_id.in_(made)


def _rests_on(table: Table, evidence_id: UUID) -> ColumnElement[bool]:
    """Sign-offs made on the strength of the piece: their reason may say what is in it."""
    decided = select(Decision.id).where(Decision.evidence_id == evidence_id)
    chosen = select(SignOffPiece.sign_off_id).where(SignOffPiece.version_id.in_(_versions(evidence_id)))
    return or_(table.c.decision_id.in_(decided), table.c.id.in_(chosen))


def _found_in(table: Table, evidence_id: UUID) -> ColumnElement[bool]:
    of_piece = (Comment, Testimony, Decision, Sighting)
    records: list[Select[UUID] | ScalarSelect[UUID]] = [
        _versions(evidence_id),
        *(select(one.id).where(one.evidence_id == evidence_id) for one in of_piece),
        select(TrainingEntry.id).where(TrainingEntry.evidence_id == evidence_id),
        select(Supervision.id).where(Supervision.evidence_id == evidence_id),
        select(ReviewLearnt.id).where(ReviewLearnt.evidence_id == evidence_id),
        select(HoursConfirmation.id).where(
            _on_entry(Base.metadata.tables[HoursConfirmation.__tablename__], evidence_id)
        ),
        select(EvaluationAnswer.id).where(
            _answered(Base.metadata.tables[EvaluationAnswer.__tablename__], evidence_id)
        ),
        select(SignOff.id).where(_rests_on(Base.metadata.tables[SignOff.__tablename__], evidence_id)),
    ]
    return or_(table.c.record_id == evidence_id, *(table.c.record_id.in_(one) for one in records))


VERSION = tuple(
    "title what_happened what_i_did why original_kept_at original_seen_by original_what".split()  # noqa: SIM905
)
PLACES = (
    Place(Evidence.__tablename__, ("withdrawn_reason",), _itself),
    Place(EvidenceVersion.__tablename__, VERSION, _of_piece, always="title"),
    Place(EvidenceFile.__tablename__, ("name", "not_cleaned", "still_holds"), _of_piece, always="name"),
    Place(Claim.__tablename__, ("note",), _of_version),
    Place(Comment.__tablename__, ("text",), _of_piece),
    Place(Testimony.__tablename__, ("relation", "statement"), _of_piece),
    Place(Sighting.__tablename__, ("seen_where", "statement"), _of_piece),
    Place(TrainingEntry.__tablename__, ("what", "objective", "given_by", "certificate", "impact"), _of_piece),
    Place(HoursConfirmation.__tablename__, ("reason",), _on_entry),
    Place(Supervision.__tablename__, ("taken",), _of_piece),
    Place(ReviewLearnt.__tablename__, ("title", "publisher", "found", "changed"), _of_piece),
    Place(EvaluationAnswer.__tablename__, ("words",), _answered),
    Place(Decision.__tablename__, ("missing", "reason"), _of_piece),
    Place(SignOff.__tablename__, ("reason",), _rests_on),
    Place(KeptFinding.__tablename__, ("reason",), _found_in),
    Place("upload", ("name", "refusal"), _of_piece),
    Place("draft_revision", ("sent", "said"), _of_version),
    Place("draft_conflict", ("text",), _of_version),
)
BY_NAME = {place.name: place for place in PLACES}
