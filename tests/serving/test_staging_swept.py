"""What a process leaves in staging when it is killed is swept by the next; what a living one writes never is.

Real processes and SIGKILL: first processes with nothing but a store, then servers that receive an upload.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from portfolio.database import Database
from storage import open_store
from tests.builders import Cast
from tests.evidence.steps import all_files, all_pieces, complete, pages_of
from tests.serving.fixtures import Start
from tests.serving.fixtures import start as start
from tests.serving.running import ROOT, Running, children_of, session_for, wait_until
from tests.serving.test_stop import begin_upload, form_of

RECEIVES = """
import sys
from pathlib import Path
from storage import open_store
address, folder = sys.argv[1:]
store = open_store(address, **({"staging": Path(folder)} if address.startswith("s3:") else {}))
own = store.staging()
(own / "upload.part").write_bytes(b"half of what I saw")
print(own, flush=True)
sys.stdin.read()
"""
"""A process in the middle of receiving something: says where, and goes on until its input ends or it is killed."""
HALVES = b"what I saw and did\n" * 240_000


class Receiver:
    """One such process over a store."""

    def __init__(self, address: str, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RECEIVES, address, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.part = Path(self.process.stdout.readline().strip()) / "upload.part"

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def kill(self) -> None:
        """SIGKILL; returns when the process is gone."""
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait(60) == -signal.SIGKILL

    def end(self) -> None:
        """As a process ends by itself."""
        self.process.communicate()
        assert self.process.returncode == 0


@pytest.fixture(params=["folder", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The S3 store stages in a folder of this machine, and asks no server for that."""
    return f"folder:{tmp_path / 'files'}" if request.param == "folder" else "s3://bucket"


def receiver(address: str, tmp_path: Path, stack: ExitStack) -> Receiver:
    return stack.enter_context(Receiver(address, tmp_path / "staging"))


def test_a_dead_process_is_swept_by_the_next_and_a_living_one_is_not(address: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        alive, dead = receiver(address, tmp_path, stack), receiver(address, tmp_path, stack)
        assert alive.part.parent.parent == dead.part.parent.parent
        assert alive.part.parent != dead.part.parent
        dead.kill()
        assert dead.part.read_bytes() == b"half of what I saw", "nobody could tidy up after it"
        after = receiver(address, tmp_path, stack)
        assert not dead.part.parent.exists()
        assert alive.part.read_bytes() == after.part.read_bytes() == b"half of what I saw"
        alive.kill()
        after.kill()
        last = receiver(address, tmp_path, stack)
        assert list(last.part.parent.parent.iterdir()) == [last.part.parent]


def test_a_process_that_ends_by_itself_leaves_no_folder(address: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        one = receiver(address, tmp_path, stack)
        one.end()
        assert list(one.part.parent.parent.iterdir()) == []


def test_a_living_process_is_not_swept_however_old_its_folder_is(tmp_path: Path) -> None:
    """A slow sender is no dead one: the age of a folder says nothing."""
    address = f"folder:{tmp_path / 'files'}"
    with ExitStack() as stack:
        slow = receiver(address, tmp_path, stack)
        for path in (slow.part, slow.part.parent):
            os.utime(path, (0, 0))
        open_store(address)
        assert slow.part.read_bytes() == b"half of what I saw"


def test_a_stopped_process_is_still_a_living_one(tmp_path: Path) -> None:
    """Suspended, as a machine suspends it: it may wake up and go on writing."""
    address = f"folder:{tmp_path / 'files'}"
    with ExitStack() as stack:
        asleep = receiver(address, tmp_path, stack)
        asleep.process.send_signal(signal.SIGSTOP)
        open_store(address)
        assert asleep.part.exists()
        asleep.process.send_signal(signal.SIGCONT)
        asleep.end()


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """In a folder that others use as well, such as the temporary one."""
    address, staging = "s3://bucket", tmp_path / "staging"
    other = staging / "of-somebody-else"
    other.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (staging / "uploads-link").symlink_to(tmp_path / "elsewhere")
    with ExitStack() as stack:
        receiver(address, tmp_path, stack)
        assert other.is_dir()
        assert (tmp_path / "elsewhere").is_dir()


# Servers that receive an upload


def parts(running: Running) -> list[Path]:
    """Files on their way in."""
    return sorted((running.said.parent.parent / "files" / ".staging").rglob("*.part"))


@pytest.fixture
def body() -> bytes:
    return form_of("x", complete(), "notes.txt", HALVES)


@pytest.fixture
def uploads() -> Iterator[list[socket.socket]]:
    """Uploads under way: their lines are closed at the end."""
    found: list[socket.socket] = []
    yield found
    for one in found:
        one.close()


def test_a_server_that_is_killed_while_it_receives_is_swept_by_the_next_start(
    start: Start, database: Database, cast: Cast, body: bytes, uploads: list[socket.socket]
) -> None:
    first = start()
    cookie = session_for(database, cast.amina)
    uploads.append(begin_upload(first, pages_of(cast.amina_at), cookie, body))
    wait_until(lambda: parts(first), "the upload has begun")
    [left] = parts(first)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait(60)
    assert left.exists()
    start()
    assert not left.parent.exists()
    assert all_pieces(database) == []


def test_another_host_that_starts_does_not_sweep_an_upload_under_way(
    start: Start, database: Database, cast: Cast, body: bytes, uploads: list[socket.socket]
) -> None:
    first = start()
    cookie = session_for(database, cast.amina)
    upload = begin_upload(first, pages_of(cast.amina_at), cookie, body)
    uploads.append(upload)
    wait_until(lambda: parts(first), "the upload has begun")
    under_way = parts(first)
    start()
    assert parts(first) == under_way
    upload.sendall(body[len(body) // 2 :])
    assert upload.recv(100).startswith(b"HTTP/1.1 303")
    assert [file.size for file in all_files(database)] == [len(HALVES)]


def test_of_two_processes_of_one_server_the_dead_ones_folder_goes_and_the_others_upload_is_finished(
    start: Start, database: Database, cast: Cast, body: bytes, uploads: list[socket.socket]
) -> None:
    running = start("--processes", "2", uploads_per_person=20)
    cookie = session_for(database, cast.amina)
    while len({part.parent for part in parts(running)}) < 2:
        assert len(uploads) < 20, "all uploads came to one process"
        uploads.append(begin_upload(running, pages_of(cast.amina_at), cookie, body))
        wait_until(lambda: len(parts(running)) == len(uploads), "the upload has begun")
    (dead, lost), (_, kept) = receivers(running)
    os.kill(dead, signal.SIGKILL)
    wait_until(lambda: not lost.exists(), "the one that takes its place sweeps what it left")
    assert [part for part in parts(running) if part.parent == kept], "its upload goes on"
    confirmed = [upload for upload in uploads if finished(upload, body)]
    assert len(all_pieces(database)) == len(confirmed) > 0


def finished(upload: socket.socket, body: bytes) -> bool:
    """Send the other half, where somebody still listens; whether that was confirmed."""
    try:
        upload.sendall(body[len(body) // 2 :])
        return upload.recv(100).startswith(b"HTTP/1.1 303")
    except OSError:
        return False


def receivers(running: Running) -> list[tuple[int, Path]]:
    """The processes that have a file open in staging, each with its folder."""
    found: dict[int, Path] = {}
    for pid in children_of(running.process.pid):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = link.readlink()
            except FileNotFoundError:
                continue
            if target.suffix == ".part":
                found[pid] = target.parent
    return list(found.items())
