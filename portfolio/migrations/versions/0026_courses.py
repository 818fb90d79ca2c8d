"""Courses, their dated sessions, bookings, and the steps of a booking.

Courses and sessions are never deleted, so that what was booked keeps its course. A booking keeps what was asked for:
only where it stands moves. Steps are only added. None of the four is frozen by the lock of a portfolio: a course that
somebody attends is no part of what is assessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COURSE, SESSION, BOOKING, STEP = "course", "course_session", "booking", "booking_step"
TABLES = (COURSE, SESSION, BOOKING, STEP)
KEPT_ADDED = (BOOKING, STEP)
ASKED = "id provider_id session_id apprenticeship_id person_id needs instead_of_id asked_at form_key"
"""What of a booking never changes."""
STATES = (
    "'requested','approved','refused','waiting','offered','lapsed','confirmed','substituted',"
    "'cancelled','cancelled_late','called_off','full','part','none'"
)
STEPS = (
    "'approve','refuse','confirm','wait','offer','accept','lapse','cancel','substitute','call_off',"
    "'mark_full','mark_part','mark_none'"
)

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"
PARENTS = {
    COURSE: (),
    SESSION: (("course", "course_id"),),
    BOOKING: (("course_session", "session_id"), ("apprenticeship", "apprenticeship_id")),
    STEP: (("booking", "booking_id"), ("apprenticeship", "apprenticeship_id")),
}
"""What a row names must be the same provider's."""


def upgrade() -> None:
    _tables()
    add_triggers()
    _kept_about(lambda now: [*now, *KEPT_ADDED])
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, policy in policies(table).items():
            op.execute(f"CREATE POLICY {name} ON {table} {policy}")


def policies(table: str) -> dict[str, str]:
    same = "".join(
        f" AND EXISTS (SELECT 1 FROM {parent} p WHERE p.id = {table}.{column} "  # noqa: S608  # our own words
        f"AND p.provider_id = {table}.provider_id)"
        for parent, column in PARENTS[table]
    )
    may_write = f"{ACROSS} OR (provider_id = ANY ({PROVIDERS}){same})"
    return {
        "own_providers": f"FOR SELECT USING ({OWN})",
        "own_providers_insert": f"FOR INSERT WITH CHECK ({may_write})",
        "own_providers_update": f"FOR UPDATE USING ({OWN}) WITH CHECK ({may_write})",
        "own_providers_delete": f"FOR DELETE USING ({OWN})",
    }


