"""What was typed survives the end of a session: kept for its owner, given back after signing in again.

Whose text it is, the ended session's cookie tells. It is shown to that person only, removed when it
has been saved where it was going (sessions.py), when they discard it, or after a week.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portfolio.audit import actions as audit
from portfolio.database import Database
from portfolio.people.models import KeptForm
from portfolio.people.sessions import COOKIE_DAYS, id_or_none, kept_form_in, session_of
from portfolio.web.formats import utc_now

KEPT_FOR = timedelta(days=7)
MOST = 20
"""Kept forms of one person: an old cookie must not be a way to fill the database."""
OWN_PAGE = re.compile(r"/kept-forms/([0-9a-fA-F-]{36})")


def keep(request: Request) -> UUID | None:
    """Keep the form of a request whose session has ended, if the cookie tells whose it was.

    Passwords are left out. The owner's kept forms older than a week are removed.
    """
    typed: dict[str, list[str]] = getattr(request.state, "typed", {})
    fields = [
        [name, value]
        for name, values in typed.items()
        if "password" not in name and name not in ("kept_form", "kept_before")
        for value in values
        if value
    ]
    if not fields:
        return None
    database: Database = request.app.state.database
    now = utc_now()
    with database.writing() as session:
        row = session_of(request, session)
        if row is None or now - row.created_at > timedelta(days=COOKIE_DAYS):
            return None
        _make_room(session, row.person_id, now, kept_form_in(typed))
        kept = KeptForm(
            person_id=row.person_id,
            path=request.url.path,
            fields=fields,
            had_files=bool(getattr(request.state, "had_files", False)),
            kept_at=now,
        )
        session.add(kept)
        session.flush()
        return kept.id


def _make_room(session: Session, person_id: UUID, now: datetime, sent_again: UUID | None) -> None:
    """Old ones go, and so does the one that this form was given back from."""
    own = KeptForm.person_id == person_id
    session.execute(delete(KeptForm).where(own, KeptForm.kept_at < now - KEPT_FOR))
    if sent_again is not None:
        session.execute(delete(KeptForm).where(own, KeptForm.id == sent_again))
    newest_first = select(KeptForm.id).where(own).order_by(KeptForm.kept_at.desc(), KeptForm.id.desc())
    beyond = session.scalars(newest_first.offset(MOST - 1)).all()
    session.execute(delete(KeptForm).where(KeptForm.id.in_(beyond)))


def kept_form(session: Session, person_id: UUID, kept_id: UUID, now: datetime) -> KeptForm | None:
    """The kept form, only to the person who typed it."""
    return session.scalar(
        select(KeptForm).where(
            KeptForm.id == kept_id, KeptForm.person_id == person_id, KeptForm.kept_at >= now - KEPT_FOR
        )
    )


def discard(session: Session, kept: KeptForm, now: datetime) -> None:
    """Its owner does not need it any more."""
    session.delete(kept)
    audit.record(
        session, "kept_form.discarded", by=kept.person_id, now=now, record="kept_form", record_id=kept.id,
        person_id=kept.person_id,
    )  # fmt: skip


def leads_to_kept_form(address: str) -> bool:
    """Whether somebody is sent to sign in for the sake of a kept form."""
    return OWN_PAGE.fullmatch(address) is not None


def address_for(session: Session, person_id: UUID, address: str, now: datetime) -> str:
    """Where to go after signing in: somebody else's kept form is nobody's business, so they go home."""
    found = OWN_PAGE.fullmatch(address)
    if found is None:
        return address
    kept_id = id_or_none(found.group(1))
    if kept_id is None or kept_form(session, person_id, kept_id, now) is None:
        return "/"
    return address
