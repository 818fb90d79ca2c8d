"""The summaries follow every change in its own transaction, and what does not fit is found and named."""

from __future__ import annotations

import threading
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Progress
from portfolio.cohorts import progress
from portfolio.cohorts.summary import Summary, sort_name
from portfolio.database import Database, mark_changed, narrow
from portfolio.people.models import Person
from tests.builders import Cast, a_draft, a_submitted, commit
from tests.cohorts.changes import CHANGES, Change, World, comment, edit_a_draft
from tests.counting import queries
from tests.gateway.steps import sign_off

COLUMNS = [field.name for field in fields(Summary)]


@pytest.fixture
def world(session: Session, cast: Cast, catalogue: Catalogue) -> World:
    return World(session, cast, catalogue)


def stored(database: Database, cast: Cast) -> dict[str, Any]:
    with database.reading() as session:
        row = session.scalars(select(Progress).where(Progress.apprenticeship_id == cast.amina_at.id)).one()
        return {name: getattr(row, name) for name in COLUMNS}


def differences(database: Database, catalogue: Catalogue) -> list[str]:
    with database.reading() as session:
        return list(progress.verify(session, catalogue))


@pytest.mark.parametrize("change", CHANGES, ids=[change.name for change in CHANGES])
def test_the_summary_follows(change: Change, world: World, database: Database) -> None:
    """Exactly these columns move, and afterwards the whole summary is what a fresh computation says."""
    change.before(world)
    commit(world.session)
    before = stored(database, world.cast)
    change.do(world)
    commit(world.session)
    after = stored(database, world.cast)
    assert {name for name in COLUMNS if before[name] != after[name]} == change.moves
    assert differences(database, world.catalogue) == []


def test_a_change_is_not_seen_before_its_commit(world: World, database: Database) -> None:
    sign_off(world.session, world.at, world.cast.asha, "K1")
    world.session.rollback()
    assert stored(database, world.cast)["statements_covered"] == 0


WRONG: dict[str, Any] = {
    "sort_name": "zander amina", "stage": "withdrawn", "map": "c" * 81, "gaps": "maths",
    "waiting_since": datetime(2026, 1, 1, tzinfo=UTC), "last_activity_at": datetime(2026, 1, 1, tzinfo=UTC),
}  # fmt: skip
OTHERS = ("provider_id", "cohort_id", "employer_id", "apprentice_id")


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "apprenticeship_id"])
def test_a_summary_that_was_tampered_with_is_named(
    column: str, world: World, database: Database, catalogue: Catalogue
) -> None:
    cast = world.cast
    other = {
        "provider_id": cast.other_provider.id,
        "cohort_id": cast.other_cohort.id,
        "employer_id": cast.other_employer.id,
        "apprentice_id": cast.olu.id,
    }
    value = other[column] if column in OTHERS else WRONG.get(column, 4711)
    with database.writing() as session:
        row = session.scalars(select(Progress).where(Progress.apprenticeship_id == cast.amina_at.id)).one()
        setattr(row, column, value)
    found = differences(database, catalogue)
    assert len(found) == 1
    assert str(cast.amina_at.id) in found[0]
    if column == "sort_name":  # a name is not shown, only that it is another
        assert found[0].endswith(": sort_name is not the apprentice's name")
    else:
        assert f": {column} is stored as {value!r}, computed as " in found[0]


def test_a_missing_summary_is_named_and_the_next_change_makes_it(
    world: World, database: Database, catalogue: Catalogue
) -> None:
    with database.writing() as session:
        session.execute(delete(Progress).where(Progress.apprenticeship_id == world.cast.amina_at.id))
    assert differences(database, catalogue) == [f"{world.cast.amina_at.id}: no summary is stored"]
    with database.writing() as session:
        mark_changed(session, world.cast.amina_at.id)
    assert differences(database, catalogue) == []


