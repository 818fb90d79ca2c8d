"""How each of the two databases is opened: what SQLite is told, what PostgreSQL ends when it takes too long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection


@dataclass(frozen=True)
class Patience:
    """Seconds after which the database ends what it is doing; 0 is never.

    `statement` and `idle` (a transaction in which nothing happens) are PostgreSQL's; `lock`, the wait for
    somebody else's write, counts on SQLite too, where 0 stands for 15 seconds."""

    statement: int = 0
    lock: int = 0
    idle: int = 0


SQLITE = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a confirmed upload or decision survives a power cut
    "foreign_keys": 1,
    "recursive_triggers": 1,  # or REPLACE would get round the append-only triggers
    "trusted_schema": 0,
    "secure_delete": 1,  # what was purged leaves no bytes behind in the file
}
"""What every connection is told, in the words in which SQLite says it back: asked before serving (walls.py)."""

POSTGRESQL = {
    "connect_timeout": 5,
    "tcp_user_timeout": 20_000,  # milliseconds until what was sent must have arrived
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""How long a server that is silent is waited for, by libpq's names: its own wait is minutes, and holds a thread for as
long. What the address says comes first."""


def postgresql(url: str, pool: int, overflow: int, patience: Patience) -> Engine:
    """Timeouts go with the connection, so that they hold for every transaction without a word more."""
    address = make_url(url)
    return create_engine(
        address,
        pool_size=pool,
        max_overflow=overflow,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=_silence(address) | {"options": _options(address, patience)},
    )


def _silence(address: URL) -> dict[str, int]:
    return {name: value for name, value in POSTGRESQL.items() if name not in address.query}


def _options(address: URL, patience: Patience) -> str:
    given = address.query.get("options", "")
    timeouts = {
        "statement_timeout": patience.statement,
        "lock_timeout": patience.lock,
        "idle_in_transaction_session_timeout": patience.idle,
    }
    own = [f"-c {name}={seconds}s" for name, seconds in timeouts.items() if seconds]
    return " ".join([given if isinstance(given, str) else " ".join(given), *own]).strip()


def sqlite(url: str, pool: int, overflow: int, patience: Patience) -> Engine:
    """One writer at a time: whoever writes takes its turn at the beginning of the transaction. Readers need a
    connection each, or the threads that serve pages queue for one."""
    sizes: dict[str, Any] = {}
    if make_url(url).database:  # each keeps pages of the database in memory: the one used last is used next
        sizes = {"pool_size": pool, "max_overflow": overflow, "pool_use_lifo": True}
    engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False}, **sizes)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, so that savepoints hold
        for name, value in SQLITE.items():
            connection.execute(f"PRAGMA {name}={value}")
        connection.execute(f"PRAGMA busy_timeout={(patience.lock or 15) * 1000}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = bool(connection.get_execution_options().get("portfolio_read"))
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
