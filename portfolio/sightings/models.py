"""Signed confirmations that the original of a piece was seen: rows are added, never changed, never deleted (triggers)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class Sighting(OfProvider, Base):
    """A mentor or assessor has seen the original of one version of a piece, where it is kept. Once per person and
    version; a later version has to be confirmed anew."""

    __tablename__ = "sighting"
    __table_args__ = (
        UniqueConstraint("version_id", "signed_by_id"),
        CheckConstraint("role IN ('mentor','assessor')", name="role"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_version.id"))
    version_number: Mapped[int]
    version_sha256: Mapped[str] = mapped_column(String(64))
    """Of the words, claims and files as they stood, as testimonies keep it."""
    signed_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    """What they were to the apprenticeship when they signed."""
    seen_on: Mapped[date]
    seen_where: Mapped[str] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)
    """The whole sentence that was signed."""
    signed_at: Mapped[datetime]

    signed_by: Mapped[Person] = relationship(lazy="raise")
