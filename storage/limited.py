"""Work on files of strangers, in a process of its own: with little memory, little time, no network and no secrets.

What a decoder does with hostile bytes then ends that process and nothing else. The function to run is named by
module and name and started afresh, so nothing of ours is in its memory: no settings, no database, no open files.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Literal

MIB = 1024**2
Cause = Literal["memory", "time", "busy", "failed"]
_WORKER = Path(__file__).with_name("limited_worker.py")
_MOST_ANSWER = 4 * MIB
_DUMPABLE = 4


@dataclass(frozen=True)
class Limits:
    """`memory` and `written` (each file) in bytes; `cpu` in seconds of work, `seconds` by the clock on the wall."""

    memory: int = 1024 * MIB
    cpu: int = 60
    seconds: float = 120
    written: int = 512 * MIB
    files: int = 64


class Stopped(Exception):
    """The work did not come to its end. `cause`: "memory" or "time" ran out; "busy": the machine had no time for
    it, so trying again may help; "failed": it crashed, or did what it must not."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause: Cause = cause


class _Places:
    """How many may run at once in this process, and how much memory each gets."""

    def __init__(self) -> None:
        self.free = BoundedSemaphore(2)
        self.limits = Limits()


_places = _Places()


def allow(*, at_once: int, memory: int) -> None:
    """Set by the application at its start: how many at once, and bytes of memory for each."""
    _places.free, _places.limits = BoundedSemaphore(max(1, at_once)), Limits(memory=memory)


def close_memory() -> None:
    """Nobody else on this machine may read this process's memory and environment from now on, a child of it that was
    tricked included, and no core file is written. The administrator (root) still may. Linux; elsewhere nothing."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)


def usual_limits() -> Limits:
    return _places.limits


def in_child(
    function: Callable[..., Mapping[str, Any]], *arguments: str | int, limits: Limits | None = None
) -> dict[str, Any]:
    """Run this module-level function in a limited process, in an empty folder of its own, and return its answer.

    It takes texts and numbers and answers what JSON can hold. Waits for a free place. Raises `Stopped`."""
    asked = {"function": f"{function.__module__}:{function.__qualname__}", "arguments": arguments}
    limits = limits or usual_limits()
    with _places.free, tempfile.TemporaryDirectory(prefix="portfolio-limited-") as folder:
        answer = Path(folder) / "answer.json"
        with answer.open("wb") as out:
            code = _run(json.dumps(asked | {"limits": asdict(limits)}), folder, out.fileno(), limits)
        return _understood(answer, code)


def _run(asked: str, folder: str, out: int, limits: Limits) -> int:
    """The exit code. An answer goes to a file, which can be no longer than allowed, and not into our memory."""
    process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell, nothing of our environment
        [sys.executable, "-I", str(_WORKER), asked],
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.DEVNULL,
        env={},
        cwd=folder,
        start_new_session=True,
    )
    try:
        return process.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        raise Stopped("busy") from None
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _understood(answer: Path, code: int) -> dict[str, Any]:
    if code == -signal.SIGXCPU:
        raise Stopped("time")
    if code == 0 and answer.stat().st_size <= _MOST_ANSWER:
        with suppress(ValueError):
            said = json.loads(answer.read_bytes())
            if isinstance(said, dict):
                if said.get("stopped") == "memory":
                    raise Stopped("memory")
                return said
    raise Stopped("failed")
