"""A restore knows of a purge: from its tombstone beside the backups, or from a later backup; and the leads' page says
which, or that a backup must be made now."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.app import open_store
from portfolio.database import Database
from portfolio.evidence.models import EvidenceVersion
from portfolio.jobs.models import Job
from portfolio.safekeeping.backup import Source, back_up
from portfolio.safekeeping.places import FolderPlace
from portfolio.safekeeping.restore import restore
from portfolio.sealing.models import Tombstone
from portfolio.settings import Settings
from portfolio.slips.jobs import LAY
from storage.folder import FolderStore
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import work_off
from tests.safekeeping.commands import run
from tests.safekeeping.house import empty_place
from tests.serving.running import environment, free_port
from tests.slips.steps import (
    NAME,
    REMOVED,
    Open,
    a_lead,
    a_named_piece,
    answer,
    files_in,
    report,
    slip_at,
    slip_of,
)

NOW = "Have a backup made now."


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (tmp_path / "standards").mkdir(exist_ok=True)
    return folder


def purged(browser: Open, cast: Cast, database: Database, lead: Browser) -> str:
    piece = a_named_piece(browser, cast, talked=False)
    report(browser, cast, piece, cast.marek)
    at = slip_at(database, cast, piece)
    assert answer(lead, at, "purge").status_code == 303
    work_off(lead)
    return at


def test_a_restore_of_the_last_backup_knows_of_a_purge_after_it(
    app: FastAPI,
    browser: Open,
    session: Session,
    cast: Cast,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    elsewhere: Path,
) -> None:
    app.state.settings = settings.model_copy(update={"backup_place": str(elsewhere)})
    lead = browser(a_lead(session, cast))
    piece = a_named_piece(browser, cast)
    source = Source(database, open_store(settings), tmp_path / "standards")
    only = back_up(source, FolderPlace(elsewhere), say=lambda line: None).manifest
    report(browser, cast, piece, cast.marek)
    at = slip_at(database, cast, piece)
    assert answer(lead, at, "purge").status_code == 303
    assert NOW in lead.get(at).text, "not laid there yet"
    work_off(lead)

    [stone] = files_in(elsewhere / "tombstones")
    assert NAME not in stone.read_text()
    assert json.loads(stone.read_bytes())["slip_id"] == str(slip_of(database, piece).id) == stone.stem
    shown = lead.get(at).text
    assert "noted beside the backups" in shown
    assert NOW not in shown
    told: list[str] = []
    with empty_place(tmp_path) as place:
        target = place.target(FolderStore(tmp_path / "new-files"), tmp_path / "new")
        restore(FolderPlace(elsewhere), only, target, now=datetime.now(UTC), say=told.append)
        with target.owner.reading() as restored:
            assert set(restored.scalars(select(EvidenceVersion.title))) == {REMOVED}
            back = restored.scalars(select(Tombstone)).one()
        target.owner.engine.dispose()
    with database.reading() as fresh:
        before = fresh.scalars(select(Tombstone)).one()
    for name in (
        "id",
        "evidence_id",
        "slip_id",
        "at",
        "why",
        "files",
        "asked_by_id",
        "agreed_by_id",
        "backups_until",
    ):
        assert getattr(back, name) == getattr(before, name), name
    assert any("purged again" in line for line in told)


def test_while_the_place_is_away_it_is_tried_again_and_the_page_asks_for_a_backup(
    app: FastAPI,
    browser: Open,
    session: Session,
    cast: Cast,
    database: Database,
    settings: Settings,
    elsewhere: Path,
) -> None:
    app.state.settings = settings.model_copy(update={"backup_place": str(elsewhere)})
    elsewhere.rmdir()
    lead = browser(a_lead(session, cast))
    at = purged(browser, cast, database, lead)
    assert NOW in lead.get(at).text
    with database.writing() as fresh:
        job = fresh.scalars(select(Job).where(Job.kind == LAY)).one()
        assert (job.done_at, job.attempts, job.last_error) == (None, 1, "Mistyped")
        job.run_at = job.created_at
    elsewhere.mkdir()
    work_off(lead)
    assert "noted beside the backups" in lead.get(at).text
    assert len(files_in(elsewhere)) == 1


def test_without_a_place_the_page_asks_for_a_backup_until_one_was_made_after_the_purge(
    browser: Open, session: Session, cast: Cast, database: Database, tmp_path: Path, elsewhere: Path
) -> None:
    lead = browser(a_lead(session, cast))
    at = purged(browser, cast, database, lead)
    shown = lead.get(at).text
    assert NOW in shown
    assert "None is on record here" in shown
    listed = f"/providers/{cast.provider.id}/slips"
    assert NOW in lead.get(listed).text
    assert "Not in any backup known here: 1 purge." in lead.get(listed).text
    url = database.engine.url.render_as_string(hide_password=False)
    backup = ("backup", str(elsewhere))
    assert run(environment(url, tmp_path, free_port()), *backup).code == 0
    shown = lead.get(at).text
    assert "after the purge" in shown
    assert NOW not in shown
    assert NOW not in lead.get(listed).text
    later = purged(browser, cast, database, lead)
    shown = lead.get(later).text
    assert NOW in shown
    assert "before the purge" in shown
    assert NOW in lead.get(listed).text
    assert "after the purge" in lead.get(at).text
