"""Evidence, its versions, its files, and the claims: "this piece shows S7"."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Base, OfProvider
from portfolio.evidence.rules import receipt_code
from portfolio.objects.models import NAMES_AN_OBJECT
from portfolio.preparation.models import FilePreparation
from portfolio.preparation.rules import Standing


class Evidence(OfProvider, Base):
    """One piece. What it says stands in its versions; `current_version_id` is the newest submitted or drafted.

    States: draft → submitted → returned → submitted … → decided; withdrawn from any but decided.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_list", "apprenticeship_id", "state", "id"),
        Index("ix_evidence_waiting", "provider_id", "state", "state_since"),
        CheckConstraint("state IN ('draft','submitted','returned','decided','withdrawn')", name="state"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    state_since: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    form_key: Mapped[str] = mapped_column(String(64), default="")
    """The add page's own random key: a double tap on Save makes one piece, not two."""
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    part_covered: Mapped[bool] = mapped_column(default=False)
    """Some claim of it was found covered: what a sign-off rests on is not withdrawn."""

    apprenticeship: Mapped[Apprenticeship] = relationship(lazy="raise")
    versions: Mapped[list[EvidenceVersion]] = relationship(
        back_populates="evidence", order_by="EvidenceVersion.number", lazy="raise"
    )


class EvidenceVersion(OfProvider, Base):
    """What one version says. A draft may change; from `submitted_at` on it never does (trigger).

    `is_latest` marks the one to read: exactly one per piece.
    """

    __tablename__ = "evidence_version"
    __table_args__ = (
        UniqueConstraint("evidence_id", "number"),
        CheckConstraint(
            "confidentiality IN ('','not_a_record','anonymised','original_stays')", name="confidentiality"
        ),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    number: Mapped[int]
    is_latest: Mapped[bool] = mapped_column(default=True)
    type: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(200))
    happened_on: Mapped[date | None]
    what_happened: Mapped[str] = mapped_column(Text, default="")
    what_i_did: Mapped[str] = mapped_column(Text, default="")
    why: Mapped[str] = mapped_column(Text, default="")
    original_kept_at: Mapped[str] = mapped_column(Text, default="")
    original_seen_by: Mapped[str] = mapped_column(Text, default="")
    original_what: Mapped[str] = mapped_column(Text, default="")
    """What kind of record the original is."""
    original_seen_on: Mapped[date | None]
    confidentiality: Mapped[str] = mapped_column(String(20), default="")
    """Which of the three: not a record / anonymised account / the original stays at work."""
    nobody_identifiable: Mapped[bool] = mapped_column(default=False)
    own_work: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]

    evidence: Mapped[Evidence] = relationship(back_populates="versions", lazy="raise")
    claims: Mapped[list[Claim]] = relationship(
        back_populates="version", lazy="raise", order_by="Claim.position"
    )
    attachments: Mapped[list[VersionFile]] = relationship(
        back_populates="version", lazy="raise", order_by="VersionFile.position"
    )

    @property
    def left_in_place(self) -> bool:
        """No file: the original stays where it is kept. Files must be loaded."""
        return not self.attachments and bool(self.original_kept_at)

    @property
    def declared(self) -> bool:
        """Both declarations made: confidentiality (nobody identifiable) and authenticity (own work)."""
        return bool(self.nobody_identifiable and self.own_work and self.confidentiality)


class EvidenceFile(OfProvider, Base):
    """Bytes that are kept. The row is written after the object, and the key never holds the user's name."""

    __tablename__ = "evidence_file"

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"), index=True)
    storage_key: Mapped[str] = mapped_column(String(120), unique=True, info=NAMES_AN_OBJECT)
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(20))
    """Id of a storage.kinds.FileKind, found from the content."""
    size: Mapped[int]
    sha256_received: Mapped[str] = mapped_column(String(64))
    sha256_stored: Mapped[str] = mapped_column(String(64))
    removed: Mapped[str] = mapped_column(Text, default="")
    """What was taken out on arrival, in plain words with commas between."""
    not_cleaned: Mapped[str] = mapped_column(Text, default="")
    """Why nothing could be taken out of it, in a sentence; "" if it was cleaned or needed none."""
    still_holds: Mapped[str] = mapped_column(Text, default="")
    """Sentences about what a cleaned document still has inside, one a line."""
    kept_uncleaned_at: Mapped[datetime | None]
    """When its owner decided that it stays as it is, though it could not be cleaned."""
    covered_at: Mapped[datetime | None]
    """When its owner covered parts of it here: what is kept are pictures of its pages."""
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    preparation: Mapped[FilePreparation | None] = relationship(
        lazy="raise",
        viewonly=True,
        uselist=False,
        primaryjoin=lambda: FilePreparation.file_id == EvidenceFile.id,
    )
    """Written by portfolio.preparation; what was checked, scanned and drawn since the file came in."""

    @property
    def undecided(self) -> bool:
        """It could not be cleaned, and its owner has not said yet whether it may stay as it is."""
        return bool(self.not_cleaned) and self.kept_uncleaned_at is None

    @property
    def receipt_code(self) -> str:
        """What its owner can write down, and ask about on the page of receipts."""
        return receipt_code(self.id, self.sha256_stored)

    @property
    def standing(self) -> Standing:
        """How far its preparation is, if that was loaded with it. A file without one counts as not checked."""
        if self.preparation is None:
            return Standing("checking", "off", "none", "", self.uploaded_at)
        return self.preparation.standing


class VersionFile(OfProvider, Base):
    """A file belongs to a version; a resubmission carries on the files that stay."""

    __tablename__ = "version_file"
    __table_args__ = (UniqueConstraint("version_id", "file_id"),)

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_version.id"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)

    version: Mapped[EvidenceVersion] = relationship(back_populates="attachments", lazy="raise")
    file: Mapped[EvidenceFile] = relationship(lazy="raise")


class Claim(OfProvider, Base):
    """This version shows this item. Items are statement codes ("K7") and duty codes ("D8")."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("version_id", "item_code"),
        Index("ix_claim_item", "apprenticeship_id", "item_code"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_version.id"))
    item_code: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(default=0)
    """Place of the item in its standard, so that claims read K2 before K10."""
    note: Mapped[str] = mapped_column(Text, default="")

    version: Mapped[EvidenceVersion] = relationship(back_populates="claims", lazy="raise")
