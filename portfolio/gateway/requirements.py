"""The answer of the gateway check: one requirement a line, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portfolio.gateway.facts import EnglishMathsPolicy
from portfolio.gateway.rulebook_lines import Rulebook
from portfolio.gateway.wording import counted, on_screen

REQUIREMENT_NAMES: Mapping[str, str] = {
    "dbs": "DBS check",
    "english": "English",
    "maths": "Maths",
    "statements": "Statements",
    "duties": "Duties",
    "time_on_programme": "Time on programme",
    "off_the_job": "Off-the-job hours",
    "evidence_declarations": "Evidence declarations",
    "declaration_apprentice": "Apprentice's declaration",
    "declaration_employer": "Employer's declaration",
    "declaration_provider": "Provider's declaration",
}
REQUIREMENT_IDS = tuple(REQUIREMENT_NAMES)
DECLARATION_IDS = ("declaration_apprentice", "declaration_employer", "declaration_provider")

# What a summary row keeps: neither time, which passes by itself, nor declarations, which come last.
GAP_LABELS: Mapping[str, str] = {
    "dbs": "DBS",
    "english": "English",
    "maths": "Maths",
    "statements": "Statements",
    "duties": "Duties",
    "off_the_job": "Off-the-job hours",
    "evidence_declarations": "Evidence declarations",
}


class State(StrEnum):
    """How one requirement stands, in the words of the screen."""

    IN_PLACE = "In place"
    MISSING = "Missing"  # nothing that could count is there yet
    NEEDS_ACTION = "Needs action"  # something is there, and somebody has to do a named thing about it
    NOT_NEEDED = "Not needed"
    NOT_KNOWN = "Not known"  # nobody here can say, which keeps nobody out

    @property
    def is_open(self) -> bool:
        """Whether this state keeps the gateway shut."""
        return self in (State.MISSING, State.NEEDS_ACTION)

    @property
    def slug(self) -> str:
        """For class names and ids: in_place, missing, needs_action, not_needed, not_known."""
        return self.name.lower()


@dataclass(frozen=True)
class Answer:
    """What one rule says: how it stands, why in a sentence, what would put it right and who can."""

    state: State
    reason: str
    put_right: str = ""
    who: str = ""


@dataclass(frozen=True)
class OtherAnswer:
    """What the policy that did not decide would have said."""

    policy: EnglishMathsPolicy
    state: State
    sentence: str


@dataclass(frozen=True)
class Requirement:
    """One line of the check, with all a page needs to argue it.

    `confidential`: reason, remedy and the other policy's sentence speak of a check, an age or a need for support;
    show them only to those with the right to see that detail, and `without_detail()` to everybody else.
    """

    id: str
    state: State
    reason: str
    put_right: str
    who: str
    rule: str
    source: str
    rulebook: str
    decided_by: str | None = None
    other_policy: OtherAnswer | None = None
    confidential: bool = False

    @property
    def name(self) -> str:
        """The heading of the line."""
        return REQUIREMENT_NAMES[self.id]

    @property
    def mandatory(self) -> bool:
        """Whether this person needs it for the gateway."""
        return self.state is not State.NOT_NEEDED

    @property
    def is_open(self) -> bool:
        """Whether this line keeps the gateway shut."""
        return self.state.is_open

    def without_detail(self) -> Requirement:
        """The same line for a viewer without the right to its detail: the state and the rule, nothing personal."""
        if not self.confidential:
            return self
        other = self.other_policy and replace(
            self.other_policy,
            sentence=f"{POLICY_WORDS[self.other_policy.policy]} would say “{self.other_policy.state}”.",
        )
        return replace(
            self,
            reason=f"{self.state}: the detail is shown only to those who may see it.",
            put_right="Ask the provider manager what is needed." if self.is_open else "",
            who="provider manager" if self.is_open else "",
            other_policy=other,
        )


@dataclass(frozen=True)
class GatewayCheck:
    """The whole answer for one apprenticeship on one day.

    `standing` is a sentence where something outside the lines keeps the gateway shut (a withdrawal), else empty.
    `earliest_on` is the first day on which time on the programme allows the gateway; None when it cannot be said.
    """

    requirements: tuple[Requirement, ...]
    ready_to_declare: bool
    ready_to_lock: bool
    earliest_on: date | None
    rulebook: Rulebook
    checked_on: date
    standing: str = ""

    def __getitem__(self, requirement_id: str) -> Requirement:
        return next(line for line in self.requirements if line.id == requirement_id)

    @property
    def open_requirements(self) -> tuple[Requirement, ...]:
        """The lines that keep the gateway shut, in their order."""
        return tuple(line for line in self.requirements if line.is_open)

    @property
    def summary(self) -> str:
        """The answer in a line or two, for the head of the page."""
        if self.standing:
            return self.standing
        if self.ready_to_lock:
            return "Everything is in place: the portfolio can be locked."
        if self.ready_to_declare:
            return "Everything else is in place: the declarations can be made."
        count = len(self.open_requirements)
        verb = "is" if count == 1 else "are"
        total = counted(len(self.requirements), "requirement")
        return f"Not ready: {count} of {total} {verb} open. {self._when}"

    @property
    def _when(self) -> str:
        if self.earliest_on is None:
            return "The earliest date cannot be said while a break is open or its dates are wrong."
        return f"Earliest date by time on the programme: {on_screen(self.earliest_on)}."


POLICY_WORDS: Mapping[EnglishMathsPolicy, str] = {
    EnglishMathsPolicy.STANDARD_SENTENCE: "The standard's own sentence",
    EnglishMathsPolicy.FUNDING_RULES: "The funding rules",
}
