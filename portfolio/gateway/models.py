"""What the gateway check rests on, the declarations, the lock, and the assessment that follows.

All of it is added to and never changed; the newest row of a kind is the one that stands.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class DbsRecord(OfProvider, Base):
    """A record of the enhanced DBS check, never a copy: what the sample policy allows to be kept, no more."""

    __tablename__ = "dbs_record"
    __table_args__ = (
        Index("ix_dbs_record_newest", "apprenticeship_id", "id"),
        CheckConstraint("decision IN ('satisfactory','not_satisfactory','awaiting')", name="decision"),
        CheckConstraint("level IN ('','basic','standard','enhanced')", name="level"),
        CheckConstraint("workforce IN ('','child','adult','child_and_adult','other')", name="workforce"),
        CheckConstraint("barred_lists IN ('','none','children','adults','both')", name="barred_lists"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    decision: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(20), default="")
    workforce: Mapped[str] = mapped_column(String(20), default="")
    barred_lists: Mapped[str] = mapped_column(String(20), default="")
    issued_on: Mapped[date | None]
    last_four: Mapped[str] = mapped_column(String(4), default="")
    original_seen_by: Mapped[str] = mapped_column(String(200), default="")
    original_seen_on: Mapped[date | None]
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided_on: Mapped[date | None]
    next_check_due_on: Mapped[date | None]
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    recorded_by: Mapped[Person] = relationship(lazy="raise")


class QualificationRecord(OfProvider, Base):
    """What was seen of one subject: level 2, Entry Level 3, BSL, or the attempt only."""

    __tablename__ = "qualification_record"
    __table_args__ = (
        Index("ix_qualification_record_newest", "apprenticeship_id", "subject", "id"),
        CheckConstraint("subject IN ('english','maths')", name="subject"),
        CheckConstraint(
            "qualification IN ('none','level_2','entry_level_3','bsl','attempt')", name="qualification"
        ),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    subject: Mapped[str] = mapped_column(String(10))
    qualification: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200), default="")
    proof: Mapped[str] = mapped_column(String(30), default="")
    """certificate, statement_of_results, learning_record, other: the kind of proof that was seen."""
    proof_seen_on: Mapped[date | None]
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    recorded_by: Mapped[Person] = relationship(lazy="raise")


class SupportRecord(OfProvider, Base):
    """What changes the English and maths requirement for this person. Health data: its own right to see it."""

    __tablename__ = "support_record"
    __table_args__ = (
        Index("ix_support_record_newest", "apprenticeship_id", "id"),
        CheckConstraint("plan IN ('none','education_health_care_plan','legacy_statement')", name="plan"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    plan: Mapped[str] = mapped_column(String(40), default="none")
    plan_seen_on: Mapped[date | None]
    primary_bsl_user: Mapped[bool] = mapped_column(default=False)
    english_judgement_on: Mapped[date | None]
    maths_judgement_on: Mapped[date | None]
    english_opted_in: Mapped[bool] = mapped_column(default=False)
    maths_opted_in: Mapped[bool] = mapped_column(default=False)
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    recorded_by: Mapped[Person] = relationship(lazy="raise")


class Declaration(OfProvider, Base):
    """The apprentice, the employer or the provider says: ready. An unlock starts a new round."""

    __tablename__ = "declaration"
    __table_args__ = (
        UniqueConstraint("apprenticeship_id", "round", "party"),
        CheckConstraint("party IN ('apprentice','employer','provider')", name="party"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    round: Mapped[int] = mapped_column(default=1)
    party: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    signed_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime]

    signed_by: Mapped[Person] = relationship(lazy="raise")


class GatewayLock(OfProvider, Base):
    """The freeze. While it stands, triggers refuse every change to the portfolio, by any path."""

    __tablename__ = "gateway_lock"
    __table_args__ = (UniqueConstraint("apprenticeship_id", "round"),)

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    round: Mapped[int] = mapped_column(default=1)
    check_text: Mapped[str] = mapped_column(Text)
    """The whole check as it stood, as JSON: each requirement, its reason and its source."""
    portfolio_sha256: Mapped[str] = mapped_column(String(64))
    locked_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    locked_at: Mapped[datetime]

    locked_by: Mapped[Person] = relationship(lazy="raise")


class UnlockRequest(OfProvider, Base):
    """Somebody asks for the lock to be opened, and says why."""

    __tablename__ = "unlock_request"

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    lock_id: Mapped[UUID] = mapped_column(ForeignKey("gateway_lock.id"))
    reason: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]

    asked_by: Mapped[Person] = relationship(lazy="raise")


class GatewayUnlock(OfProvider, Base):
    """A second person agreed: the lock is open. The old lock row stays."""

    __tablename__ = "gateway_unlock"

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    lock_id: Mapped[UUID] = mapped_column(ForeignKey("gateway_lock.id"), unique=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("unlock_request.id"), unique=True)
    approved_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime]

    approved_by: Mapped[Person] = relationship(lazy="raise")


class AssessmentEvent(OfProvider, Base):
    """One step after the gateway: the organisation, a date, a component's result, the overall grade."""

    __tablename__ = "assessment_event"
    __table_args__ = (
        Index("ix_assessment_event_timeline", "apprenticeship_id", "id"),
        CheckConstraint("kind IN ('organisation','planned','result','overall')", name="kind"),
        CheckConstraint("attempt IN ('','first','resit','retake')", name="attempt"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    kind: Mapped[str] = mapped_column(String(20))
    organisation: Mapped[str] = mapped_column(String(200), default="")
    component: Mapped[str] = mapped_column(String(200), default="")
    attempt: Mapped[str] = mapped_column(String(10), default="")
    on: Mapped[date | None]
    """The planned date, the date it took place, or the achievement date, by kind."""
    result: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("assessment_event.id"), unique=True)
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    recorded_by: Mapped[Person] = relationship(lazy="raise")
