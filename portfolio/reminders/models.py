"""What a person wants to be reminded of, and which digests were sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base


class ReminderChoice(Base):
    """One person's own. Who has no row has the defaults: every week, on Monday, everything."""

    __tablename__ = "reminder_choice"
    __table_args__ = (CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    weekly: Mapped[bool]
    weekday: Mapped[int]
    """1 is Monday, 7 is Sunday."""
    muted: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The lines this person does not want. What is not named here is wanted, also when a role is added later."""
    changed_at: Mapped[datetime]


class ReminderSent(Base):
    """A digest that left: at most one for a person and a week. Written after the mail server took it."""

    __tablename__ = "reminder_sent"
    __table_args__ = (
        UniqueConstraint("person_id", "week"),
        CheckConstraint("delivery IN ('sent','folder')", name="delivery"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    week: Mapped[str] = mapped_column(String(8))
    """The ISO week it was for: "2026-W48"."""
    sent_at: Mapped[datetime]
    """The moment its counts are of."""
    delivery: Mapped[str] = mapped_column(String(10))
    """Sent to a mail server ("sent"), or written to a folder by an installation that has none ("folder")."""
    said: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Its sentences, word for word: counts and days, never a name or a title."""
