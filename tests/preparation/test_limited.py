"""A hostile file is met by a process that has nothing: not our memory, our time, our secrets, nor a network."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import limited
from storage.limited import MIB, Limits, Stopped, in_child, usual_limits
from tests.preparation import hostile
from tests.real import missing

ROOT = Path(__file__).resolve().parents[2]


def stopped(function: Callable[..., dict[str, object]], *arguments: str | int, **limits: float) -> str:
    with pytest.raises(Stopped) as caught:
        in_child(function, *arguments, limits=Limits(**limits))  # type: ignore[arg-type]
    return caught.value.cause


def resident() -> int:
    """Bytes of memory that this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)
        yield server


def nobody_called(server: socket.socket) -> bool:
    try:
        connection, _ = server.accept()
    except TimeoutError:
        return True
    connection.close()
    return False


def test_it_answers_what_it_was_asked() -> None:
    assert in_child(hostile.answer, "ŵ “quoted” $(x)", 7) == {"given": ["ŵ “quoted” $(x)", 7]}


def test_it_is_given_no_secret_no_open_file_and_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTFOLIO_SECRET", "not for a decoder")
    with Path(__file__).open("rb"):
        found = in_child(hostile.surroundings)
    assert not {name for name in found["environment"] if name.startswith("PORTFOLIO")}
    assert set(found["environment"]) <= {"LC_CTYPE"}  # Python's own word about its encoding
    assert found["isolated"]
    assert found["stdin"] == ""
    assert len(found["open"]) <= 4  # in, out, errors, and the listing itself
    assert not Path(found["folder"]).exists()  # gone with the process
    limits = usual_limits()
    assert found["limits"] == {
        "AS": limits.memory, "CPU": limits.cpu, "FSIZE": limits.written, "NOFILE": limits.files, "CORE": 0,
    }  # fmt: skip


def test_one_that_eats_memory_is_stopped_and_ours_stays_as_it_was() -> None:
    in_child(hostile.answer)
    before = resident()
    assert stopped(hostile.eat_memory, memory=400 * MIB) == "memory"
    assert resident() - before < 20 * MIB


def test_one_that_eats_time_is_stopped_by_the_kernel() -> None:
    assert stopped(hostile.eat_time, cpu=1) == "time"


def test_one_that_does_nothing_for_ever_is_given_up_and_is_gone() -> None:
    assert stopped(hostile.sleep, 600, seconds=1.5) == "busy"
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    assert not [pid for pid in children if "limited_worker" in Path(f"/proc/{pid}/cmdline").read_text()]


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_is_an_answer_too(number: int) -> None:
    assert stopped(hostile.die, int(number)) == "failed"


def test_one_that_talks_without_end_fills_neither_memory_nor_disk() -> None:
    before = resident()
    assert stopped(hostile.talk_for_ever, written=8 * MIB) == "failed"
    assert resident() - before < 20 * MIB


def test_one_that_fills_the_disk_is_stopped() -> None:
    assert stopped(hostile.fill_disk, written=8 * MIB) == "failed"


def test_python_refuses_it_a_socket_and_another_program(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    assert stopped(hostile.call_home, port) == "failed"
    assert stopped(hostile.start_a_program) == "failed"
    assert stopped(hostile.start_a_shell) == "failed"
    assert nobody_called(listening)


def test_the_kernel_gives_it_no_network_whatever_code_it_runs(listening: socket.socket) -> None:
    """The refusals of Python do not bind machine code; an empty network does."""
    networks = in_child(hostile.surroundings)["networks"]
    if "eth0" in networks or networks != ["lo"]:
        missing("a network of its own for decoders: this kernel or container allows no user namespaces")
    assert in_child(hostile.call_home_without_python, listening.getsockname()[1]) == {"sent": False}
    assert nobody_called(listening)


def test_the_kernel_refuses_it_sockets_and_programs_even_where_no_network_of_its_own_is_allowed() -> None:
    """The filter alone, without the empty network and without Python's refusals: as in a container."""
    script = f"""
import ctypes, json, sys
sys.path.insert(0, {str(ROOT)!r})
from storage import limited_worker
before = ctypes.CDLL(None).socket(2, 1, 0)
limited_worker.refuse_system_calls()
libc = ctypes.CDLL(None, use_errno=True)
after, why = libc.socket(2, 1, 0), ctypes.get_errno()
program = libc.execv(b"/bin/true", (ctypes.c_char_p * 2)(b"/bin/true", None))
print(json.dumps([before >= 0, after, why, program, open("/proc/self/comm").read() != ""]))
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == [True, -1, errno.EPERM, -1, True]


def test_nobody_else_reads_the_memory_of_a_process_that_serves() -> None:
    script = f"""
import ctypes, sys
sys.path.insert(0, {str(ROOT)!r})
from storage.limited import close_memory
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
close_memory()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["1", "0"]


def test_no_more_run_at_once_than_may(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two places and three files: the third begins only when another has come to its end."""
    monkeypatch.setattr("storage.limited._places", limited._Places())
    go = tmp_path / "go"
    threads = [threading.Thread(target=in_child, args=(hostile.wait_for, str(go))) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        seen = [running()]
        while seen[-1] < 2 and len(seen) < 600:
            time.sleep(0.05)
            seen.append(running())
        for _ in range(10):  # time enough for a third, if it were let in
            time.sleep(0.05)
            seen.append(running())
    finally:
        go.touch()
        for thread in threads:
            thread.join()
    assert max(seen) == 2


def running() -> int:
    return sum("hostile:wait_for" in line for line in command_lines())


def command_lines() -> Iterator[str]:
    """Of the processes that this one started."""
    own = str(os.getpid())
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.joinpath("stat").read_text().rpartition(")")[2].split()[1] == own:
                yield folder.joinpath("cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