def test_a_write_past_the_unit_of_work_is_kept_when_it_is_marked(
    world: World, database: Database, catalogue: Catalogue
) -> None:
    piece = a_submitted(world.session, world.at, "K1")
    comment(world)
    commit(world.session)
    with database.writing() as session:
        session.execute(update(type(piece)).where(type(piece).id == piece.id).values(state="returned"))
        mark_changed(session, world.cast.amina_at.id)
        comment(World(session, world.cast, catalogue))  # a comment alone would not have looked at the rest
    assert differences(database, catalogue) == []


def test_it_works_for_a_viewer_who_may_not_see_the_apprenticeship(
    world: World, database: Database, catalogue: Catalogue
) -> None:
    """An admin belongs to no provider; renaming somebody still sorts them elsewhere."""
    with database.writing() as session:
        narrow(session, ())
        session.get_one(Person, world.cast.amina.id).name = "Amina Zander"
    assert stored(database, world.cast)["sort_name"] == "zander amina"
    assert differences(database, catalogue) == []


def test_several_apprenticeships_in_one_transaction_are_all_kept(
    world: World, database: Database, catalogue: Catalogue
) -> None:
    sign_off(world.session, world.at, world.cast.asha, "K1")
    sign_off(world.session, world.session.merge(world.cast.other_at), world.cast.otto, "K2", "K3")
    commit(world.session)
    assert differences(database, catalogue) == []
    with database.reading() as session:
        assert sorted(session.scalars(select(Progress.statements_covered))) == [1, 2]


def test_editing_a_draft_does_not_touch_the_summary(world: World, database: Database) -> None:
    a_draft(world.session, world.at, "K1")
    commit(world.session)
    edit_a_draft(world)
    with queries(database) as count:
        commit(world.session)
    assert not [sql for sql in count.statements if "progress" in sql or "sign_off" in sql]


def test_a_comment_looks_only_at_activity(world: World, database: Database) -> None:
    a_submitted(world.session, world.at, "K1")
    commit(world.session)
    comment(world)
    with queries(database) as count:
        commit(world.session)
    assert not [sql for sql in count.statements if "sign_off" in sql or "dbs_record" in sql]
    assert [sql for sql in count.statements if sql.startswith("UPDATE progress")]


def test_keeping_sends_as_many_queries_however_much_there_is(world: World, database: Database) -> None:
    counts = []
    for codes in (["K1"], [f"S{number}" for number in range(1, 20)]):
        for code in codes:
            a_submitted(world.session, world.at, code)
        commit(world.session)
        sign_off(world.session, world.at, world.cast.asha, codes[0])
        with queries(database) as count:
            commit(world.session)
        counts.append(count.number)
    assert counts[0] == counts[1]


def test_two_sign_offs_at_once_are_both_in_the_summary(
    world: World, database: Database, catalogue: Catalogue
) -> None:
    """Each would miss the other's: so the second waits until the first has committed."""
    failed: list[BaseException] = []

    def second() -> None:
        try:
            with database.writing() as session:
                sign_off(session, world.cast.amina_at, world.cast.asha, "K2")
        except BaseException as error:
            failed.append(error)

    with database.session(write=True, across=True) as first:
        sign_off(first, world.cast.amina_at, world.cast.asha, "K1")
        progress.keep(catalogue, first, {world.cast.amina_at.id})
        thread = threading.Thread(target=second, daemon=True)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the second did not wait for the first"
        database.commit(first)
    thread.join(20)
    assert failed == []
    assert stored(database, world.cast)["statements_covered"] == 2
    assert differences(database, catalogue) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Amina Archer", "archer amina"),
        ("Ngozi", "ngozi"),
        ("Ana de la Cruz", "cruz ana de la"),
        ("  Öznur  Şen ", "şen öznur"),
        ("", ""),
    ],
)
def test_people_sort_by_their_last_name(name: str, expected: str) -> None:
    assert sort_name(name) == expected
