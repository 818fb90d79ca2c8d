"""Say something on a piece, note that it was read, sign a testimony. Each flushes; the request commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.evidence.models import Evidence
from portfolio.evidence.queries import take_turn
from portfolio.feedback import queries, rules
from portfolio.feedback.forms import SignTestimony
from portfolio.feedback.models import Comment, Testimony, ThreadRead
from portfolio.refusals import Refused, SentBefore
from portfolio.web.formats import london_day


class ChangedMeanwhile(Refused):
    """What the signer had in front of them is not what stands there now."""


def write_comment(
    session: Session, opened: Opened, evidence: Evidence, *, text: str, form_key: str, now: datetime
) -> Comment:
    """Add a comment, once per `form_key`. Raises Refused for a draft, a withdrawn piece, a locked portfolio, and
    SentBefore if the same page said something else before."""
    take_turn(session, opened.id)
    session.refresh(evidence)
    said = session.scalar(
        select(Comment).where(
            Comment.evidence_id == evidence.id,
            Comment.author_id == opened.viewer.person_id,
            Comment.form_key == form_key,
        )
    )
    if said is not None:
        if said.text != text:
            raise SentBefore
        return said
    closed = queries.why_closed(session, opened.id)
    if reason := rules.why_no_comment(state=evidence.state, closed=closed):
        raise Refused(reason)
    comment = Comment(
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        evidence_id=evidence.id,
        author_id=opened.viewer.person_id,
        role=opened.role.value,
        text=text,
        written_at=now,
        form_key=form_key,
    )
    session.add(comment)
    session.flush()
    audit.record(
        session,
        "feedback.commented",
        by=opened.viewer.person_id,
        now=now,
        record="comment",
        record_id=comment.id,
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        evidence_id=str(evidence.id),
    )
    return comment


def mark_read(session: Session, opened: Opened, evidence: Evidence, *, until: str, now: datetime) -> bool:
    """Note that the viewer has read up to the comment with this id (all there is, if it names none).

    Never moves back. True if it moved; only then the audit trail gets a line.
    """
    take_turn(session, opened.id)
    seen = session.scalar(
        select(Comment.written_at)
        .where(Comment.evidence_id == evidence.id, *_named(until))
        .order_by(Comment.written_at.desc())
        .limit(1)
    )
    viewer_id = opened.viewer.person_id
    mark = session.scalar(
        select(ThreadRead).where(ThreadRead.evidence_id == evidence.id, ThreadRead.person_id == viewer_id)
    )
    if seen is None or (mark is not None and mark.read_until >= seen):
        return False
    if mark is None:
        mark = ThreadRead(
            provider_id=evidence.provider_id, evidence_id=evidence.id, person_id=viewer_id, read_until=seen
        )
        session.add(mark)
    mark.read_until = seen
    session.flush()
    audit.record(
        session,
        "feedback.read",
        by=viewer_id,
        now=now,
        record="evidence",
        record_id=evidence.id,
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
    )
    return True


def _named(comment_id: str) -> list[ColumnElement[bool]]:
    try:
        return [Comment.id == UUID(comment_id)]
    except ValueError:
        return []


def sign_testimony(
    session: Session, opened: Opened, evidence: Evidence, signed: SignTestimony, *, now: datetime
) -> Testimony:
    """Sign "I saw this" on the newest submitted version, which must be the one that was shown.

    Signing the same words twice does it once. Raises Refused, ChangedMeanwhile if another version was
    submitted since the page was opened.
    """
    take_turn(session, opened.id)
    session.refresh(evidence)
    version = queries.newest_submitted(session, evidence.id)
    author_id = opened.viewer.person_id
    already = session.scalar(
        select(Testimony).where(
            Testimony.author_id == author_id, Testimony.version_id == (version.id if version else None)
        )
    )
    if already is not None and _says(already) == (signed.relation, signed.saw_on, signed.statement):
        return already
    facts = rules.WitnessFacts(
        evidence.state, queries.why_closed(session, opened.id), opened.is_own, already is not None
    )
    if reason := rules.why_no_testimony(facts):
        raise Refused(reason)
    sha256 = rules.version_sha256(queries.content_of(version)) if version else ""
    if version is None or (str(version.id), sha256) != (signed.version_id, signed.version_sha256):
        raise ChangedMeanwhile(
            "The apprentice has submitted a new version since you opened this page. It is shown below: read it, "
            "and sign if it is what you saw. What you wrote is still here."
        )
    if reason := rules.why_not_seen_on(signed.saw_on, today=london_day(now)):
        raise Refused(reason)
    testimony = Testimony(
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        evidence_id=evidence.id,
        version_id=version.id,
        version_sha256=sha256,
        author_id=author_id,
        relation=signed.relation,
        saw_on=signed.saw_on,
        statement=signed.statement,
        signed_at=now,
    )
    session.add(testimony)
    session.flush()
    audit.record(
        session,
        "feedback.testified",
        by=author_id,
        now=now,
        record="testimony",
        record_id=testimony.id,
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        evidence_id=str(evidence.id),
        version=version.number,
        sha256=sha256,
    )
    return testimony


def _says(testimony: Testimony) -> tuple[object, ...]:
    return testimony.relation, testimony.saw_on, testimony.statement
