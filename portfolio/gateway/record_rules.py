"""What may be put on record about a DBS check, English and maths, and support. Pure.

Each function answers with a sentence per field; empty means that it may be recorded. What has happened cannot be
dated after today: the progress summary relies on it (see `queries.standing_for`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portfolio.gateway.facts import DbsDecision, ProofKind, Qualification, Support
from portfolio.gateway.wording import on_screen

Problems = dict[str, str]


@dataclass(frozen=True)
class DbsEntry:
    """A DBS check as it was entered: what the field's sample policy lets a provider keep, and no more."""

    decision: str
    level: str = ""
    workforce: str = ""
    barred_lists: str = ""
    issued_on: date | None = None
    last_four: str = ""
    original_seen_by: str = ""
    original_seen_on: date | None = None
    decided_by: str = ""
    decided_on: date | None = None
    next_check_due_on: date | None = None


@dataclass(frozen=True)
class QualificationEntry:
    """What is held in one subject, as it was entered."""

    qualification: str
    title: str = ""
    proof: str = ""
    proof_seen_on: date | None = None


@dataclass(frozen=True)
class SupportEntry:
    """Plan, statement, judgements and opting in, as they were entered."""

    plan: str = Support.NONE.value
    plan_seen_on: date | None = None
    primary_bsl_user: bool = False
    english_judgement_on: date | None = None
    maths_judgement_on: date | None = None
    english_opted_in: bool = False
    maths_opted_in: bool = False


def dbs_problems(entry: DbsEntry, today: date) -> Problems:
    """Mistakes in a DBS record. What is merely not known yet may stay empty: the check says what is missing."""
    found = _to_come(
        today,
        issued_on=entry.issued_on,
        original_seen_on=entry.original_seen_on,
        decided_on=entry.decided_on,
    )
    if entry.issued_on and entry.original_seen_on and entry.original_seen_on < entry.issued_on:
        found.setdefault(
            "original_seen_on",
            f"The check was issued on {on_screen(entry.issued_on)}, so nobody can have seen it before.",
        )
    found |= _seen_problems(entry)
    found |= _decision_problems(entry)
    return found


def _seen_problems(entry: DbsEntry) -> Problems:
    if entry.original_seen_by and entry.original_seen_on is None:
        return {"original_seen_on": "Enter the day on which the original was seen in person."}
    if entry.original_seen_on is not None and not entry.original_seen_by:
        return {"original_seen_by": "Enter who saw the original in person."}
    return {}


def _decision_problems(entry: DbsEntry) -> Problems:
    found: Problems = {}
    if entry.decision != DbsDecision.AWAITING:
        if not entry.decided_by:
            found["decided_by"] = "Enter who decided, with their role."
        if entry.decided_on is None:
            found["decided_on"] = "Enter the day of the decision."
    elif entry.decided_on is not None:
        found["decided_on"] = (
            "The decision is awaited, so it has no day yet. Clear the date or choose the decision."
        )
    due_on, since = entry.next_check_due_on, entry.decided_on or entry.issued_on
    if due_on is not None and since is not None and due_on <= since:
        found["next_check_due_on"] = f"The next check comes after {on_screen(since)}. Check the year."
    return found


def qualification_problems(subject: str, entry: QualificationEntry, today: date) -> Problems:
    """Mistakes in what is recorded of one subject: english or maths."""
    found = _to_come(today, proof_seen_on=entry.proof_seen_on)
    if entry.qualification == Qualification.BSL and subject != "english":
        found["qualification"] = "A British Sign Language qualification stands in for English only."
    if entry.qualification == Qualification.NONE:
        if entry.proof or entry.proof_seen_on:
            found["qualification"] = "Nothing held has no proof. Choose what is held, or clear the proof."
        return found
    if entry.proof_seen_on is not None and not entry.proof:
        found["proof"] = "Choose what kind of proof was seen."
    if entry.proof and entry.proof_seen_on is None:
        found.setdefault("proof_seen_on", "Enter the day on which it was seen.")
    if entry.proof == ProofKind.OTHER and entry.qualification != Qualification.ATTEMPT:
        found["proof"] = (
            "Other evidence shows an attempt only. For a qualification, see the certificate, the certified statement of "
            "results or the personal learning record."
        )
    return found


def support_problems(entry: SupportEntry, today: date) -> Problems:
    """Mistakes in the record of plan, statement, judgements and opting in."""
    found = _to_come(
        today,
        plan_seen_on=entry.plan_seen_on,
        english_judgement_on=entry.english_judgement_on,
        maths_judgement_on=entry.maths_judgement_on,
    )
    if entry.plan == Support.NONE and entry.plan_seen_on is not None:
        found["plan_seen_on"] = "Choose which document was seen, or clear the date."
    if entry.plan != Support.NONE and entry.plan_seen_on is None:
        found["plan_seen_on"] = "Enter the day on which the document was seen."
    return found


def _to_come(today: date, **days: date | None) -> Problems:
    return {
        name: f"{on_screen(day)} is still to come. Enter a day up to today."
        for name, day in days.items()
        if day is not None and day > today
    }
