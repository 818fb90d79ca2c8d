"""An HTTP proxy that a test puts before the store, and that goes wrong in the way and at the time it is told.

    with FaultProxy(s3.endpoint) as proxy:
        proxy.hurt("drop", only="PUT", times=1)
        …
        assert proxy.hits == 1
        proxy.heal()

Ways to hurt: `refuse` (nobody listens), `hang` (the request is taken, no answer comes), `503`, `drop` (the store
does the work, the answer is lost), `cut` (half of the answer's body, then nothing), `wrong` (one byte of the
answer's body is another), `wrong_in` (one byte of what is sent), `slow` (the answer trickles).
"""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

WAYS = ("refuse", "hang", "503", "drop", "cut", "wrong", "wrong_in", "slow")


class FaultProxy:
    """`hurt` and `heal` at any time; `hits` counts the requests that were hurt, `seen` all of them."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self._lock = threading.Lock()
        self._way, self._only, self._after, self._times = "", "", 0, -1
        self.hits, self.seen = 0, 0
        self.healed = threading.Event()
        self.connections: set[socket.socket] = set()
        self._server: _Server | None = None
        self._port = 0
        self._listen()
        self.endpoint = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *error: object) -> None:
        self.heal()
        self._stop_listening()

    def hurt(self, way: str, *, only: str = "", after: int = 0, times: int = -1) -> None:
        """From now on, or for so many requests: those whose line ("PUT /bucket/key?query") contains `only`, but
        for the first `after` of them."""
        assert way in WAYS
        self.heal()
        with self._lock:
            self._way, self._only, self._after, self._times, self.hits = way, only, after, times, 0
            self.healed.clear()
        if way == "refuse":
            self._stop_listening()

    def heal(self) -> None:
        """Everything goes through again; what hung is cut off."""
        with self._lock:
            self._way = ""
            self.healed.set()
        if self._server is None:
            self._listen()

    def fault_for(self, line: str) -> str:
        """What is to happen to this request."""
        with self._lock:
            self.seen += 1
            if not self._way or self._only not in line or self._times == 0:
                return ""
            if self._after:
                self._after -= 1
                return ""
            self._times -= 1
            self.hits += 1
            return self._way

    def _listen(self) -> None:
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.proxy = self
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _stop_listening(self) -> None:
        if self._server is None:
            return
        self._server.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._server = None


class _Server(ThreadingHTTPServer):
    proxy: FaultProxy
    daemon_threads = False  # closing waits for the handlers, so that no thread or socket outlives its test

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is what we are for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.proxy.connections.add(self.connection)

    def finish(self) -> None:
        self.server.proxy.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle_any(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = proxy.fault_for(f"{self.command} {self.path}")
        if fault == "hang":
            proxy.healed.wait(60)
        if fault in ("hang", "refuse"):
            self.close_connection = True
        elif fault == "503":
            self._answer(503, [("Content-Length", "0")], b"")
        else:
            self._pass_on(_one_byte_other(body) if fault == "wrong_in" else body, fault)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815 - the library's names

    def _pass_on(self, body: bytes, fault: str) -> None:
        target = self.server.proxy.target
        backend = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
        try:
            backend.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() != "expect":  # answered by the library already
                    backend.putheader(name, value)
            backend.endheaders(body)
            answer = backend.getresponse()
            content = answer.read()
        finally:
            backend.close()
        if fault == "drop":
            self.close_connection = True
            return
        left_out = ("transfer-encoding", "content-length", "connection", "keep-alive")
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in left_out]
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self._answer(answer.status, [*headers, ("Content-Length", length or "0")], content, fault)

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes, fault: str = "") -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if fault == "cut":
            self.close_connection = True
            content = content[: len(content) // 2]
        if fault == "slow":
            for start in range(0, len(content), max(1, len(content) // 8)):
                self.wfile.write(content[start : start + max(1, len(content) // 8)])
                self.server.proxy.healed.wait(0.25)
            return
        self.wfile.write(_one_byte_other(content) if fault == "wrong" else content)

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


def _one_byte_other(data: bytes) -> bytes:
    """The same length, and one bit in the middle turned."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if data else data
