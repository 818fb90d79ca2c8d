"""The drill: a server in use, a backup meanwhile, a restore into an empty place, and nothing confirmed is missing.

Real processes on loopback: the server, the two commands, and clients that upload and decide until the backup is
made. On SQLite and a folder always; on PostgreSQL and a real S3 server where the tests run on PostgreSQL.
"""

from __future__ import annotations

import hashlib
import random
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.assessment.models import Decision
from portfolio.database import Database
from portfolio.evidence.models import Claim, Evidence, EvidenceFile
from portfolio.safekeeping import heads, rows
from portfolio.safekeeping.manifest import Manifest, newest, read_manifest
from portfolio.safekeeping.places import FolderPlace
from storage.folder import FolderStore
from storage.store import EvidenceStore
from tests.assessment.steps import review_path, typed
from tests.builders import Cast, a_submitted, commit, latest_version
from tests.evidence.steps import complete, pages_of, piece_id, send
from tests.safekeeping.commands import run
from tests.safekeeping.house import ON_POSTGRESQL, empty_place, opened
from tests.serving.running import PATIENCE, Running, client, environment, free_port, serving, session_for

BEFORE, DURING = 6, 4
"""So many pieces and decisions are confirmed before the backup begins, and at least so many while it is made."""


@dataclass(frozen=True)
class Receipt:
    """What the product said it has: a piece with the hash of its file, or a decision on a claim. And when."""

    at: float
    piece: UUID
    sha256: str = ""
    claim: UUID | None = None


