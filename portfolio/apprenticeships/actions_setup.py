"""Employers and cohorts: added, renamed, changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue, UnknownStandard
from portfolio.apprenticeships.models import Cohort, Employer
from portfolio.apprenticeships.queries_setup import has_apprenticeships
from portfolio.apprenticeships.rules import Mistakes
from portfolio.audit import actions as audit
from portfolio.people.models import Provider

PINNED = (
    "There are apprenticeships in this cohort, and each stays on the version of the standard it began with. "
    "Add another cohort for the other version."
)


def hold(session: Session, provider_id: UUID) -> None:
    """Set-up of a provider changes one at a time: whoever adds the same thing at the same moment gets a
    sentence instead of an error of the database. (SQLite writes one at a time anyway.)"""
    session.execute(select(Provider.id).where(Provider.id == provider_id).with_for_update())


def same(name: str) -> str:
    """Two names that differ in case or spaces only are one name."""
    return " ".join(name.split()).casefold()


def add_employer(session: Session, provider_id: UUID, name: str, *, by: UUID, now: datetime) -> Employer:
    """A new employer. Raises Mistakes if the provider has one of that name."""
    hold(session, provider_id)
    _refuse_taken_employer(session, provider_id, name)
    employer = Employer(provider_id=provider_id, name=name, created_at=now)
    session.add(employer)
    session.flush()
    audit.record(
        session,
        "employer.added",
        by=by,
        now=now,
        record="employer",
        record_id=employer.id,
        provider_id=provider_id,
    )
    return employer


def rename_employer(session: Session, employer: Employer, name: str, *, by: UUID, now: datetime) -> None:
    """The name on every page. Raises Mistakes if another employer has it."""
    if employer.name == name:
        return
    hold(session, employer.provider_id)
    _refuse_taken_employer(session, employer.provider_id, name, but=employer.id)
    employer.name = name
    session.flush()
    audit.record(
        session, "employer.renamed", by=by, now=now, record="employer", record_id=employer.id,
        provider_id=employer.provider_id,
    )  # fmt: skip


def _refuse_taken_employer(session: Session, provider_id: UUID, name: str, but: UUID | None = None) -> None:
    taken = session.execute(
        select(Employer.id, Employer.name).where(Employer.provider_id == provider_id)
    ).all()
    if any(same(other) == same(name) and key != but for key, other in taken):
        raise Mistakes(
            {"name": f"There is already an employer called {name}. Use that one, or tell them apart."}
        )


def add_cohort(
    session: Session,
    catalogue: Catalogue,
    provider_id: UUID,
    *,
    name: str,
    standard: str,
    policy: str,
    by: UUID,
    now: datetime,
) -> Cohort:
    """A new cohort on one version of a standard ("XT0007 2.3"). Raises Mistakes."""
    hold(session, provider_id)
    _refuse_taken_cohort(session, provider_id, name)
    reference, version = _known(catalogue, standard)
    cohort = Cohort(
        provider_id=provider_id,
        name=name,
        standard_reference=reference,
        standard_version=version,
        english_maths_policy=policy,
        created_at=now,
    )
    session.add(cohort)
    session.flush()
    audit.record(
        session, "cohort.added", by=by, now=now, record="cohort", record_id=cohort.id, provider_id=provider_id,
        standard=standard, policy=policy,
    )  # fmt: skip
    return cohort


def change_cohort(
    session: Session,
    catalogue: Catalogue,
    cohort: Cohort,
    *,
    name: str,
    standard: str,
    policy: str,
    by: UUID,
    now: datetime,
) -> None:
    """Name and policy at any time; the standard only while nobody is in it. Raises Mistakes."""
    hold(session, cohort.provider_id)
    _refuse_taken_cohort(session, cohort.provider_id, name, but=cohort.id)
    reference, version = _known(catalogue, standard)
    moved = (reference, version) != (cohort.standard_reference, cohort.standard_version)
    if moved and has_apprenticeships(session, cohort.id):
        raise Mistakes({"standard": PINNED})
    changed = [
        what
        for what, differs in (
            ("name", cohort.name != name),
            ("standard", moved),
            ("policy", cohort.english_maths_policy != policy),
        )
        if differs
    ]
    if not changed:
        return
    cohort.name, cohort.english_maths_policy = name, policy
    cohort.standard_reference, cohort.standard_version = reference, version
    session.flush()
    audit.record(
        session, "cohort.changed", by=by, now=now, record="cohort", record_id=cohort.id,
        provider_id=cohort.provider_id, changed=changed, policy=policy, standard=standard,
    )  # fmt: skip


def _refuse_taken_cohort(session: Session, provider_id: UUID, name: str, but: UUID | None = None) -> None:
    taken = session.execute(select(Cohort.id, Cohort.name).where(Cohort.provider_id == provider_id)).all()
    if any(same(other) == same(name) and key != but for key, other in taken):
        raise Mistakes({"name": f"There is already a cohort called {name}. Choose another name."})


def _known(catalogue: Catalogue, standard: str) -> tuple[str, str]:
    reference, _, version = standard.partition(" ")
    try:
        catalogue.get(reference, version)
    except UnknownStandard:
        raise Mistakes({"standard": "Choose one of the standards in the list."}) from None
    return reference, version
