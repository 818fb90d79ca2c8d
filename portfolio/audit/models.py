"""The audit trail: one row per write, never changed (triggers in the migration see to it)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base


class AuditEvent(Base):
    """`detail` holds ids, codes and states only: never names, titles or free text."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_about", "about_apprenticeship_id", "id"),
        Index("ix_audit_event_provider", "provider_id", "id"),
        Index("ix_audit_event_by", "by_id", "id"),
    )

    provider_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(60))
    record: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[UUID | None] = mapped_column()
    about_apprenticeship_id: Mapped[UUID | None] = mapped_column()
    about_person_id: Mapped[UUID | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
