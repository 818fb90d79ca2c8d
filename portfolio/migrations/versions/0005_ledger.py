"""The ledger: a hash chain per provider of everything that a qualification rests on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = "ledger_entry"
"""Added to, never changed, never deleted."""
FIXED = "ledger_salt"
"""Never changed; deleted with the text that it belongs to, when somebody is erased. (The name of its trigger does not
end in _no_update: that is the mark of tables from which the application may not delete.)"""


def rules() -> list[tuple[str, str, str, str]]:
    """(trigger name, table, moment, message), as the first migration has them."""
    return [
        ("ledger_entry_no_update", APPEND_ONLY, "UPDATE", "ledger_entry is append-only"),
        ("ledger_entry_no_delete", APPEND_ONLY, "DELETE", "ledger_entry is append-only"),
        ("ledger_salt_fixed", FIXED, "UPDATE", "ledger_salt is never changed"),
    ]


def upgrade() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.CheckConstraint("seq >= 1", name="ck_ledger_entry_seq"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entry"),
        sa.UniqueConstraint("provider_id", "seq", name="uq_ledger_entry_provider_id_seq"),
        sa.UniqueConstraint("record", "record_id", name="uq_ledger_entry_record_record_id"),
    )
    op.create_index("ix_ledger_entry_provider_id", "ledger_entry", ["provider_id"])
    op.create_table(
        "ledger_salt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_ledger_salt_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_salt"),
        sa.UniqueConstraint("entry_id", "field", name="uq_ledger_salt_entry_id_field"),
    )
    op.create_index("ix_ledger_salt_provider_id", "ledger_salt", ["provider_id"])
    op.create_table(
        "ledger_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_seq", sa.Integer(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name="fk_ledger_address_set_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_address"),
        sa.UniqueConstraint("provider_id", name="uq_ledger_address_provider_id"),
    )
    op.create_index("ix_ledger_address_provider_id", "ledger_address", ["provider_id"])
    add_triggers()


def add_triggers() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, verb, message in rules():
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN 1 = 1 "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
            continue
        row = "OLD" if verb == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF 1 = 1 THEN RAISE EXCEPTION '{message}'; END IF; RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    if sqlite:  # INSERT OR REPLACE must not rewrite an entry either, by whichever of its keys
        op.execute(
            "CREATE TRIGGER ledger_entry_no_replace BEFORE INSERT ON ledger_entry "
            "WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id "
            "OR (provider_id = NEW.provider_id AND seq = NEW.seq) "
            "OR (record = NEW.record AND record_id = NEW.record_id)) "
            "BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END"
        )
        op.execute(
            "CREATE TRIGGER ledger_salt_no_replace BEFORE INSERT ON ledger_salt "
            "WHEN EXISTS (SELECT 1 FROM ledger_salt WHERE id = NEW.id "
            "OR (entry_id = NEW.entry_id AND field = NEW.field)) "
            "BEGIN SELECT RAISE(ABORT, 'ledger_salt is never changed'); END"
        )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_table("ledger_address")
    op.drop_table("ledger_salt")
    op.drop_table("ledger_entry")  # with its triggers
    if not sqlite:
        for name, *_ in rules():
            op.execute(f"DROP FUNCTION {name}()")
