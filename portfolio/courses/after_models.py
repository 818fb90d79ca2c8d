"""What comes after a session: certificates, materials, what people said of it, and when they were asked.

All of it is added, never changed: the newest certificate of a booking stands, an answer is given once. Only the words of
an answer may be sealed, with the piece of evidence that was made from it; and materials may be taken away again."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class Certificate(OfProvider, Base):
    """A certificate of attendance was issued or withheld. The newest row of a booking stands."""

    __tablename__ = "certificate"
    __table_args__ = (
        Index("ix_certificate_booking_id", "booking_id", "id"),
        CheckConstraint("outcome IN ('issued','withheld')", name="outcome"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    by_trainer: Mapped[bool]
    """The trainer decided otherwise than attendance alone would have it."""
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """By which it is checked; one that is withheld has one too, which no PDF shows."""
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship(lazy="raise")


class EvaluationAnswer(OfProvider, Base):
    """What one person said of a session: on the day, or of its effect ten weeks later. Once each."""

    __tablename__ = "evaluation_answer"
    __table_args__ = (
        UniqueConstraint("booking_id", "form"),
        CheckConstraint("form IN ('day','follow_up')", name="form"),
        CheckConstraint("changed IN ('yes','partly','no')", name="changed"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"))
    form: Mapped[str] = mapped_column(String(10))
    useful: Mapped[int | None]
    confidence_before: Mapped[int | None]
    confidence_now: Mapped[int | None]
    changed: Mapped[str | None] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")
    may_be_quoted: Mapped[bool]
    form_key: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime]


class EvaluationAsked(OfProvider, Base):
    """A letter that asks for a form left on this day."""

    __tablename__ = "evaluation_asked"
    __table_args__ = (
        UniqueConstraint("booking_id", "form", "asked_on"),
        CheckConstraint("form IN ('day','follow_up')", name="form"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"))
    form: Mapped[str] = mapped_column(String(10))
    asked_on: Mapped[date]


class EvaluationPiece(OfProvider, Base):
    """The piece of evidence that its apprentice made from what they said of a session. One for each form."""

    __tablename__ = "evaluation_piece"
    __table_args__ = (
        UniqueConstraint("booking_id", "form"),
        CheckConstraint("form IN ('day','follow_up')", name="form"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"))
    form: Mapped[str] = mapped_column(String(10))
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), index=True)
    at: Mapped[datetime]


class CourseMaterial(OfProvider, Base):
    """Something to read after the day: a link or a note, for who attended."""

    __tablename__ = "course_material"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("course_session.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    form_key: Mapped[str] = mapped_column(String(64), default="")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
