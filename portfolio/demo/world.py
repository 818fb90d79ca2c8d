"""Who is in the demonstration: two providers, their employers, cohorts and people. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.statements import Standard
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Cohort, Employer, SafeguardingContact
from portfolio.apprenticeships.rules_contacts import CONTACT_ROLE, LEAD_ROLE
from portfolio.demo.texts import texts
from portfolio.people.models import Member, Person, Provider
from portfolio.people.passwords import hash_password

PASSWORD = "three-kind-otters"
"""Everybody's, in the demonstration only."""


@dataclass
class World:
    """Rows by the ids of people.yaml, and people by name."""

    today: date
    now: datetime
    catalogue: Catalogue
    providers: dict[str, Provider] = field(default_factory=dict)
    employers: dict[tuple[str, str], Employer] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    cohorts: dict[str, Cohort] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def standard(self) -> Standard:
        """The one that ships."""
        return self.catalogue.default()

    def setting_of(self, name: str) -> str:
        """Where this apprentice works: school, care or housing."""
        employer = self.entries[name]["employer"]
        return str(next(e["setting"] for e in texts("people")["employers"] if e["id"] == employer))

    def name_of(self, person_id: UUID) -> str:
        return next(name for name, one in self.people.items() if one.id == person_id)

    def of(self, role: str, provider: str) -> list[Person]:
        """The people of a provider in one role, in the order of the file."""
        return [
            self.people[entry["name"]] for entry in texts("people")[role] if entry["provider"] == provider
        ]


def make_world(session: Session, catalogue: Catalogue, now: datetime) -> World:
    """Providers, employers, people with their roles, and three cohorts."""
    world = World(now.date(), now, catalogue)
    standard = world.standard
    founded = now - timedelta(days=700)
    for entry in texts("people")["providers"]:
        provider = Provider(
            name=entry["name"], ukprn="1009000" + str(len(world.providers)), created_at=founded
        )
        world.providers[entry["id"]] = _add(session, provider)
        _contact(session, provider.id, None, entry["contact"], CONTACT_ROLE, founded)
    for entry in texts("people")["employers"]:
        for provider_id in entry["providers"]:
            row = Employer(
                provider_id=world.providers[provider_id].id, name=entry["name"], created_at=founded
            )
            world.employers[provider_id, entry["id"]] = _add(session, row)
            _contact(session, row.provider_id, row.id, entry["lead"], LEAD_ROLE, founded)
    _people(session, world, founded)
    for key, provider_id, months, policy in (
        ("northern_first", "northern", 19, "standard_sentence"),
        ("northern_second", "northern", 9, "standard_sentence"),
        ("harbour", "harbour", 7, "funding_rules"),
    ):
        start = month_start(world.today, months)
        cohort = Cohort(
            provider_id=world.providers[provider_id].id,
            name=f"{start:%B %Y} cohort",
            standard_reference=standard.reference,
            standard_version=standard.version,
            english_maths_policy=policy,
            created_at=founded,
        )
        world.cohorts[key] = _add(session, cohort)
    return world


def _contact(
    session: Session,
    provider_id: UUID,
    employer_id: UUID | None,
    entry: dict[str, str],
    role: str,
    changed_at: datetime,
) -> None:
    """Whom to turn to: invented people, numbers that are set aside for drama and never connect."""
    row = SafeguardingContact(
        provider_id=provider_id, employer_id=employer_id, role=role, changed_at=changed_at, **entry
    )
    _add(session, row)


MANAGERS_RIGHTS = ["dbs", "support", "confidentiality"]
"""Of every manager: no provider here has more than two, which is as many confidentiality leads as there may be."""


def _people(session: Session, world: World, founded: datetime) -> None:
    password_hash = hash_password(PASSWORD)
    roles = {
        "apprentices": "apprentice",
        "mentors": "mentor",
        "assessors": "assessor",
        "iqas": "iqa",
        "managers": "manager",
    }
    for group in (*roles, "admins"):
        for entry in texts("people")[group]:
            person = Person(
                email=entry["email"],
                name=entry["name"],
                password_hash=password_hash,
                is_admin=group == "admins",
                created_at=founded,
            )
            world.people[entry["name"]] = _add(session, person)
            world.entries[entry["name"]] = entry
            if group in roles:
                rights = MANAGERS_RIGHTS if group == "managers" else []
                provider_id = world.providers[entry["provider"]].id
                member = Member(
                    provider_id=provider_id,
                    person_id=person.id,
                    role=roles[group],
                    rights=rights,
                    created_at=founded,
                )
                session.add(member)
    session.flush()


def an_apprenticeship(
    session: Session, world: World, name: str, cohort: str, *, start: date, number: int
) -> Apprenticeship:
    """The apprenticeship of this person, with mentor, assessor and (for every third) IQA around it."""
    entry = world.entries[name]
    provider = entry["provider"]
    person = world.people[name]
    row = Apprenticeship(
        provider_id=world.providers[provider].id,
        apprentice_id=person.id,
        cohort_id=world.cohorts[cohort].id,
        employer_id=world.employers[provider, entry["employer"]].id,
        standard_reference=world.standard.reference,
        standard_version=world.standard.version,
        start_on=start,
        planned_gateway_on=add_months(start, 18),
        date_of_birth=date(1978 + (number * 7) % 29, 1 + number % 12, 1 + number % 28),
        uln=str(9_100_000_000 + number),
        provider_reference=f"DEMO-{number:04}",
        created_at=world.now - timedelta(days=(world.today - start).days + 10),
    )
    _add(session, row)
    mentors = [
        m
        for m in texts("people")["mentors"]
        if (m["provider"], m["employer"]) == (provider, entry["employer"])
    ]
    around = [("mentor", world.people[mentors[number % len(mentors)]["name"]])]
    assessors, iqas = world.of("assessors", provider), world.of("iqas", provider)
    around.append(("assessor", assessors[0 if number % 2 == 0 else number % len(assessors)]))
    if iqas and number % 3 == 0:
        around.append(("iqa", iqas[0]))
    for role, who in around:
        session.add(
            Assignment(
                provider_id=row.provider_id,
                apprenticeship_id=row.id,
                person_id=who.id,
                role=role,
                from_at=row.created_at,
            )
        )
    session.flush()
    return row


def _add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def month_start(today: date, months: int) -> date:
    """The sixth of the month so many months before: cohorts start on a weekday near the beginning of a month."""
    count = today.year * 12 + today.month - 1 - months
    return date(count // 12, count % 12 + 1, 6)


def add_months(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, min(day.day, 28))
