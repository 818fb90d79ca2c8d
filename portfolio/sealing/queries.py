"""Is this sealed, and what stands under the seal? Small questions that every capability may ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, exists, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portfolio.database import Base
from portfolio.refusals import Refused
from portfolio.sealing.models import SealedWords, Slip, SlipEvent, Tombstone
from portfolio.web.formats import moment_words

COUNTED = "What was signed off on its strength stays counted meanwhile."


class Shut(Refused):
    """The piece is closed. The reason says since when and what happens next, and nothing of what is in it."""


@dataclass(frozen=True)
class Standing:
    """How a piece stands that somebody reported."""

    state: str
    since: datetime

    @property
    def sentence(self) -> str:
        if self.state == "purged":
            return (
                f"This piece was removed for good on {moment_words(self.since)}, since it identified somebody. "
                "What is kept of it is when, why, and the fingerprints of its files."
            )
        if self.state == "asked":
            return (
                f"This is closed since {moment_words(self.since)}: it may identify somebody. "
                "A version without that is asked for."
            )
        return (
            f"This piece is closed since {moment_words(self.since)}: somebody reported that it may identify a person. "
            "The provider’s confidentiality leads look at it, and then open it again, ask for a version without what "
            f"identifies, or remove it. {COUNTED}"
        )


def sealed(record_id: InstrumentedAttribute[UUID], field: str) -> ColumnElement[bool]:
    """Whether a column of this row is sealed, or was purged: for a row of which that column is never empty."""
    return exists().where(SealedWords.record_id == record_id, SealedWords.field == field)


def is_sealed(session: Session, record_id: UUID) -> bool:
    """Whether something of this very row is out of sight."""
    found = select(SealedWords.id).where(SealedWords.record_id == record_id).limit(1)
    return session.scalar(found) is not None


def standing(session: Session, evidence_id: UUID) -> Standing | None:
    """What became of the newest report of this piece that was not the end of it; None if there is nothing. One query."""
    gone = select(literal("purged"), Tombstone.at).where(Tombstone.evidence_id == evidence_id)
    reported = select(Slip.state, Slip.reported_at).where(
        Slip.evidence_id == evidence_id, Slip.state.in_(("open", "asked"))
    )
    rows = [Standing(*row) for row in session.execute(gone.union_all(reported))]
    rows.sort(key=lambda one: (("open", "purged", "asked").index(one.state), one.since))
    return rows[0] if rows else None


def refuse_if_shut(session: Session, evidence_id: UUID) -> None:
    """Raises Shut while somebody looks at the piece, and for good once nothing readable is left of it."""
    how = standing(session, evidence_id)
    if how is None or (how.state != "open" and _something_left(session, evidence_id)):
        return
    raise Shut(how.sentence)


def _something_left(session: Session, evidence_id: UUID) -> bool:
    """Whether a version that was handed in, or is being written, is not sealed: the cleaned one, for instance."""
    version: Table = Base.metadata.tables["evidence_version"]  # of a capability above this one
    out_of_sight = exists().where(SealedWords.record_id == version.c.id, SealedWords.field == "title")
    left = select(version.c.id).where(version.c.evidence_id == evidence_id, ~out_of_sight).limit(1)
    return session.scalar(left) is not None


def refuse_shut(session: Session, evidence_id: UUID) -> None:
    """For a piece of which nothing can be read: raises Shut if it was sealed, and returns if it never was."""
    how = standing(session, evidence_id)
    if how is not None:
        raise Shut(how.sentence)


Words = dict[tuple[UUID, str], str]
"""By row and column."""


def under_seal(session: Session, records: Iterable[UUID], *, everywhere: bool = False) -> Words:
    """The words of these rows that are sealed now and not purged. `everywhere`: past the wall between providers, for
    checks of all that is stored."""
    wanted = list(records)
    if not wanted:
        return {}
    rows = session.execute(
        select(SealedWords.record_id, SealedWords.field, SealedWords.words)
        .where(SealedWords.record_id.in_(wanted), SealedWords.purged_at.is_(None))
        .execution_options(across_providers=everywhere)
    )
    return {(record_id, field): words for record_id, field, words in rows}


def of_piece(session: Session, evidence_id: UUID) -> Words:
    """Everything of this piece that is sealed now."""
    rows = session.execute(
        select(SealedWords.record_id, SealedWords.field, SealedWords.words).where(
            SealedWords.evidence_id == evidence_id, SealedWords.purged_at.is_(None)
        )
    )
    return {(record_id, field): words for record_id, field, words in rows}


def purged(session: Session, records: Iterable[UUID]) -> set[UUID]:
    """Those of these rows of which something was purged: what is missing there is missing rightly."""
    wanted = list(records)
    if not wanted:
        return set()
    found = (
        select(SealedWords.record_id)
        .join(
            Tombstone,
            and_(
                Tombstone.slip_id == SealedWords.slip_id,
                Tombstone.provider_id == SealedWords.provider_id,
            ),
        )
        .where(SealedWords.record_id.in_(wanted), SealedWords.purged_at.is_not(None))
        .execution_options(across_providers=True)
    )
    return set(session.scalars(found))


def cleaning_asked(session: Session, evidence_id: UUID) -> str:
    """Why a cleaned version is asked for, in the lead's words; "" if none is, or it was made since."""
    return (
        session.scalar(
            select(SlipEvent.reason)
            .join(Slip, Slip.id == SlipEvent.slip_id)
            .where(Slip.evidence_id == evidence_id, Slip.state == "asked", SlipEvent.kind == "asked")
            .order_by(SlipEvent.id.desc())
            .limit(1)
        )
        or ""
    )
