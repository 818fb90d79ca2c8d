"""The engine, the base of all tables, and one session per request that commits before the answer leaves.

GET requests get a transaction that cannot write (enforced by the database). Others get one that is
committed after the route returns and before the response is sent; an exception rolls it back.

Between providers stand two walls. The first is a condition that is added to every ORM statement; the second is
row-level security in PostgreSQL, which also holds where the first was forgotten. Both go by what the session says:
a request's session begins with no provider at all, until `narrow` is called for the person who asks.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, DateTime, MetaData, Select, Text, cast, event, func, select, text, true
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    ORMExecuteState,
    Session,
    SessionTransaction,
    UOWTransaction,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.types import TypeDecorator

from portfolio import engines
from portfolio.engines import Patience

Keeper = Callable[[Session, set[UUID]], None]
"""Called before a commit with the ids of the apprenticeships whose rows changed, to keep what is derived."""
Watcher = Callable[[Session], None]
"""Called after each flush, while `new` and `dirty` still say what was written."""

APPRENTICESHIP = "apprenticeship"
_uuid_lock = threading.Lock()
_uuid_last = 0


def new_id() -> UUID:
    """UUID version 7: not guessable, and sorted by the time it was made, also within a millisecond."""
    global _uuid_last
    with _uuid_lock:
        stamp = (time.time_ns() // 1_000_000) << 12  # 12 bits below the milliseconds count upwards
        _uuid_last = stamp = max(stamp, _uuid_last + 1)
    milliseconds, counter = stamp >> 12, stamp & 0xFFF
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | tail)


def new_ids_follow(newest: UUID) -> None:
    """Ids made from now on sort after this one, whatever the clock says: what is written later is later."""
    global _uuid_last
    with _uuid_lock:
        _uuid_last = max(_uuid_last, (newest.int >> 80) << 12 | (newest.int >> 64) & 0xFFF)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC: SQLite gives back naive ones, and a naive one is a mistake here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables. Constraint names are fixed so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  # SQLAlchemy's own idiom

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class OfProvider:
    """A row that belongs to one training provider. Every ORM select is narrowed to the viewer's providers."""

    provider_id: Mapped[UUID] = mapped_column(index=True, sort_order=-9)


class Database:
    """One engine and the rules of its sessions."""

    def __init__(
        self,
        url: str,
        *,
        pool: int = 20,
        overflow: int = 20,
        patience: Patience = Patience(),  # noqa: B008  # frozen
        first_wall: bool = True,
    ) -> None:
        """`first_wall=False` leaves every ORM statement as it is: for the proof that the second wall holds alone."""
        self.engine = (
            engines.sqlite(url, pool, overflow, patience)
            if url.startswith("sqlite")
            else engines.postgresql(url, pool, overflow, patience)
        )
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.first_wall = first_wall
        self.keepers: list[Keeper] = []
        self.watchers: list[Watcher] = []
        read_options: dict[str, Any] = {"portfolio_read": True}
        if not self.is_sqlite:
            read_options["postgresql_readonly"] = True
        self._read_engine = self.engine.execution_options(**read_options)

    def session(self, *, write: bool, across: bool = False) -> Session:
        """A new session; the caller closes it. `write=False` gives a transaction that cannot change a row.

        It sees no provider's rows until `narrow` says whose; `across=True` is for work that no person asked for."""
        session = Session(self.engine if write else self._read_engine, expire_on_commit=False)
        session.info.update(
            changed={},
            changed_by=[],
            followed=set(),
            provider_ids=None if across else frozenset(),
            person_id=None,
        )
        event.listen(session, "after_begin", _follow_anew)
        event.listen(session, "before_flush", _give_ids)
        event.listen(session, "after_flush", _collect_changed)
        for watcher in self.watchers:
            event.listen(session, "after_flush", partial(_watch, watcher))
        if self.first_wall:
            event.listen(session, "do_orm_execute", _only_own_providers)
        if not self.is_sqlite:
            event.listen(session, "after_begin", _tell_new_transaction)
        return session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction outside a request, across all providers: commands, jobs, the demonstration, tests."""
        with self.session(write=True, across=True) as session:
            yield session
            self.commit(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The same, for reading only."""
        with self.session(write=False, across=True) as session:
            yield session

    def commit(self, session: Session) -> None:
        """Bring what is derived up to date, in the same transaction, then commit."""
        session.flush()
        everywhere: list[Select[UUID]] = session.info["changed_by"]
        with across(session) if everywhere else nullcontext():
            for which in everywhere:
                for apprenticeship_id in session.scalars(which):
                    mark_changed(session, apprenticeship_id)
            self._keep(session)
        everywhere.clear()
        session.commit()

    def _keep(self, session: Session) -> None:
        changed: dict[UUID, set[str]] = session.info["changed"]
        if changed:
            for keeper in self.keepers:
                keeper(session, set(changed))
            session.flush()
            changed.clear()


