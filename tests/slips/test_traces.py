"""After a purge, in a real server process that did everything itself: no word, no byte and no name of the piece is left
in the database's files, the store, the mail or the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.evidence.models import EvidenceFile
from portfolio.jobs.models import Job
from portfolio.preparation.models import FilePreparation
from portfolio.web.formats import utc_now
from tests.builders import Cast
from tests.evidence.steps import complete, pages_of, piece_id
from tests.people.steps import set_times
from tests.serving.fixtures import Start
from tests.serving.fixtures import start as start
from tests.serving.running import Running, client, session_for, wait_until
from tests.slips.steps import (
    NAME,
    a_lead,
    address,
    answer,
    bear_witness,
    decide,
    files_in,
    found_in_tables,
    photo,
    report,
    slip_at,
    slip_of,
    talk,
)

KEPT_TOO_LATE = "quaintsparrow"
"""In a comment that came after its writer's session had ended, so that it waits in a kept form."""
WINDOW = 48
"""Bytes out of the middle of each file and picture that are looked for."""


@pytest.fixture
def running(start: Start) -> Running:
    return start()


@pytest.fixture
def browser(running: Running, database: Database) -> Iterator[Any]:
    """As everywhere in these tests, but over the network to the real process."""
    with ExitStack() as clients:
        yield lambda person: clients.enter_context(client(running, session_for(database, person)))


def test_nothing_is_left_in_files_store_mail_and_log(
    browser: Any, running: Running, session: Session, cast: Cast, database: Database, tmp_path: Path
) -> None:
    lead = a_lead(session, cast)
    piece = submitted(browser(cast.amina), cast)
    wait_until(lambda: prepared(database), "the photo is prepared")
    talk(browser, cast, piece)
    bear_witness(browser, session, cast, piece)
    decide(browser, cast, database, piece)
    came_too_late(browser(cast.asha), database, cast, piece)
    asha = browser(cast.asha)
    assert asha.get(f"{address(cast, piece)}/files/{file_of(database).id}").status_code == 200
    windows = bytes_in_store(tmp_path)
    assert len(windows) >= 3, "the photo and two pictures of it"
    before = traces(tmp_path, database, windows)
    assert {"store", "database"} <= {place for place, _ in before}, "the search finds what is there"
    assert {what for _, what in before} >= {NAME, KEPT_TOO_LATE, "bytes"}

    assert report(browser, cast, piece, cast.marek).status_code == 303
    at = slip_at(database, cast, piece)
    page = browser(lead)
    assert NAME in page.post(f"{at}/piece").text, "while it is closed the leads read it"
    assert page.get(f"{at}/files/{file_of(database).id}").status_code == 200
    assert answer(page, at, "purge").status_code == 303
    assert slip_of(database, piece).state == "purged"
    session.close()
    database.engine.dispose()  # this end reads nothing while the server lets go of what it wrote beside its file
    wait_until(lambda: all_done(database), "every job is done")
    database.engine.dispose()
    assert traces(tmp_path, database, windows) == set()
    assert running.stop() == 0
    assert traces(tmp_path, database, windows) == set()
    assert len(running.log) > 20
    assert len(files_in(tmp_path / "mail")) >= 2, "there was mail in which it could have stood"


def submitted(amina: httpx2.Client, cast: Cast) -> UUID:
    words = {
        "title": f"Talking with {NAME}",
        "what_happened": f"{NAME} told me something.",
        "what_i_did": f"I listened to {NAME}.",
        "why": f"For {NAME}.",
        "note_K7": f"About {NAME}",
        "original_seen_by": f"The aunt of {NAME}",
    }
    made = amina.post(
        pages_of(cast.amina_at), data=complete(action="submit", **words), files=[("files", photo())]
    )
    assert made.status_code == 303, made.text
    return piece_id(made)


def came_too_late(asha: httpx2.Client, database: Database, cast: Cast, piece: UUID) -> None:
    """Asha's session ends while she types."""
    set_times(database, cast.asha, seen_at=utc_now() - timedelta(hours=2))
    sent = asha.post(f"{address(cast, piece)}/comments", data={"text": f"So that was {KEPT_TOO_LATE}."})
    assert sent.status_code == 303
    assert "kept" in sent.headers["location"]


def file_of(database: Database) -> EvidenceFile:
    with database.reading() as session:
        return session.scalars(select(EvidenceFile)).one()


def prepared(database: Database) -> bool:
    with database.reading() as session:
        return bool(session.scalar(select(func.count()).where(FilePreparation.thumbnail_key != "")))


def all_done(database: Database) -> bool:
    with database.reading() as session:
        waiting = select(func.count()).where(Job.done_at.is_(None), Job.run_at <= utc_now())
        assert not session.scalar(select(func.count()).where(Job.dead_at.is_not(None)))
        return not session.scalar(waiting)


def bytes_in_store(folder: Path) -> list[bytes]:
    """A piece out of the middle of everything that is stored."""
    contents = [path.read_bytes() for path in files_in(folder / "files") if path.stat().st_size > 200]
    return [content[len(content) // 2 :][:WINDOW] for content in contents]


def traces(folder: Path, database: Database, windows: list[bytes]) -> set[tuple[str, str]]:
    """Where what is found: "store", "mail", "log" and "database" (its file and what stands beside it, or its tables)."""
    found = set()
    for path in files_in(folder):
        place = path.relative_to(folder).parts[0]
        kind = {"files": "store", "mail": "mail", "process": "log"}.get(place, "database")
        content, name = path.read_bytes(), str(path.relative_to(folder)).lower()
        for word in (NAME, KEPT_TOO_LATE):
            forms = (
                word.encode(),
                word.encode("utf-16-le"),
                word.encode("utf-16-be"),
                word.encode().hex().encode(),
            )
            if word in name or any(form in content.lower() for form in forms):
                found.add((kind, word))
        if any(window in content for window in windows):
            found.add((kind, "bytes"))
    if not database.is_sqlite:
        found |= {("database", word) for word in (NAME, KEPT_TOO_LATE) if found_in_tables(database, word)}
    return found
