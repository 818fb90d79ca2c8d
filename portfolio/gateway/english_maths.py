"""English and maths: two policies, each able to say what it would have said.

*The standard's sentence*: level 2 in each, for everyone; Entry Level 3 with an education, health and care plan or
a legacy statement; a British Sign Language qualification in place of English for a primary BSL user.

*The funding rules*: by age on the first day. 16 to 18 as above, with a recorded professional judgement also
accepted; 19 or over not needed unless opted in, and then only evidence of the attempt.

Either way nothing counts until somebody has seen the proof, and the two subjects are decided separately.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.gateway.facts import (
    EnglishMathsPolicy,
    GatewayFacts,
    ProofFact,
    ProofKind,
    Qualification,
    SubjectFact,
    Support,
    happened,
)
from portfolio.gateway.requirements import POLICY_WORDS, Answer, OtherAnswer, Requirement, State
from portfolio.gateway.rulebook_lines import Rulebook
from portfolio.gateway.wording import on_screen

MANAGER = "provider manager"
APPRENTICE_AND_MANAGER = "apprentice, then provider manager"

SUPPORT_WORDS = {
    Support.EDUCATION_HEALTH_CARE_PLAN: "an education, health and care plan is recorded",
    Support.LEGACY_STATEMENT: "a legacy statement is recorded",
}
PROOF_WORDS = {
    ProofKind.CERTIFICATE: "certificate",
    ProofKind.STATEMENT_OF_RESULTS: "statement of results",
    ProofKind.LEARNING_RECORD: "personal learning record",
    ProofKind.OTHER: "other evidence",
}


class Subject(StrEnum):
    """The two subjects; the value is the requirement's id."""

    ENGLISH = "english"
    MATHS = "maths"

    @property
    def shown(self) -> str:
        """English keeps its capital in a sentence, maths has none."""
        return "English" if self is Subject.ENGLISH else "maths"


@dataclass(frozen=True)
class Case:
    """One subject of one apprentice on one day, with the rulebook of the start date."""

    subject: Subject
    facts: GatewayFacts
    on: date
    rulebook: Rulebook

    @property
    def held(self) -> SubjectFact:
        """What is recorded for this subject."""
        return self.facts.english if self.subject is Subject.ENGLISH else self.facts.maths


def english_maths_requirement(case: Case) -> Requirement:
    """The line of one subject under the cohort's policy, with what the other policy would have said."""
    policy = EnglishMathsPolicy(case.facts.english_maths_policy)
    answer, rule, source = _decide(policy, case)
    other, _, _ = _decide(policy.other, case)
    return Requirement(
        id=case.subject.value,
        state=answer.state,
        reason=answer.reason,
        put_right=answer.put_right,
        who=answer.who,
        rule=rule,
        source=source,
        rulebook=case.rulebook.id,
        decided_by=f"{POLICY_WORDS[policy]} decided: that is this cohort's policy.",
        other_policy=OtherAnswer(
            policy.other,
            other.state,
            f"{POLICY_WORDS[policy.other]} would say “{other.state}”. {other.reason}",
        ),
        confidential=True,
    )


def standard_sentence(case: Case) -> Answer:
    """What the standard's own sentence asks of this apprentice in this subject, whatever their age."""
    return _by_level(case, "the standard's own sentence", with_judgement=False)


def funding_rules(case: Case) -> Answer:
    """What the funding rules of the start date ask of this apprentice in this subject."""
    age = case.facts.age_at_start
    if age is None:
        return Answer(
            State.NEEDS_ACTION,
            "The date of birth is not recorded, so the age on the first day, on which the funding rules turn, is "
            "not known.",
            "Record the apprentice's date of birth.",
            MANAGER,
        )
    if age < case.rulebook.number("minimum_age", "from_age"):
        return Answer(
            State.NEEDS_ACTION,
            f"The dates look wrong: by the recorded date of birth the apprentice was {_age_words(age)} on the first day.",
            "Check the date of birth and the start date, and correct the wrong one.",
            MANAGER,
        )
    if _adult_rule_applies(case, age):
        return _adult(case, age)
    return _by_level(case, "the funding rules", with_judgement=True)


