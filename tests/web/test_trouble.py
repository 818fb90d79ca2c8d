"""What the page says when the database could not do it: each with its own true sentence, from real faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import SQLAlchemyError

from portfolio.database import Database
from portfolio.engines import Patience
from portfolio.web import trouble


@pytest.fixture
def impatient(database: Database) -> Iterator[Database]:
    """The same database with one connection, and a second for each statement."""
    url = database.engine.url.render_as_string(hide_password=False)
    one = Database(url, pool=1, overflow=0, patience=Patience(statement=1))
    one.engine.pool._timeout = 0.1  # type: ignore[attr-defined]  # the default is half a minute
    yield one
    one.engine.dispose()


def test_no_connection_is_left(impatient: Database) -> None:
    with impatient.engine.connect(), pytest.raises(SQLAlchemyError) as none_left:
        impatient.engine.connect()
    assert trouble.reason(none_left.value) == trouble.NO_CONNECTION


def test_the_sentences_differ() -> None:
    said = (trouble.DATABASE_BUSY, trouble.DATABASE_SLOW, trouble.NO_CONNECTION, trouble.DATABASE_SILENT)
    assert len(set(said)) == 4
    assert [one for one in said if "Others are writing" in one] == [trouble.DATABASE_BUSY]
