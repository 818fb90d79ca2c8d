"""Who may decide on what now, which answers belong to which outcome, and what follows from them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kbs.coverage import Outcome
from portfolio.web.formats import list_words

QUESTIONS: Mapping[str, str] = {
    "valid": "It shows what the statement asks for",
    "authentic": "It is the apprentice’s own work",
    "current": "It shows what they can do now",
    "sufficient": "There is enough of it",
    "reliable": "Another assessor would judge it the same",
}
"""The five rules of evidence, each answered yes or no for every decision (reference: assessment practice)."""

OWN_WORK = "Nobody decides on their own work. Another assessor has to do it."
WITNESSED = (
    "You signed a testimony on this piece, so you cannot also decide on it. Another assessor has to do it."
)


@dataclass(frozen=True)
class DecideFacts:
    """Who wants to decide, on what, and how it stands at this moment."""

    decider_id: UUID
    apprentice_id: UUID
    witnesses: Collection[UUID]
    """Who signed a testimony on any version of the piece."""
    state: str
    """Of the piece."""
    closed: str = ""
    """Why nothing at all can be written in this portfolio, or empty."""


def why_not_by(decider_id: UUID, *, apprentice_id: UUID, witnesses: Collection[UUID]) -> str:
    """Why this person must not decide on this work, whenever; empty if they may."""
    if decider_id == apprentice_id:
        return OWN_WORK
    return WITNESSED if decider_id in witnesses else ""


def why_not_decide(facts: DecideFacts) -> str:
    """Why this person cannot decide on the piece now; empty if they can."""
    return (
        why_not_by(facts.decider_id, apprentice_id=facts.apprentice_id, witnesses=facts.witnesses)
        or facts.closed
        or {
            "draft": "The apprentice has taken this back to change it. It will wait for you again once it is submitted.",
            "returned": "This piece was returned. It is with the apprentice, and nothing in it waits for you.",
            "decided": "Everything in this piece has been decided. A decision can be superseded, with a reason.",
            "withdrawn": "The apprentice withdrew this piece, so nothing in it is decided any more.",
        }.get(facts.state, "")
    )


def why_not_supersede(facts: DecideFacts, *, superseded_by: str, stands: bool) -> str:
    """Why this decision cannot be superseded now; empty if it can.

    `superseded_by` is who did it already, with the moment, or empty; `stands` is false if a decision on a
    later version counts instead.
    """
    if superseded_by:
        return f"This decision was superseded already, by {superseded_by}. Supersede the newer one if it is wrong."
    if not stands:
        return "A decision on a later version counts instead. Supersede that one if it is wrong."
    if facts.state == "withdrawn":
        return "This piece was withdrawn, so its decisions stay as they are."
    return (
        why_not_by(facts.decider_id, apprentice_id=facts.apprentice_id, witnesses=facts.witnesses)
        or facts.closed
    )


@dataclass(frozen=True)
class ItemSignOffFacts:
    """Who wants to sign an item off or withdraw it, and how it stands."""

    decider_id: UUID
    apprentice_id: UUID
    signed_off: bool
    closed: str = ""


def why_not_sign_off(facts: ItemSignOffFacts, *, pieces: int) -> str:
    """Why the item cannot be signed off on the strength of several pieces; `pieces` could be chosen."""
    if facts.decider_id == facts.apprentice_id:
        return OWN_WORK
    if facts.closed:
        return facts.closed
    if facts.signed_off:
        return "This is signed off already. It can be withdrawn, with a reason."
    if not pieces:
        return "No submitted piece claims this yet, so there is nothing to rest a sign-off on."
    return ""


def why_not_withdraw(facts: ItemSignOffFacts) -> str:
    """Why the sign-off of the item cannot be withdrawn now; empty if it can."""
    if facts.decider_id == facts.apprentice_id:
        return OWN_WORK
    if facts.closed:
        return facts.closed
    return "" if facts.signed_off else "This is not signed off, so there is nothing to withdraw."


@dataclass(frozen=True)
class Answer:
    """What an assessor chose for one item: the outcome, the five answers, and what is missing."""

    code: str
    outcome: Outcome
    five: Mapping[str, bool]
    missing: str = ""


def why_not_this_outcome(outcome: Outcome, five: Mapping[str, bool]) -> str:
    """Covered needs all five answered yes; the other outcomes stand with any answers."""
    no = [name for name in QUESTIONS if not five[name]]
    if outcome is not Outcome.COVERED or not no:
        return ""
    return (
        f"Covered needs all five answered yes, and {list_words(no)} {'is' if len(no) == 1 else 'are'} answered no. "
        "Choose partly or not yet, or change the answer."
    )


def why_missing_needed(outcome: Outcome, missing: str) -> str:
    """Partly and not yet tell the apprentice what to do next."""
    return "" if outcome is Outcome.COVERED or missing.strip() else "Say what is missing."


def state_after(outcomes: Iterable[Outcome]) -> str:
    """The state of a piece by the outcomes that stand for the claims of its newest version."""
    return "decided" if all(outcome is Outcome.COVERED for outcome in outcomes) else "returned"


def in_words(outcomes: Mapping[str, Outcome]) -> str:
    """ "K7 and S7 covered, S16 partly": by label of the item, in the order given."""
    parts = [
        f"{list_words(labels)} {word.label.lower()}"
        for word in Outcome
        if (labels := [label for label, outcome in outcomes.items() if outcome is word])
    ]
    return ", ".join(parts)


def withdraws_sign_off(*, signed_off: bool, basis: str, covered_elsewhere: bool) -> bool:
    """Whether superseding a covered decision takes the sign-off of the item with it.

    It does if the sign-off came from a decision and no covered decision on the item stands any more; one
    given on the strength of several pieces stands on its own reason.
    """
    return signed_off and basis != "several_pieces" and not covered_elsewhere


def already_decided_words(by: Sequence[tuple[str, str]], outcomes: Mapping[str, Outcome]) -> str:
    """For the second of two assessors at once. `by`: name and moment of each who decided."""
    who = list_words([f"{name} on {moment}" for name, moment in by])
    return f"This piece was decided while you were looking at it, by {who}: {in_words(outcomes)}."
