"""Are all triggers there that keep entries, the rows behind them and locked portfolios as they are, word for word?

What the migrations make is kept beside this as hashes, for each database: `triggers.json`. A test makes them anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from portfolio.ledger.faults import Fault, Name

Triggers = dict[str, str]
"""By table and name, such as "decision.decision_no_update": a hash of everything that the trigger says and does."""

EXPECTED = Path(__file__).with_name("triggers.json")
_ON_SQLITE = text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
_ON_POSTGRESQL = text(
    "SELECT c.relname, t.tgname, t.tgtype::text, t.tgattr::text, (t.tgqual IS NULL)::text, "
    "encode(t.tgargs, 'hex'), p.proname, l.lanname, coalesce(p.proconfig::text, ''), p.prosecdef::text, p.prosrc "
    "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang "
    "JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace"
)
"""With the function that it calls, which can be replaced while the trigger stays."""


def trigger_faults(session: Session) -> Iterator[Fault]:
    """Triggers that are missing, switched off, say something else, or are not ours."""
    expected, found = _expected(session.get_bind().dialect.name), made(session)
    for key in sorted(expected.keys() | found.keys()):
        table, _, name = key.partition(".")
        if key not in found:
            yield Fault(Name.TRIGGER, f"{name} on {table} is not there or is switched off")
        elif key not in expected:
            yield Fault(Name.FOREIGN_TRIGGER, f"{name} on {table} was not made by a migration")
        elif found[key] != expected[key]:
            yield Fault(Name.TRIGGER, f"{name} on {table} is there, but does not say what it was made to say")
    if session.get_bind().dialect.name != "sqlite":
        role = session.scalar(text("SELECT current_setting('session_replication_role')"))
        if role != "origin":
            yield Fault(Name.TRIGGER, f"none of them is asked, since session_replication_role is {role}")


def made(session: Session) -> Triggers:
    """All that are there and switched on."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    rows = session.execute(_ON_SQLITE if sqlite else _ON_POSTGRESQL)
    return {f"{table}.{name}": _hash(*says) for table, name, *says in rows}


def _hash(*says: str) -> str:
    return hashlib.sha256("\0".join(says).encode()).hexdigest()


@cache
def _expected(dialect: str) -> Triggers:
    found: Triggers = json.loads(EXPECTED.read_text())[dialect]
    return found
