"""The training log: what an apprentice learnt, the plan of hours, and who confirmed which entry.

An entry is its apprentice's own until somebody confirmed it: from then on its words and numbers stand, unless it is
returned. Plans and confirmations are only added. The words of an entry, and the reason why one was returned, may be
sealed with the piece that was made from it (as 0021 says of every other text).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PLAN, ENTRY, CONFIRMATION = "hours_plan", "training_entry", "hours_confirmation"
TABLES = (PLAN, ENTRY, CONFIRMATION)
KEPT_BEFORE = (
    "evidence_version", "comment", "testimony", "decision", "evidence", "sighting", "sign_off", "unlock_request",
    "assessment_event",
)  # fmt: skip
KEPT_ADDED = (ENTRY, CONFIRMATION, PLAN)

SUMMED = ("hours_confirmed", "hours_planned")
"""Minutes, in the summary of an apprenticeship: nobody has any yet."""

TEXTS = {ENTRY: "what objective given_by certificate impact", CONFIRMATION: "reason"}
REST = {
    ENTRY: (
        "id provider_id apprenticeship_id day minutes activity framework_id level_id in_paid_hours new_learning "
        "english_maths assessment_or_review statements counts evidence_id form_key entered_at edited_at"
    ),
    CONFIRMATION: "id provider_id apprenticeship_id entry_id outcome entry_sha256 by_id role at",
}
SAYS = (
    "id provider_id apprenticeship_id day minutes what objective activity given_by certificate framework_id level_id "
    "in_paid_hours new_learning english_maths assessment_or_review impact statements counts entered_at"
)
"""What is confirmed of an entry. That a piece was made from it may be written later."""
CLOSED, REMOVED = "Closed: being looked at", "Removed: it identified somebody"

LOCKED = (
    "EXISTS (SELECT 1 FROM gateway_lock l LEFT JOIN gateway_unlock u ON u.lock_id = l.id "
    "WHERE l.apprenticeship_id = {row}.apprenticeship_id AND u.id IS NULL)"
)
LOCKED_UPDATE = (
    LOCKED.format(row="OLD")
    + f" OR (NEW.apprenticeship_id <> OLD.apprenticeship_id AND {LOCKED.format(row='NEW')})"
)
WAIT_FOR_LOCK = "PERFORM 1 FROM apprenticeship a WHERE a.id IN ({rows}) FOR KEY SHARE; "
AFFECTED = {
    "INSERT": "NEW.apprenticeship_id",
    "UPDATE": "OLD.apprenticeship_id, NEW.apprenticeship_id",
    "DELETE": "OLD.apprenticeship_id",
}
CONFIRMED = (
    "(SELECT c.outcome FROM hours_confirmation c WHERE c.entry_id = OLD.id ORDER BY c.id DESC LIMIT 1) = 'confirmed'"
)

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"


def exchanged(column: str) -> str:
    """As in 0021: whether the words of this column were sealed, put back or purged."""
    return (
        f"EXISTS (SELECT 1 FROM sealed_words s WHERE s.record_id = OLD.id AND s.field = '{column}' "  # noqa: S608
        f"AND s.purged_at IS NULL AND ((NEW.{column} = '{CLOSED}' AND s.words = OLD.{column}) "
        f"OR (OLD.{column} = '{CLOSED}' AND s.words = NEW.{column}) "
        f"OR (OLD.{column} = '{CLOSED}' AND NEW.{column} = '{REMOVED}' "
        "AND EXISTS (SELECT 1 FROM tombstone t WHERE t.slip_id = s.slip_id))))"
    )


def only_sealed(table: str, same: str) -> str:
    """Whether nothing but sealing, restoring or purging happened to this row, and one of them did."""
    texts = TEXTS[table].split()
    rest = [f"NEW.{name} {same} OLD.{name}" for name in REST[table].split()]
    kept = [f"(NEW.{name} = OLD.{name} OR {exchanged(name)})" for name in texts]
    return f"(({' OR '.join(f'NEW.{name} <> OLD.{name}' for name in texts)}) AND {' AND '.join(rest + kept)})"


def rewritten(same: str) -> str:
    """Whether an entry says something else than before, or names another piece than it named."""
    says = " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in SAYS.split())
    return f"(NOT ({says}) OR NOT (OLD.evidence_id IS NULL OR NEW.evidence_id {same} OLD.evidence_id))"


def rules(same: str = "IS") -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses. `same`: how
    this database compares what may be NULL."""
    locked, said = "the portfolio is locked", f"NOT {only_sealed(ENTRY, same)}"
    return [
        (f"{PLAN}_no_update", PLAN, "UPDATE", "1 = 1", f"{PLAN} is append-only"),
        (f"{PLAN}_no_delete", PLAN, "DELETE", "1 = 1", f"{PLAN} is append-only"),
        (f"{PLAN}_locked_insert", PLAN, "INSERT", LOCKED.format(row="NEW"), locked),
        (f"{CONFIRMATION}_only_sealed", CONFIRMATION, "UPDATE", f"NOT {only_sealed(CONFIRMATION, same)}", f"{CONFIRMATION} is append-only"),
        (f"{CONFIRMATION}_no_delete", CONFIRMATION, "DELETE", "1 = 1", f"{CONFIRMATION} is append-only"),
        (f"{CONFIRMATION}_locked_insert", CONFIRMATION, "INSERT", LOCKED.format(row="NEW"), locked),
        (f"{ENTRY}_locked_insert", ENTRY, "INSERT", LOCKED.format(row="NEW"), locked),
        (f"{ENTRY}_locked_update", ENTRY, "UPDATE", f"({LOCKED_UPDATE}) AND {said}", locked),
        (f"{ENTRY}_locked_delete", ENTRY, "DELETE", LOCKED.format(row="OLD"), locked),
        (f"{ENTRY}_frozen_update", ENTRY, "UPDATE", f"{CONFIRMED} AND {rewritten(same)} AND {said}", "a confirmed entry is frozen"),
    ]  # fmt: skip


