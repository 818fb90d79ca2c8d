"""Rows as they were written, though their words are sealed while somebody looks at a report."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portfolio.ledger.gathering import Around
from portfolio.ledger.kinds import BY_MODEL, Row
from portfolio.sealing.queries import Words, under_seal

NOTE, FILE_NAME = 3, 5
"""Places of the words in what `gathering` reads of a claim and of a file."""


def unseal(session: Session, rows: Iterable[Row], found: Around) -> None:
    """Put the sealed words into these rows and what hangs on them, in memory only. One query."""
    rows = list(rows)
    hanging = [*_all(found.claims), *_all(found.files)]
    words = under_seal(session, [row.id for row in rows] + [one[0] for one in hanging], everywhere=True)
    if not words:
        return
    for row in rows:
        for name in BY_MODEL[type(row)].texts:
            if (row.id, name) in words:
                set_committed_value(row, name, words[row.id, name])
    _put(found.claims, NOTE, "note", words)
    _put(found.files, FILE_NAME, "name", words)


def _all(lists: dict[UUID, list[list[object]]]) -> list[list[object]]:
    return [one for some in lists.values() for one in some]


def _put(lists: dict[UUID, list[list[object]]], place: int, field: str, words: Words) -> None:
    for one in _all(lists):
        one[place] = words.get((one[0], field), one[place])  # type: ignore[arg-type]
