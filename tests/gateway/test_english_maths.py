"""English and maths under both policies, as tables written out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from portfolio.gateway.rules import (
    EnglishMathsPolicy,
    GatewayFacts,
    ProofKind,
    Qualification,
    State,
    SubjectFact,
    Support,
    age_on,
    check,
)
from tests.gateway.examples import FUNDING, READY, SEEN, START, TODAY, WORDS, subject

Q, S = Qualification, Support
IN, MISSING, ACTION, NOT = State.IN_PLACE, State.MISSING, State.NEEDS_ACTION, State.NOT_NEEDED
PLAN, STATEMENT, NO_SUPPORT = S.EDUCATION_HEALTH_CARE_PLAN, S.LEGACY_STATEMENT, S.NONE
YOUNG, ADULT = date(2007, 9, 2), date(2006, 9, 1)  # 17 and 19 on 1 September 2025

# What is held, its proof seen: without support, with a plan, with a legacy statement.
BY_LEVEL = {
    Q.LEVEL_2: (IN, IN, IN),
    Q.ENTRY_LEVEL_3: (ACTION, IN, IN),
    Q.ATTEMPT: (MISSING, MISSING, MISSING),
    Q.NONE: (MISSING, MISSING, MISSING),
}
ADULT_OPTED_IN = {
    Q.LEVEL_2: (IN, IN, IN),
    Q.ENTRY_LEVEL_3: (ACTION, IN, IN),
    Q.BSL: (ACTION, ACTION, ACTION),
    Q.ATTEMPT: (IN, IN, IN),
    Q.NONE: (MISSING, MISSING, MISSING),
}
TABLES = {
    "standard's sentence, english": ("english", "standard", BY_LEVEL | {Q.BSL: (ACTION, ACTION, ACTION)}),
    "standard's sentence, maths": ("maths", "standard", BY_LEVEL | {Q.BSL: (MISSING, MISSING, MISSING)}),
    "funding rules at 17, english": ("english", "young", BY_LEVEL | {Q.BSL: (ACTION, ACTION, ACTION)}),
    "funding rules at 17, maths": ("maths", "young", BY_LEVEL | {Q.BSL: (MISSING, MISSING, MISSING)}),
    "funding rules at 19, english": ("english", "adult", dict.fromkeys(Q, (NOT, NOT, NOT))),
    "funding rules at 19, maths": ("maths", "adult", dict.fromkeys(Q, (NOT, NOT, NOT))),
    "funding rules at 19 opted in, english": ("english", "opted in", ADULT_OPTED_IN),
    "funding rules at 19 opted in, maths": ("maths", "opted in", ADULT_OPTED_IN),
}
MATRIX = [
    pytest.param(
        who,
        subject_id,
        held,
        support,
        seen,
        states[column],
        id=f"{name}: {held}, {support}, {'seen' if seen else 'unseen'}",
    )
    for name, (subject_id, who, table) in TABLES.items()
    for held, states in table.items()
    for (column, support), seen in product(enumerate((NO_SUPPORT, PLAN, STATEMENT)), (True, False))
]


def facts_for(who: str, subject_id: str, held: SubjectFact) -> GatewayFacts:
    """One subject of someone judged by this policy and age; the other subject stays at level 2."""
    base = READY if who == "standard" else FUNDING
    born = YOUNG if who in ("standard", "young") else ADULT
    return replace(base, date_of_birth=born, **{subject_id: replace(held, opted_in=who == "opted in")})


@pytest.mark.parametrize(("who", "subject_id", "held", "support", "seen", "when_seen"), MATRIX)
def test_policy_by_support_by_proof_by_subject(
    who: str, subject_id: str, held: Qualification, support: Support, seen: bool, when_seen: State
) -> None:
    facts = replace(facts_for(who, subject_id, subject(held, SEEN if seen else None)), support=support)
    expected = ACTION if when_seen is IN and not seen else when_seen
    assert check(facts, TODAY)[subject_id].state is expected


SENTENCES = {
    "level 2 seen": (
        subject(Q.LEVEL_2),
        {},
        IN,
        "Level 2 in English is held; certificate seen on 3 October 2025.",
    ),
    "level 2 on the learning record": (
        subject(Q.LEVEL_2, kind=ProofKind.LEARNING_RECORD),
        {},
        IN,
        "Level 2 in English is held; personal learning record seen on 3 October 2025.",
    ),
    "proof of a kind not said": (subject(Q.LEVEL_2, kind=None), {}, IN, "proof seen on 3 October 2025."),
    "level 2 with other evidence only": (
        subject(Q.LEVEL_2, kind=ProofKind.OTHER),
        {},
        ACTION,
        "neither a certificate nor a certified statement of results nor a personal learning record",
    ),
    "level 2 unseen": (subject(Q.LEVEL_2, None), {}, ACTION, "but nobody has recorded seeing the proof."),
    "level 2 seen today": (subject(Q.LEVEL_2, TODAY), {}, IN, "seen on 18 November 2026"),
    "level 2 seen tomorrow": (
        subject(Q.LEVEL_2, date(2026, 11, 19)),
        {},
        ACTION,
        "seen on 19 November 2026, which is still to come.",
    ),
    "entry level 3 with a plan": (
        subject(Q.ENTRY_LEVEL_3),
        {"support": PLAN},
        IN,
        "Entry Level 3 in English is accepted because an education, health and care plan is recorded;",
    ),
    "entry level 3 with a statement": (
        subject(Q.ENTRY_LEVEL_3),
        {"support": STATEMENT},
        IN,
        "Entry Level 3 in English is accepted because a legacy statement is recorded;",
    ),
    "entry level 3 with neither": (
        subject(Q.ENTRY_LEVEL_3),
        {},
        ACTION,
        "by the standard's own sentence it is enough only with an education, health and care plan or a legacy statement",
    ),
    "entry level 3 with a judgement is not in the sentence": (
        subject(Q.ENTRY_LEVEL_3, judged_on=SEEN),
        {},
        ACTION,
        "only with an education, health and care plan or a legacy statement, and none is recorded.",
    ),
    "bsl for a primary bsl user": (
        subject(Q.BSL),
        {"primary_bsl_user": True},
        IN,
        "A British Sign Language qualification is accepted in place of English for a primary BSL user;",
    ),
    "bsl unseen": (
        subject(Q.BSL, None),
        {"primary_bsl_user": True},
        ACTION,
        "nobody has recorded seeing the proof",
    ),
    "bsl for somebody else": (subject(Q.BSL), {}, ACTION, "only where BSL is the primary language"),
    "an attempt": (subject(Q.ATTEMPT), {}, MISSING, "An attempt, but no level 2, in English is recorded"),
    "nothing": (subject(), {}, MISSING, "No level 2 in English is recorded"),
}


@pytest.mark.parametrize(("held", "change", "state", "words"), SENTENCES.values(), ids=SENTENCES.keys())
def test_the_standards_sentence_for_english(
    held: SubjectFact, change: dict[str, object], state: State, words: str
) -> None:
    line = check(replace(READY, english=held, **change), TODAY)["english"]
    assert line.state is state
    assert words in line.reason
    assert (line.rule, line.source) == (WORDS.english_maths_sentence, WORDS.english_maths_source)
    assert line.decided_by == "The standard's own sentence decided: that is this cohort's policy."


def test_bsl_never_stands_in_for_maths_even_for_a_primary_bsl_user() -> None:
    line = check(replace(READY, maths=subject(Q.BSL), primary_bsl_user=True), TODAY)["maths"]
    assert line.state is MISSING
    assert "for English only" in line.reason


def test_the_standards_sentence_does_not_ask_for_an_age() -> None:
    assert check(replace(READY, date_of_birth=None), TODAY)["english"].state is IN


def test_english_and_maths_are_decided_separately() -> None:
    facts = replace(FUNDING, english=subject(Q.ENTRY_LEVEL_3, judged_on=SEEN), maths=subject(Q.ENTRY_LEVEL_3))
    found = check(facts, TODAY)
    assert (found["english"].state, found["maths"].state) == (IN, ACTION)


# Date of birth, start: state with nothing held, and what the sentence says.
AGES = {
    "16 on the start day": (date(2009, 9, 1), START, MISSING, "No level 2"),
    "16 on the day after": (
        date(2009, 9, 2),
        START,
        ACTION,
        "The dates look wrong: by the recorded date of birth",
    ),
    "15 on the start day is named": (date(2009, 9, 2), START, ACTION, "15 years old on the first day"),
    "born after the start": (date(2025, 9, 2), START, ACTION, "not born yet on the first day"),
    "18 on the start day": (date(2007, 9, 1), START, MISSING, "No level 2"),
    "the day before the 19th birthday": (date(2006, 9, 2), START, MISSING, "No level 2"),
    "19 on the start day": (
        date(2006, 9, 1),
        START,
        NOT,
        "Aged 19 on the first day and not opted in to English.",
    ),
    "turned 19 since the start": (date(2006, 12, 1), START, MISSING, "No level 2"),
    "born 29 February, start 28 February": (date(2008, 2, 29), date(2027, 2, 28), MISSING, "No level 2"),
    "born 29 February, start 1 March": (date(2008, 2, 29), date(2027, 3, 1), NOT, "Aged 19 on the first day"),
    "born 29 February, start in a leap year": (date(2008, 2, 29), date(2028, 2, 29), NOT, "Aged 20"),
    "start on 31 July": (date(2006, 7, 31), date(2025, 7, 31), NOT, "Aged 19"),
    "start on 31 July, 19 the next day": (date(2006, 8, 1), date(2025, 7, 31), MISSING, "No level 2"),
    "start on 1 August, 19 that day": (date(2006, 8, 1), date(2025, 8, 1), NOT, "Aged 19"),
    "aged 54": (date(1971, 1, 1), START, NOT, "Aged 54 on the first day"),
    "date of birth not recorded": (None, START, ACTION, "The date of birth is not recorded"),
}


@pytest.mark.parametrize(("born", "start", "state", "words"), AGES.values(), ids=AGES.keys())
def test_the_funding_rules_turn_on_the_age_on_the_first_day(
    born: date | None, start: date, state: State, words: str
) -> None:
    facts = replace(FUNDING, date_of_birth=born, start_on=start, english=subject())
    line = check(facts, date(2028, 3, 1))["english"]
    assert line.state is state
    assert words in line.reason
    assert line.decided_by == "The funding rules decided: that is this cohort's policy."


@pytest.mark.parametrize(
    ("on", "state"),
    [
        pytest.param(date(2025, 2, 10), MISSING, id="the day before the lighter rule came into force"),
        pytest.param(date(2025, 2, 11), NOT, id="the day the lighter rule came into force"),
    ],
)
def test_before_february_2025_adults_needed_english_and_maths_too(on: date, state: State) -> None:
    facts = replace(FUNDING, start_on=date(2024, 10, 16), date_of_birth=date(1999, 1, 1), english=subject())
    assert check(facts, on)["english"].state is state


@pytest.mark.parametrize(
    ("on", "state"),
    [
        pytest.param(date(2024, 7, 31), ACTION, id="the day before judgements counted"),
        pytest.param(date(2024, 8, 1), IN, id="the day from which judgements count"),
    ],
)
def test_before_august_2024_a_professional_judgement_was_not_enough(on: date, state: State) -> None:
    held = subject(Q.ENTRY_LEVEL_3, date(2024, 6, 3), judged_on=date(2024, 6, 3))
    facts = replace(FUNDING, start_on=date(2024, 5, 1), date_of_birth=date(2007, 1, 1), english=held)
    assert check(facts, on)["english"].state is state


FUNDING_SENTENCES = {
    "17 with a judgement for this subject": (
        YOUNG,
        subject(Q.ENTRY_LEVEL_3, judged_on=SEEN),
        IN,
        "accepted because a professional judgement for English was recorded on 3 October 2025;",
    ),
    "17 with a judgement dated tomorrow": (
        YOUNG,
        subject(Q.ENTRY_LEVEL_3, judged_on=date(2026, 11, 19)),
        ACTION,
        "a legacy statement or a professional judgement for this subject, and none is recorded.",
    ),
    "17 with a judgement and nothing held": (
        YOUNG,
        subject(judged_on=SEEN),
        MISSING,
        "No level 2 in English",
    ),
    "17 cannot opt out by an attempt": (
        YOUNG,
        subject(Q.ATTEMPT, opted_in=True),
        MISSING,
        "An attempt, but no level 2",
    ),
    "19, opted in, attempt seen": (
        ADULT,
        subject(Q.ATTEMPT, kind=ProofKind.OTHER, opted_in=True),
        IN,
        "Aged 19 on the first day and opted in; an attempt at English is shown: other evidence seen on 3 October 2025.",
    ),
    "19, opted in, attempt unseen": (
        ADULT,
        subject(Q.ATTEMPT, None, opted_in=True),
        ACTION,
        "an attempt at English is",
    ),
    "19, opted in, level 2": (
        ADULT,
        subject(Q.LEVEL_2, opted_in=True),
        IN,
        "more than the attempt is held: Level 2",
    ),
    "19, opted in, nothing": (
        ADULT,
        subject(opted_in=True),
        MISSING,
        "no evidence of an attempt at the English",
    ),
    "19, opted in, judgement and entry level 3": (
        ADULT,
        subject(Q.ENTRY_LEVEL_3, judged_on=SEEN, opted_in=True),
        IN,
        "a professional judgement for English",
    ),
    "unknown age with level 2 seen": (None, subject(Q.LEVEL_2), ACTION, "The date of birth is not recorded"),
    "15 with level 2 seen": (date(2009, 9, 2), subject(Q.LEVEL_2), ACTION, "The dates look wrong"),
}


@pytest.mark.parametrize(
    ("born", "held", "state", "words"), FUNDING_SENTENCES.values(), ids=FUNDING_SENTENCES.keys()
)
def test_the_funding_rules_for_english(
    born: date | None, held: SubjectFact, state: State, words: str
) -> None:
    line = check(replace(FUNDING, date_of_birth=born, english=held), TODAY)["english"]
    assert line.state is state
    assert words in line.reason


SOURCES = {
    "2024-25 at 17": (date(2025, 7, 31), date(2008, 1, 1), "2024 to 2025, version 2"),
    "2025-26 at 17": (date(2025, 8, 1), date(2008, 1, 1), "2025 to 2026, version 3, paragraph 45.4"),
    "2025-26 at 20": (date(2025, 8, 1), date(2005, 1, 1), "2025 to 2026, version 3, paragraph 46.4"),
    "2026-27 at 17": (date(2026, 8, 1), date(2009, 1, 1), "2026 to 2027, version 3, paragraph 49.4"),
    "2026-27 at 20": (date(2026, 8, 1), date(2006, 1, 1), "2026 to 2027, version 3, paragraph 50.5"),
}


@pytest.mark.parametrize(("start", "born", "source"), SOURCES.values(), ids=SOURCES.keys())
def test_the_funding_rules_name_their_paragraph_by_start_year_and_age(
    start: date, born: date, source: str
) -> None:
    assert source in check(replace(FUNDING, start_on=start, date_of_birth=born), TODAY)["maths"].source


OTHERS = {
    "an adult with nothing, standard's sentence": (
        replace(READY, date_of_birth=ADULT, maths=subject()),
        MISSING,
        NOT,
        "The funding rules would say “Not needed”. Aged 19 on the first day and not opted in to maths.",
    ),
    "an adult with nothing, funding rules": (
        replace(FUNDING, date_of_birth=ADULT, maths=subject()),
        NOT,
        MISSING,
        (
            "The standard's own sentence would say “Missing”. No level 2 in maths is recorded, and by the standard's own "
            "sentence it is needed."
        ),
    ),
    "entry level 3 on a judgement, funding rules": (
        replace(FUNDING, maths=subject(Q.ENTRY_LEVEL_3, judged_on=SEEN)),
        IN,
        ACTION,
        "The standard's own sentence would say “Needs action”.",
    ),
    "date of birth unknown, standard's sentence": (
        replace(READY, date_of_birth=None),
        IN,
        ACTION,
        "The funding rules would say “Needs action”. The date of birth is not recorded",
    ),
    "both agree": (READY, IN, IN, "The funding rules would say “In place”. Level 2 in maths is held;"),
}


@pytest.mark.parametrize(("facts", "state", "other_state", "sentence"), OTHERS.values(), ids=OTHERS.keys())
def test_the_line_always_says_what_the_other_policy_would_have_said(
    facts: GatewayFacts, state: State, other_state: State, sentence: str
) -> None:
    line = check(facts, TODAY)["maths"]
    assert line.other_policy is not None
    assert (line.state, line.other_policy.state) == (state, other_state)
    assert line.other_policy.policy is not facts.english_maths_policy
    assert sentence in line.other_policy.sentence


def test_the_default_policy_is_the_standards_sentence() -> None:
    assert READY.english_maths_policy is EnglishMathsPolicy.STANDARD_SENTENCE


def test_what_would_put_it_right_names_only_ways_that_are_open() -> None:
    plain = check(replace(READY, english=subject()), TODAY)["english"].put_right
    assert "British Sign Language" not in plain
    assert "professional judgement" not in plain
    deaf = check(replace(READY, english=subject(), primary_bsl_user=True, support=PLAN), TODAY)[
        "english"
    ].put_right
    assert "a British Sign Language qualification stands in for English here" in deaf
    assert "Entry Level 3 is enough here, as an education, health and care plan is recorded" in deaf
    young = check(replace(FUNDING, maths=subject(), primary_bsl_user=True), TODAY)["maths"].put_right
    assert "professional judgement for this subject" in young
    assert "British Sign Language" not in young


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        pytest.param(date(2006, 9, 1), date(2025, 8, 31), 18, id="the day before a birthday"),
        pytest.param(date(2006, 9, 1), date(2025, 9, 1), 19, id="on the birthday"),
        pytest.param(
            date(2008, 2, 29), date(2026, 2, 28), 17, id="born on 29 February, 28 February of a common year"
        ),
        pytest.param(
            date(2008, 2, 29), date(2026, 3, 1), 18, id="born on 29 February, 1 March of a common year"
        ),
        pytest.param(
            date(2008, 2, 29), date(2028, 2, 29), 20, id="born on 29 February, on the birthday itself"
        ),
        pytest.param(date(2006, 12, 31), date(2025, 1, 1), 18, id="across the turn of the year"),
    ],
)
def test_age_in_whole_years(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age
