"""Forms with files: parts are streamed to a staging folder while they arrive, hashed and counted, and never
held in memory. A file over the limit is refused while it is still coming in; the text fields are kept.

Access is checked in a transaction of its own before the body is read, and again by the route's guard after:
an upload can take minutes, and no transaction may stay open for that.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from portfolio.web.forms import FIELD_LIMIT, int_or_zero, tidy
from storage.names import safe_name

logger = logging.getLogger("portfolio.uploads")

FLUSH = 1_048_576
FIELD_SIZE_LIMIT = 500_000


@dataclass(frozen=True)
class Room:
    """How many bytes of files may still be added (None: as many as you like), and the sentence for one more."""

    left: int | None
    why: str = ""


NO_LIMIT = Room(None)


@dataclass
class StagedFile:
    """One uploaded file, complete, in the staging folder. `problem` says why it was not taken."""

    field: str
    name: str
    path: Path | None
    size: int = 0
    sha256: str = ""
    problem: str = ""


@dataclass
class Received:
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[StagedFile] = field(default_factory=list)

    def discard(self) -> None:
        """Remove what was staged and not taken over."""
        for file in self.files:
            if file.path is not None:
                file.path.unlink(missing_ok=True)


class _Part:
    """One part while it arrives: a text field, a file, or something that is thrown away."""

    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.header_name = b""
        self.header_value = b""
        self.name = ""
        self.file: StagedFile | None = None
        self.out: BinaryIO | None = None
        self.digest = hashlib.sha256()
        self.text = bytearray()


class _Collector:
    """Callbacks of the multipart parser; file bytes gather in `pending` and are written in threads."""

    def __init__(self, into: Path | None, limit: int, most: int, text_limit: int, room: Room) -> None:
        self.into, self.limit, self.most, self.text_limit, self.room = into, limit, most, text_limit, room
        self.text_size = self.staged_size = 0
        self.received = Received()
        self.part = _Part()
        self.pending: list[tuple[_Part, bytes]] = []
        self.pending_size = 0
        self.parts = 0
        self.finished: list[_Part] = []
        self.complete = False

    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self.begin,
            "on_header_field": self.header_field,
            "on_header_value": self.header_value,
            "on_header_end": self.header_end,
            "on_headers_finished": self.headers_finished,
            "on_part_data": self.data,
            "on_part_end": self.end,
            "on_end": self.whole,
        }

    def whole(self) -> None:
        self.complete = True

    def check_complete(self) -> None:
        """Raises ValueError if the body ended in the middle of a part."""
        if self.parts and not self.complete:
            raise ValueError("the body ended in the middle of a part")

    def begin(self) -> None:
        self.part = _Part()
        self.parts += 1
        if self.parts > FIELD_LIMIT:
            raise HTTPException(400)

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self.part.header_name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self.part.header_value += data[start:end]

    def header_end(self) -> None:
        self.part.headers[self.part.header_name.lower()] = self.part.header_value
        self.part.header_name = self.part.header_value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self.part.headers.get(b"content-disposition", b""))
        self.part.name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            return
        name = options[b"filename"].decode("utf-8", "replace")
        file = self.part.file = StagedFile(self.part.name, name, None)
        taken = sum(1 for other in self.received.files if other.path is not None)
        if self.room.left == 0:
            file.problem = not_taken(name, self.room.why)
        elif self.into is None:
            file.problem = "Files cannot be sent with this form."
        elif taken >= self.most:
            file.problem = f"“{safe_name(name)}” was not taken: a piece holds at most {self.most} files."
        else:
            file.path = self.into / f"{secrets.token_hex(16)}.part"

    def data(self, data: bytes, start: int, end: int) -> None:
        part, chunk = self.part, data[start:end]
        if part.file is None:
            self._text(part, chunk)
            return
        part.file.size += len(chunk)
        if part.file.problem:
            return
        if part.file.size > self.limit:
            part.file.problem = too_large(part.file.name, self.limit)
            return
        self.staged_size += len(chunk)
        if self.room.left is not None and self.staged_size > self.room.left:
            part.file.problem = not_taken(part.file.name, self.room.why)
            self.staged_size -= part.file.size  # a smaller one after it may still fit
            return
        self.pending.append((part, chunk))
        self.pending_size += len(chunk)

    def _text(self, part: _Part, chunk: bytes) -> None:
        part.text += chunk
        self.text_size += len(chunk)
        if len(part.text) > FIELD_SIZE_LIMIT:
            raise HTTPException(413, "One of the texts is longer than half a million characters.")
        if self.text_size > self.text_limit:
            raise HTTPException(413, f"A form can hold {self.text_limit // 1_000_000} MB of text.")

    def end(self) -> None:
        part = self.part
        if part.file is None:
            value = tidy(part.text.decode("utf-8", "replace"))
            self.received.fields.setdefault(part.name, []).append(value)
        elif part.file.name or part.file.size:  # an empty file box sends a nameless, empty part
            self.received.files.append(part.file)
            self.finished.append(part)

    def write(self) -> None:
        """In a thread: put what has gathered on disk, and close the files that are complete."""
        for part, chunk in self.pending:
            if part.file is None or part.file.path is None or part.file.problem:
                continue
            try:
                if part.out is None:
                    part.out = part.file.path.open("xb")
                part.out.write(chunk)
            except OSError:  # the disk is full: the text of the form is kept all the same
                logger.exception("uploads.not_staged")
                part.file.problem = not_stored(part.file.name)
            part.digest.update(chunk)
        self.pending.clear()
        self.pending_size = 0
        for part in self.finished:
            _close(part)
        self.finished.clear()

    def abandon(self) -> None:
        """The sender went away or broke the rules: nothing of it stays on disk."""
        self.pending.clear()
        for part in (*self.finished, self.part):
            if part.out is not None:
                part.out.close()
            if part.file is not None and part.file.path is not None:
                part.file.path.unlink(missing_ok=True)
        self.received.discard()


def _close(part: _Part) -> None:
    file = part.file
    if file is None or file.path is None:
        return
    if part.out is not None:
        try:
            part.out.close()
        except OSError:  # what was gathered last found no room
            logger.exception("uploads.not_staged")
            file.problem = file.problem or not_stored(file.name)
    elif not file.problem:
        file.path.touch()  # an empty file is staged too, and refused with its own sentence later
    if file.problem:
        file.path.unlink(missing_ok=True)
        file.path = None
    file.sha256 = part.digest.hexdigest()


def not_stored(name: str) -> str:
    """For a file that the store, or the disk before it, could not take."""
    return f"“{safe_name(name)}” could not be stored just now. Wait a minute, then choose it again."


def too_large(name: str, limit: int) -> str:
    return (
        f"“{safe_name(name)}” is larger than {limit // 1_000_000} MB, the most that one file may be. "
        "Make it shorter or smaller, or say where the original is kept instead."
    )


def not_taken(name: str, why: str) -> str:
    """The sentence for a file that is set aside, with what can be done about it."""
    return f"“{safe_name(name)}” was not taken. {why}"


async def read_multipart(
    request: Request, *, into: Path | None, limit: int, most: int, total: int, room: Room = NO_LIMIT
) -> Received:
    """Read a multipart body as it arrives. `into` None throws files away; `total` ends an endless sender; files
    beyond the `room` are set aside with its sentence, and the text is kept."""
    boundary = parse_options_header(request.headers.get("content-type", ""))[1].get(b"boundary")
    if not boundary or len(boundary) > 200:
        raise HTTPException(400)
    collector = _Collector(into, limit, most, *_text_and_room(request, room))
    parser = MultipartParser(boundary, collector.callbacks())  # type: ignore[arg-type]
    count = 0
    try:
        async for chunk in request.stream():
            count += len(chunk)
            if count > total:
                raise HTTPException(413, f"All files of one form together can be {total // 1_000_000} MB.")
            parser.write(chunk)
            if collector.pending_size >= FLUSH:
                await run_in_threadpool(collector.write)
        parser.finalize()
        collector.check_complete()
        await run_in_threadpool(collector.write)
        request.app.state.measures.received(sum(file.size for file in collector.received.files))
    except HTTPException:
        await run_in_threadpool(collector.abandon)
        raise
    except ValueError:  # python_multipart's own errors are ValueErrors: a body that is not what it says
        await run_in_threadpool(collector.abandon)
        raise HTTPException(400) from None
    except BaseException:  # the sender disconnected: leave nothing behind, then let it go on its way
        collector.abandon()
        raise
    return collector.received


def _text_and_room(request: Request, room: Room) -> tuple[int, Room]:
    """How much text a form may hold. Files that do not fit by what the sender announces: none of them is written."""
    text_limit: int = request.app.state.settings.form_limit_bytes
    fits = room.left is None or announced_size(request) <= room.left + text_limit
    return text_limit, room if fits else Room(0, room.why)


def is_multipart(request: Request) -> bool:
    """Whether the body is a form with files, by what it says of itself."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def announced_size(request: Request) -> int:
    """What the sender says the body holds, in bytes; 0 if it does not say."""
    return int_or_zero(request.headers.get("content-length", ""))
