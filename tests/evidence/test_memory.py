"""A large upload is streamed to the store, not held in memory: measured on a server of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.database import Database
from portfolio.people.sessions import start_session
from portfolio.web.formats import utc_now
from tests.builders import Cast
from tests.evidence.steps import all_files, pages_of

SIZE = 60_000_000
MOST_GROWTH = 16_000_000
"""Bytes. The whole file in memory would be almost four times that."""

SERVER = """
import resource, sys
import uvicorn
from portfolio.app import create_app
from portfolio.settings import Settings

class Measured:
    def __init__(self, app):
        self.app = app
    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"] == "/peak":
            peak = str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024).encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": peak})
        else:
            await self.app(scope, receive, send)

uvicorn.run(Measured(create_app(Settings())), fd=int(sys.argv[1]), log_level="error")
"""


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[int]:
    """The port of a server over this test's database, with a folder of its own."""
    url = database.engine.url.render_as_string(hide_password=False)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        settings = {
            "PORTFOLIO_SECRET": "a-secret-for-this-test-only-0123456789",
            "PORTFOLIO_DATABASE_URL": url,
            "PORTFOLIO_STORAGE_URL": f"folder:{tmp_path / 'served'}",
            "PORTFOLIO_STANDARDS_FOLDER": str(tmp_path / "standards"),
            "PORTFOLIO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(listening.fileno())],
            pass_fds=[listening.fileno()],
            env=os.environ | settings,
        )
        yield port
        process.terminate()
        process.wait()


def request(port: int, head: str, body_parts: Iterator[bytes]) -> bytes:
    """One HTTP request over a bare socket, so that this process holds no large body either."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode())
        for part in body_parts:
            connection.sendall(part)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def peak(port: int) -> int:
    answer = request(port, "GET /peak HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", iter(()))
    body = answer.split(b"\r\n\r\n", 1)[1]
    return int(body.split(b"\r\n")[1] if b"\r\n" in body else body)


def upload(port: int, token: str, address: str, size: int) -> bytes:
    start = (
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nLarge\r\n'
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="Long.txt"\r\n\r\n'
    )
    end = b"\r\n--b--\r\n"
    line = b"This is written again and again until the file is large.\n"
    block = (line * 2000)[:100_000]
    head = (
        f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nCookie: portfolio={token}\r\n"
        f"Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {len(start) + size + len(end)}\r\n\r\n"
    )
    blocks = (block for _ in range(size // len(block)))
    return request(port, head, (part for parts in ([start], blocks, [end]) for part in parts))


def test_a_large_upload_does_not_grow_the_server(server: int, cast: Cast, database: Database) -> None:
    with database.writing() as session:
        token = start_session(session, session.merge(cast.amina), device="test", now=utc_now())
    address = pages_of(cast.amina_at)
    assert b" 303 " in upload(server, token, address, 1_000_000)[:20]  # everything is loaded by now
    before = peak(server)
    assert b" 303 " in upload(server, token, address, SIZE)[:20]
    grown = peak(server) - before
    assert [file.size for file in all_files(database)] == [1_000_000, SIZE]
    assert grown < MOST_GROWTH, f"the server grew by {grown / 1e6:.0f} MB"
