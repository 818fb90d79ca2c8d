"""Stopping: what is under way finishes, or fails so that nothing of it is half there; then the process is gone."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from portfolio.database import Database
from tests.builders import Cast
from tests.evidence.steps import all_files, all_pieces, complete, pages_of
from tests.serving.fixtures import Start
from tests.serving.running import PATIENCE, Running, children_of, client, session_for, wait_until


def form_of(boundary: str, fields: dict[str, Any], file: str, content: bytes) -> bytes:
    """A form with one file as a browser writes it."""
    pairs = [
        (name, one)
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n'.encode()
        for name, one in pairs
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{file}"\r\n'
        f"Content-Type: text/plain\r\n\r\n".encode()
        + content
        + b"\r\n"
    )
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def begin_upload(running: Running, path: str, cookie: str, body: bytes) -> socket.socket:
    """The head and the first half of the form; the rest is the caller's."""
    connection = socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nCookie: {cookie}\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body[: len(body) // 2])
    return connection


def answer_of(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    parts = []
    with connection:
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
    return b"".join(parts)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_upload_under_way_is_finished_and_confirmed(
    start: Start, database: Database, cast: Cast, processes: int
) -> None:
    running = start(processes=processes)
    cookie = session_for(database, cast.amina)
    body = form_of("x", complete(), "notes.txt", b"what I saw and did\n" * 240_000)
    upload = begin_upload(running, pages_of(cast.amina_at), cookie, body)
    wait_until(lambda: staged(running), "the upload has begun")
    running.process.send_signal(signal.SIGTERM)
    wait_until(lambda: refuses(running.port), "nothing new is accepted")
    assert running.process.poll() is None
    upload.sendall(body[len(body) // 2 :])
    answer = answer_of(upload)
    assert answer.startswith(b"HTTP/1.1 303"), answer[:300]
    assert running.process.wait(PATIENCE) == 0
    assert len(all_pieces(database)) == 1
    assert [file.size for file in all_files(database)] == [240_000 * 19]


def test_an_upload_that_takes_too_long_is_ended_and_nothing_of_it_is_there(
    start: Start, database: Database, cast: Cast
) -> None:
    running = start(graceful_seconds=1)
    cookie = session_for(database, cast.amina)
    body = form_of("x", complete(), "notes.txt", b"what I saw and did\n" * 240_000)
    upload = begin_upload(running, pages_of(cast.amina_at), cookie, body)
    wait_until(lambda: staged(running), "the upload has begun")
    running.process.send_signal(signal.SIGTERM)
    answer = answer_of(upload)
    assert not answer or answer.startswith(b"HTTP/1.1 503"), answer[:300]
    assert b"500 Internal" not in answer
    assert running.process.wait(PATIENCE) == 0
    assert all_pieces(database) == []
    assert all_files(database) == []
    assert not staged(running)
    assert not any(json.loads(line).get("error") for line in running.log)


def test_a_process_that_is_idle_stops_at_once_and_again(start: Start, cast: Cast) -> None:
    running = start()
    with client(running) as browser:
        assert browser.get("/sign-in").status_code == 200
        assert running.stop() == 0
    assert refuses(running.port)


def test_a_process_that_dies_is_replaced_and_the_last_to_go_is_the_parent(start: Start, cast: Cast) -> None:
    running = start("--processes", "2")
    first = workers_of(running)
    os.kill(first[0], signal.SIGKILL)
    wait_until(lambda: len(set(workers_of(running)) - set(first)) == 1, "another takes its place")
    with client(running) as browser:
        assert browser.get("/sign-in").status_code == 200
    now = workers_of(running)
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait(PATIENCE)
    wait_until(lambda: all(gone(pid) for pid in now), "they leave with their parent")


def workers_of(running: Running) -> list[int]:
    """The processes that serve; Python's own helper that tracks resources is not one of them."""
    return [
        pid
        for pid in children_of(running.process.pid)
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def staged(running: Running) -> bool:
    """Whether a file is on its way in."""
    return any((running.said.parent.parent / "files" / ".staging").rglob("*.part"))


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return True
    time.sleep(0.05)
    return False
