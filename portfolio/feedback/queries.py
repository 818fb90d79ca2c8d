"""Who said what on a piece, who has read it, and who signed that they saw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.access import Role, Viewer
from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.evidence import queries as evidence_queries
from portfolio.evidence.models import Evidence, EvidenceVersion, VersionFile
from portfolio.evidence.rules import reasons_closed
from portfolio.feedback import rules
from portfolio.feedback.models import Comment, Testimony, ThreadRead
from portfolio.people.models import Person
from portfolio.refusals import NotFound
from portfolio.sealing.queries import refuse_if_shut
from portfolio.web.paging import Slice, cut


def why_closed(session: Session, apprenticeship_id: UUID) -> str:
    """Why nothing can be written in this portfolio now (locked, withdrawn), or empty. Read from the summary,
    which is kept in the very transaction that locks or unlocks."""
    return " ".join(reasons_closed(evidence_queries.stage_of(session, apprenticeship_id)))


def find_piece(session: Session, opened: Opened, evidence_id: UUID, *, taken_back: bool = False) -> Evidence:
    """The piece, if it belongs here and this viewer may know of it: a draft is its author's own.

    `taken_back` lets pass what was submitted once and is a draft again, for a caller that shows nothing of it
    but has to give back what was typed. Raises NotFound.
    """
    evidence = session.scalar(
        select(Evidence).where(Evidence.id == evidence_id, Evidence.apprenticeship_id == opened.id)
    )
    if evidence is None:
        raise NotFound
    hidden = evidence.state == "draft" and not opened.is_own
    if hidden and not (taken_back and newest_submitted(session, evidence.id)):
        raise NotFound
    refuse_if_shut(session, evidence.id)
    return evidence


def newest_submitted(session: Session, evidence_id: UUID) -> EvidenceVersion | None:
    """The version that everybody but its author reads, with its claims and files; None for a first draft."""
    return session.scalar(
        select(EvidenceVersion)
        .where(EvidenceVersion.evidence_id == evidence_id, EvidenceVersion.submitted_at.is_not(None))
        .options(*evidence_queries.with_content())
        .order_by(EvidenceVersion.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def content_of(version: EvidenceVersion) -> rules.SignedContent:
    """What a testimony on this version signs. Claims and files must be loaded."""
    return rules.SignedContent(
        number=version.number,
        type=version.type,
        title=version.title,
        happened_on=version.happened_on,
        what_happened=version.what_happened,
        what_i_did=version.what_i_did,
        why=version.why,
        original_kept_at=version.original_kept_at,
        original_seen_by=version.original_seen_by,
        original_what=version.original_what,
        original_seen_on=version.original_seen_on,
        confidentiality=version.confidentiality,
        nobody_identifiable=version.nobody_identifiable,
        own_work=version.own_work,
        claims=[(claim.item_code, claim.note) for claim in version.claims],
        files=[one.file.sha256_stored for one in version.attachments],
    )


@dataclass(frozen=True)
class ShownTestimony:
    """A testimony and whether it counts; `void_reason` is empty while it does."""

    testimony: Testimony
    version_number: int
    void_reason: str

    @property
    def is_valid(self) -> bool:
        return not self.void_reason


def title_of(session: Session, evidence: Evidence) -> str:
    """As last submitted; of a first draft, as it stands."""
    return (
        session.scalar(
            select(EvidenceVersion.title)
            .where(EvidenceVersion.evidence_id == evidence.id)
            .order_by(EvidenceVersion.submitted_at.is_(None), EvidenceVersion.number.desc())
            .limit(1)
        )
        or "Evidence"
    )


def testimonies(session: Session, evidence_id: UUID) -> list[ShownTestimony]:
    """Every testimony on any version of a piece, the oldest first, each valid or void with the reason."""
    rows = session.scalars(
        select(Testimony)
        .where(Testimony.evidence_id == evidence_id)
        .options(
            joinedload(Testimony.author),
            joinedload(Testimony.version).selectinload(EvidenceVersion.claims),
            joinedload(Testimony.version)
            .selectinload(EvidenceVersion.attachments)
            .joinedload(VersionFile.file),
        )
        .order_by(Testimony.id)
    ).all()
    if not rows:
        return []
    newest = session.scalar(
        select(func.max(EvidenceVersion.number)).where(
            EvidenceVersion.evidence_id == evidence_id, EvidenceVersion.submitted_at.is_not(None)
        )
    )
    return [
        ShownTestimony(
            row,
            row.version.number,
            rules.why_void(
                signed_number=row.version.number,
                newest_number=newest or row.version.number,
                signed_sha256=row.version_sha256,
                sha256_now=rules.version_sha256(content_of(row.version)),
            ),
        )
        for row in rows
    ]


def witnesses(session: Session, evidence_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Who signed a testimony on any version of each of these pieces; void ones count too."""
    found: dict[UUID, set[UUID]] = {}
    rows = session.execute(
        select(Testimony.evidence_id, Testimony.author_id).where(
            Testimony.evidence_id.in_(list(evidence_ids))
        )
    )
    for evidence_id, author_id in rows:
        found.setdefault(evidence_id, set()).add(author_id)
    return {evidence_id: frozenset(authors) for evidence_id, authors in found.items()}


