"""The parts of a form with files while they arrive: hashed and counted, and never held in memory."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, NamedTuple

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException

from portfolio.web.forms import FIELD_LIMIT, tidy
from portfolio.web.staged import Received, Room, StagedFile, not_stored, not_taken, too_large
from storage.names import safe_name

logger = logging.getLogger("portfolio.uploads")

FIELD_SIZE_LIMIT = 500_000


class Part:
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


class Batch(NamedTuple):
    """What has gathered since the last one: pieces of files, and the files that are complete with them."""

    pieces: list[tuple[Part, bytes]]
    finished: list[Part]


class Collector:
    """Callbacks of the multipart parser; file bytes gather in `batch` and are written in threads."""

    def __init__(self, into: Path | None, limit: int, most: int, text_limit: int, room: Room) -> None:
        self.into, self.limit, self.most, self.text_limit, self.room = into, limit, most, text_limit, room
        self.text_size = self.staged_size = 0
        self.received = Received()
        self.part = Part()
        self.batch = Batch([], [])
        self.batch_size = 0
        self.parts = 0
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
        self.part = Part()
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
        self.batch.pieces.append((part, chunk))
        self.batch_size += len(chunk)

    def _text(self, part: Part, chunk: bytes) -> None:
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
            self.batch.finished.append(part)

    def take(self) -> Batch:
        """What has gathered, to be written; the next begins to gather."""
        batch, self.batch, self.batch_size = self.batch, Batch([], []), 0
        return batch

    def write(self, batch: Batch) -> None:
        """In a thread, one batch after the other: put it on disk, and close the files that are complete."""
        for part, pieces in groupby(batch.pieces, key=itemgetter(0)):
            if part.file is None or part.file.path is None or part.file.problem:
                continue
            data = b"".join(piece for _, piece in pieces)  # at once: between two steps others get their turn
            try:
                if part.out is None:
                    part.out = part.file.path.open("xb")
                part.out.write(data)
            except OSError:  # the disk is full: the text of the form is kept all the same
                logger.exception("uploads.not_staged")
                part.file.problem = not_stored(part.file.name)
            part.digest.update(data)
        for part in batch.finished:
            _close(part)

    def abandon(self) -> None:
        """The sender went away or broke the rules: nothing of it stays on disk. Never while a batch is written."""
        for part in (*self.take().finished, self.part):
            if part.out is not None:
                part.out.close()
            if part.file is not None and part.file.path is not None:
                part.file.path.unlink(missing_ok=True)
        self.received.discard()


def _close(part: Part) -> None:
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
