"""One invented apprenticeship that is ready in every line, and small changes to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from portfolio.gateway.rules import (
    BarredLists,
    DbsDecision,
    DbsFact,
    DbsLevel,
    DbsWorkforce,
    Declarations,
    EnglishMathsPolicy,
    GatewayFacts,
    HoursFact,
    ProofFact,
    ProofKind,
    Qualification,
    StandardWords,
    SubjectFact,
)

START = date(2025, 9, 1)
TODAY = date(2026, 11, 18)
SEEN = date(2025, 10, 3)

WORDS = StandardWords(
    source="Lighthouse keeper XX0001, version 1.0",
    english_maths_sentence="Level 2 English and maths come before the assessment.",
    english_maths_source="Lighthouse keeper XX0001, version 1.0, English and maths",
    dbs_sentence="A satisfactory enhanced DBS check will be an entry requirement.",
    dbs_source="Lighthouse keeper XX0001, version 1.0, entry requirements",
)
GOOD_DBS = DbsFact(
    decision=DbsDecision.SATISFACTORY,
    level=DbsLevel.ENHANCED,
    workforce=DbsWorkforce.CHILD_AND_ADULT,
    barred_lists=BarredLists.BOTH,
    issued_on=date(2025, 8, 28),
    original_seen_on=date(2025, 9, 1),
    decided_on=date(2025, 9, 2),
)
LEVEL_2 = SubjectFact(ProofFact(Qualification.LEVEL_2, SEEN, ProofKind.CERTIFICATE))
ALL_DECLARED = Declarations(date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4))
STATEMENTS = frozenset({"K1", "K2", "K10", "S1", "B1"})
DUTIES = frozenset({"D1", "D2", "D12"})

UNDECLARED = GatewayFacts(
    start_on=START,
    standard=WORDS,
    required_statements=STATEMENTS,
    required_duties=DUTIES,
    covered_statements=STATEMENTS,
    covered_duties=DUTIES,
    date_of_birth=date(2007, 9, 2),
    dbs=GOOD_DBS,
    english=LEVEL_2,
    maths=LEVEL_2,
    evidence_pieces=12,
    hours=HoursFact(confirmed=400 * 60, minimum=380 * 60, how="The published figure.", planned=430 * 60),
)
READY = replace(UNDECLARED, declarations=ALL_DECLARED)
FUNDING = replace(READY, english_maths_policy=EnglishMathsPolicy.FUNDING_RULES)


def subject(
    qualification: Qualification = Qualification.NONE,
    seen_on: date | None = SEEN,
    kind: ProofKind | None = ProofKind.CERTIFICATE,
    *,
    judged_on: date | None = None,
    opted_in: bool = False,
) -> SubjectFact:
    """One subject, its proof seen unless told otherwise."""
    proof = ProofFact(qualification, None if qualification is Qualification.NONE else seen_on, kind)
    return SubjectFact(proof, judged_on, opted_in)
