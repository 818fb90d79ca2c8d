"""What is asked about a person's role before a framework's level is suggested, in words every source shares.

A fact nobody has answered is None. It is never taken for "no": the advice says which answer could change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum


class Contact(StrEnum):
    """How much contact the role has with children, with parents and carers, or with adults at risk."""

    NONE = "none"
    OCCASIONAL = "occasional"
    SOME = "some"
    REGULAR = "regular"
    MAIN = "main"

    @property
    def label(self) -> str:
        return {
            Contact.NONE: "no contact",
            Contact.OCCASIONAL: "occasional or passing contact",
            Contact.SOME: "some contact, which is not what the job is about",
            Contact.REGULAR: "regular contact, or intensive contact now and then",
            Contact.MAIN: "mainly works with them",
        }[self]


class Sector(StrEnum):
    """The field the employer works in, where a source places the same role differently by field."""

    EDUCATION = "education"
    EARLY_YEARS = "early years"
    HEALTH = "health"
    SOCIAL_CARE = "social care"
    POLICE = "police"
    OTHER = "other"


@dataclass(frozen=True)
class Role:
    """The answers about one role. None is "not answered"."""

    contact: Contact | None = None
    sector: Sector | None = None
    assesses: bool | None = None
    child_protection: bool | None = None
    designated_lead: bool | None = None
    named_professional: bool | None = None
    manages: bool | None = None
    final_say: bool | None = None
    strategic: bool | None = None
    board: bool | None = None
    elected: bool | None = None


QUESTIONS: Mapping[str, str] = {
    "contact": "How much contact does the role have with children, parents, carers or adults at risk?",
    "sector": "In which field does the employer work?",
    "assesses": "Does the role take part in assessing, planning, intervening or reviewing?",
    "child_protection": "Does the role carry particular responsibility for protection, such as statutory enquiries?",
    "designated_lead": "Is this the designated safeguarding lead or a deputy?",
    "named_professional": "Is this a named professional or a professional adviser on safeguarding?",
    "manages": "Does the role supervise or manage people who do safeguarding work?",
    "final_say": "Does the role have the final say in safeguarding decisions?",
    "strategic": "Does the role lead safeguarding strategically, as a designated professional or head of it does?",
    "board": "Is this a chief executive, a chair, a head or principal, or a member of a board?",
    "elected": "Is this an elected member, a governor or a trustee?",
}
"""The question behind each fact, as a form asks it."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "contact": tuple(one.value for one in Contact),
    "sector": tuple(one.value for one in Sector),
}
"""The facts that are a choice; all others are answered yes or no."""

FACTS = tuple(one.name for one in fields(Role))
