"""Decisions and sign-offs: rows that are added and never changed (triggers); states are derived from them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.database import Base, OfProvider
from portfolio.evidence.models import Claim
from portfolio.people.models import Person


class Decision(OfProvider, Base):
    """An assessor's outcome on one claim, with the five answers. A later one may supersede it, with a reason."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_item", "apprenticeship_id", "item_code", "id"),
        UniqueConstraint("form_key", "claim_id"),
        CheckConstraint("outcome IN ('covered','partly','not_yet')", name="outcome"),
        CheckConstraint("outcome = 'covered' OR missing <> ''", name="missing"),
        CheckConstraint("supersedes_id IS NULL OR reason <> ''", name="reason"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_version.id"))
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id"), index=True)
    item_code: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(10))
    valid: Mapped[bool]
    authentic: Mapped[bool]
    current: Mapped[bool]
    sufficient: Mapped[bool]
    reliable: Mapped[bool]
    missing: Mapped[str] = mapped_column(Text, default="")
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    form_key: Mapped[str] = mapped_column(String(64))
    """From the form: a double tap decides once."""

    decided_by: Mapped[Person] = relationship(lazy="raise")
    claim: Mapped[Claim] = relationship(lazy="raise")

    @property
    def five_yes(self) -> list[str]:
        """Which of the five questions were answered yes."""
        names = ("valid", "authentic", "current", "sufficient", "reliable")
        return [name for name in names if getattr(self, name)]


class SignOff(OfProvider, Base):
    """An item stands as covered, or no longer does. The newest row of an item says which."""

    __tablename__ = "sign_off"
    __table_args__ = (
        Index("ix_sign_off_item", "apprenticeship_id", "item_code", "id"),
        CheckConstraint("kind IN ('signed_off','withdrawn')", name="kind"),
        CheckConstraint("basis IN ('decision','several_pieces','superseded')", name="basis"),
        CheckConstraint("decision_id IS NOT NULL OR reason <> ''", name="reason"),
        UniqueConstraint("apprenticeship_id", "item_code", "form_key"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    item_code: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12))
    basis: Mapped[str] = mapped_column(String(20))
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("decision.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    signed_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime]
    form_key: Mapped[str] = mapped_column(String(64))

    signed_by: Mapped[Person] = relationship(lazy="raise")
    decision: Mapped[Decision | None] = relationship(lazy="raise")
    pieces: Mapped[list[SignOffPiece]] = relationship(lazy="raise", order_by="SignOffPiece.id")


class SignOffPiece(OfProvider, Base):
    """A version on whose strength an item was signed off from its own page."""

    __tablename__ = "sign_off_piece"

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    sign_off_id: Mapped[UUID] = mapped_column(ForeignKey("sign_off.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_version.id"))
