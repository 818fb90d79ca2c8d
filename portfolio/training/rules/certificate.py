"""Whether a certificate of attendance is issued.

The prospectus: it is issued unless somebody attended only part of the day or did not take full part in the session,
which the trainer decides. Nobody who was not there gets one, whoever decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portfolio.training.rules.booking import ATTENDANCE, State


class Certificate(StrEnum):
    """How the certificate stands."""

    NOT_YET = "not decided yet"
    ISSUED = "issued"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class TrainersWord:
    """What the trainer decided against the rule, and why."""

    issue: bool
    reason: str


@dataclass(frozen=True)
class Outcome:
    """How the certificate stands and why; `by_trainer`: the trainer's decision, not the rule."""

    certificate: Certificate
    reason: str
    by_trainer: bool = False


BY_RULE = {
    State.FULL: Outcome(Certificate.ISSUED, "Attended the whole session and took full part."),
    State.PART: Outcome(Certificate.WITHHELD, "Attended only part of the session."),
    State.NONE: Outcome(Certificate.WITHHELD, "Did not attend."),
}


def certificate(state: State, word: TrainersWord | None = None) -> Outcome:
    """What follows from attendance, or from the trainer's word where there is one."""
    if state not in ATTENDANCE:
        return Outcome(Certificate.NOT_YET, "Attendance is not recorded yet.")
    rule = BY_RULE[state]
    if word is None or state is State.NONE or word.issue is (rule.certificate is Certificate.ISSUED):
        return rule
    kind = Certificate.ISSUED if word.issue else Certificate.WITHHELD
    return Outcome(kind, word.reason.strip(), by_trainer=True)


def refusal_of_word(state: State, word: TrainersWord) -> str | None:
    """Why the trainer's decision cannot be recorded; None when it can."""
    if state not in ATTENDANCE:
        return "Record attendance first."
    if state is State.NONE and word.issue:
        return "Nobody gets a certificate for a session they did not attend. Correct the attendance if it is wrong."
    if not word.reason.strip():
        return "Say why: the person will read it on their record."
    return None
