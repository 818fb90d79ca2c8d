"""Server-side sessions: a random token in a cookie, its hash in the database, an idle and an absolute end.

The cookie outlives the session on purpose: a form sent after the end still tells whose text it is, so that
it can be kept for that person (and for nobody else) until they have signed in again.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Right, Role, Viewer
from portfolio.audit import actions as audit
from portfolio.database import Database, ReadSession, across, naming, narrow
from portfolio.people.devices import device_words
from portfolio.people.models import KeptForm, Member, Person, Provider, SignedInSession
from portfolio.refusals import SignInNeeded
from portfolio.settings import Settings
from portfolio.web.formats import utc_now

COOKIE_DAYS = 30
TOUCH_EVERY = timedelta(minutes=1)


def cookie_name(settings: Settings) -> str:
    return "__Host-portfolio" if settings.https else "portfolio"


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(session: Session, person: Person, *, device: str, now: datetime) -> str:
    """A new session for this person; returns the token for the cookie, which is stored nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignedInSession(
            person_id=person.id, token_hash=token_hash(token), device=device[:80], created_at=now, seen_at=now
        )
    )
    session.flush()
    return token


def renew_session(request: Request, session: Session, person: Person, *, now: datetime) -> str:
    """Sign in: whatever this browser's cookie named before ends, and a new token begins. Returns the token.

    The person's rows that no cookie can name any more are removed, so that they do not pile up. Goes across: the
    session that ends may be somebody else's.
    """
    words = device_words(request.headers.get("user-agent", ""))
    with across(session):
        end_session_of(request, session, now)
        session.execute(
            delete(SignedInSession).where(
                SignedInSession.person_id == person.id,
                SignedInSession.created_at < now - timedelta(days=COOKIE_DAYS),
            )
        )
        token = start_session(session, person, device=words, now=now)
    audit.record(
        session, "session.started", by=person.id, now=now, record="session", person_id=person.id, device=words
    )
    return token


def end_session_of(request: Request, session: Session, now: datetime) -> None:
    """End the session that this browser's cookie names, if it runs."""
    row = session_of(request, session)
    if row is not None and row.ended_at is None:
        row.ended_at = now
        audit.record(
            session, "session.ended", by=row.person_id, now=now, record="session", record_id=row.id, person_id=row.person_id
        )  # fmt: skip


def end_sessions(
    session: Session,
    person_id: UUID,
    *,
    by: UUID | None,
    now: datetime,
    only: UUID | None = None,
    keep: UUID | None = None,
    provider_id: UUID | None = None,
) -> int:
    """End a person's sessions: all, all but one, or one. Counts from their next request. Returns how many.

    Goes across: managers and the admin end the sessions of others."""
    statement = update(SignedInSession).where(
        SignedInSession.person_id == person_id, SignedInSession.ended_at.is_(None)
    )
    if only is not None:
        statement = statement.where(SignedInSession.id == only)
    if keep is not None:
        statement = statement.where(SignedInSession.id != keep)
    with across(session):
        ended = len(session.scalars(statement.values(ended_at=now).returning(SignedInSession.id)).all())
    if ended:
        action = "session.ended" if only is not None else "sessions.ended"
        audit.record(
            session, action, by=by, now=now, record="session", record_id=only, provider_id=provider_id,
            person_id=person_id, count=ended,
        )  # fmt: skip
    return ended


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    response.set_cookie(
        cookie_name(settings), token, max_age=COOKIE_DAYS * 86400, path="/", secure=settings.https, httponly=True, samesite="lax"
    )  # fmt: skip


def clear_cookie(response: Response, settings: Settings) -> None:
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.https, httponly=True, samesite="lax"
    )


def session_of(request: Request, session: Session) -> SignedInSession | None:
    """The session row that the cookie names, running or ended."""
    token = request.cookies.get(cookie_name(request.app.state.settings))
    if not token:
        return None
    found = session.execute(
        select(SignedInSession, *naming(session, SignedInSession.person_id)).where(
            SignedInSession.token_hash == token_hash(token)
        )
    ).first()
    return None if found is None else found[0]


def running_since(settings: Settings, now: datetime) -> tuple[datetime, datetime]:
    """A session runs if it was seen after the first moment, and began after the second."""
    return (
        now - timedelta(minutes=settings.session_idle_minutes),
        now - timedelta(hours=settings.session_longest_hours),
    )


