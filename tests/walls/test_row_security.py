"""With the application's own filter taken away, PostgreSQL alone keeps one provider's rows from another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.database import Base, Database, across, narrow, new_id
from portfolio.people.models import Member, Provider
from tests.postgres import plain
from tests.walls.conftest import Worlds

GUARDED = sorted(table.name for table in Base.metadata.sorted_tables if "provider_id" in table.columns)
HANGING = sorted(name for name in GUARDED if "apprenticeship_id" in Base.metadata.tables[name].columns)
PERSONAL = ["kept_form", "reminder_choice", "reminder_sent", "signed_in_session", "single_use_link"]
"""Of one person, whatever provider they are in."""
SHARED = {"alembic_version", "job", "object_hold", "person", "sign_in_count"}
RLS = "violates row-level security policy"


def providers_in(session: Session, table: str) -> set[Any]:
    """Whose rows plain SQL finds in this table."""
    one = Base.metadata.tables[table]
    return set(session.connection().scalars(select(one.c.provider_id)))


def test_every_table_but_these_has_the_wall_and_it_binds_its_owner_too(
    database: Database, worlds: Worlds
) -> None:
    assert len(GUARDED) >= 30
    with database.engine.connect() as connection:
        found = connection.execute(
            text("SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relkind = 'r'")
        )
        bound = {name for name, forced in found if forced}
    assert bound == {*GUARDED, *PERSONAL, "provider"}
    assert {*Base.metadata.tables, "alembic_version"} - bound == SHARED


def test_a_request_before_anybody_is_known_reads_nothing(unfiltered: Database, worlds: Worlds) -> None:
    with unfiltered.session(write=False) as session:
        for name in {*GUARDED, *PERSONAL, "provider"} - {"signed_in_session"}:
            one = Base.metadata.tables[name]
            assert session.connection().scalar(select(func.count()).select_from(one)) == 0, name


def test_before_anybody_is_known_a_session_is_found_and_not_changed(
    unfiltered: Database, worlds: Worlds
) -> None:
    """By what only the browser has; that is how it gets known who asks. From then on, one's own only."""
    table = Base.metadata.tables["signed_in_session"]
    with unfiltered.session(write=True) as session:
        assert len(session.connection().scalars(select(table.c.id)).all()) == 2
        for statement in (table.update().values(ended_at=None), table.delete()):
            assert _changed(session, statement) == 0
        narrow(session, {worlds.own_id})
        assert session.connection().scalars(select(table.c.id)).all() == []


def test_plain_sql_reads_only_the_rows_of_whom_it_was_narrowed_to(
    unfiltered: Database, worlds: Worlds
) -> None:
    """And the same question across all finds both, or nothing would be proved."""
    for write in (False, True):
        with unfiltered.session(write=write) as session:
            narrow(session, {worlds.own_id}, worlds.own["person"]["id"])
            for name in GUARDED:
                assert providers_in(session, name) == {worlds.own_id}, name
            assert session.scalars(select(Provider.id)).all() == [worlds.own_id]
            with across(session):
                for name in GUARDED:
                    assert providers_in(session, name) == {worlds.own_id, worlds.other_id}, name
                assert len(session.scalars(select(Provider.id)).all()) == 2
            assert providers_in(session, "evidence") == {worlds.own_id}


def test_the_orm_reads_no_other_providers_row_with_its_filter_switched_off(
    database: Database, worlds: Worlds
) -> None:
    """`across_providers` takes the first wall away from a statement; the second does not hear of it."""
    guarded = [one.class_ for one in Base.registry.mappers if "provider_id" in one.local_table.columns]
    assert len(guarded) == len(GUARDED)
    with database.session(write=False) as session:
        narrow(session, {worlds.own_id}, worlds.own["person"]["id"])
        for model in guarded:
            rows = session.scalars(select(model).execution_options(across_providers=True)).all()
            assert {row.provider_id for row in rows} == {worlds.own_id}, model
            other = worlds.other[model.__tablename__]["id"]
            assert session.get(model, other, execution_options={"across_providers": True}) is None, model


