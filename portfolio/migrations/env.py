"""Run by alembic: on the connection that `portfolio.migrate` passes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    transactional_ddl=True,
    transaction_per_migration=False,
    compare_type=True,
)
with context.begin_transaction():
    if connection.dialect.name != "sqlite":  # row-level security binds the owner too: a migration sees every row
        connection.execute(sa.text("SELECT set_config('portfolio.across', 'on', true)"))
    context.run_migrations()
