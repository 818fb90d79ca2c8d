"""The check as it stood when the portfolio was locked: written into the lock as JSON, and read again. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from portfolio.gateway.facts import EnglishMathsPolicy
from portfolio.gateway.requirements import GatewayCheck, OtherAnswer, Requirement, State

FORMAT = 1
_TEXTS = ("id", "reason", "put_right", "who", "rule", "source", "rulebook", "decided_by", "confidential")


@dataclass(frozen=True)
class StoredCheck:
    """A check as a page shows it, made now or read from a lock."""

    requirements: tuple[Requirement, ...]
    checked_on: date
    rulebook_title: str
    rulebook_note: str
    rulebook_address: str


def stored(checked: GatewayCheck) -> StoredCheck:
    """What is kept of a check."""
    book = checked.rulebook
    return StoredCheck(checked.requirements, checked.checked_on, book.title, book.note, book.address)


def as_text(checked: GatewayCheck) -> str:
    """The whole check as JSON: every line with its state, reason and source, personal ones included."""
    kept = stored(checked)
    return json.dumps(
        {
            "format": FORMAT,
            "checked_on": kept.checked_on.isoformat(),
            "rulebook": {
                "title": kept.rulebook_title,
                "note": kept.rulebook_note,
                "address": kept.rulebook_address,
            },
            "requirements": [_row(line) for line in kept.requirements],
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def from_text(text: str) -> StoredCheck:
    """What `as_text` wrote. Raises ValueError for a format this version does not know."""
    found = json.loads(text)
    if found["format"] != FORMAT:
        raise ValueError(f"a gateway check of format {found['format']}")
    book = found["rulebook"]
    return StoredCheck(
        tuple(_requirement(row) for row in found["requirements"]),
        date.fromisoformat(found["checked_on"]),
        book["title"],
        book["note"],
        book["address"],
    )


def _row(line: Requirement) -> dict[str, Any]:
    other = line.other_policy
    return {name: getattr(line, name) for name in _TEXTS} | {
        "state": line.state.value,
        "other_policy": other
        and {"policy": other.policy.value, "state": other.state.value, "sentence": other.sentence},
    }


def _requirement(row: dict[str, Any]) -> Requirement:
    other = row["other_policy"]
    return Requirement(
        **{name: row[name] for name in _TEXTS},
        state=State(row["state"]),
        other_policy=other
        and OtherAnswer(EnglishMathsPolicy(other["policy"]), State(other["state"]), other["sentence"]),
    )
