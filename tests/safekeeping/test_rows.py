"""Rows as text and back: nothing is lost, the walls stand again, and the two engines say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.database import Base, Database
from portfolio.migrate import migrate
from portfolio.people.models import KeptForm
from portfolio.safekeeping import loading, rows
from portfolio.safekeeping.target import Target, owning, prepare_tables
from storage.memory import MemoryStore
from tests.builders import NOW, Cast, commit
from tests.safekeeping.house import ON_POSTGRESQL, empty_place, furnish, opened, texts

ENGINES = [False, True] if ON_POSTGRESQL else [False]
"""Loaded into SQLite from either, and into PostgreSQL where there is one."""


def copied(source: Database, target: Target) -> None:
    """All rows of one database into another, as the move does it."""
    with rows.snapshot(source) as here, owning(target.owner) as there:
        prepare_tables(there, rows.revision(here))
        with loading.walls_aside(there):
            for shape in rows.shapes():
                lines = rows.lines(here, shape, rows.Measured())
                assert rows.Shape.from_header(next(lines)) == shape
                loading.load(there, shape, lines)
    migrate(target.owner, application_role=target.role)


def test_every_column_of_every_table_has_a_kind_and_every_table_a_key() -> None:
    assert {shape.name for shape in rows.shapes()} == set(Base.metadata.tables)
    for shape in rows.shapes():
        assert shape.key, shape.name
        assert rows.Shape.from_header(shape.header()) == shape
    with pytest.raises(LookupError):
        rows.kind_of(sa.Time())


@pytest.mark.parametrize("postgresql", ENGINES)
def test_what_is_loaded_reads_the_same_on_either_engine(
    database: Database, session: Session, cast: Cast, catalogue: Catalogue, tmp_path: Path, postgresql: bool
) -> None:
    furnish(session, cast, catalogue, MemoryStore())
    session.add(
        KeptForm(
            person_id=cast.amina.id,
            path="/ä",
            fields=[["a", "“\n\t\\ \U0001f600"], ["b", None]],
            kept_at=NOW.replace(microsecond=7),
        )
    )
    commit(session)
    with empty_place(tmp_path, postgresql=postgresql) as place:
        target = place.target(MemoryStore(), tmp_path)
        copied(database, target)
        before, after = texts(database), texts(target.owner)
        target.owner.engine.dispose()
    assert sum(text.count(b"\n") - 1 for text in before.values()) > 100
    assert before == after


def test_the_walls_stand_again_after_loading(
    database: Database, session: Session, cast: Cast, catalogue: Catalogue, tmp_path: Path
) -> None:
    furnish(session, cast, catalogue, MemoryStore())
    with empty_place(tmp_path) as place:
        target = place.target(MemoryStore(), tmp_path)
        copied(database, target)
        serving = opened(place.application, catalogue)
        refused = {
            "UPDATE decision SET reason = 'x'": "append-only|permission denied",
            "DELETE FROM ledger_entry": "append-only|permission denied",
            "UPDATE evidence_version SET title = 'x' WHERE submitted_at IS NOT NULL": "frozen",
            "UPDATE evidence SET state = 'withdrawn' WHERE apprenticeship_id = :locked": "portfolio is locked",
        }
        for statement, message in refused.items():
            with serving.session(write=True, across=True) as one, pytest.raises(DBAPIError, match=message):
                one.execute(
                    sa.text(statement).bindparams(sa.bindparam("locked", cast.other_at.id, sa.Uuid()))
                    if ":locked" in statement
                    else sa.text(statement)
                )
        with serving.session(write=False) as nobody:  # row security is on again: untold, it sees nothing
            seen = nobody.connection().exec_driver_sql("SELECT count(*) FROM evidence").scalar()
            assert (seen == 0) is ON_POSTGRESQL
        serving.engine.dispose()
        target.owner.engine.dispose()


def test_a_load_that_fails_leaves_no_row_and_every_wall(
    database: Database, session: Session, cast: Cast, tmp_path: Path
) -> None:
    def half(there: Connection) -> None:
        with loading.walls_aside(there), rows.snapshot(database) as here:
            for shape in rows.shapes()[:5]:
                lines = rows.lines(here, shape, rows.Measured())
                next(lines)
                loading.load(there, shape, lines)
            loading.load(there, rows.shapes()[5], [b"[1]\n"])

    def fails(target: Target) -> None:
        with owning(target.owner) as there:
            half(there)

    with empty_place(tmp_path) as place:
        target = place.target(MemoryStore(), tmp_path)
        migrate(target.owner, application_role=target.role)
        before = walls(target)
        with pytest.raises(ValueError, match="values for"):
            fails(target)
        with owning(target.owner) as there:
            assert rows.is_empty(there)
        assert walls(target) == before
        target.owner.engine.dispose()


def walls(target: Target) -> set[tuple[object, ...]]:
    """Every trigger that is there and on; on PostgreSQL row security too."""
    with owning(target.owner) as there:
        if target.owner.is_sqlite:
            found = there.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        else:
            found = [
                *there.exec_driver_sql("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal"),
                *there.exec_driver_sql("SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"),
            ]
    assert len(found) > 50
    return {tuple(row) for row in found}


def test_a_table_that_nobody_knows_is_refused(database: Database, owner: Database | None) -> None:
    maker = owner or database
    with maker.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE stranger (id INTEGER)")
    try:
        with rows.snapshot(maker) as connection, pytest.raises(rows.UnknownTable, match="stranger"):
            rows.check_all_known(connection)
    finally:
        with maker.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE stranger")


def test_a_snapshot_does_not_see_what_is_committed_meanwhile(
    database: Database, session: Session, cast: Cast
) -> None:
    shape = next(one for one in rows.shapes() if one.name == "kept_form")
    with rows.snapshot(database) as connection:
        assert rows.measure(connection, shape).rows == 0
        with database.writing() as writer:
            writer.add(KeptForm(person_id=cast.amina.id, path="/", fields=[], kept_at=NOW))
        assert rows.measure(connection, shape).rows == 0
    with rows.snapshot(database) as connection:
        assert rows.measure(connection, shape).rows == 1
