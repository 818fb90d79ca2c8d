"""What evidence there is, as each viewer may see it: a draft is its author's alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from kbs.coverage import CoverageMap
from kbs.statements import Standard
from portfolio.access import Role
from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Progress
from portfolio.audit.models import AuditEvent
from portfolio.database import turn_taken
from portfolio.evidence.models import Evidence, EvidenceFile, EvidenceVersion, VersionFile
from portfolio.evidence.rules import PieceFacts, Reason, reasons_closed, reasons_not_to_submit
from portfolio.people.models import Person
from portfolio.preparation.rules import why_closed
from portfolio.refusals import NotFound, Refused
from portfolio.sealing.queries import refuse_shut, sealed


@dataclass(frozen=True)
class Piece:
    """One piece as this viewer sees it: the version to read, and the numbers of all that they may read."""

    evidence: Evidence
    version: EvidenceVersion
    numbers: tuple[int, ...]
    is_own: bool

    @property
    def id(self) -> UUID:
        return self.evidence.id

    @property
    def is_newest(self) -> bool:
        return self.version.number == self.numbers[-1]

    @property
    def has_new_draft(self) -> bool:
        """Its author has begun a new version of what was submitted before."""
        return self.version.submitted_at is None and len(self.numbers) > 1

    def reasons_not_to_submit(self, today: date) -> list[Reason]:
        return reasons_not_to_submit(facts_of(self.version), today)


def facts_of(version: EvidenceVersion) -> PieceFacts:
    """What the rule for submitting asks about. Claims and files of the version must be loaded."""
    return PieceFacts(
        type=version.type,
        title=version.title,
        happened_on=version.happened_on,
        texts=(version.what_happened, version.what_i_did, version.why),
        claims=len(version.claims),
        files=len(version.attachments),
        original_kept_at=version.original_kept_at,
        original_seen_by=version.original_seen_by,
        original_what=version.original_what,
        original_seen_on=version.original_seen_on,
        confidentiality=version.confidentiality,
        nobody_identifiable=version.nobody_identifiable,
        own_work=version.own_work,
        refused=tuple(one.file.name for one in version.attachments if one.file.standing.is_refused),
        undecided=tuple(one.file.name for one in version.attachments if one.file.undecided),
    )


def stage_of(session: Session, apprenticeship_id: UUID) -> str:
    """The stage of the apprenticeship by its summary: active, break, withdrawn, through, assessed."""
    stage = session.scalar(select(Progress.stage).where(Progress.apprenticeship_id == apprenticeship_id))
    return stage or "active"


def stage_and_coverage(
    session: Session, apprenticeship_id: UUID, standard: Standard
) -> tuple[str, CoverageMap]:
    """`stage_of` and `coverage_of` in one query, for a page that needs both."""
    found = session.execute(
        select(Progress.stage, Progress.map).where(Progress.apprenticeship_id == apprenticeship_id)
    ).one_or_none()
    stage, text = found if found else ("active", "")
    return stage, _coverage(text, standard)


def is_locked(session: Session, apprenticeship_id: UUID) -> bool:
    """Whether nothing in the portfolio can be written now: past the gateway, or withdrawn."""
    return bool(reasons_closed(stage_of(session, apprenticeship_id)))


def coverage_of(session: Session, apprenticeship_id: UUID, standard: Standard) -> CoverageMap:
    """How each item stands, from the summary; all open while there is none."""
    return _coverage(
        session.scalar(select(Progress.map).where(Progress.apprenticeship_id == apprenticeship_id)), standard
    )


def _coverage(text: str | None, standard: Standard) -> CoverageMap:
    return CoverageMap.from_text(standard, text) if text else CoverageMap.empty(standard)


def take_turn(session: Session, apprenticeship_id: UUID) -> None:
    """Wait until nobody else is writing in this portfolio, so that what is checked now still holds when it is
    written, and a double tap finds what the first one made. SQLite has one writer at a time anyway."""
    session.execute(
        select(Apprenticeship.id)
        .where(Apprenticeship.id == apprenticeship_id)
        .with_for_update(key_share=True)
    )
    turn_taken(session, apprenticeship_id)


def with_content() -> list[ORMOption]:
    """Load a version with its claims and its files."""
    return [
        selectinload(EvidenceVersion.claims),
        selectinload(EvidenceVersion.attachments)
        .joinedload(VersionFile.file)
        .joinedload(EvidenceFile.preparation),
    ]


def piece(session: Session, opened: Opened, evidence_id: UUID, *, number: int | None = None) -> Piece:
    """One piece with one version of it, the newest unless a number is given.

    Raises NotFound for a piece of another apprenticeship, for a draft of somebody else, and for a version
    that this viewer may not read; Shut for one of which everything is sealed, since it was reported."""
    evidence = session.scalar(
        select(Evidence).where(Evidence.id == evidence_id, Evidence.apprenticeship_id == opened.id)
    )
    if evidence is None or (evidence.state == "draft" and not opened.is_own):
        raise NotFound
    readable = [EvidenceVersion.evidence_id == evidence_id, ~sealed(EvidenceVersion.id, "title")]
    if not opened.is_own:
        readable.append(EvidenceVersion.submitted_at.is_not(None))
    numbers = session.scalars(
        select(EvidenceVersion.number).where(*readable).order_by(EvidenceVersion.number)
    ).all()
    if not numbers:
        refuse_shut(session, evidence_id)
    if not numbers or (number is not None and number not in numbers):
        raise NotFound
    version = session.scalars(
        select(EvidenceVersion)
        .where(*readable, EvidenceVersion.number == (number or numbers[-1]))
        .options(*with_content())
        .execution_options(populate_existing=True)
    ).one()
    return Piece(evidence, version, tuple(numbers), opened.is_own)


def version_with_content(session: Session, version_id: UUID) -> EvidenceVersion:
    """The version read anew, with its claims and files as they stand now."""
    return session.scalars(
        select(EvidenceVersion)
        .where(EvidenceVersion.id == version_id)
        .options(*with_content())
        .execution_options(populate_existing=True)
    ).one()


def newest(session: Session, evidence_id: UUID) -> EvidenceVersion:
    """The newest version of a piece, draft or not, read anew with its claims and files."""
    return session.scalars(
        select(EvidenceVersion)
        .where(EvidenceVersion.evidence_id == evidence_id, EvidenceVersion.is_latest)
        .options(*with_content())
        .execution_options(populate_existing=True)
    ).one()


@cache
def newest_submitted() -> ColumnElement[bool]:
    """Narrows a select on versions to the newest submitted one of each piece. Built once: building it costs more
    than asking."""
    other = aliased(EvidenceVersion)
    newest = (
        select(func.max(other.number))
        .where(other.evidence_id == EvidenceVersion.evidence_id, other.submitted_at.is_not(None))
        .correlate(EvidenceVersion)
        .scalar_subquery()
    )
    return EvidenceVersion.number == newest


def latest_versions(
    session: Session, ids: Iterable[UUID], *, for_author: bool = False
) -> dict[UUID, EvidenceVersion]:
    """The version to read of each of these pieces, with claims and files: the newest submitted one, or for the
    author the newest of all. A piece that was never submitted is left out for others. Three queries."""
    newest = EvidenceVersion.is_latest if for_author else newest_submitted()
    rows = session.scalars(
        select(EvidenceVersion)
        .where(EvidenceVersion.evidence_id.in_(list(ids)), newest)
        .options(*with_content())
        .order_by(EvidenceVersion.id)
    )
    return {version.evidence_id: version for version in rows}


def made_with_key(session: Session, apprenticeship_id: UUID, by: UUID, form_key: str) -> Evidence | None:
    """The piece that this very page made before, if it was sent twice."""
    if not form_key:
        return None
    return session.scalar(
        select(Evidence)
        .where(
            Evidence.apprenticeship_id == apprenticeship_id,
            Evidence.created_by_id == by,
            Evidence.form_key == form_key,
        )
        .order_by(Evidence.id)
        .limit(1)
    )


def file(session: Session, opened: Opened, evidence_id: UUID, file_id: UUID) -> EvidenceFile:
    """A file of a piece, to be opened: the one check of every route that gives out bytes.

    Raises NotFound unless it stands in a version that this viewer may read, and Refused while it is being
    checked by us or by the virus scanner, which its owner alone need not wait for."""
    statement = (
        select(EvidenceFile)
        .join(VersionFile, VersionFile.file_id == EvidenceFile.id)
        .join(EvidenceVersion, EvidenceVersion.id == VersionFile.version_id)
        .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
        .where(
            EvidenceFile.id == file_id,
            Evidence.id == evidence_id,
            Evidence.apprenticeship_id == opened.id,
            ~sealed(EvidenceFile.id, "name"),
        )
        .options(joinedload(EvidenceFile.preparation))
        .order_by(EvidenceFile.id)
        .limit(1)
    )
    if not opened.is_own:
        statement = statement.where(Evidence.state != "draft", EvidenceVersion.submitted_at.is_not(None))
    found = session.scalar(statement)
    if found is None:
        raise NotFound
    if reason := why_closed(found.standing, own=opened.is_own):
        raise Refused(reason)
    return found


def withdrawn_by(session: Session, evidence: Evidence) -> UUID | None:
    """Who withdrew the piece, by the trail."""
    return session.scalar(
        select(AuditEvent.by_id)
        .where(
            AuditEvent.about_apprenticeship_id == evidence.apprenticeship_id,
            AuditEvent.record_id == evidence.id,
            AuditEvent.action == "evidence.withdrawn",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )


def assessors_of(session: Session, apprenticeship_id: UUID) -> list[str]:
    """Names of the assessors assigned today, in the order of their assignment."""
    return list(
        session.scalars(
            select(Person.name)
            .join(Assignment, Assignment.person_id == Person.id)
            .where(
                Assignment.apprenticeship_id == apprenticeship_id,
                Assignment.role == Role.ASSESSOR.value,
                Assignment.until_at.is_(None),
            )
            .order_by(Assignment.id)
        )
    )
