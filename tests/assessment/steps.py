"""What the tests of assessment do again and again: forms as the page sends them, and what must hold after."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.coverage import CoverageMap, ItemState, Outcome
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.assessment.models import Decision, SignOff
from portfolio.assessment.queries import item_facts
from portfolio.assessment.rules import QUESTIONS, Answer
from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.feedback.models import Testimony
from portfolio.feedback.queries import content_of, newest_submitted
from portfolio.feedback.rules import version_sha256
from portfolio.gateway.models import GatewayLock
from portfolio.people.models import Person
from tests.builders import NOW, a_version, latest_version

ALL_YES = dict.fromkeys(QUESTIONS, True)
KEY = "k" * 32


def review_path(piece: Evidence) -> str:
    return f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/review"


def decisions_path(piece: Evidence) -> str:
    return f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/decisions"


def item_path(at_id: UUID, code: str, what: str) -> str:
    return f"/apprenticeships/{at_id}/items/{code}/{what}"


def answer(code: str, outcome: str = "covered", missing: str = "", **five: bool) -> Answer:
    if outcome != "covered":
        missing = missing or "Say what you did yourself."
    return Answer(code, Outcome(outcome), ALL_YES | five, missing)


def answers(**outcomes: str) -> dict[str, Answer]:
    """`answers(K7="covered", S7="partly")`"""
    return {code: answer(code, outcome) for code, outcome in outcomes.items()}


def typed(
    version: EvidenceVersion, outcomes: Mapping[str, str], *, key: str = KEY, **more: str
) -> dict[str, str]:
    """The review form as a browser sends it; underscores in `more` stand for hyphens."""
    fields = {"version_id": str(version.id), "form_key": key} | dict.fromkeys(QUESTIONS, "yes")
    for code, outcome in outcomes.items():
        fields[f"outcome-{code}"] = outcome
        fields[f"missing-{code}"] = "" if outcome == "covered" else f"More about {code}, please."
    return fields | {name.replace("_", "-"): value for name, value in more.items()}


def resubmitted(session: Session, piece: Evidence, *items: str) -> EvidenceVersion:
    """A new version of a returned piece, submitted."""
    before = latest_version(session, piece.id)
    before.is_latest = False
    session.flush()
    version = a_version(session, piece, *items, number=before.number + 1)
    version.submitted_at = NOW
    piece.state, piece.state_since = "submitted", NOW
    session.flush()
    return version


def states(database: Database, catalogue: Catalogue, at_id: UUID, *codes: str) -> dict[str, ItemState]:
    """How these items stand by the facts on record, after the summary has been found equal to them."""
    holds(database, catalogue)
    with database.reading() as fresh:
        standard = catalogue.get("ST1030", "1.0")
        coverage = CoverageMap.from_facts(standard, item_facts(fresh, at_id))
        return {code: coverage.state(code) for code in codes}


def holds(database: Database, catalogue: Catalogue) -> None:
    """Every stored summary equals one computed afresh."""
    with database.reading() as fresh:
        assert list(progress.verify(fresh, catalogue)) == []


def counts(database: Database) -> tuple[int, int]:
    """Decisions and sign-offs on record."""
    with database.reading() as fresh:
        return (
            fresh.scalar(select(func.count(Decision.id))) or 0,
            fresh.scalar(select(func.count(SignOff.id))) or 0,
        )


def locked(session: Session, at: Apprenticeship, by: Person) -> None:
    """The portfolio goes through the gateway; `commit(session)` brings the summary along."""
    session.add(
        GatewayLock(
            provider_id=at.provider_id,
            apprenticeship_id=at.id,
            check_text="{}",
            portfolio_sha256="0" * 64,
            locked_by_id=by.id,
            locked_at=NOW,
        )
    )
    session.flush()


def a_testimony(session: Session, piece: Evidence, by: Person) -> Testimony:
    """A signed testimony on the newest submitted version, by anybody a test wants."""
    version = newest_submitted(session, piece.id)
    assert version is not None
    row = Testimony(
        provider_id=piece.provider_id,
        apprenticeship_id=piece.apprenticeship_id,
        evidence_id=piece.id,
        version_id=version.id,
        version_sha256=version_sha256(content_of(version)),
        author_id=by.id,
        relation="Line manager",
        saw_on=NOW.date(),
        statement="I was in the room and saw it.",
        signed_at=NOW,
    )
    session.add(row)
    session.flush()
    return row
