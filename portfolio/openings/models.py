"""Openings of files: rows are added and counted on, never changed otherwise, never deleted (triggers)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base, OfProvider

KEY = ("file_id", "person_id", "what", "page", "half_hour")
"""One row for each: a player that asks for dozens of parts is one opening."""


class FileOpening(OfProvider, Base):
    """One person opened one file in one way from one page, within one half hour. Repeats raise `times` and `last_at`."""

    __tablename__ = "file_opening"
    __table_args__ = (
        UniqueConstraint(*KEY),
        Index("ix_file_opening_list", "evidence_id", "file_id", "last_at"),
        CheckConstraint("what IN ('file','range','preview','thumbnail')", name="what"),
        CheckConstraint("times >= 1", name="times"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    file_id: Mapped[UUID]
    """No foreign key: the row outlives a file that is removed from a draft. The file's name is not kept, since it may
    name a child."""
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    """What they were to the apprenticeship then."""
    what: Mapped[str] = mapped_column(String(12))
    """An id of rules.WAYS."""
    page: Mapped[str] = mapped_column(String(40))
    """A short name of the page that led there, see rules.PAGES: what the browser said of it."""
    half_hour: Mapped[int]
    """Half hours since 1970."""
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
