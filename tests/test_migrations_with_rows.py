"""The previous release's data goes up with its rows, is read by the application, and can go down again."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from fastapi import FastAPI
from sqlalchemy import MetaData, select

from kbs.catalogue import Catalogue
from portfolio.app import create_app, open_database
from portfolio.database import Base, Database
from portfolio.ledger.carrying import after_migrating
from portfolio.migrate import MIGRATIONS, configuration, is_current, migrate_with
from portfolio.settings import Settings
from tests.client import Browser
from tests.conftest import ADDRESS
from tests.postgres import TEST_DATABASE_URL, own_database, plain
from tests.rows import Rows, fill

MOVED = {"evidence_file": {"preview_key", "thumbnail_key"}}
"""Columns that a later revision keeps in another table; going down brings them back."""
ADDED: dict[str, dict[str, Any]] = {
    "evidence_version": {"original_what": "", "original_seen_on": None},
    "evidence_file": {"not_cleaned": "", "still_holds": "", "kept_uncleaned_at": None, "covered_at": None},
    "progress": {"hours_confirmed": 0, "hours_planned": 0, "refresher_due_day": None},
}
"""Columns that came later, and what they say of rows that were there before."""
PREVIOUS = "0001"

Everything = dict[str, dict[str, dict[str, Any]]]
"""By table and id: every column of every row, as the database itself has it."""


@pytest.fixture
def addresses(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of an empty database that nobody has migrated yet."""
    if not TEST_DATABASE_URL:
        yield {"database_url": f"sqlite:///{tmp_path / 'previous.db'}"}
        return
    with own_database("previous", migrated=False) as made:
        yield {"database_url": made.application, "database_owner_url": made.owner}


@pytest.fixture
def then(settings: Settings, addresses: dict[str, str]) -> Settings:
    return settings.model_copy(update=addresses)


@pytest.fixture
def owned(then: Settings) -> Iterator[Database]:
    database = Database(then.database_owner_url or then.database_url, pool=1, overflow=0)
    yield database
    database.engine.dispose()


@pytest.fixture
def filled(owned: Database) -> list[Rows]:
    """At the previous release's revision: two providers with a row in every table that it had."""
    to(owned, PREVIOUS, up=True)
    with plain(owned) as connection:
        tables = MetaData()
        tables.reflect(connection)
        assert len(tables.tables) >= 34
        return [fill(connection, tables, name) for name in ("Northern Skills", "Harbour Training")]


def to(database: Database, revision: str, *, up: bool) -> None:
    with database.engine.begin() as connection:
        (command.upgrade if up else command.downgrade)(configuration(connection), revision)


def everything(database: Database) -> Everything:
    found: Everything = {}
    with plain(database) as connection:
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.tables.values():
            if table.name != "alembic_version":
                rows = connection.execute(select(table)).mappings()
                found[table.name] = {str(row["id"]): dict(row) for row in rows}
    return found


def without(rows: Everything, columns: dict[str, set[str]]) -> Everything:
    return {
        table: {
            one: {name: value for name, value in row.items() if name not in columns.get(table, ())}
            for one, row in by_id.items()
        }
        for table, by_id in rows.items()
    }


def test_rows_are_the_same_after_going_up_and_after_coming_down_again(
    filled: list[Rows], owned: Database, then: Settings
) -> None:
    before = everything(owned)
    assert all(len(rows) == 2 for rows in before.values())
    done, lines = migrate_with(then, after_migrating)
    assert (done.before, is_current(owned)) == (PREVIOUS, True)
    assert lines[0].startswith("0002: ")
    after = everything(owned)
    later = {table: set(columns) for table, columns in ADDED.items()}
    assert without({name: after[name] for name in before}, later) == without(before, MOVED)
    for table, columns in ADDED.items():
        assert all(columns.items() <= row.items() for row in after[table].values()), table
    kept = after["file_preparation"].values()
    for row in before["evidence_file"].values():
        assert (row["preview_key"], row["thumbnail_key"]) in [
            (one["preview_key"], one["thumbnail_key"]) for one in kept
        ]
    to(owned, PREVIOUS, up=False)
    assert everything(owned) == before
    to(owned, "head", up=True)
    assert without(everything(owned), {})["decision"] == before["decision"]


def test_the_application_reads_what_the_previous_release_wrote(
    filled: list[Rows], then: Settings, catalogue: Catalogue
) -> None:
    """Through the models, and on the pages of somebody who worked with it then; as the role that serves."""
    migrate_with(then, after_migrating)
    database = open_database(then, catalogue)
    try:
        with database.reading() as session:
            for mapper in Base.registry.mappers:
                rows = session.scalars(select(mapper.class_)).all()
                wanted = 2 if mapper.local_table.name in filled[0] else 0
                assert len(rows) >= wanted, mapper.class_
        shown(create_app(then, catalogue=catalogue, database=database), filled[0])
    finally:
        database.engine.dispose()


def shown(app: FastAPI, rows: Rows) -> None:
    person = type("Somebody", (), {"id": _uuid(rows["person"]["id"])})
    at = f"/apprenticeships/{_uuid(rows['apprenticeship']['id'])}"
    piece = f"{at}/evidence/{_uuid(rows['evidence']['id'])}"
    cohort = f"/cohorts/{_uuid(rows['cohort']['id'])}"
    with Browser(app, base_url=ADDRESS, follow_redirects=False) as page:
        page.sign_in_as(person)
        pages = ("/", f"{at}/about", f"{at}/statements", f"{at}/evidence", f"{at}/gateway", f"{at}/history")
        for address in (*pages, piece, f"{piece}/comments", f"{piece}/decisions", cohort, "/account"):
            answer = page.get(address)
            assert answer.status_code == 200, address
        assert rows["evidence_version"]["title"] in page.get(piece).text
        assert rows["comment"]["text"] in page.get(f"{piece}/comments").text


def _uuid(one: Any) -> UUID:
    return one if isinstance(one, UUID) else UUID(one)


def test_two_that_migrate_at_once_do_it_once(addresses: dict[str, str], owned: Database) -> None:
    """Two processes, as two hosts would: both succeed, and one of them finds nothing left to do."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTFOLIO_")}
    given = {"secret": secrets.token_urlsafe(48)} | addresses
    environment |= {f"PORTFOLIO_{name.upper()}": value for name, value in given.items()}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "portfolio", "migrate"],
            cwd=MIGRATIONS.parent.parent,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=240) for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert sorted("went from nothing" in out for out, _ in said) == [False, True]
    assert is_current(owned)
