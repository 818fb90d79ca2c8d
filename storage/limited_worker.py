"""What `storage.limited` starts: gives up rights first, then runs one function. `python -I limited_worker.py JSON`.

Everything here comes before the first hostile byte is read. Unix; elsewhere only the refusals of Python hold.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import signal
import sys
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES, _DIE_WITH_PARENT = 38, 1
_REFUSED = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "pty.", "ftplib.",
    "urllib.", "http.", "smtplib.", "webbrowser.",
)  # fmt: skip


def leave_network() -> None:
    """A network of its own, with nothing in it, where the kernel allows that; and death with the parent."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        libc.unshare(_NEW_USER | _NEW_NETWORK)
    except (OSError, AttributeError):  # no Linux: the refusals below remain
        return


def limit(limits: dict[str, Any]) -> None:
    """Memory, time, disk and open files. No core file: it would hold what was in the file."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_FSIZE, limits["written"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most + 1 if what == resource.RLIMIT_CPU else most))


def refuse(event: str, _arguments: tuple[object, ...]) -> None:
    """Audit hook: whatever wants to speak to others or start another program is stopped, and cannot undo this."""
    if event.startswith(_REFUSED):
        raise PermissionError(event)


def main(asked: dict[str, Any]) -> dict[str, Any]:
    module, _, name = asked["function"].partition(":")
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.dont_write_bytecode = True
    try:
        answer: dict[str, Any] = getattr(importlib.import_module(module), name)(*asked["arguments"])
    except MemoryError:
        return {"stopped": "memory"}
    return answer


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    leave_network()
    limit(given["limits"])
    sys.addaudithook(refuse)
    json.dump(main(given), sys.stdout)
