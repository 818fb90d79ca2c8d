"""What came with a form: its text, and files complete in the staging folder; and why one was not taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from storage.names import safe_name


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
