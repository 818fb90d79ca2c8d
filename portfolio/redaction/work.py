"""Pages as pictures, and the covered copy: made in the limited process, in a folder that is gone afterwards."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from portfolio.evidence.intake import TakenFile
from portfolio.evidence.models import EvidenceFile
from portfolio.evidence.whole_files import whole_file
from portfolio.redaction.rules import Page
from storage.checks import fitting_name, sha256_of
from storage.covering import count_pages, cover_pages, look_at_page, pdf_of
from storage.kinds import JPEG, KINDS, PDF
from storage.limited import Stopped, in_child
from storage.store import EvidenceStore

PAGES_AT_ONCE = 8
"""In one limited process: each has so much time and memory only."""
LONGEST_SECONDS = 120.0
"""For all pages together, since somebody waits for the answer. Looked at between two of these processes. Fifty scanned
pages of 20 MB take about ten seconds of one core."""


class TooLarge(Exception):
    """The pictures of the pages together are larger than a file may be."""


@dataclass(frozen=True)
class Subject:
    """The file to cover, as its row describes it."""

    id: UUID
    key: str
    sha256: str
    size: int
    kind: str
    name: str

    @classmethod
    def of(cls, file: EvidenceFile) -> Subject:
        return cls(file.id, file.storage_key, file.sha256_stored, file.size, file.kind, file.name)


@contextmanager
def fetched(store: EvidenceStore, subject: Subject) -> Iterator[tuple[str, Path]]:
    """The file's bytes and the folder they lie in, below the store's staging folder, which is swept. Raises
    `StoreUnavailable`."""
    with tempfile.TemporaryDirectory(prefix="cover-", dir=store.staging()) as name:
        folder = Path(name)
        path = folder / "file"
        with path.open("wb") as out:
            for chunk in whole_file(store, subject.key, subject.size, subject.sha256):
                out.write(chunk)
        yield str(path), folder


def pages_of(store: EvidenceStore, subject: Subject) -> int:
    """Raises `Stopped` for one that cannot be read within the limits."""
    with fetched(store, subject) as (path, _):
        return int(in_child(count_pages, path, subject.kind)["pages"])


def picture_of(store: EvidenceStore, subject: Subject, number: int, *, grid: bool) -> bytes:
    """Of one page, counted from 1, as WebP. It is kept nowhere. Raises `Stopped`."""
    with fetched(store, subject) as (path, folder):
        into = folder / "page.webp"
        in_child(look_at_page, path, subject.kind, number - 1, str(into), int(grid))
        return into.read_bytes()


def covered_copy(
    store: EvidenceStore, subject: Subject, pages: Sequence[Page], key: str, *, most: int
) -> TakenFile:
    """Make the copy and put it into the store under this key, which is reserved. `most`: bytes of one file.

    Raises `Stopped`, `StoreUnavailable`, and `TooLarge`."""
    with fetched(store, subject) as (path, folder):
        pictures = _pictures(path, subject.kind, pages, folder, most)
        kind = PDF if KINDS[subject.kind] is PDF else JPEG
        made = folder / "covered"
        if kind is PDF:
            pdf_of(pictures, made)
        else:
            made.write_bytes(pictures[0][0])
        size, sha256 = made.stat().st_size, sha256_of(made)
        if size > most:
            raise TooLarge
        store.adopt(key, made, sha256)
        return TakenFile(
            key=key,
            name=fitting_name(subject.name, kind),
            kind=kind,
            size=size,
            sha256_received=sha256,
            sha256_stored=sha256,
        )


def _pictures(
    path: str, kind: str, pages: Sequence[Page], folder: Path, most: int
) -> list[tuple[bytes, int, int]]:
    found: list[tuple[bytes, int, int]] = []
    total, until = 0, time.monotonic() + LONGEST_SECONDS
    for first in range(0, len(pages), PAGES_AT_ONCE):
        if time.monotonic() >= until:
            raise Stopped("busy")
        plan = json.dumps([asdict(page) for page in pages[first : first + PAGES_AT_ONCE]])
        for name, width, height in in_child(cover_pages, path, kind, first, plan, str(folder))["made"]:
            picture = folder / Path(str(name)).name
            found.append((picture.read_bytes(), int(width), int(height)))
            picture.unlink()
            total += len(found[-1][0])
            if total > most:
                raise TooLarge
    return found