@pytest.mark.parametrize("name", GUARDED)
def test_no_row_of_another_provider_can_be_written(unfiltered: Database, worlds: Worlds, name: str) -> None:
    """Not by the person either whom it is about, and who may see some of it: what they are there is not theirs to
    change from here."""
    table, row = Base.metadata.tables[name], worlds.other[name]
    with unfiltered.session(write=True) as session:
        narrow(session, {worlds.own_id}, worlds.other["person"]["id"])
        with pytest.raises(DBAPIError, match=RLS):
            session.connection().execute(insert(table).values(**row | {"id": new_id()}))
        session.rollback()
        for statement in (
            table.update().where(table.c.id == row["id"]).values(provider_id=worlds.own_id),
            table.delete().where(table.c.id == row["id"]),
        ):
            assert _changed(session, statement) == 0
        own = table.update().where(table.c.id == worlds.own[name]["id"])
        with pytest.raises(DBAPIError):  # nor may an own row be handed over to the other
            session.connection().execute(own.values(provider_id=worlds.other_id))
        session.rollback()
    with plain(unfiltered) as connection:
        assert (
            connection.scalar(select(table.c.provider_id).where(table.c.id == row["id"])) == worlds.other_id
        )
        assert connection.scalar(select(func.count()).select_from(table)) == 2


def test_a_provider_that_is_only_seen_is_not_changed(unfiltered: Database, worlds: Worlds) -> None:
    """Somebody of the other provider sees its name; a new one is made across, or not at all."""
    table = Base.metadata.tables["provider"]
    with unfiltered.session(write=True) as session:
        narrow(session, {worlds.own_id}, worlds.other["person"]["id"])
        assert len(session.connection().scalars(select(table.c.id)).all()) == 2
        assert _changed(session, table.update().where(table.c.id == worlds.other_id).values(name="Mine")) == 0
        assert _changed(session, table.delete().where(table.c.id == worlds.other_id)) == 0
        with pytest.raises(DBAPIError, match=RLS):
            session.connection().execute(insert(table).values(**worlds.other["provider"] | {"id": new_id()}))


@pytest.mark.parametrize("name", PERSONAL)
def test_what_is_a_persons_own_is_read_and_written_by_nobody_else(
    unfiltered: Database, worlds: Worlds, name: str
) -> None:
    """Half-typed evidence, what reminders said, sessions and links: a colleague's are not there. Across, both are."""
    table, own, other = Base.metadata.tables[name], worlds.own[name], worlds.other[name]
    with unfiltered.session(write=True) as session:
        narrow(session, {worlds.own_id, worlds.other_id}, own["person_id"])
        assert session.connection().scalars(select(table.c.id)).all() == [own["id"]]
        for statement in (
            table.update().where(table.c.id == other["id"]).values(person_id=own["person_id"]),
            table.delete().where(table.c.id == other["id"]),
        ):
            assert _changed(session, statement) == 0
        for forbidden in (
            insert(table).values(**other | {"id": new_id()}),
            table.update().where(table.c.id == own["id"]).values(person_id=other["person_id"]),
        ):
            with pytest.raises(DBAPIError, match=RLS):
                session.connection().execute(forbidden)
            session.rollback()
        with across(session):
            assert len(session.connection().scalars(select(table.c.id)).all()) == 2


def _changed(session: Session, statement: Any) -> int:
    """How many rows it changed. What is append-only may not even be tried."""
    try:
        return session.connection().execute(statement).rowcount
    except DBAPIError as error:
        session.rollback()
        return 0 if "permission denied" in str(error) else -1


@pytest.mark.parametrize("name", HANGING)
def test_no_row_can_be_hung_on_another_providers_apprenticeship(
    unfiltered: Database, worlds: Worlds, name: str
) -> None:
    """Called one's own by its provider, and about somebody else's apprentice all the same."""
    table = Base.metadata.tables[name]
    row = worlds.other[name] | {"id": new_id(), "provider_id": worlds.own_id}
    with unfiltered.session(write=True) as session:
        narrow(session, {worlds.own_id})
        with pytest.raises(DBAPIError, match=RLS):
            session.connection().execute(insert(table).values(**row))


