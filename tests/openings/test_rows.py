"""What is written down of openings stays: through removal of the file, past the gateway, against every change."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Progress
from portfolio.database import Base, Database, new_id
from portfolio.gateway.fingerprint import fingerprint
from portfolio.gateway.portfolio_query import portfolio_parts
from tests.builders import NOW, Cast, commit
from tests.evidence.steps import all_files, complete, send
from tests.openings.steps import Open, a_piece, files_of, told, written
from tests.postgres import plain, refusals

APPENDS = "file_opening is append-only"
CHANGES = (
    "person_id = (SELECT id FROM person WHERE name = 'Ines Irwin')",
    "file_id = evidence_id",
    "what = 'thumbnail'",
    "page = 'directly '",
    "role = 'iqa'",
    "half_hour = half_hour + 1",
    "at = last_at, id = evidence_id",
)


def one_row(browser: Open, cast: Cast, database: Database) -> None:
    (photo,) = files_of(database, a_piece(browser, cast, "jpeg"))
    for _ in range(2):
        browser(cast.asha).get(photo)
    assert told(database) == [("file", "directly", 2)]


def test_nothing_of_a_row_is_changed_and_none_is_deleted(
    browser: Open, cast: Cast, database: Database, owner: Database | None
) -> None:
    one_row(browser, cast, database)
    before = written(database)[0]
    for who, why in refusals(database, owner, APPENDS):
        for change in CHANGES:
            with pytest.raises(DBAPIError, match=why), plain(who) as connection:
                connection.execute(text(f"UPDATE file_opening SET {change}"))  # noqa: S608
        with pytest.raises(DBAPIError, match=why), plain(who) as connection:
            connection.execute(text("DELETE FROM file_opening"))
    for who in filter(None, (database, owner)):  # what may be raised may not be lowered by either
        for change in ("times = times - 1", "last_at = '2020-01-01 00:00:00.000000'"):
            with pytest.raises(DBAPIError, match=APPENDS), plain(who) as connection:
                connection.execute(text(f"UPDATE file_opening SET {change}"))  # noqa: S608
    (row,) = written(database)
    assert {name: value for name, value in vars(row).items() if name[0] != "_"} == {
        name: value for name, value in vars(before).items() if name[0] != "_"
    }


def test_on_sqlite_nothing_is_put_in_the_place_of_a_row(
    browser: Open, cast: Cast, database: Database
) -> None:
    """Not by its id, nor by what makes it one; also where recursive triggers are off."""
    if not database.is_sqlite:
        return  # there is no such statement
    one_row(browser, cast, database)
    columns = [column.name for column in Base.metadata.tables["file_opening"].columns]
    with sqlite3.connect(str(database.engine.url.database)) as other:
        row = dict(zip(columns, other.execute(f"SELECT {', '.join(columns)} FROM file_opening").fetchone(), strict=True))  # fmt: skip  # noqa: S608
        for change in ({"half_hour": 1}, {"id": new_id().hex, "times": 1}):
            values = row | change
            marks = ", ".join("?" * len(values))
            with pytest.raises(sqlite3.IntegrityError, match=APPENDS):
                other.execute(f"INSERT OR REPLACE INTO file_opening ({', '.join(values)}) VALUES ({marks})", list(values.values()))  # fmt: skip  # noqa: S608
    other.close()
    assert told(database) == [("file", "directly", 2)]


def test_a_row_outlives_the_file_that_was_removed_from_a_draft(
    browser: Open, cast: Cast, database: Database
) -> None:
    piece = a_piece(browser, cast, "jpeg", action="save")
    (photo,) = files_of(database, piece)
    page = browser(cast.amina)
    page.get(photo + "/preview")
    send(page, f"{piece}/edit", complete(action="save", remove_file=photo.rpartition("/")[2]))
    assert all_files(database) == []
    assert told(database) == [("preview", "directly", 1)]
    text_of = page.get(f"{piece}/openings").text
    assert "A file that was removed" in text_of
    assert "Large picture" in text_of


def test_reading_goes_on_past_the_gateway_and_changes_nothing_of_the_portfolio(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    (photo,) = files_of(database, a_piece(browser, cast, "jpeg"))
    lock = Base.metadata.tables["gateway_lock"]
    session.execute(
        insert(lock).values(
            id=new_id(),
            provider_id=cast.provider.id,
            apprenticeship_id=cast.amina_at.id,
            round=1,
            check_text="{}",
            portfolio_sha256="0" * 64,
            locked_by_id=cast.priya.id,
            locked_at=NOW,
        )
    )
    commit(session)

    def stands() -> tuple[str, object]:
        with database.reading() as reading:
            progress = reading.query(Progress).filter_by(apprenticeship_id=cast.amina_at.id).one()
            kept = {name: value for name, value in vars(progress).items() if name[0] != "_"}
            return fingerprint(portfolio_parts(reading, cast.amina_at.id)), kept

    before = stands()
    for person in (cast.asha, cast.amina):
        for tail in ("", "/thumbnail"):
            for _ in range(2):
                assert browser(person).get(photo + tail).status_code == 200
    assert sorted(told(database)) == [("file", "directly", 2)] * 2 + [("thumbnail", "directly", 2)] * 2
    assert stands() == before