@dataclass
class Crowd:
    """Clients that go on until they are told to stop. What was confirmed to them stands in `receipts`."""

    running: Running
    over: threading.Event = field(default_factory=threading.Event)
    receipts: list[Receipt] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, work: Callable[[httpx2.Client], None], cookie: str) -> None:
        def go_on() -> None:
            try:
                with client(self.running, cookie) as browser:
                    while not self.over.is_set():
                        work(browser)
            except StopIteration:
                return
            except Exception as error:
                self.failures.append(repr(error))

        self.threads.append(threading.Thread(target=go_on, daemon=True))
        self.threads[-1].start()

    def confirmed(self, piece: UUID, sha256: str = "", claim: UUID | None = None) -> None:
        self.receipts.append(Receipt(time.monotonic(), piece, sha256, claim))

    def wait_for(self, count: int, which: Callable[[Receipt], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while sum(map(which, list(self.receipts))) < count:
            assert not self.failures, self.failures
            assert time.monotonic() < until, "nothing is confirmed any more"
            time.sleep(0.05)

    def stop(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(PATIENCE)
        assert not self.failures, self.failures


def uploads(crowd: Crowd, address: str, seed: int) -> Callable[[httpx2.Client], None]:
    """One piece after another, each with a file of its own."""
    dice = random.Random(seed)

    def work(browser: httpx2.Client) -> None:
        text = "\n".join(f"What I saw: {dice.random()}" for _ in range(dice.randrange(100, 6000)))
        answer = send(browser, address, complete(action="submit"), ("account.txt", text.encode()))
        if answer.status_code == 303:
            crowd.confirmed(piece_id(answer), hashlib.sha256(text.encode()).hexdigest())
        else:
            assert answer.status_code in (429, 503), answer.text  # too many at once: come back later
            time.sleep(0.2)

    return work


@dataclass(frozen=True)
class ToDecide:
    """A submitted piece, as the assessor's page knows it."""

    piece: Evidence
    form: dict[str, str]
    claim: UUID


def decides(crowd: Crowd, waiting: Iterator[ToDecide]) -> Callable[[httpx2.Client], None]:
    def work(browser: httpx2.Client) -> None:
        time.sleep(0.1)  # an assessor reads before deciding
        one = next(waiting)
        answer = browser.post(review_path(one.piece), data=one.form)
        assert answer.status_code == 303, answer.text
        crowd.confirmed(one.piece.id, claim=one.claim)

    return work


def pieces_to_decide(session: Session, cast: Cast, count: int) -> list[ToDecide]:
    found = []
    for _ in range(count):
        piece = a_submitted(session, cast.amina_at, "K7")
        version = latest_version(session, piece.id)
        claim = session.scalars(select(Claim.id).where(Claim.version_id == version.id)).one()
        form = typed(version, {"K7": "covered"}, key=secrets.token_hex(16))
        found.append(ToDecide(piece, form, claim))
    commit(session)
    return found


@dataclass(frozen=True)
class Installation:
    """Where it keeps everything, as variables for its processes."""

    variables: dict[str, str]
    store: EvidenceStore


@contextmanager
def installation(
    request: pytest.FixtureRequest, folder: Path, url: str, owner: str
) -> Iterator[Installation]:
    """On SQLite a folder of files; on PostgreSQL a bucket of a real S3 server."""
    variables = environment(url, folder, free_port(), database_owner_url=owner)
    if ON_POSTGRESQL:
        server = request.getfixturevalue("s3_server")
        bucket = server.new_bucket()
        store = server.store(bucket, "evidence")
        yield Installation(variables | server.environment(bucket, "evidence"), store)
        store.close()
    else:
        yield Installation(variables, FolderStore(folder / "files"))


def test_a_backup_made_while_everybody_works_restores_whole(
    request: pytest.FixtureRequest,
    database: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    tmp_path: Path,
) -> None:
    old, new, elsewhere = tmp_path / "old", tmp_path / "new", tmp_path / "elsewhere"
    for folder in (old, new, elsewhere):
        folder.mkdir()
    waiting = pieces_to_decide(session, cast, 100)
    url = database.engine.url.render_as_string(hide_password=False)
    with ExitStack() as stack:
        here = stack.enter_context(installation(request, old, url, url))
        place = stack.enter_context(empty_place(new))
        there = stack.enter_context(installation(request, new, place.application, place.owner))
        running = stack.enter_context(serving(here.variables, tmp_path / "process"))
        crowd = Crowd(running)
        for number, (person, at) in enumerate([(cast.amina, cast.amina_at), (cast.olu, cast.other_at)]):
            crowd.begin(uploads(crowd, pages_of(at), number), session_for(database, person))
        crowd.begin(decides(crowd, iter(waiting)), session_for(database, cast.asha))

        crowd.wait_for(BEFORE, lambda one: bool(one.sha256))
        crowd.wait_for(BEFORE, lambda one: one.claim is not None)
        began = time.monotonic()
        backup = run(here.variables, "backup", str(elsewhere))
        ended = time.monotonic()
        crowd.wait_for(2, lambda one: one.at > ended)  # it goes on as if nothing had been
        crowd.stop()
        assert backup.code == 0, backup.err
        assert sum(began < one.at < ended for one in crowd.receipts) >= DURING

        restored = run(there.variables, "restore", str(elsewhere))
        assert restored.code == 0, restored.out + restored.err
        assert restored.out.splitlines()[-1] == "No fault."
        manifest = read_manifest(FolderPlace(elsewhere), newest(FolderPlace(elsewhere)))
        fresh = opened(place.application, catalogue)
        compare(fresh, there.store, manifest, [one for one in crowd.receipts if one.at < began])
        fresh.engine.dispose()
        again = run(there.variables, "restore", str(elsewhere))
        assert again.code == 2
        assert again.err.splitlines()[-1] == "The database holds rows already. Restore into an empty one."
    assert not re.search(
        r"Amina|Archer|example\.org|account\.txt", backup.out + backup.err + restored.out + restored.err
    )


def compare(database: Database, store: EvidenceStore, manifest: Manifest, receipts: list[Receipt]) -> None:
    """Every receipt from before, the ledger's heads, and every object against its row."""
    assert len(receipts) >= 2 * BEFORE
    with database.reading() as session:
        for receipt in receipts:
            if receipt.claim:
                decided = session.scalars(select(Decision).where(Decision.claim_id == receipt.claim)).one()
                assert decided.evidence_id == receipt.piece
                continue
            file = session.scalars(
                select(EvidenceFile).where(EvidenceFile.evidence_id == receipt.piece)
            ).one()
            data = b"".join(store.read(file.storage_key))
            assert hashlib.sha256(data).hexdigest() == receipt.sha256 == file.sha256_stored
            assert session.get_one(Evidence, receipt.piece).state == "submitted"
    with rows.snapshot(database) as connection:
        assert heads.read(connection) == manifest.heads
    assert sum(head["seq"] for head in manifest.heads.values()) >= BEFORE
