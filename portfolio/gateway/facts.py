"""What the gateway check is told about one apprenticeship. Every default is the cautious one: nothing known.

Dates are whole days. A date after the day of the check has not happened yet and does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class DbsDecision(StrEnum):
    """What the employer decided on seeing the check."""

    SATISFACTORY = "satisfactory"
    NOT_SATISFACTORY = "not_satisfactory"
    AWAITING = "awaiting"


class DbsLevel(StrEnum):
    """Level of a check, lowest first; a higher one does for a lower one."""

    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"

    def reaches(self, wanted: DbsLevel) -> bool:
        """Whether this level is the wanted one or above it."""
        order = list(DbsLevel)
        return order.index(self) >= order.index(wanted)


class DbsWorkforce(StrEnum):
    """Workforce the check was made for."""

    CHILD = "child"
    ADULT = "adult"
    CHILD_AND_ADULT = "child_and_adult"
    OTHER = "other"


class BarredLists(StrEnum):
    """Which barred lists were checked."""

    CHILDREN = "children"
    ADULTS = "adults"
    BOTH = "both"
    NONE = "none"


class Qualification(StrEnum):
    """What an apprentice holds in English or in maths."""

    LEVEL_2 = "level_2"
    ENTRY_LEVEL_3 = "entry_level_3"
    BSL = "bsl"
    ATTEMPT = "attempt"  # took the assessment, did not (yet) reach the level
    NONE = "none"


class ProofKind(StrEnum):
    """What somebody saw as proof."""

    CERTIFICATE = "certificate"
    STATEMENT_OF_RESULTS = "statement_of_results"
    LEARNING_RECORD = "learning_record"
    OTHER = "other"  # enough to show an attempt, not to show that a level is held


class Support(StrEnum):
    """The two documents the standard's sentence names as the way to Entry Level 3."""

    EDUCATION_HEALTH_CARE_PLAN = "education_health_care_plan"
    LEGACY_STATEMENT = "legacy_statement"
    NONE = "none"


class EnglishMathsPolicy(StrEnum):
    """Which rule decides on English and maths in this cohort."""

    STANDARD_SENTENCE = "standard_sentence"
    FUNDING_RULES = "funding_rules"

    @property
    def other(self) -> EnglishMathsPolicy:
        """The policy that did not decide."""
        return next(policy for policy in EnglishMathsPolicy if policy is not self)


class Party(StrEnum):
    """Who declares readiness."""

    APPRENTICE = "apprentice"
    EMPLOYER = "employer"
    PROVIDER = "provider"


@dataclass(frozen=True)
class DbsFact:
    """The record of a DBS check; never the certificate or what stands in it.

    `next_check_due_on` is the employer's own policy: a certificate has no end date of its own.
    """

    decision: DbsDecision | None = None
    level: DbsLevel | None = None
    workforce: DbsWorkforce | None = None
    barred_lists: BarredLists | None = None
    issued_on: date | None = None
    original_seen_on: date | None = None
    decided_on: date | None = None
    next_check_due_on: date | None = None


@dataclass(frozen=True)
class ProofFact:
    """What is held in one subject, and when somebody saw the proof of it."""

    qualification: Qualification = Qualification.NONE
    proof_seen_on: date | None = None
    proof_kind: ProofKind | None = None


@dataclass(frozen=True)
class SubjectFact:
    """English or maths of one apprentice: the two are decided separately.

    `professional_judgement_on` is the day a formal judgement for this subject was recorded;
    `opted_in` says that an apprentice of 19 or over chose, with the employer, to study it.
    """

    proof: ProofFact = ProofFact()
    professional_judgement_on: date | None = None
    opted_in: bool = False


@dataclass(frozen=True)
class Break:
    """A break in learning, first and last day included. No last day: still running."""

    began_on: date
    ended_on: date | None = None


@dataclass(frozen=True)
class Waiting:
    """Where the items stand that are not covered yet. How many, for the sentence only."""

    with_assessor: int = 0
    returned: int = 0
    partly: int = 0


@dataclass(frozen=True)
class Declarations:
    """On which day each party declared the apprentice ready, if it did."""

    apprentice: date | None = None
    employer: date | None = None
    provider: date | None = None

    def made_on(self, party: Party) -> date | None:
        """The day this party declared, or None."""
        return {
            Party.APPRENTICE: self.apprentice,
            Party.EMPLOYER: self.employer,
            Party.PROVIDER: self.provider,
        }[party]


@dataclass(frozen=True)
class HoursFact:
    """Minutes of off-the-job hours that count and are confirmed; the minimum, None where it is not known, and how it
    comes about. `planned` 0: no plan is set. `plan_needed`: with a plan the minimum could be worked out."""

    confirmed: int
    minimum: int | None
    how: str
    planned: int = 0
    plan_needed: bool = False


@dataclass(frozen=True)
class StandardWords:
    """What the standard of this apprenticeship says, with the source of each sentence.

    `dbs_sentence` None: this standard asks for no check. `minimum_months` None: only the rulebook's minimum.
    """

    source: str
    english_maths_sentence: str
    english_maths_source: str
    dbs_sentence: str | None = None
    dbs_source: str = ""
    dbs_level: DbsLevel = DbsLevel.ENHANCED
    minimum_months: int | None = None
    minimum_months_source: str = ""


@dataclass(frozen=True)
class GatewayFacts:
    """Everything the check needs to know. Codes are statement and duty codes of the pinned standard.

    `evidence_pieces` counts pieces ever submitted and not withdrawn, whatever was decided on them since;
    `undeclared_pieces` are the titles of those that lack the confidentiality or the authenticity declaration.
    """

    start_on: date
    standard: StandardWords
    required_statements: frozenset[str]
    required_duties: frozenset[str]
    covered_statements: frozenset[str] = frozenset()
    covered_duties: frozenset[str] = frozenset()
    statements_waiting: Waiting = Waiting()
    duties_waiting: Waiting = Waiting()
    date_of_birth: date | None = None
    breaks: tuple[Break, ...] = ()
    withdrawn_on: date | None = None
    dbs: DbsFact | None = None
    english: SubjectFact = field(default_factory=SubjectFact)
    maths: SubjectFact = field(default_factory=SubjectFact)
    support: Support = Support.NONE
    primary_bsl_user: bool = False
    english_maths_policy: EnglishMathsPolicy = EnglishMathsPolicy.STANDARD_SENTENCE
    evidence_pieces: int = 0
    undeclared_pieces: tuple[str, ...] = ()
    declarations: Declarations = Declarations()
    hours: HoursFact | None = None

    @property
    def age_at_start(self) -> int | None:
        """Whole years on the first day; None when the date of birth is not known."""
        return None if self.date_of_birth is None else age_on(self.date_of_birth, self.start_on)


def age_on(born_on: date, day: date) -> int:
    """Whole years of age on a day. Born on 29 February: a year older on 1 March in a common year."""
    had_birthday = (day.month, day.day) >= (born_on.month, born_on.day)
    return day.year - born_on.year - (0 if had_birthday else 1)


def happened(day: date | None, on: date) -> bool:
    """Whether something dated `day` has happened by `on`, that day included."""
    return day is not None and day <= on
