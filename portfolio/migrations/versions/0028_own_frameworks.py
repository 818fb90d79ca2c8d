"""A provider's own frameworks, and what its assessors said of the links from competencies to statements.

An edition that was added stays as it is: choices and ratings hang on it. Only that it is not offered any more may be
written, once. Answers about links are only added.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FRAMEWORK, LINK = "provider_framework", "confirmed_link"
TABLES = (FRAMEWORK, LINK)
STAYS = "id provider_id file_id number title edition content sha256 added_by_id added_at"
ONLY_WITHDRAWN = (
    f"({' AND '.join(f'NEW.{name} = OLD.{name}' for name in STAYS.split())} AND OLD.withdrawn_at IS NULL "
    "AND NEW.withdrawn_at IS NOT NULL AND NEW.withdrawn_by_id IS NOT NULL)"
)

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"
POLICIES = {
    "own_providers": f"FOR SELECT USING ({OWN})",
    "own_providers_insert": f"FOR INSERT WITH CHECK ({OWN})",
    "own_providers_update": f"FOR UPDATE USING ({OWN}) WITH CHECK ({OWN})",
    "own_providers_delete": f"FOR DELETE USING ({OWN})",
}
SAME = {
    FRAMEWORK: "id = NEW.id OR (provider_id = NEW.provider_id AND file_id = NEW.file_id AND number = NEW.number)",
    LINK: "id = NEW.id",
}


def rules() -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses."""
    kept = "an edition of a framework is never changed"
    return [
        (f"{FRAMEWORK}_only_withdrawn", FRAMEWORK, "UPDATE", f"NOT {ONLY_WITHDRAWN}", kept),
        (f"{FRAMEWORK}_no_delete", FRAMEWORK, "DELETE", "1 = 1", f"{FRAMEWORK} is append-only"),
        (f"{LINK}_no_update", LINK, "UPDATE", "1 = 1", f"{LINK} is append-only"),
        (f"{LINK}_no_delete", LINK, "DELETE", "1 = 1", f"{LINK} is append-only"),
    ]


def upgrade() -> None:
    op.create_table(
        FRAMEWORK,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.String(50), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("edition", sa.String(200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_provider_framework"),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name="fk_provider_framework_added_by_id"),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["person.id"], name="fk_provider_framework_withdrawn_by_id"
        ),
        sa.UniqueConstraint(
            "provider_id", "file_id", "number", name="uq_provider_framework_provider_id_file_id_number"
        ),
    )
    op.create_table(
        LINK,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("standard_reference", sa.String(20), nullable=False),
        sa.Column("standard_version", sa.String(20), nullable=False),
        sa.Column("framework_id", sa.String(60), nullable=False),
        sa.Column("competency_id", sa.String(60), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_confirmed_link"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_confirmed_link_by_id"),
        sa.CheckConstraint(
            "outcome IN ('confirmed','refused','withdrawn')", name=op.f("ck_confirmed_link_outcome")
        ),
    )
    of = ["provider_id", "framework_id", "standard_reference", "standard_version", "id"]
    op.create_index("ix_confirmed_link_of", LINK, of)
    for table in TABLES:
        op.create_index(f"ix_{table}_provider_id", table, ["provider_id"])
    add_triggers()
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, policy in POLICIES.items():
            op.execute(f"CREATE POLICY {name} ON {table} {policy}")


def add_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, verb, condition, message in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for table, same in SAME.items():  # INSERT OR REPLACE must not rewrite a row either
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608  # our own words
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
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
