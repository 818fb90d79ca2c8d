"""A document arrives: its owner is asked about comments and tracked changes, or a clean copy is made. In the limited
process, since both read hostile bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.cleaning import NotCleaned
from storage.cleaning_words import counted, not_followed
from storage.kinds import KINDS, FileKind
from storage.limited import Stopped, in_child
from storage.refusals import COMMENTED, REFUSALS_OF_DOCUMENTS, Unacceptable

TAKEN_OUT = "taken out"
"""With what a part is named that does not stay after all."""
REMOVE = "Remove comments and tracked changes from documents"
"""The words beside the tick with which their owner says so."""
_TOO_HEAVY = (
    "It needs more memory or time to be cleaned than we can give it, so nothing was taken out of it. "
)
_BUSY = "There was no time to clean it just now, so nothing was taken out of it. Remove it, add it again, or decide "


@dataclass(frozen=True)
class CleanedDocument:
    """A clean copy is in the place that was named. `left`: sentences about what could not be cleaned; `also`: what
    it holds besides and keeps, though it does not show."""

    removed: tuple[str, ...]
    left: tuple[str, ...]
    also: tuple[str, ...] = ()


def clean_on_arrival(
    path: Path, kind: FileKind, name: str, target: Path, *, remove_comments: bool
) -> CleanedDocument:
    """Write a clean copy to `target`, which must be in a folder of its own.

    Raises `Unacceptable` if it holds comments or tracked changes and nobody said that they may go, or for what is
    harmful; `NotCleaned` if it cannot be cleaned, or not within the limits that every file has."""
    try:
        said = in_child(
            ask_and_clean, str(path.absolute()), kind.id, str(target.absolute()), int(remove_comments)
        )
    except Stopped as error:
        raise _not_done(error) from error
    if "not_cleaned" in said:
        raise NotCleaned(str(said["not_cleaned"]))
    if "refused" in said:
        raise REFUSALS_OF_DOCUMENTS[said["refused"]].about(name)
    if "holds" in said:
        raise _asking(name, said["holds"])
    return CleanedDocument(tuple(said["removed"]), tuple(said["left"]), tuple(said["also"]))


def ask_and_clean(path: str, kind_id: str, target: str, remove_comments: int) -> dict[str, Any]:
    """In the limited process. The name of the file stays outside."""
    from storage.documents import clean_document, look  # only the limited process loads what reads documents

    kind = KINDS[kind_id]
    try:
        holds = look(Path(path), kind)
        if (holds["comments"] or holds["changes"]) and not remove_comments:
            return {"holds": holds}
        cleaned: dict[str, Any] = clean_document(Path(path), kind, Path(target))
        return cleaned | {"also": [what for what in holds["also"] if not what.endswith(TAKEN_OUT)]}
    except NotCleaned as fault:
        return {"not_cleaned": fault.sentence}
    except Unacceptable as refusal:
        return {"refused": refusal.code}


def _not_done(error: Stopped) -> NotCleaned:
    if error.cause == "busy":
        return NotCleaned(f"{_BUSY}whether it may stay as it is.")
    return not_followed(_TOO_HEAVY) if error.cause in ("memory", "time") else not_followed()


def _asking(name: str, holds: dict[str, Any]) -> Unacceptable:
    """What is in it and by whom, and how to send it without."""
    found = [counted(holds["comments"], "comment")] if holds["comments"] else []
    found += [counted(holds["changes"], "tracked change")] if holds["changes"] else []
    by = f" by {_listed(holds['by'])}" if holds["by"] else ""
    return COMMENTED.about(name, found=" and ".join(found) + by, tick=REMOVE)


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
