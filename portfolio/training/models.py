"""The training log, the plan of off-the-job hours, and who confirmed which entry.

Plans and confirmations are added, never changed. An entry is its apprentice's own until it is confirmed (triggers)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class HoursPlan(OfProvider, Base):
    """What the training plan says of hours, as a manager set it. The newest one stands; the older ones are kept."""

    __tablename__ = "hours_plan"
    __table_args__ = (CheckConstraint("delivery IN ('spread','blocks')", name="delivery"),)

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    weekly_paid_minutes: Mapped[int]
    planned_minutes: Mapped[int]
    delivery: Mapped[str] = mapped_column(String(10))
    """How the training is spread: it decides how often there has to be some."""
    prior_learning_minutes: Mapped[int] = mapped_column(default=0)
    leave_weeks: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    set_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]

    set_by: Mapped[Person] = relationship(lazy="raise")


class TrainingEntry(OfProvider, Base):
    """One thing that was learnt, on one day. `counts`: the apprentice claims its minutes as off-the-job hours."""

    __tablename__ = "training_entry"

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    day: Mapped[date]
    minutes: Mapped[int]
    what: Mapped[str] = mapped_column(Text)
    objective: Mapped[str] = mapped_column(Text, default="")
    activity: Mapped[str] = mapped_column(String(20))
    """Name of a rules.hours_facts.Activity in lower case."""
    given_by: Mapped[str] = mapped_column(Text, default="")
    certificate: Mapped[str] = mapped_column(Text, default="")
    """Its number, or where it is kept. The file itself belongs to a piece of evidence."""
    framework_id: Mapped[str | None] = mapped_column(String(60))
    level_id: Mapped[str | None] = mapped_column(String(200))
    in_paid_hours: Mapped[bool | None]
    new_learning: Mapped[bool | None]
    """None: not answered, which is never taken for yes or no."""
    english_maths: Mapped[bool] = mapped_column(default=False)
    assessment_or_review: Mapped[bool] = mapped_column(default=False)
    impact: Mapped[str] = mapped_column(Text, default="")
    """What it changed in their work."""
    statements: Mapped[str] = mapped_column(Text, default="")
    """Codes with spaces between, in the standard's order."""
    counts: Mapped[bool] = mapped_column(default=True)
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    """The piece that was made from it."""
    form_key: Mapped[str] = mapped_column(String(64), default="")
    entered_at: Mapped[datetime]
    edited_at: Mapped[datetime]

    @property
    def codes(self) -> list[str]:
        return self.statements.split()


class HoursConfirmation(OfProvider, Base):
    """A mentor or an assessor confirmed an entry as it stood, or returned it and said why. The newest one stands."""

    __tablename__ = "hours_confirmation"
    __table_args__ = (
        Index("ix_hours_confirmation_entry_id", "entry_id", "id"),
        CheckConstraint("outcome IN ('confirmed','returned')", name="outcome"),
        CheckConstraint("role IN ('mentor','assessor')", name="role"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("training_entry.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was returned."""
    entry_sha256: Mapped[str] = mapped_column(String(64))
    """Of what the entry said then (rules.log.entry_sha256)."""
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    """What they were to the apprenticeship then."""
    at: Mapped[datetime]

    by: Mapped[Person] = relationship(lazy="raise")
