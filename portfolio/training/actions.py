"""Keep the training log: enter, change, remove; confirm and return; make a piece of evidence; set the plan.

Each takes its turn in the portfolio, writes, notes it in the trail, and flushes; the request commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.evidence.queries import take_turn
from portfolio.findings import actions as findings
from portfolio.refusals import Forbidden, Refused, SentBefore
from portfolio.sealing.queries import is_sealed
from portfolio.training import queries
from portfolio.training.models import HoursConfirmation, HoursPlan, TrainingEntry
from portfolio.training.pieces import draft_from
from portfolio.training.queries import SAYS, Log, said_of, sha256_of
from portfolio.training.rules import log
from portfolio.web.formats import london_day

CONFIRMED, RETURNED = "confirmed", "returned"


def enter(
    session: Session, opened: Opened, says: Mapping[str, Any], *, form_key: str, now: datetime
) -> TrainingEntry:
    """Write an entry into the log, once per `form_key`. Raises Refused for a portfolio that is closed, and SentBefore
    if the same page said something else before."""
    take_turn(session, opened.id)
    made = queries.made_with_key(session, opened, form_key)
    if made is not None:
        if any(getattr(made, name) != says[name] for name in SAYS):
            raise SentBefore
        return made
    if closed := queries.log_of(session, opened, london_day(now)).closed:
        raise Refused(closed)
    entry = TrainingEntry(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        form_key=form_key[:64],
        entered_at=now,
        edited_at=now,
        **says,
    )
    session.add(entry)
    session.flush()
    _note(session, opened, "training.entered", entry, now, day=entry.day.isoformat(), minutes=entry.minutes)
    return entry


def change(
    session: Session, opened: Opened, entry: TrainingEntry, says: Mapping[str, Any], *, now: datetime
) -> None:
    """Say it otherwise. Saying the same again changes nothing. Raises Refused for one that was confirmed."""
    take_turn(session, opened.id)
    session.refresh(entry)
    if all(getattr(entry, name) == says[name] for name in SAYS):
        return
    known = queries.log_of(session, opened, london_day(now))
    if reason := why_not_change(session, known, entry):
        raise Refused(reason)
    for name in SAYS:
        setattr(entry, name, says[name])
    entry.edited_at = now
    session.flush()
    _note(session, opened, "training.changed", entry, now, day=entry.day.isoformat(), minutes=entry.minutes)


def remove(session: Session, opened: Opened, entry: TrainingEntry, *, now: datetime) -> None:
    """Take an entry out of the log that nobody has answered yet. Day and length stay in the trail."""
    take_turn(session, opened.id)
    session.refresh(entry)
    known = queries.log_of(session, opened, london_day(now))
    if reason := why_not_remove(session, known, entry):
        raise Refused(reason)
    _note(session, opened, "training.removed", entry, now, day=entry.day.isoformat(), minutes=entry.minutes)
    findings.keep(
        session, "training_entry", entry.id, (), provider_id=entry.provider_id, by=opened.viewer.person_id, now=now
    )  # fmt: skip
    session.delete(entry)
    session.flush()


def say(
    session: Session,
    opened: Opened,
    entry: TrainingEntry,
    outcome: str,
    *,
    sha256: str,
    reason: str = "",
    now: datetime,
) -> HoursConfirmation:
    """Confirm an entry as it was read, or return it. The same twice does it once.

    Raises Refused, also where the entry was changed since it was read."""
    _refuse_own(opened)
    take_turn(session, opened.id)
    session.refresh(entry)
    known = queries.log_of(session, opened, london_day(now))
    return _say(session, opened, known, entry, outcome, sha256=sha256, reason=reason, now=now)


def confirm_several(
    session: Session, opened: Opened, chosen: Mapping[UUID, str], *, now: datetime
) -> tuple[int, list[str]]:
    """Confirm these entries, each as it was read (by its fingerprint): how many are confirmed now, and why others are
    not. One that this person confirmed before counts as done."""
    _refuse_own(opened)
    take_turn(session, opened.id)
    known = queries.log_of(session, opened, london_day(now))
    if known.closed:
        raise Refused(known.closed)
    done, problems = 0, []
    for entry in [one for one in known.entries if one.id in chosen]:
        try:
            _say(session, opened, known, entry, CONFIRMED, sha256=chosen[entry.id], reason="", now=now)
            done += 1
        except Refused as refusal:
            problems.append(f"{entry.day.day} {entry.day:%B %Y}: {refusal.reason}")
    return done, problems


def _refuse_own(opened: Opened) -> None:
    if opened.is_own:  # the access matrix says so too: whoever is the apprentice holds no other role here
        raise Forbidden(log.why_not_confirm(closed="", sealed=False, own=True, state=log.State.WAITING))


def _say(
    session: Session,
    opened: Opened,
    known: Log,
    entry: TrainingEntry,
    outcome: str,
    *,
    sha256: str,
    reason: str,
    now: datetime,
) -> HoursConfirmation:
    said, by = known.said.get(entry.id), opened.viewer.person_id
    again = said is not None and (said.outcome, said.by_id, said.entry_sha256, said.reason) == (
        outcome, by, sha256, reason,
    )  # fmt: skip
    if said is not None and again and sha256_of(entry) == sha256:
        return said
    if no := why_not_say(session, opened, known, entry, outcome):
        raise Refused(no)
    if sha256_of(entry) != sha256:
        raise Refused(log.CHANGED)
    row = HoursConfirmation(
        provider_id=entry.provider_id,
        apprenticeship_id=opened.id,
        entry_id=entry.id,
        outcome=outcome,
        reason=reason,
        entry_sha256=sha256,
        by_id=by,
        role=opened.role.value,
        at=now,
    )
    session.add(row)
    session.flush()
    _note(session, opened, f"training.{outcome}", entry, now, sha256=sha256)
    return row


def make_piece(
    session: Session,
    opened: Opened,
    entry: TrainingEntry,
    codes: Sequence[str],
    *,
    most_files: int,
    now: datetime,
) -> UUID:
    """A draft of evidence with the entry's words, day and these statements; both know each other. Made once."""
    take_turn(session, opened.id)
    session.refresh(entry)
    if entry.evidence_id is not None:
        return entry.evidence_id
    known = queries.log_of(session, opened, london_day(now))
    if known.closed:
        raise Refused(known.closed)
    if is_sealed(session, entry.id):
        raise Refused(log.why_not_change(closed="", sealed=True, said=None))
    entry.evidence_id = draft_from(
        session,
        opened,
        type_id="training_record",
        title=entry.what,
        day=entry.day,
        what_happened=(entry.what, entry.objective),
        what_i_did=entry.impact,
        codes=codes,
        form_key=f"training-{entry.id.hex}",
        most_files=most_files,
        now=now,
    )
    session.flush()
    _note(session, opened, "training.made_evidence", entry, now, evidence_id=str(entry.evidence_id))
    return entry.evidence_id