def upgrade() -> None:
    _tables()
    for name in SUMMED:
        op.add_column("progress", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
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
        f"{ACROSS} OR (provider_id = ANY ({PROVIDERS}) AND EXISTS (SELECT 1 FROM apprenticeship a "
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
        PLAN,
        *_of_apprenticeship(PLAN),
        sa.Column("weekly_paid_minutes", sa.Integer(), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(10), nullable=False),
        sa.Column("prior_learning_minutes", sa.Integer(), nullable=False),
        sa.Column("leave_weeks", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("delivery IN ('spread','blocks')", name=op.f("ck_hours_plan_delivery")),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name="fk_hours_plan_set_by_id"),
    )
    op.create_table(
        ENTRY,
        *_of_apprenticeship(ENTRY),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("activity", sa.String(20), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("framework_id", sa.String(60), nullable=True),
        sa.Column("level_id", sa.String(200), nullable=True),
        sa.Column("in_paid_hours", sa.Boolean(), nullable=True),
        sa.Column("new_learning", sa.Boolean(), nullable=True),
        sa.Column("english_maths", sa.Boolean(), nullable=False),
        sa.Column("assessment_or_review", sa.Boolean(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("statements", sa.Text(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_training_entry_evidence_id"),
    )
    op.create_index("ix_training_entry_evidence_id", ENTRY, ["evidence_id"])
    op.create_table(
        CONFIRMATION,
        *_of_apprenticeship(CONFIRMATION),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_sha256", sa.String(64), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('confirmed','returned')", name=op.f("ck_hours_confirmation_outcome")),
        sa.CheckConstraint("role IN ('mentor','assessor')", name=op.f("ck_hours_confirmation_role")),
        sa.ForeignKeyConstraint(["entry_id"], ["training_entry.id"], name="fk_hours_confirmation_entry_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_hours_confirmation_by_id"),
    )
    op.create_index("ix_hours_confirmation_entry_id", CONFIRMATION, ["entry_id", "id"])
    for table in TABLES:
        op.create_index(f"ix_{table}_provider_id", table, ["provider_id"])
        op.create_index(f"ix_{table}_apprenticeship_id", table, ["apprenticeship_id"])


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


def add_triggers() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        for name, table, verb, condition, message in rules():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for table in (PLAN, CONFIRMATION):  # INSERT OR REPLACE must not rewrite a row either
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    schema = op.get_bind().dialect.identifier_preparer.quote_identifier(
        op.get_bind().scalar(sa.text("SELECT current_schema()"))
    )
    for name, table, verb, condition, message in rules("IS NOT DISTINCT FROM"):
        row = "OLD" if verb == "DELETE" else "NEW"
        wait = WAIT_FOR_LOCK.format(rows=AFFECTED[verb]) if "_locked_" in name else ""
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$ "
            f"BEGIN {wait}IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    names = [name for name, *_ in rules()]
    for name in SUMMED:
        op.drop_column("progress", name)
    for table in (CONFIRMATION, ENTRY, PLAN):
        op.drop_table(table)  # with its triggers and policies
    if op.get_bind().dialect.name != "sqlite":
        for name in names:
            op.execute(f"DROP FUNCTION {name}()")
    kept = sa.table("kept_finding", sa.column("about", sa.String))
    op.execute(kept.delete().where(kept.c.about.in_(KEPT_ADDED)))
    _kept_about(KEPT_BEFORE)


def _kept_about(values: tuple[str, ...]) -> None:
    condition = f"about IN ({','.join(repr(value) for value in values)})"
    with op.batch_alter_table("kept_finding") as table:  # SQLite writes the table anew
        table.drop_constraint(op.f("ck_kept_finding_about"), type_="check")
        table.create_check_constraint(op.f("ck_kept_finding_about"), condition)
