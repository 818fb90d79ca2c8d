"""What may be done about a slip, by whom, and why not. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

WHAT = (
    ("person_at_risk", "A child or an adult at risk, or somebody of their family", ""),
    ("colleague", "A colleague", ""),
    ("place", "A school, a home, an address or another place", ""),
)
PART = (
    ("file", "In a file", "A photo, a recording, a document, or the name of a file"),
    ("words", "In the words of the piece", "Its title counts too"),
    ("talk", "In a comment, a testimony or a decision", ""),
)
STATES = {
    "open": "Closed, to be looked at",
    "restored": "Opened again",
    "asked": "A cleaned version is asked for",
    "purged": "Purged",
}
EVENTS = {
    "reported": "Reported",
    "restored": "Opened again",
    "asked": "A cleaned version asked for",
    "purge_asked": "Purge asked for",
    "purged": "Purged",
}
LOCKED = (
    "The portfolio is locked at the gateway, so no new version can be made. Open the piece again, purge it, or have "
    "the portfolio unlocked first."
)
WITHDRAWN = "The piece is withdrawn, so no new version of it can be made. Open it again or purge it."
SECOND_PERSON = (
    "You asked for the purge, so the other confidentiality lead has to agree. Until then it stays closed."
)


NOTED = "slip.noted_beside_backups"
BACKED_UP = "safekeeping.backed_up"
"""In the trail: a tombstone lies beside the backups; a backup was completed."""


@dataclass(frozen=True)
class Copies:
    """What is known of backups and one purge: when its tombstone was laid beside them, and when the last backup that
    was completed began to be made."""

    purged_at: datetime
    noted_at: datetime | None
    last_backup: datetime | None

    @property
    def known(self) -> bool:
        """A restore of an older backup purges the piece again."""
        return self.noted_at is not None or self.backed_up

    @property
    def backed_up(self) -> bool:
        return self.last_backup is not None and self.last_backup > self.purged_at


@dataclass(frozen=True)
class SlipFacts:
    """How a slip stands when somebody wants to act on it."""

    state: str
    lead: UUID
    leads: Collection[UUID]
    purge_asked_by: UUID | None
    locked: bool
    piece_state: str


def reasons_not_to_restore(facts: SlipFacts) -> list[str]:
    """Why it cannot be opened again."""
    if facts.state == "open":
        return []
    return {
        "restored": ["It was opened again already."],
        "asked": ["A cleaned version was asked for: the versions before it stay closed for good."],
        "purged": ["It was purged: there is nothing left to open."],
    }[facts.state]


def reasons_not_to_ask(facts: SlipFacts) -> list[str]:
    """Why the apprentice cannot be asked for a cleaned version."""
    if facts.state != "open":
        return reasons_not_to_restore(facts)
    if facts.locked:
        return [LOCKED]
    return [WITHDRAWN] if facts.piece_state == "withdrawn" else []


def reasons_not_to_purge(facts: SlipFacts) -> list[str]:
    """Why it cannot be purged, or its purge asked for, by this lead."""
    if facts.state in ("restored", "purged"):
        return reasons_not_to_restore(facts)
    if facts.purge_asked_by == facts.lead and needs_second(facts):
        return [SECOND_PERSON]
    return []


def needs_second(facts: SlipFacts) -> bool:
    """Two leads: nothing is destroyed by one of them alone. With one lead the reason has to be enough."""
    return any(one != facts.lead for one in facts.leads)


def purges_now(facts: SlipFacts) -> bool:
    """Whether this lead's word is the last that is needed; otherwise it is the first of two."""
    asked_by_another = facts.purge_asked_by not in (None, facts.lead)
    return asked_by_another or not needs_second(facts)