def _unread(viewer_id: UUID) -> ColumnElement[bool]:
    return and_(
        Comment.author_id != viewer_id,
        or_(ThreadRead.read_until.is_(None), Comment.written_at > ThreadRead.read_until),
    )


def _their_marks(viewer_id: UUID) -> ColumnElement[bool]:
    return and_(ThreadRead.evidence_id == Comment.evidence_id, ThreadRead.person_id == viewer_id)


def unread_counts(session: Session, viewer_id: UUID, evidence_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many comments of others this person has not read, for each of these pieces that has any. One query."""
    rows = session.execute(
        select(Comment.evidence_id, func.count(Comment.id))
        .outerjoin(ThreadRead, _their_marks(viewer_id))
        .where(Comment.evidence_id.in_(list(evidence_ids)), _unread(viewer_id))
        .group_by(Comment.evidence_id)
    )
    return {evidence_id: number for evidence_id, number in rows}  # noqa: C416  # rows are not pairs to mypy


def assigned_to(viewer: Viewer, *roles: Role) -> Select[UUID]:
    """Ids of the apprenticeships that this person is assigned to today in one of these roles, counting a role
    only where they still hold it in that provider, and never towards their own."""
    held = [
        and_(
            Assignment.provider_id == membership.provider_id,
            Assignment.role.in_([role.value for role in roles if role in membership.roles]),
        )
        for membership in viewer.memberships
    ]
    return (
        select(Assignment.apprenticeship_id)
        .join(Apprenticeship, Apprenticeship.id == Assignment.apprenticeship_id)
        .where(
            Assignment.person_id == viewer.person_id,
            Assignment.until_at.is_(None),
            Apprenticeship.apprentice_id != viewer.person_id,
            or_(*held) if held else Assignment.id.is_(None),
        )
    )


@dataclass(frozen=True)
class UnreadThread:
    """A piece with comments that the viewer has not read."""

    apprenticeship_id: UUID
    evidence_id: UUID
    title: str
    apprentice: str
    unread: int
    newest_at: datetime
    is_own: bool


def unread_threads(
    session: Session, viewer: Viewer, *, page: int = 1, per_page: int = 10
) -> Slice[UnreadThread]:
    """Pieces on which others said something this person has not read, the newest first: in their own
    apprenticeship and in those they are assigned to today. One query."""
    mine = or_(
        Apprenticeship.apprentice_id == viewer.person_id,
        Apprenticeship.id.in_(assigned_to(viewer, Role.MENTOR, Role.ASSESSOR, Role.IQA)),
    )
    newest = func.max(Comment.written_at)
    rows = session.execute(
        select(
            Apprenticeship.id,
            Evidence.id,
            EvidenceVersion.title,
            Person.name,
            func.count(Comment.id),
            newest,
            Apprenticeship.apprentice_id,
        )
        .select_from(Comment)
        .join(Evidence, Evidence.id == Comment.evidence_id)
        .join(Apprenticeship, Apprenticeship.id == Evidence.apprenticeship_id)
        .join(Person, Person.id == Apprenticeship.apprentice_id)
        .join(
            EvidenceVersion,
            and_(EvidenceVersion.evidence_id == Evidence.id, evidence_queries.newest_submitted()),
        )
        .outerjoin(ThreadRead, _their_marks(viewer.person_id))
        .where(mine, _unread(viewer.person_id), Evidence.state != "withdrawn")
        .group_by(
            Apprenticeship.id, Evidence.id, EvidenceVersion.title, Person.name, Apprenticeship.apprentice_id
        )
        .order_by(newest.desc(), Evidence.id)
        .offset((page - 1) * per_page)
        .limit(per_page + 1)
    ).all()
    found = [
        UnreadThread(at, piece, title, name, number, when, owner == viewer.person_id)
        for at, piece, title, name, number, when, owner in rows
    ]
    return cut(found, page, per_page=per_page)
