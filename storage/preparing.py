"""What is done with a file in the limited process: prove that it is what it says, and draw it.

Called through `storage.limited.in_child` with a path and the id of a kind. The name of the file stays outside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from storage.checks import detect
from storage.kinds import KINDS
from storage.previews import pictures
from storage.refusals import DAMAGED, Unacceptable

LARGE_NAME, SMALL_NAME = "large.webp", "small.webp"
MOST_PICTURE = 16 * 1024**2
"""Bytes of one picture that we made; more than that is not one of ours."""


def prove(path: str, kind_id: str) -> dict[str, Any]:
    """Read the file to its end with what will have to read it. Answers with a sentence if it is refused."""
    try:
        found = detect(Path(path), "")
        if found.id != kind_id:
            raise DAMAGED.about("", label=KINDS[kind_id].label)
    except Unacceptable as refusal:
        return {"refused": refusal.reason, "code": refusal.code}
    return {}


def draw(path: str, kind_id: str, into: str) -> dict[str, Any]:
    """Put a large and a small picture into this folder; answers with whether there are any."""
    made = pictures(Path(path), KINDS[kind_id])
    if made is not None:
        for name, data in zip((LARGE_NAME, SMALL_NAME), made, strict=True):
            (Path(into) / name).write_bytes(data)
    return {"drawn": made is not None}
