"""Asking a scanner: only its own explicit word is "clean"; whatever goes wrong on the way is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.clamav import ScannerAway, ready, scan
from tests.preparation.clamav import EICAR, STREAM_LIMIT, scanner
from tests.storage.corpus import GOOD, docx, zipped


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scanner(tmp_path_factory.mktemp("clamd")) as running:
        yield running


def test_the_real_scanner_finds_its_virus_also_packed_and_split_over_chunks(address: str) -> None:
    assert scan(address, [EICAR], seconds=20) == "found"
    assert scan(address, [EICAR[:20], b"", EICAR[20:]], seconds=20) == "found"
    assert scan(address, [zipped({"note.txt": EICAR})], seconds=20) == "found"
    assert scan(address, iter([b"\0" * 300_000, EICAR]), seconds=20) == "found"


@pytest.mark.parametrize("kind", GOOD)
def test_the_real_scanner_finds_nothing_in_every_kind_of_file(address: str, kind: str) -> None:
    assert scan(address, [GOOD[kind][1]], seconds=20) == "clean"


def test_the_real_scanner_breaks_off_over_its_limit_and_that_is_never_clean(address: str) -> None:
    assert scan(address, [b"a" * STREAM_LIMIT], seconds=20) == "clean"
    for size in (STREAM_LIMIT + 1, 20 * STREAM_LIMIT):
        assert scan(address, (b"a" * 50_000 for _ in range(size // 50_000 + 1)), seconds=20) == "too_big"


def test_the_real_scanner_over_tcp(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with scanner(tmp_path, tcp=port) as address:
        assert scan(address, [EICAR], seconds=20) == "found"
        assert scan(address, [docx()], seconds=20) == "clean"
        assert scan(address, (b"a" * 50_000 for _ in range(400)), seconds=20) == "too_big"
    assert not ready(address, seconds=1)


def test_no_scanner_at_the_address(tmp_path: Path) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        for address in (str(tmp_path / "none"), f"tcp://127.0.0.1:{nobody_listens.getsockname()[1]}"):
            with pytest.raises(ScannerAway):
                scan(address, [b"words"], seconds=2)


@contextmanager
def odd_scanner(folder: Path, answer: bytes | None, *, listens: bool = True) -> Iterator[str]:
    """A listener that takes what comes (or not) and then says this; None: it hangs up without a word."""
    path = str(folder / "odd.sock")
    over = threading.Event()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while listens and b"\0\0\0\0" not in connection.recv(65536):
                    pass
                if answer is None:
                    return
                connection.sendall(answer)
                if not answer:
                    over.wait(30)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield path
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        b"stream: OK and more\0",
        b"UNKNOWN COMMAND\0",
        b"Can't allocate memory ERROR\0",
        b"OK\0",
        b"\0",
    ],
)
def test_what_is_no_verdict_is_never_clean(tmp_path: Path, answer: bytes | None) -> None:
    with odd_scanner(tmp_path, answer) as address, pytest.raises(ScannerAway):
        scan(address, [b"words"], seconds=1)


def test_a_scanner_that_says_clean_before_it_has_heard_everything_is_not_believed(tmp_path: Path) -> None:
    with odd_scanner(tmp_path, b"stream: OK\0", listens=False) as address, pytest.raises(ScannerAway):
        scan(address, (b"a" * 100_000 for _ in range(400)), seconds=2)


def test_a_limit_that_the_scanner_reports_is_not_a_virus(tmp_path: Path) -> None:
    said = b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"
    with odd_scanner(tmp_path, said) as address:
        assert scan(address, [b"words"], seconds=2) == "too_big"
