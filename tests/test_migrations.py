"""The migrations make exactly the tables of the models, on both databases, and can be taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from portfolio.audit import actions as audit
from portfolio.database import Base, Database
from portfolio.migrate import MIGRATIONS, configuration, is_current, migrate
from tests.builders import NOW, Cast
from tests.postgres import plain, refusals


def test_the_migrated_database_is_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    before, after = migrate(database)
    assert before == after
    assert is_current(database)


def test_an_empty_database_is_not_current_and_can_go_up_and_down(tmp_path: Path) -> None:
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    assert not is_current(fresh)
    migrate(fresh)
    with fresh.engine.begin() as connection:
        command.downgrade(configuration(connection), "base")
    assert inspect(fresh.engine).get_table_names() == ["alembic_version"]


def test_migrations_import_nothing_of_the_application() -> None:
    files = sorted((MIGRATIONS / "versions").glob("*.py"))
    assert files
    for path in files:
        assert not re.search(
            r"^\s*(from|import) (portfolio|kbs|storage)\b", path.read_text(), re.MULTILINE
        ), path


def test_a_reading_session_cannot_write(database: Database, cast: Cast) -> None:
    with database.session(write=False) as session, pytest.raises(DBAPIError):
        session.execute(text("UPDATE provider SET ukprn = '1'"))


def test_audit_events_cannot_be_changed_or_deleted(
    database: Database, owner: Database | None, cast: Cast
) -> None:
    with database.writing() as session:
        audit.record(session, "session.started", by=cast.amina.id, now=NOW, record="session")
    for who, why in refusals(database, owner, "audit_event is append-only"):
        for statement in ("UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"):
            with pytest.raises(DBAPIError, match=why), plain(who) as connection:
                connection.execute(text(statement))
