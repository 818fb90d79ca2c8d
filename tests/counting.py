"""How many statements a piece of work sends to the database: lists must not send more as rows grow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from portfolio.database import Database


@dataclass
class Count:
    statements: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return len(self.statements)


@contextmanager
def queries(database: Database) -> Iterator[Count]:
    """Counts real statements; transaction control and PRAGMAs are not counted."""
    count = Count()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split(" ", 1)[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            count.statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield count
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
