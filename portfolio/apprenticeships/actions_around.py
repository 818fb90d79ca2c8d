"""Who stands around an apprenticeship: assigned, ended, and brought in by e-mail where they are new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Role
from portfolio.apprenticeships.actions import create
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Cohort, Employer
from portfolio.apprenticeships.queries import ASSIGNED_ROLES
from portfolio.apprenticeships.queries_setup import holder, holders
from portfolio.apprenticeships.rules import Details, Mistakes
from portfolio.audit import actions as audit
from portfolio.people.actions import Invited, invite
from portfolio.people.models import Person
from portfolio.refusals import Refused

NEEDS_NAME = "Nobody has this e-mail address here yet. Enter their name too, and they are invited."
OWN = "Nobody can be {role} of their own apprenticeship. Choose somebody else."


@dataclass(frozen=True)
class Named:
    """Somebody by e-mail address, with the name to invite them under if they are new. `field` is the form's."""

    email: str
    name: str = ""
    field: str = ""


@dataclass(frozen=True)
class Enrolment:
    """Everything that one new apprenticeship needs. People are known already or named by address."""

    cohort: Cohort
    employer: Employer
    details: Details
    apprentice: Person | Named
    around: Sequence[tuple[Role, Person | Named]] = ()


@dataclass
class Enrolled:
    apprenticeship: Apprenticeship
    invited: list[Invited] = field(default_factory=list)
    """Whose role or account is new, with the token of their link where one is due."""


def enrol(
    session: Session,
    catalogue: Catalogue,
    enrolment: Enrolment,
    *,
    who: Bringing,
) -> Enrolled:
    """Invite whom it takes, create the apprenticeship and assign its people: all of it or nothing.

    Raises Mistakes for fields that cannot stand. The caller holds the provider's set-up (`hold`).
    """
    by, now = who.by, who.now
    with session.begin_nested(), who.together() as invited:
        apprentice = who.bring(enrolment.apprentice, Role.APPRENTICE)
        apprenticeship = create(
            session, catalogue, apprentice=apprentice, cohort=enrolment.cohort, employer=enrolment.employer,
            details=enrolment.details, by=by, now=now,
        )  # fmt: skip
        for role, somebody in enrolment.around:
            refuse_own(apprentice, somebody, role)
            _put(session, apprenticeship, who.bring(somebody, role), role, by=by, now=now)
    return Enrolled(apprenticeship, invited)


def refuse_own(apprentice: Person, somebody: Person | Named, role: Role) -> None:
    """Nobody stands around their own apprenticeship: said before they are invited to a role."""
    if somebody.email == apprentice.email:
        name = somebody.field if isinstance(somebody, Named) else "person_id"
        raise Mistakes({name: OWN.format(role=role.label.lower())})


@dataclass
class Bringing:
    """Finds people by address and gives the role to those who lack it; remembers both for the next row."""

    session: Session
    provider_id: UUID
    by: UUID
    now: datetime
    valid_for: timedelta
    holding: dict[tuple[str, Role], Person] = field(default_factory=dict)
    """Who is known to hold a role, by address: of those brought before."""
    invited: list[Invited] = field(default_factory=list)

    @contextmanager
    def together(self) -> Iterator[list[Invited]]:
        """Whom it invites meanwhile. If that is undone, they are forgotten again."""
        holding, self.invited = dict(self.holding), []
        try:
            yield self.invited
        except BaseException:
            self.holding, self.invited = holding, []
            raise

    def bring(self, somebody: Person | Named, role: Role) -> Person:
        """The person, who then holds the role here. Raises Mistakes on the field they were named in."""
        if isinstance(somebody, Person):
            return somebody
        key = (somebody.email, role)
        if key not in self.holding:
            self.holding[key] = self._find_or_invite(somebody, role)
        return self.holding[key]

    def _find_or_invite(self, somebody: Named, role: Role) -> Person:
        account = self.session.scalar(select(Person).where(Person.email == somebody.email))
        if account is not None and holder(self.session, self.provider_id, role, account.id):
            return account
        if account is None and not somebody.name:
            raise Mistakes({somebody.field.replace("email", "name"): NEEDS_NAME})
        try:
            invited = invite(
                self.session,
                provider_id=self.provider_id,
                name=somebody.name or (account.name if account else ""),
                email=somebody.email,
                roles=[role],
                by=self.by,
                now=self.now,
                valid_for=self.valid_for,
            )
        except Refused as refusal:
            raise Mistakes({somebody.field: refusal.reason}) from None
        self.invited.append(invited)
        return invited.person


def assign(
    session: Session, apprenticeship: Apprenticeship, person: Person, role: Role, *, by: UUID, now: datetime
) -> Assignment | None:
    """Put somebody who holds the role in the provider around an apprenticeship; None if they are already.

    Also after the gateway lock: people change, the portfolio does not. Raises Mistakes.
    """
    if role not in ASSIGNED_ROLES:
        raise Mistakes({"role": "Choose mentor, assessor or internal quality assurer."})
    if person.id == apprenticeship.apprentice_id:
        raise Mistakes({"person_id": OWN.format(role=role.label.lower())})
    if session.scalar(holders(apprenticeship.provider_id, role).where(Person.id == person.id)) is None:
        raise Mistakes({"person_id": f"{person.name} does not hold the role of {role.label.lower()} here."})
    running = select(Assignment.id).where(
        Assignment.apprenticeship_id == apprenticeship.id,
        Assignment.person_id == person.id,
        Assignment.role == role.value,
        Assignment.until_at.is_(None),
    )
    if session.scalars(running.limit(1)).first() is not None:
        return None
    return _put(session, apprenticeship, person, role, by=by, now=now)


def _put(
    session: Session, apprenticeship: Apprenticeship, person: Person, role: Role, *, by: UUID, now: datetime
) -> Assignment:
    assignment = Assignment(
        provider_id=apprenticeship.provider_id,
        apprenticeship_id=apprenticeship.id,
        person_id=person.id,
        role=role.value,
        from_at=now,
        assigned_by_id=by,
    )
    session.add(assignment)
    session.flush()
    _note(session, "assignment.began", assignment, by, now)
    return assignment


def end_assignment(session: Session, assignment: Assignment, *, by: UUID, now: datetime) -> None:
    """From their next request this person no longer stands here. Ending it twice changes nothing."""
    if assignment.until_at is not None:
        return
    assignment.until_at, assignment.ended_by_id = now, by
    session.flush()
    _note(session, "assignment.ended", assignment, by, now)


def _note(session: Session, action: str, assignment: Assignment, by: UUID, now: datetime) -> None:
    audit.record(
        session, action, by=by, now=now, record="assignment", record_id=assignment.id,
        provider_id=assignment.provider_id, apprenticeship_id=assignment.apprenticeship_id,
        person_id=assignment.person_id, role=assignment.role,
    )  # fmt: skip
