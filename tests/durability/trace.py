"""System calls as strace wrote them: which call, on which file, when it began and when it was over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = "write,pwrite64,pwritev,writev,sendto,sendmsg,fsync,fdatasync,link,linkat,rename,renameat,renameat2"
COMMAND = ("strace", "-f", "-A", "--seccomp-bpf", "-qq", "-y", "-s", "40", "-e", f"trace={CALLS}", "-o")
_LINE = re.compile(r"(\d+) +(.*)")
_CALL = re.compile(r"(\w+)\((.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
_HANDLE = re.compile(r"\d+<([^>]*)>")


@dataclass
class Call:
    """One system call. `began` and `ended` are places in the trace; `path` is the file of its handle, or "" ."""

    name: str
    arguments: str
    began: int
    ended: int

    @property
    def path(self) -> str:
        found = _HANDLE.match(self.arguments)
        return found[1] if found else ""

    @property
    def names(self) -> list[str]:
        """The paths that stand in quotes: from and to of a link or a rename."""
        return re.findall(r'"([^"]*)"', self.arguments)

    @property
    def writes(self) -> bool:
        return "write" in self.name

    @property
    def syncs(self) -> bool:
        return self.name in ("fsync", "fdatasync") and "= 0" in self.arguments


def read(path: Path) -> list[Call]:
    """Every call in the order in which it began. One that was going on when the trace ended never ended."""
    calls: list[Call] = []
    open_calls: dict[str, Call] = {}
    for place, (process, said) in enumerate(_lines(path)):
        if resumed := _RESUMED.match(said):
            if call := open_calls.pop(process, None):
                call.arguments += resumed[1]
                call.ended = place
        elif begun := _CALL.match(said):
            unfinished = said.endswith("<unfinished ...>")
            call = Call(begun[1], begun[2], place, 1 << 60 if unfinished else place)
            calls.append(call)
            if unfinished:
                open_calls[process] = call
    return calls


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(errors="replace") as lines:
        for line in lines:
            if found := _LINE.match(line.rstrip("\n")):
                yield found[1], found[2]


def faults(calls: Iterable[Call], files: Path, database: Path) -> list[str]:
    """What is wrong with the order of things in each upload of this trace; empty if every step of each was safe on
    disk before the next began. Uploads came one after another, each with one file.

    Write the file, flush it, give it its name, flush the folder of the name, commit, flush the commit, answer."""
    every = list(calls)
    answers = [call for call in every if says(call, "HTTP/1.1 303")]
    named = [call for call in every if call.name == "link" and call.names[1].startswith(f"{files}/")]
    found = [] if len(named) == len(answers) else [f"{len(named)} files and {len(answers)} answers"]
    before = 0
    for number, answer in enumerate(answers):
        part = [call for call in every if before <= call.began <= answer.began]
        before = answer.began
        found += [f"upload {number}: {fault}" for fault in _of_one(part, answer, files, f"{database}-wal")]
    return found


def _of_one(part: list[Call], answer: Call, files: Path, wal: str) -> Iterator[str]:
    link = next(
        (call for call in part if call.name == "link" and call.names[1].startswith(f"{files}/")), None
    )
    if link is None:
        yield "it was answered before the file had its name"
        return
    staged, target = link.names
    written = [call for call in part if call.writes and call.path == staged]
    if not written:
        yield "nothing was written"
        return
    last = max(call.ended for call in written)
    flushed = _sync(part, staged, after=last, before=link.began)
    if flushed is None:
        yield "the file was not flushed before it got its name"
    if _commit(part, wal, after=last, before=link.began) is None:
        yield "its key was not reserved and flushed before"
    folder = _sync(part, str(Path(target).parent), after=link.ended, before=answer.began)
    if folder is None:
        yield "the folder of its name was not flushed before the answer"
        return
    commit = _commit(part, wal, after=folder.ended, before=answer.began)
    if commit is None:
        yield "no commit was written and flushed between the folder and the answer"
    elif any(call.path == wal and call.writes and call.ended > commit.began for call in part):
        yield "something was written after the last flush of the database and before the answer"


def _sync(part: list[Call], path: str, *, after: int, before: int) -> Call | None:
    return next(
        (
            call
            for call in part
            if call.syncs and call.path == path and call.began > after and call.ended < before
        ),
        None,
    )


def _commit(part: list[Call], wal: str, *, after: int, before: int) -> Call | None:
    """The last flush of the database's log that has something written since `after` before it."""
    syncs = [
        call
        for call in part
        if call.syncs and call.path == wal and call.began > after and call.ended < before
    ]
    for sync in reversed(syncs):
        if any(call.path == wal and call.writes and after < call.began < sync.began for call in part):
            return sync
    return None


def says(call: Call, beginning: str) -> bool:
    """Whether this call sends something that begins so."""
    return call.name in ("write", "writev", "sendto", "sendmsg") and f'"{beginning}' in call.arguments
