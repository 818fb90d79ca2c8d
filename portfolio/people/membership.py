"""What somebody is in one provider: give and end roles and named rights, suspend and bring back.

Every change counts from the person's next request, since who they are is read anew for each. Rows are
unique by provider, person and role: giving a role again clears `ended_at`; the audit trail keeps both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access import MOST_HOLDERS, Right, Role
from portfolio.audit import actions as audit
from portfolio.database import across
from portfolio.people import rules
from portfolio.people.models import Member, Person, Provider
from portfolio.people.rules import Account
from portfolio.refusals import Refused


def account(session: Session, person: Person, provider_id: UUID) -> Account:
    """What the rules need to know of an account, as seen from one provider: of others only the roles held there."""
    roles = select(Member.role).where(
        Member.person_id == person.id, Member.provider_id != provider_id, Member.ended_at.is_(None)
    )
    with across(session):
        elsewhere = session.scalars(roles).all()
    roles_elsewhere = frozenset(Role(role) for role in elsewhere)
    return Account(person.id, person.is_admin, roles_elsewhere, bool(person.password_hash))


def members_of(session: Session, provider_id: UUID, person_id: UUID) -> Sequence[Member]:
    """Every role this person has or had here, in the order of the roles' names."""
    return session.scalars(
        select(Member)
        .where(Member.provider_id == provider_id, Member.person_id == person_id)
        .order_by(Member.role, Member.id)
    ).all()


def give(
    session: Session,
    provider_id: UUID,
    person: Person,
    roles: Iterable[Role],
    rights: Iterable[Right] = (),
    *,
    by: UUID | None,
    now: datetime,
) -> tuple[Role, ...]:
    """Give roles, and named rights with the role of manager. Returns the roles that are new. Held ones stay,
    and so do rights that were given before. The caller has asked the rules."""
    held = {Role(member.role): member for member in members_of(session, provider_id, person.id)}
    new = []
    for role in roles:
        member = held.get(role)
        if member is None:
            member = Member(
                provider_id=provider_id, person_id=person.id, role=role.value, rights=[], created_at=now
            )
            session.add(member)
            new.append(role)
        elif member.ended_at is not None:
            member.ended_at, member.rights = None, []
            new.append(role)
        if role in new:
            _note(session, "role.given", provider_id, person.id, by, now, role=role.value)
        if role is Role.MANAGER:
            _give_rights(session, member, rights, by=by, now=now)
    session.flush()
    return tuple(new)


def give_right(
    session: Session, provider_id: UUID, person: Person, right: Right, *, by: UUID | None, now: datetime
) -> None:
    """Give a manager a named right. Refused for oneself, for somebody who is no manager here, and for one person
    more than may hold it."""
    member = _manager(session, provider_id, person, by)
    _give_rights(session, member, [right], by=by, now=now)
    session.flush()


def end_right(
    session: Session, provider_id: UUID, person: Person, right: Right, *, by: UUID | None, now: datetime
) -> None:
    """Take a named right back from a manager."""
    member = _manager(session, provider_id, person, by)
    if right.value in member.rights:
        member.rights = [held for held in member.rights if held != right.value]
        _note(session, "right.ended", provider_id, person.id, by, now, right=right.value)
    session.flush()


def give_role(
    session: Session, provider_id: UUID, person: Person, role: Role, *, by: UUID | None, now: datetime
) -> None:
    """One more role. Refused for oneself and for the installation admin."""
    _refuse_roles(session, provider_id, person, by)
    if role not in rules.GIVEN_BY_A_MANAGER:
        raise Refused("Choose one of the roles on the page.")
    give(session, provider_id, person, [role], by=by, now=now)


def end_role(
    session: Session, provider_id: UUID, person: Person, role: Role, *, by: UUID | None, now: datetime
) -> None:
    """End one role; the person's work stays with their name on it. Refused for oneself."""
    _refuse_roles(session, provider_id, person, by)
    for member in members_of(session, provider_id, person.id):
        if member.role == role.value and member.ended_at is None:
            member.ended_at = now
            _note(session, "role.ended", provider_id, person.id, by, now, role=role.value)
    session.flush()