def narrow(session: Session, provider_ids: Iterable[UUID], person_id: UUID | None = None) -> None:
    """From here on the session sees and writes rows of these providers only, and of this person what is theirs in
    any (what they are in each, what was done to their account). Both walls go by it, in every transaction to come."""
    session.info["provider_ids"] = frozenset(provider_ids)
    session.info["person_id"] = person_id
    _tell(session)


@contextmanager
def across(session: Session) -> Iterator[None]:
    """Inside, the session sees and writes rows of all providers, and what was added inside is written at its end.

    Only for the few questions of a request that are about all of them: the installation's numbers, a new provider,
    whether an account has a role elsewhere, and what is derived when a name changes."""
    own: frozenset[UUID] | None = session.info["provider_ids"]
    if own is None:
        yield
        return
    session.info["provider_ids"] = None
    _tell(session)
    try:
        yield
        session.flush()
    finally:
        session.info["provider_ids"] = own
        with suppress(
            SQLAlchemyError
        ):  # a transaction that failed takes no more statements, and ends narrowed
            _tell(session)


def naming(session: Session, person_id: InstrumentedAttribute[UUID]) -> list[ColumnElement[str]]:
    """More columns for the query that finds out who asks: from the row it finds on, the second wall lets that
    person see what they are in each provider. Costs no round trip of its own; nothing on SQLite."""
    if session.get_bind().dialect.name == "sqlite":
        return []
    return [func.set_config("portfolio.person", cast(person_id, Text), true())]


_TELL = text(
    "SELECT set_config('portfolio.across', :across, true), set_config('portfolio.providers', :providers, true), "
    "set_config('portfolio.person', :person, true)"
)
"""For this transaction only: the next one on the same connection begins without."""


def _tell(session: Session) -> None:
    """Tell the transaction that runs; one that begins later is told then."""
    if session.in_transaction() and session.get_bind().dialect.name != "sqlite":
        _tell_connection(session, session.connection())


