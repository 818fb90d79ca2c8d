"""A job: what to do, when at the earliest, who has it now and how often it was tried."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base


class Job(Base):
    """`payload` holds ids, codes and storage keys: never a name or a text somebody wrote. (An address that was
    replaced stands in the job that tells it so, since it is nowhere else.)

    A job is open until `done_at` or `dead_at` is set. While `lease_until` lies ahead a worker has it; a worker
    that dies leaves a lease that runs out, and another takes the job."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_open",
            "run_at",
            postgresql_where=text("done_at IS NULL AND dead_at IS NULL"),
            sqlite_where=text("done_at IS NULL AND dead_at IS NULL"),
        ),
        Index(
            "ix_job_dead",
            "dead_at",
            postgresql_where=text("dead_at IS NOT NULL"),
            sqlite_where=text("dead_at IS NOT NULL"),
        ),
        Index(
            "ix_job_done",
            "done_at",
            postgresql_where=text("done_at IS NOT NULL"),
            sqlite_where=text("done_at IS NOT NULL"),
        ),
    )

    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    """What makes it one job: a second one with the same key is not added, also after the first was done."""
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    leased_by: Mapped[str] = mapped_column(String(60), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(80), default="")
    """The kind of the last error, never its text: texts hold names."""
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    """Tried as often as it may be: waits for the installation admin."""
