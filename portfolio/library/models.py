"""A provider's own frameworks, as the files they were added from. An edition in use is never changed: a new one is a
new row. Only that it is not offered any more may be written later (trigger)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class ProviderFramework(OfProvider, Base):
    """One edition of a framework that a provider added for itself."""

    __tablename__ = "provider_framework"
    __table_args__ = (UniqueConstraint("provider_id", "file_id", "number"),)

    file_id: Mapped[str] = mapped_column(String(50))
    """The id in the file: the same in every edition."""
    number: Mapped[int]
    """1 for the first edition that was added, then 2."""
    title: Mapped[str] = mapped_column(String(200))
    edition: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    """The file's text, letter by letter."""
    sha256: Mapped[str] = mapped_column(String(64))
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    withdrawn_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    """From then on it is not offered for new choices. Those made before keep it."""

    added_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[added_by_id])
    withdrawn_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[withdrawn_by_id])

    @property
    def framework_id(self) -> str:
        return own_id(self.file_id, self.number)


def own_id(file_id: str, number: int) -> str:
    """The id by which choices and ratings name this edition. Two hyphens stand in no id that ships, so a framework
    that comes with a later release of the product never takes the place of a provider's own."""
    return f"{file_id}--{number}"
