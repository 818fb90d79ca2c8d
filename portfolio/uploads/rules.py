"""What an upload may be, and which pieces it has. Pure."""

from __future__ import annotations

from datetime import timedelta

LEAST_CHUNK, MOST_CHUNK = 64 * 1024, 4 * 1024**2
"""Bytes of a piece. Small ones lose little when the line breaks, large ones cost fewer round trips."""
MOST_CHUNKS = 4_000
MOST_OPEN = 40
"""Uploads of one person that are on their way at the same time."""
KEPT_FOR = timedelta(days=14)
"""After its last piece, an upload that nobody goes on with is given up."""

DAMAGED = "This piece arrived damaged. It is sent again by itself."
OTHER_FILE = "This upload was begun with another file. Choose the file again."
OVER = {
    "refused": "This file was refused. Choose another one.",
    "cancelled": "This upload was cancelled. Choose the file again to send it after all.",
    "expired": "Nothing more came of this upload for two weeks, so it was given up. Choose the file again.",
}


def chunks_of(size: int, chunk_size: int) -> int:
    """How many pieces a file of so many bytes has."""
    return -(-size // chunk_size)


def size_of(number: int, size: int, chunk_size: int) -> int:
    """Bytes of this piece: all have the same, but for the last. 0 for a piece that there is not."""
    if not 0 <= number < chunks_of(size, chunk_size):
        return 0
    return min(chunk_size, size - number * chunk_size)


def reasons_not_to_begin(*, name: str, size: int, chunk_size: int, under_way: int) -> list[str]:
    """Why an upload cannot begin. `under_way`: how many others of this person are on their way."""
    if size <= 0:
        return [f"“{name}” is empty. Choose another file."]
    if not LEAST_CHUNK <= chunk_size <= MOST_CHUNK or chunks_of(size, chunk_size) > MOST_CHUNKS:
        return ["This file cannot be cut into pieces like that. Load the page again and choose it once more."]
    if under_way >= MOST_OPEN:
        return [f"{MOST_OPEN} of your files are on their way already. Wait for them, or cancel some."]
    return []
