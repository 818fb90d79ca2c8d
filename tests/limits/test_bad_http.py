"""HTTP as nobody honest sends it: answered with a page or a closed door, never with a fault, and no memory is lost."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from portfolio.database import Database
from portfolio.evidence import routes_files
from portfolio.serving.protocol import LEAST_PIECE, PIECES
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, all_pieces, complete, pages_of
from tests.limits.raw import Bystander, connect, exchange, head, read_all, statuses
from tests.serving.fixtures import Start
from tests.serving.running import Running, session_for
from tests.test_architecture import routes

FORM = "Content-Type: application/x-www-form-urlencoded"
PARTS = "Content-Type: multipart/form-data; boundary=x"
CHUNKED = "Transfer-Encoding: chunked"


def corpus(running: Running) -> Iterator[tuple[str, bytes, set[int]]]:
    """What is sent, and which answers are right. No answer at all, only a closed connection, is status 0."""

    def get(path: str, *more: str, host: str = "") -> bytes:
        return head(running, "GET", path, *more, "Connection: close", host=host)

    def post(body: bytes, *more: str, path: str = "/sign-in") -> bytes:
        return head(running, "POST", path, *more, "Connection: close") + body

    long = "a" * 1_000_000
    yield "huge header", get("/", f"X-Long: {long}"), {431, 0}
    yield "many headers", get("/", *[f"X-{n}: a" for n in range(5_000)]), {431, 0}
    yield "long address", get(f"/static/{long}"), {431, 414, 0}
    yield "rather long address", get("/sign-in?next=" + "a" * 20_000), {414}
    yield "long cookie", get("/", "Cookie: a=" + "b" * 20_000), {303}
    yield "bad host", get("/sign-in", host="evil.example"), {400}
    yield "host with a path", get("/sign-in", host="127.0.0.1/../admin?"), {400}
    yield "host of another port", get("/sign-in", host="localhost:1"), {200}
    yield "no host", b"GET /sign-in HTTP/1.1\r\nConnection: close\r\n\r\n", {400}
    yield "two hosts", get("/sign-in", "Host: evil.example"), {400}
    yield "old HTTP without a host", b"GET /sign-in HTTP/1.0\r\n\r\n", {400}
    yield "whole address", get("http://evil.example/sign-in"), {200, 400, 404}
    yield (
        "forwarded by a liar",
        get("/sign-in", "X-Forwarded-For: ' OR 1=1, \xff", "X-Forwarded-Proto: gopher"),
        {200},
    )
    yield (
        "forwarded host",
        get("/admin", "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example"),
        {303},
    )
    yield "null byte", get("/set-password/%00"), {404}
    yield "raw null byte", b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", {400}
    yield "encoded slashes", get("/standards%2f..%2f..%2fetc%2fpasswd"), {404}
    yield "dots", get("/static/../../portfolio/settings.py"), {404}
    yield "bad UTF-8", get("/standards/%ff%fe/%c0%ae"), {404}
    yield "raw bad UTF-8", b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", {400, 404}
    yield "the same parameter again and again", get("/sign-in?" + "next=/admin&" * 300), {200, 414}
    yield "line ends in a parameter", get("/sign-in?next=%0d%0aSet-Cookie:%20a=b"), {200}
    yield "content length that is no number", post(b"a", FORM, "Content-Length: many"), {400}
    yield "negative length", post(b"a", FORM, "Content-Length: -1"), {400}
    yield "endless length", post(b"a", FORM, "Content-Length: 99999999999999999999999"), {400, 413}
    yield "two lengths", post(b"a=1", FORM, "Content-Length: 3", "Content-Length: 30"), {400}
    yield "length and chunks", post(b"0\r\n\r\n", FORM, "Content-Length: 5", CHUNKED), {400}
    yield "bad chunk", post(b"zz\r\n", FORM, CHUNKED), {400, 422, 0}
    yield "body shorter than it says", post(b"a=1", FORM, "Content-Length: 300"), {408}
    yield "larger than everything", post(b"", PARTS, "Content-Length: 900000000000"), {413}
    yield "ten thousand fields", post(*sized(b"a=1&" * 10_000), FORM), {400}
    yield "ten thousand parts", post(*sized(part(b"a") * 10_000 + b"--x--\r\n"), PARTS), {400}
    yield "much text in many parts", post(*sized(part(b"a" * 400_000) * 30 + b"--x--\r\n"), PARTS), {413}
    yield "parts in parts", post(*sized(nested(400)), PARTS), {400, 413, 422}
    yield (
        "a part with a thousand headers",
        post(*sized(b"--x\r\n" + b"A: b\r\n" * 1_000 + b"\r\n\r\n--x--\r\n"), PARTS),
        {400},
    )
    yield "only line ends", post(*sized(b"--x\r\n" + b"\r\n" * 900_000), PARTS), {400, 413}
    yield "no method we know", b"GIVE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", {400}
    yield "not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), {400}
    yield "HTTP/2 straight away", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 0}
    yield "connect", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", {400, 404, 405, 0}
    yield (
        "upgrade",
        get("/sign-in", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"),
        {200},
    )
    yield "line folding", get("/sign-in", "X-A: a\r\n b"), {200, 400}
    yield "space before the colon", get("/sign-in", "Content-Length : 5"), {400}
    yield "many requests ahead", get("/sign-in") * 500, {200, 400, 0}
    yield "many ranges", get("/static/app.css", "Range: bytes=" + "0-1," * 5_000), {200, 404, 416, 414}


def sized(body: bytes) -> tuple[bytes, str]:
    return body, f"Content-Length: {len(body)}"


def part(text: bytes) -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + text + b"\r\n"


def nested(depth: int) -> bytes:
    inner = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (level, level + 1)
        for level in range(depth)
    )
    return (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n'
        + inner
        + b"\r\n--x--\r\n"
    )


def test_nothing_of_it_is_a_fault_and_somebody_else_gets_their_page(start: Start, cast: Cast) -> None:
    running = start(body_window_seconds=5, header_seconds=5)
    wrong = []
    bystander = Bystander(running)
    bystander.ask()
    before = running.memory()
    with bystander.asking():
        for name, request, right in corpus(running):
            found = set(statuses(exchange(running, request))) or {0}
            if not found <= right:
                wrong.append((name, sorted(found), sorted(right)))
    assert not wrong, "\n".join(map(str, wrong))
    assert set(bystander.got) == {200}
    assert running.process.poll() is None
    assert running.memory() - before < 256 * 1024 * 1024
    lines = [json.loads(line) for line in running.log]
    faults = [line for line in lines if line["level"] in ("error", "critical")]
    assert not faults, "\n".join(f"{line['error']}: {line['where']}" for line in faults)
    assert "evil.example" not in running.said.read_text()


def test_endless_bodies_are_cut_off_and_nothing_of_them_is_kept(
    start: Start, database: Database, cast: Cast
) -> None:
    """Chunks without end: to a form, to an upload, and to an address that reads no body at all."""
    running = start(file_limit_mb=1, files_per_piece=2, form_limit_mb=0.5)
    cookie = session_for(database, cast.amina)
    before = running.memory()
    bystander = Bystander(running)
    signed = (f"Cookie: {cookie}", "Sec-Fetch-Site: same-origin")
    file = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    with bystander.asking():
        found = [
            pour(running, head(running, "POST", "/sign-in", FORM, CHUNKED), b""),
            pour(running, head(running, "POST", pages_of(cast.amina_at), PARTS, CHUNKED, *signed), file),
            pour(running, head(running, "POST", "/nowhere", PARTS, CHUNKED), b""),
            pour(running, head(running, "GET", "/sign-in", CHUNKED), b""),
        ]
    assert found == [[413], [413], [404], [200]]
    assert set(bystander.got) == {200}
    assert running.memory() - before < 256 * 1024 * 1024
    assert all_pieces(database) == []
    assert not list(Path(running.said.parent.parent / "files" / ".staging").rglob("*.part"))


def test_what_surrounds_a_body_is_cut_off_before_it_costs_anybody_anything(start: Start, cast: Cast) -> None:
    """Trailers and extensions of chunks without end, and chunks of a byte each: every one costs as much as a large
    one, and a trailer is gathered in memory. With an answer that was given already, and with one that waits."""
    running = start()
    bystander = Bystander(running)
    bystander.ask()
    before = running.memory()
    unread = head(running, "GET", "/healthz", CHUNKED)
    waiting = head(running, "POST", "/sign-in", FORM, CHUNKED)
    found = {}
    with bystander.asking():
        for request in (unread, waiting):
            found[request, "trailer"] = taken(running, request + b"0\r\nX: ", b"a" * 1_000)
            found[request, "extension"] = taken(running, request + b"1;a=", b"b" * 1_000)
            found[request, "leading zeros"] = taken(running, request, b"0" * 1_000)
            found[request, "a byte at a time"] = taken(running, request, b"1\r\na\r\n" * 200)
    assert all(size < MOST_TAKEN for size in found.values()), found
    assert set(bystander.got) == {200}
    assert running.memory() - before < 64 * 1024 * 1024
    assert not any(json.loads(line)["level"] in ("error", "critical") for line in running.log)


MOST_TAKEN = 16_000_000
"""What the buffers of two sockets may hold, and not more."""


def taken(running: Running, beginning: bytes, more: bytes) -> int:
    """How much the server takes of this before it closes; `MOST_TAKEN` if it goes on and on."""
    sent = 0
    with connect(running) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(beginning)
        while sent < MOST_TAKEN:
            connection.sendall(more * 64)
            sent += len(more) * 64
    return sent


def test_a_film_in_modest_chunks_is_taken(start: Start, database: Database, cast: Cast) -> None:
    """As some programs on phones send it: many times as many chunks as may be tiny, each in a packet of its own."""
    running = start()
    cookie = session_for(database, cast.amina)
    fields = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
        for name, value in complete(claim="K7").items()
    )
    file = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + b"word " * 300_000
    )
    body = fields + file + b"\r\n--x--\r\n"
    step = 2 * LEAST_PIECE
    assert len(body) // step > 2 * PIECES
    upload = ("POST", pages_of(cast.amina_at), f"Cookie: {cookie}", "Sec-Fetch-Site: same-origin", PARTS)
    with connect(running) as phone:
        phone.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        phone.sendall(head(running, *upload, CHUNKED, "Connection: close"))
        for begin in range(0, len(body), step):
            piece = body[begin : begin + step]
            phone.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        phone.sendall(b"0\r\nX-Checked: yes\r\n\r\n")
        assert statuses(read_all(phone)) == [303]
    assert [file.size for file in all_files(database)] == [1_500_000]


def pour(running: Running, request: bytes, beginning: bytes) -> list[int]:
    """Send chunks until the server will have no more of it: at most a gigabyte, of which it must not take the most."""
    piece = b"a" * 100_000
    chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
    taken = 0
    with connect(running) as connection:
        connection.sendall(request)
        with contextlib.suppress(ConnectionError):
            if beginning:
                connection.sendall(b"%x\r\n%s\r\n" % (len(beginning), beginning))
            for _ in range(10_000):
                connection.sendall(chunk)
                taken += len(piece)
        assert taken < 200_000_000, "it was never cut off"
        return statuses(early(connection))


def early(connection: object) -> bytes:
    """The answer that was given while we were still sending."""
    return read_all(connection)  # type: ignore[arg-type]


METHODS = ("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "POST", "GET")
BAD = ("", "%00", "%2f", "..%2f..", "\u202e", "1", "a" * 200, "00000000-0000-0000-0000-000000000000")


@pytest.mark.parametrize("who", ["nobody", "amina", "priya", "admin"])
def test_no_method_and_no_address_is_a_fault(
    app: FastAPI, browser: Callable[..., Browser], cast: Cast, who: str
) -> None:
    page = browser() if who == "nobody" else browser(getattr(cast, who))
    asked = 0
    for route in routes(app):
        for number, method in enumerate(METHODS):
            path = route.path
            while "{" in path:  # each gap gets another strange filling, and each method others
                gap = path[path.index("{") : path.index("}") + 1]
                path = path.replace(gap, BAD[(asked + number) % len(BAD)], 1)
            if route.name in ("people.sign_out", "serving.readyz") or "%00" in path.split("/")[-1:]:
                continue
            answer = page.request(method, path, headers={"X-Forwarded-For": "nonsense"})
            assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
            asked += 1
    assert asked > 400


def test_only_our_own_host_is_answered_but_probes_come_by_number(
    app: FastAPI, browser: Callable[..., Browser]
) -> None:
    page = browser()
    assert page.get("/sign-in", headers={"Host": "TESTSERVER:8443"}).status_code == 200
    for host in ("evil.example", "127.0.0.1", "testserver.evil.example", "", "a b", "[::1", "testserver:"):
        refused = page.get("/sign-in", headers={"Host": host})
        assert refused.status_code == 400, host
        assert "http://testserver" in refused.text
    for host in ("127.0.0.1:8000", "10.1.2.3", "[::1]:8000", "localhost"):
        assert page.get("/healthz", headers={"Host": host}).status_code == 200
    assert page.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_files_are_served_one_range_at_a_time() -> None:
    from storage.checks import parse_range

    assert routes_files.parse_range is parse_range
    assert parse_range("bytes=0-1,2-3,5-", 100) is None
