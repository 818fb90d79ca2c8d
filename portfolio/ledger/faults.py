"""The names of what can be wrong with a ledger, and how each is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Name(StrEnum):
    """One name per thing that somebody with the whole database in their hands can do."""

    ENTRY_ALTERED = "entry altered"
    NOT_CANONICAL = "entry not canonical"
    ENTRY_MISSING = "entry missing"
    ENTRY_INSERTED = "entry inserted"
    REORDERED = "entry in another place"
    FOREIGN = "entry of another provider"
    BROKEN = "chain broken"
    CLOCK = "entry backdated"
    LATE = "carried over late"
    CUT = "tail cut off"
    RECHAINED = "chain written anew"
    HEADS = "heads contradict each other"
    ROW_MISSING = "row missing"
    ROW_ALTERED = "row altered"
    ROW_BACKDATED = "row backdated"
    SUBJECT = "subject swapped"
    EVIDENCE = "evidence swapped"
    ERASED = "text erased"
    NO_ENTRY = "row without entry"
    TRIGGER = "trigger missing"
    FOREIGN_TRIGGER = "trigger of unknown origin"


@dataclass(frozen=True)
class Fault:
    """`seq` is the entry's place, 0 where it is about none; `detail` names columns and ids, never a text."""

    name: Name
    detail: str
    provider_id: UUID | None = None
    seq: int = 0

    def __str__(self) -> str:
        where = f"ledger of provider {self.provider_id}, " if self.provider_id else "ledger, "
        where += f"entry {self.seq}: " if self.seq else ""
        return f"{where}{self.name.value}: {self.detail}"
