"""What `storage.limited` starts: gives up rights first, then runs one function. `python -I limited_worker.py JSON`.

Everything here comes before the first hostile byte is read. Unix; elsewhere only the refusals of Python hold.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import json
import platform
import signal
import struct
import sys
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES, _DIE_WITH_PARENT = 38, 1
_FILTER, _SECCOMP = 2, 22
_CALLS = {
    "x86_64": (0xC000003E, (41, 59, 101, 310, 311, 322, 425, 438)),
    "aarch64": (0xC00000B7, (198, 221, 117, 270, 271, 281, 425, 438)),
}
"""What the kernel calls the machine, and the numbers of: socket, execve, ptrace, process_vm_readv and _writev,
execveat, io_uring_setup, pidfd_getfd."""
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


def refuse_system_calls() -> bool:
    """Have the kernel refuse sockets, other programs and other processes' memory, whatever code asks for them. This
    holds also where a container allows no network of one's own. False if the kernel has no such filter.

    A program for seccomp(2): compare the machine, then the number of the call; "not permitted", or go on."""
    known = _CALLS.get(platform.machine())
    if known is None:
        return False
    machine, calls = known
    load, equals, at_least, answer = 0x20, 0x15, 0x35, 0x06
    refusal = len(calls) + 5  # the place of the last step; a jump counts from the step after it
    steps = [(load, 0, 0, 4), (equals, 0, refusal - 2, machine)]  # another machine's calls are all refused
    steps += [(load, 0, 0, 0), (at_least, refusal - 4, 0, 1 << 30)]  # as are those of its short pointers
    steps += [(equals, refusal - place, 0, call) for place, call in enumerate(calls, start=5)]
    steps += [(answer, 0, 0, 0x7FFF0000), (answer, 0, 0, 0x00050000 | errno.EPERM)]
    program = b"".join(struct.pack("HBBI", *step) for step in steps)

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]

    given = Program(len(steps), program)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(libc.prctl(_SECCOMP, _FILTER, ctypes.byref(given), 0, 0) == 0)


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
    refuse_system_calls()
    sys.addaudithook(refuse)
    json.dump(main(given), sys.stdout)
