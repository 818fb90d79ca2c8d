"""Reports for the leads, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.access import ROLE_LABELS, Right, Role, Viewer
from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.audit.models import AuditEvent
from portfolio.database import across
from portfolio.evidence.models import Evidence, EvidenceFile, EvidenceVersion
from portfolio.evidence.queries import is_locked
from portfolio.people.models import Member, Person
from portfolio.refusals import NotFound
from portfolio.sealing.models import SealedWords, Slip, SlipEvent, Tombstone
from portfolio.slips import rules
from portfolio.web.paging import PER_PAGE, Slice, cut


def open_slip(session: Session, evidence_id: UUID) -> Slip | None:
    return session.scalar(select(Slip).where(Slip.evidence_id == evidence_id, Slip.state == "open"))


def sent_with(session: Session, person_id: UUID, form_key: str) -> Slip | None:
    """The report that this very page made before."""
    return session.scalar(select(Slip).where(Slip.reported_by_id == person_id, Slip.form_key == form_key))


def slip(session: Session, provider_id: UUID, slip_id: UUID) -> Slip:
    """A report in this provider. Raises NotFound."""
    found = session.scalar(select(Slip).where(Slip.id == slip_id, Slip.provider_id == provider_id))
    if found is None:
        raise NotFound
    return found


def leads(session: Session, provider_id: UUID) -> list[Person]:
    """The confidentiality leads of a provider today: two at most."""
    return [person for person, rights in _managers(session, provider_id) if Right.CONFIDENTIALITY in rights]


def told_of_report(session: Session, provider_id: UUID) -> list[UUID]:
    """The leads; where nobody is one yet every manager, so that they name one."""
    found = leads(session, provider_id) or [person for person, _ in _managers(session, provider_id)]
    return [person.id for person in found]


def _managers(session: Session, provider_id: UUID) -> list[tuple[Person, list[str]]]:
    rows = session.execute(
        select(Person, Member.rights)
        .join(Member, Member.person_id == Person.id)
        .where(
            Member.provider_id == provider_id,
            Member.role == Role.MANAGER.value,
            Member.ended_at.is_(None),
        )
        .order_by(Person.name, Person.id)
    )
    return [(person, rights) for person, rights in rows]


def assessors_of(session: Session, apprenticeship_id: UUID) -> list[UUID]:
    """Who is to know that something they may have signed off on is gone."""
    return list(
        session.scalars(
            select(Assignment.person_id)
            .where(
                Assignment.apprenticeship_id == apprenticeship_id,
                Assignment.role == Role.ASSESSOR.value,
                Assignment.until_at.is_(None),
            )
            .order_by(Assignment.id)
        )
    )


def facts_of(session: Session, slip: Slip, lead: UUID) -> rules.SlipFacts:
    evidence = session.get_one(Evidence, slip.evidence_id)
    return rules.SlipFacts(
        state=slip.state,
        lead=lead,
        leads=[person.id for person in leads(session, slip.provider_id)],
        purge_asked_by=slip.purge_asked_by_id,
        locked=is_locked(session, slip.apprenticeship_id),
        piece_state=evidence.state,
    )


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    slip: Slip
    apprentice: str
    reporter: str

    @property
    def what(self) -> str:
        return next(label for value, label, _ in rules.WHAT if value == self.slip.what)

    @property
    def part(self) -> str:
        return next(label for value, label, _ in rules.PART if value == self.slip.part)

    @property
    def state(self) -> str:
        return rules.STATES[self.slip.state]


def listed(session: Session, provider_id: UUID, *, state: str, page: int) -> Slice[Row]:
    """The reports of a provider in this state, the oldest first where something is to be done. One query."""
    order = Slip.id if state == "open" else Slip.id.desc()
    rows: Sequence[Row] = [
        Row(*row)
        for row in session.execute(
            _rows()
            .where(Slip.provider_id == provider_id, Slip.state == state)
            .order_by(order)
            .offset((page - 1) * PER_PAGE)
            .limit(PER_PAGE + 1)
        )
    ]
    return cut(rows, page)


@dataclass(frozen=True)
class Waiting:
    """Reported pieces of one provider that are closed until a lead decides."""

    provider_id: UUID
    number: int
    oldest: datetime


def waiting_for(session: Session, viewer: Viewer) -> list[Waiting]:
    """For the home page of a confidentiality lead, the longest wait first. Nobody else is asked about: no query."""
    leading = [one.provider_id for one in viewer.managed if Right.CONFIDENTIALITY in one.rights]
    if not leading:
        return []
    oldest = func.min(Slip.reported_at)
    rows = session.execute(
        select(Slip.provider_id, func.count(), oldest)
        .where(Slip.provider_id.in_(leading), Slip.state == "open")
        .group_by(Slip.provider_id)
        .order_by(oldest)
    )
    return [Waiting(provider_id, number, since) for provider_id, number, since in rows]


def row_of(session: Session, slip: Slip) -> Row:
    return Row(*session.execute(_rows().where(Slip.id == slip.id)).one())


def _rows() -> Select[Slip, str, str]:
    apprentice, reporter = aliased(Person), aliased(Person)
    return (
        select(Slip, apprentice.name, reporter.name)
        .join(Apprenticeship, Apprenticeship.id == Slip.apprenticeship_id)
        .join(apprentice, apprentice.id == Apprenticeship.apprentice_id)
        .join(reporter, reporter.id == Slip.reported_by_id)
    )


@dataclass(frozen=True)
class Event:
    """What was done about it, by whom."""

    event: SlipEvent
    name: str

    @property
    def words(self) -> str:
        return rules.EVENTS[self.event.kind]


def events(session: Session, slip_id: UUID) -> list[Event]:
    """In the order in which it happened."""
    rows = session.execute(
        select(SlipEvent, Person.name)
        .join(Person, Person.id == SlipEvent.by_id)
        .where(SlipEvent.slip_id == slip_id)
        .order_by(SlipEvent.id)
    )
    return [Event(*row) for row in rows]


@dataclass(frozen=True)
class Around:
    """Somebody who could have seen it: assigned between its first version and the report."""

    name: str
    role: str
    since: datetime
    until: datetime | None


def who_could_see(session: Session, slip: Slip) -> list[Around]:
    """Everybody assigned at some time between the first submission and the report; of a draft nobody."""
    first = session.scalar(
        select(EvidenceVersion.submitted_at)
        .where(EvidenceVersion.evidence_id == slip.evidence_id, EvidenceVersion.submitted_at.is_not(None))
        .order_by(EvidenceVersion.number)
        .limit(1)
    )
    if first is None:
        return []
    rows = session.execute(
        select(Person.name, Assignment.role, Assignment.from_at, Assignment.until_at)
        .join(Person, Person.id == Assignment.person_id)
        .where(
            Assignment.apprenticeship_id == slip.apprenticeship_id,
            Assignment.from_at <= slip.reported_at,
            Assignment.until_at.is_(None) | (Assignment.until_at >= first),
        )
        .order_by(Assignment.from_at, Assignment.id)
    )
    return [Around(name, ROLE_LABELS[Role(role)], since, until) for name, role, since, until in rows]


def copies(session: Session, stone: Tombstone, apprenticeship_id: UUID) -> rules.Copies:
    """Whether a restore would know of this purge. Two queries."""
    noted = (
        select(AuditEvent.at)
        .where(
            AuditEvent.about_apprenticeship_id == apprenticeship_id,
            AuditEvent.action == rules.NOTED,
            AuditEvent.record_id == stone.slip_id,
        )
        .order_by(AuditEvent.id)
        .limit(1)
    )
    return rules.Copies(stone.at, session.scalar(noted), last_backup(session))


def unknown_to_restores(session: Session, provider_id: UUID, now: datetime) -> int:
    """How many purges of this provider a restore would undo, as far as is known here. Two queries."""
    newest = last_backup(session)
    noted = exists().where(
        AuditEvent.about_apprenticeship_id == Evidence.apprenticeship_id,
        AuditEvent.action == rules.NOTED,
        AuditEvent.record_id == Tombstone.slip_id,
    )
    found = (
        select(func.count(Tombstone.id))
        .join(Evidence, Evidence.id == Tombstone.evidence_id)
        .where(Tombstone.provider_id == provider_id, Tombstone.backups_until > now, ~noted)
    )
    if newest is not None:
        found = found.where(Tombstone.at >= newest)
    return session.scalar(found) or 0


def last_backup(session: Session) -> datetime | None:
    """When the newest complete backup began to be made, as far as it was made by this product's command. It is of the
    whole installation, so it belongs to no provider."""
    newest = (
        select(AuditEvent.detail)
        .where(AuditEvent.provider_id.is_(None), AuditEvent.action == rules.BACKED_UP)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    with across(session):
        found = session.scalar(newest)
    return datetime.fromisoformat(str(found["began_at"])) if found else None


def tombstone(session: Session, slip_id: UUID) -> Tombstone | None:
    return session.scalar(select(Tombstone).where(Tombstone.slip_id == slip_id))


@dataclass(frozen=True)
class SealedText:
    """One text under the seal, with where it stood."""

    record: str
    field: str
    words: str


def texts(session: Session, slip_id: UUID) -> list[SealedText]:
    """Everything that somebody wrote and that is under the seal of this slip, but for names of files."""
    rows = session.execute(
        select(SealedWords.record, SealedWords.field, SealedWords.words)
        .where(
            SealedWords.slip_id == slip_id,
            SealedWords.purged_at.is_(None),
            SealedWords.words != "",
            SealedWords.record.not_in(("evidence_file", "upload", "draft_revision")),
        )
        .order_by(SealedWords.id)
    )
    return [SealedText(*row) for row in rows]


@dataclass(frozen=True)
class SealedFile:
    """A file under the seal, with the name that it had."""

    file: EvidenceFile
    name: str


def files(session: Session, slip_id: UUID) -> list[SealedFile]:
    rows = session.execute(
        select(EvidenceFile, SealedWords.words)
        .join(SealedWords, SealedWords.record_id == EvidenceFile.id)
        .where(
            SealedWords.slip_id == slip_id,
            SealedWords.record == "evidence_file",
            SealedWords.field == "name",
            SealedWords.purged_at.is_(None),
        )
        .order_by(EvidenceFile.id)
    )
    return [SealedFile(*row) for row in rows]
