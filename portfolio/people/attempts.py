"""How often a password may be tried: counted in the database, so that it holds for all processes together.

A try is counted before the password is looked at, in a transaction of its own, committed at once: whatever
happens to the request afterwards, the try stays counted, and a hundred at the same time cannot slip through
together. Keys are keyed hashes, so that the table tells nobody which addresses were tried.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from datetime import datetime
from typing import Any

from fastapi import Request
from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portfolio.database import Database, new_id
from portfolio.people.models import SignInCount
from portfolio.settings import Settings

SIGN_IN, FORGOTTEN = "sign-in", "forgotten"
NETWORK_FACTOR = 4
"""A school or a ward shares one network address, so it may try this many times as often as one account."""


def take(request: Request, email: str, now: datetime, purpose: str = SIGN_IN) -> int:
    """Count one try for this e-mail address and for the network it comes from.

    Returns 0 if it may go on, otherwise the whole minutes until it is worth trying again. Call it before
    the first statement of the request's own session: on SQLite there is one writer at a time.
    """
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    window = _window(settings, now)
    limits = {
        _key(settings, purpose, "email", email): settings.sign_in_attempts,
        _key(settings, purpose, "network", network_of(request)): settings.sign_in_attempts * NETWORK_FACTOR,
    }
    with database.session(write=True) as own:
        counts = {key: _count(own, key, window) for key in sorted(limits)}  # in one order: no deadlock
        own.commit()
    if 1 in counts.values():
        _forget_older(database, window)
    if all(counts[key] <= limit for key, limit in limits.items()):
        return 0
    ends = (window + 1) * settings.sign_in_window_minutes * 60
    return max(1, math.ceil((ends - now.timestamp()) / 60))


def forgive(session: Session, request: Request, email: str, now: datetime, purpose: str = SIGN_IN) -> None:
    """The try was right: the address starts from nothing, and the network gets this one try back."""
    settings: Settings = request.app.state.settings
    window = _window(settings, now)
    session.execute(delete(SignInCount).where(SignInCount.key == _key(settings, purpose, "email", email)))
    session.execute(
        update(SignInCount)
        .where(
            SignInCount.key == _key(settings, purpose, "network", network_of(request)),
            SignInCount.window == window,
            SignInCount.count > 0,
        )
        .values(count=SignInCount.count - 1)
    )


def too_many(minutes: int) -> str:
    """What the page says."""
    wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"There were too many attempts. Wait {wait}, then try again."


def network_of(request: Request) -> str:
    """Where the request comes from: an IPv4 address, or the /64 network that one IPv6 customer has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return host


def _count(session: Session, key: str, window: int) -> int:
    """One more for this key in this window, in one statement; returns the new number."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    upsert = (
        dialect.insert(SignInCount)
        .values(id=new_id(), key=key, window=window, count=1)
        .on_conflict_do_update(index_elements=["key", "window"], set_={"count": SignInCount.count + 1})
        .returning(SignInCount.count)
    )
    return int(session.scalars(upsert).one())


def _forget_older(database: Database, window: int) -> None:
    with database.session(write=True) as own:
        own.execute(delete(SignInCount).where(SignInCount.window < window))
        own.commit()


def _window(settings: Settings, now: datetime) -> int:
    return int(now.timestamp()) // (settings.sign_in_window_minutes * 60)


def _key(settings: Settings, *parts: str) -> str:
    secret = settings.secret.get_secret_value().encode()
    return hmac.new(secret, "\n".join(parts).encode(), hashlib.sha256).hexdigest()
