"""Write down that somebody opens a file, before the first byte of it leaves."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import ColumnElement, Table, Update, bindparam, case, update
from sqlalchemy.dialects import postgresql, sqlite

from portfolio.apprenticeships.guards import Opened
from portfolio.database import Base, Database, UtcDateTime, narrow, new_id
from portfolio.openings.models import KEY, FileOpening
from portfolio.openings.rules import half_hour, page_before
from portfolio.web.page import paths_by_name

TABLE: Table = Base.metadata.tables[FileOpening.__tablename__]


def note(
    request: Request, opened: Opened, evidence_id: UUID, file_id: UUID, *, what: str, now: datetime
) -> None:
    """This viewer opens this file now. Committed when it returns, in a short transaction of its own: a reading
    request cannot write. Raises SQLAlchemyError if it could not be written: then nothing may be served.

    Rows are written past the gateway lock, too, since reading goes on; nothing that is derived counts them."""
    database: Database = request.app.state.database
    provider_id, person_id = opened.apprenticeship.provider_id, opened.viewer.person_id
    key: dict[str, Any] = {
        "file_id": file_id,
        "person_id": person_id,
        "what": what,
        "page": _page(request),
        "half_hour": half_hour(now),
    }
    with database.session(write=True) as own:
        narrow(own, (provider_id,), person_id)
        connection = own.connection()
        counted = connection.execute(
            _again(), {f"of_{name}": value for name, value in key.items()} | {"now": now}
        )
        if counted.rowcount == 0:
            new = {
                "id": new_id(),
                "provider_id": provider_id,
                "apprenticeship_id": opened.id,
                "evidence_id": evidence_id,
                "role": opened.role.value,
                "at": now,
                "last_at": now,
                "times": 1,
            }
            row = {f"new_{name}": value for name, value in (key | new).items()}
            connection.execute(_first(connection.dialect.name), row)
        database.commit(own)


def _page(request: Request) -> str:
    paths = {name: path for name, (path, _) in paths_by_name(request.app).items()}
    return page_before(request.headers.get("referer", ""), request.headers.get("host", ""), paths)


# Built once: every picture on a page asks these.


@cache
def _again() -> Update:
    """The usual case: a row of this half hour is there."""
    statement = update(TABLE).values(_counted_on(bindparam("now", type_=UtcDateTime())))
    for name in KEY:
        statement = statement.where(TABLE.c[name] == bindparam(f"of_{name}"))
    return statement


@cache
def _first(dialect_name: str) -> Any:
    """The first of this half hour; if another request was quicker just now, one more of its row."""
    dialect: Any = sqlite if dialect_name == "sqlite" else postgresql
    insert = dialect.insert(TABLE).values(
        {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in TABLE.columns}
    )
    return insert.on_conflict_do_update(index_elements=list(KEY), set_=_counted_on(insert.excluded.last_at))


def _counted_on(now: ColumnElement[datetime]) -> dict[str, Any]:
    """Once more. Also if a clock was set back, no moment is."""
    return {"times": TABLE.c.times + 1, "last_at": case((TABLE.c.last_at < now, now), else_=TABLE.c.last_at)}
