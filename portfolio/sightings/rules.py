"""Who may confirm that they saw an original, when, and what exactly they sign. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portfolio.web.formats import date_words

LONGEST_WHERE = 500


@dataclass(frozen=True)
class SightingFacts:
    """What decides whether somebody can confirm that they saw the original of a piece."""

    state: str
    closed: str
    """Why nothing at all can be written in this portfolio, or empty."""
    is_own: bool
    says_where: bool
    """The newest submitted version says where its original is kept."""
    has_signed: bool
    """They have confirmed this very version."""


def why_no_sighting(facts: SightingFacts) -> str:
    """Why this person cannot confirm the original of this piece now; empty if they can."""
    if facts.is_own:
        return "Nobody can confirm the original of their own piece."
    if facts.closed:
        return facts.closed
    if facts.state == "draft":
        return "This is still a draft. A confirmation binds to what was submitted."
    if facts.state == "withdrawn":
        return "This piece was withdrawn, so there is nothing to confirm."
    if not facts.says_where:
        return "This piece does not say where its original is kept, so there is nothing to confirm."
    if facts.has_signed:
        return "You have already confirmed the original of this version."
    return ""


def why_not_seen_on(seen_on: date, *, today: date) -> str:
    """Why this cannot be the day on which the original was seen; empty if it can."""
    return "The day you saw it cannot be in the future." if seen_on > today else ""


def statement(seen_on: date, where: str) -> str:
    """The sentence that is signed."""
    return (
        f"I have seen the original of this piece on {date_words(seen_on)}. Where: {where}. "
        "It is what it is said to be, and it stays there."
    )


def for_version(signed: int, shown: int) -> str:
    """What to say beside a confirmation that was signed for another version than the one shown; empty for its own."""
    if signed == shown:
        return ""
    return f"Confirmed for version {signed}. It does not speak for version {shown}."
