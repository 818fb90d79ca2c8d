"""Originals that stay where they are, and who confirmed having seen them; files that could not be cleaned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLE = "sighting"
KEY = ("version_id", "signed_by_id")
VERSION_COLUMNS = ("original_what", "original_seen_on")
FILE_COLUMNS = ("not_cleaned", "still_holds", "kept_uncleaned_at", "covered_at")

REWRITTEN = (
    "OLD.submitted_at IS NOT NULL AND (NEW.original_what <> OLD.original_what "
    "OR NEW.original_seen_on <> OLD.original_seen_on "
    "OR (NEW.original_seen_on IS NULL AND OLD.original_seen_on IS NOT NULL) "
    "OR (NEW.original_seen_on IS NOT NULL AND OLD.original_seen_on IS NULL))"
)
LOCKED = (
    "EXISTS (SELECT 1 FROM gateway_lock l LEFT JOIN gateway_unlock u ON u.lock_id = l.id "
    "WHERE l.apprenticeship_id = NEW.apprenticeship_id AND u.id IS NULL)"
)
WAIT_FOR_LOCK = "PERFORM 1 FROM apprenticeship a WHERE a.id IN (NEW.apprenticeship_id) FOR KEY SHARE; "
"""As in 0001: whoever locks the gateway is waited for, and then the lock is looked for anew."""

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"
MAY_WRITE = (
    f"{ACROSS} OR (provider_id = ANY ({PROVIDERS}) AND EXISTS (SELECT 1 FROM apprenticeship a "
    f"WHERE a.id = {TABLE}.apprenticeship_id AND a.provider_id = {TABLE}.provider_id))"
)
POLICIES = {
    "own_providers": f"FOR SELECT USING ({OWN})",
    "own_providers_insert": f"FOR INSERT WITH CHECK ({MAY_WRITE})",
    "own_providers_update": f"FOR UPDATE USING ({OWN}) WITH CHECK ({MAY_WRITE})",
    "own_providers_delete": f"FOR DELETE USING ({OWN})",
}


def rules() -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses."""
    append_only = f"{TABLE} is append-only"
    return [
        (f"{TABLE}_no_update", TABLE, "UPDATE", "1 = 1", append_only),
        (f"{TABLE}_no_delete", TABLE, "DELETE", "1 = 1", append_only),
        (f"{TABLE}_locked_insert", TABLE, "INSERT", LOCKED, "the portfolio is locked"),
        ("evidence_version_original_frozen", "evidence_version", "UPDATE", REWRITTEN, "a submitted version is frozen"),
    ]


def upgrade() -> None:
    op.add_column("evidence_version", sa.Column("original_what", sa.Text(), nullable=False, server_default=""))
    op.add_column("evidence_version", sa.Column("original_seen_on", sa.Date(), nullable=True))
    op.add_column("evidence_file", sa.Column("not_cleaned", sa.Text(), nullable=False, server_default=""))
    op.add_column("evidence_file", sa.Column("still_holds", sa.Text(), nullable=False, server_default=""))
    op.add_column("evidence_file", sa.Column("kept_uncleaned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("evidence_file", sa.Column("covered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("apprenticeship_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("version_sha256", sa.String(64), nullable=False),
        sa.Column("signed_by_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("seen_where", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('mentor','assessor')", name="ck_sighting_role"),
        sa.ForeignKeyConstraint(
            ["apprenticeship_id"], ["apprenticeship.id"], name="fk_sighting_apprenticeship_id"
        ),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_sighting_evidence_id"),
        sa.ForeignKeyConstraint(["version_id"], ["evidence_version.id"], name="fk_sighting_version_id"),
        sa.ForeignKeyConstraint(["signed_by_id"], ["person.id"], name="fk_sighting_signed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sighting"),
        sa.UniqueConstraint(*KEY, name="uq_sighting_version_id_signed_by_id"),
    )
    op.create_index("ix_sighting_provider_id", TABLE, ["provider_id"])
    op.create_index("ix_sighting_apprenticeship_id", TABLE, ["apprenticeship_id"])
    op.create_index("ix_sighting_evidence_id", TABLE, ["evidence_id"])
    add_triggers()
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for name, policy in POLICIES.items():
        op.execute(f"CREATE POLICY {name} ON {TABLE} {policy}")


def add_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, verb, condition, message in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        same = " AND ".join(f"{name} = NEW.{name}" for name in KEY)
        op.execute(  # INSERT OR REPLACE must not rewrite a row either, by whichever of its keys
            f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
            f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR ({same})) "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )
        return
    schema = op.get_bind().dialect.identifier_preparer.quote_identifier(
        op.get_bind().scalar(sa.text("SELECT current_schema()"))
    )
    for name, table, verb, condition, message in rules():
        row = "OLD" if verb == "DELETE" else "NEW"
        wait = WAIT_FOR_LOCK if "_locked_" in name else ""
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$ "
            f"BEGIN {wait}IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    frozen = "evidence_version_original_frozen"
    op.execute(f"DROP TRIGGER {frozen}" if sqlite else f"DROP TRIGGER {frozen} ON evidence_version")
    op.drop_table(TABLE)  # with its triggers and policies
    if not sqlite:
        for name, *_ in rules():
            op.execute(f"DROP FUNCTION {name}()")
    for column in reversed(FILE_COLUMNS):
        op.drop_column("evidence_file", column)
    for column in reversed(VERSION_COLUMNS):
        op.drop_column("evidence_version", column)
