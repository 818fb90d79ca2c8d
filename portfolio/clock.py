"""A clock that was set back must not change what came last: the newest row of an item says how it stands.

Ids sort by the time they were made, and in one process never go back. Here a process that starts goes on after
whatever is in the database, even if its clock says that this is still to come. While it runs, ids of rows about an
apprenticeship follow what other processes have written about it meanwhile (database.py).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Table, Uuid, select
from sqlalchemy.exc import SQLAlchemyError

from portfolio.database import Base, Database, new_ids_follow

logger = logging.getLogger("portfolio.clock")
NOTICEABLE = 60
"""Seconds by which this clock may be behind the newest row before somebody should look at it."""


def go_on(database: Database) -> None:
    """Have new ids sort after every one there is; say so in the log if the clock is behind them."""
    try:
        newest = _newest(database)
    except SQLAlchemyError:  # a database that is away just now is no reason not to start
        logger.exception("clock.not_compared")
        return
    for one in newest:
        new_ids_follow(one)
    behind = max((made_at(one) for one in newest), default=0.0) - datetime.now(UTC).timestamp()
    if behind > NOTICEABLE:
        logger.warning("clock.behind", extra={"seconds": round(behind)})


def _newest(database: Database) -> list[UUID]:
    with database.reading() as session:
        last = (
            session.scalar(select(table.c.id).order_by(table.c.id.desc()).limit(1)) for table in _tables()
        )
        return [one for one in last if one is not None and one.version == 7]


def made_at(one: UUID) -> float:
    """When an id of version 7 was made, in seconds since 1970."""
    return (one.int >> 80) / 1000


def _tables() -> list[Table]:
    return [
        table
        for table in Base.metadata.sorted_tables
        if "id" in table.c and isinstance(table.c.id.type, Uuid)
    ]
