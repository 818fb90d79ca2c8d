"""A whole file on its way out: compared with its SHA-256, so that nobody takes wrong bytes for a complete file."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator

from storage.store import Altered, EvidenceStore, read_verified

logger = logging.getLogger("portfolio.evidence")
AHEAD = 1_000_000
"""Files up to so many bytes are compared before the answer begins, and a page says if they are wrong. With larger
ones the connection breaks off before the end: browsers show a failed download."""


def whole_file(store: EvidenceStore, key: str, size: int, sha256: str) -> Iterator[bytes]:
    """All bytes of the file. Raises `NotStored`, `StoreUnavailable` and, for small files, `Altered` at once."""
    chunks = _noted(read_verified(store, key, sha256), key)
    return iter(list(chunks)) if size <= AHEAD else chunks


def _noted(chunks: Generator[bytes, None, None], key: str) -> Generator[bytes, None, None]:
    try:
        yield from chunks
    except Altered:
        logger.error("evidence.file_altered", extra={"key": key})
        raise
