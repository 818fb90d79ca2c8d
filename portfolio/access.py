"""Who may do what: roles, permissions, and the one table that joins them. Pure.

A role is held towards one apprenticeship (or towards a provider), never in general. Whether something may
be done *now* is a rule of the capability; who may *ever* do it stands here. README.md prints this table and
tests/test_access.py writes it out again by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    APPRENTICE = "apprentice"
    MENTOR = "mentor"
    ASSESSOR = "assessor"
    IQA = "iqa"
    MANAGER = "manager"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.APPRENTICE: "Apprentice",
    Role.MENTOR: "Workplace mentor",
    Role.ASSESSOR: "Assessor",
    Role.IQA: "Internal quality assurer",
    Role.MANAGER: "Provider manager",
    Role.ADMIN: "Installation admin",
}


class Right(StrEnum):
    """A named right, given to a manager one by one, for what a manager's duty does not need by itself."""

    DBS = "dbs"
    SUPPORT = "support"
    CONFIDENTIALITY = "confidentiality"

    @property
    def label(self) -> str:
        return RIGHT_LABELS[self]

    @property
    def says(self) -> str:
        """What whoever holds it may do, as a person's page says it."""
        if self is Right.CONFIDENTIALITY:
            return f"{self.label}: sees who opened files"
        return f"May see and record: {self.label}"


RIGHT_LABELS = {
    Right.DBS: "DBS records in detail",
    Right.SUPPORT: "Education, health and care plan status",
    Right.CONFIDENTIALITY: "Confidentiality lead",
}
MOST_HOLDERS = {Right.CONFIDENTIALITY: 2}
"""How many people of one provider may hold a right at a time. Any number for one that is not named here."""


class Permission(StrEnum):
    # towards one apprenticeship
    VIEW_PORTFOLIO = "see the portfolio: evidence, files, claims, decisions, statement map"
    ADD_EVIDENCE = "add evidence, edit drafts, submit and resubmit"
    WITHDRAW_EVIDENCE = "withdraw a piece that was not decided on"
    COMMENT = "comment on a piece"
    GIVE_TESTIMONY = "sign a testimony"
    CONFIRM_ORIGINAL = "confirm that they saw the original of a piece"
    LOG_TRAINING = "keep the training log: enter, change and remove learning"
    CONFIRM_HOURS = "confirm or return entries of the training log"
    CHOOSE_FRAMEWORK = "choose competency framework, target level and refresher interval, for the employer"
    VIEW_RATINGS = "see competency ratings"
    RATE_SELF = "rate oneself against a competency framework"
    GIVE_SECOND_RATING = "give the second rating of a competency"
    VIEW_DUE = "see when refresher, supervision and induction are due"
    RECORD_INDUCTION = "record the induction"
    VIEW_DEVELOPMENT = "see supervision and reviews learnt from (never the wellbeing note)"
    KEEP_DEVELOPMENT = "keep one’s own record of supervision and of reviews learnt from"
    VIEW_BOOKINGS = "see courses on offer, bookings and certificates"
    BOOK_TRAINING = "book training, cancel, name a substitute, evaluate"
    APPROVE_BOOKING = "say the line manager’s yes or no to a booking"
    DECIDE = "decide on claims, sign items off, withdraw a sign-off, supersede"
    VIEW_GATEWAY = "see the gateway check"
    DECLARE_AS_APPRENTICE = "declare ready, as the apprentice"
    DECLARE_AS_EMPLOYER = "declare ready, for the employer"
    DECLARE_AS_PROVIDER = "declare ready, for the provider"
    LOCK_GATEWAY = "lock the portfolio at the gateway"
    UNLOCK_GATEWAY = "ask for or approve an unlock (two people)"
    RECORD_ASSESSMENT = "record the assessment after the gateway"
    VIEW_DBS_STATE = "see whether the DBS requirement is in place"
    VIEW_DBS_DETAIL = "see the DBS record"
    RECORD_DBS = "record the DBS check"
    RECORD_QUALIFICATIONS = "record English and maths proof"
    VIEW_SUPPORT_STATUS = "see the plan or statement status"
    RECORD_SUPPORT_STATUS = "record the plan or statement status"
    MANAGE_APPRENTICESHIP = "set dates, breaks, withdrawal, mentor and assessor"
    VIEW_AUDIT_TRAIL = "read the audit trail"
    VIEW_OPENINGS = "see who opened the files of a piece"
    REPORT_SLIP = "report that a piece identifies somebody"
    # towards a provider
    MANAGE_PEOPLE = "invite people, start a password reset, end sessions"
    MANAGE_COHORTS = "create employers, cohorts and apprenticeships, import them"
    VIEW_COHORTS = "see cohort reports and export them"
    VIEW_LEDGER = "read the provider’s ledger and export it"
    SET_LEDGER_ADDRESS = "say where the head of the ledger is mailed"
    MANAGE_FRAMEWORKS = "add competency frameworks from a file"
    CONFIRM_LINKS = "confirm which statements a competency is linked to"
    MANAGE_COURSES = "keep the course catalogue, sessions, attendance and certificates"
    HANDLE_SLIPS = "see pieces that were reported, open them again, have them cleaned, purge them"
    # towards the installation
    MANAGE_PROVIDERS = "create a provider and its first manager"


