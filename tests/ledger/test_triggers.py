"""Every trigger is missed when it is gone, and when it stays in name only."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.ledger.checking import find
from portfolio.ledger.faults import Fault, Name
from portfolio.ledger.triggers import EXPECTED, made
from tests.ledger.steps import by_hand


@pytest.fixture
def changing(database: Database, owner: Database | None) -> Iterator[Connection]:
    """As the owner of the tables, in a transaction that is rolled back in the end."""
    with (owner or database).engine.connect() as connection:
        yield connection
        connection.rollback()


def found_on(connection: Connection) -> list[Fault]:
    with Session(connection, join_transaction_mode="create_savepoint") as own:
        return list(find(own, rows=False))


def keys(connection: Connection) -> list[tuple[str, str]]:
    with Session(connection, join_transaction_mode="create_savepoint") as own:
        return [(table, name) for table, _, name in (key.partition(".") for key in sorted(made(own)))]


def drop(connection: Connection, table: str, name: str) -> None:
    on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
    connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")


def test_what_is_expected_is_what_the_migrations_make(database: Database) -> None:
    """After a migration that makes triggers, write what this finds to the file."""
    with database.reading() as session:
        found = made(session)
    assert len(found) > 60
    kept = json.loads(EXPECTED.read_text())[database.engine.dialect.name]
    assert found == kept, json.dumps(found, indent=2, sort_keys=True)


def test_a_trigger_that_is_dropped_is_named(changing: Connection) -> None:
    """Each in turn, and all that were dropped before it."""
    assert found_on(changing) == []
    gone: list[str] = []
    for table, name in keys(changing):
        drop(changing, table, name)
        gone.append(f"{name} on {table} is not there or is switched off")
        assert [(one.name, one.detail) for one in found_on(changing)] == [
            (Name.TRIGGER, each) for each in gone
        ]
    assert len(gone) > 60


def test_a_trigger_that_only_seems_to_refuse_is_named(changing: Connection) -> None:
    """The same name, table and message, and nothing is refused."""
    empty: list[str] = []
    for table, name in keys(changing):
        if changing.dialect.name == "sqlite":
            says = changing.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
            drop(changing, table, name)
            changing.exec_driver_sql(without_effect(str(says)))
        else:
            changing.exec_driver_sql(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF 1 = 0 AND 1 = 1 THEN RAISE EXCEPTION '{table} is append-only'; END IF; RETURN NEW; END $$"
            )
        empty.append(f"{name} on {table} is there, but does not say what it was made to say")
    assert [one.detail for one in found_on(changing)] == empty


def without_effect(statement: str) -> str:
    """`WHEN …` is never so, and what it said stands behind."""
    head, _, rest = statement.partition(" WHEN ")
    condition, _, action = rest.rpartition(" BEGIN ")
    return f"{head} WHEN 1 = 0 AND ({condition}) BEGIN {action}"


def test_a_trigger_of_the_same_name_on_another_table_hides_nothing(changing: Connection) -> None:
    drop(changing, "decision", "decision_only_sealed")
    if changing.dialect.name == "sqlite":
        changing.exec_driver_sql(
            "CREATE TRIGGER decision_only_sealed BEFORE UPDATE ON job WHEN 1 = 1 "
            "BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END"
        )
    else:
        changing.exec_driver_sql(
            "CREATE TRIGGER decision_only_sealed BEFORE UPDATE ON job "
            "FOR EACH ROW EXECUTE FUNCTION decision_only_sealed()"
        )
    assert [(one.name, one.detail) for one in found_on(changing)] == [
        (Name.TRIGGER, "decision_only_sealed on decision is not there or is switched off"),
        (Name.FOREIGN_TRIGGER, "decision_only_sealed on job was not made by a migration"),
    ]


def test_on_postgresql_a_trigger_can_be_switched_off_or_asked_less(changing: Connection) -> None:
    if changing.dialect.name == "sqlite":
        return
    gone = "DROP TRIGGER decision_only_sealed ON decision"
    does = "FOR EACH ROW EXECUTE FUNCTION decision_only_sealed()"
    less = f"CREATE TRIGGER decision_only_sealed BEFORE UPDATE OF missing ON decision {does}"
    never = does.replace("EXECUTE", "WHEN (OLD.missing <> NEW.missing AND 1 = 0) EXECUTE")
    deeds: list[tuple[str, tuple[str, ...]]] = [
        ("not there or is switched off", ("ALTER TABLE decision DISABLE TRIGGER decision_only_sealed",)),
        ("does not say", (gone, less)),
        ("does not say", (gone, f"CREATE TRIGGER decision_only_sealed BEFORE UPDATE ON decision {never}")),
    ]
    for said, statements in deeds:
        with changing.begin_nested() as point:
            for statement in statements:
                changing.exec_driver_sql(statement)
            (found,) = found_on(changing)
            assert said in found.detail
            point.rollback()


def test_on_postgresql_a_server_that_asks_no_trigger_is_named(database: Database) -> None:
    if database.is_sqlite:
        return
    with by_hand(database) as connection:
        assert [one.detail for one in found_on(connection)] == [
            "none of them is asked, since session_replication_role is replica"
        ]
