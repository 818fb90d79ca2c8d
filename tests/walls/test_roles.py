"""Two roles on PostgreSQL: what the application's role may do is written out again by hand, and tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from portfolio import walls
from portfolio.database import Base, Database
from portfolio.migrate import migrate
from portfolio.walls import NoSuchRole, faults
from tests.postgres import TwoRoles, own_database, plain
from tests.rows import fill
from tests.walls.conftest import NOT_ON_SQLITE, Worlds

APPEND_ONLY = {
    "assessment_event",
    "audit_event",
    "certificate",
    "evaluation_asked",
    "evaluation_piece",
    "booking_step",
    "dbs_record",
    "competency_rating",
    "confirmed_link",
    "declaration",
    "framework_choice",
    "employer_asks",
    "gateway_lock",
    "gateway_unlock",
    "hours_plan",
    "induction",
    "ledger_entry",
    "qualification_record",
    "refresher_override",
    "sign_off_piece",
    "slip_event",
    "staff_choice",
    "support_record",
    "tombstone",
    "unlock_request",
    "withdrawal_event",
}
NEVER_CHANGED = {"competency_link", "course_material", "ledger_salt", "sealed_words", "staff_learning"}
"""May go, so that a person can be erased; may not be replaced by another."""
NEVER_DELETED = {"course", "course_session"}
"""May be changed; what was booked keeps them."""
COUNTED_ON = {
    "file_opening": {"last_at", "times"},
    "comment": {"text"},
    "testimony": {"relation", "statement"},
    "decision": {"missing", "reason"},
    "sign_off": {"reason"},
    "sighting": {"seen_where", "statement"},
    "hours_confirmation": {"reason"},
    "provider_framework": {"withdrawn_at", "withdrawn_by_id"},
    "sealed_words": {"words", "purged_at"},
    "evaluation_answer": {"words"},
    "booking": {"state", "waiting_since", "offer_until"},
}
"""Nothing of it goes, and nothing but these columns changes."""
TABLES = {table.name for table in Base.metadata.sorted_tables}


def expected(table: str) -> set[str]:
    if table == "alembic_version":
        return {"SELECT"}
    rights = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    if table in NEVER_DELETED:
        return rights - {"DELETE"}
    if table in NEVER_CHANGED:
        return rights - {"UPDATE"}
    return rights - {"UPDATE", "DELETE"} if table in APPEND_ONLY or table in COUNTED_ON else rights


def rights_of(connection: Connection, role: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    rows = connection.execute(
        text(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = :role"
        ),
        {"role": role},
    )
    for table, right in rows:
        found.setdefault(table, set()).add(right)
    return found


def changeable(connection: Connection, role: str, table: str) -> set[str]:
    """The columns of a table that a role may change, whoever gave it that right and in whatever form."""
    columns = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 "
        "AND has_column_privilege(:role, attrelid, attnum, 'UPDATE')"
    )
    return set(connection.scalars(columns, {"table": table, "role": role}))


def test_the_application_has_exactly_these_rights(database: Database, roles: TwoRoles) -> None:
    with database.engine.connect() as connection:
        found = rights_of(connection, roles.application_role)
        assert connection.execute(
            text(
                "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            )
        ).one() == (False, False, False, False)
        for table, columns in COUNTED_ON.items():
            assert changeable(connection, roles.application_role, table) == columns
    assert found == {table: expected(table) for table in TABLES | {"alembic_version"}}
    assert faults(database) == []


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_what_is_append_only_can_be_neither_changed_nor_deleted_nor_emptied(
    database: Database, worlds: Worlds, table: str
) -> None:
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table}"):  # noqa: S608
        with (
            pytest.raises(DBAPIError, match=f"permission denied for table {table}"),
            plain(database) as connection,
        ):
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE evidence",
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE gateway_lock (LIKE public.gateway_lock)",
        "DROP TABLE decision",
        "ALTER TABLE evidence DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE decision DISABLE TRIGGER ALL",
        "DROP TRIGGER decision_only_sealed ON decision",
        "DROP POLICY own_providers ON evidence",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE ROLE another",
    ],
)
def test_the_application_cannot_take_a_wall_down(database: Database, roles: TwoRoles, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), plain(database) as connection:
        connection.execute(text(statement))


def test_without_row_security_for_itself_it_gets_nothing_more(database: Database, worlds: Worlds) -> None:
    """`row_security = off` does not switch the wall off: it makes a statement that would meet it fail."""
    with database.engine.connect() as connection:
        connection.execute(text("SET LOCAL row_security = off"))
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(text("SELECT * FROM evidence"))


def test_migrating_takes_away_what_is_too_much(owner: Database | None, roles: TwoRoles) -> None:
    """And gives what is missing: as often as it is run, the rights are the same."""
    assert owner is not None
    role = f'"{roles.application_role}"'
    temporary = f'"{owner.engine.url.database}"'
    with owner.engine.begin() as connection:
        for statement in (
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT UPDATE (outcome) ON decision TO {role}",
            f"GRANT CREATE ON SCHEMA public TO {role}",
            f"GRANT TEMPORARY ON DATABASE {temporary} TO {role}, PUBLIC",
            f"GRANT UPDATE ON file_opening TO {role}",
            "GRANT DELETE ON sign_off TO PUBLIC",
            f"REVOKE SELECT ON evidence FROM {role}",  # noqa: S608
        ):
            connection.execute(text(statement))
    application = Database(roles.application, pool=1, overflow=0)
    try:
        told = " ".join(faults(application))
        for what in ("append-only", "may empty tables", "may make tables", "may not read"):
            assert what in told, what
        for _ in range(2):
            migrate(owner, application_role=roles.application_role)
            with owner.engine.connect() as connection:
                found = rights_of(connection, roles.application_role)
                for table, columns in COUNTED_ON.items():
                    assert changeable(connection, roles.application_role, table) == columns
            assert found == {table: expected(table) for table in TABLES | {"alembic_version"}}
            assert faults(application) == []
    finally:
        application.engine.dispose()


def test_a_role_that_is_not_there_is_named(owner: Database | None, roles: TwoRoles) -> None:
    assert owner is not None
    with pytest.raises(NoSuchRole, match="There is no role nobody_at_all"):
        migrate(owner, application_role="nobody_at_all")


def test_the_owner_is_bound_by_the_wall_and_refused_for_serving(
    owner: Database | None, worlds: Worlds
) -> None:
    assert owner is not None
    with owner.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM evidence")) == 0
    told = faults(owner)
    assert any("owns the tables" in sentence for sentence in told)
    assert all(walls.TWO_ROLES in sentence for sentence in told)


@pytest.fixture
def altered(
    database: Database, two_roles: TwoRoles | None
) -> Iterator[tuple[Connection, Database, TwoRoles]]:
    """A database of its own, its superuser, and the application's role in it."""
    if two_roles is None:
        pytest.skip(NOT_ON_SQLITE)
    with own_database("walls") as made:
        superuser = Database(made.superuser, pool=1, overflow=0)
        application = Database(made.application, pool=1, overflow=0)
        with superuser.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection, application, made
        application.engine.dispose()
        superuser.engine.dispose()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ('ALTER ROLE "{role}" SUPERUSER', "is a superuser"),
        ('ALTER ROLE "{role}" BYPASSRLS', "has BYPASSRLS"),
        ('GRANT "{owner}" TO "{role}"', "owns the tables"),
        ("ALTER TABLE evidence NO FORCE ROW LEVEL SECURITY", "Without row-level security: evidence"),
        ("ALTER TABLE member DISABLE ROW LEVEL SECURITY", "Without row-level security: member"),
        ("ALTER TABLE provider DISABLE ROW LEVEL SECURITY", "Without row-level security: provider"),
        ("ALTER TABLE kept_form NO FORCE ROW LEVEL SECURITY", "Without row-level security: kept_form"),
        ("DROP POLICY own_providers_update ON evidence", "Without row-level security: evidence"),
        ("DROP POLICY own_person ON kept_form", "Without row-level security: kept_form"),
        ("CREATE POLICY more ON evidence USING (true)", "Without row-level security: evidence"),
        ("CREATE TABLE later (id int)", "Without row-level security: later"),
        ('GRANT TEMPORARY ON DATABASE "{database}" TO PUBLIC', "may make tables of its own"),
    ],
)
def test_each_way_round_the_walls_is_seen_before_serving(
    altered: tuple[Connection, Database, TwoRoles], statement: str, fault: str
) -> None:
    superuser, application, made = altered
    assert faults(application) == []
    names = {
        "role": made.application_role,
        "owner": made.owner_role,
        "database": superuser.engine.url.database,
    }
    superuser.execute(text(statement.format_map(names)))
    told = faults(application)
    assert fault in " ".join(told)
    if "superuser" in fault:
        assert len(told) == 1


