"""A slip: a report that a piece identifies somebody. What was written is moved out of its rows and sealed at once, so
that no page, no export and no job can show it, also none that was written without a thought of slips.

The triggers let text in rows that otherwise never change be exchanged in three ways only: words against CLOSED while
their copy is sealed, CLOSED against the very words of the seal, and CLOSED against REMOVED once there is a tombstone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base, OfProvider

OPEN = text("state = 'open'")


class Slip(OfProvider, Base):
    """States: open → restored | asked | purged; asked → purged. A piece has one open slip at most.

    A report is no part of the portfolio: it is made, and answered, after the gateway lock too."""

    __tablename__ = "slip"
    __table_args__ = (
        CheckConstraint("state IN ('open','restored','asked','purged')", name="state"),
        CheckConstraint("what IN ('person_at_risk','colleague','place')", name="what"),
        CheckConstraint("part IN ('file','words','talk')", name="part"),
        Index("ix_slip_list", "provider_id", "state", "id"),
        Index("ix_slip_open", "evidence_id", unique=True, postgresql_where=OPEN, sqlite_where=OPEN),
        UniqueConstraint("reported_by_id", "form_key"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    what: Mapped[str] = mapped_column(String(20))
    part: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    reported_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reported_at: Mapped[datetime]
    purge_asked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """The lead who wants it purged, while the other has not agreed."""
    form_key: Mapped[str] = mapped_column(String(64))
    """From the form: a double tap reports once."""


class SlipEvent(OfProvider, Base):
    """What was done about a slip: rows that are added and never changed (triggers). Each enters the ledger."""

    __tablename__ = "slip_event"
    __table_args__ = (
        CheckConstraint("kind IN ('reported','restored','asked','purge_asked','purged')", name="kind"),
        Index("ix_slip_event_slip", "slip_id", "id"),
    )
    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    slip_id: Mapped[UUID] = mapped_column(ForeignKey("slip.id"))
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    kind: Mapped[str] = mapped_column(String(12))
    role: Mapped[str] = mapped_column(String(20))
    """What whoever did it was to the apprenticeship then."""
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class SealedWords(OfProvider, Base):
    """The words of one column of one row, while CLOSED stands there. Purged: the row stays without the words, and
    says that they were there. Only the slip being restored lets it go (trigger)."""

    __tablename__ = "sealed_words"
    __table_args__ = (UniqueConstraint("record_id", "field"),)

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), index=True)
    slip_id: Mapped[UUID] = mapped_column(index=True)
    """No foreign key: after a restore of an older backup the slip is not there."""
    record: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[UUID]
    field: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(Text)
    sealed_at: Mapped[datetime]
    purged_at: Mapped[datetime | None]


class Tombstone(OfProvider, Base):
    """What is left of a piece that was purged. Never changed, never deleted (triggers). It refers to no other row but
    the piece: it is laid again over an older backup, where people and slip may not be."""

    __tablename__ = "tombstone"

    evidence_id: Mapped[UUID] = mapped_column(index=True)
    slip_id: Mapped[UUID] = mapped_column(unique=True)
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(20))
    """Slip.what: which kind of identification."""
    files: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """[[id, SHA-256 received, SHA-256 stored, size], …]"""
    asked_by_id: Mapped[UUID]
    agreed_by_id: Mapped[UUID | None]
    """The second person; nobody where the provider has one lead only."""
    backups_until: Mapped[datetime]
    """Until then a backup that was made before may still hold it."""
