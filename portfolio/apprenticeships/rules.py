"""What may be recorded of an apprenticeship: dates, numbers, breaks, withdrawal, people around it. Pure.

Each check answers with a sentence for every field that cannot stand; nothing found means that it may be
recorded. The single form, the edit page and the import of a list all ask here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kbs.statements import Standard
from portfolio.refusals import Refused
from portfolio.web.formats import date_words

NO_ULN_YET = "9999999999"
"""What learner records carry while a learner has no number: it is nobody's."""
YOUNGEST, OLDEST = 15, 100
"""Ages on the first day that can be meant; outside of them a year was mistyped."""
FAR_START = timedelta(days=366)
LONGEST = timedelta(days=6 * 366)
PLANNED_AHEAD = timedelta(days=31)
"""How far ahead a break may be recorded: one agreed for next month, not one that may never come."""

LOCKED = (
    "The portfolio is locked at the gateway, so what was agreed there stands. "
    "If it has to change, two people can unlock it from the gateway page."
)


class Mistakes(Refused):
    """What was entered cannot stand: the form field -> the sentence that belongs beside it."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


@dataclass(frozen=True)
class Details:
    """What is entered about one apprenticeship, apart from the people and where it belongs."""

    start_on: date
    planned_gateway_on: date
    date_of_birth: date | None = None
    uln: str = ""
    provider_reference: str = ""


def age_on(born_on: date, day: date) -> int:
    """Full years on that day. Somebody born on 29 February comes of age on 1 March."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def detail_problems(details: Details, standard: Standard, today: date) -> dict[str, str]:
    """What is wrong with the dates and numbers: field -> sentence."""
    found = {
        "start_on": start_problem(details.start_on, standard, today),
        "planned_gateway_on": _gateway_problem(details, standard),
        "date_of_birth": _birth_problem(details),
        "uln": uln_problem(details.uln),
        "provider_reference": "Use at most 40 characters." if len(details.provider_reference) > 40 else "",
    }
    return {name: sentence for name, sentence in found.items() if sentence}


def start_problem(start_on: date, standard: Standard, today: date) -> str:
    """Whether this version of the standard takes starts on that day (its published earliest and latest)."""
    version = f"Version {standard.version} of {standard.title}"
    another = "Check the date, or choose a cohort on another version."
    earliest, latest = standard.earliest_start_on, standard.latest_start_on
    if earliest is not None and start_on < earliest:
        return f"{version} is open for starts from {date_words(earliest)}. {another}"
    if latest is not None and start_on > latest:
        return f"{version} was open for starts until {date_words(latest)}. {another}"
    if start_on > today + FAR_START:
        return f"{date_words(start_on)} is more than a year away. Check the year."
    return ""


def _gateway_problem(details: Details, standard: Standard) -> str:
    if details.planned_gateway_on <= details.start_on:
        return f"The planned {standard.words.gateway} must come after the start on {date_words(details.start_on)}."
    if details.planned_gateway_on - details.start_on > LONGEST:
        return f"The planned {standard.words.gateway} is more than six years after the start. Check the year."
    return ""


def _birth_problem(details: Details) -> str:
    if details.date_of_birth is None:
        return ""
    age = age_on(details.date_of_birth, details.start_on)
    if age < 0:
        return "The date of birth is after the start. Check both."
    if not YOUNGEST <= age <= OLDEST:
        return f"That makes {age} years on the first day. Check the date of birth."
    return ""


def uln_problem(uln: str) -> str:
    """A unique learner number has 10 digits and does not begin with 0. None at all is allowed."""
    if not uln:
        return ""
    if uln == NO_ULN_YET:
        return f"{NO_ULN_YET} stands for “no number yet”. Leave this empty until there is one."
    if not re.fullmatch(r"[1-9][0-9]{9}", uln):
        return "A ULN has 10 digits and does not begin with 0. Check the number, or leave it empty."
    return ""


@dataclass(frozen=True)
class Away:
    """A break: `ended_on` is the first day back, None while it lasts."""

    began_on: date
    ended_on: date | None = None
    expected_back_on: date | None = None

    def overlaps(self, other: Away) -> bool:
        """Whether a day belongs to both. A break without a first day back goes on."""
        return self.began_on < (other.ended_on or date.max) and other.began_on < (self.ended_on or date.max)

    @property
    def words(self) -> str:
        if self.ended_on is None:
            return f"the break that began on {date_words(self.began_on)} and has no first day back yet"
        return (
            f"the break from {date_words(self.began_on)} with {date_words(self.ended_on)} as first day back"
        )


def break_problems(
    away: Away, others: Sequence[Away], *, start_on: date, withdrawn_on: date | None, today: date
) -> dict[str, str]:
    """What is wrong with a break, given the other breaks of this apprenticeship: field -> sentence."""
    found = {
        "began_on": _beginning_problem(away, start_on, withdrawn_on, today),
        "expected_back_on": _order_problem(away.began_on, away.expected_back_on),
        "ended_on": _order_problem(away.began_on, away.ended_on),
    }
    if not found["ended_on"] and away.ended_on is not None and away.ended_on > today:
        found["ended_on"] = "Record the first day back when it has come, and until then the day you expect."
    clash = next((other for other in others if away.overlaps(other)), None)
    if clash is not None and not found["began_on"]:
        found["began_on"] = f"This overlaps {clash.words}. Correct that one first."
    return {name: sentence for name, sentence in found.items() if sentence}


def _beginning_problem(away: Away, start_on: date, withdrawn_on: date | None, today: date) -> str:
    if away.began_on < start_on:
        return f"A break cannot begin before the apprenticeship, which started on {date_words(start_on)}."
    if withdrawn_on is not None and away.began_on >= withdrawn_on:
        return f"The apprenticeship ended by withdrawal on {date_words(withdrawn_on)}. Undo that first."
    if away.began_on > today + PLANNED_AHEAD:
        return "Record a break when it is about to begin, at most a month ahead."
    return ""


def _order_problem(began_on: date, back_on: date | None) -> str:
    if back_on is not None and back_on <= began_on:
        return f"The day back must come after the break began on {date_words(began_on)}."
    return ""


def start_against_breaks(start_on: date, breaks: Sequence[Away]) -> str:
    """A start that is moved must not leave a break before it."""
    first = min((one.began_on for one in breaks), default=None)
    if first is not None and first < start_on:
        return (
            f"A break that began on {date_words(first)} would lie before this start. Correct the break first."
        )
    return ""


def withdrawal_problem(withdrawn_on: date, *, start_on: date, today: date) -> str:
    """A withdrawal is a day between the start and today."""
    if withdrawn_on < start_on:
        return f"The apprenticeship started on {date_words(start_on)}: the last day cannot lie before it."
    if withdrawn_on > today:
        return "A withdrawal is recorded when it has happened, not ahead."
    return ""
