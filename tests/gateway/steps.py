"""What it takes to bring Amina through the gateway: rows, and the steps of the story through the pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.assessment.models import Decision, SignOff
from portfolio.database import new_id
from portfolio.evidence.models import Evidence
from portfolio.gateway.models import (
    DbsRecord,
    Declaration,
    GatewayLock,
    QualificationRecord,
    SupportRecord,
)
from portfolio.people.models import Person
from portfolio.people.passwords import hash_password
from tests.builders import NOW, Cast, a_submitted, claims_of, latest_version

PASSWORD = "three quiet harbours"
"""Everybody's in these tests: signing checks it for real."""


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


def give_passwords(session: Session, *people: Person) -> None:
    for person in people:
        session.get_one(Person, person.id).password_hash = _hash()
    session.flush()


def a_dbs_record(session: Session, at: Apprenticeship, by: Person, **more: object) -> DbsRecord:
    """Satisfactory, enhanced, original seen; the names in it are found by tests that look who sees them."""
    values: dict[str, object] = {
        "decision": "satisfactory",
        "level": "enhanced",
        "workforce": "child_and_adult",
        "barred_lists": "both",
        "issued_on": date(2025, 8, 28),
        "last_four": "8642",
        "original_seen_by": "Rowan Seer",
        "original_seen_on": date(2025, 9, 1),
        "decided_by": "Dana Decider",
        "decided_on": date(2025, 9, 2),
        "recorded_at": NOW,
    } | more
    row = DbsRecord(provider_id=at.provider_id, apprenticeship_id=at.id, recorded_by_id=by.id, **values)
    session.add(row)
    session.flush()
    return row


def a_qualification(
    session: Session, at: Apprenticeship, by: Person, subject: str, **more: object
) -> QualificationRecord:
    """Level 2 with a certificate seen, unless said otherwise."""
    values: dict[str, object] = {
        "qualification": "level_2",
        "title": f"Functional Skills {subject} XQ7",
        "proof": "certificate",
        "proof_seen_on": date(2025, 10, 14),
        "recorded_at": NOW,
    } | more
    row = QualificationRecord(
        provider_id=at.provider_id, apprenticeship_id=at.id, subject=subject, recorded_by_id=by.id, **values
    )
    session.add(row)
    session.flush()
    return row


def a_support_record(session: Session, at: Apprenticeship, by: Person, **more: object) -> SupportRecord:
    values: dict[str, object] = {"plan": "none", "recorded_at": NOW} | more
    row = SupportRecord(provider_id=at.provider_id, apprenticeship_id=at.id, recorded_by_id=by.id, **values)
    session.add(row)
    session.flush()
    return row


def sign_off(session: Session, at: Apprenticeship, by: Person, *codes: str) -> None:
    """These items stand as covered, on the strength of several pieces."""
    for code in codes:
        session.add(
            SignOff(
                provider_id=at.provider_id,
                apprenticeship_id=at.id,
                item_code=code,
                kind="signed_off",
                basis="several_pieces",
                reason="Shown over several pieces.",
                signed_by_id=by.id,
                signed_at=NOW,
                form_key=new_id().hex,
            )
        )
    session.flush()


def a_decision(
    session: Session, piece: Evidence, by: Person, code: str, outcome: str = "covered"
) -> Decision:
    version = latest_version(session, piece.id)
    row = Decision(
        provider_id=piece.provider_id,
        apprenticeship_id=piece.apprenticeship_id,
        evidence_id=piece.id,
        version_id=version.id,
        claim_id=claims_of(session, version)[code].id,
        item_code=code,
        outcome=outcome,
        valid=True,
        authentic=True,
        current=True,
        sufficient=outcome == "covered",
        reliable=True,
        missing="" if outcome == "covered" else "More detail.",
        decided_by_id=by.id,
        decided_at=NOW,
        form_key=new_id().hex,
    )
    session.add(row)
    session.flush()
    return row


def everything_but_declarations(session: Session, cast: Cast, catalogue: Catalogue) -> Evidence:
    """Amina's apprenticeship with every line in place but the declarations. Returns a piece that was decided."""
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    standard = catalogue.get(at.standard_reference, at.standard_version)
    piece = a_submitted(session, at, "K1", "S1", days_ago=30)
    a_decision(session, piece, cast.asha, "K1")
    a_decision(session, piece, cast.asha, "S1")
    piece.state = "decided"
    sign_off(session, at, cast.asha, *standard.codes)
    a_dbs_record(session, at, cast.priya)
    a_qualification(session, at, cast.priya, "english")
    a_qualification(session, at, cast.priya, "maths")
    return piece


def declared(session: Session, cast: Cast, round_: int = 1, at: datetime = NOW) -> None:
    """All three declarations of a round, as rows."""
    for party, person in (("apprentice", cast.amina), ("employer", cast.marek), ("provider", cast.asha)):
        session.add(
            Declaration(
                provider_id=cast.amina_at.provider_id,
                apprenticeship_id=cast.amina_at.id,
                round=round_,
                party=party,
                text=f"Declared for the {party}.",
                signed_by_id=person.id,
                signed_at=at,
            )
        )
    session.flush()


def the_lock(session: Session, apprenticeship_id: UUID) -> GatewayLock:
    return session.scalars(
        select(GatewayLock)
        .where(GatewayLock.apprenticeship_id == apprenticeship_id)
        .order_by(GatewayLock.round.desc())
        .limit(1)
    ).one()


def date_fields(name: str, day: date) -> dict[str, str]:
    """The three boxes of a date."""
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def days_ago(number: int) -> date:
    return (NOW - timedelta(days=number)).date()
