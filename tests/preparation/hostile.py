"""What a file could make a decoder do, as functions to be run in the limited process. Harmless outside of it only
as long as nobody calls them there."""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def answer(*given: str | int) -> dict[str, Any]:
    return {"given": list(given)}


def surroundings() -> dict[str, Any]:
    """What this process was given and may do."""
    limits = {
        name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0]
        for name in ("AS", "CPU", "FSIZE", "NOFILE", "CORE")
    }
    return {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "stdin": sys.stdin.read(),
        "limits": limits,
        "isolated": sys.flags.isolated,
        "open": [path.name for path in Path("/proc/self/fd").iterdir()],
        "networks": sorted(
            line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]
        ),
    }


def eat_memory() -> dict[str, Any]:
    held = []
    while True:
        held.append(bytearray(16 * 1024**2))


def eat_time() -> dict[str, Any]:
    while True:
        pass


def sleep(seconds: int) -> dict[str, Any]:
    time.sleep(seconds)
    return {"awake": True}


def wait_for(path: str) -> dict[str, Any]:
    while not Path(path).exists():
        time.sleep(0.05)
    return {}


def die(with_signal: int) -> dict[str, Any]:
    os.kill(os.getpid(), with_signal)
    return {}


def talk_for_ever() -> dict[str, Any]:
    while True:
        sys.stdout.write("x" * 65536)


def fill_disk() -> dict[str, Any]:
    with Path("large").open("wb") as out:
        while True:
            out.write(b"\0" * 1024**2)


def call_home(port: int) -> dict[str, Any]:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(b"here is everything")
    return {"sent": True}


def call_home_without_python(port: int) -> dict[str, Any]:
    """As machine code would that a decoder was tricked into running: past everything that Python can refuse."""
    libc = ctypes.CDLL(None, use_errno=True)
    address = (2).to_bytes(2, "little") + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    connection = libc.socket(2, 1, 0)
    sent = connection >= 0 and libc.connect(connection, address, len(address)) == 0
    return {"sent": bool(sent)}


def start_a_program() -> dict[str, Any]:
    subprocess.run(["true"], check=True)
    return {"started": True}


def start_a_shell() -> dict[str, Any]:
    return {"code": os.system("true")}  # noqa: S605


def write_where_told(path: str) -> dict[str, Any]:
    Path(path).write_text("written")
    return {}
