"""Rows for tests: plain functions with keyword overrides, and a fixed cast.

Amina apprentice, Marek mentor, Asha assessor, Ines IQA, Priya provider manager (with both named rights), Noor
the stranger: manager of a second provider of the same shape. `commit(session)` commits as a request does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, Assignment, Cohort, Employer, SafeguardingContact
from portfolio.database import Base, new_id
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.people.models import Member, Person, Provider

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
REFERENCE, VERSION = "ST1030", "1.0"


def commit(session: Session) -> None:
    session.info["database"].commit(session)


def _added(session: Session, row: Any) -> None:
    """Written at once, so that what the database refuses is refused here; inside `_together` with all others."""
    row.id = row.id or new_id()
    waiting: list[Any] | None = session.info.get("together")
    if waiting is None:
        session.add(row)
        session.flush()
    else:
        waiting.append(row)


@contextmanager
def _together(session: Session) -> Iterator[None]:
    """What is built inside is written table by table at the end, those first that others refer to."""
    waiting: list[Any] = []
    session.info["together"] = waiting
    yield
    del session.info["together"]
    for table in Base.metadata.sorted_tables:
        session.add_all(row for row in waiting if row.__table__ is table)
        session.flush()


def a_provider(session: Session, name: str = "Northern Skills") -> Provider:
    provider = Provider(name=name, ukprn="10000001", created_at=NOW)
    _added(session, provider)
    a_contact(session, provider)
    return provider


def a_contact(session: Session, provider: Provider, employer: Employer | None = None) -> SafeguardingContact:
    """Whom to turn to at this provider, or at the employer: without them nobody can start."""
    contact = SafeguardingContact(
        provider_id=provider.id,
        employer_id=employer.id if employer else None,
        name=f"Lead of {employer.name if employer else provider.name}",
        role="Designated safeguarding lead",
        phone="01632 960111" if employer else "01632 960222",
        email="lead@employer.example" if employer else "contact@provider.example",
        changed_at=NOW,
    )
    _added(session, contact)
    return contact


def a_person(
    session: Session,
    name: str,
    provider: Provider | None = None,
    *roles: str,
    rights: tuple[str, ...] = (),
    **more: object,
) -> Person:
    """Somebody with an account, and these roles in the provider. E-mail from the name."""
    email = more.pop("email", name.lower().replace(" ", ".") + "@example.org")
    person = Person(email=email, name=name, created_at=NOW, **more)
    _added(session, person)
    for role in roles:
        assert provider is not None
        member = Member(
            provider_id=provider.id, person_id=person.id, role=role, rights=list(rights), created_at=NOW
        )
        _added(session, member)
    return person


def an_employer(session: Session, provider: Provider, name: str = "Northside School") -> Employer:
    employer = Employer(provider_id=provider.id, name=name, created_at=NOW)
    _added(session, employer)
    a_contact(session, provider, employer)
    return employer


def a_cohort(session: Session, provider: Provider, name: str = "October 2025", **more: object) -> Cohort:
    values: dict[str, object] = {"standard_reference": REFERENCE, "standard_version": VERSION} | more
    cohort = Cohort(provider_id=provider.id, name=name, created_at=NOW, **values)
    _added(session, cohort)
    return cohort


def an_apprenticeship(
    session: Session, apprentice: Person, cohort: Cohort, employer: Employer, **more: object
) -> Apprenticeship:
    """Started on 6 October 2025, gateway planned for 6 April 2027, born on 1 May 2000, unless said otherwise."""
    values: dict[str, object] = {
        "start_on": date(2025, 10, 6),
        "planned_gateway_on": date(2027, 4, 6),
        "date_of_birth": date(2000, 5, 1),
        "created_at": NOW,
        "standard_reference": cohort.standard_reference,
        "standard_version": cohort.standard_version,
    } | more
    apprenticeship = Apprenticeship(
        provider_id=cohort.provider_id,
        apprentice_id=apprentice.id,
        cohort_id=cohort.id,
        employer_id=employer.id,
        **values,
    )
    _added(session, apprenticeship)
    return apprenticeship


def an_assignment(session: Session, apprenticeship: Apprenticeship, person: Person, role: str) -> Assignment:
    assignment = Assignment(
        provider_id=apprenticeship.provider_id,
        apprenticeship_id=apprenticeship.id,
        person_id=person.id,
        role=role,
        from_at=NOW,
    )
    _added(session, assignment)
    return assignment


@dataclass
class Cast:
    """Everybody, and both providers. `amina_at` is Amina's apprenticeship, `other_at` the stranger's world."""

    provider: Provider
    employer: Employer
    cohort: Cohort
    amina: Person
    marek: Person
    asha: Person
    ines: Person
    priya: Person
    amina_at: Apprenticeship
    other_provider: Provider
    other_employer: Employer
    other_cohort: Cohort
    noor: Person
    olu: Person
    otto: Person
    other_at: Apprenticeship
    admin: Person


def a_cast(session: Session) -> Cast:
    """Olu is the second provider's apprentice, Otto its assessor, Noor its manager. Alex is the admin."""
    with _together(session):  # nearly every test begins with them: seven flushes instead of thirty-five
        cast = _everybody(session)
    commit(session)
    return cast


