"""What assessors said of the links from competencies to statements. Only added, never changed; the newest stands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class ConfirmedLink(OfProvider, Base):
    """An assessor confirmed, refused or took back one link, for the whole provider and one version of a standard."""

    __tablename__ = "confirmed_link"
    __table_args__ = (
        Index(
            "ix_confirmed_link_of",
            "provider_id", "framework_id", "standard_reference", "standard_version", "id",
        ),
        CheckConstraint("outcome IN ('confirmed','refused','withdrawn')", name="outcome"),
    )  # fmt: skip

    standard_reference: Mapped[str] = mapped_column(String(20))
    standard_version: Mapped[str] = mapped_column(String(20))
    framework_id: Mapped[str] = mapped_column(String(60))
    competency_id: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship(lazy="raise")
