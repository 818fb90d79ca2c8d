"""What `verify` found: a word for its kind, one sentence, and the ids in it for machines."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

KINDS = {
    "missing": "a row names an object that is not there",
    "truncated": "an object has fewer bytes than were stored",
    "altered": "an object has other bytes than those that were stored",
    "swapped": "an object holds the bytes of another",
    "unreadable": "an object is there but cannot be read",
    "orphaned": "an object that no row names, older than two days",
    "foreign": "an object or file that does not belong here, or a row that names another provider's",
    "rows": "rows that contradict each other",
    "summary": "a progress summary, or a sum of files, that is not what the records give",
    "ledger": "the chain of decisions is not whole, or rows are not what it says",
    "erased": "a text was erased together with its salt, as somebody's right to be forgotten asks for",
    "database": "the database itself is damaged",
}
"""Each kind, and what it means. The order is that of the counts at the end."""
NOTES = frozenset({"erased"})
"""Kinds that are told and are no fault: the product allows it, and whoever erased keeps a record of why."""


@dataclass(frozen=True)
class Fault:
    kind: str
    line: str
    about: dict[str, str] = field(default_factory=dict)
    """Ids and keys, never names."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of fault: {self.kind}")

    def __str__(self) -> str:
        return f"{self.kind}: {self.line}"

    def json(self) -> str:
        return json.dumps({"fault": self.kind, "line": self.line, **self.about})
