"""`serve` and `worker` refuse a database that would not hold, and say what to do; `migrate` makes one that does."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event

from portfolio.database import Database
from portfolio.engines import SQLITE
from portfolio.migrate import MIGRATIONS, migrate
from portfolio.walls import faults
from tests.postgres import TwoRoles, own_database

ROOT = MIGRATIONS.parent.parent
NEWEST = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("0*.py"))


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command as an operator runs it, ended by itself: what is refused does not stay."""
    given = {"SECRET": secrets.token_urlsafe(48), "STORAGE_URL": f"folder:{folder / 'files'}"} | settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTFOLIO_")}
    environment |= {f"PORTFOLIO_{name}": value for name, value in given.items()}
    return subprocess.run(
        [sys.executable, "-m", "portfolio", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_from_an_empty_server_to_a_database_that_may_be_served(roles: TwoRoles, tmp_path: Path) -> None:
    with own_database("new", migrated=False) as new:
        addresses = {"DATABASE_URL": new.application, "DATABASE_OWNER_URL": new.owner}
        early = run(tmp_path, "worker", **addresses)
        assert early.returncode == 2
        assert "Run: python -m portfolio migrate" in early.stderr
        first = run(tmp_path, "migrate", **addresses)
        assert first.returncode == 0, first.stderr
        lines = first.stdout.splitlines()
        assert lines[0].startswith("0001: ")
        assert f"The database went from nothing to {NEWEST}." in lines
        assert any(
            line.startswith(f"The role {new.application_role} may read and add rows") for line in lines
        )
        second = run(tmp_path, "migrate", **addresses)
        assert f"The database is at {NEWEST}." in second.stdout
        application = Database(new.application, pool=1, overflow=0)
        assert faults(application) == []
        application.engine.dispose()
        for command in ("serve", "worker"):
            for address, why in ((new.owner, "owns the tables"), (new.superuser, "is a superuser")):
                refused = run(tmp_path, command, DATABASE_URL=address)
                assert refused.returncode == 2
                assert why in refused.stderr
                assert "PORTFOLIO_DATABASE_OWNER_URL" in refused.stderr


def test_migrating_for_a_role_that_is_not_there_says_so(roles: TwoRoles, tmp_path: Path) -> None:
    with own_database("new", migrated=False) as new:
        nobody = new.application.replace(new.application_role, "nobody_at_all")
        refused = run(tmp_path, "migrate", DATABASE_URL=nobody, DATABASE_OWNER_URL=new.owner)
        assert refused.returncode == 2
        assert "There is no role nobody_at_all on this server" in refused.stderr
        owner = Database(new.owner, pool=1, overflow=0)
        assert migrate(owner).before is None, "what was refused has left something behind"
        owner.engine.dispose()


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    refused = run(tmp_path, "serve", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert refused.returncode == 2
    assert "The database cannot be reached" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_sqlite_as_it_is_opened_has_no_fault(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'portfolio.db'}")
    assert faults(database) == []
    database.engine.dispose()


@pytest.mark.parametrize(
    "pragma",
    [
        "journal_mode=DELETE",
        "synchronous=NORMAL",
        "foreign_keys=OFF",
        "recursive_triggers=OFF",
        "trusted_schema=ON",
    ],
)
def test_each_setting_of_sqlite_is_looked_at(tmp_path: Path, pragma: str) -> None:
    """As if a build of SQLite or a driver did not do what it was asked: it is told otherwise after us."""
    database = Database(f"sqlite:///{tmp_path / 'portfolio.db'}")

    @event.listens_for(database.engine, "connect")
    def otherwise(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute(f"PRAGMA {pragma}")

    told = faults(database)
    database.engine.dispose()
    assert len(told) == 1
    assert pragma.split("=")[0] in told[0]
    assert {pragma.split("=")[0]} < set(SQLITE)


def test_sqlite_that_cannot_keep_its_promise_is_seen_without_any_help() -> None:
    """A database in memory has no journal on a disk, whatever it was asked for."""
    database = Database("sqlite://")
    told = faults(database)
    database.engine.dispose()
    assert len(told) == 1
    assert "journal_mode at memory" in told[0]
