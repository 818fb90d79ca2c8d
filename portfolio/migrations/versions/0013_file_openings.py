"""Who opened which file: rows that are added and counted on, never changed otherwise, never deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = "file_opening"
KEY = ("file_id", "person_id", "what", "page", "half_hour")
FIXED = ("id", "provider_id", "apprenticeship_id", "evidence_id", *KEY, "role", "at")
REWRITTEN = " OR ".join([*(f"NEW.{name} <> OLD.{name}" for name in FIXED), "NEW.last_at < OLD.last_at", "NEW.times < OLD.times"])
"""What may be raised is raised; every column says something, so that nothing of it can be nothing."""
MESSAGE = f"{TABLE} is append-only"

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


def rules() -> list[tuple[str, str, str]]:
    """(trigger name, moment, condition). Not named ..._no_update: that is the mark of tables of which the application
    changes no column at all."""
    return [(f"{TABLE}_only_raised", "UPDATE", REWRITTEN), (f"{TABLE}_no_delete", "DELETE", "1 = 1")]


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("apprenticeship_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("page", sa.String(40), nullable=False),
        sa.Column("half_hour", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint("what IN ('file','range','preview','thumbnail')", name="ck_file_opening_what"),
        sa.CheckConstraint("times >= 1", name="ck_file_opening_times"),
        sa.ForeignKeyConstraint(
            ["apprenticeship_id"], ["apprenticeship.id"], name="fk_file_opening_apprenticeship_id"
        ),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_file_opening_evidence_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_file_opening_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_file_opening"),
        sa.UniqueConstraint(*KEY, name="uq_file_opening_" + "_".join(KEY)),
    )
    op.create_index("ix_file_opening_provider_id", TABLE, ["provider_id"])
    op.create_index("ix_file_opening_list", TABLE, ["evidence_id", "file_id", "last_at"])
    add_triggers()
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for name, policy in POLICIES.items():
        op.execute(f"CREATE POLICY {name} ON {TABLE} {policy}")


def add_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, verb, condition in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {TABLE} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        same = " AND ".join(f"{name} = NEW.{name}" for name in KEY)
        op.execute(  # INSERT OR REPLACE must not rewrite a row either, by whichever of its keys
            f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
            f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR ({same})) "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        return
    schema = op.get_bind().dialect.identifier_preparer.quote_identifier(
        op.get_bind().scalar(sa.text("SELECT current_schema()"))
    )
    for name, verb, condition in rules():
        row = "OLD" if verb == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{MESSAGE}'; END IF; RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_table(TABLE)  # with its triggers and policies
    if not sqlite:
        for name, *_ in rules():
            op.execute(f"DROP FUNCTION {name}()")