def test_somebody_reads_what_they_are_in_each_provider_and_what_was_done_to_their_account(
    unfiltered: Database, worlds: Worlds
) -> None:
    """That much is known before it is known whose rows they may see; nothing of anybody else."""
    with unfiltered.session(write=False) as session:
        narrow(session, (), worlds.other["person"]["id"])
        assert session.scalars(select(Member.person_id)).all() == [worlds.other["person"]["id"]]
        assert session.scalars(select(Provider.id)).all() == [worlds.other_id]
        assert providers_in(session, "audit_event") == {worlds.other_id}
        assert providers_in(session, "evidence") == set()


def test_nothing_is_left_over_for_the_next_transaction_on_the_same_connection(
    unfiltered: Database, worlds: Worlds
) -> None:
    """The pool has one connection: whoever comes next has the very same."""

    def narrowed(session: Session) -> None:
        narrow(session, {worlds.own_id}, worlds.own["person"]["id"])
        assert providers_in(session, "evidence") == {worlds.own_id}

    def fails(session: Session) -> None:
        narrowed(session)
        session.connection().execute(text("SELECT 1 / 0"))

    def commits(session: Session) -> None:
        narrowed(session)
        session.commit()

    endings: list[Callable[[Session], None]] = [narrowed, commits, fails]
    for end in endings:
        with unfiltered.session(write=True) as session:
            if end is fails:
                with pytest.raises(DBAPIError, match="division by zero"):
                    end(session)
            else:
                end(session)
        with unfiltered.reading():  # across all, and then given back
            pass
        with unfiltered.engine.connect() as connection:
            left = connection.execute(
                text(
                    "SELECT current_setting('portfolio.across', true), current_setting('portfolio.providers', true), "
                    "current_setting('portfolio.person', true)"
                )
            ).one()
            assert not any(left), left
            assert connection.scalar(text("SELECT count(*) FROM evidence")) == 0


def test_a_session_stays_narrowed_through_every_transaction_of_its_own(
    unfiltered: Database, worlds: Worlds
) -> None:
    with unfiltered.session(write=True) as session:
        narrow(session, {worlds.own_id})
        for end in (session.commit, session.rollback, session.commit):
            assert providers_in(session, "evidence") == {worlds.own_id}
            with session.begin_nested():
                assert providers_in(session, "evidence") == {worlds.own_id}
            end()


@pytest.mark.parametrize("error", [ValueError("a rule said no"), None])
def test_going_across_ends_however_it_ends(
    unfiltered: Database, worlds: Worlds, error: ValueError | None
) -> None:
    """With an error of ours the transaction goes on, narrowed; with one of the database the next one is."""
    with unfiltered.session(write=True) as session:
        narrow(session, {worlds.own_id})
        with pytest.raises((ValueError, DBAPIError)):
            _fail_across(session, error)
        if error is None:
            session.rollback()
        assert providers_in(session, "evidence") == {worlds.own_id}
        with across(session), across(session):
            pass
        assert providers_in(session, "evidence") == {worlds.own_id}


def _fail_across(session: Session, error: ValueError | None) -> None:
    with across(session):
        assert len(providers_in(session, "evidence")) == 2
        if error is not None:
            raise error
        session.connection().execute(text("SELECT 1 / 0"))


def test_what_is_added_while_across_is_written_before_it_ends(unfiltered: Database, worlds: Worlds) -> None:
    values = {key: value for key, value in worlds.other["member"].items() if key != "id"} | {"role": "iqa"}
    with unfiltered.session(write=True) as session:
        narrow(session, {worlds.own_id})
        with across(session):
            session.add(Member(**values))
        session.commit()
        session.add(Member(**values | {"role": "mentor"}))
        with pytest.raises(DBAPIError, match=RLS):
            session.commit()
    with unfiltered.reading() as session:
        roles = session.scalars(select(Member.role).where(Member.provider_id == worlds.other_id)).all()
        assert sorted(roles) == ["iqa", "manager"]


def test_the_models_and_the_database_name_the_same_tables(database: Database, worlds: Worlds) -> None:
    """A table that only the database has would stand in no list above."""
    names = set(inspect(database.engine).get_table_names())
    assert names == {*Base.metadata.tables, "alembic_version"}
