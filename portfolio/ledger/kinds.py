"""Which rows enter the ledger, and what of each: columns in clear, and texts as commitments.

Ids, codes, outcomes, dates and numbers stand in the entry as they are. What somebody wrote, and names, enter as
salted commitments. A column that is neither has its reason in `left_out`; a test asks for every column.

Records of the DBS check, of English and maths and of plans and statements have no entry of their own, since entries
are read by people who may not know of them. What the gateway made of them enters with the lock: its `check_text`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement

from portfolio.apprenticeships.models import WithdrawalEvent
from portfolio.assessment.models import Decision, SignOff
from portfolio.database import OfProvider
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.feedback.models import Testimony
from portfolio.gateway.models import AssessmentEvent, Declaration, GatewayLock, GatewayUnlock, UnlockRequest
from portfolio.sealing.models import SlipEvent
from portfolio.sightings.models import Sighting
from portfolio.training.models import HoursConfirmation

FIRST = "0005"
"""The migration that brought the ledger."""
Row = Any
"""A row of one of the tables below: they have no common base that names their columns."""


@dataclass(frozen=True)
class Kind:
    """How the rows of one table enter."""

    model: type[OfProvider]
    action: str
    """What was done; or the column whose value says it, by `actions`."""
    at: str
    """The column with the moment at which it was done."""
    by: str = ""
    """The column with who did it. Empty: found by `gathering`."""
    role: str = ""
    """What the actor was to the apprenticeship. Empty: found by `roles`."""
    outcome: str = ""
    item: str = ""
    clear: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    actions: dict[str, str] = field(default_factory=dict)
    enters: Callable[[Row], bool] = lambda row: True
    """Whether a row is of a kind that enters: a draft does not."""
    turns: str = ""
    """The column whose change makes a row enter that was there before."""
    where: Callable[[], ColumnElement[bool]] | None = None
    """`enters`, for the database."""
    since: str = FIRST
    """The migration with which such rows began to enter: those that were there before are carried over."""

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)  # type: ignore[attr-defined]

    def action_of(self, row: Row) -> str:
        return self.actions[getattr(row, self.action)] if self.actions else self.action


ALL: tuple[Kind, ...] = (
    Kind(
        EvidenceVersion,
        "submitted",
        at="submitted_at",
        role="apprentice",
        clear=(
            "evidence_id", "number", "type", "happened_on", "confidentiality", "nobody_identifiable", "own_work",
            "created_at", "submitted_at", "original_seen_on",
        ),
        texts=(
            "title", "what_happened", "what_i_did", "why", "original_kept_at", "original_seen_by", "original_what",
        ),
        left_out=frozenset({"is_latest", "edited_at"}),  # change with the next version; when a draft was saved
        enters=lambda row: row.submitted_at is not None,
        turns="submitted_at",
        where=lambda: EvidenceVersion.submitted_at.is_not(None),
    ),
    Kind(
        Evidence,
        "piece_withdrawn",
        at="state_since",
        clear=("state", "state_since", "created_at", "created_by_id"),
        texts=("withdrawn_reason",),
        left_out=frozenset({"part_covered"}),  # follows from the decisions
        enters=lambda row: row.state == "withdrawn",
        turns="state",
        where=lambda: Evidence.state == "withdrawn",
    ),
    Kind(
        Testimony,
        "testified",
        at="signed_at",
        by="author_id",
        role="mentor",
        clear=("evidence_id", "version_id", "version_sha256", "saw_on", "signed_at"),
        texts=("relation", "statement"),
    ),
    Kind(
        Decision,
        "decided",
        at="decided_at",
        by="decided_by_id",
        role="assessor",
        outcome="outcome",
        item="item_code",
        clear=(
            "evidence_id", "version_id", "claim_id", "valid", "authentic", "current", "sufficient", "reliable",
            "supersedes_id", "decided_at",
        ),
        texts=("missing", "reason"),
    ),
    Kind(
        SignOff,
        "kind",
        at="signed_at",
        by="signed_by_id",
        role="assessor",
        outcome="kind",
        item="item_code",
        clear=("basis", "decision_id", "signed_at"),
        texts=("reason",),
        actions={"signed_off": "signed_off", "withdrawn": "sign_off_withdrawn"},
    ),
    Kind(
        Declaration,
        "declared",
        at="signed_at",
        by="signed_by_id",
        outcome="party",
        clear=("round", "signed_at"),
        texts=("text",),
    ),
    Kind(
        GatewayLock,
        "locked",
        at="locked_at",
        by="locked_by_id",
        role="manager",
        clear=("round", "portfolio_sha256", "locked_at"),
        texts=("check_text",),
    ),
    Kind(
        UnlockRequest,
        "unlock_asked",
        at="asked_at",
        by="asked_by_id",
        clear=("lock_id", "asked_at"),
        texts=("reason",),
    ),
    Kind(
        GatewayUnlock,
        "unlocked",
        at="approved_at",
        by="approved_by_id",
        clear=("lock_id", "request_id", "approved_at"),
    ),
    Kind(
        WithdrawalEvent,
        "kind",
        at="at",
        by="by_id",
        role="manager",
        outcome="kind",
        clear=("effective_on", "at"),
        texts=("reason",),
        actions={"withdrawn": "withdrawn", "undone": "withdrawal_undone"},
    ),
    Kind(
        AssessmentEvent,
        "assessment_recorded",
        at="recorded_at",
        by="recorded_by_id",
        role="manager",
        outcome="kind",
        clear=("attempt", "on", "corrects_id", "recorded_at"),
        texts=("organisation", "component", "result", "note"),
        since="0009",
    ),
    Kind(
        Sighting,
        "original_seen",
        at="signed_at",
        by="signed_by_id",
        clear=("evidence_id", "version_id", "version_number", "version_sha256", "seen_on", "signed_at"),
        texts=("seen_where", "statement"),
        left_out=frozenset({"role"}),  # stands in the entry as the role of who did it
        since="0020",
    ),
    Kind(
        SlipEvent,
        "kind",
        at="at",
        by="by_id",
        outcome="kind",
        clear=("slip_id", "evidence_id", "at"),
        texts=("reason",),
        left_out=frozenset({"role"}),  # stands in the entry as the role of who did it
        actions={
            "reported": "slip_reported",
            "restored": "slip_restored",
            "asked": "slip_cleaning_asked",
            "purge_asked": "slip_purge_asked",
            "purged": "slip_purged",
        },
        since="0016",
    ),
    Kind(
        HoursConfirmation,
        "outcome",
        at="at",
        by="by_id",
        outcome="outcome",
        clear=("entry_id", "entry_sha256", "at"),
        texts=("reason",),
        left_out=frozenset({"role"}),  # stands in the entry as the role of who did it
        actions={"confirmed": "hours_confirmed", "returned": "hours_returned"},
        since="0023",
    ),
)  # fmt: skip

BY_MODEL: dict[type[Any], Kind] = {kind.model: kind for kind in ALL}
BY_TABLE: dict[str, Kind] = {kind.table: kind for kind in ALL}
LATER: frozenset[str] = frozenset(kind.table for kind in ALL if kind.since > FIRST)
"""`verify_export.py` has these, too."""
ACTIONS: frozenset[str] = frozenset(
    action for kind in ALL for action in (kind.actions.values() if kind.actions else (kind.action,))
)
