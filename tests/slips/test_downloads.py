"""Over a real connection to a real server process: what still arrives of a download once its piece was reported.

The promise: it breaks off within 4 MB or a second, whichever comes first. What the kernel of either end holds already
still arrives, so that is added to what is allowed, and the moment is read from the server's own log.
"""

from __future__ import annotations

import io
import json
import random
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portfolio.app import open_store
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.evidence.while_open import ASK_AGAIN_BYTES, ASK_AGAIN_SECONDS
from portfolio.settings import Settings
from storage.store import CHUNK
from tests.builders import NOW, Cast, a_draft, a_submitted, commit, latest_version
from tests.safekeeping.house import Thing, a_file
from tests.serving.fixtures import Start
from tests.serving.fixtures import start as start
from tests.serving.running import PATIENCE, Running, client, session_for, wait_until
from tests.slips.steps import NAME, REPORT, form_key, slip_of

SIZE = 64 * 1024 * 1024
RECEIVES = 128 * 1024
"""Bytes that this end lets the kernel hold; Linux doubles it."""
SLACK_SECONDS = 4.0
"""What a busy machine may add before the process is given its turn."""


def kernel_holds() -> int:
    """The most bytes that lie between the server's write and this end's read."""
    most = Path("/proc/sys/net/ipv4/tcp_wmem")
    sending = int(most.read_text().split()[2]) if most.exists() else 4 * 1024 * 1024
    return sending + 2 * RECEIVES


@dataclass
class Download:
    """A reader in a thread: as fast as it can, or so many bytes a second."""

    running: Running
    path: str
    cookie: str
    pace: int = 0
    received: int = 0
    announced: int = 0
    ended_at: float = 0
    data: bytearray = field(default_factory=bytearray)

    def begin(self) -> threading.Thread:
        thread = threading.Thread(target=self._read, daemon=True)
        thread.start()
        return thread

    def _read(self) -> None:
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVES)
            line.settimeout(PATIENCE)
            line.connect(("127.0.0.1", self.running.port))
            line.sendall(
                f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.running.port}\r\nCookie: {self.cookie}\r\n"
                "Sec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n".encode()
            )
            first = b""
            while b"\r\n\r\n" not in first:
                first += line.recv(4096)
            head, _, body = first.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            lengths = [one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")]
            self.announced = int(lengths[0].split(b":")[1])
            self._take(body)
            began = time.monotonic()
            while part := self._part(line):
                self._take(part)
                if self.pace:
                    time.sleep(max(0.0, began + self.received / self.pace - time.monotonic()))
        self.ended_at = time.time()

    def _part(self, line: socket.socket) -> bytes:
        try:
            return line.recv(64 * 1024)
        except ConnectionError:
            return b""

    def _take(self, part: bytes) -> None:
        self.data += part
        self.received += len(part)


def a_large_file(session: Session, cast: Cast, settings: Settings) -> tuple[Evidence, Thing]:
    """A submitted piece of Amina's with a file of 64 MB, stored and named by rows as an upload leaves it."""
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    piece = a_draft(session, at, "K7", title=f"Talking with {NAME}")
    thing = a_file(session, open_store(settings), piece, cast.amina, random.Random(4).randbytes(SIZE))
    version = latest_version(session, piece.id)
    version.submitted_at = NOW
    piece.state, piece.state_since = "submitted", NOW
    commit(session)
    return piece, thing


@contextmanager
def about_to_report(
    running: Running, database: Database, cast: Cast, piece: Evidence
) -> Iterator[Callable[[], None]]:
    """Marek has the form open; calling what comes sends it."""
    at = f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/report"
    with client(running, session_for(database, cast.marek)) as marek:
        key = form_key(marek.get(at).text)

        def send() -> None:
            assert marek.post(at, data=REPORT | {"form_key": key}).status_code == 303

        yield send


def seconds_to_break_off(running: Running, database: Database, piece: UUID) -> float:
    """From the report, as its row has the time, to the line in which the server says that it broke off."""
    lines: list[dict[str, str]] = []

    def said() -> bool:
        lines[:] = [json.loads(line) for line in running.log if '"evidence.broken_off"' in line]
        return bool(lines)

    wait_until(said, "the server says that it broke off")
    return (datetime.fromisoformat(lines[0]["at"]) - slip_of(database, piece).reported_at).total_seconds()


@pytest.mark.parametrize(
    ("line", "pace"), [("slow", 1_000_000), ("fast", 8_000_000)], ids=["1 MB a second", "8 MB a second"]
)
def test_a_download_under_way_breaks_off(
    start: Start,
    session: Session,
    cast: Cast,
    database: Database,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    line: str,
    pace: int,
) -> None:
    piece, thing = a_large_file(session, cast, settings)
    running = start()
    path = f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/files/{thing.row}"
    asha = session_for(database, cast.asha)
    download = Download(running, path, asha, pace=pace)
    with about_to_report(running, database, cast, piece) as report_it:
        thread = download.begin()
        wait_until(lambda: download.received > 1_500_000, "the download is under way")
        report_it()
        before = download.received
    after_seconds = seconds_to_break_off(running, database, piece.id)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    after = download.received - before
    with capsys.disabled():
        print(f"\n{line}: {after / 1e6:.2f} MB after the report; broken off {after_seconds:.2f} s after it")
    assert download.announced == SIZE > download.received, "it broke off before its end"
    assert bytes(download.data) == thing.data[: download.received], "what arrived is the file's own beginning"
    assert after <= ASK_AGAIN_BYTES + CHUNK + kernel_holds()
    asked_for_more = (
        CHUNK + kernel_holds()
    ) / pace  # a slow line asks for the next part when it has room for it
    assert after_seconds <= ASK_AGAIN_SECONDS + asked_for_more + SLACK_SECONDS
    with client(running, asha) as again:
        assert again.get(path).status_code == 404
    assert not [one for one in running.log if NAME in one]


def test_no_export_holds_a_word_of_a_piece_so_none_has_to_break_off(
    start: Start, session: Session, cast: Cast, database: Database, settings: Settings
) -> None:
    """Asked for before anybody reported it, when every word stands open."""
    piece = a_submitted(
        session, session.get_one(Apprenticeship, cast.amina_at.id), "K7", title=f"With {NAME}"
    )
    commit(session)
    running = start()
    exports = [f"/cohorts/{cast.cohort.id}/export.csv", f"/cohorts/{cast.cohort.id}/export.xlsx"]
    exports += [f"/providers/{cast.provider.id}/ledger/export.json"]
    with client(running, session_for(database, cast.priya)) as priya:
        listed = priya.get(f"/apprenticeships/{piece.apprenticeship_id}/evidence").text
        assert NAME in listed, "the control"
        for address in exports:
            answer = priya.post(address)
            assert answer.status_code == 200, (address, answer.text[:300])
            assert len(answer.content) > 200
            assert NAME.encode() not in plain_bytes(answer.content)


def plain_bytes(content: bytes) -> bytes:
    """A workbook is a ZIP file."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist())
