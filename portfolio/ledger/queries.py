"""What pages show of a ledger: its head, its entries, where rows stand in it, where its head is mailed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access import ROLE_LABELS, Role
from portfolio.audit.marks import Mark
from portfolio.ledger.chain import CARRIED_OVER, Head
from portfolio.ledger.faults import Fault
from portfolio.ledger.links import Link, link_faults
from portfolio.ledger.models import LedgerAddress, LedgerEntry
from portfolio.web.paging import PER_PAGE, Slice


def head(session: Session, provider_id: UUID) -> Head | None:
    """The newest entry of the provider's chain; None while there is none."""
    row = session.execute(
        select(LedgerEntry.seq, LedgerEntry.hash)
        .where(LedgerEntry.provider_id == provider_id)
        .order_by(LedgerEntry.seq.desc())
        .limit(1)
    ).first()
    return Head(provider_id, row.seq, row.hash) if row else None


def hash_at(session: Session, provider_id: UUID, seq: int) -> str | None:
    """Of the entry with this number in the provider's chain; None if it is not there."""
    return session.scalar(
        select(LedgerEntry.hash).where(LedgerEntry.provider_id == provider_id, LedgerEntry.seq == seq)
    )


def marks(session: Session, record: str, ids: Sequence[UUID]) -> dict[UUID, Mark]:
    """Where these rows of one table stand in the ledger. At most one query."""
    if not ids:
        return {}
    rows = session.execute(
        select(LedgerEntry.record_id, LedgerEntry.seq, LedgerEntry.hash).where(
            LedgerEntry.record == record, LedgerEntry.record_id.in_(ids)
        )
    )
    return {row.record_id: Mark(row.seq, row.hash) for row in rows}


def address(session: Session, provider_id: UUID) -> LedgerAddress | None:
    """Where the head is mailed, if the provider has said so."""
    return session.scalar(select(LedgerAddress).where(LedgerAddress.provider_id == provider_id))


@dataclass(frozen=True)
class Shown:
    """One entry in the list, and what is wrong with it by itself and after the one before."""

    link: Link
    entry: LedgerEntry
    faults: list[Fault]

    @property
    def mark(self) -> Mark:
        return Mark(self.entry.seq, self.entry.hash)

    @property
    def said(self) -> dict[str, Any]:
        return self.link.said or {}

    @property
    def action(self) -> str:
        return WORDS.get(str(self.said.get("action", "")).removesuffix(CARRIED_OVER), "Not readable")

    @property
    def outcome(self) -> str:
        """What came of it, where the action does not say it already."""
        return OUTCOMES.get(str(self.said.get("outcome")), "")

    @property
    def role(self) -> str:
        role = str(self.said.get("role", ""))
        return ROLE_LABELS[Role(role)].lower() if role in set(Role) else ""

    @property
    def carried_over(self) -> bool:
        return self.link.carried_over


WORDS = {
    "submitted": "Evidence submitted",
    "piece_withdrawn": "Piece withdrawn",
    "testified": "Testimony signed",
    "original_seen": "Original confirmed",
    "decided": "Decision",
    "signed_off": "Signed off",
    "sign_off_withdrawn": "Sign-off withdrawn",
    "declared": "Declared ready",
    "locked": "Portfolio locked",
    "unlock_asked": "Unlock asked for",
    "unlocked": "Portfolio unlocked",
    "withdrawn": "Apprenticeship withdrawn",
    "withdrawal_undone": "Withdrawal undone",
    "assessment_recorded": "Assessment recorded",
    "slip_reported": "Piece reported: it may identify somebody",
    "slip_restored": "Reported piece opened again",
    "slip_cleaning_asked": "Cleaned version asked for",
    "slip_purge_asked": "Purge asked for",
    "slip_purged": "Piece purged",
    "hours_confirmed": "Off-the-job hours confirmed",
    "hours_returned": "Entry of the training log returned",
}
"""For each action of `kinds`."""


OUTCOMES = {
    "covered": "covered",
    "partly": "partly",
    "not_yet": "not yet",
    "apprentice": "for the apprentice",
    "employer": "for the employer",
    "provider": "for the provider",
    "organisation": "organisation",
    "planned": "planned date",
    "result": "result",
    "overall": "overall grade",
}


def entries(session: Session, provider_id: UUID, number: int) -> Slice[Shown]:
    """Newest first, each hashed anew and held against the one before it. One query, counted by numbers, not rows."""
    newest = head(session, provider_id)
    end = newest.seq if newest else 0
    first = end - (number - 1) * PER_PAGE
    rows = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.provider_id == provider_id, LedgerEntry.seq <= first)
        .order_by(LedgerEntry.seq.desc())
        .limit(PER_PAGE + 1)
    ).all()
    links = [Link.of(row) for row in rows]
    before = [*links[1:], *([Link.start(provider_id)] if len(rows) <= PER_PAGE else [])]
    shown = [
        Shown(link, row, list(link_faults(last, link)))
        for row, link, last in zip(rows, links, before, strict=False)
    ]
    return Slice(shown[:PER_PAGE], number, len(rows) > PER_PAGE)
