"""What must hold for any facts whatever: the gate never opens with something mandatory missing.

The oracle below works each line out again from the facts, day by day and case by case, without the rules' code.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from portfolio.gateway.rules import (
    DECLARATION_IDS,
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
    State,
    SubjectFact,
    Support,
    Waiting,
    check,
    gap_codes,
    reasons_not_to_declare,
    reasons_not_to_lock,
)
from tests.gateway.examples import READY, SEEN, TODAY, WORDS, subject

DAYS = st.dates(date(2024, 5, 1), date(2028, 1, 31))
MAYBE_DAY = st.none() | DAYS
CODES = ("K1", "K2", "K10", "S1")
DUTY_CODES = ("D1", "D2")


def mostly(likely: frozenset[str]) -> st.SearchStrategy[frozenset[str]]:
    """All of them half of the time, so that the gate opens often enough to prove something."""
    return st.just(likely) | st.frozensets(st.sampled_from(sorted(likely)))


SUBJECTS = st.builds(
    SubjectFact,
    proof=st.builds(
        ProofFact,
        qualification=st.sampled_from(Qualification),
        proof_seen_on=st.just(SEEN) | MAYBE_DAY,
        proof_kind=st.none() | st.sampled_from(ProofKind),
    ),
    professional_judgement_on=MAYBE_DAY,
    opted_in=st.booleans(),
) | st.just(subject(Qualification.LEVEL_2))
CHECKS = st.builds(
    DbsFact,
    decision=st.none() | st.sampled_from(DbsDecision),
    level=st.none() | st.sampled_from(DbsLevel),
    workforce=st.none() | st.sampled_from(DbsWorkforce),
    barred_lists=st.none() | st.sampled_from(BarredLists),
    issued_on=MAYBE_DAY,
    original_seen_on=MAYBE_DAY,
    decided_on=MAYBE_DAY,
    next_check_due_on=MAYBE_DAY,
) | st.just(READY.dbs)
BREAKS = st.lists(st.builds(Break, began_on=DAYS, ended_on=MAYBE_DAY), max_size=3).map(tuple)
HOURS = st.builds(
    HoursFact,
    confirmed=st.integers(0, 700),
    minimum=st.none() | st.sampled_from([0, 60, 600]),
    how=st.sampled_from(["By the plan.", "The published figure."]),
    planned=st.sampled_from([0, 720]),
    plan_needed=st.booleans(),
)
ANYTHING = st.builds(
    GatewayFacts,
    start_on=st.dates(date(2024, 5, 1), date(2027, 9, 30)),
    standard=st.sampled_from([WORDS, replace(WORDS, dbs_sentence=None), replace(WORDS, minimum_months=14)]),
    required_statements=st.just(frozenset(CODES)) | st.just(frozenset()),
    required_duties=st.just(frozenset(DUTY_CODES)) | st.just(frozenset()),
    covered_statements=mostly(frozenset(CODES)),
    covered_duties=mostly(frozenset(DUTY_CODES)),
    statements_waiting=st.builds(Waiting, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
    date_of_birth=st.none() | st.dates(date(2003, 1, 1), date(2012, 12, 31)),
    breaks=st.just(()) | BREAKS,
    withdrawn_on=st.none() | MAYBE_DAY,
    dbs=st.none() | CHECKS,
    english=SUBJECTS,
    maths=SUBJECTS,
    support=st.sampled_from(Support),
    primary_bsl_user=st.booleans(),
    english_maths_policy=st.sampled_from(EnglishMathsPolicy),
    evidence_pieces=st.integers(0, 3),
    undeclared_pieces=st.just(()) | st.just(("Night log",)),
    hours=st.none() | HOURS,
    declarations=st.builds(Declarations, MAYBE_DAY, MAYBE_DAY, MAYBE_DAY) | st.just(READY.declarations),
)
CHANGEABLE = sorted({field.name for field in fields(GatewayFacts)} - {"standard"})


def nearly_ready(facts: GatewayFacts, changed: set[str]) -> GatewayFacts:
    """Everything in place but for a few facts, so that the gate is often open or one step from it."""
    return replace(READY, **{name: getattr(facts, name) for name in changed})


FACTS = ANYTHING | st.builds(nearly_ready, ANYTHING, st.sets(st.sampled_from(CHANGEABLE), max_size=3))
ANY = settings(max_examples=400, deadline=None)


def dbs_stands(facts: GatewayFacts, on: date) -> bool:
    if facts.standard.dbs_sentence is None:
        return True
    dbs = facts.dbs
    if (
        dbs is None
        or dbs.decision != "satisfactory"
        or dbs.level != "enhanced"
        or dbs.original_seen_on is None
    ):
        return False
    if any(day and day > on for day in (dbs.issued_on, dbs.original_seen_on, dbs.decided_on)):
        return False
    if dbs.issued_on and dbs.issued_on > dbs.original_seen_on:
        return False
    return not (dbs.next_check_due_on and on > dbs.next_check_due_on)


def age_at_start(facts: GatewayFacts) -> int | None:
    """Birthdays counted one by one; 29 February falls on 1 March in a common year."""
    born = facts.date_of_birth
    if born is None:
        return None
    age = -1
    for year in range(born.year, facts.start_on.year + 1):
        leap_day_lost = (born.month, born.day) == (2, 29) and year % 4 != 0
        if (date(year, 3, 1) if leap_day_lost else date(year, born.month, born.day)) <= facts.start_on:
            age += 1
    return age


def subject_stands(facts: GatewayFacts, name: str, on: date) -> bool:
    fact: SubjectFact = getattr(facts, name)
    proof = fact.proof
    seen = proof.proof_seen_on is not None and proof.proof_seen_on <= on
    good = seen and proof.proof_kind != "other"
    funding = facts.english_maths_policy == "funding_rules"
    judged = funding and fact.professional_judgement_on is not None and fact.professional_judgement_on <= on
    by_level = good and (
        proof.qualification == "level_2"
        or (proof.qualification == "entry_level_3" and (facts.support != "none" or judged))
        or (proof.qualification == "bsl" and name == "english" and facts.primary_bsl_user)
    )
    if not funding:
        return by_level
    age = age_at_start(facts)
    if age is None or age < 16:
        return False
    if age >= 19 and on >= date(2025, 2, 11):
        return not fact.opted_in or by_level or (proof.qualification == "attempt" and seen)
    return by_level


def time_stands(facts: GatewayFacts, on: date) -> bool:
    """Walk through the days: the gate opens once the days outside breaks make up the minimum."""
    if any(one.ended_on is not None and one.ended_on < one.began_on for one in facts.breaks):
        return False
    months = max(12 if facts.start_on < date(2025, 8, 1) else 8, facts.standard.minimum_months or 0)
    year, month = divmod(facts.start_on.month - 1 + months, 12)
    day = facts.start_on.day
    while True:
        try:
            unbroken = date(facts.start_on.year + year, month + 1, day)
            break
        except ValueError:
            day -= 1
    owed = (unbroken - facts.start_on).days
    day_by_day = facts.start_on
    while owed or on_a_break(facts, day_by_day):
        if day_by_day >= on:
            return False
        owed -= 0 if on_a_break(facts, day_by_day) else 1
        day_by_day += timedelta(days=1)
    return day_by_day <= on and not on_a_break(facts, on)


def on_a_break(facts: GatewayFacts, day: date) -> bool:
    return any(one.began_on <= day <= (one.ended_on or date.max) for one in facts.breaks)


def hours_stand(facts: GatewayFacts) -> bool:
    """What nobody here can know shuts nothing; a plan that is wanting does."""
    hours = facts.hours
    if hours is None or hours.minimum is None:
        return hours is None or not hours.plan_needed
    return hours.confirmed >= hours.minimum


def stands(facts: GatewayFacts, on: date) -> dict[str, bool]:
    return {
        "dbs": dbs_stands(facts, on),
        "english": subject_stands(facts, "english", on),
        "maths": subject_stands(facts, "maths", on),
        "statements": bool(facts.required_statements)
        and facts.required_statements <= facts.covered_statements,
        "duties": bool(facts.required_duties) and facts.required_duties <= facts.covered_duties,
        "time_on_programme": time_stands(facts, on),
        "off_the_job": hours_stand(facts),
        "evidence_declarations": facts.evidence_pieces > 0 and not facts.undeclared_pieces,
    }


@given(facts=FACTS, on=DAYS)
@example(facts=READY, on=TODAY)
@ANY
def test_each_line_agrees_with_the_facts_worked_out_again(facts: GatewayFacts, on: date) -> None:
    found = check(facts, on)
    assert {
        line.id: not line.is_open for line in found.requirements if line.id not in DECLARATION_IDS
    } == stands(facts, on)


@given(facts=FACTS, on=DAYS)
@example(facts=READY, on=TODAY)
@ANY
def test_never_ready_with_a_mandatory_requirement_missing(facts: GatewayFacts, on: date) -> None:
    found = check(facts, on)
    gone = facts.withdrawn_on is not None and facts.withdrawn_on <= on
    may_declare = all(stands(facts, on).values()) and not gone
    made = facts.declarations
    declared = all(day is not None and day <= on for day in (made.apprentice, made.employer, made.provider))
    assert found.ready_to_declare is may_declare
    assert found.ready_to_lock is (may_declare and declared)
    assert bool(reasons_not_to_lock(found)) is not found.ready_to_lock
    for party in Party:
        assert bool(reasons_not_to_declare(found, party, set())) is not found.ready_to_declare


@given(on=st.dates(date(2026, 11, 5), date(2027, 12, 31)), data=st.data())
@settings(max_examples=150, deadline=None)
def test_taking_any_one_thing_away_shuts_the_gate(on: date, data: st.DataObject) -> None:
    assert check(READY, on).ready_to_lock
    nothing_held = SubjectFact()
    away: dict[str, object] = data.draw(
        st.sampled_from(
            [
                {"dbs": None},
                {"english": nothing_held},
                {"maths": nothing_held},
                {"covered_statements": READY.covered_statements - {"K10"}},
                {"covered_duties": READY.covered_duties - {"D12"}},
                {"start_on": on},
                {"breaks": (Break(on),)},
                {"undeclared_pieces": ("Night log",)},
                {"evidence_pieces": 0},
                {"hours": HoursFact(confirmed=599, minimum=600, how="By the plan.")},
                {"withdrawn_on": on},
                {"declarations": replace(READY.declarations, employer=None)},
            ]
        )
    )
    assert not check(replace(READY, **away), on).ready_to_lock


@given(facts=FACTS, on=DAYS)
@ANY
def test_every_line_argues_its_case(facts: GatewayFacts, on: date) -> None:
    found = check(facts, on)
    assert len(found.requirements) == 11
    for line in found.requirements:
        assert line.state.value in {"In place", "Missing", "Needs action", "Not needed", "Not known"}
        assert line.reason.endswith(".")
        assert "  " not in line.reason
        assert line.rule
        assert line.source
        assert line.rulebook == found.rulebook.id
        if line.is_open:
            assert line.put_right.endswith(".")
            assert line.who
        if line.id in ("english", "maths"):
            assert line.decided_by
            assert line.other_policy
            assert line.other_policy.policy != facts.english_maths_policy
            assert line.other_policy.sentence


RANK = {State.MISSING: 0, State.NEEDS_ACTION: 1, State.IN_PLACE: 2, State.NOT_NEEDED: 2, State.NOT_KNOWN: 2}


@given(
    facts=FACTS,
    on=DAYS,
    name=st.sampled_from(["english", "maths"]),
    held=st.sampled_from([one for one in Qualification if one != "none"]),
)
@ANY
def test_adding_a_proof_never_makes_it_worse(
    facts: GatewayFacts, on: date, name: str, held: Qualification
) -> None:
    fact: SubjectFact = getattr(facts, name)
    if fact.proof.qualification == Qualification.NONE:
        more = ProofFact(held, on, ProofKind.CERTIFICATE)
    else:
        more = replace(fact.proof, proof_seen_on=on, proof_kind=ProofKind.CERTIFICATE)
    before, after = check(facts, on), check(replace(facts, **{name: replace(fact, proof=more)}), on)
    assert all(
        RANK[new.state] >= RANK[old.state]
        for old, new in zip(before.requirements, after.requirements, strict=True)
    )
    assert set(gap_codes(after)) <= set(gap_codes(before))


@given(facts=FACTS, on=DAYS)
@ANY
def test_the_earliest_date_is_the_first_day_on_which_time_allows(facts: GatewayFacts, on: date) -> None:
    earliest = check(facts, on).earliest_on
    assume(earliest is not None)
    assert earliest is not None
    closed = replace(facts, breaks=tuple(one for one in facts.breaks if one.ended_on is not None))
    assert time_stands(closed, earliest)
    if on < earliest and not on_a_break(closed, on):
        assert not time_stands(closed, earliest - timedelta(days=1))


@given(facts=FACTS, on=DAYS)
@ANY
def test_a_line_without_detail_keeps_its_state_and_tells_nothing_more(facts: GatewayFacts, on: date) -> None:
    for line in check(facts, on).requirements:
        plain = line.without_detail()
        assert (plain.id, plain.state, plain.is_open) == (line.id, line.state, line.is_open)
        if line.confidential:
            shown = f"{plain.reason} {plain.put_right} {plain.other_policy.sentence if plain.other_policy else ''}"
            for word in ("plan", "statement is", "judgement", "years old", "satisfactory", "Aged", "birth"):
                assert word not in shown
