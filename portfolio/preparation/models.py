"""How far the preparation of a file is, and what came of it: a row beside the file's own, which never changes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base, OfProvider
from portfolio.objects.models import NAMES_AN_OBJECT
from portfolio.preparation.rules import Standing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class FilePreparation(OfProvider, Base):
    """One per file. It names no apprenticeship: what becomes of a picture is neither progress nor frozen by the
    gateway lock. The words of each state stand in `rules`."""

    __tablename__ = "file_preparation"
    __table_args__ = (
        CheckConstraint("check_state IN ('checking','passed','refused')", name="check_state"),
        CheckConstraint(
            "scan_state IN ('waiting','clean','found','too_big','no_answer','off')", name="scan_state"
        ),
        CheckConstraint("pictures_state IN ('waiting','ready','none','failed')", name="pictures_state"),
        Index(
            "ix_file_preparation_open",
            "began_at",
            postgresql_where=text("done_at IS NULL"),
            sqlite_where=text("done_at IS NULL"),
        ),
    )

    file_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id"), unique=True)
    check_state: Mapped[str] = mapped_column(String(10))
    refusal: Mapped[str] = mapped_column(String(400), default="")
    """The sentence that says why it was refused, without the name of the file; "" if it was not."""
    scan_state: Mapped[str] = mapped_column(String(10))
    scanned_at: Mapped[datetime | None]
    pictures_state: Mapped[str] = mapped_column(String(10))
    preview_key: Mapped[str] = mapped_column(String(120), default="", info=NAMES_AN_OBJECT)
    thumbnail_key: Mapped[str] = mapped_column(String(120), default="", info=NAMES_AN_OBJECT)
    preview_sha256: Mapped[str] = mapped_column(String(64), default="")
    thumbnail_sha256: Mapped[str] = mapped_column(String(64), default="")
    """Of the pictures in the store; "" for those that were made before this was noted."""
    began_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    """Nothing is left to do; a job waits for this file while it is empty."""

    @property
    def standing(self) -> Standing:
        """The facts that rules and pages ask about."""
        return Standing(self.check_state, self.scan_state, self.pictures_state, self.refusal, self.began_at)

    @property
    def keys(self) -> list[str]:
        """Of the pictures in the store."""
        return [key for key in (self.preview_key, self.thumbnail_key) if key]

    @classmethod
    def still_open(cls) -> ColumnElement[bool]:
        return cls.done_at.is_(None)
