"""Continuing development: supervision, reviews learnt from, inductions, and what an employer asks for.

Supervision and reviews are their apprentice's own and may be changed or removed by them. Inductions, the employer's own
refresher interval and what the employer asks for are only added. None of the five is frozen by the lock of a portfolio:
they are about somebody's development at work, which goes on, and no part of what is assessed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SUPERVISION, REVIEW, INDUCTION, OVERRIDE, ASKS = (
    "supervision", "review_learnt", "induction", "refresher_override", "employer_asks",
)  # fmt: skip
TABLES = (SUPERVISION, REVIEW, INDUCTION, OVERRIDE, ASKS)
ADDED_ONLY = (INDUCTION, OVERRIDE, ASKS)
KEPT_BEFORE = (
    "evidence_version", "comment", "testimony", "decision", "evidence", "sighting", "sign_off", "unlock_request",
    "assessment_event", "training_entry", "hours_confirmation", "hours_plan", "framework_choice", "competency_rating",
)  # fmt: skip
KEPT_ADDED = (SUPERVISION, REVIEW, OVERRIDE)

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"


def upgrade() -> None:
    _tables()
    add_triggers()
    _kept_about((*KEPT_BEFORE, *KEPT_ADDED))
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, policy in policies(table).items():
            op.execute(f"CREATE POLICY {name} ON {table} {policy}")


def policies(table: str) -> dict[str, str]:
    about = "employer" if table == ASKS else "apprenticeship"
    may_write = (
        f"{ACROSS} OR (provider_id = ANY ({PROVIDERS}) AND EXISTS (SELECT 1 FROM {about} a "  # noqa: S608
        f"WHERE a.id = {table}.{about}_id AND a.provider_id = {table}.provider_id))"
    )
    return {
        "own_providers": f"FOR SELECT USING ({OWN})",
        "own_providers_insert": f"FOR INSERT WITH CHECK ({may_write})",
        "own_providers_update": f"FOR UPDATE USING ({OWN}) WITH CHECK ({may_write})",
        "own_providers_delete": f"FOR DELETE USING ({OWN})",
    }


def _tables() -> None:
    op.create_table(
        SUPERVISION,
        *_about(SUPERVISION, "apprenticeship"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("with_role", sa.String(30), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("wellbeing", sa.Text(), nullable=False),
        *_own(SUPERVISION),
    )
    op.create_table(
        REVIEW,
        *_about(REVIEW, "apprenticeship"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        *_own(REVIEW),
    )
    op.create_table(
        INDUCTION,
        *_about(INDUCTION, "apprenticeship"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("covered", sa.Text(), nullable=False),
        *_set_by(INDUCTION),
    )
    op.create_table(
        OVERRIDE,
        *_about(OVERRIDE, "apprenticeship"),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("designated_lead", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_set_by(OVERRIDE),
        sa.CheckConstraint(
            "months IS NULL OR months BETWEEN 1 AND 120", name=op.f("ck_refresher_override_months")
        ),
    )
    op.create_table(
        ASKS,
        *_about(ASKS, "employer"),
        sa.Column("induction_days", sa.Integer(), nullable=True),
        sa.Column("supervision_months", sa.Integer(), nullable=True),
        *_set_by(ASKS),
        sa.CheckConstraint(
            "induction_days IS NULL OR induction_days BETWEEN 1 AND 365",
            name=op.f("ck_employer_asks_induction_days"),
        ),
        sa.CheckConstraint(
            "supervision_months IS NULL OR supervision_months BETWEEN 1 AND 24",
            name=op.f("ck_employer_asks_supervision_months"),
        ),
    )
    for table in TABLES:
        about = "employer_id" if table == ASKS else "apprenticeship_id"
        op.create_index(f"ix_{table}_provider_id", table, ["provider_id"])
        op.create_index(f"ix_{table}_{about}", table, [about])
    for table in (SUPERVISION, REVIEW):
        op.create_index(f"ix_{table}_evidence_id", table, ["evidence_id"])


def _about(table: str, what: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column(f"{what}_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint([f"{what}_id"], [f"{what}.id"], name=f"fk_{table}_{what}_id"),
    ]


def _own(table: str) -> list[sa.schema.SchemaItem]:
    """What every record has that its apprentice keeps."""
    return [
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=f"fk_{table}_evidence_id"),
    ]


def _set_by(table: str) -> list[sa.schema.SchemaItem]:
    """Who set it, what they were then, and when."""
    return [
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('mentor','manager')", name=op.f(f"ck_{table}_role")),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=f"fk_{table}_set_by_id"),
    ]


def rules() -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses."""
    return [
        (f"{table}_no_{verb.lower()}", table, verb, "1 = 1", f"{table} is append-only")
        for table in ADDED_ONLY
        for verb in ("UPDATE", "DELETE")
    ]


def add_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, verb, condition, message in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for table in ADDED_ONLY:  # INSERT OR REPLACE must not rewrite a row either
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
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
    _kept_about(KEPT_BEFORE)


def _kept_about(values: tuple[str, ...]) -> None:
    condition = f"about IN ({','.join(repr(value) for value in values)})"
    with op.batch_alter_table("kept_finding") as table:  # SQLite writes the table anew
        table.drop_constraint(op.f("ck_kept_finding_about"), type_="check")
        table.create_check_constraint(op.f("ck_kept_finding_about"), condition)
