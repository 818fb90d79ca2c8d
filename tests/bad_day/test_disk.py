"""No room left: where the files are kept, and where the database is. A small file system of one's own is filled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.migrate import migrate
from tests import real
from tests.bad_day.conftest import TEXT, Place, Serve
from tests.bad_day.test_database import sent_again
from tests.bad_day.waiting import until
from tests.builders import a_cast
from tests.evidence.steps import all_pieces, newest, piece_id, state_of
from tests.storage import corpus

FILE = ("Notes.txt", TEXT)
WORDS = "I listened and wrote it down. " * 200
NOT_STORED = "could not be stored just now. Wait a minute, then choose it again."
FULL = "There is no room left where the portfolio keeps what people write."
SMALL = 6 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB. Needs the right to mount one; where it is lacking that is reported."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL},mode=700", "tmpfs", str(place)], capture_output=True
    )
    if done.returncode:
        real.missing("a full disk: this user may not mount a small file system (run as root)")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True, timeout=60)


def fill(disk: Path) -> Path:
    """Take every byte that is left."""
    filler = disk / "filler"
    with closing(os.fdopen(os.open(filler, os.O_WRONLY | os.O_CREAT), "wb", buffering=0)) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


@pytest.mark.parametrize("filled", ["before the file comes", "by the file"])
def test_the_folder_of_the_files_is_full(serve: Serve, small_disk: Path, filled: str) -> None:
    place = serve(storage_url=f"folder:{small_disk / 'files'}")
    before = place.confirmed("Before the bad day", FILE)
    filler, sent = None, FILE
    if filled == "by the file":
        sent = ("Long.txt", TEXT * 3000)
        assert len(sent[1]) > SMALL
    else:
        filler = fill(small_disk)
    answer = place.sends("On the bad day", sent, what_i_did=WORDS)
    assert f"“{sent[0]}” {NOT_STORED}" in answer.text
    draft = piece_id(answer)
    assert state_of(place.database, draft) == "draft"
    assert newest(place.database, draft).what_i_did == WORDS.strip()
    assert newest(place.database, draft).attachments == []
    place.still_has(before)
    both = place.sends("Two more", ("One.txt", sent[1]), corpus.GOOD["jpeg"])
    assert NOT_STORED in both.text
    assert state_of(place.database, piece_id(both)) == "draft"
    if filler is not None:
        assert place.amina.get("/readyz").status_code == 503
        filler.unlink()
    assert until(lambda: place.amina.get("/readyz").status_code == 200)
    assert until(place.has_no_job_due), "what a job has on disk while it works is not half written"
    staged = [path for path in (small_disk / "files" / ".staging").rglob("*") if path.is_file()]
    assert staged == [], "nothing half written takes up room"
    place.still_has(place.confirmed("After the bad day", FILE))


def test_the_disk_of_the_embedded_database_is_full(
    serve: Serve, small_disk: Path, catalogue: object, tmp_path: Path
) -> None:
    """Nothing new can be kept and the page says so; what was confirmed can be read; with room made all goes on."""
    url = f"sqlite:///{small_disk / 'portfolio.db'}"
    database = Database(url)
    migrate(database)
    database.keepers.append(lambda session, changed: progress.keep(catalogue, session, changed))  # type: ignore[arg-type]
    with database.session(write=True, across=True) as session:
        session.info["database"] = database
        cast = a_cast(session)
    started = serve(database_url=url, people=(cast.amina, cast.asha), over=database)
    place = Place(started.running, database, cast, started.amina, started.asha)
    before = place.confirmed("Before the bad day", FILE)
    filler = fill(small_disk)
    answer = place.sends("On the bad day", what_i_did=WORDS * 4, form_key="d" * 32, action="save")
    assert answer.status_code == 503
    assert FULL in answer.text
    assert "whoever runs the portfolio has to make room. What was confirmed before is safe" in answer.text
    assert WORDS.strip() in answer.text
    assert before.title in place.amina.get(before.page).text
    filler.unlink()
    assert sent_again(place, answer.text).status_code == 303
    assert [piece.form_key for piece in all_pieces(database)].count("d" * 32) == 1
    place.still_has(before)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    database.engine.dispose()
