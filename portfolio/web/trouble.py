"""When the database or the store cannot do its part: what happened, in words that help whoever sees the page.

A fault that only passes by is told apart from one of ours: the first is a page to try again (503), the second
is "something went wrong on our side".
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

DATABASE_SILENT = "The database does not answer just now."
DATABASE_BUSY = "Others are writing just now, and it took too long."
DATABASE_SLOW = "The database needed too long for this and was stopped."
NO_CONNECTION = "More people are at work just now than the portfolio has connections to its database."
DATABASE_FULL = "There is no room left where the portfolio keeps what people write."
STORE_SILENT = "The store that keeps the files does not answer just now. The file is safe in it."
STORE_SILENT_SENT = "The store that keeps the files does not answer just now."
ALTERED = "What came back from the store is not, byte for byte, what was put into it, so it is not shown."
NOT_THERE = "The file is not in the store, where it was put."
ASK_FOR_THE_FILE = (
    "Load the page again. If this comes back, tell your provider the reference below: whoever runs the portfolio "
    "can bring the file back from a backup. Everything else is as it was."
)
MAKE_ROOM = (
    "Tell your provider: whoever runs the portfolio has to make room. What was confirmed before is safe, "
    "and can be read."
)

_BUSY_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED")
_BUSY_POSTGRESQL = ("55P03", "40001", "40P01")
"""A lock that was not got in time, two that stood in each other's way."""
_STOPPED = "57014"
"""A statement that ran longer than it may."""


def reason(error: SQLAlchemyError) -> str:
    """Why the database could not do it, if that passes by itself or somebody can make room; otherwise nothing."""
    if isinstance(error, NoConnectionFree):
        return NO_CONNECTION
    if not isinstance(error, DBAPIError):
        return ""
    sqlite: str = getattr(error.orig, "sqlite_errorname", "")
    postgresql: str = getattr(error.orig, "sqlstate", None) or ""
    if sqlite.startswith(_BUSY_SQLITE) or postgresql in _BUSY_POSTGRESQL:
        return DATABASE_BUSY
    if postgresql == _STOPPED:
        return DATABASE_SLOW
    if sqlite == "SQLITE_FULL" or postgresql == "53100":
        return DATABASE_FULL
    passing = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    if sqlite and not sqlite.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
        passing = False  # such as "no such table": ours
    return DATABASE_SILENT if passing else ""
