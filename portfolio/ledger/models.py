"""Entries of the chain, the salts that stand beside the texts they hide, and where a provider's heads go."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base, OfProvider


class LedgerEntry(OfProvider, Base):
    """One link: written once, never changed, never deleted (triggers). `entry` is what is hashed, to the byte.

    The other columns repeat what stands in the text, so that it can be found; `checking` compares the two.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("provider_id", "seq"),
        UniqueConstraint("record", "record_id"),
        CheckConstraint("seq >= 1", name="seq"),
    )

    seq: Mapped[int]
    """Place in the provider's chain, from 1, without gaps."""
    prev: Mapped[str] = mapped_column(String(64))
    """The hash of the entry before; of the first, 64 zeros."""
    hash: Mapped[str] = mapped_column(String(64))
    utc: Mapped[datetime]
    record: Mapped[str] = mapped_column(String(40))
    """The table of the row that this entry is about. Every row has one entry."""
    record_id: Mapped[UUID]
    entry: Mapped[str] = mapped_column(Text)


class LedgerSalt(OfProvider, Base):
    """What it takes to recognise a text in an entry. Deleted together with the text, nothing is left of it there."""

    __tablename__ = "ledger_salt"
    __table_args__ = (UniqueConstraint("entry_id", "field"),)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
    field: Mapped[str] = mapped_column(String(40))
    salt: Mapped[str] = mapped_column(String(64))
    """32 random bytes in hexadecimal."""


class LedgerAddress(OfProvider, Base):
    """Where a provider wants the head of its chain mailed, and which head went there last."""

    __tablename__ = "ledger_address"
    __table_args__ = (UniqueConstraint("provider_id"),)

    email: Mapped[str] = mapped_column(String(254))
    set_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]
    mailed_seq: Mapped[int] = mapped_column(default=0)
    mailed_hash: Mapped[str | None] = mapped_column(String(64))
    """Of the entry `mailed_seq`; None if nothing was mailed yet, or before this was kept."""
    mailed_at: Mapped[datetime | None]
