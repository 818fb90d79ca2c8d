"""One very large upload: against a bare socket that hashes and flushes, and what others notice of it.

Also what a first visit on a phone takes: bytes on the wire and requests.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import secrets
import socket
import statistics
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from kbs.catalogue import load_catalogue
from portfolio.cohorts import progress
from tests.benchmarks.crowds import Crowd, make
from tests.benchmarks.measuring import Client
from tests.benchmarks.pages import fresh_database, settle
from tests.benchmarks.processes import Process, process
from tests.benchmarks.report import Report, ms

PIECE = bytes(range(256)) * 1024
BOUNDARY = "benchmark-of-one-large-file"


def wav(size: int) -> Iterator[bytes]:
    """A sound recording of so many bytes: the simplest kind that may be large."""
    head = (
        b"RIFF"
        + struct.pack("<I", size - 8)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    )
    head += b"data" + struct.pack("<I", size - 44)
    yield head
    left = size - len(head)
    while left > 0:
        yield PIECE[:left]
        left -= len(PIECE)


def run(report: Report, url: str, size: int) -> None:
    catalogue = load_catalogue()
    with tempfile.TemporaryDirectory() as name, fresh_database(url, Path(name)) as database:
        database.keepers.append(partial(progress.keep, catalogue))
        crowd = make(database, catalogue, 100)
        settle(database)
        limit = str(size // 1_000_000 + 100)
        with process(database, Path(name), PORTFOLIO_FILE_LIMIT_MB=limit) as served:
            first_visit(report, served, crowd)
            bare = statistics.median(bare_socket(Path(name), size) for _ in range(3))
            quiet = others_wait(served, crowd, seconds=8)
            large_upload(report, served, crowd, size, bare, quiet)


def bare_socket(folder: Path, size: int) -> float:
    """Seconds that a socket needs which only receives, hashes, writes and flushes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def receive() -> None:
            connection, _ = server.accept()
            digest, target = hashlib.sha256(), folder / "bare"
            with connection, target.open("wb") as file:
                while chunk := connection.recv(1 << 18):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                connection.sendall(digest.digest())
            target.unlink()

        thread = threading.Thread(target=receive)
        thread.start()
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port)) as sender:
            for piece in wav(size):
                sender.sendall(piece)
            sender.shutdown(socket.SHUT_WR)
            assert len(sender.recv(32)) == 32
        spent = time.perf_counter() - began
        thread.join()
    return spent


def others_wait(
    served: Process, crowd: Crowd, *, seconds: float, until: threading.Event | None = None
) -> list[float]:
    """What somebody else waits for the coverage page meanwhile."""
    client = served.client(crowd.apprentices[-2])
    path = f"/apprenticeships/{crowd.apprenticeships[-2]}/statements"
    for _ in range(5):
        client.get(path)
    waits, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end and not (until is not None and until.is_set()):
        began = time.perf_counter()
        client.get(path)
        waits.append(time.perf_counter() - began)
        time.sleep(0.02)
    client.connection.close()
    return waits


def large_upload(
    report: Report, served: Process, crowd: Crowd, size: int, bare: float, quiet: list[float]
) -> None:
    at = crowd.apprenticeships[-1]
    cookie = served.client(crowd.apprentices[-1]).headers["Cookie"]
    over, waits = threading.Event(), []
    watcher = threading.Thread(
        target=lambda: waits.extend(others_wait(served, crowd, seconds=600, until=over))
    )
    served.forget_peak()
    before = served.memory()
    watcher.start()
    time.sleep(0.5)
    began = time.perf_counter()
    status = send(served.port, f"/apprenticeships/{at}/evidence", cookie, size)
    spent = time.perf_counter() - began
    over.set()
    watcher.join()
    extra = (served.memory("VmHWM") - before) / 1e6
    assert status == 303, f"the upload was answered with {status}"
    mb = size / 1e6
    note = f"{mb / spent:.0f} MB/s / {mb / bare:.0f} MB/s"
    report.at_least(f"{mb:.0f} MB upload, throughput / bare socket", bare / spent, 0.6, 0.85, note)
    report.at_most("extra memory of the server during it, MB", extra, 16, 8)
    slow, usual = p95(waits), p95(quiet)
    note = f"{ms(slow)} / {ms(usual)}, {len(waits)} pages meanwhile"
    report.at_most("another person's p95 during it / without", slow / usual, 2.5, 1.5, note)


def p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=100)[94]


def send(port: int, path: str, cookie: str, size: int) -> int:
    """A draft with one large file, as a browser's form sends it. Returns the status of the answer."""
    fields = {"title": "One large recording", "form_key": secrets.token_hex(16)}
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="long.wav"\r\n'
    start, end = (head + "Content-Type: audio/wav\r\n\r\n").encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.putrequest("POST", path)
    for name, value in {
        "Cookie": cookie,
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(start) + size + len(end)),
    }.items():
        connection.putheader(name, value)
    connection.endheaders(start)
    for piece in wav(size):
        connection.send(piece)
    connection.send(end)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def first_visit(report: Report, served: Process, crowd: Crowd) -> None:
    """The heaviest of the pages that people land on: the page compressed, and what it needs besides."""
    at = crowd.apprenticeships[-1]
    apprentice, manager = served.client(crowd.apprentices[-1]), served.client(crowd.manager.id)
    landing = {
        "/": apprentice,
        f"/apprenticeships/{at}/statements": apprentice,
        f"/apprenticeships/{at}/evidence/new": apprentice,
        f"/apprenticeships/{at}/gateway": apprentice,
        f"/cohorts/{crowd.cohort.id}": manager,
    }
    found = {path: weigh(served.port, client, path) for path, client in landing.items()}
    heaviest = max(found, key=lambda path: found[path][0])
    size, _ = found[heaviest]
    report.at_most(
        "first visit on a phone, KB on the wire", size / 1000, 60, 40, urlsplit(heaviest).path[-12:]
    )
    report.at_most("first visit, requests", max(count for _, count in found.values()), 6, 4)


def weigh(port: int, client: Client, path: str) -> tuple[int, int]:
    """Bytes of the bodies as they come over the wire, and the number of requests. Pictures of people's own are
    not counted: they come later, and lazily."""
    compressed = Client(port, client.headers["Cookie"])
    compressed.headers["Accept-Encoding"] = "gzip"
    page = client.get(path).decode()
    size, needed = len(compressed.get(path)), set()
    for part in page.split('"'):
        if part.startswith("/static/"):
            needed.add(part)
    size += sum(len(compressed.get(address)) for address in needed)
    compressed.connection.close()
    return size, 1 + len(needed)
