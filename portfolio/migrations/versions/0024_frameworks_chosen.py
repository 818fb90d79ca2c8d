"""Frameworks chosen for apprenticeships, ratings of their competencies, and what is linked to them.

Choices and ratings are only added. Links never change, and may go. None of the three is frozen by the lock of a
portfolio: they are about somebody's development at work, which goes on, and no part of what is assessed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

CHOICE, RATING, LINK = "framework_choice", "competency_rating", "competency_link"
TABLES = (CHOICE, RATING, LINK)
ADDED_ONLY = (CHOICE, RATING)
KEPT_BEFORE = (
    "evidence_version", "comment", "testimony", "decision", "evidence", "sighting", "sign_off", "unlock_request",
    "assessment_event", "training_entry", "hours_confirmation", "hours_plan",
)  # fmt: skip
KEPT_ADDED = (CHOICE, RATING)

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
    may_write = (
        f"{ACROSS} OR (provider_id = ANY ({PROVIDERS}) AND EXISTS (SELECT 1 FROM apprenticeship a "  # noqa: S608
        f"WHERE a.id = {table}.apprenticeship_id AND a.provider_id = {table}.provider_id))"
    )
    return {
        "own_providers": f"FOR SELECT USING ({OWN})",
        "own_providers_insert": f"FOR INSERT WITH CHECK ({may_write})",
        "own_providers_update": f"FOR UPDATE USING ({OWN}) WITH CHECK ({may_write})",
        "own_providers_delete": f"FOR DELETE USING ({OWN})",
    }


def _tables() -> None:
    op.create_table(
        CHOICE,
        *_of_apprenticeship(CHOICE),
        sa.Column("framework_id", sa.String(60), nullable=False),
        sa.Column("level_id", sa.String(200), nullable=False),
        sa.Column("strand", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chosen_by_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("strand IN ('child','adult','both')", name=op.f("ck_framework_choice_strand")),
        sa.CheckConstraint("role IN ('mentor','manager')", name=op.f("ck_framework_choice_role")),
        sa.ForeignKeyConstraint(["chosen_by_id"], ["person.id"], name="fk_framework_choice_chosen_by_id"),
    )
    op.create_index("ix_framework_choice_newest", CHOICE, ["apprenticeship_id", "id"])
    op.create_table(
        RATING,
        *_of_competency(RATING),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("rating", sa.String(10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.CheckConstraint("side IN ('own','second')", name=op.f("ck_competency_rating_side")),
        sa.CheckConstraint(
            "rating IN ('not yet','developing','competent')", name=op.f("ck_competency_rating_rating")
        ),
    )
    op.create_index("ix_competency_rating_of", RATING, ["apprenticeship_id", "framework_id", "competency_id"])
    op.create_table(
        LINK,
        *_of_competency(LINK),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(evidence_id IS NULL) <> (entry_id IS NULL)", name=op.f("ck_competency_link_one")
        ),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_competency_link_evidence_id"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["training_entry.id"], name="fk_competency_link_entry_id", ondelete="CASCADE"
        ),
        *(
            sa.UniqueConstraint("apprenticeship_id", "framework_id", "competency_id", column, name=name)
            for column, name in (
                ("evidence_id", "uq_competency_link_piece"),
                ("entry_id", "uq_competency_link_entry"),
            )
        ),
    )
    for column in ("evidence_id", "entry_id"):
        op.create_index(f"ix_competency_link_{column}", LINK, [column])
    for table in TABLES:
        op.create_index(f"ix_{table}_provider_id", table, ["provider_id"])


def _of_competency(table: str) -> list[sa.schema.SchemaItem]:
    return [
        *_of_apprenticeship(table),
        sa.Column("framework_id", sa.String(60), nullable=False),
        sa.Column("competency_id", sa.String(200), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=f"fk_{table}_by_id"),
    ]


def _of_apprenticeship(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("apprenticeship_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["apprenticeship_id"], ["apprenticeship.id"], name=f"fk_{table}_apprenticeship_id"
        ),
    ]


def rules() -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses."""
    found = [
        (f"{table}_no_{verb.lower()}", table, verb, "1 = 1", f"{table} is append-only")
        for table in ADDED_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    return [*found, (f"{LINK}_fixed", LINK, "UPDATE", "1 = 1", f"{LINK} is never changed")]


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
    for table in (LINK, RATING, CHOICE):
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
