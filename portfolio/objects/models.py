"""Objects that no row names yet, and the time during which nothing is removed from the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base, OfProvider

NAMES_AN_OBJECT: dict[str, Any] = {"names_an_object": True}
"""The mark of a column that holds the key of something in the store, "" where there is nothing:

    storage_key: Mapped[str] = mapped_column(String(120), unique=True, info=NAMES_AN_OBJECT)

What no marked column names may be removed; so every such column has it."""


class PendingObject(OfProvider, Base):
    """A key that bytes are being stored under. The row is committed before the first byte goes to the store and
    goes away in the transaction that writes the row which names the object from then on.

    Whoever deletes this row decides what becomes of the bytes: kept, or removed. Only one can."""

    __tablename__ = "pending_object"

    key: Mapped[str] = mapped_column(String(120), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """Who sent it; nobody for what the product makes itself."""
    created_at: Mapped[datetime] = mapped_column(index=True)


class ObjectHold(Base):
    """Until then nothing is removed from the store: a backup copies what its rows name."""

    __tablename__ = "object_hold"

    until: Mapped[datetime]
    created_at: Mapped[datetime]
