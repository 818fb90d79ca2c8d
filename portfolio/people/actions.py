"""Bring people into a provider, and a provider into the installation. Each action writes the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.access import Right, Role
from portfolio.audit import actions as audit
from portfolio.database import across
from portfolio.people import links, membership, rules
from portfolio.people.models import Person, Provider
from portfolio.refusals import Refused

INVITATION_LASTS = timedelta(days=14)
"""Unless the caller passes what the settings say (invitation_days)."""


@dataclass(frozen=True)
class Invited:
    """Who was invited. `token`: for their link to set a password, see `links.py`; None where none is due."""

    person: Person
    token: str | None
    is_new: bool
    """Whether the account was made now."""
    given: tuple[Role, ...]
    """The roles they did not hold before."""


@dataclass(frozen=True)
class CreatedProvider:
    provider: Provider
    invited: Invited


def invite(
    session: Session,
    *,
    provider_id: UUID,
    name: str,
    email: str,
    roles: Iterable[Role | str],
    rights: Iterable[Right | str] = (),
    by: UUID | None,
    now: datetime,
    valid_for: timedelta = INVITATION_LASTS,
) -> Invited:
    """Make somebody a member with these roles; repeating it changes nothing.

    The same address never makes two accounts: an account that exists (here or in another provider) becomes a
    member and keeps its own name and password. `token` is None when the person can sign in already, when a
    link that still works was made before, or when the account has a role in another provider: nobody here
    may hold a key to that. Raises Refused for an address, a name or roles that cannot be, and for oneself.
    """
    email, name = rules.tidy_email(email), " ".join(name.split())
    wanted, named = _known_roles(roles), _known_rights(rights)
    _refuse(rules.reason_against_email(email))
    _refuse(rules.reason_against_name(name))
    _refuse(rules.reason_against_roles(wanted, named))
    person, is_new = _account(session, email, name, now)
    account = membership.account(session, person, provider_id)
    _refuse(rules.reason_against_changing_roles(by, account))
    given = membership.give(session, provider_id, person, wanted, named, by=by, now=now)
    if account.roles_elsewhere and given:
        links.void_links(session, person.id, now)  # made when the account opened less than it does now
    token = None
    if _needs_link(session, person, account, now):
        token = links.make_link(session, person, links.INVITATION, by=by, now=now, valid_for=valid_for)
    if given or token:
        audit.record(
            session, "person.invited", by=by, now=now, record="person", record_id=person.id,
            provider_id=provider_id, person_id=person.id, new_account=is_new,
        )  # fmt: skip
    return Invited(person, token, is_new, given)


def create_provider(
    session: Session,
    *,
    name: str,
    ukprn: str,
    manager_name: str,
    manager_email: str,
    by: UUID | None,
    now: datetime,
    valid_for: timedelta = INVITATION_LASTS,
) -> CreatedProvider:
    """A new provider and its first manager, with every named right, since nobody could give them later.

    Raises Refused for a name that is taken, a UKPRN that is not eight digits (it may be empty), and for
    whatever `invite` refuses. Whoever asks is in no provider, least of all in the new one, so it goes across.
    """
    name, ukprn = " ".join(name.split()), ukprn.strip()
    _refuse(rules.reason_against_provider_name(name))
    _refuse(rules.reason_against_ukprn(ukprn))
    with across(session):
        return _create_provider(
            session, name, ukprn, manager_name, manager_email, by=by, now=now, valid_for=valid_for
        )


def _create_provider(
    session: Session,
    name: str,
    ukprn: str,
    manager_name: str,
    manager_email: str,
    *,
    by: UUID | None,
    now: datetime,
    valid_for: timedelta,
) -> CreatedProvider:
    if session.scalar(select(Provider.id).where(func.lower(Provider.name) == name.lower())):
        raise Refused("There is a provider of this name already.")
    provider = Provider(name=name, ukprn=ukprn, created_at=now)
    session.add(provider)
    session.flush()
    audit.record(
        session, "provider.created", by=by, now=now, record="provider", record_id=provider.id, provider_id=provider.id
    )  # fmt: skip
    invited = invite(
        session,
        provider_id=provider.id,
        name=manager_name,
        email=manager_email,
        roles=[Role.MANAGER],
        rights=list(Right),
        by=by,
        now=now,
        valid_for=valid_for,
    )
    return CreatedProvider(provider, invited)


def _needs_link(session: Session, person: Person, account: rules.Account, now: datetime) -> bool:
    """No password yet, no link that works, and no other provider whose doors the link would open."""
    if person.password_hash or person.suspended_at is not None or account.roles_elsewhere:
        return False
    return links.open_until(session, person.id, links.INVITATION, now) is None


def _account(session: Session, email: str, name: str, now: datetime) -> tuple[Person, bool]:
    """The account of this address, made if there is none, and locked so that invitations take turns."""
    find = select(Person).where(Person.email == email).with_for_update()
    person = session.scalar(find)
    if person is not None:
        return person, False
    try:
        with session.begin_nested():
            person = Person(email=email, name=name, created_at=now)
            session.add(person)
    except IntegrityError:  # somebody else invited the same address a moment ago
        return session.scalars(find).one(), False
    return person, True


def _known_roles(roles: Iterable[Role | str]) -> list[Role]:
    wanted = frozenset(str(role) for role in roles)
    if not wanted <= frozenset(role.value for role in Role):
        raise Refused("Choose one of the roles on the page.")
    return [role for role in Role if role.value in wanted]


def _known_rights(rights: Iterable[Right | str]) -> list[Right]:
    wanted = frozenset(str(right) for right in rights)
    if not wanted <= frozenset(right.value for right in Right):
        raise Refused("Choose one of the rights on the page.")
    return [right for right in Right if right.value in wanted]


def _refuse(reason: str) -> None:
    if reason:
        raise Refused(reason)
