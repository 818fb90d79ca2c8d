"""What was found and kept, what reading a file found, and an employer's own words."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base, OfProvider


class KeptFinding(OfProvider, Base):
    """A finding that its writer kept, with the reason. The words themselves stand in the text it is about, from
    `starts` to before `ends` in characters, and nowhere a second time.

    `about` names the table of `record_id`. `field`: a field of its form, "file-<id>" for the name of a file,
    "inside-<id>" for what was read in one (0 to 0)."""

    __tablename__ = "kept_finding"
    __table_args__ = (
        UniqueConstraint("record_id", "field", "starts"),
        CheckConstraint(
            "about IN ('evidence_version','comment','testimony','decision','evidence','sighting','sign_off',"
            "'unlock_request','assessment_event','training_entry','hours_confirmation','hours_plan',"
            "'framework_choice','competency_rating',"
            "'supervision','review_learnt','refresher_override','booking','booking_step',"
            "'evaluation_answer',"
            "'staff_choice','staff_learning')",
            name="about",
        ),
    )

    about: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[UUID]
    field: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    starts: Mapped[int]
    ends: Mapped[int]
    mark: Mapped[str] = mapped_column(String(60))
    """Of the words (rules.mark): a draft may have been changed since, and then they stand elsewhere or nowhere."""
    reason: Mapped[str] = mapped_column(String(300))
    kept_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kept_at: Mapped[datetime]


class FileReading(OfProvider, Base):
    """What was found in the text of a file. States: waiting; read; unread (it could not be read within the limits);
    off (a picture, and nothing here reads pictures)."""

    __tablename__ = "file_reading"
    __table_args__ = (CheckConstraint("state IN ('waiting','read','unread','off')", name="state"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id"), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """For each kind and place: {"kind": "phone", "page": 2, "count": 1}; page 0 where there are none. Never words."""
    whole: Mapped[bool] = mapped_column(default=True)
    """False: it is long, and only its beginning was read."""
    began_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class EmployerWords(OfProvider, Base):
    """What an employer calls its own places and people: one word or name on each line."""

    __tablename__ = "employer_words"

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), unique=True)
    words: Mapped[str] = mapped_column(Text, default="")
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]
