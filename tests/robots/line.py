"""The bad line between a phone and the server: narrow, slow, cut, and at times not the server at all.

Every request comes over a connection of its own. One in so many meets a fault; at the moment that a round asks for,
the line stops in the middle of what it does until the phone has been killed.
"""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.robots.stops import Stop

BLOCK = 8192
HELD_AT_MOST = 90
"""Seconds that a request is held for a kill that does not come."""
FAULTS = ("cut while sending", "taken, answer lost", "half of the answer", "not let through")
WELCOME = (
    b"<!doctype html><title>Welcome</title><h1>Welcome to the hotel</h1><p>Accept our terms to go online."
)
KINDS = (
    ("draft", re.compile(r"/evidence/drafts$")),
    ("piece", re.compile(r"/uploads/[^/]+/chunks/(\d+)$")),
    ("finish", re.compile(r"/uploads/[^/]+/finish$")),
    ("announced", re.compile(r"/uploads$")),
)


class Cut(Exception):
    """This connection ends here."""


@dataclass(frozen=True)
class Request:
    """The head of a request, and how many bytes follow it."""

    head: bytes
    method: str
    path: str
    length: int
    kind: str = ""
    number: int = 0

    @classmethod
    def read(cls, head: bytes) -> Request:
        first, *fields = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        found = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in fields)}
        path = target.partition("?")[0]
        kind, number = "", 0
        for name, pattern in KINDS if method == "POST" else ():
            if match := pattern.search(path):
                kind, number = name, int(match[1]) if match.groups() else 0
                break
        return cls(head, method, path, int(found.get("content-length", 0)), kind, number)


@dataclass
class Counts:
    """What the line did since it was last asked."""

    faults: Counter[str] = field(default_factory=Counter)
    lies: int = 0
    piece_bytes: int = 0
    """Bytes of pieces that left the phone, whether they arrived or not."""


