"""A line between the browser and the server that can be cut, that loses answers, and on which another network answers.

The service worker's own requests go through it too, which a browser's own tools do not reach.
"""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOTEL = b"<!doctype html><title>Hotel</title><h1>Welcome to our network</h1>"
ALONE = ("connection", "transfer-encoding", "keep-alive", "content-length")


class Line:
    """`address`: what the browser is given. `lies`: a hotel's page instead of every answer; `cut`: nothing arrives;
    `loses`: requests whose path matches arrive, and their answers do not, so many times."""

    def __init__(self, server: str) -> None:
        self.server = urlsplit(server).netloc
        self.lies = self.cut = False
        self.loses: re.Pattern[str] | None = None
        self.times = 0
        self.lost: list[str] = []
        self.passed: list[str] = []
        self.address = ""

    def answer_is_lost(self, path: str) -> bool:
        if self.loses is None or not self.times or not self.loses.search(path):
            return False
        self.times -= 1
        self.lost.append(path)
        return True


@contextmanager
def a_line(server: str) -> Iterator[Line]:
    """A line on a free port of loopback, until the end of the block."""
    line = Line(server)

    class Between(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self.close_connection = True
            if line.cut:
                return
            if line.lies:
                self._say(200, [("Content-Type", "text/html")], HOTEL)
                return
            asked = http.client.HTTPConnection(line.server, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            headers["Host"] = line.server
            asked.request(self.command, self.path, body, headers)
            answer = asked.getresponse()
            data = answer.read()
            asked.close()
            line.passed.append(f"{self.command} {self.path}")
            if line.answer_is_lost(self.path):
                return
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in ALONE]
            self._say(answer.status, kept, data)

        do_POST = do_GET  # noqa: N815 - named by the library

        def _say(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing: a line does not talk."""

    between = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    between.daemon_threads = True
    line.address = f"http://127.0.0.1:{between.server_address[1]}"
    running = threading.Thread(target=between.serve_forever, daemon=True)
    running.start()
    try:
        yield line
    finally:
        between.shutdown()
        between.server_close()
        running.join(10)
