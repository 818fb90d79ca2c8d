"""What a draft said at each save, while it is a draft, and what could not be put into it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base, OfProvider


class DraftRevision(OfProvider, Base):
    """One save. Removed when the version is submitted: what was deleted while writing is nobody's business then."""

    __tablename__ = "draft_revision"
    __table_args__ = (UniqueConstraint("version_id", "number"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_version.id"))
    number: Mapped[int]
    """0 is what it said before the first save that was counted."""
    page: Mapped[str] = mapped_column(String(64), default="")
    """The key of the page that sent it; two tabs are two pages."""
    turn: Mapped[int] = mapped_column(default=0)
    """The page's own count of what it sent: an older one that arrives later changes nothing. 0 without a script."""
    device: Mapped[str] = mapped_column(String(10), default="")
    at: Mapped[datetime]
    sent: Mapped[str] = mapped_column(Text, default="")
    """What the page sent, as JSON; "" where that is what the draft said then."""
    said: Mapped[str] = mapped_column(Text)
    """What the draft said after it, as JSON."""


class DraftConflict(OfProvider, Base):
    """A text that one page sent while the same sentences were changed elsewhere: kept until its owner chooses."""

    __tablename__ = "draft_conflict"
    __table_args__ = (UniqueConstraint("version_id", "field", "page"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_version.id"))
    field: Mapped[str] = mapped_column(String(40))
    """A field of the form; `note_K7` for what is said about a claim."""
    page: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(10), default="")
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