P = Permission

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.APPRENTICE: frozenset({
        P.VIEW_PORTFOLIO, P.REPORT_SLIP, P.ADD_EVIDENCE, P.WITHDRAW_EVIDENCE, P.COMMENT, P.LOG_TRAINING,
        P.VIEW_RATINGS, P.RATE_SELF, P.VIEW_DUE, P.VIEW_DEVELOPMENT, P.KEEP_DEVELOPMENT, P.VIEW_BOOKINGS, P.BOOK_TRAINING,
        P.VIEW_GATEWAY, P.DECLARE_AS_APPRENTICE, P.VIEW_DBS_STATE, P.VIEW_DBS_DETAIL, P.VIEW_SUPPORT_STATUS, P.VIEW_AUDIT_TRAIL,
        P.VIEW_OPENINGS,
    }),
    Role.MENTOR: frozenset({
        P.VIEW_PORTFOLIO, P.REPORT_SLIP, P.COMMENT, P.GIVE_TESTIMONY, P.CONFIRM_ORIGINAL, P.CONFIRM_HOURS,
        P.CHOOSE_FRAMEWORK, P.VIEW_RATINGS, P.GIVE_SECOND_RATING, P.VIEW_DUE, P.RECORD_INDUCTION, P.VIEW_DEVELOPMENT,
        P.VIEW_BOOKINGS, P.APPROVE_BOOKING, P.VIEW_GATEWAY, P.DECLARE_AS_EMPLOYER, P.VIEW_DBS_STATE,
    }),
    Role.ASSESSOR: frozenset({
        P.VIEW_PORTFOLIO, P.REPORT_SLIP, P.COMMENT, P.CONFIRM_ORIGINAL, P.CONFIRM_HOURS, P.DECIDE,
        P.VIEW_BOOKINGS, P.CONFIRM_LINKS,
        P.VIEW_GATEWAY, P.DECLARE_AS_PROVIDER, P.VIEW_DBS_STATE,
    }),
    Role.IQA: frozenset({P.VIEW_PORTFOLIO, P.REPORT_SLIP, P.VIEW_GATEWAY, P.UNLOCK_GATEWAY, P.VIEW_LEDGER}),
    Role.MANAGER: frozenset({
        P.VIEW_PORTFOLIO, P.REPORT_SLIP, P.WITHDRAW_EVIDENCE, P.VIEW_GATEWAY, P.DECLARE_AS_PROVIDER, P.LOCK_GATEWAY,
        P.UNLOCK_GATEWAY, P.RECORD_ASSESSMENT, P.VIEW_DBS_STATE, P.RECORD_QUALIFICATIONS, P.MANAGE_APPRENTICESHIP,
        P.VIEW_AUDIT_TRAIL, P.MANAGE_PEOPLE, P.MANAGE_COHORTS, P.VIEW_COHORTS, P.VIEW_LEDGER, P.SET_LEDGER_ADDRESS,
        P.CHOOSE_FRAMEWORK, P.VIEW_DUE, P.RECORD_INDUCTION, P.VIEW_BOOKINGS, P.MANAGE_FRAMEWORKS, P.MANAGE_COURSES,
    }),
    Role.ADMIN: frozenset({P.MANAGE_PROVIDERS}),
}  # fmt: skip

