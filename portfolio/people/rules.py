"""What a manager may do to an account that is not theirs alone to look after. Pure: facts in, a reason out.

An account belongs to its person, not to a provider. A provider's managers look after the membership; what
touches the account itself (a reset, running sessions) they may only do where it opens no other door.
Matrix: reference rows 3, 4 and 34 ("not above own role, not self", "for grants not myself").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from portfolio.access import MOST_HOLDERS, Right, Role

GIVEN_BY_A_MANAGER = (Role.APPRENTICE, Role.MENTOR, Role.ASSESSOR, Role.IQA, Role.MANAGER)
"""Everything but the installation admin, who takes no part in any provider."""
ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True)
class Account:
    """What decides whether a manager may touch an account: whose it is, and what it opens elsewhere."""

    person_id: UUID
    is_admin: bool = False
    roles_elsewhere: frozenset[Role] = frozenset()
    has_password: bool = False


def tidy_email(text: str) -> str:
    """An address as accounts keep it: lower case, nothing around it."""
    return text.strip().lower()


def reason_against_email(email: str) -> str:
    """Why a tidied address cannot be one, or nothing."""
    if len(email) <= 254 and ".." not in email and ADDRESS.fullmatch(email):
        return ""
    return "Enter an e-mail address, for example amina@example.org."


def reason_against_name(name: str) -> str:
    """Why this cannot stand as somebody's name, or nothing."""
    if not name.strip():
        return "Enter the person’s name as colleagues know it."
    if len(name) > 200 or any(ord(sign) < 32 for sign in name):
        return "Enter the name in one line of at most 200 characters."
    return ""


def reason_against_provider_name(name: str) -> str:
    """Why this cannot be a provider's name, or nothing."""
    return "" if 0 < len(name) <= 200 else "Enter the provider’s name, at most 200 characters."


def reason_against_ukprn(ukprn: str) -> str:
    """Why this cannot be a UK Provider Reference Number, or nothing. It may be left out."""
    if not ukprn or (len(ukprn) == 8 and ukprn.isascii() and ukprn.isdigit()):
        return ""
    return "A UKPRN has eight digits. Leave it empty if you do not have it at hand."


def reason_against_roles(roles: Iterable[Role], rights: Iterable[Right]) -> str:
    """Why these roles and named rights cannot be given together, or nothing."""
    roles = frozenset(roles)
    if not roles:
        return "Choose at least one role."
    if not roles <= frozenset(GIVEN_BY_A_MANAGER):
        return "Choose one of the roles on the page."
    if frozenset(rights) and Role.MANAGER not in roles:
        return "The named rights go with the role of provider manager. Choose that role as well, or no right."
    return ""


def reason_against_one_more(right: Right, holders: Sequence[str]) -> str:
    """Why nobody else may get this right in a provider, or nothing. `holders`: the names of those who hold it now."""
    most = MOST_HOLDERS.get(right)
    if most is None or len(holders) < most:
        return ""
    return (
        f"{' and '.join(holders)} hold the right “{right.label}” here, and a provider has at most {most} people who "
        "do. End it for one of them first."
    )


def reason_against_changing_roles(by: UUID | None, account: Account) -> str:
    """Why `by` may not give or end roles and rights of this account, or nothing."""
    if account.is_admin:
        return "This account belongs to the installation admin, who takes no part in a provider."
    if by == account.person_id:
        return "Nobody gives or ends their own roles and rights. Ask another provider manager."
    return ""


def reason_against_reset(by: UUID | None, account: Account) -> str:
    """Why `by` may not start a password reset, or nothing.

    Whoever holds the link can set the password and then opens all that the account opens. So an account
    that is in use elsewhere is reset by its own person only, with a link mailed to that person.
    """
    if by == account.person_id:
        return "Change your own password on your account page."
    if account.is_admin or account.roles_elsewhere:
        return (
            "This account is not used in this provider alone, so the reset cannot be started here. "
            "Ask the person to choose “I have forgotten my password” on the sign-in page."
        )
    return ""


def reason_against_correcting(by: UUID | None, account: Account) -> str:
    """Why `by` may not correct anything of this account, or nothing. The same accounts as for a reset."""
    if by == account.person_id:
        return "Ask another provider manager to correct your own name."
    if account.is_admin or account.roles_elsewhere:
        return (
            "This account is not used in this provider alone, so its name and address cannot be changed here."
        )
    return ""


def reason_against_correcting_address(account: Account) -> str:
    """Why a manager may not correct the e-mail address of this account, or nothing.

    Whoever reads the mail of an account can have its password reset, and then sign as its person. Before a first
    password was chosen there is nobody to sign as.
    """
    if account.has_password:
        return "The account is in use, so only the person can change its address: on their own account page."
    return ""


def reason_against_ending_sessions(by: UUID | None, account: Account) -> str:
    """Why `by` may not sign this account out everywhere, or nothing."""
    if by == account.person_id:
        return "End your own sessions on your account page."
    if account.is_admin or Role.MANAGER in account.roles_elsewhere:
        return (
            "This account also looks after other things than this provider, so its sessions cannot be ended "
            "here. The person can end them on their account page. Suspending them here takes effect at once."
        )
    return ""
