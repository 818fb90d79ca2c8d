"""A provider's courses, their dated sessions, and the bookings of a session with every step that was taken.

Steps are added, never changed. Where a booking stands (`state`, `waiting_since`, `offer_until`) follows from its steps
(`portfolio.courses.standing`) and is written beside them in the same transaction, so that a page can ask for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class Course(OfProvider, Base):
    """What a provider offers. An archived one takes no new sessions and stays with what was booked."""

    __tablename__ = "course"
    __table_args__ = (
        CheckConstraint("kind IN ('workshop','elearning','briefing')", name="kind"),
        CheckConstraint("mode IN ('in_person','online','own_pace')", name="mode"),
        Index("ix_course_by_title", "provider_id", "title", "id"),
    )

    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[str] = mapped_column(String(200), default="")
    """In words, as the provider says it."""
    framework_id: Mapped[str | None] = mapped_column(String(60))
    level_id: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    minutes: Mapped[int | None]
    """How long it takes; None where that is not said."""
    mode: Mapped[str] = mapped_column(String(20), default="in_person")
    audience: Mapped[str] = mapped_column(Text, default="")
    not_for: Mapped[str] = mapped_column(Text, default="")
    outcomes: Mapped[str] = mapped_column(Text, default="")
    """One a line."""
    statements: Mapped[str] = mapped_column(Text, default="")
    """Codes that are suggested, with spaces between."""
    source: Mapped[str] = mapped_column(String(120), default="")
    """ "catalogue:course" of the dated example that it was taken from, or empty."""
    edition: Mapped[str] = mapped_column(String(200), default="")
    """Of that example."""
    form_key: Mapped[str] = mapped_column(String(64), default="")
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class CourseSession(OfProvider, Base):
    """One date of a course. No `capacity`: as many as come."""

    __tablename__ = "course_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="times"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
        Index("ix_course_session_upcoming", "provider_id", "starts_at", "id"),
    )

    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    venue: Mapped[str] = mapped_column(String(200), default="")
    capacity: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    form_key: Mapped[str] = mapped_column(String(64), default="")
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str] = mapped_column(Text, default="")

    course: Mapped[Course] = relationship(lazy="raise")


class Booking(OfProvider, Base):
    """One apprentice and one session. What was asked for never changes; where it stands does."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint(
            "state IN ('requested','approved','refused','waiting','offered','lapsed','confirmed','substituted',"
            "'cancelled','cancelled_late','called_off','full','part','none')",
            name="state",
        ),
        Index("ix_booking_of_session", "session_id", "state"),
        Index("ix_booking_of_apprenticeship", "apprenticeship_id", "state"),
        Index("ix_booking_offer", "state", "offer_until"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("course_session.id"))
    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    needs: Mapped[str] = mapped_column(Text, default="")
    """Additional needs on the day: for the person, their line manager and the provider's managers alone."""
    instead_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking.id"), index=True)
    """The booking whose place was passed on: this one begins confirmed."""
    asked_at: Mapped[datetime]
    form_key: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(20))
    """Name of a rules.booking.State in lower case."""
    waiting_since: Mapped[datetime | None]
    offer_until: Mapped[datetime | None]

    session: Mapped[CourseSession] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")
    apprenticeship: Mapped[Apprenticeship] = relationship(lazy="raise")


class BookingStep(OfProvider, Base):
    """One step of a booking: who took it, as what, when and why."""

    __tablename__ = "booking_step"
    __table_args__ = (
        CheckConstraint(
            "step IN ('approve','refuse','confirm','wait','offer','accept','lapse','cancel','substitute','call_off',"
            "'mark_full','mark_part','mark_none')",
            name="step",
        ),
        CheckConstraint("role IN ('person','manager','organiser','trainer','system')", name="role"),
        CheckConstraint("(by_id IS NULL) = (role = 'system')", name="by"),
        Index("ix_booking_step_of_booking", "booking_id", "id"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"))
    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    step: Mapped[str] = mapped_column(String(20))
    """Name of a rules.booking.Step in lower case."""
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """None: the portfolio by itself."""
    role: Mapped[str] = mapped_column(String(20))
    """Name of a rules.booking.Who in lower case."""
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    starts_at: Mapped[datetime]
    """When the session was to begin, as it stood then: whether a place was given back late goes by it."""
    offer_until: Mapped[datetime | None]
    substitute_booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking.id"), index=True)
    """The booking of whoever took the place over."""

    by: Mapped[Person | None] = relationship(foreign_keys=[by_id], lazy="raise")
