"""What was prepared of a file after it was safe: pictures, and what the virus check said.

The pictures of files that are there already are carried over, and leave the file's own row, which never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = "done_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "file_preparation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("check_state", sa.String(10), nullable=False),
        sa.Column("refusal", sa.String(400), nullable=False),
        sa.Column("scan_state", sa.String(10), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pictures_state", sa.String(10), nullable=False),
        sa.Column("preview_key", sa.String(120), nullable=False),
        sa.Column("thumbnail_key", sa.String(120), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_file_preparation"),
        sa.ForeignKeyConstraint(["file_id"], ["evidence_file.id"], name="fk_file_preparation_file_id"),
        sa.UniqueConstraint("file_id", name="uq_file_preparation_file_id"),
        sa.CheckConstraint(
            "check_state IN ('checking','passed','refused')", name=op.f("ck_file_preparation_check_state")
        ),
        sa.CheckConstraint(
            "scan_state IN ('waiting','clean','found','too_big','no_answer','off')",
            name=op.f("ck_file_preparation_scan_state"),
        ),
        sa.CheckConstraint(
            "pictures_state IN ('waiting','ready','none','failed')",
            name=op.f("ck_file_preparation_pictures_state"),
        ),
    )
    op.create_index("ix_file_preparation_provider_id", "file_preparation", ["provider_id"])
    op.create_index(
        "ix_file_preparation_open",
        "file_preparation",
        ["began_at"],
        postgresql_where=sa.text(OPEN),
        sqlite_where=sa.text(OPEN),
    )
    op.execute(
        "INSERT INTO file_preparation (id, provider_id, file_id, check_state, refusal, scan_state, pictures_state, "
        "preview_key, thumbnail_key, began_at, done_at) "
        "SELECT id, provider_id, id, 'passed', '', 'off', "
        "CASE WHEN preview_key <> '' AND thumbnail_key <> '' THEN 'ready' ELSE 'none' END, "
        "preview_key, thumbnail_key, uploaded_at, uploaded_at FROM evidence_file"
    )
    op.drop_column("evidence_file", "preview_key")
    op.drop_column("evidence_file", "thumbnail_key")


def downgrade() -> None:
    for column in ("preview_key", "thumbnail_key"):
        op.add_column("evidence_file", sa.Column(column, sa.String(120), nullable=False, server_default=""))
    _give_pictures_back()
    op.drop_table("file_preparation")


def _give_pictures_back() -> None:
    """Also to files of locked portfolios, which a trigger keeps from changing: it rests meanwhile."""
    give = (
        "UPDATE evidence_file SET "
        "preview_key = (SELECT p.preview_key FROM file_preparation p WHERE p.file_id = evidence_file.id), "
        "thumbnail_key = (SELECT p.thumbnail_key FROM file_preparation p WHERE p.file_id = evidence_file.id) "
        "WHERE EXISTS (SELECT 1 FROM file_preparation p WHERE p.file_id = evidence_file.id)"
    )
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.execute("ALTER TABLE evidence_file DISABLE TRIGGER USER")
        op.execute(give)
        op.execute("ALTER TABLE evidence_file ENABLE TRIGGER USER")
        return
    found = connection.execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'evidence_file'")
    ).all()
    for name, _ in found:
        op.execute(f"DROP TRIGGER {name}")
    op.execute(give)
    for _, sql in found:
        connection.exec_driver_sql(sql)
