"""Carry out a plan: each good row by the same actions as the single form, all in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships import actions, actions_setup
from portfolio.apprenticeships.actions_around import Bringing, Enrolment, Named, assign, enrol
from portfolio.apprenticeships.actions_contacts import put_on_record
from portfolio.apprenticeships.lists.plan import Kind, Plan, Planned
from portfolio.apprenticeships.lists.values import CellProblem
from portfolio.apprenticeships.models import Cohort, Employer
from portfolio.apprenticeships.queries_contacts import contacts_of
from portfolio.audit import actions as audit
from portfolio.people.actions import Invited
from portfolio.refusals import Refused


@dataclass
class Done:
    """What came of it."""

    added: list[Planned] = field(default_factory=list)
    changed: list[Planned] = field(default_factory=list)
    employers: list[Employer] = field(default_factory=list)
    invited: list[Invited] = field(default_factory=list)
    refused: list[Planned] = field(default_factory=list)
    """Rows that were good in the preview and are not now: somebody changed the record in between."""


def carry_out(
    session: Session,
    catalogue: Catalogue,
    cohort: Cohort,
    plan: Plan,
    *,
    by: UUID,
    now: datetime,
    valid_for: timedelta,
) -> Done:
    """Write the good rows. A row that an action refuses is left out whole, and told."""
    actions_setup.hold(session, cohort.provider_id)
    carrier = _Carrier(session, catalogue, cohort, Bringing(session, cohort.provider_id, by, now, valid_for))
    for row in plan.good:
        try:
            carrier.carry(row)
        except Refused as refusal:
            row.problems.append(CellProblem("", refusal.reason))
            carrier.done.refused.append(row)
    done = carrier.done
    if plan.good:
        audit.record(
            session, "cohort.imported", by=by, now=now, record="cohort", record_id=cohort.id,
            provider_id=cohort.provider_id, added=len(done.added), changed=len(done.changed),
            employers=len(done.employers), refused=len(plan.of(Kind.BAD)) + len(done.refused),
        )  # fmt: skip
    return done


class _Carrier:
    """Writes row by row; remembers employers and people, so that a long list does not look them up again."""

    def __init__(self, session: Session, catalogue: Catalogue, cohort: Cohort, who: Bringing) -> None:
        self.session, self.catalogue, self.cohort, self.who = session, catalogue, cohort, who
        self.done = Done()
        self.employers: dict[str, Employer] = {}
        self.led: set[UUID] = set()

    def carry(self, row: Planned) -> None:
        """One row, whole; raises Refused before anything of it counts."""
        employer = self._employer(row)
        if row.kind is Kind.ADD:
            self.done.invited += self._add(row, employer)
            self.done.added.append(row)
        else:
            self.done.invited += self._change(row, employer)
            self.done.changed.append(row)

    def _employer(self, row: Planned) -> Employer:
        if row.match is not None and not row.given.employer:
            return row.match.employer
        key = actions_setup.same(row.given.employer)
        known = row.known_employer or self.employers.get(key)
        if known is None:
            known = self.employers[key] = actions_setup.add_employer(
                self.session, self.cohort.provider_id, row.given.employer, by=self.who.by, now=self.who.now
            )
            self.done.employers.append(known)
        self._put_lead(row, known)
        return known

    def _put_lead(self, row: Planned, employer: Employer) -> None:
        """The safeguarding lead that the list gives, once for each employer, and never over one on record."""
        if row.lead is None or employer.id in self.led:
            return
        self.led.add(employer.id)
        if contacts_of(self.session, employer.provider_id, employer.id).lead is None:
            put_on_record(
                self.session, employer.provider_id, employer.id, row.lead, by=self.who.by, now=self.who.now
            )

    def _add(self, row: Planned, employer: Employer) -> list[Invited]:
        assert row.details is not None  # noqa: S101  # a good row has them
        enrolment = Enrolment(
            cohort=self.cohort,
            employer=employer,
            details=row.details,
            apprentice=Named(row.given.email, row.given.name, "email"),
            around=[(role, Named(email, name, "email")) for role, email, name in row.around],
        )
        return enrol(self.session, self.catalogue, enrolment, who=self.who).invited

    def _change(self, row: Planned, employer: Employer) -> list[Invited]:
        assert row.details is not None  # noqa: S101  # a good row has them
        assert row.match is not None  # noqa: S101  # or there would be nothing to change
        by, now = self.who.by, self.who.now
        with self.session.begin_nested(), self.who.together() as invited:
            actions.change(
                self.session, self.catalogue, row.match, cohort=self.cohort, employer=employer,
                details=row.details, by=by, now=now,
            )  # fmt: skip
            for role, email, name in row.around:
                person = self.who.bring(Named(email, name, "email"), role)
                assign(self.session, row.match, person, role, by=by, now=now)
        return invited
