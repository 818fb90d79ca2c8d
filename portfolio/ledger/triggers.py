"""Are the triggers there that keep entries, and the rows behind them, from being changed? And do they still say so?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portfolio.assessment.models import SignOffPiece
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion, VersionFile
from portfolio.ledger.faults import Fault, Name
from portfolio.ledger.kinds import ALL

APPEND_ONLY = (
    "ledger_entry",
    SignOffPiece.__tablename__,
    *(kind.table for kind in ALL if kind.model not in (Evidence, EvidenceVersion)),
)
"""Tables whose rows are never changed and never deleted."""
FROZEN = (
    "ledger_salt_fixed",
    f"{EvidenceVersion.__tablename__}_frozen",
    f"{EvidenceVersion.__tablename__}_kept",
    *(
        f"{table}_frozen_{verb}"
        for table in (Claim.__tablename__, VersionFile.__tablename__)
        for verb in ("insert", "update", "delete")
    ),
)
"""Triggers with conditions of their own; that they are there and refuse is what is looked at."""


def trigger_faults(session: Session) -> Iterator[Fault]:
    """Triggers that are missing, switched off, or no longer refuse."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    found = dict(_on_sqlite(session) if sqlite else _on_postgresql(session))
    verbs = ("no_update", "no_delete", "no_replace") if sqlite else ("no_update", "no_delete")
    for table in APPEND_ONLY:
        for verb in verbs:
            always = verb != "no_replace"
            yield from _missing(found, f"{table}_{verb}", f"{table} is append-only", always=always)
    for name in FROZEN:
        yield from _missing(found, name, "", always=False)


def _missing(found: dict[str, str], name: str, message: str, *, always: bool) -> Iterator[Fault]:
    """`always`: it refuses whatever the row says."""
    says = found.get(name)
    if says is None:
        yield Fault(Name.TRIGGER, f"{name} is not there or is switched off")
    elif message not in says or "RAISE" not in says or (always and "1 = 1" not in says):
        yield Fault(Name.TRIGGER, f"{name} is there, but no longer refuses")


def _on_sqlite(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return [(name, sql) for name, sql in rows]


def _on_postgresql(session: Session) -> list[tuple[str, str]]:
    statement = (
        "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace"
    )
    return [(name, source) for name, source in session.execute(text(statement))]