def _decide(policy: EnglishMathsPolicy, case: Case) -> tuple[Answer, str, str]:
    """Answer, rule in words and source under this policy."""
    if policy is EnglishMathsPolicy.STANDARD_SENTENCE:
        standard = case.facts.standard
        return standard_sentence(case), standard.english_maths_sentence, standard.english_maths_source
    age = case.facts.age_at_start
    if age is None:
        lines = ["english_maths_young", "english_maths_adult"]
    elif age < case.rulebook.number("minimum_age", "from_age"):
        lines = ["minimum_age"]
    elif _adult_rule_applies(case, age):
        lines = ["english_maths_adult"]
    else:
        lines = ["english_maths_young", "professional_judgement"]
    found = [case.rulebook.line(line) for line in lines]
    sources = dict.fromkeys(line.cited for line in found)
    return funding_rules(case), " ".join(line.says for line in found), "; ".join(sources)


def _adult_rule_applies(case: Case, age: int) -> bool:
    """19 or over, on a day when the lighter rule is in force; before that day everyone was treated as 16 to 18."""
    in_force_from = case.rulebook.day("english_maths_adult", "in_force_from")
    return age >= case.rulebook.number("english_maths_adult", "from_age") and case.on >= in_force_from


def _adult(case: Case, age: int) -> Answer:
    first_day, subject, proof = f"Aged {age} on the first day", case.subject.shown, case.held.proof
    if not case.held.opted_in:
        return Answer(State.NOT_NEEDED, f"{first_day} and not opted in to {subject}.")
    reached = _by_level(case, "the funding rules", with_judgement=True)
    if reached.state is State.IN_PLACE:
        return Answer(
            State.IN_PLACE, f"{first_day} and opted in; more than the attempt is held: {reached.reason}"
        )
    put_right = (
        f"Record the day on which somebody saw evidence that the apprentice took the {subject} assessment."
    )
    if proof.qualification == Qualification.NONE:
        reason = f"{first_day} and opted in, but no evidence of an attempt at the {subject} assessment is recorded."
        return Answer(State.MISSING, reason, put_right, APPRENTICE_AND_MANAGER)
    if proof.qualification != Qualification.ATTEMPT:
        reason = f"{first_day} and opted in, but what is recorded does not count for {subject} yet: {reached.reason}"
        return Answer(State.NEEDS_ACTION, reason, put_right, APPRENTICE_AND_MANAGER)
    if lacking := _proof_lacks(proof, case.on):
        reason = f"{first_day} and opted in; an attempt at {subject} is recorded, but {lacking}."
        return Answer(State.NEEDS_ACTION, reason, put_right, MANAGER)
    reason = f"{first_day} and opted in; an attempt at {subject} is shown: {_proof_words(proof)}."
    return Answer(State.IN_PLACE, reason)


def _by_level(case: Case, rule: str, *, with_judgement: bool) -> Answer:
    """Level 2, or the alternatives this rule accepts, with the proof seen."""
    held = case.held
    proof, subject = held.proof, case.subject.shown
    if proof.qualification == Qualification.LEVEL_2:
        return _with_proof(case, f"Level 2 in {subject} is held")
    if proof.qualification == Qualification.ENTRY_LEVEL_3:
        return _entry_level_3(case, rule, with_judgement=with_judgement)
    if proof.qualification == Qualification.BSL:
        return _bsl(case)
    recorded = "No level 2" if proof.qualification == Qualification.NONE else "An attempt, but no level 2,"
    return Answer(
        State.MISSING,
        f"{recorded} in {subject} is recorded, and by {rule} it is needed.",
        _ways(case, with_judgement=with_judgement),
        APPRENTICE_AND_MANAGER,
    )


