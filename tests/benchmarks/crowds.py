"""Cohorts of many for the benchmarks: evidence, decisions and sign-offs as rows, and their summaries.

There are KINDS kinds of apprentices, from nothing done to half of everything covered. One of each kind is made
and summarised by the product's own code; all others get the same rows and a copy of that summary. So what is
measured is what the product would have written, and `progress.verify` finds nothing to say about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Cohort, Employer, Progress
from portfolio.assessment.models import Decision, SignOff
from portfolio.cohorts.summary import Summary, sort_name, summaries
from portfolio.database import Base, Database, new_id
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.people.models import Member, Person, Provider
from portfolio.web.formats import utc_now
from tests.builders import a_cohort, a_person, a_provider, an_employer
from tests.cohorts.crowd import FIRST, LAST

KINDS = 41
CLAIMS = 4
AT_A_TIME = 2000
RAW_UP_TO = 10_000
"""Larger cohorts have summaries only: nothing that is measured on them reads more."""

Rows = dict[type[Base], list[dict[str, Any]]]


@dataclass
class Crowd:
    """One cohort: where it is, who may see it, and everybody in it."""

    size: int
    provider: Provider
    cohort: Cohort
    manager: Person
    assessor: Person
    now: datetime
    apprenticeships: list[UUID] = field(default_factory=list)
    apprentices: list[UUID] = field(default_factory=list)


def make(database: Database, catalogue: Catalogue, size: int) -> Crowd:
    """A provider with one cohort of this size."""
    with database.writing() as session:
        provider = a_provider(session, f"Provider of {size}")
        cohort = a_cohort(session, provider, f"Cohort of {size}")
        employers = [an_employer(session, provider, f"Employer {number:02}") for number in range(20)]
        manager = a_person(session, f"Manager {size}", provider, "manager")
        assessor = a_person(session, f"Assessor {size}", provider, "assessor")
    crowd = Crowd(size, provider, cohort, manager, assessor, utc_now())
    codes = catalogue.get(cohort.standard_reference, cohort.standard_version).codes
    kinds: list[Summary] = []
    for start in range(0, size, AT_A_TIME):
        rows: Rows = {}
        for number in range(start, min(size, start + AT_A_TIME)):
            someone(rows, crowd, employers, number, codes)
        with quickly(database) as session:
            write(session, rows)
            submit = update(EvidenceVersion).where(EvidenceVersion.submitted_at.is_(None))
            session.execute(
                submit.values(submitted_at=EvidenceVersion.created_at)
            )  # claims before the freeze
            if not kinds:
                wanted = crowd.apprenticeships[: min(size, KINDS)]
                kinds = list(summaries(session, catalogue, wanted))
            write(session, {Progress: list(copies(rows, kinds, start))})
    return crowd


def quickly(database: Database) -> Any:
    """A writing session. On PostgreSQL without triggers: they cost more than the rows, and these rows are sound."""
    session = database.session(write=True, across=True)
    if not database.is_sqlite:
        session.connection().exec_driver_sql("SET LOCAL session_replication_role = replica")
    return Committed(session)


class Committed:
    """Commits at the end without keeping summaries: they are written here."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            self.session.commit()
        self.session.close()


def write(session: Session, rows: Rows) -> None:
    for table, values in rows.items():
        for start in range(0, len(values), 5000):
            session.execute(insert(table), values[start : start + 5000])


def copies(rows: Rows, kinds: list[Summary], start: int) -> Iterator[dict[str, Any]]:
    """Everybody's summary: that of their kind with ids and name of their own."""
    for place, (person, row) in enumerate(zip(rows[Person], rows[Apprenticeship], strict=True)):
        yield asdict(kinds[(start + place) % KINDS]) | {
            "id": new_id(),
            "apprenticeship_id": row["id"],
            "apprentice_id": row["apprentice_id"],
            "employer_id": row["employer_id"],
            "sort_name": sort_name(person["name"]),
        }


def someone(rows: Rows, crowd: Crowd, employers: list[Employer], number: int, codes: tuple[str, ...]) -> None:
    """One apprentice with everything of their kind, appended to `rows`."""
    now, kind = crowd.now, number % KINDS
    of = {"provider_id": crowd.provider.id}
    person_id, at_id = new_id(), new_id()
    crowd.apprentices.append(person_id)
    crowd.apprenticeships.append(at_id)
    name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]} {number}"
    add(rows, Person, id=person_id, email=f"{person_id.hex}@example.org", name=name, created_at=now,
        password_hash="", is_admin=False)  # fmt: skip
    add(rows, Member, **of, id=new_id(), person_id=person_id, role="apprentice", rights=[], created_at=now)
    start = now.date() - timedelta(days=60 + kind * 5)
    add(rows, Apprenticeship, **of, id=at_id, apprentice_id=person_id, cohort_id=crowd.cohort.id,
        employer_id=employers[number % len(employers)].id, start_on=start, created_at=now,
        planned_gateway_on=start + timedelta(days=540), date_of_birth=date(2000, 5, 1),
        standard_reference=crowd.cohort.standard_reference,
        standard_version=crowd.cohort.standard_version)  # fmt: skip
    of |= {"apprenticeship_id": at_id}
    add(rows, Assignment, **of, id=new_id(), person_id=crowd.assessor.id, role="assessor", from_at=now)
    if crowd.size > RAW_UP_TO and number >= KINDS:
        return
    for place in range(0, kind, CLAIMS):
        a_piece(rows, crowd, of, codes[place : min(kind, place + CLAIMS)], person_id, "decided", kind + place)
    a_piece(rows, crowd, of, codes[kind : kind + CLAIMS], person_id, "submitted", kind)


def a_piece(
    rows: Rows, crowd: Crowd, of: dict[str, Any], codes: tuple[str, ...], author: UUID, state: str, days: int
) -> None:
    """A submitted piece with its claims; a decided one with a decision and a sign-off for each."""
    then = crowd.now - timedelta(days=days % 50)
    piece_id, version_id = new_id(), new_id()
    decided = state == "decided"
    add(rows, Evidence, **of, id=piece_id, state=state, state_since=then, created_at=then,
        created_by_id=author, part_covered=decided)  # fmt: skip
    add(rows, EvidenceVersion, **of, id=version_id, evidence_id=piece_id, number=1, is_latest=True,
        type="work_product", title="Escalated a concern", happened_on=then.date(),
        what_happened="A colleague told me about a worry. " * 8, what_i_did="I told the lead. " * 8,
        why="Waiting could have left Child A at risk.", confidentiality="anonymised",
        nobody_identifiable=True, own_work=True, created_at=then, edited_at=then)  # fmt: skip
    for position, code in enumerate(codes):
        claim_id = new_id()
        add(rows, Claim, **of, id=claim_id, version_id=version_id, item_code=code, position=position)
        if not decided:
            continue
        decision_id, key = new_id(), new_id().hex
        add(rows, Decision, **of, id=decision_id, evidence_id=piece_id, version_id=version_id,
            claim_id=claim_id, item_code=code, outcome="covered", valid=True, authentic=True, current=True,
            sufficient=True, reliable=True, decided_by_id=crowd.assessor.id, decided_at=then,
            form_key=key)  # fmt: skip
        add(rows, SignOff, **of, id=new_id(), item_code=code, kind="signed_off", basis="decision",
            decision_id=decision_id, signed_by_id=crowd.assessor.id, signed_at=then, form_key=key)  # fmt: skip


def add(rows: Rows, table: type[Base], **values: Any) -> None:
    rows.setdefault(table, []).append(values)
