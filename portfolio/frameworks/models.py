"""Which framework and level was chosen for whom, how its competencies were rated, and what was linked to them.

Choices and ratings are added, never changed: the newest stands. A link never changes; who made it may remove it. All
three are about somebody's development, outside what the lock of a portfolio freezes (migration 0024)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class FrameworkChoice(OfProvider, Base):
    """The framework and the target level of one apprenticeship, with why. The newest one stands."""

    __tablename__ = "framework_choice"
    __table_args__ = (
        Index("ix_framework_choice_newest", "apprenticeship_id", "id"),
        CheckConstraint("strand IN ('child','adult','both')", name="strand"),
        CheckConstraint("role IN ('mentor','manager')", name="role"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    framework_id: Mapped[str] = mapped_column(String(60))
    level_id: Mapped[str] = mapped_column(String(200))
    strand: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    chosen_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    """What they were to the apprenticeship then: the mentor chooses for the employer."""
    form_key: Mapped[str] = mapped_column(String(64), default="")
    chosen_at: Mapped[datetime]

    chosen_by: Mapped[Person] = relationship(lazy="raise")


class CompetencyRating(OfProvider, Base):
    """One rating of one competency, by the apprentice (own) or by their mentor (second). The newest of a side stands."""

    __tablename__ = "competency_rating"
    __table_args__ = (
        Index("ix_competency_rating_of", "apprenticeship_id", "framework_id", "competency_id"),
        CheckConstraint("side IN ('own','second')", name="side"),
        CheckConstraint("rating IN ('not yet','developing','competent')", name="rating"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    framework_id: Mapped[str] = mapped_column(String(60))
    competency_id: Mapped[str] = mapped_column(String(200))
    side: Mapped[str] = mapped_column(String(10))
    rating: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    form_key: Mapped[str] = mapped_column(String(64), default="")
    """Of the page it came from: several ratings of one page have the same."""
    at: Mapped[datetime]

    by: Mapped[Person] = relationship(lazy="raise")


class CompetencyLink(OfProvider, Base):
    """A piece of evidence, or an entry of the training log, that shows a competency."""

    __tablename__ = "competency_link"
    __table_args__ = (
        UniqueConstraint(
            "apprenticeship_id",
            "framework_id",
            "competency_id",
            "evidence_id",
            name="uq_competency_link_piece",
        ),
        UniqueConstraint(
            "apprenticeship_id", "framework_id", "competency_id", "entry_id", name="uq_competency_link_entry"
        ),
        CheckConstraint("(evidence_id IS NULL) <> (entry_id IS NULL)", name="one"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    framework_id: Mapped[str] = mapped_column(String(60))
    competency_id: Mapped[str] = mapped_column(String(200))
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    entry_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("training_entry.id", ondelete="CASCADE"), index=True
    )
    """An entry that nobody has answered may be removed from the log; its links go with it."""
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship(lazy="raise")
