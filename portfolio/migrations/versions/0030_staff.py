"""Staff of an employer who are no apprentices: who they are, what was chosen for them, and their training.

Choices are only added. Training never changes, and may go when it was recorded by mistake. Of each person no more is
held than whose training is due.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MEMBER, CHOICE, LEARNING = "staff_member", "staff_choice", "staff_learning"
TABLES = (MEMBER, CHOICE, LEARNING)
KEPT_ADDED = (CHOICE, LEARNING)

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"


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
    """A row is written only under an employer, or a member of staff, of the same provider."""
    parent = "employer" if table == MEMBER else MEMBER
    may_write = (
        f"{ACROSS} OR (provider_id = ANY ({PROVIDERS}) AND EXISTS (SELECT 1 FROM {parent} p "  # noqa: S608
        f"WHERE p.id = {table}.{parent}_id AND p.provider_id = {table}.provider_id))"
    )
    return {
        "own_providers": f"FOR SELECT USING ({OWN})",
        "own_providers_insert": f"FOR INSERT WITH CHECK ({may_write})",
        "own_providers_update": f"FOR UPDATE USING ({OWN}) WITH CHECK ({may_write})",
        "own_providers_delete": f"FOR DELETE USING ({OWN})",
    }


def _tables() -> None:
    op.create_table(
        MEMBER,
        *_about(MEMBER, "employer"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        *_written_by(MEMBER, "recorded_by_id", "recorded_at"),
        sa.CheckConstraint(
            "left_on IS NULL OR started_on IS NULL OR left_on >= started_on",
            name=op.f("ck_staff_member_left_on"),
        ),
    )
    op.create_index("ix_staff_member_by_name", MEMBER, ["provider_id", "name", "id"])
    op.create_index("ix_staff_member_employer_id", MEMBER, ["employer_id"])
    op.create_table(
        CHOICE,
        *_about(CHOICE, MEMBER),
        sa.Column("framework_id", sa.String(60), nullable=False),
        sa.Column("level_id", sa.String(200), nullable=False),
        sa.Column("strand", sa.String(10), nullable=False),
        sa.Column("designated_lead", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_written_by(CHOICE, "chosen_by_id", "chosen_at"),
        sa.CheckConstraint("strand IN ('child','adult','both')", name=op.f("ck_staff_choice_strand")),
    )
    op.create_index("ix_staff_choice_newest", CHOICE, ["staff_member_id", "id"])
    op.create_table(
        LEARNING,
        *_about(LEARNING, MEMBER),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(300), nullable=False),
        sa.Column("framework_id", sa.String(60), nullable=False),
        sa.Column("level_id", sa.String(200), nullable=False),
        *_written_by(LEARNING, "recorded_by_id", "at"),
        sa.CheckConstraint("minutes BETWEEN 1 AND 6000", name=op.f("ck_staff_learning_minutes")),
    )
    op.create_index("ix_staff_learning_of", LEARNING, ["staff_member_id", "day"])
    for table in TABLES:
        op.create_index(f"ix_{table}_provider_id", table, ["provider_id"])


def _about(table: str, what: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column(f"{what}_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint([f"{what}_id"], [f"{what}.id"], name=f"fk_{table}_{what}_id"),
    ]


def _written_by(table: str, who: str, when: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(who, sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column(when, sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint([who], ["person.id"], name=f"fk_{table}_{who}"),
    ]


def rules() -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses."""
    return [
        (f"{CHOICE}_no_update", CHOICE, "UPDATE", "1 = 1", f"{CHOICE} is append-only"),
        (f"{CHOICE}_no_delete", CHOICE, "DELETE", "1 = 1", f"{CHOICE} is append-only"),
        (f"{LEARNING}_fixed", LEARNING, "UPDATE", "1 = 1", f"{LEARNING} is never changed"),
    ]


def add_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, verb, condition, message in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for table in (CHOICE, LEARNING):  # INSERT OR REPLACE must not rewrite a row either
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
            )
        return
    schema = op.get_bind().dialect.identifier_preparer.quote_identifier(
        op.get_bind().scalar(sa.text("SELECT current_schema()"))
    )
    for name, table, verb, condition, message in rules():
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
