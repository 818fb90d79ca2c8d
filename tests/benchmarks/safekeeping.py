"""How long a backup, a restore, a verify and a move take here: rows and megabytes per second.

    .venv/bin/python -m tests.benchmarks.safekeeping [APPRENTICES] [MEGABYTES]

On SQLite and a folder; with TEST_DATABASE_URL the restore and the move go to PostgreSQL.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kbs.catalogue import SHIPPED, load_catalogue
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.ledger.carrying import carry_over
from portfolio.migrate import migrate
from portfolio.people.models import Person
from portfolio.safekeeping.backup import Source, back_up
from portfolio.safekeeping.move import move
from portfolio.safekeeping.places import FolderPlace
from portfolio.safekeeping.restore import restore
from portfolio.safekeeping.verify import Figures, Site, verify
from storage.folder import FolderStore
from tests.benchmarks.crowds import make
from tests.builders import a_draft, commit
from tests.safekeeping.house import a_file, empty_place, opened

FILE = 5_000_000


def main(apprentices: int, megabytes: int) -> None:
    catalogue = load_catalogue(SHIPPED)
    with tempfile.TemporaryDirectory(prefix="portfolio-benchmark-") as name:
        folder = Path(name)
        database, store = opened(f"sqlite:///{folder / 'here.db'}", catalogue), FolderStore(folder / "files")
        migrate(database)
        crowd = make(database, catalogue, apprentices)
        with database.session(write=True, across=True) as session:
            session.info["database"] = database
            at = session.get_one(Apprenticeship, crowd.apprenticeships[0])
            by = session.get_one(Person, at.apprentice_id)
            for _ in range(megabytes * 1_000_000 // FILE):
                a_file(session, store, a_draft(session, at, "K1"), by, os.urandom(FILE))
            commit(session)
            carry_over(session)  # rows of the crowd were written past the product
            commit(session)
        source, place = Source(database, store, folder / "standards"), FolderPlace(folder / "backup")
        with timed("backup, all of it new"):
            manifest = back_up(source, place, say=quiet).manifest
        rows, size = manifest.rows, manifest.object_bytes
        print(f"  {rows:,} rows, {size / 1e6:,.0f} MB")
        with timed("backup, nothing new", rows=rows):
            back_up(source, place, say=quiet)
        with empty_place(folder) as there:
            target = there.target(FolderStore(folder / "restored"), folder / "restored-standards")
            with timed("restore", rows=rows, size=size):
                restore(place, manifest, target, now=datetime.now(UTC), say=quiet)
            target.owner.engine.dispose()
        with empty_place(folder) as there:
            target = there.target(FolderStore(folder / "moved"), folder / "moved-standards")
            with timed("move", rows=rows, size=size):
                assert move(source, target, say=quiet).complete
            target.owner.engine.dispose()
        for quick in (True, False):
            with timed("verify --quick" if quick else "verify", rows=rows, size=0 if quick else size):
                site = Site(database, store, catalogue)
                print(
                    f"  faults: {sum(1 for _ in verify(site, Figures(), now=datetime.now(UTC), quick=quick, say=quiet))}"
                )
        database.engine.dispose()


@contextmanager
def timed(what: str, *, rows: int = 0, size: int = 0) -> Iterator[None]:
    began, worked = time.monotonic(), time.process_time()
    yield
    seconds, worked = time.monotonic() - began, time.process_time() - worked
    figures = [f"{seconds:.1f} s ({worked:.1f} s of processor)"]
    if rows:
        figures.append(f"{rows / seconds:,.0f} rows/s")
    if size:
        figures.append(f"{size / 1e6 / seconds:,.0f} MB/s")
    print(f"{what}: {', '.join(figures)}", flush=True)


def quiet(line: str) -> None:
    """Progress of no interest here."""


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    main(*(numbers + [1000, 500][len(numbers) :]))
