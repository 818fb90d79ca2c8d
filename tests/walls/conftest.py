"""Two providers with a row of each in every table, and the database without the application's own filter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from portfolio.database import Base, Database
from tests.postgres import TwoRoles, plain
from tests.rows import Rows, fill

NOT_ON_SQLITE = "not run: row-level security and roles are PostgreSQL's: set TEST_DATABASE_URL"


@dataclass(frozen=True)
class Worlds:
    """`own` and `other`: a row of every table of each provider, by table."""

    own: Rows
    other: Rows

    @property
    def own_id(self) -> UUID:
        return self.own["provider"]["id"]

    @property
    def other_id(self) -> UUID:
        return self.other["provider"]["id"]


@pytest.fixture
def roles(two_roles: TwoRoles | None) -> TwoRoles:
    """PostgreSQL, or the test is reported as not run: SQLite has neither roles nor row-level security."""
    if two_roles is None:
        pytest.skip(NOT_ON_SQLITE)
    return two_roles


@pytest.fixture
def worlds(roles: TwoRoles, database: Database) -> Worlds:
    with plain(database) as connection:
        return Worlds(
            fill(connection, Base.metadata, "Northern Skills"),
            fill(connection, Base.metadata, "Harbour Training"),
        )


@pytest.fixture
def unfiltered(roles: TwoRoles, database: Database) -> Iterator[Database]:
    """The same database as the application's role, with the first wall taken away."""
    bare = Database(roles.application, pool=1, overflow=0, first_wall=False)
    bare.keepers = database.keepers
    yield bare
    bare.engine.dispose()