RIGHT_GRANTS: dict[Right, frozenset[Permission]] = {
    Right.DBS: frozenset({P.VIEW_DBS_DETAIL, P.RECORD_DBS}),
    Right.SUPPORT: frozenset({P.VIEW_SUPPORT_STATUS, P.RECORD_SUPPORT_STATUS}),
    Right.CONFIDENTIALITY: frozenset({P.VIEW_OPENINGS, P.HANDLE_SLIPS}),
}
"""What a manager may do besides, with the named right."""

PROVIDER_WIDE = frozenset({
    P.MANAGE_PEOPLE, P.MANAGE_COHORTS, P.VIEW_COHORTS, P.VIEW_LEDGER, P.SET_LEDGER_ADDRESS, P.HANDLE_SLIPS,
    P.MANAGE_FRAMEWORKS, P.CONFIRM_LINKS, P.MANAGE_COURSES,
})  # fmt: skip
"""Held towards the provider, not towards one apprenticeship."""


@dataclass(frozen=True)
class Membership:
    """One person in one provider: the roles they hold there, and a manager's named rights."""

    provider_id: UUID
    provider_name: str
    roles: frozenset[Role]
    rights: frozenset[Right] = frozenset()


@dataclass(frozen=True)
class Viewer:
    """The person signed in, as every guard and template sees them."""

    person_id: UUID
    name: str
    email: str
    session_id: UUID
    is_admin: bool = False
    memberships: tuple[Membership, ...] = field(default=())

    @property
    def provider_ids(self) -> frozenset[UUID]:
        return frozenset(m.provider_id for m in self.memberships)

    def holds(self, role: Role) -> bool:
        if role is Role.ADMIN:
            return self.is_admin
        return any(role in m.roles for m in self.memberships)

    def membership(self, provider_id: UUID) -> Membership | None:
        return next((m for m in self.memberships if m.provider_id == provider_id), None)

    @property
    def managed(self) -> tuple[Membership, ...]:
        """The providers this person manages."""
        return tuple(m for m in self.memberships if Role.MANAGER in m.roles)


def roles_towards(
    viewer: Viewer, *, apprentice_id: UUID, provider_id: UUID, assigned: Iterable[Role]
) -> frozenset[Role]:
    """What this person is to one apprenticeship today. `assigned`: the roles of their running assignments."""
    membership = viewer.membership(provider_id)
    if membership is None:
        return frozenset()
    held: set[Role] = set()
    if viewer.person_id == apprentice_id:
        held.add(Role.APPRENTICE)
    else:  # nobody is mentor or assessor of their own apprenticeship, whatever was assigned
        held.update(role for role in assigned if role in membership.roles)
        if Role.MANAGER in membership.roles:
            held.add(Role.MANAGER)
    return frozenset(held)


def permissions(roles: Iterable[Role], rights: Iterable[Right] = ()) -> frozenset[Permission]:
    """Everything these roles grant; named rights count only for a manager. Empty means: a stranger."""
    roles = frozenset(roles)
    granted: set[Permission] = set()
    for role in roles:
        granted |= GRANTS[role]
    if Role.MANAGER in roles:
        for right in rights:
            granted |= RIGHT_GRANTS[right]
    return frozenset(granted)


def permissions_in(viewer: Viewer, provider_id: UUID) -> frozenset[Permission]:
    """What the viewer may do towards a provider as a whole."""
    membership = viewer.membership(provider_id)
    if membership is None:
        return frozenset()
    return (
        permissions(membership.roles & {Role.MANAGER, Role.IQA, Role.ASSESSOR}, membership.rights)
        & PROVIDER_WIDE
    )


def table() -> list[tuple[str, dict[str, bool]]]:
    """The whole matrix for README.md: a row per permission, a column per role; named rights have their own."""
    columns: dict[str, frozenset[Permission]] = {role.label: GRANTS[role] for role in Role}
    columns |= {
        f"Manager with “{right.label}”": GRANTS[Role.MANAGER] | RIGHT_GRANTS[right] for right in Right
    }
    return [(p.value, {name: p in granted for name, granted in columns.items()}) for p in Permission]
