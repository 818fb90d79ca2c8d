"""What is done about a piece that may identify somebody. Each is recorded in the trail and in the ledger, and done once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access import Role
from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.evidence import drafting
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.evidence.queries import is_locked, take_turn
from portfolio.refusals import Refused, SentBefore
from portfolio.sealing.models import SealedWords, Slip, SlipEvent, Tombstone
from portfolio.sealing.rules import REMOVED
from portfolio.slips import queries, rules
from portfolio.slips.forms import Report
from portfolio.slips.jobs import tell, tidy_up
from portfolio.slips.seal import Piece, purge, put_back, seal
from portfolio.uploads import actions as uploads
from portfolio.uploads.models import Upload


def report(session: Session, opened: Opened, evidence_id: UUID, sent: Report, *, now: datetime) -> Slip:
    """Close the piece at once for everybody but the leads. Sent twice is reported once; a piece that somebody else
    reported meanwhile is closed already, and that report stands."""
    take_turn(session, opened.id)
    before = queries.open_slip(session, evidence_id) or queries.sent_with(
        session, opened.viewer.person_id, sent.form_key
    )
    if before is not None:
        if before.evidence_id != evidence_id:
            raise SentBefore
        return before
    slip = Slip(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        evidence_id=evidence_id,
        what=sent.what,
        part=sent.part,
        note=sent.note,
        reported_by_id=opened.viewer.person_id,
        reported_at=now,
        form_key=sent.form_key,
    )
    session.add(slip)
    session.flush()
    _stop_uploads(session, evidence_id, now)
    seal(session, _piece(slip), slip.id, now=now)
    _note(session, slip, "reported", opened.viewer.person_id, role=opened.role, reason="", now=now)
    tell(session, slip, "reported", queries.told_of_report(session, slip.provider_id), now=now)
    return slip


def restore(session: Session, slip: Slip, *, by: UUID, reason: str, now: datetime) -> None:
    """Nobody can be recognised: every word stands again where it stood. Raises Refused."""
    facts = _held(session, slip, by)
    _refuse_if(rules.reasons_not_to_restore(facts))
    slip.state, slip.purge_asked_by_id = "restored", None
    session.flush()
    put_back(session, slip.id)
    _note(session, slip, "restored", by, reason=reason, now=now)


def ask_for_cleaned(session: Session, slip: Slip, *, by: UUID, reason: str, now: datetime) -> None:
    """The apprentice makes a new version, which begins empty but for what it is to show; what was there before stays
    closed for good. What was signed off stays. Raises Refused."""
    facts = _held(session, slip, by)
    _refuse_if(rules.reasons_not_to_ask(facts))
    slip.state, slip.purge_asked_by_id = "asked", None
    session.flush()
    seal(session, _piece(slip), slip.id, now=now)
    evidence = session.get_one(Evidence, slip.evidence_id)
    drafting.draft_of(session, evidence, now=now)
    if evidence.state != "draft":
        evidence.state, evidence.state_since = "returned", now
    _note(session, slip, "asked", by, reason=reason, now=now)
    tell(session, slip, "asked", [evidence.created_by_id], now=now)


def purge_or_ask(
    session: Session, slip: Slip, *, by: UUID, reason: str, backups_kept: timedelta, now: datetime
) -> bool:
    """Purge it, or, where there are two leads and this is the first, ask the other. Whether it is purged. Raises
    Refused."""
    facts = _held(session, slip, by)
    _refuse_if(rules.reasons_not_to_purge(facts))
    if not rules.purges_now(facts):
        slip.purge_asked_by_id = by
        _note(session, slip, "purge_asked", by, reason=reason, now=now)
        tell(session, slip, "purge_asked", [one for one in facts.leads if one != by], now=now)
        return False
    asked_by = slip.purge_asked_by_id or by
    if slip.state == "open":  # what came since it was closed goes too
        seal(session, _piece(slip), slip.id, now=now)
    stone = Tombstone(
        provider_id=slip.provider_id,
        evidence_id=slip.evidence_id,
        slip_id=slip.id,
        at=now,
        why=slip.what,
        asked_by_id=asked_by,
        agreed_by_id=by if by != asked_by else None,
        backups_until=now + backups_kept,
    )
    purge(session, _piece(slip), stone, now=now)
    slip.state, slip.note, slip.purge_asked_by_id = "purged", "", None
    _withdraw_what_is_left(session, slip, by=by, now=now)
    _note(session, slip, "purged", by, reason=reason, now=now)
    tell(session, slip, "purged", queries.assessors_of(session, slip.apprenticeship_id), now=now)
    tidy_up(session, slip, now=now)
    return True


def note_piece_opened(session: Session, slip: Slip, *, by: UUID, now: datetime) -> None:
    """A lead reads what is under the seal: written down like every opening."""
    _trail(session, slip, "slip.piece_opened", by, now)


def _withdraw_what_is_left(session: Session, slip: Slip, *, by: UUID, now: datetime) -> None:
    """A piece of which nothing is left waits for nobody any more. One that something was signed off on stays where it
    is: the decision was made by a person who saw it, and only a person takes it back. So does one in a locked
    portfolio, where nothing but the purge itself may change."""
    evidence = session.get_one(Evidence, slip.evidence_id)
    kept = evidence.part_covered or evidence.state in ("decided", "withdrawn")
    if kept or is_locked(session, slip.apprenticeship_id) or _has_readable(session, slip.evidence_id):
        return
    audit.record(
        session,
        "evidence.withdrawn",
        by=by,
        now=now,
        record="evidence",
        record_id=evidence.id,
        provider_id=slip.provider_id,
        apprenticeship_id=slip.apprenticeship_id,
        before=evidence.state,
    )
    evidence.withdrawn_reason = REMOVED
    evidence.state, evidence.state_since = "withdrawn", now
    session.flush()


def _has_readable(session: Session, evidence_id: UUID) -> bool:
    sealed = select(SealedWords.record_id).where(SealedWords.evidence_id == evidence_id)
    left = select(EvidenceVersion.id).where(
        EvidenceVersion.evidence_id == evidence_id, EvidenceVersion.id.not_in(sealed)
    )
    return session.scalar(left.limit(1)) is not None


def _stop_uploads(session: Session, evidence_id: UUID, now: datetime) -> None:
    under_way = select(Upload).where(Upload.evidence_id == evidence_id, Upload.state == "sending")
    for upload in session.scalars(under_way.order_by(Upload.id).with_for_update()):
        uploads.cancel(session, upload, now=now)


def _held(session: Session, slip: Slip, by: UUID) -> rules.SlipFacts:
    """How the slip stands now that nobody else changes it until the commit."""
    take_turn(session, slip.apprenticeship_id)
    session.refresh(slip, with_for_update=True)
    return queries.facts_of(session, slip, by)


def _refuse_if(reasons: list[str]) -> None:
    if reasons:
        raise Refused(reasons[0])


def _piece(slip: Slip) -> Piece:
    return Piece(slip.provider_id, slip.evidence_id)


def _note(
    session: Session,
    slip: Slip,
    kind: str,
    by: UUID,
    *,
    role: Role = Role.MANAGER,
    reason: str,
    now: datetime,
) -> None:
    session.add(
        SlipEvent(
            provider_id=slip.provider_id,
            apprenticeship_id=slip.apprenticeship_id,
            slip_id=slip.id,
            evidence_id=slip.evidence_id,
            kind=kind,
            role=role.value,
            by_id=by,
            reason=reason,
            at=now,
        )
    )
    _trail(session, slip, f"slip.{kind}", by, now)
    session.flush()


def _trail(session: Session, slip: Slip, action: str, by: UUID, now: datetime) -> None:
    audit.record(
        session,
        action,
        by=by,
        now=now,
        record="slip",
        record_id=slip.id,
        provider_id=slip.provider_id,
        apprenticeship_id=slip.apprenticeship_id,
    )
