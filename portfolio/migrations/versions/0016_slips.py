"""Slips: reports that a piece identifies somebody, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("slip", "slip_event", "sealed_words", "tombstone")
OPEN = "state = 'open'"
TOMBSTONE = "EXISTS (SELECT 1 FROM tombstone t WHERE t.slip_id = OLD.slip_id)"
RESTORED = "EXISTS (SELECT 1 FROM slip s WHERE s.id = OLD.slip_id AND s.state = 'restored')"
KEPT = ("id", "provider_id", "evidence_id", "slip_id", "record", "record_id", "field", "sealed_at")
ONLY_PURGED = (
    f"NOT ({' AND '.join(f'NEW.{name} = OLD.{name}' for name in KEPT)} AND NEW.words = '' "
    f"AND OLD.purged_at IS NULL AND NEW.purged_at IS NOT NULL AND {TOMBSTONE})"
)

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"
MAY_WRITE = (
    f"{ACROSS} OR (provider_id = ANY ({PROVIDERS}) AND EXISTS (SELECT 1 FROM evidence e "  # noqa: S608  # our own words
    "WHERE e.id = TABLE.evidence_id AND e.provider_id = TABLE.provider_id))"
)
POLICIES = {
    "own_providers": f"FOR SELECT USING ({OWN})",
    "own_providers_insert": f"FOR INSERT WITH CHECK ({MAY_WRITE})",
    "own_providers_update": f"FOR UPDATE USING ({OWN}) WITH CHECK ({MAY_WRITE})",
    "own_providers_delete": f"FOR DELETE USING ({OWN})",
}


def rules() -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses."""
    found: list[tuple[str, str, str, str, str]] = [
        (f"{table}_no_{verb.lower()}", table, verb, "1 = 1", f"{table} is append-only")
        for table in ("slip_event", "tombstone")
        for verb in ("UPDATE", "DELETE")
    ]
    found.append(("sealed_words_only_purged", "sealed_words", "UPDATE", ONLY_PURGED, "sealed words are kept"))
    found.append(("sealed_words_kept", "sealed_words", "DELETE", f"NOT {RESTORED}", "sealed words are kept"))
    return found


UNIQUE = {
    "slip_event": "id = NEW.id",
    "tombstone": "id = NEW.id OR slip_id = NEW.slip_id",
    "sealed_words": "id = NEW.id OR (record_id = NEW.record_id AND field = NEW.field)",
}


def upgrade() -> None:
    op.create_table(
        "slip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("apprenticeship_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("part", sa.String(10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reported_by_id", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purge_asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slip"),
        sa.ForeignKeyConstraint(
            ["apprenticeship_id"], ["apprenticeship.id"], name="fk_slip_apprenticeship_id"
        ),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_slip_evidence_id"),
        sa.ForeignKeyConstraint(["reported_by_id"], ["person.id"], name="fk_slip_reported_by_id"),
        sa.ForeignKeyConstraint(["purge_asked_by_id"], ["person.id"], name="fk_slip_purge_asked_by_id"),
        sa.UniqueConstraint("reported_by_id", "form_key", name="uq_slip_reported_by_id_form_key"),
        sa.CheckConstraint("state IN ('open','restored','asked','purged')", name=op.f("ck_slip_state")),
        sa.CheckConstraint("what IN ('person_at_risk','colleague','place')", name=op.f("ck_slip_what")),
        sa.CheckConstraint("part IN ('file','words','talk')", name=op.f("ck_slip_part")),
    )
    for column in ("provider_id", "apprenticeship_id", "evidence_id"):
        op.create_index(f"ix_slip_{column}", "slip", [column])
    op.create_index("ix_slip_list", "slip", ["provider_id", "state", "id"])
    where = sa.text(OPEN)
    op.create_index(
        "ix_slip_open", "slip", ["evidence_id"], unique=True, postgresql_where=where, sqlite_where=where
    )
    op.create_table(
        "slip_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("apprenticeship_id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slip_event"),
        sa.ForeignKeyConstraint(
            ["apprenticeship_id"], ["apprenticeship.id"], name="fk_slip_event_apprenticeship_id"
        ),
        sa.ForeignKeyConstraint(["slip_id"], ["slip.id"], name="fk_slip_event_slip_id"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_slip_event_evidence_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_slip_event_by_id"),
        sa.CheckConstraint(
            "kind IN ('reported','restored','asked','purge_asked','purged')", name=op.f("ck_slip_event_kind")
        ),
    )
    for column in ("provider_id", "apprenticeship_id"):
        op.create_index(f"ix_slip_event_{column}", "slip_event", [column])
    op.create_index("ix_slip_event_slip", "slip_event", ["slip_id", "id"])
    op.create_table(
        "sealed_words",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("record", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sealed_words"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_sealed_words_evidence_id"),
        sa.UniqueConstraint("record_id", "field", name="uq_sealed_words_record_id_field"),
    )
    for column in ("provider_id", "evidence_id", "slip_id"):
        op.create_index(f"ix_sealed_words_{column}", "sealed_words", [column])
    op.create_table(
        "tombstone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_by_id", sa.Uuid(), nullable=True),
        sa.Column("backups_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tombstone"),
        sa.UniqueConstraint("slip_id", name="uq_tombstone_slip_id"),
    )
    for column in ("provider_id", "evidence_id"):
        op.create_index(f"ix_tombstone_{column}", "tombstone", [column])
    add_triggers()
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, policy in POLICIES.items():
            op.execute(f"CREATE POLICY {name} ON {table} {policy.replace('TABLE', table)}")


def add_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, verb, condition, message in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for table, same in UNIQUE.items():  # INSERT OR REPLACE must not rewrite a row either
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
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in reversed(TABLES):
        op.drop_table(table)  # with its triggers and policies
    if not sqlite:
        for name, *_ in rules():
            op.execute(f"DROP FUNCTION {name}()")
