"""What reaches the disk, and in which order, as the operating system sees it: the answer comes last of all.

Killing a process does not show a missing fsync, since the page cache survives it. A trace of system calls does.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from kbs.catalogue import Catalogue
from tests import real
from tests.durability import trace
from tests.durability.clients import SentFile
from tests.durability.places import application, data
from tests.durability.process import ServerProcess
from tests.durability.world import World, people_in
from tests.evidence.steps import complete

UPLOADS = 50
IN_A_CONTROL = 3


@dataclass
class Traced:
    """A server under strace, with the place of its data; its trace is complete once it is stopped."""

    server: ServerProcess
    world: World
    trace: Path
    folder: Path
    first: list[trace.Call]
    """Of the first start over a fresh database, while people signed in."""

    @property
    def database(self) -> Path:
        return self.folder / "portfolio.db"

    def faults(self, uploads: int, mistake: str = "") -> list[str]:
        """What the trace of so many uploads says, one after another. strace appends: what was before is cut off."""
        self.server.start(mistake=mistake)
        self.trace.write_bytes(b"")
        random = Random(7)
        for _ in range(uploads):
            file = SentFile("Visit.wav", random.getrandbits(64), random.randint(10_000, 400_000))
            key = f"{random.getrandbits(128):032x}"
            form = complete(form_key=key, title="Visit", claim="K1", action="submit")
            path = f"/apprenticeships/{self.world.people.at[0]}/evidence"
            answer = self.world.apprentices[0].post_files(path, form, [(file.name, file.content)])
            assert answer.status == 303
        self.server.stop()
        return trace.faults(trace.read(self.trace), self.folder / "files", self.database)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Traced]:
    if shutil.which("strace") is None:
        real.missing("the trace of system calls: no strace on this machine (Debian: apt-get install strace)")
    folder = tmp_path_factory.mktemp("traced")
    path = folder / "trace"
    with data(folder, None) as settings:
        with application(settings, catalogue) as app:
            people = people_in(app.state.database)
        with ServerProcess(settings, folder / "server.log", prefix=(*trace.COMMAND, str(path))) as server:
            server.start()
            world = World(server.port, 7, people)
            world.sign_in()
            server.stop()
            yield Traced(server, world, path, folder, trace.read(path))


def test_every_upload_is_on_disk_step_by_step_before_it_is_confirmed(traced: Traced) -> None:
    assert traced.faults(UPLOADS) == []


def test_the_first_commit_also_flushes_the_folder_that_now_holds_the_log(traced: Traced) -> None:
    """A log whose name is not on disk is lost with everything that was committed into it."""
    answer = next(call for call in traced.first if trace.says(call, "HTTP/1.1 303"))
    wal = f"{traced.database}-wal"
    written = next(call for call in traced.first if call.writes and call.path == wal)
    folder = [call for call in traced.first if call.syncs and call.path == str(traced.database.parent)]
    assert any(written.ended < call.began and call.ended < answer.began for call in folder)


@pytest.mark.parametrize(
    ("mistake", "sentences"),
    [
        (
            "no_fsync",
            [
                "the file was not flushed before it got its name",
                "the folder of its name was not flushed before the answer",
            ],
        ),
        ("no_sync", ["no commit was written and flushed between the folder and the answer"]),
        ("early", ["it was answered before the file had its name"]),
    ],
)
def test_a_server_that_leaves_a_step_out_is_found_out(
    traced: Traced, mistake: str, sentences: list[str]
) -> None:
    """Or the test above would prove nothing."""
    faults = traced.faults(IN_A_CONTROL, mistake)
    for sentence in sentences:
        assert [fault for fault in faults if sentence in fault], faults
