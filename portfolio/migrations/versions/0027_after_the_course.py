"""What comes after a session: certificates, what people said of it, when they were asked, and materials.

Certificates, answers, letters and pieces made from answers are only added. The words of an answer may be sealed with
the piece that was made from it (as 0021 says of every other text). Materials never change, and may go. None of the
five is frozen by the lock of a portfolio: a course that somebody attended is no part of what is assessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CERTIFICATE, ANSWER, ASKED, PIECE, MATERIAL = (
    "certificate", "evaluation_answer", "evaluation_asked", "evaluation_piece", "course_material",
)  # fmt: skip
TABLES = (CERTIFICATE, ANSWER, ASKED, PIECE, MATERIAL)
ADDED_ONLY = (CERTIFICATE, ASKED, PIECE)
KEPT_ADDED = (ANSWER,)
ANSWER_REST = (
    "id provider_id apprenticeship_id booking_id form useful confidence_before confidence_now changed may_be_quoted "
    "form_key at"
)
"""Everything of an answer but its words."""
CLOSED, REMOVED = "Closed: being looked at", "Removed: it identified somebody"

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"
OF_BOOKING = (("booking", "booking_id"), ("apprenticeship", "apprenticeship_id"))
PARENTS = {
    CERTIFICATE: OF_BOOKING,
    ANSWER: OF_BOOKING,
    ASKED: OF_BOOKING,
    PIECE: (*OF_BOOKING, ("evidence", "evidence_id")),
    MATERIAL: (("course_session", "session_id"),),
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
        CERTIFICATE,
        *_of_booking(CERTIFICATE),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_trainer", sa.Boolean(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        _named(CERTIFICATE, "by_id", "person"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("number", name="uq_certificate_number"),
        sa.CheckConstraint("outcome IN ('issued','withheld')", name=op.f("ck_certificate_outcome")),
    )
    op.create_index("ix_certificate_booking_id", CERTIFICATE, ["booking_id", "id"])
    op.create_table(
        ANSWER,
        *_of_booking(ANSWER),
        sa.Column("form", sa.String(10), nullable=False),
        sa.Column("useful", sa.Integer(), nullable=True),
        sa.Column("confidence_before", sa.Integer(), nullable=True),
        sa.Column("confidence_now", sa.Integer(), nullable=True),
        sa.Column("changed", sa.String(10), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("may_be_quoted", sa.Boolean(), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("booking_id", "form", name="uq_evaluation_answer_booking_id_form"),
        sa.CheckConstraint("form IN ('day','follow_up')", name=op.f("ck_evaluation_answer_form")),
        sa.CheckConstraint("changed IN ('yes','partly','no')", name=op.f("ck_evaluation_answer_changed")),
    )
    op.create_table(
        ASKED,
        *_of_booking(ASKED),
        sa.Column("form", sa.String(10), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.UniqueConstraint(
            "booking_id", "form", "asked_on", name="uq_evaluation_asked_booking_id_form_asked_on"
        ),
        sa.CheckConstraint("form IN ('day','follow_up')", name=op.f("ck_evaluation_asked_form")),
    )
    op.create_table(
        PIECE,
        *_of_booking(PIECE),
        sa.Column("form", sa.String(10), nullable=False),
        _named(PIECE, "evidence_id", "evidence"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("booking_id", "form", name="uq_evaluation_piece_booking_id_form"),
        sa.CheckConstraint("form IN ('day','follow_up')", name=op.f("ck_evaluation_piece_form")),
    )
    op.create_index("ix_evaluation_piece_evidence_id", PIECE, ["evidence_id"])
    op.create_table(
        MATERIAL,
        *_of_provider(MATERIAL),
        _named(MATERIAL, "session_id", "course_session"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        _named(MATERIAL, "by_id", "person"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_course_material_session_id", MATERIAL, ["session_id"])
    for table in TABLES:
        op.create_index(f"ix_{table}_provider_id", table, ["provider_id"])
        if table != MATERIAL:
            op.create_index(f"ix_{table}_apprenticeship_id", table, ["apprenticeship_id"])


def _of_provider(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def _of_booking(table: str) -> list[sa.schema.SchemaItem]:
    return [
        *_of_provider(table),
        _named(table, "apprenticeship_id", "apprenticeship"),
        _named(table, "booking_id", "booking"),
    ]


def _named(table: str, column: str, parent: str) -> sa.Column[object]:
    key = sa.ForeignKey(f"{parent}.id", name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Uuid(), key, nullable=False)


def _exchanged(column: str) -> str:
    """As in 0021: whether the words of this column were sealed, put back or purged."""
    return (
        f"EXISTS (SELECT 1 FROM sealed_words s WHERE s.record_id = OLD.id AND s.field = '{column}' "  # noqa: S608
        f"AND s.purged_at IS NULL AND ((NEW.{column} = '{CLOSED}' AND s.words = OLD.{column}) "
        f"OR (OLD.{column} = '{CLOSED}' AND s.words = NEW.{column}) "
        f"OR (OLD.{column} = '{CLOSED}' AND NEW.{column} = '{REMOVED}' "
        "AND EXISTS (SELECT 1 FROM tombstone t WHERE t.slip_id = s.slip_id))))"
    )


def rules(same: str = "IS") -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses. `same`: how
    this database compares what may be NULL."""
    rest = " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in ANSWER_REST.split())
    only_sealed = f"(NEW.words <> OLD.words AND {rest} AND {_exchanged('words')})"
    found = [
        (f"{table}_no_{verb.lower()}", table, verb, "1 = 1", f"{table} is append-only")
        for table in ADDED_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    return [
        *found,
        (f"{ANSWER}_only_sealed", ANSWER, "UPDATE", f"NOT {only_sealed}", f"{ANSWER} is append-only"),
        (f"{ANSWER}_no_delete", ANSWER, "DELETE", "1 = 1", f"{ANSWER} is append-only"),
        (f"{MATERIAL}_fixed", MATERIAL, "UPDATE", "1 = 1", f"{MATERIAL} is never changed"),
    ]


UNIQUE = {
    CERTIFICATE: "id = NEW.id OR number = NEW.number",
    ANSWER: "id = NEW.id OR (booking_id = NEW.booking_id AND form = NEW.form)",
    ASKED: "id = NEW.id OR (booking_id = NEW.booking_id AND form = NEW.form AND asked_on = NEW.asked_on)",
    PIECE: "id = NEW.id OR (booking_id = NEW.booking_id AND form = NEW.form)",
}


def add_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, verb, condition, message in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for table, unique in UNIQUE.items():  # INSERT OR REPLACE must not rewrite a row either
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {unique}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
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
    for table in reversed(TABLES):
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
