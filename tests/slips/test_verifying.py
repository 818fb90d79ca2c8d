"""`python -m portfolio verify` finds no fault once a piece was purged: of what is missing it knows that it must be."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.app import open_store
from portfolio.database import Database
from portfolio.settings import Settings
from tests.builders import Cast
from tests.evidence.steps import all_files, complete, pages_of, send, work_off
from tests.safekeeping.commands import run
from tests.safekeeping.house import found
from tests.serving.running import environment, free_port
from tests.slips.steps import (
    Open,
    a_lead,
    a_named_piece,
    answer,
    bear_witness,
    decide,
    report,
    slip_at,
    slip_of,
)
from tests.slips.test_locked import lock


@pytest.mark.parametrize("when", ["open", "locked", "not worked off"])
def test_a_purge_leaves_no_fault(
    browser: Open,
    session: Session,
    cast: Cast,
    database: Database,
    settings: Settings,
    catalogue: Catalogue,
    tmp_path: Path,
    when: str,
) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    bear_witness(browser, session, cast, piece)
    decide(browser, cast, database, piece, duty="covered")
    other = send(browser(cast.amina), pages_of(cast.amina_at), complete(), ("kept.txt", b"It stays." * 99))
    assert other.status_code == 303
    if when == "locked":
        lock(database, cast)
    report(browser, cast, piece, cast.marek)
    assert lines(database, settings, catalogue) == [], "while it is closed"
    assert answer(browser(lead), slip_at(database, cast, piece), "purge").status_code == 303
    assert slip_of(database, piece).state == "purged"
    if when != "not worked off":
        work_off(browser(lead))
        store = open_store(settings)
        assert (
            sum(
                store.exists(file.storage_key)
                for file in all_files(database)
                if "purged" not in file.storage_key
            )
            == 1
        )
    assert lines(database, settings, catalogue) == []

    url = database.engine.url.render_as_string(hide_password=False)
    ended = run(environment(url, tmp_path, free_port()), "verify")
    assert ended.code == 0, ended.out + ended.err
    assert ended.out.splitlines()[-1] == "No fault."
    assert "erased" not in ended.out, "a purge is known by its tombstone, and no text was erased without one"


def lines(database: Database, settings: Settings, catalogue: Catalogue) -> list[str]:
    faults = found(database, open_store(settings), catalogue)
    return [str(fault) for fault in faults]


def test_an_object_that_is_gone_without_a_purge_is_still_a_fault(
    browser: Open, cast: Cast, database: Database, settings: Settings, catalogue: Catalogue
) -> None:
    """The control: a file of a piece that was only reported must be there."""
    piece = a_named_piece(browser, cast, talked=False)
    report(browser, cast, piece, cast.marek)
    open_store(settings).delete(all_files(database)[0].storage_key)
    assert [fault.kind for fault in found(database, open_store(settings), catalogue)] == ["missing"]
