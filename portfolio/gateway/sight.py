"""How much of the check one viewer sees. Pure.

Three lines rest on personal records. Whoever may see the record behind one reads the whole sentence; others read its
state; who may not even know whether a DBS check stands gets a check made without it, so that nothing on the page (a
count, another line's remedy, the headline) can give it away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portfolio.access import Permission
from portfolio.gateway.english_maths import PROOF_WORDS
from portfolio.gateway.facts import EnglishMathsPolicy, GatewayFacts, ProofFact, Qualification
from portfolio.gateway.requirements import POLICY_WORDS, GatewayCheck, Requirement
from portfolio.gateway.rules import check
from portfolio.gateway.wording import on_screen

QUALIFICATION_WORDS = {
    Qualification.LEVEL_2: "level 2",
    Qualification.ENTRY_LEVEL_3: "Entry Level 3",
    Qualification.BSL: "a British Sign Language qualification",
    Qualification.ATTEMPT: "an attempt at the assessment",
    Qualification.NONE: "no qualification",
}
NOT_SHOWN = "Whether a DBS check stands is shown only to those who need it for their part."
OTHER_NOT_SHOWN = "What the other policy would say is shown only to those who may see the detail."
RULE_NOT_SHOWN = (
    "The funding rules go by the age on the first day and by what was chosen or judged for this person; which of them "
    "applied is shown only to those who may see the detail."
)


class Detail(StrEnum):
    """How far a viewer sees into a line that rests on personal records."""

    FULL = "full"
    RECORDED = (
        "recorded"  # English and maths: what was recorded of the subject, nothing of plans, judgement or age
    )
    STATE = "state"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Sight:
    """What one viewer sees of the DBS line, and of the lines on English and maths."""

    dbs: Detail
    english_maths: Detail


@dataclass(frozen=True)
class Line:
    """One requirement as this viewer sees it. Without a `state` it is not shown to them."""

    requirement: Requirement
    shown: bool = True


def sight_of(may: Collection[Permission]) -> Sight:
    """From what somebody may do towards this apprenticeship.

    A sentence on English or maths can speak of a plan, a statement or a judgement, so the whole of it takes the right
    to see these; the right to record qualifications alone shows what was recorded.
    """
    if Permission.VIEW_DBS_DETAIL in may:
        dbs = Detail.FULL
    else:
        dbs = Detail.STATE if Permission.VIEW_DBS_STATE in may else Detail.NOTHING
    if Permission.VIEW_SUPPORT_STATUS in may:
        return Sight(dbs, Detail.FULL)
    return Sight(dbs, Detail.RECORDED if Permission.RECORD_QUALIFICATIONS in may else Detail.STATE)


def check_for(facts: GatewayFacts, on: date, sight: Sight) -> GatewayCheck:
    """The check, for the eyes of this viewer: every sentence in it may be shown to them.

    For rights and locks use `rules.check`: this one may leave a requirement out.
    """
    if sight.dbs is Detail.NOTHING:
        facts = replace(facts, standard=replace(facts.standard, dbs_sentence=None), dbs=None)
    found = check(facts, on)
    proofs = {"english": facts.english.proof, "maths": facts.maths.proof}
    return replace(found, requirements=tuple(veiled(line, sight, proofs) for line in found.requirements))


def veiled(line: Requirement, sight: Sight, proofs: dict[str, ProofFact] | None = None) -> Requirement:
    """One line with what this viewer may read of it. `proofs`: what is recorded per subject."""
    if line.id == "dbs":
        return line if sight.dbs is Detail.FULL else line.without_detail()
    if line.id not in ("english", "maths") or sight.english_maths is Detail.FULL:
        return line
    plain = _without_conclusions(line)
    if sight.english_maths is Detail.STATE or proofs is None:
        return plain
    return _recorded(plain, proofs[line.id])


def _without_conclusions(line: Requirement) -> Requirement:
    """State and policy only. What the other policy would say, and which of the funding rules applied, would tell an
    age, a judgement or a need for support to whoever puts them together."""
    plain = line.without_detail()
    if plain.other_policy is not None:
        plain = replace(plain, other_policy=replace(plain.other_policy, sentence=OTHER_NOT_SHOWN))
    if plain.decided_by is not None and plain.decided_by.startswith(
        POLICY_WORDS[EnglishMathsPolicy.FUNDING_RULES]
    ):
        plain = replace(plain, rule=RULE_NOT_SHOWN, source="The funding rules of the start date")
    return plain


def lines_of(requirements: Iterable[Requirement], sight: Sight) -> list[Line]:
    """Every requirement in its order, the DBS line marked as not shown where the viewer may not know it."""
    return [
        Line(requirement, shown=requirement.id != "dbs" or sight.dbs is not Detail.NOTHING)
        for requirement in requirements
    ]


def _recorded(line: Requirement, proof: ProofFact) -> Requirement:
    words = QUALIFICATION_WORDS[proof.qualification]
    seen = ""
    if proof.proof_seen_on is not None:
        kind = PROOF_WORDS[proof.proof_kind] if proof.proof_kind else "proof"
        seen = f"; {kind} seen on {on_screen(proof.proof_seen_on)}"
    put_right = (
        "Record the qualification and the day on which its proof was seen. Whether anything else about this person "
        "counts stands in a record that takes its own right to see."
    )
    return replace(
        line,
        reason=f"Recorded: {words}{seen}.",
        put_right=put_right if line.is_open else "",
        who="provider manager" if line.is_open else "",
    )
