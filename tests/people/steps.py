"""What several tests of people do: sign in for real, move a session's times, find a link, open mail."""

from __future__ import annotations

import re
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.people.models import Person, SignedInSession
from portfolio.people.passwords import hash_password
from tests.builders import commit

PASSWORD = "correct horse battery"
_hashed: dict[str, str] = {}


def hashed(password: str = PASSWORD) -> str:
    """Hashing takes a fifth of a second: once for each password of the tests is enough."""
    if password not in _hashed:
        _hashed[password] = hash_password(password)
    return _hashed[password]


def give_password(session: Session, *people: Person, password: str = PASSWORD) -> None:
    for person in people:
        session.get_one(Person, person.id).password_hash = hashed(password)
    commit(session)


def sign_in(page: Any, email: str, password: str = PASSWORD, **more: str) -> Any:
    return page.post("/sign-in", data={"email": email, "password": password} | more)


def sessions_of(database: Database, person: Person) -> list[SignedInSession]:
    with database.reading() as session:
        statement = select(SignedInSession).where(SignedInSession.person_id == person.id)
        return list(session.scalars(statement.order_by(SignedInSession.id)))


def running(database: Database, person: Person) -> int:
    return sum(row.ended_at is None for row in sessions_of(database, person))


def set_times(database: Database, person: Person, **times: datetime) -> None:
    """Move `seen_at` or `created_at` of all sessions of somebody."""
    with database.writing() as session:
        for row in session.scalars(select(SignedInSession).where(SignedInSession.person_id == person.id)):
            for name, value in times.items():
                setattr(row, name, value)


def events(database: Database, action: str) -> list[AuditEvent]:
    with database.reading() as session:
        statement = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
        return list(session.scalars(statement))


def link_in(text: str) -> str:
    """The path of a link to choose a password, wherever it is written."""
    found = re.search(r"(/set-password/[A-Za-z0-9_-]{43})\b", text)
    assert found, "no link here"
    return found.group(1)


def mails(folder: Path) -> list[EmailMessage]:
    """Every letter in the folder, oldest first."""
    parser = BytesParser(policy=policy.default)
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [parser.parsebytes(path.read_bytes()) for path in files]  # type: ignore[misc]


def person_of(database: Database, person_id: UUID) -> Person:
    with database.reading() as session:
        return session.get_one(Person, person_id)
