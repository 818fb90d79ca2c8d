"""What two leads purge is gone everywhere but for a tombstone, and everything that was proved stays proved."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.ledger.routes import SCRIPT
from portfolio.people.models import Person
from portfolio.sealing.models import Tombstone
from portfolio.settings import Settings
from tests.builders import Cast
from tests.evidence.steps import all_files, pages_of, state_of, work_off
from tests.postgres import plain
from tests.slips.steps import (
    NAME,
    REMOVED,
    Open,
    a_lead,
    a_named_piece,
    address,
    answer,
    report,
    slip_at,
    slip_of,
    two_leads,
)
from tests.slips.test_closing import EVERYBODY, ledger_faults, trail


def test_two_leads_purge_it_and_one_alone_cannot(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lena, lola = two_leads(session, cast)
    piece = a_named_piece(browser, cast)
    report(browser, cast, piece, cast.marek)
    at = slip_at(database, cast, piece)
    for _ in range(2):  # a double tap is no second person
        assert answer(browser(lena), at, "purge").status_code == 303
    assert slip_of(database, piece).state == "open"
    assert "the other confidentiality lead has to agree" in browser(lena).get(at).text
    assert "needs your agreement" in browser(lola).get(at).text
    assert answer(browser(lola), at, "purge").status_code == 303
    assert slip_of(database, piece).state == "purged"
    stone = tombstone(database)
    assert (stone.asked_by_id, stone.agreed_by_id) == (lena.id, lola.id)
    shown = browser(lena).get(at).text
    assert stone.files[0][1] in shown
    assert stone.files[0][2] in shown
    assert "Backups made before" in shown
    assert (stone.backups_until - stone.at).days == 35


def test_a_single_lead_purges_with_a_reason(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    piece = purged(browser, cast, database, lead)
    stone = tombstone(database)
    assert (stone.asked_by_id, stone.agreed_by_id) == (lead.id, None)
    assert state_of(database, piece) == "withdrawn", "nobody is asked to decide on it any more"
    for who in EVERYBODY:
        shown = browser(getattr(cast, who)).get(address(cast, piece))
        assert shown.status_code == 409
        assert "was removed for good" in shown.text
    assert answer(browser(lead), slip_at(database, cast, piece), "restore").status_code == 409
    assert trail(database).count("slip.purged") == 1


def test_a_reason_is_asked_for(browser: Open, session: Session, cast: Cast, database: Database) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast, talked=False)
    report(browser, cast, piece, cast.marek)
    assert answer(browser(lead), slip_at(database, cast, piece), "purge", "").status_code == 422
    assert slip_of(database, piece).state == "open"


def test_no_byte_of_it_is_left_in_database_store_and_mail(
    browser: Open, session: Session, cast: Cast, database: Database, settings: Settings, tmp_path: Path
) -> None:
    lead = a_lead(session, cast)
    stored = {path.name: path.read_bytes() for path in files_in(tmp_path / "files")}
    assert not stored
    piece = a_named_piece(browser, cast)
    kept = {path.read_bytes() for path in files_in(tmp_path / "files")}
    assert len(kept) >= 2, "the photo and the pictures of it"
    report(browser, cast, piece, cast.marek)
    answer(browser(lead), slip_at(database, cast, piece), "purge")
    session.close()
    database.engine.dispose()
    work_off(browser(lead))
    assert not {path.read_bytes() for path in files_in(tmp_path / "files")} & kept
    everywhere = [path for path in files_in(tmp_path) if NAME.encode() in path.read_bytes()]
    assert everywhere == []
    if not database.is_sqlite:
        assert found_in_tables(database) == []


def test_the_ledger_still_verifies_and_so_does_its_export(
    browser: Open, session: Session, cast: Cast, database: Database, tmp_path: Path
) -> None:
    lead = a_lead(session, cast)
    purged(browser, cast, database, lead)
    assert ledger_faults(database) == []
    export = browser(cast.priya).post(f"/providers/{cast.provider.id}/ledger/export.json")
    actions = [json.loads(one["entry"])["action"] for one in export.json()["entries"]]
    assert {"slip_reported", "piece_withdrawn", "slip_purged"} <= set(actions)
    file = tmp_path / "export.json"
    file.write_bytes(export.content)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert NAME not in export.text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_version SET title = 'Something else'",
        f"UPDATE evidence_version SET title = '{REMOVED}'",  # noqa: S608
        "UPDATE comment SET text = 'I never said that'",
        f"UPDATE comment SET text = '{REMOVED}'",  # noqa: S608
        "UPDATE sealed_words SET words = ''",
        "DELETE FROM sealed_words",
        "UPDATE slip_event SET reason = ''",
        "DELETE FROM slip_event",
        "UPDATE tombstone SET why = 'place'",
        "DELETE FROM tombstone",
    ],
)
def test_nothing_but_the_seal_can_exchange_words(
    browser: Open, cast: Cast, database: Database, statement: str
) -> None:
    piece = a_named_piece(browser, cast)
    report(browser, cast, piece, cast.marek)
    if "tombstone" in statement:
        a_stone(database, cast, piece)
    with pytest.raises(DBAPIError), plain(database) as connection:
        connection.exec_driver_sql(statement)


def a_stone(database: Database, cast: Cast, piece: UUID) -> None:
    from portfolio.database import new_id
    from tests.builders import NOW

    with database.writing() as session:
        session.add(
            Tombstone(
                provider_id=cast.provider.id,
                evidence_id=piece,
                slip_id=new_id(),
                at=NOW,
                why="colleague",
                asked_by_id=cast.priya.id,
                backups_until=NOW,
            )
        )


def test_a_cleaned_version_takes_its_place(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    at = address(cast, piece)
    report(browser, cast, piece, cast.marek)
    slip = slip_at(database, cast, piece)
    assert answer(browser(lead), slip, "ask", "The title says who it was.").status_code == 303
    own = browser(cast.amina).get(at)
    assert own.status_code == 200
    assert "The title says who it was." in own.text
    assert NAME not in own.text
    edit = browser(cast.amina).get(f"{at}/edit")
    assert NAME not in edit.text
    assert browser(cast.asha).get(at).status_code == 409
    from tests.evidence.steps import complete, send

    sent = send(browser(cast.amina), f"{at}/edit", complete(action="submit", title="Talking with Child A"))
    assert sent.status_code in (204, 303), sent.text
    for who in ("amina", "asha", "marek"):
        shown = browser(getattr(cast, who)).get(at)
        assert shown.status_code == 200
        assert "Talking with Child A" in shown.text
        assert NAME not in shown.text
        assert browser(getattr(cast, who)).get(f"{at}?version=1").status_code == 404
        assert NAME not in browser(getattr(cast, who)).get(f"{at}/comments").text
        file = all_files(database)[0]
        assert browser(getattr(cast, who)).get(f"{at}/files/{file.id}").status_code == 404
    assert ledger_faults(database) == []
    assert answer(browser(lead), slip, "purge", "The old version can go.").status_code == 303
    assert "Talking with Child A" in browser(cast.asha).get(at).text, "the cleaned version stays"
    assert ledger_faults(database) == []


def purged(browser: Open, cast: Cast, database: Database, lead: Person) -> UUID:
    piece = a_named_piece(browser, cast)
    report(browser, cast, piece, cast.marek)
    answered = answer(browser(lead), slip_at(database, cast, piece), "purge")
    assert answered.status_code == 303, answered.text
    work_off(browser(lead))
    return piece


def tombstone(database: Database) -> Tombstone:
    with database.reading() as session:
        return session.scalars(select(Tombstone)).one()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def found_in_tables(database: Database) -> list[str]:
    """Tables of which some row holds the name, on PostgreSQL."""
    from sqlalchemy import text

    from portfolio.database import Base

    with database.reading() as session:
        return [
            table.name
            for table in Base.metadata.sorted_tables
            if session.scalar(
                text(f"SELECT count(*) FROM {table.name} t WHERE t::text LIKE :name"),  # noqa: S608
                {"name": f"%{NAME}%"},
            )
        ]


def test_lists_say_that_it_was_removed(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    purged(browser, cast, database, lead)
    shown = browser(cast.amina).get(f"{pages_of(cast.amina_at)}?state=withdrawn").text
    assert REMOVED in shown
