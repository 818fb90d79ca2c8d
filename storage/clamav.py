"""Ask a ClamAV daemon about bytes, over its socket (INSTREAM; clamd's own manual page describes it).

Only an explicit "OK" is clean. What breaks off, times out or complains has not been scanned.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from contextlib import closing
from typing import Literal
from urllib.parse import urlsplit

Verdict = Literal["clean", "found", "too_big"]
_MOST_ANSWER = 4096
_PIECE = 256 * 1024


class ScannerAway(Exception):
    """The scanner did not answer, or not with a verdict. Trying again may help."""


def scan(address: str, chunks: Iterable[bytes], *, seconds: float) -> Verdict:
    """What the scanner says of these bytes. `address`: the path of its socket, or tcp://host:port; `seconds`:
    how long each exchange with it may take. Raises `ScannerAway`, and whatever reading the bytes raises.

    "too_big": over the daemon's StreamMaxLength, or over a limit that it reports (AlertExceedsMax)."""
    try:
        connection = _connect(address, seconds)
    except OSError as error:
        raise ScannerAway("no connection") from error
    with closing(connection):
        broken = _send(connection, chunks)
        answer = _answer(connection)
    return _verdict(answer, broken)


def ready(address: str, *, seconds: float) -> bool:
    """Whether the scanner answers at all."""
    try:
        with closing(_connect(address, seconds)) as connection:
            connection.sendall(b"zPING\0")
            return _answer(connection) == b"PONG"
    except OSError:
        return False


def _connect(address: str, seconds: float) -> socket.socket:
    if address.startswith("tcp://"):
        parts = urlsplit(address)
        return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), seconds)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(address.removeprefix("unix:"))
    except BaseException:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, chunks: Iterable[bytes]) -> bool:
    """False if all of it was taken; True if the daemon closed its end before, as it does over its limit."""
    try:
        connection.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            for at in range(0, len(chunk), _PIECE):  # an empty chunk would mean the end
                piece = chunk[at : at + _PIECE]
                connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return True
    except OSError as error:
        raise ScannerAway("it stopped listening") from error
    return False


def _answer(connection: socket.socket) -> bytes:
    """What it says, without the mark at the end; nothing if it said nothing."""
    said = b""
    try:
        while b"\0" not in said and len(said) < _MOST_ANSWER:
            part = connection.recv(_MOST_ANSWER)
            if not part:
                break
            said += part
    except ConnectionResetError:
        return said.strip(b"\0\n ")
    except OSError as error:
        raise ScannerAway("no answer") from error
    return said.strip(b"\0\n ")


def _verdict(answer: bytes, broken: bool) -> Verdict:
    if b"size limit exceeded" in answer or b"Heuristics.Limits.Exceeded" in answer:
        return "too_big"
    if answer.endswith(b" FOUND"):
        return "found"
    if answer == b"stream: OK" and not broken:
        return "clean"
    raise ScannerAway("no verdict")