def _tell_new_transaction(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    known = session.info["provider_ids"] is None or session.info["provider_ids"] or session.info["person_id"]
    if known and not transaction.nested:  # untold, it sees nothing
        _tell_connection(session, connection)


def _tell_connection(session: Session, connection: Connection) -> None:
    providers: frozenset[UUID] | None = session.info["provider_ids"]
    listed = ",".join(sorted(str(one) for one in providers or ()))
    values = {
        "across": "on" if providers is None else "",
        "providers": "{" + listed + "}",
        "person": str(session.info["person_id"] or ""),
    }
    connection.execute(_TELL, values)


def mark_changed(session: Session, apprenticeship_id: UUID) -> None:
    """For writes that the unit of work does not see, such as a bulk insert."""
    _note_change(session, apprenticeship_id, "")


def mark_all_changed(session: Session, which: Select[UUID]) -> None:
    """The same for every apprenticeship that this finds at the commit, whichever provider's it is."""
    session.info["changed_by"].append(which)


def changed_tables(session: Session, apprenticeship_id: UUID) -> frozenset[str]:
    """For keepers: the tables in which rows of this apprenticeship changed, "draft" for versions not yet handed
    in; "" stands for any."""
    return frozenset(session.info["changed"].get(apprenticeship_id, ("",)))


def _note_change(session: Session, apprenticeship_id: UUID, table: str) -> None:
    session.info["changed"].setdefault(apprenticeship_id, set()).add(table)


def _watch(watcher: Watcher, session: Session, _context: UOWTransaction) -> None:
    watcher(session)


def turn_taken(session: Session, apprenticeship_id: UUID) -> None:
    """Whoever had waited for this portfolio may have written meanwhile: ids are to follow that, too."""
    session.info["followed"].discard(apprenticeship_id)


def _follow_anew(session: Session, transaction: SessionTransaction, _connection: Connection) -> None:
    if not transaction.nested:
        session.info["followed"].clear()


def _give_ids(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Before a flush: ids that sort after all that was written about the same apprenticeships before, by any process
    with any clock, since the newest row says how things stand.

    The trail's newest event tells what came last, so its events get their ids after the rows that they are about."""
    new = [row for row in session.new if isinstance(row, Base)]
    _follow_events(session, new)
    for is_event in (False, True):
        for row in new:
            if row.id is None and hasattr(row, "about_apprenticeship_id") is is_event:
                row.id = new_id()
    session.info["followed"].update(row.id for row in new if row.__tablename__ == APPRENTICESHIP)


def _follow_events(session: Session, new: Iterable[Base]) -> None:
    """One question for each apprenticeship in a transaction; all of a flush in one statement."""
    followed: set[UUID] = session.info["followed"]
    created = {
        row.id for row in new if row.__tablename__ == APPRENTICESHIP
    }  # nothing was written about these
    about = [one for one in {_about(row) for row in new} - followed - created if one is not None]
    table = Base.metadata.tables["audit_event"]
    for some in (about[start : start + 100] for start in range(0, len(about), 100)):
        newest = [
            select(table.c.id)
            .where(table.c.about_apprenticeship_id == one)
            .order_by(table.c.id.desc())
            .limit(1)
            .scalar_subquery()
            for one in some
        ]
        for last in session.connection().execute(select(*newest)).one():
            if last is not None and last.version == 7:
                new_ids_follow(last)
    followed.update(about)


def _about(row: Base) -> UUID | None:
    found = getattr(row, "apprenticeship_id", None) or getattr(row, "about_apprenticeship_id", None)
    return found if isinstance(found, UUID) else None


def _collect_changed(session: Session, _context: UOWTransaction) -> None:
    """After the flush, when a new apprenticeship has its id: one that nothing else was added to counts as well."""
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(getattr(row, "apprenticeship_id", None), UUID) and not getattr(row, "derived", False):
            is_draft = getattr(row, "submitted_at", True) is None  # nothing that is derived counts it yet
            _note_change(session, row.apprenticeship_id, "draft" if is_draft else row.__tablename__)


def _only_own_providers(state: ORMExecuteState) -> None:
    """The first wall between providers: filters every ORM select, refresh, update and delete of a request.

    `across_providers` takes it away from a statement by the id of one apprenticeship that is prepared once and run
    in every commit, where making the condition costs more than the query; the second wall still stands."""
    providers = state.session.info["provider_ids"]
    if providers is None or state.execution_options.get("across_providers"):
        return
    state.statement = state.statement.options(
        with_loader_criteria(
            OfProvider,
            # "IS 1" keeps SQLite from going by the provider's index, which leads through everything a provider has
            (lambda row: row.provider_id.in_(providers).is_(True))
            if state.session.get_bind().dialect.name == "sqlite"
            else (lambda row: row.provider_id.in_(providers)),
            include_aliases=True,
            track_closure_variables=True,
        )
    )


def open_session(request: Request) -> Iterator[Session]:
    database: Database = request.app.state.database
    with database.session(write=request.method not in ("GET", "HEAD")) as session:
        yield session


ReadSession = Annotated[Session, Depends(open_session, scope="function")]


def commit_on_success(request: Request, session: ReadSession) -> Iterator[Session]:
    yield session
    request.app.state.database.commit(session)


WriteSession = Annotated[Session, Depends(commit_on_success, scope="function")]
