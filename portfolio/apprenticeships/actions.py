"""Create an apprenticeship and change what is recorded of it. One place for the form, the edit page and lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships import queries_contacts
from portfolio.apprenticeships.actions_setup import hold
from portfolio.apprenticeships.models import Apprenticeship, Cohort, Employer
from portfolio.apprenticeships.queries import as_away, breaks_of, is_locked
from portfolio.apprenticeships.rules import LOCKED, Details, Mistakes, detail_problems, start_against_breaks
from portfolio.audit import actions as audit
from portfolio.people.models import Person
from portfolio.web.formats import date_words, london_day

FACTS_AT_THE_GATEWAY = ("start_on", "planned_gateway_on", "date_of_birth", "cohort_id", "employer_id")
"""What the gateway check rests on: this stands while a lock stands. Numbers may still be corrected."""


def create(
    session: Session,
    catalogue: Catalogue,
    *,
    apprentice: Person,
    cohort: Cohort,
    employer: Employer,
    details: Details,
    by: UUID,
    now: datetime,
) -> Apprenticeship:
    """A new apprenticeship on the cohort's version of its standard.

    Cohort and employer must come out of the same provider (`queries_setup` looks them up inside it), and the
    caller holds that provider's set-up (`hold`).
    Raises Mistakes with a sentence for each field that cannot stand.
    """
    if cohort.provider_id != employer.provider_id:
        raise Mistakes({"employer_id": "Choose an employer from the list."})
    standard = catalogue.get(cohort.standard_reference, cohort.standard_version)
    found = detail_problems(details, standard, london_day(now))
    found |= _taken(session, cohort.provider_id, apprentice, cohort.standard_reference, details, None)
    found |= queries_contacts.missing(session, employer)
    if found:
        raise Mistakes(found)
    apprenticeship = Apprenticeship(
        provider_id=cohort.provider_id,
        apprentice_id=apprentice.id,
        cohort_id=cohort.id,
        employer_id=employer.id,
        standard_reference=cohort.standard_reference,
        standard_version=cohort.standard_version,
        created_at=now,
        **_columns(details),
    )
    session.add(apprenticeship)
    session.flush()
    audit.record(
        session, "apprenticeship.created", by=by, now=now, record="apprenticeship", record_id=apprenticeship.id,
        provider_id=cohort.provider_id, apprenticeship_id=apprenticeship.id, person_id=apprentice.id,
        start_on=details.start_on.isoformat(), planned_gateway_on=details.planned_gateway_on.isoformat(),
    )  # fmt: skip
    return apprenticeship


def change(
    session: Session,
    catalogue: Catalogue,
    apprenticeship: Apprenticeship,
    *,
    cohort: Cohort,
    employer: Employer,
    details: Details,
    by: UUID,
    now: datetime,
) -> list[str]:
    """Correct dates, numbers, employer or cohort; returns what changed. `apprentice` must be loaded.

    Raises Mistakes: for what cannot stand, and for anything the gateway rests on while it is locked.
    """
    wanted: dict[str, date | str | UUID | None] = {
        **_columns(details),
        "cohort_id": cohort.id,
        "employer_id": employer.id,
    }
    changed = [name for name, value in wanted.items() if getattr(apprenticeship, name) != value]
    if not changed:
        return []
    hold(session, apprenticeship.provider_id)
    hold_apprenticeship(session, apprenticeship)
    found = _change_problems(session, catalogue, apprenticeship, cohort, details, changed, now)
    if "employer_id" in changed:
        found |= queries_contacts.missing(session, employer)
    if found:
        raise Mistakes(found)
    for name in changed:
        setattr(apprenticeship, name, wanted[name])
    session.flush()
    audit.record(
        session, "apprenticeship.changed", by=by, now=now, record="apprenticeship", record_id=apprenticeship.id,
        provider_id=apprenticeship.provider_id, apprenticeship_id=apprenticeship.id,
        person_id=apprenticeship.apprentice_id, changed=changed,
    )  # fmt: skip
    return changed


def hold_apprenticeship(session: Session, apprenticeship: Apprenticeship) -> None:
    """From here until the transaction ends nobody else locks or changes this apprenticeship, and its dates are
    read afresh: a gateway lock that was begun first is waited for, and seen."""
    session.refresh(apprenticeship, ["start_on", "withdrawn_on"], with_for_update=True)


def _change_problems(
    session: Session,
    catalogue: Catalogue,
    apprenticeship: Apprenticeship,
    cohort: Cohort,
    details: Details,
    changed: list[str],
    now: datetime,
) -> dict[str, str]:
    frozen = [name for name in changed if name in FACTS_AT_THE_GATEWAY]
    if frozen and is_locked(session, apprenticeship.id):
        return {frozen[0]: LOCKED}
    standard = catalogue.get(apprenticeship.standard_reference, apprenticeship.standard_version)
    found = detail_problems(details, standard, london_day(now))
    found |= _taken(
        session,
        apprenticeship.provider_id,
        apprenticeship.apprentice,
        apprenticeship.standard_reference,
        details,
        apprenticeship.id,
    )
    pinned = (apprenticeship.standard_reference, apprenticeship.standard_version)
    if (cohort.standard_reference, cohort.standard_version) != pinned:
        found["cohort_id"] = (
            "That cohort is on another standard. An apprenticeship keeps the one it began with."
        )
    if "start_on" in changed and "start_on" not in found:
        breaks = [as_away(one) for one in breaks_of(session, apprenticeship.id)]
        if sentence := start_against_breaks(details.start_on, breaks):
            found["start_on"] = sentence
    return found


def _columns(details: Details) -> dict[str, date | str | None]:
    return {
        "start_on": details.start_on,
        "planned_gateway_on": details.planned_gateway_on,
        "date_of_birth": details.date_of_birth,
        "uln": details.uln,
        "provider_reference": details.provider_reference,
    }


def _taken(
    session: Session,
    provider_id: UUID,
    apprentice: Person,
    reference: str,
    details: Details,
    but: UUID | None,
) -> dict[str, str]:
    """Numbers that are somebody else's in this provider, and the same person on the same standard twice."""
    found: dict[str, str] = {}
    in_provider = select(Apprenticeship).where(Apprenticeship.provider_id == provider_id)
    if but is not None:
        in_provider = in_provider.where(Apprenticeship.id != but)
    twice = in_provider.where(
        Apprenticeship.apprentice_id == apprentice.id,
        Apprenticeship.standard_reference == reference,
        Apprenticeship.start_on == details.start_on,
    )
    if session.scalars(twice.limit(1)).first() is not None:
        found["start_on"] = (
            f"{apprentice.name} is already on this standard with a start on {date_words(details.start_on)}."
        )
    keys: Mapping[str, tuple[str, str]] = {
        "uln": (details.uln, "This ULN"),
        "provider_reference": (details.provider_reference, "This reference"),
    }
    for name, (value, what) in keys.items():
        if value and (owner := _owner(session, provider_id, name, value, apprentice.id)):
            found[name] = f"{what} is recorded for {owner}. Check which of the two is right."
    return found


def _owner(session: Session, provider_id: UUID, column: str, value: str, but: UUID) -> str | None:
    return session.scalar(
        select(Person.name)
        .join(Apprenticeship, Apprenticeship.apprentice_id == Person.id)
        .where(
            Apprenticeship.provider_id == provider_id,
            getattr(Apprenticeship, column) == value,
            Apprenticeship.apprentice_id != but,
        )
        .order_by(Person.name, Person.id)
        .limit(1)
    )
