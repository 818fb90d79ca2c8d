"""Providers, people, what they may be in a provider, and how they sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.database import Base


class Provider(Base):
    """A training provider. Nothing is shared between two of them."""

    __tablename__ = "provider"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    ukprn: Mapped[str] = mapped_column(String(8), default="")
    created_at: Mapped[datetime]


class Person(Base):
    """Somebody who signs in. One account per person and e-mail address (kept in lower case)."""

    __tablename__ = "person"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]


class Member(Base):
    """A person holds a role in a provider, from one moment until another."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("provider_id", "person_id", "role"),
        CheckConstraint("role IN ('apprentice','mentor','assessor','iqa','manager')", name="role"),
    )

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    rights: Mapped[list[str]] = mapped_column(JSON, default=list)
    """A manager's named rights, see access.Right."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Set to end it; cleared when the role is given again (the audit trail keeps both)."""


class SignedInSession(Base):
    """One device that signed in. The cookie holds a random token; here is only its SHA-256."""

    __tablename__ = "signed_in_session"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SingleUseLink(Base):
    """An invitation or a password reset: works once, until it expires. Only the token's SHA-256 is kept."""

    __tablename__ = "single_use_link"
    __table_args__ = (CheckConstraint("purpose IN ('invitation','reset')", name="purpose"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInCount(Base):
    """Wrong passwords per key (a hashed e-mail address or network address) and time window."""

    __tablename__ = "sign_in_count"
    __table_args__ = (UniqueConstraint("key", "window"),)

    key: Mapped[str] = mapped_column(String(64))
    window: Mapped[int]
    count: Mapped[int] = mapped_column(default=0)


class KeptForm(Base):
    """What somebody had typed when their session ended: given back after they sign in again."""

    __tablename__ = "kept_form"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    path: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[Any]] = mapped_column(JSON)
    """[[name, value], …] in the order of the page, passwords left out."""
    had_files: Mapped[bool] = mapped_column(default=False)
    kept_at: Mapped[datetime]