def _entry_level_3(case: Case, rule: str, *, with_judgement: bool) -> Answer:
    subject = case.subject.shown
    basis = _basis(case, with_judgement=with_judgement)
    if basis:
        return _with_proof(case, f"Entry Level 3 in {subject} is accepted because {basis}")
    return Answer(
        State.NEEDS_ACTION,
        f"Entry Level 3 in {subject} is recorded; by {rule} it is enough only with "
        f"{_accepted(with_judgement=with_judgement)}, and none is recorded.",
        _ways(case, with_judgement=with_judgement),
        APPRENTICE_AND_MANAGER,
    )


def _basis(case: Case, *, with_judgement: bool) -> str:
    """Why Entry Level 3 is enough for this person in this subject; empty when it is not."""
    if case.facts.support != Support.NONE:
        return SUPPORT_WORDS[case.facts.support]
    judged_on = case.held.professional_judgement_on
    in_force_from = case.rulebook.day("professional_judgement", "in_force_from")
    if with_judgement and judged_on is not None and judged_on <= case.on and case.on >= in_force_from:
        return f"a professional judgement for {case.subject.shown} was recorded on {on_screen(judged_on)}"
    return ""


def _accepted(*, with_judgement: bool) -> str:
    """What makes Entry Level 3 enough, in words."""
    if with_judgement:
        return "an education, health and care plan, a legacy statement or a professional judgement for this subject"
    return "an education, health and care plan or a legacy statement"


def _bsl(case: Case) -> Answer:
    if case.subject is not Subject.ENGLISH:
        return Answer(
            State.MISSING,
            "A British Sign Language qualification stands in for English only, so nothing is held in maths.",
            _ways(case, with_judgement=False),
            APPRENTICE_AND_MANAGER,
        )
    if case.facts.primary_bsl_user:
        return _with_proof(
            case,
            "A British Sign Language qualification is accepted in place of English for a primary BSL user",
        )
    return Answer(
        State.NEEDS_ACTION,
        "A British Sign Language qualification is recorded, which stands in for English only where BSL is the "
        "primary language, and that is not recorded.",
        "Record that BSL is the apprentice's primary language, if it is; otherwise level 2 in English.",
        APPRENTICE_AND_MANAGER,
    )


def _with_proof(case: Case, accepted: str) -> Answer:
    proof = case.held.proof
    if lacking := _proof_lacks(proof, case.on):
        put_right = "See the certificate, the certified statement of results or the personal learning record, and record it."
        return Answer(State.NEEDS_ACTION, f"{accepted}, but {lacking}.", put_right, MANAGER)
    return Answer(State.IN_PLACE, f"{accepted}; {_proof_words(proof)}.")


def _proof_lacks(proof: ProofFact, on: date) -> str:
    """What keeps the proof from counting; empty when somebody has seen proof of the right kind."""
    if proof.proof_seen_on is None:
        return "nobody has recorded seeing the proof"
    if not happened(proof.proof_seen_on, on):
        return f"the proof is recorded as seen on {on_screen(proof.proof_seen_on)}, which is still to come"
    if proof.proof_kind == ProofKind.OTHER and proof.qualification != Qualification.ATTEMPT:
        return "what was seen is neither a certificate nor a certified statement of results nor a personal learning record"
    return ""


def _proof_words(proof: ProofFact) -> str:
    what = PROOF_WORDS[proof.proof_kind] if proof.proof_kind else "proof"
    return f"{what} seen on {on_screen(proof.proof_seen_on)}" if proof.proof_seen_on else what


def _ways(case: Case, *, with_judgement: bool) -> str:
    """What would put it right, naming only what this rule and this subject accept."""
    ways = [f"Reach level 2 in {case.subject.shown} and have the proof seen and recorded"]
    if case.facts.support != Support.NONE:
        ways.append(f"Entry Level 3 is enough here, as {SUPPORT_WORDS[case.facts.support]}")
    else:
        ways.append(f"Entry Level 3 is enough once {_accepted(with_judgement=with_judgement)} is recorded")
    if case.subject is Subject.ENGLISH and case.facts.primary_bsl_user:
        ways.append("a British Sign Language qualification stands in for English here")
    return "; ".join(ways) + "."


def _age_words(age: int) -> str:
    return f"{age} years old" if age >= 0 else "not born yet"
