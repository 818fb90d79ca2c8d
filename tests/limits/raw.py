"""Requests byte by byte, as no browser sends them, and somebody else who only wants a page meanwhile."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2

from tests.serving.running import PATIENCE, Running


def connect(running: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE)


def head(running: Running, method: str, path: str, *more: str, host: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{running.port}'}", *more]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def exchange(running: Running, request: bytes) -> bytes:
    """Send all of it, as far as the server wants it, and return all that it says until it closes."""
    with connect(running) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """Until the server closes."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def statuses(answer: bytes) -> list[int]:
    """The status of each answer on this connection."""
    lines = [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    return [int(line[9:12]) for line in lines if line[9:12].isdigit() and line[9:12] != b"100"]


def is_open(connection: socket.socket) -> bool:
    """Whether the server has neither answered nor closed."""
    return not select.select([connection], [], [], 0)[0]


@dataclass
class Bystander:
    """Somebody who asks for a page again and again, each time on a connection of their own."""

    running: Running
    got: list[int] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> int:
        with httpx2.Client(timeout=PATIENCE) as client:
            status = client.get(self.running.address + "/sign-in").status_code
        self.got.append(status)
        return status

    @contextlib.contextmanager
    def asking(self) -> Iterator[Bystander]:
        """Ask in a thread while the block runs."""

        def go_on() -> None:
            while not self._over.is_set():
                self.ask()

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()
