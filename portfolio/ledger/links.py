"""One entry against the one before: is it what was hashed, and does it stand where it was written?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portfolio.ledger.chain import BACK, CARRIED_OVER, START, VERSION, canonical, hash_of, moment
from portfolio.ledger.faults import Fault, Name
from portfolio.ledger.kinds import LATER
from portfolio.ledger.models import LedgerEntry


@dataclass(frozen=True)
class Link:
    """An entry as it was read. `said` is None if it cannot be understood; then nothing more is asked of it."""

    id: UUID | None
    provider_id: UUID
    seq: int
    prev: str
    hash: str
    columns: dict[str, Any]
    """What stands beside the text and has to agree with it."""
    text: str = ""
    said: dict[str, Any] | None = None

    @classmethod
    def start(cls, provider_id: UUID) -> Link:
        """What the first entry follows."""
        return cls(None, provider_id, 0, "", START, {})

    @classmethod
    def of(cls, row: LedgerEntry) -> Link:
        columns = {
            "prev": row.prev,
            "utc": moment(row.utc),
            "record": {"table": row.record, "id": str(row.record_id)},
        }
        said = understood(row.entry)
        return cls(row.id, row.provider_id, row.seq, row.prev, row.hash, columns, row.entry, said)

    @property
    def utc(self) -> str:
        return str(self.said["utc"]) if self.said else ""

    @property
    def carried_over(self) -> bool:
        return self.said is not None and self.said["action"].endswith(CARRIED_OVER)


SHAPE: dict[str, type | tuple[type, ...]] = {
    "v": int, "provider": str, "seq": int, "prev": str, "utc": str, "clock": (str, type(None)),
    "actor": (str, type(None)), "role": str, "action": str, "subject": str, "record": dict, "refs": list,
    "outcome": (str, type(None)), "item": (str, type(None)), "facts": dict, "commitments": dict,
}  # fmt: skip


def understood(text: str) -> dict[str, Any] | None:
    """The entry, if it is one of ours: the fields of version 1, each of its kind."""
    try:
        said = json.loads(text)
        UUID(said["record"]["id"])
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        return None
    if not isinstance(said, dict) or said.keys() != SHAPE.keys() or said["v"] != VERSION:
        return None
    return said if all(isinstance(said[name], kind) for name, kind in SHAPE.items()) else None


def link_faults(last: Link, link: Link) -> Iterator[Fault]:
    """Everything that is wrong with this entry by itself, and with its place after `last`."""

    def fault(name: Name, detail: str, seq: int = link.seq) -> Fault:
        return Fault(name, detail, link.provider_id, seq)

    if hash_of(link.text) != link.hash:
        yield fault(Name.ENTRY_ALTERED, "its text does not have the hash that stands beside it")
    if link.said is None or canonical(link.said) != link.text:
        yield fault(Name.NOT_CANONICAL, "its text is not the canonical JSON of an entry")
    for name, detail in _of_itself(link):
        yield fault(name, detail)
    if link.seq > last.seq + 1:
        gone = (
            f"entry {last.seq + 1}"
            if link.seq == last.seq + 2
            else f"entries {last.seq + 1} to {link.seq - 1}"
        )
        yield fault(Name.ENTRY_MISSING, f"{gone} before it are not there")
    elif link.said is not None:
        yield from _in_its_place(last, link)


def _of_itself(link: Link) -> Iterator[tuple[Name, str]]:
    """The text against the columns beside it."""
    if link.said is None:
        return
    if link.said["provider"] != str(link.provider_id):
        yield Name.FOREIGN, f"it was written for provider {link.said['provider']}"
    if link.said["seq"] != link.seq:
        yield Name.REORDERED, f"it was written as entry {link.said['seq']}"
    wrong = sorted(name for name, value in link.columns.items() if link.said[name] != value)
    if wrong:
        yield Name.ENTRY_ALTERED, f"the columns beside its text say something else: {', '.join(wrong)}"


def _in_its_place(last: Link, link: Link) -> Iterator[Fault]:
    said = link.said or {}
    if said["prev"] != last.hash:
        if last.seq and said["prev"] == last.prev:
            detail = f"it was put between entries {last.seq - 1} and {link.seq}, which belong together"
            yield Fault(Name.ENTRY_INSERTED, detail, link.provider_id, last.seq)
        else:
            detail = f"it does not follow entry {last.seq} as that stands: one of them was written anew"
            yield Fault(Name.BROKEN, detail, link.provider_id, link.seq)
    if last.said is not None and said["utc"] < last.utc and said["clock"] != BACK:
        yield Fault(Name.CLOCK, "its time is before that of the entry before", link.provider_id, link.seq)


def late_faults(begun: set[str], link: Link) -> Iterator[Fault]:
    """Rows of an earlier release enter before all others of their kind. `begun`: kinds of which something entered as
    it was done, so far; the kinds that the ledger began with count as one."""
    if link.said is None:
        return
    table = str(link.said["record"].get("table"))
    group = table if table in LATER else ""
    if not link.carried_over:
        begun.add(group)
    elif group in begun:
        detail = "rows of an earlier release enter before all others, and this one came later"
        yield Fault(Name.LATE, detail, link.provider_id, link.seq)