def test_a_temporary_table_does_not_stand_in_for_ours(altered: tuple[Connection, Database, TwoRoles]) -> None:
    """The triggers ask the table of their own schema, whatever a session calls the same; also if the right to make
    such a table was given by mistake."""
    superuser, application, _ = altered
    rows = fill(superuser, Base.metadata, "Northern Skills")
    superuser.execute(text(f'GRANT TEMPORARY ON DATABASE "{superuser.engine.url.database}" TO PUBLIC'))
    superuser.execute(text("SET session_replication_role = replica"))  # the lock stands again
    superuser.execute(text("DELETE FROM gateway_unlock"))
    superuser.execute(text("SET session_replication_role = origin"))
    change = text("UPDATE evidence SET state = state WHERE id = :id")
    for first in ("SELECT 1", "CREATE TEMP TABLE gateway_lock (LIKE public.gateway_lock)"):
        with plain(application) as connection:
            connection.execute(text(first))
            with pytest.raises(DBAPIError, match="the portfolio is locked"):
                connection.execute(change, {"id": rows["evidence"]["id"]})


def test_every_trigger_of_ours_names_its_schema(owner: Database | None, roles: TwoRoles) -> None:
    assert owner is not None
    with owner.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT DISTINCT p.proname, p.proconfig FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
                "WHERE NOT t.tgisinternal"
            )
        ).all()
    assert len(found) >= 40
    for name, given in found:
        assert given == ["search_path=public, pg_temp"], name