class Line:
    """Listens on a port of its own and passes on to the server. `rate`: bytes a second, of both directions together;
    `delay`: seconds before a request, and before its answer; `loss`: the share of requests that meets a fault."""

    def __init__(self, server: int, *, rate: int, delay: float, loss: float, seed: str) -> None:
        self.server, self.rate, self.delay, self.loss = server, rate, delay, loss
        self.chance = random.Random(seed)
        self.counts, self.pieces_of_file = Counts(), 1
        self.stop_at: Stop | None = None
        self.reached, self.released = threading.Event(), threading.Event()
        self.at_piece: list[tuple[int, Callable[[], None]]] = []
        self._lock, self._pace_lock, self._free_at = threading.Lock(), threading.Lock(), 0.0
        self._lying_until = 0.0
        self._lie = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * BLOCK)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.released.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def arm(self, stop: Stop | None) -> None:
        """The next request that this stop speaks of is held where it says; then `reached` is set."""
        with self._lock:
            self.reached.clear()
            self.released = threading.Event()
            self.stop_at = stop

    def lie_for(self, seconds: float) -> None:
        """Whatever is asked, the network's own page answers."""
        self._lying_until = time.monotonic() + seconds

    @property
    def lying(self) -> bool:
        return time.monotonic() < self._lying_until

    def fresh_counts(self) -> Counts:
        """What was counted until now; from here it is counted anew."""
        with self._lock:
            before, self.counts = self.counts, Counts()
        return before

    def put_back(self, counts: Counts) -> None:
        """Go on counting from here."""
        with self._lock:
            self.counts = counts

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, Cut):
            came = b""
            while b"\r\n\r\n" not in came:
                more = client.recv(BLOCK)
                if not more:
                    return
                came += more
            head, _, body = came.partition(b"\r\n\r\n")
            request = Request.read(head)
            time.sleep(self.delay)
            if self.lying:
                self._answer_with_a_lie(client, request, len(body))
                return
            self._happen(request)
            self._pass_on(client, request, body, self._stop_for(request))

    def _happen(self, request: Request) -> None:
        """What a round wants to happen at this piece, once."""
        if request.kind != "piece":
            return
        with self._lock:
            due = [one for one in self.at_piece if request.number >= one[0]]
            self.at_piece = [one for one in self.at_piece if one not in due]
        for _, happens in due:
            happens()

    def _stop_for(self, request: Request) -> Stop | None:
        with self._lock:
            stop = self.stop_at
            if stop is None or not stop.means(request.kind, request.number, self.pieces_of_file):
                return None
            self.stop_at = None
            return stop

    def _fault(self) -> str:
        with self._lock:
            if self.chance.random() >= self.loss:
                return ""
            fault = self.chance.choice(FAULTS)
            self.counts.faults[fault] += 1
            return fault

    def _pass_on(self, client: socket.socket, request: Request, body: bytes, stop: Stop | None) -> None:
        fault = "" if stop else self._fault()
        where = stop.where if stop else ""
        if fault == "not let through":
            raise Cut
        if where == "asked":
            self._hold()
        lines = [line for line in request.head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self.server)) as server:
            server.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n")
            halves = where == "half" or fault == "cut while sending"
            self._body(client, server, request, body, request.length // 2 if halves else request.length)
            if where == "half":
                self._hold()
            if halves and request.length:
                raise Cut
            if where == "under way":
                self._hold()
            answer = _all_of(server)
        if where == "answer":
            self._hold()
        if fault == "taken, answer lost":
            raise Cut
        time.sleep(self.delay)
        self._send(client, answer[: len(answer) // 2] if fault == "half of the answer" else answer)

    def _hold(self) -> None:
        self.reached.set()
        self.released.wait(HELD_AT_MOST)
        raise Cut

    def _body(
        self, client: socket.socket, server: socket.socket, request: Request, first: bytes, until: int
    ) -> None:
        """Passes on so many bytes of the body, at the pace of the line."""
        sent, block = 0, first
        while True:
            part = block[: until - sent]
            self._count(request, len(part))
            self._wait_for(len(part))
            server.sendall(part)
            sent += len(part)
            if sent >= until:
                return
            block = client.recv(BLOCK)
            if not block:
                raise Cut

    def _count(self, request: Request, size: int) -> None:
        if request.kind == "piece":
            with self._lock:
                self.counts.piece_bytes += size

    def _send(self, client: socket.socket, data: bytes) -> None:
        for start in range(0, len(data), BLOCK):
            part = data[start : start + BLOCK]
            self._wait_for(len(part))
            client.sendall(part)

    def _wait_for(self, size: int) -> None:
        """One after the other, as on one line of this width."""
        with self._pace_lock:
            self._free_at = max(self._free_at, time.monotonic()) + size / self.rate
            until = self._free_at
        time.sleep(max(0.0, until - time.monotonic()))

    def _answer_with_a_lie(self, client: socket.socket, request: Request, came: int) -> None:
        """200 with a page, a redirect to one, or 204, as the networks of hotels and trains answer in turns."""
        while came < request.length:
            block = client.recv(BLOCK)
            if not block:
                raise Cut
            came += len(block)
            self._count(request, len(block))
        with self._lock:
            self.counts.lies += 1
            self._lie += 1
            lie = self._lie % 3
        if lie == 0:
            head = f"302 Found\r\nLocation: http://localhost:{self.port}/welcome"
        else:
            head = "200 OK" if lie == 1 or request.path == "/welcome" else "204 No Content"
        page = WELCOME if head.startswith("200") else b""
        size = "" if head.startswith("204") else f"Content-Length: {len(page)}\r\n"
        client.sendall(
            f"HTTP/1.1 {head}\r\nContent-Type: text/html\r\n{size}Connection: close\r\n\r\n".encode() + page
        )


def _all_of(server: socket.socket) -> bytes:
    answer = b""
    while block := server.recv(65536):
        answer += block
    if not answer:
        raise Cut
    return answer
