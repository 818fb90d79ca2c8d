"""Members of staff who are no apprentices, what was chosen for each, and the training that counts.

A member of staff is no account and cannot sign in. Held is the least that says whose training is due: name, role at
work, employer, and the first and last day. There is no email address, no date of birth and no note to write anything
else into. A choice is only added and the newest stands; training never changes and may go, which stays in the trail
(migration 0030)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.apprenticeships.models import Employer
from portfolio.database import Base, OfProvider
from portfolio.people.models import Person

LONGEST_NAME = 200
LONGEST_TITLE = 200
MOST_MINUTES = 6_000


class StaffMember(OfProvider, Base):
    """Somebody who works for an employer and is no apprentice."""

    __tablename__ = "staff_member"
    __table_args__ = (
        CheckConstraint("left_on IS NULL OR started_on IS NULL OR left_on >= started_on", name="left_on"),
        Index("ix_staff_member_by_name", "provider_id", "name", "id"),
    )

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    """The role at work, in the employer's words."""
    started_on: Mapped[date | None]
    """In this role. None where that is not known: then no first training falls due by it."""
    left_on: Mapped[date | None]
    """The last day."""
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    form_key: Mapped[str] = mapped_column(String(64), default="")
    recorded_at: Mapped[datetime]

    employer: Mapped[Employer] = relationship(lazy="raise")

    def has_left(self, today: date) -> bool:
        """From the day after the last one."""
        return self.left_on is not None and self.left_on < today


class StaffChoice(OfProvider, Base):
    """The framework and the target level of one member of staff, with why. The newest one stands."""

    __tablename__ = "staff_choice"
    __table_args__ = (
        Index("ix_staff_choice_newest", "staff_member_id", "id"),
        CheckConstraint("strand IN ('child','adult','both')", name="strand"),
    )

    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_member.id"))
    framework_id: Mapped[str] = mapped_column(String(60))
    level_id: Mapped[str] = mapped_column(String(200))
    strand: Mapped[str] = mapped_column(String(10))
    designated_lead: Mapped[bool]
    """Some frameworks ask designated leads to renew their training more often."""
    reason: Mapped[str] = mapped_column(Text)
    chosen_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    form_key: Mapped[str] = mapped_column(String(64), default="")
    chosen_at: Mapped[datetime]

    chosen_by: Mapped[Person] = relationship(lazy="raise")


class StaffLearning(OfProvider, Base):
    """Training at a level of a framework that a member of staff completed on one day."""

    __tablename__ = "staff_learning"
    __table_args__ = (
        Index("ix_staff_learning_of", "staff_member_id", "day"),
        CheckConstraint(f"minutes BETWEEN 1 AND {MOST_MINUTES}", name="minutes"),
    )

    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_member.id"))
    day: Mapped[date]
    minutes: Mapped[int]
    what: Mapped[str] = mapped_column(String(300))
    """The title of the training."""
    framework_id: Mapped[str] = mapped_column(String(60))
    level_id: Mapped[str] = mapped_column(String(200))
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    form_key: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime]

    recorded_by: Mapped[Person] = relationship(lazy="raise")
