"""Comments, how far each person has read, and signed testimonies."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.evidence.models import EvidenceVersion
from portfolio.people.models import Person


class Comment(OfProvider, Base):
    """Said once, dated and named; not edited, not deleted."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_thread", "evidence_id", "id"),
        UniqueConstraint("evidence_id", "author_id", "form_key"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    """What the author was to this apprenticeship when they wrote it."""
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    form_key: Mapped[str] = mapped_column(String(64))
    """From the form: a double tap says it once."""

    author: Mapped[Person] = relationship(lazy="raise")


class ThreadRead(OfProvider, Base):
    """Up to which moment a person has read the thread of a piece."""

    __tablename__ = "thread_read"
    __table_args__ = (UniqueConstraint("evidence_id", "person_id"),)

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    read_until: Mapped[datetime]


class Testimony(OfProvider, Base):
    """A signed "I saw this", bound to the version that was seen; a later version makes it void."""

    __tablename__ = "testimony"

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_version.id"))
    version_sha256: Mapped[str] = mapped_column(String(64))
    """Of the words, claims and files as they stood: what exactly was signed."""
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    relation: Mapped[str] = mapped_column(String(200))
    saw_on: Mapped[date]
    statement: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime]

    author: Mapped[Person] = relationship(lazy="raise")
    version: Mapped[EvidenceVersion] = relationship(lazy="raise")
