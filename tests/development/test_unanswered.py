"""Entries that wait for a mentor: only those that can count, as the log itself says of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Membership, Role, Viewer
from portfolio.apprenticeships.guards import open_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning, Progress
from portfolio.database import Database
from portfolio.development.unanswered import unanswered
from portfolio.training.queries import log_of
from portfolio.training.rules.log import State
from tests.builders import NOW, Cast, a_person, an_apprenticeship, commit
from tests.counting import queries
from tests.training.steps import LATER, WHAT, an_answer, an_entry

TODAY = LATER.date()
START = date(2025, 10, 6)
AWAY, BACK = date(2026, 3, 2), date(2026, 3, 16)


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture(autouse=True)
def away(session: Session, cast: Cast) -> None:
    session.add(
        BreakInLearning(
            provider_id=cast.provider.id,
            apprenticeship_id=cast.amina_at.id,
            began_on=AWAY,
            ended_on=BACK,
            recorded_by_id=cast.priya.id,
            recorded_at=NOW,
        )
    )
    commit(session)


def waiting(session: Session, at: Apprenticeship) -> int:
    return unanswered(session, select(Apprenticeship.id).where(Apprenticeship.id == at.id), TODAY).get(
        at.id, 0
    )


def in_the_log(session: Session, catalogue: Catalogue, cast: Cast) -> int:
    """How many the page of the log shows as waiting."""
    member = Membership(cast.provider.id, cast.provider.name, frozenset({Role.MENTOR}))
    viewer = Viewer(
        cast.marek.id, cast.marek.name, cast.marek.email, session_id=cast.marek.id, memberships=(member,)
    )
    opened = open_apprenticeship(session, catalogue, viewer, cast.amina_at.id)
    return len(log_of(session, opened, TODAY).in_state(State.WAITING))


@pytest.mark.parametrize(
    ("entry", "waits"),
    [
        ({}, 1),
        ({"counts": False}, 0),
        ({"in_paid_hours": False}, 0),
        ({"in_paid_hours": None}, 0),
        ({"new_learning": False}, 0),
        ({"new_learning": None}, 0),
        ({"english_maths": True}, 0),
        ({"assessment_or_review": True}, 0),
        ({"statements": ""}, 0),
        ({"what": "  "}, 0),
        ({"minutes": 0}, 0),
        ({"minutes": 24 * 60}, 1),
        ({"minutes": 24 * 60 + 1}, 0),
        ({"day": TODAY}, 1),
        ({"day": TODAY + timedelta(days=1)}, 0),
        ({"day": START}, 1),
        ({"day": START - timedelta(days=1)}, 0),
        ({"day": AWAY - timedelta(days=1)}, 1),
        ({"day": AWAY}, 0),
        ({"day": BACK - timedelta(days=1)}, 0),
        ({"day": BACK}, 1),
    ],
)
def test_an_entry_waits_only_if_it_can_count_as_its_log_says(
    session: Session, cast: Cast, catalogue: Catalogue, entry: dict[str, Any], waits: int
) -> None:
    an_entry(session, cast.amina_at, **entry)
    commit(session)
    assert waiting(session, cast.amina_at) == in_the_log(session, catalogue, cast) == waits


@pytest.mark.parametrize(
    ("second", "waits"),
    [
        ({}, 1),
        ({"what": f"  {WHAT.upper().rstrip('.')} "}, 1),
        ({"what": "Something else."}, 2),
        ({"day": date(2026, 10, 30)}, 2),
        ({"counts": False}, 1),
        ({"in_paid_hours": False}, 1),
        ({"entered_at": NOW - timedelta(days=1), "in_paid_hours": False}, 0),
        ({"entered_at": NOW - timedelta(days=1)}, 1),
    ],
)
def test_of_two_entries_that_say_the_same_on_a_day_the_first_waits(
    session: Session, cast: Cast, catalogue: Catalogue, second: dict[str, Any], waits: int
) -> None:
    an_entry(session, cast.amina_at)
    an_entry(session, cast.amina_at, **second)
    commit(session)
    assert waiting(session, cast.amina_at) == in_the_log(session, catalogue, cast) == waits


def test_three_times_the_same_is_one_that_waits(session: Session, cast: Cast, catalogue: Catalogue) -> None:
    for _ in range(3):
        an_entry(session, cast.amina_at)
    commit(session)
    assert waiting(session, cast.amina_at) == in_the_log(session, catalogue, cast) == 1


@pytest.mark.parametrize("outcome", ["confirmed", "returned"])
def test_an_answer_ends_the_wait_until_what_was_returned_is_changed(
    session: Session, cast: Cast, catalogue: Catalogue, outcome: str
) -> None:
    entry = an_entry(session, cast.amina_at)
    an_answer(session, entry, cast.marek, outcome, "Which day?")
    commit(session)
    assert waiting(session, cast.amina_at) == in_the_log(session, catalogue, cast) == 0
    if outcome == "returned":
        entry.minutes, entry.edited_at = 60, NOW + timedelta(minutes=5)
        commit(session)
        assert waiting(session, cast.amina_at) == in_the_log(session, catalogue, cast) == 1


@pytest.mark.parametrize(
    ("stage", "waits"), [("active", 1), ("break", 1), ("through", 0), ("assessed", 0), ("withdrawn", 0)]
)
def test_nothing_waits_in_a_portfolio_in_which_nothing_can_be_confirmed(
    session: Session, cast: Cast, stage: str, waits: int
) -> None:
    an_entry(session, cast.amina_at)
    commit(session)
    session.execute(update(Progress).values(stage=stage).execution_options(synchronize_session=False))
    session.commit()
    assert waiting(session, cast.amina_at) == waits


def test_many_logs_are_read_in_two_queries_and_texts_of_days_with_two_entries_alone(
    session: Session, cast: Cast, database: Database
) -> None:
    every = select(Apprenticeship.id).where(Apprenticeship.provider_id == cast.provider.id)

    def count() -> tuple[int, int]:
        with database.reading() as fresh, queries(database) as made:
            found = unanswered(fresh, every, TODAY)
        return made.number, sum(found.values())

    an_entry(session, cast.amina_at)
    commit(session)
    few, one = count()
    for number in range(12):
        somebody = a_person(session, f"Bea Birch{number}", cast.provider, "apprentice")
        at = an_apprenticeship(session, somebody, cast.cohort, cast.employer)
        for _ in range(2):
            an_entry(session, at)
        an_entry(session, at, what="Another.")
    commit(session)
    many, found = count()
    assert (one, found) == (1, 25)
    assert many == few <= 3