def set_plan(session: Session, opened: Opened, plan: Mapping[str, Any], *, now: datetime) -> HoursPlan:
    """Another version of the plan; the newest stands. What stands already is not written again."""
    take_turn(session, opened.id)
    before = queries.plan_of(session, opened.id)
    if before is not None and all(getattr(before, name) == value for name, value in plan.items()):
        return before
    if closed := queries.log_of(session, opened, london_day(now)).closed:
        raise Refused(closed)
    row = HoursPlan(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        set_by_id=opened.viewer.person_id,
        set_at=now,
        **plan,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "training.plan_set",
        by=opened.viewer.person_id,
        now=now,
        record="hours_plan",
        record_id=row.id,
        provider_id=row.provider_id,
        apprenticeship_id=opened.id,
        planned_minutes=row.planned_minutes,
        weekly_paid_minutes=row.weekly_paid_minutes,
    )
    return row


def why_not_change(session: Session, known: Log, entry: TrainingEntry) -> str:
    """Why its apprentice cannot change this entry now; empty if they can."""
    said = said_of(entry, known.said.get(entry.id))
    return log.why_not_change(closed=known.closed, sealed=is_sealed(session, entry.id), said=said)


def why_not_remove(session: Session, known: Log, entry: TrainingEntry) -> str:
    said = said_of(entry, known.said.get(entry.id))
    sealed, has_piece = is_sealed(session, entry.id), entry.evidence_id is not None
    return log.why_not_remove(closed=known.closed, sealed=sealed, said=said, has_piece=has_piece)


def why_not_say(session: Session, opened: Opened, known: Log, entry: TrainingEntry, outcome: str) -> str:
    """Why this viewer cannot confirm or return this entry now; empty if they can."""
    rule = log.why_not_confirm if outcome == CONFIRMED else log.why_not_return
    state, sealed = known.row(entry).state, entry.evidence_id is not None and is_sealed(session, entry.id)
    return rule(closed=known.closed, sealed=sealed, own=opened.is_own, state=state)


def _note(
    session: Session, opened: Opened, action: str, entry: TrainingEntry, now: datetime, **detail: Any
) -> None:
    audit.record(
        session,
        action,
        by=opened.viewer.person_id,
        now=now,
        record="training_entry",
        record_id=entry.id,
        provider_id=entry.provider_id,
        apprenticeship_id=opened.id,
        **detail,
    )
