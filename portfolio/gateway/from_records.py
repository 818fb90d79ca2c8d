"""Rows into the facts that the rules take. Nothing here asks the database or the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kbs.coverage import CoverageMap, ItemState, Tally
from kbs.statements import Standard
from portfolio.apprenticeships.models import Apprenticeship
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
    ProofFact,
    ProofKind,
    Qualification,
    StandardWords,
    SubjectFact,
    Support,
    Waiting,
)
from portfolio.gateway.models import DbsRecord, QualificationRecord, SupportRecord

DBS_KIND = "satisfactory_enhanced_dbs"
"""The entry requirement of a standard that the DBS line of the check stands for."""
UNKNOWN_SENTENCE = (
    "What this standard says on English and maths is not known here. The sentence that other standards carry is "
    "used: level 2 in each, or Entry Level 3 with an education, health and care plan or a legacy statement; a British "
    "Sign Language qualification in place of English for a primary BSL user."
)


@dataclass(frozen=True)
class OnRecord:
    """What the gateway's own tables hold on one apprenticeship: of each kind the row that stands."""

    dbs: DbsRecord | None
    english: QualificationRecord | None
    maths: QualificationRecord | None
    support: SupportRecord | None
    breaks: Sequence[tuple[date, date | None]]
    """First day, and the first day back."""
    evidence_pieces: int
    undeclared_pieces: tuple[str, ...]
    declarations: Declarations
    hours: HoursFact | None = None


def facts_from(
    found: OnRecord, apprenticeship: Apprenticeship, standard: Standard, coverage: CoverageMap
) -> GatewayFacts:
    """Everything the check needs. The apprenticeship comes with its cohort, whose policy decides on English and maths."""
    statements = frozenset(one.code for one in standard.statements)
    duties = frozenset(one.code for one in standard.duties)
    covered = frozenset(coverage.codes_in(ItemState.COVERED))
    support = found.support
    return GatewayFacts(
        start_on=apprenticeship.start_on,
        standard=words_of(standard),
        required_statements=statements,
        required_duties=duties,
        covered_statements=covered & statements,
        covered_duties=covered & duties,
        statements_waiting=_waiting(coverage.statements),
        duties_waiting=_waiting(coverage.duties),
        date_of_birth=apprenticeship.date_of_birth,
        breaks=tuple(breaks_from(found.breaks)),
        withdrawn_on=apprenticeship.withdrawn_on,
        dbs=dbs_fact(found.dbs),
        english=_english(found),
        maths=_maths(found),
        support=Support(support.plan) if support else Support.NONE,
        primary_bsl_user=support.primary_bsl_user if support else False,
        english_maths_policy=EnglishMathsPolicy(apprenticeship.cohort.english_maths_policy),
        evidence_pieces=found.evidence_pieces,
        undeclared_pieces=found.undeclared_pieces,
        declarations=found.declarations,
        hours=found.hours,
    )


def words_of(standard: Standard) -> StandardWords:
    """What the standard says, each sentence with its source."""
    name = f"{standard.title} {standard.reference}, version {standard.version}"
    asked = next((one for one in standard.entry_requirements if one.kind == DBS_KIND), None)
    return StandardWords(
        source=name,
        english_maths_sentence=standard.english_maths_statement or UNKNOWN_SENTENCE,
        english_maths_source=f"{name}, English and maths ({standard.english_maths_origin})",
        dbs_sentence=asked.text if asked else None,
        dbs_source=f"{name}, entry requirements ({asked.origin})" if asked else "",
    )


def breaks_from(rows: Iterable[tuple[date, date | None]]) -> Iterable[Break]:
    """The table keeps the first day back, the rules count the last day away. Back on the same day: no break at all."""
    for began_on, back_on in rows:
        if back_on is None:
            yield Break(began_on)
        elif back_on > began_on:
            yield Break(began_on, back_on - timedelta(days=1))


def dbs_fact(row: DbsRecord | None) -> DbsFact | None:
    """The record as the rules take it: an empty text is "not recorded"."""
    if row is None:
        return None
    return DbsFact(
        decision=DbsDecision(row.decision),
        level=DbsLevel(row.level) if row.level else None,
        workforce=DbsWorkforce(row.workforce) if row.workforce else None,
        barred_lists=BarredLists(row.barred_lists) if row.barred_lists else None,
        issued_on=row.issued_on,
        original_seen_on=row.original_seen_on,
        decided_on=row.decided_on,
        next_check_due_on=row.next_check_due_on,
    )


def _english(found: OnRecord) -> SubjectFact:
    support = found.support
    if support is None:
        return SubjectFact(proof_fact(found.english))
    return SubjectFact(proof_fact(found.english), support.english_judgement_on, support.english_opted_in)


def _maths(found: OnRecord) -> SubjectFact:
    support = found.support
    if support is None:
        return SubjectFact(proof_fact(found.maths))
    return SubjectFact(proof_fact(found.maths), support.maths_judgement_on, support.maths_opted_in)


def proof_fact(row: QualificationRecord | None) -> ProofFact:
    """What is held in one subject; nothing recorded is nothing held."""
    if row is None:
        return ProofFact()
    kind = ProofKind(row.proof) if row.proof else None
    return ProofFact(Qualification(row.qualification), row.proof_seen_on, kind)


def _waiting(tally: Tally) -> Waiting:
    return Waiting(tally.with_assessor, tally.returned, tally.partly)