def suspend(session: Session, provider_id: UUID, person: Person, *, by: UUID | None, now: datetime) -> None:
    """End everything this person is in this provider, in one step that `bring_back` can undo."""
    _refuse_roles(session, provider_id, person, by)
    running = [m for m in members_of(session, provider_id, person.id) if m.ended_at is None]
    for member in running:
        member.ended_at = now
    if running:
        roles = [member.role for member in running]
        _note(session, "person.suspended", provider_id, person.id, by, now, roles=roles)
    session.flush()


def bring_back(
    session: Session, provider_id: UUID, person: Person, *, by: UUID | None, now: datetime
) -> None:
    """Give back what ended last: all that a suspension took, but no role that was ended before it, and no right
    that as many people as may hold it have now."""
    _refuse_roles(session, provider_id, person, by)
    members = members_of(session, provider_id, person.id)
    ended = [member.ended_at for member in members if member.ended_at is not None]
    if len(ended) < len(members) or not ended:
        return  # has a role: was not suspended, or is back already
    back = [member for member in members if member.ended_at == max(ended)]
    for member in back:
        member.ended_at = None
    roles = [member.role for member in back]
    _note(session, "person.restored", provider_id, person.id, by, now, roles=roles)
    for member in back:
        _end_rights_of_others(session, member, by=by, now=now)
    session.flush()


def _manager(session: Session, provider_id: UUID, person: Person, by: UUID | None) -> Member:
    _refuse_roles(session, provider_id, person, by)
    for member in members_of(session, provider_id, person.id):
        if member.role == Role.MANAGER.value and member.ended_at is None:
            return member
    raise Refused("Named rights go with the role of provider manager. Give that role first.")


def _give_rights(
    session: Session, member: Member, rights: Iterable[Right], *, by: UUID | None, now: datetime
) -> None:
    for right in rights:
        if right.value not in member.rights:
            if reason := _reason_against_one_more(session, member, right):
                raise Refused(reason)
            member.rights = [*member.rights, right.value]  # a new list, or the change would not be seen
            _note(session, "right.given", member.provider_id, member.person_id, by, now, right=right.value)


def _end_rights_of_others(session: Session, member: Member, *, by: UUID | None, now: datetime) -> None:
    """Somebody who comes back does not get a right back that others were given meanwhile."""
    for right in MOST_HOLDERS:
        if right.value in member.rights and _reason_against_one_more(session, member, right):
            member.rights = [held for held in member.rights if held != right.value]
            _note(session, "right.ended", member.provider_id, member.person_id, by, now, right=right.value)


def _reason_against_one_more(session: Session, member: Member, right: Right) -> str:
    """Whoever asks takes a turn in the provider, so that two who give it at once do not both find room."""
    if right not in MOST_HOLDERS:
        return ""
    session.execute(
        select(Provider.id).where(Provider.id == member.provider_id).with_for_update(key_share=True)
    )
    managers = session.execute(
        select(Person.name, Member.rights)
        .join(Person, Person.id == Member.person_id)
        .where(
            Member.provider_id == member.provider_id,
            Member.role == Role.MANAGER.value,
            Member.ended_at.is_(None),
            Member.person_id != member.person_id,
        )
        .order_by(Person.name, Person.id)
    )
    return rules.reason_against_one_more(right, [name for name, rights in managers if right.value in rights])


def _refuse_roles(session: Session, provider_id: UUID, person: Person, by: UUID | None) -> None:
    reason = rules.reason_against_changing_roles(by, account(session, person, provider_id))
    if reason:
        raise Refused(reason)


def _note(
    session: Session,
    action: str,
    provider_id: UUID,
    person_id: UUID,
    by: UUID | None,
    now: datetime,
    **detail: Any,
) -> None:
    audit.record(
        session, action, by=by, now=now, record="person", record_id=person_id, provider_id=provider_id,
        person_id=person_id, **detail,
    )  # fmt: skip
