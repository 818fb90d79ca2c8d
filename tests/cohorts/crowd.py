"""A cohort of many, made quickly: apprentices with summaries that are written as they are, not computed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, Cohort, Employer, Progress
from portfolio.cohorts import rules
from portfolio.cohorts.summary import sort_name
from portfolio.database import new_id
from portfolio.people.models import Person
from tests.builders import NOW

FIRST = ("Ada", "Ben", "Cleo", "Dev", "Ewa", "Femi", "Gwen", "Hana", "Ivo", "Joy", "Kofi", "Lena", "Milo")
LAST = ("Abel", "Brook", "Carr", "Dale", "Evans", "Ford", "Gray", "Hill", "Ives", "Jones", "King")
START = date(2026, 1, 5)
PLANNED = date(2027, 7, 5)
ITEMS, STATEMENTS = 81, 66


def a_crowd(
    session: Session, cohort: Cohort, employers: list[Employer], count: int, **same: object
) -> list[UUID]:
    """So many apprentices in this cohort; the keepers do not see them. `same` overrides their summaries."""
    people, apprenticeships, summaries = [], [], []
    for number in range(count):
        person_id, apprenticeship_id = new_id(), new_id()
        name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
        people.append(
            {"id": person_id, "email": f"p{person_id.hex}@example.org", "name": name, "created_at": NOW}
        )
        employer = employers[number % len(employers)]
        apprenticeships.append(
            {
                "id": apprenticeship_id, "provider_id": cohort.provider_id, "apprentice_id": person_id,
                "cohort_id": cohort.id, "employer_id": employer.id, "start_on": START,
                "planned_gateway_on": PLANNED, "created_at": NOW,
                "standard_reference": cohort.standard_reference, "standard_version": cohort.standard_version,
            }
        )  # fmt: skip
        summaries.append(
            a_summary(number)
            | {
                "id": new_id(), "provider_id": cohort.provider_id, "apprenticeship_id": apprenticeship_id,
                "cohort_id": cohort.id, "employer_id": employer.id, "apprentice_id": person_id,
                "sort_name": sort_name(name),
            }
            | same
        )  # fmt: skip
    for table, values in ((Person, people), (Apprenticeship, apprenticeships), (Progress, summaries)):
        session.execute(insert(table), values)
    session.flush()
    return [row["id"] for row in apprenticeships]  # type: ignore[misc]


def a_summary(number: int) -> dict[str, object]:
    """Believable and different for each number, and the same every time."""
    covered = (number * 37) % (ITEMS + 1)
    sent, partly, back = min(3, ITEMS - covered), number % 3, number % 2
    states = "c" * covered + "a" * sent + "p" * partly + "r" * back
    text = (states + "." * ITEMS)[:ITEMS]
    quiet, waited = (number * 11) % 70, (number * 7) % 30
    newest = datetime(2026, 11, 2, 9, tzinfo=UTC) - timedelta(days=quiet)
    since = datetime(2026, 11, 2, 9, tzinfo=UTC) - timedelta(days=waited) if number % 3 else None
    return {
        "stage": "break" if number % 10 == 9 else "active",
        "map": text,
        "statements": STATEMENTS,
        "statements_covered": text[:STATEMENTS].count("c"),
        "duties": ITEMS - STATEMENTS,
        "duties_covered": text[STATEMENTS:].count("c"),
        "with_assessor": text.count("a"),
        "returned": text.count("r"),
        "partly": text.count("p"),
        "signed_share": rules.signed_share(text.count("c"), ITEMS),
        "earned": rules.earned(text.count("c"), ITEMS, (PLANNED - START).days),
        "pieces": covered // 2,
        "pieces_waiting": 1 if since else 0,
        "waiting_since": since,
        "waiting_day": since.date().toordinal() if since else None,
        "last_activity_at": newest,
        "last_activity_day": newest.date().toordinal(),
        "start_day": START.toordinal(),
        "planned_gateway_day": PLANNED.toordinal(),
        "break_days": 0,
        "break_began_day": date(2026, 9, 1).toordinal() if number % 10 == 9 else None,
        "back_day": None,
        "earliest_gateway_day": date(2027, 1, 5).toordinal(),
        "gaps": ",".join([*(("maths",) if number % 4 == 0 else ()), *(("statements", "duties") if covered < ITEMS else ())]),
        "dbs_due_day": None,
        "declarations": 0,
        "hours_confirmed": (number * 53) % 400 * 60,
        "hours_planned": 400 * 60 if number % 5 else 0,
        "through_day": None,
    }  # fmt: skip
