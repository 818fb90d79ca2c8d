"""The gateway check: facts and a day in, requirements with their reasons out. Pure.

The page, the buttons, the routes behind them and the cohort report all ask here, so they cannot disagree. What the
rules turn on (months, ages, dates) is data in the rulebook of the start date; what the standard says comes with the
facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portfolio.gateway.dbs import dbs_answer
from portfolio.gateway.declarations import (
    declaration_answer,
    reasons_not_to_declare,
    reasons_not_to_lock,
    reasons_not_to_unlock,
)
from portfolio.gateway.english_maths import Case, Subject, english_maths_requirement
from portfolio.gateway.facts import (
    BarredLists,
    Break,
    DbsDecision,
    DbsFact,
    DbsLevel,
    DbsWorkforce,
    Declarations,
    EnglishMathsPolicy,
    GatewayFacts,
    HoursFact,
    Party,
    ProofFact,
    ProofKind,
    Qualification,
    StandardWords,
    SubjectFact,
    Support,
    Waiting,
    age_on,
    happened,
)
from portfolio.gateway.off_the_job import hours_answer
from portfolio.gateway.requirements import (
    DECLARATION_IDS,
    GAP_LABELS,
    REQUIREMENT_IDS,
    REQUIREMENT_NAMES,
    Answer,
    GatewayCheck,
    OtherAnswer,
    Requirement,
    State,
)
from portfolio.gateway.rulebooks import Rulebook, rulebook_for
from portfolio.gateway.time_on_programme import minimum_for, time_answer
from portfolio.gateway.wording import counted, in_code_order, item_name, on_screen, several

__all__ = [
    "DECLARATION_IDS",
    "GAP_LABELS",
    "REQUIREMENT_IDS",
    "REQUIREMENT_NAMES",
    "BarredLists",
    "Break",
    "DbsDecision",
    "DbsFact",
    "DbsLevel",
    "DbsWorkforce",
    "Declarations",
    "EnglishMathsPolicy",
    "GatewayCheck",
    "GatewayFacts",
    "HoursFact",
    "OtherAnswer",
    "Party",
    "ProofFact",
    "ProofKind",
    "Qualification",
    "Requirement",
    "StandardWords",
    "State",
    "SubjectFact",
    "Support",
    "Waiting",
    "age_on",
    "check",
    "gap_codes",
    "reasons_not_to_declare",
    "reasons_not_to_lock",
    "reasons_not_to_unlock",
]


OFF_THE_JOB = "off_the_job"


def check(facts: GatewayFacts, on: date, rulebook: Rulebook | None = None) -> GatewayCheck:
    """How this apprenticeship stands towards the gateway on that day.

    The rulebook is the one of the start date unless another is handed in.
    """
    book = rulebook or rulebook_for(facts.start_on)
    time_line, earliest_on = _time(facts, on, book)
    others = (
        _dbs(facts, on, book),
        english_maths_requirement(Case(Subject.ENGLISH, facts, on, book)),
        english_maths_requirement(Case(Subject.MATHS, facts, on, book)),
        _statements(facts, book),
        _duties(facts, book),
        time_line,
        *_hours(facts, book),
        _by_line("evidence_declarations", _evidence(facts), book, "evidence_declarations"),
    )
    declarations = tuple(
        _by_line(f"declaration_{party}", declaration_answer(party, facts, on, others), book, "declarations")
        for party in Party
    )
    standing = _standing(facts, on)
    ready_to_declare = not standing and not _any_open(others)
    return GatewayCheck(
        requirements=others + declarations,
        ready_to_declare=ready_to_declare,
        ready_to_lock=ready_to_declare and not _any_open(declarations),
        earliest_on=earliest_on,
        rulebook=book,
        checked_on=on,
        standing=standing,
    )


def gap_codes(checked: GatewayCheck) -> tuple[str, ...]:
    """The open lines for a summary row, in a fixed order: all but time and declarations. Labels: GAP_LABELS."""
    return tuple(line.id for line in checked.requirements if line.is_open and line.id in GAP_LABELS)


def _dbs(facts: GatewayFacts, on: date, book: Rulebook) -> Requirement:
    answer, words = dbs_answer(facts, on), facts.standard
    if words.dbs_sentence is None:
        return _requirement("dbs", answer, "This standard asks for no DBS check.", words.source, book)
    rule = f"The standard makes this an entry requirement: “{words.dbs_sentence}” The gateway checks that it stands."
    return _requirement("dbs", answer, rule, words.dbs_source or words.source, book, confidential=True)


def _statements(facts: GatewayFacts, book: Rulebook) -> Requirement:
    answer = _coverage(
        facts.required_statements,
        facts.covered_statements,
        facts.statements_waiting,
        "statement",
        "statements",
    )
    return _coverage_line("statements", answer, facts, book)


def _duties(facts: GatewayFacts, book: Rulebook) -> Requirement:
    """Duties are signed off as duties: which statements a duty maps to plays no part, known or unknown."""
    answer = _coverage(facts.required_duties, facts.covered_duties, facts.duties_waiting, "duty", "duties")
    return _coverage_line("duties", answer, facts, book)


def _coverage(
    required: frozenset[str], covered: frozenset[str], waiting: Waiting, thing: str, things: str
) -> Answer:
    if not required:  # unknown, which is neither none nor all
        return Answer(
            State.NEEDS_ACTION,
            f"The {things} of this standard are not loaded, so coverage cannot be said.",
            "Import the standard.",
            "installation admin",
        )
    missing, total = required - covered, counted(len(required), thing, things)
    if not missing:
        return Answer(State.IN_PLACE, f"Coverage is signed off for all {total}.")
    codes = several([item_name(code) for code in in_code_order(missing)])
    return Answer(
        State.MISSING,
        f"Coverage is signed off for {len(required) - len(missing)} of {total}{_waiting_words(waiting)}.",
        f"Evidence that covers {codes}, signed off by the assessor.",
        "apprentice, then assessor",
    )


def _waiting_words(waiting: Waiting) -> str:
    """Where the others stand: "; 11 with the assessor, 3 returned"."""
    counts = [
        (waiting.with_assessor, "with the assessor"),
        (waiting.returned, "returned"),
        (waiting.partly, "partly covered"),
    ]
    parts = [f"{count} {words}" for count, words in counts if count]
    return f"; {', '.join(parts)}" if parts else ""


def _coverage_line(requirement_id: str, answer: Answer, facts: GatewayFacts, book: Rulebook) -> Requirement:
    line = book.line("gateway")
    return _requirement(requirement_id, answer, line.says, f"{facts.standard.source}; {line.cited}", book)


def _time(facts: GatewayFacts, on: date, book: Rulebook) -> tuple[Requirement, date | None]:
    minimum = minimum_for(facts, book)
    answer, earliest_on = time_answer(facts, on, minimum)
    return _requirement("time_on_programme", answer, minimum.rule, minimum.source, book), earliest_on


def _hours(facts: GatewayFacts, book: Rulebook) -> tuple[Requirement, ...]:
    """A line only where the rulebook has one."""
    if not book.has(OFF_THE_JOB):
        return ()
    return (_by_line(OFF_THE_JOB, hours_answer(facts.hours), book, OFF_THE_JOB),)


def _evidence(facts: GatewayFacts) -> Answer:
    if facts.undeclared_pieces:
        count = len(facts.undeclared_pieces)
        titles = several([f"“{title}”" for title in facts.undeclared_pieces], shown=3)
        return Answer(
            State.NEEDS_ACTION,
            f"{counted(count, 'submitted piece')} {'lacks' if count == 1 else 'lack'} the confidentiality or the "
            "authenticity declaration.",
            f"Declare both for {titles}, or withdraw the piece.",
            "apprentice",
        )
    if not facts.evidence_pieces:
        return Answer(
            State.MISSING,
            "No evidence has been submitted yet.",
            "Submit evidence, with both declarations on each piece.",
            "apprentice",
        )
    subject = "The submitted piece carries" if facts.evidence_pieces == 1 else "Every submitted piece carries"
    return Answer(State.IN_PLACE, f"{subject} its confidentiality and authenticity declarations.")


def _standing(facts: GatewayFacts, on: date) -> str:
    if facts.withdrawn_on is None or not happened(facts.withdrawn_on, on):
        return ""
    return f"The apprenticeship was withdrawn on {on_screen(facts.withdrawn_on)}, so the gateway stays shut."


def _by_line(requirement_id: str, answer: Answer, book: Rulebook, line_id: str) -> Requirement:
    line = book.line(line_id)
    return _requirement(requirement_id, answer, line.says, line.cited, book)


def _requirement(
    requirement_id: str, answer: Answer, rule: str, source: str, book: Rulebook, *, confidential: bool = False
) -> Requirement:
    return Requirement(
        id=requirement_id,
        state=answer.state,
        reason=answer.reason,
        put_right=answer.put_right,
        who=answer.who,
        rule=rule,
        source=source,
        rulebook=book.id,
        confidential=confidential,
    )


def _any_open(lines: Iterable[Requirement]) -> bool:
    return any(line.is_open for line in lines)
