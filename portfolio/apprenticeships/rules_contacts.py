"""Whom to turn to when somebody may be at risk: what a contact needs, and what cannot start without one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

PHONE = re.compile(r"\+?[0-9][0-9 ()-]*( ?(?:ext\.?|x) ?[0-9]{1,6})?", re.IGNORECASE)
LEAD_ROLE, CONTACT_ROLE = "Designated safeguarding lead", "Safeguarding contact"
"""What they usually are, offered on an empty form."""
SHOWN_TO = "Apprentices are shown whom to turn to when something may be happening now."
NO_LEAD = (
    "{employer} has no safeguarding lead on record yet. Add one first, then send this again. " + SHOWN_TO
)
NO_CONTACT = (
    "Your organisation has no safeguarding contact on record yet. Add one first, then send this again. "
    + SHOWN_TO
)


@dataclass(frozen=True)
class Contact:
    """A safeguarding lead, and who stands in for them."""

    name: str
    role: str
    phone: str
    email: str
    deputy_name: str = ""
    deputy_phone: str = ""

    def changed_from(self, before: Contact | None) -> list[str]:
        """Which fields differ; all that are filled, if there was none before."""
        old = asdict(before) if before else {}
        return [name for name, value in asdict(self).items() if value != old.get(name, "")]


def reason_against_phone(phone: str) -> str:
    """Why this cannot be dialled, or nothing."""
    if PHONE.fullmatch(phone) and 3 <= len(re.sub(r"[^0-9]", "", phone)) <= 22 and len(phone) <= 40:
        return ""
    return "Enter a phone number, for example 01632 960123. An extension may follow: 01632 960123 ext 4."


def dialled(phone: str) -> str:
    """The number for a `tel:` link: digits, and a pause before the extension."""
    plain = phone.lower().replace("(0)", "") if phone.startswith("+") else phone.lower()
    main, _, extension = re.sub(
        r"[ ()-]|ext\.?", lambda found: "x" if "e" in found[0] else "", plain
    ).partition("x")
    return f"{main},{extension}" if extension else main


def missing(employer: str, *, has_lead: bool, has_contact: bool) -> Mapping[str, str]:
    """Why nobody can start at this employer: form field -> sentence. Empty if both can be reached."""
    found: dict[str, str] = {}
    if not has_contact:
        found["cohort_id"] = NO_CONTACT
    if not has_lead:
        found["employer_id"] = NO_LEAD.format(employer=employer)
    return found
