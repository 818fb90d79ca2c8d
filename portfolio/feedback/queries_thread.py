"""The conversation about a piece, as one viewer sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.access import Permission, Role
from portfolio.apprenticeships.guards import Opened
from portfolio.evidence.models import Evidence
from portfolio.feedback import rules
from portfolio.feedback.models import Comment, ThreadRead
from portfolio.feedback.queries import ShownTestimony, testimonies, title_of, unread_counts, why_closed
from portfolio.findings import queries as findings
from portfolio.findings.queries import Shown
from portfolio.web.paging import Slice, cut

COMMENTS_AT_ONCE = 50


@dataclass(frozen=True)
class ShownComment:
    comment: Comment
    is_new: bool
    is_mine: bool

    @property
    def role_label(self) -> str:
        return Role(self.comment.role).label


@dataclass(frozen=True)
class Conversation:
    """What the block under a piece shows: testimonies, comments oldest first, and what may be added."""

    evidence: Evidence
    title: str
    comments: Slice[ShownComment]
    unread: int
    testimonies: Sequence[ShownTestimony]
    why_no_comment: str
    may_testify: bool
    kept: Mapping[UUID, Sequence[Shown]]
    """By comment or testimony, what the identity check found in it and its writer kept."""

    @property
    def testimony_ids(self) -> list[UUID]:
        return [shown.testimony.id for shown in self.testimonies]

    @property
    def newest_id(self) -> UUID | None:
        return self.comments.rows[-1].comment.id if self.comments.rows else None


def conversation(session: Session, opened: Opened, evidence: Evidence, *, page: int = 1) -> Conversation:
    """The thread of a piece as this viewer sees it, newest fifty comments first to hand. Eight queries."""
    viewer_id = opened.viewer.person_id
    comments = _comments(session, evidence.id, viewer_id, page)
    shown = testimonies(session, evidence.id)
    said = {one.comment.id: {"text": one.comment.text} for one in comments.rows}
    said |= {
        one.testimony.id: {"statement": one.testimony.statement, "relation": one.testimony.relation}
        for one in shown
    }
    closed = why_closed(session, opened.id)
    signed_now = any(one.is_valid and one.testimony.author_id == viewer_id for one in shown)
    facts = rules.WitnessFacts(evidence.state, closed, opened.is_own, signed_now)
    return Conversation(
        evidence=evidence,
        title=title_of(session, evidence),
        comments=comments,
        unread=unread_counts(session, viewer_id, [evidence.id]).get(evidence.id, 0),
        testimonies=shown,
        why_no_comment=rules.why_no_comment(state=evidence.state, closed=closed),
        may_testify=Permission.GIVE_TESTIMONY in opened.may and not rules.why_no_testimony(facts),
        kept=findings.shown_in(session, said),
    )


def _comments(session: Session, evidence_id: UUID, viewer_id: UUID, page: int) -> Slice[ShownComment]:
    read_until = session.scalar(
        select(ThreadRead.read_until).where(
            ThreadRead.evidence_id == evidence_id, ThreadRead.person_id == viewer_id
        )
    )
    rows = session.scalars(
        select(Comment)
        .where(Comment.evidence_id == evidence_id)
        .options(joinedload(Comment.author))
        .order_by(Comment.id.desc())
        .offset((page - 1) * COMMENTS_AT_ONCE)
        .limit(COMMENTS_AT_ONCE + 1)
    ).all()
    part = cut(rows, page, per_page=COMMENTS_AT_ONCE)
    shown = [
        ShownComment(
            comment,
            is_new=comment.author_id != viewer_id and (read_until is None or comment.written_at > read_until),
            is_mine=comment.author_id == viewer_id,
        )
        for comment in reversed(part.rows)
    ]
    return Slice(shown, part.number, part.has_next, part.per_page)
