"""Where uploads are written before they are taken into a store: a folder for each process, emptied after its death.

Several processes may share one folder. A process that was killed cannot tidy up after itself, and nobody else can
tell from a file's age whether its sender is slow or gone. So each has a folder of its own, and holds a lock on it
that the operating system lets go when the process ends, however it ends: a folder that can be locked is a dead one's.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: then age has to do
    fcntl = None  # type: ignore[assignment]

OLD = 24 * 3600.0
"""Seconds after which something is taken for left behind where locks cannot say: no sender takes as long."""
_NAME = "uploads-"


class Staging:
    """A private folder below `parent`, for this process alone; removed when it ends or its store is let go."""

    def __init__(self, parent: Path, prefix: str = _NAME) -> None:
        self.process = os.getpid()
        sweep(parent, prefix)
        self.path, handle = _make(parent, prefix)
        self._end = weakref.finalize(self, _remove, self.path, handle, self.process)


class StagingOf:
    """The staging folder of a store: made when it is first asked for, anew in each process."""

    def __init__(self, parent: Path, prefix: str = _NAME) -> None:
        self.parent, self.prefix = parent, prefix
        self._own: Staging | None = None
        self._lock = threading.Lock()

    def folder(self) -> Path:
        """Raises OSError where nothing can be written."""
        with self._lock:
            own = self._own
            if own is None or own.process != os.getpid() or not own.path.exists():
                own = self._own = Staging(self.parent, self.prefix)
            return own.path


def in_temporary_folder() -> StagingOf:
    """For stores that have no folder of their own."""
    return StagingOf(Path(tempfile.gettempdir()), "portfolio-staging-")


def sweep(parent: Path, prefix: str = _NAME) -> None:
    """Remove the folders of processes that are dead. What cannot be removed, such as another user's, stays."""
    with suppress(OSError):
        for entry in list(os.scandir(parent)):
            if not entry.name.startswith(prefix) or not entry.is_dir(follow_symlinks=False):
                continue
            with suppress(OSError):
                _remove_if_dead(Path(entry.path))


def _make(parent: Path, prefix: str) -> tuple[Path, int]:
    while True:
        path = parent / f"{prefix}{secrets.token_hex(8)}"
        os.mkdir(path, 0o700)  # noqa: PTH102  # needs no flush: what is in it is not yet promised to anybody
        if fcntl is None:
            return path, -1
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), path.stat()):
                return path, handle
        except (BlockingIOError, FileNotFoundError):  # swept in the moment before it was locked
            pass
        os.close(handle)


def _remove_if_dead(path: Path) -> None:
    if fcntl is None:
        if time.time() - path.stat().st_mtime > OLD:
            shutil.rmtree(path, ignore_errors=True)
        return
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:  # its process lives
        pass
    finally:
        os.close(handle)


def _remove(path: Path, handle: int, process: int) -> None:
    """A forked child has the same object, but the folder is its parent's."""
    if process == os.getpid():
        shutil.rmtree(path, ignore_errors=True)
        if handle >= 0:
            os.close(handle)
