"""An upload while it is on its way, and its pieces."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base, OfProvider
from portfolio.objects.models import NAMES_AN_OBJECT


class Upload(OfProvider, Base):
    """One file on its way into a draft. It names no apprenticeship: what is on its way is no progress, and is cleared
    away also after the gateway lock.

    States: sending → safe | refused | cancelled | expired. Only *safe* has a file."""

    __tablename__ = "upload"
    __table_args__ = (
        UniqueConstraint("evidence_id", "key"),
        CheckConstraint("state IN ('sending','safe','refused','cancelled','expired')", name="state"),
        Index(
            "ix_upload_sending",
            "last_at",
            postgresql_where=text("state = 'sending'"),
            sqlite_where=text("state = 'sending'"),
        ),
    )

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    key: Mapped[str] = mapped_column(String(64))
    """The sender's own name for this file: beginning twice is beginning once."""
    name: Mapped[str] = mapped_column(String(160))
    """As it was sent, for the sentences of its sender; "" once it is over."""
    size: Mapped[int] = mapped_column(BigInteger)
    chunk_size: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="sending")
    refusal: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[UUID | None]
    """The file that came of it. No foreign key: its owner may take it out of the draft again."""
    began_at: Mapped[datetime]
    last_at: Mapped[datetime]
    """When the last piece was taken; the day it is given up counts from here."""


class UploadChunk(OfProvider, Base):
    """A piece that is safe in the store. Pieces are removed once the whole file is."""

    __tablename__ = "upload_chunk"
    __table_args__ = (UniqueConstraint("upload_id", "number"),)

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("upload.id"))
    number: Mapped[int]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(120), unique=True, info=NAMES_AN_OBJECT)
