"""Supervision and reviews learnt from, inductions, and what an employer asks for.

Supervision and reviews belong to their apprentice, who may change or remove them. The other three are only added and
the newest stands. All five are records of somebody's development, outside what the lock of a portfolio freezes
(migration 0025)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class OwnRecord(OfProvider):
    """What every record has that an apprentice keeps of their own development."""

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    day: Mapped[date]
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    """The piece that was made from it."""
    form_key: Mapped[str] = mapped_column(String(64), default="")
    entered_at: Mapped[datetime]
    edited_at: Mapped[datetime]


class SetBy(OfProvider):
    """Who set it, what they were to it then, and when."""

    set_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    set_at: Mapped[datetime]

    @declared_attr
    def set_by(self) -> Mapped[Person]:
        return relationship(lazy="raise")


class Supervision(OwnRecord, Base):
    """One supervision. `wellbeing` is for its apprentice's eyes alone: nothing loads it unless it is asked for by name
    (portfolio.development.queries.wellbeing_of), and reading it in passing is an error."""

    __tablename__ = "supervision"

    kind: Mapped[str] = mapped_column(String(20))
    with_role: Mapped[str] = mapped_column(String(30))
    """A role, never a name (rules.WITH_WHOM)."""
    taken: Mapped[str] = mapped_column(Text)
    wellbeing: Mapped[str] = mapped_column(Text, default="", deferred=True, deferred_raiseload=True)


class ReviewLearnt(OwnRecord, Base):
    """A published review: what it found, and what the apprentice changed."""

    __tablename__ = "review_learnt"

    title: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    link: Mapped[str] = mapped_column(Text, default="")
    found: Mapped[str] = mapped_column(Text, default="")
    changed: Mapped[str] = mapped_column(Text, default="")


class Induction(SetBy, Base):
    """An induction that took place, as mentor or manager recorded it. The first that covers the procedures counts."""

    __tablename__ = "induction"
    __table_args__ = (CheckConstraint("role IN ('mentor','manager')", name="role"),)

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    day: Mapped[date]
    covered: Mapped[str] = mapped_column(Text)
    """Keys of rules.COVERS, parted by spaces."""


class RefresherOverride(SetBy, Base):
    """What the employer says of one person's refresher: whether they are a designated lead, and its own interval in
    months, or None: the framework's rule stands."""

    __tablename__ = "refresher_override"
    __table_args__ = (
        CheckConstraint("role IN ('mentor','manager')", name="role"),
        CheckConstraint("months IS NULL OR months BETWEEN 1 AND 120", name="months"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    months: Mapped[int | None]
    designated_lead: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)


class EmployerAsks(SetBy, Base):
    """By when an employer wants the induction done, and how often supervision. None: it has said nothing."""

    __tablename__ = "employer_asks"
    __table_args__ = (
        CheckConstraint("role IN ('mentor','manager')", name="role"),
        CheckConstraint("induction_days IS NULL OR induction_days BETWEEN 1 AND 365", name="induction_days"),
        CheckConstraint(
            "supervision_months IS NULL OR supervision_months BETWEEN 1 AND 24", name="supervision_months"
        ),
    )

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    induction_days: Mapped[int | None]
    supervision_months: Mapped[int | None]