def is_running(row: SignedInSession, settings: Settings, now: datetime) -> bool:
    seen_after, started_after = running_since(settings, now)
    return row.ended_at is None and row.seen_at >= seen_after and row.created_at >= started_after


def find_viewer(request: Request, session: Session) -> Viewer | None:
    """Who asks, if their session runs and their account does; read anew for every request. From here on the
    request's own session sees the rows of their providers, and no others."""
    settings: Settings = request.app.state.settings
    row, now = session_of(request, session), utc_now()
    if row is None or not is_running(row, settings, now):
        return None
    viewer = viewer_for(session, row.person_id, row.id)
    if viewer is None:
        return None
    narrow(session, viewer.provider_ids, viewer.person_id)
    if now - row.seen_at >= TOUCH_EVERY:
        _touch(request.app.state.database, session, row, now)
    return viewer


_ROLES_OF = (
    select(Person, Member, Provider)
    .outerjoin(Member, (Member.person_id == Person.id) & (Member.ended_at.is_(None)))
    .outerjoin(Provider, Provider.id == Member.provider_id)
    .where(Person.id == bindparam("person"), Person.suspended_at.is_(None))
    .order_by(Provider.name, Member.role)
)
"""Built once: every request asks this."""


def viewer_for(session: Session, person_id: UUID, session_id: UUID) -> Viewer | None:
    """The person with what they are in each provider today; None if the account is suspended."""
    rows = session.execute(_ROLES_OF, {"person": person_id}).all()
    if not rows:
        return None
    person: Person = rows[0][0]
    held: dict[UUID, tuple[str, set[Role], set[Right]]] = {}
    for _, member, provider in rows:
        if member is not None:
            entry = held.setdefault(provider.id, (provider.name, set(), set()))
            entry[1].add(Role(member.role))
            entry[2].update(Right(right) for right in member.rights)
    memberships = tuple(
        Membership(provider_id, name, frozenset(roles), frozenset(rights))
        for provider_id, (name, roles, rights) in held.items()
    )
    return Viewer(person.id, person.name, person.email, session_id, person.is_admin, memberships)


def _touch(database: Database, session: Session, row: SignedInSession, now: datetime) -> None:
    """Note that the session is in use. Reading requests cannot write, so this has its own short transaction;
    in a writing request it simply joins in."""
    change = update(SignedInSession).where(SignedInSession.id == row.id).values(seen_at=now)
    if session.get_bind().get_execution_options().get("portfolio_read"):
        with database.session(write=True) as own:
            narrow(own, (), row.person_id)
            own.execute(change)
            own.commit()
    else:
        session.execute(change)


def signed_in(request: Request, session: ReadSession) -> Viewer:
    """Dependency of every page that is not open: the viewer, or SignInNeeded."""
    viewer = find_viewer(request, session)
    if viewer is None:
        raise SignInNeeded
    request.state.viewer = viewer
    _drop_kept_form_once_saved(request, session, viewer.person_id)
    return viewer


def _drop_kept_form_once_saved(request: Request, session: Session, person_id: UUID) -> None:
    """A kept form has arrived when its route answers that the form stood: it is removed then, in the transaction that
    saves it. Any other answer leaves it, and its page sends the id along again (shared/forms.html).

    The page of a kept form sends its id along in a hidden field; see kept_forms.py.
    """
    kept_id = kept_form_in(getattr(request.state, "typed", {}))
    if kept_id is not None and request.method == "POST":
        statement = delete(KeptForm).where(KeptForm.id == kept_id, KeptForm.person_id == person_id)
        request.state.once_saved = lambda: session.execute(statement)


def kept_form_in(typed: dict[str, list[str]]) -> UUID | None:
    """Which kept form a form came from: at first, or by way of a page that said what was still wrong."""
    for name in ("kept_form", "kept_before"):
        if name in typed:
            return id_or_none(typed[name][0])
    return None


def id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def maybe_signed_in(request: Request, session: ReadSession) -> Viewer | None:
    """For open pages that look different to somebody who is signed in."""
    viewer = find_viewer(request, session)
    request.state.viewer = viewer
    return viewer


SignedIn = Annotated[Viewer, Depends(signed_in)]
MaybeSignedIn = Annotated[Viewer | None, Depends(maybe_signed_in)]