def _everybody(session: Session) -> Cast:
    provider, other = a_provider(session), a_provider(session, "Harbour Training")
    employer, other_employer = an_employer(session, provider), an_employer(session, other, "Harbour Care")
    cohort, other_cohort = a_cohort(session, provider), a_cohort(session, other, "Harbour 2025")
    amina = a_person(session, "Amina Archer", provider, "apprentice")
    olu = a_person(session, "Olu Otter", other, "apprentice")
    cast = Cast(
        provider=provider,
        employer=employer,
        cohort=cohort,
        amina=amina,
        marek=a_person(session, "Marek Mason", provider, "mentor"),
        asha=a_person(session, "Asha Abbott", provider, "assessor"),
        ines=a_person(session, "Ines Irwin", provider, "iqa"),
        priya=a_person(session, "Priya Parker", provider, "manager", rights=("dbs", "support")),
        amina_at=an_apprenticeship(session, amina, cohort, employer),
        other_provider=other,
        other_employer=other_employer,
        other_cohort=other_cohort,
        noor=a_person(session, "Noor Naylor", other, "manager", rights=("dbs", "support")),
        olu=olu,
        otto=a_person(session, "Otto Owens", other, "assessor"),
        other_at=an_apprenticeship(session, olu, other_cohort, other_employer),
        admin=a_person(session, "Alex Adair", is_admin=True),
    )
    an_assignment(session, cast.amina_at, cast.marek, "mentor")
    an_assignment(session, cast.amina_at, cast.asha, "assessor")
    an_assignment(session, cast.amina_at, cast.ines, "iqa")
    an_assignment(session, cast.other_at, cast.otto, "assessor")
    return cast


def a_draft(
    session: Session, at: Apprenticeship, *items: str, title: str = "Escalated a concern", **more: object
) -> Evidence:
    """A draft piece of this apprenticeship that claims these items, complete enough to be submitted."""
    piece = Evidence(
        provider_id=at.provider_id,
        apprenticeship_id=at.id,
        state="draft",
        state_since=NOW,
        created_at=NOW,
        created_by_id=at.apprentice_id,
        form_key=new_id().hex,
    )
    session.add(piece)
    session.flush()
    a_version(session, piece, *items, title=title, **more)
    return piece


def a_version(
    session: Session, piece: Evidence, *items: str, number: int = 1, **more: object
) -> EvidenceVersion:
    values: dict[str, object] = {
        "type": "work_product",
        "title": "Escalated a concern",
        "happened_on": date(2026, 10, 20),
        "what_happened": "A colleague told me about a worry.",
        "what_i_did": "I followed our pathway and told the designated lead.",
        "why": "Waiting could have left Child A at risk.",
        "original_kept_at": "The safeguarding log at work",
        "original_seen_by": "The designated safeguarding lead",
        "original_what": "An entry in the safeguarding log",
        "original_seen_on": date(2026, 10, 21),
        "confidentiality": "anonymised",
        "nobody_identifiable": True,
        "own_work": True,
        "created_at": NOW,
        "edited_at": NOW,
    } | more
    version = EvidenceVersion(
        provider_id=piece.provider_id,
        apprenticeship_id=piece.apprenticeship_id,
        evidence_id=piece.id,
        number=number,
        is_latest=True,
        **values,
    )
    session.add(version)
    session.flush()
    for position, code in enumerate(items):
        session.add(
            Claim(
                provider_id=piece.provider_id,
                apprenticeship_id=piece.apprenticeship_id,
                version_id=version.id,
                item_code=code,
                position=position,
            )
        )
    session.flush()
    return version


def a_submitted(
    session: Session, at: Apprenticeship, *items: str, days_ago: int = 4, **more: object
) -> Evidence:
    """A piece that waits for the assessor. The claims are written before the version is frozen."""
    piece = a_draft(session, at, *items, **more)
    version = latest_version(session, piece.id)
    version.submitted_at = NOW - timedelta(days=days_ago)
    piece.state, piece.state_since = "submitted", version.submitted_at
    session.flush()
    return piece


def latest_version(session: Session, evidence_id: UUID) -> EvidenceVersion:
    return session.scalars(
        select(EvidenceVersion).where(EvidenceVersion.evidence_id == evidence_id, EvidenceVersion.is_latest)
    ).one()


def claims_of(session: Session, version: EvidenceVersion) -> dict[str, Claim]:
    rows = session.scalars(select(Claim).where(Claim.version_id == version.id))
    return {claim.item_code: claim for claim in rows}