def _tables() -> None:
    op.create_table(
        COURSE,
        *_of_provider(COURSE),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("level", sa.String(200), nullable=False),
        sa.Column("framework_id", sa.String(60), nullable=True),
        sa.Column("level_id", sa.String(200), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("not_for", sa.Text(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.Column("statements", sa.Text(), nullable=False),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("edition", sa.String(200), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        *_added(COURSE),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('workshop','elearning','briefing')", name=op.f("ck_course_kind")),
        sa.CheckConstraint("mode IN ('in_person','online','own_pace')", name=op.f("ck_course_mode")),
    )
    op.create_index("ix_course_by_title", COURSE, ["provider_id", "title", "id"])
    op.create_table(
        SESSION,
        *_of_provider(SESSION),
        _named(SESSION, "course_id", "course"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("venue", sa.String(200), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        *_added(SESSION),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_course_session_times")),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name=op.f("ck_course_session_capacity")),
    )
    op.create_index("ix_course_session_upcoming", SESSION, ["provider_id", "starts_at", "id"])
    op.create_index("ix_course_session_course_id", SESSION, ["course_id"])
    _booking_tables()
    for table in TABLES:
        op.create_index(f"ix_{table}_provider_id", table, ["provider_id"])


def _booking_tables() -> None:
    op.create_table(
        BOOKING,
        *_of_provider(BOOKING),
        _named(BOOKING, "session_id", SESSION),
        _named(BOOKING, "apprenticeship_id", "apprenticeship"),
        _named(BOOKING, "person_id", "person"),
        sa.Column("needs", sa.Text(), nullable=False),
        _named(BOOKING, "instead_of_id", BOOKING, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_booking_state")),
    )
    op.create_index("ix_booking_of_session", BOOKING, ["session_id", "state"])
    op.create_index("ix_booking_of_apprenticeship", BOOKING, ["apprenticeship_id", "state"])
    op.create_index("ix_booking_offer", BOOKING, ["state", "offer_until"])
    op.create_index("ix_booking_person_id", BOOKING, ["person_id"])
    op.create_index("ix_booking_instead_of_id", BOOKING, ["instead_of_id"])
    op.create_table(
        STEP,
        *_of_provider(STEP),
        _named(STEP, "booking_id", BOOKING),
        _named(STEP, "apprenticeship_id", "apprenticeship"),
        sa.Column("step", sa.String(20), nullable=False),
        _named(STEP, "by_id", "person", nullable=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        _named(STEP, "substitute_booking_id", BOOKING, nullable=True),
        sa.CheckConstraint(f"step IN ({STEPS})", name=op.f("ck_booking_step_step")),
        sa.CheckConstraint(
            "role IN ('person','manager','organiser','trainer','system')", name=op.f("ck_booking_step_role")
        ),
        sa.CheckConstraint("(by_id IS NULL) = (role = 'system')", name=op.f("ck_booking_step_by")),
    )
    op.create_index("ix_booking_step_of_booking", STEP, ["booking_id", "id"])
    op.create_index("ix_booking_step_apprenticeship_id", STEP, ["apprenticeship_id"])
    op.create_index("ix_booking_step_substitute_booking_id", STEP, ["substitute_booking_id"])


def _of_provider(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def _named(table: str, column: str, parent: str, *, nullable: bool = False) -> sa.Column[object]:
    key = sa.ForeignKey(f"{parent}.id", name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Uuid(), key, nullable=nullable)


def _added(table: str) -> list[sa.schema.SchemaItem]:
    return [
        _named(table, "added_by_id", "person"),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    ]


def rules(same: str = "IS") -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses. `same`: how
    this database compares what may be NULL."""
    asked = " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in ASKED.split())
    return [
        (f"{COURSE}_no_delete", COURSE, "DELETE", "1 = 1", f"{COURSE} is never deleted"),
        (f"{SESSION}_no_delete", SESSION, "DELETE", "1 = 1", f"{SESSION} is never deleted"),
        (f"{BOOKING}_no_delete", BOOKING, "DELETE", "1 = 1", f"{BOOKING} is never deleted"),
        (f"{BOOKING}_only_moved", BOOKING, "UPDATE", f"NOT ({asked})", f"what a {BOOKING} asked for stands"),
        (f"{STEP}_no_update", STEP, "UPDATE", "1 = 1", f"{STEP} is append-only"),
        (f"{STEP}_no_delete", STEP, "DELETE", "1 = 1", f"{STEP} is append-only"),
    ]


def add_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, verb, condition, message in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for table in TABLES:  # INSERT OR REPLACE must not rewrite a row either
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is never replaced'); END"
            )
        return
    schema = op.get_bind().dialect.identifier_preparer.quote_identifier(
        op.get_bind().scalar(sa.text("SELECT current_schema()"))
    )
    for name, table, verb, condition, message in rules("IS NOT DISTINCT FROM"):
        row = "OLD" if verb == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$ "
            f"BEGIN IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for table in (STEP, BOOKING, SESSION, COURSE):
        op.drop_table(table)  # with its triggers and policies
    if op.get_bind().dialect.name != "sqlite":
        for name, *_ in rules():
            op.execute(f"DROP FUNCTION {name}()")
    kept = sa.table("kept_finding", sa.column("about", sa.String))
    op.execute(kept.delete().where(kept.c.about.in_(KEPT_ADDED)))
    _kept_about(lambda now: [one for one in now if one not in KEPT_ADDED])


def _kept_about(change: Callable[[list[str]], list[str]]) -> None:
    """Of what a kept finding may be: what it may be already, with or without ours."""
    checks = sa.inspect(op.get_bind()).get_check_constraints("kept_finding")
    now = next(one["sqltext"] for one in checks if one["name"] == "ck_kept_finding_about")
    values = change(re.findall(r"'([a-z_]+)'", now))
    condition = f"about IN ({','.join(repr(value) for value in values)})"
    with op.batch_alter_table("kept_finding") as table:  # SQLite writes the table anew
        table.drop_constraint(op.f("ck_kept_finding_about"), type_="check")
        table.create_check_constraint(op.f("ck_kept_finding_about"), condition)
