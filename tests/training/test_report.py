"""The report of who is due: each state of a person, and totals that add up, over the frameworks that ship."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbs.framework import UnknownLevel
from kbs.frameworks import load_frameworks
from kbs.refresher import Done, DueState, Override
from portfolio.training.rules.report import (
    Asks,
    By,
    InductionState,
    LevelState,
    Person,
    row,
    rows,
    totals,
)

FRAMEWORKS = load_frameworks()
MK, PA3, ROTHERHAM = (FRAMEWORKS.get(one) for one in ("mk-together-2020", "pa3-2022", "rotherham-2018-19"))
TODAY = date(2026, 11, 22)
D = date
ANN = Person("ann", "Harbour", "Autumn", starts_on=D(2025, 9, 1), framework=PA3, target="3")
ASKS = Asks(induction_days=28, supervision_months=2)


@pytest.mark.parametrize(
    ("done_on", "starts_on", "days", "state"),
    [
        (None, D(2025, 9, 1), None, InductionState.NOT_RECORDED),
        (None, None, 28, InductionState.NOT_RECORDED),
        (None, TODAY - timedelta(days=28), 28, InductionState.DUE),
        (None, TODAY - timedelta(days=29), 28, InductionState.OVERDUE),
        (D(2025, 9, 29), D(2025, 9, 1), 28, InductionState.DONE),
        (D(2025, 9, 30), D(2025, 9, 1), 28, InductionState.DONE_LATE),
        (D(2025, 9, 30), D(2025, 9, 1), None, InductionState.DONE),
        (D(2026, 11, 23), D(2026, 11, 20), 28, InductionState.DUE),
    ],
)
def test_the_induction_has_a_last_day_only_where_the_employer_sets_one(
    done_on: date | None, starts_on: date | None, days: int | None, state: InductionState
) -> None:
    person = replace(ANN, induction_on=done_on, starts_on=starts_on)
    assert row(person, TODAY, Asks(induction_days=days)).induction.state is state


@pytest.mark.parametrize(
    ("supervised", "starts_on", "months", "state", "due_on"),
    [
        ((), D(2025, 9, 1), None, DueState.NO_RULE, None),
        ((D(2026, 1, 5),), None, None, DueState.NO_RULE, None),
        ((D(2026, 1, 5), D(2026, 9, 22)), None, 2, DueState.RED, D(2026, 11, 22)),
        ((D(2026, 9, 21),), None, 2, DueState.OVERDUE, D(2026, 11, 21)),
        ((D(2026, 11, 1),), None, 2, DueState.AMBER, D(2027, 1, 1)),
        ((D(2026, 11, 1),), None, 6, DueState.IN_DATE, D(2027, 5, 1)),
        ((D(2026, 9, 21), D(2026, 11, 23)), None, 2, DueState.OVERDUE, D(2026, 11, 21)),
        ((), D(2026, 10, 1), 2, DueState.NEVER_DONE, D(2026, 12, 1)),
        ((), D(2026, 9, 1), 2, DueState.OVERDUE, D(2026, 11, 1)),
        ((), None, 2, DueState.NEVER_DONE, None),
    ],
)
def test_supervision_is_due_by_the_employers_interval(
    supervised: tuple[date, ...],
    starts_on: date | None,
    months: int | None,
    state: DueState,
    due_on: date | None,
) -> None:
    found = row(
        replace(ANN, supervised_on=supervised, starts_on=starts_on), TODAY, Asks(supervision_months=months)
    ).supervision
    assert (found.state, found.due_on) == (state, due_on)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"learning": (Done(D(2026, 1, 5)),)}, DueState.IN_DATE),
        ({"learning": (Done(D(2023, 12, 10)),)}, DueState.RED),
        ({"learning": (Done(D(2024, 2, 1)),)}, DueState.AMBER),
        ({"learning": (Done(D(2023, 11, 21)),)}, DueState.OVERDUE),
        ({"learning": (Done(D(2024, 11, 21)),), "designated_lead": True}, DueState.OVERDUE),
        ({"learning": (Done(D(2024, 11, 21)),)}, DueState.IN_DATE),
        ({}, DueState.OVERDUE),
        ({"starts_on": TODAY}, DueState.NEVER_DONE),
        ({"framework": MK}, DueState.NO_RULE),
        ({"framework": ROTHERHAM, "target": "1", "learning": (Done(D(2025, 11, 21)),)}, DueState.OVERDUE),
        ({"framework": ROTHERHAM, "target": "1", "learning": (Done(D(2025, 11, 22)),)}, DueState.RED),
        ({"framework": ROTHERHAM, "target": "3", "learning": (Done(D(2015, 1, 1)),)}, DueState.NO_RULE),
        ({"framework": None, "target": None}, DueState.NO_RULE),
        (
            {
                "framework": MK,
                "override": Override("Board's policy", 12),
                "learning": (Done(D(2025, 10, 1)),),
            },
            DueState.OVERDUE,
        ),
    ],
)
def test_the_refresher_goes_by_the_persons_framework_and_the_employers_override(
    changes: dict[str, object], state: DueState
) -> None:
    found = row(replace(ANN, **changes), TODAY)  # type: ignore[arg-type]
    assert found.refresher_state is state
    assert ("refresher" in found.overdue) is (state is DueState.OVERDUE)


@pytest.mark.parametrize(
    ("target", "levels", "state"),
    [
        (None, {}, LevelState.NOT_CHOSEN),
        ("3", {}, LevelState.NOT_YET),
        ("3", {"3": D(2026, 5, 1)}, LevelState.HELD),
        ("3", {"3": D(2026, 11, 23)}, LevelState.NOT_YET),
        ("4", {"2": D(2026, 1, 1)}, LevelState.NEEDS_FIRST),
        ("4", {"4": D(2026, 5, 1)}, LevelState.NEEDS_FIRST),
        ("4", {"2": D(2026, 1, 1), "3": D(2026, 2, 1)}, LevelState.NOT_YET),
        ("4", {"2": D(2026, 1, 1), "3": D(2026, 2, 1), "4": TODAY}, LevelState.HELD),
    ],
)
def test_a_level_is_held_when_its_training_and_what_it_needs_first_are_complete(
    target: str | None, levels: dict[str, date], state: LevelState
) -> None:
    assert row(replace(ANN, framework=MK, target=target, levels=levels), TODAY).level.state is state


def test_a_target_that_the_framework_does_not_have_is_an_error() -> None:
    with pytest.raises(UnknownLevel):
        row(replace(ANN, target="9"), TODAY)


def test_who_has_most_overdue_comes_first_and_each_employers_own_days_hold() -> None:
    fine = replace(
        ANN,
        id="fay",
        induction_on=D(2025, 9, 2),
        supervised_on=(D(2026, 11, 2),),
        learning=(Done(D(2026, 1, 1)),),
    )
    elsewhere = replace(ANN, id="bea", employer="Quay")
    found = rows([fine, elsewhere, ANN], TODAY, {"Harbour": ASKS})
    assert [(one.person.id, one.overdue) for one in found] == [
        ("ann", ("induction", "supervision", "refresher")),
        ("bea", ("refresher",)),
        ("fay", ()),
    ]
    by_employer = totals(found, By.EMPLOYER)
    assert [(one.name, one.people, one.anything_overdue) for one in by_employer] == [
        ("Harbour", 2, 1),
        ("Quay", 1, 1),
    ]
    assert by_employer[0].induction[InductionState.OVERDUE] == 1
    assert by_employer[0].supervision[DueState.AMBER] == 1
    assert by_employer[0].refresher == {
        **dict.fromkeys(DueState, 0),
        DueState.OVERDUE: 1,
        DueState.IN_DATE: 1,
    }
    assert [(one.name, one.people) for one in totals(found, By.COHORT)] == [("Autumn", 3)]


DAYS = st.dates(D(2020, 1, 1), D(2027, 12, 31))
PEOPLE = st.lists(
    st.builds(
        Person,
        id=st.text("abc", min_size=1, max_size=3),
        employer=st.sampled_from(["Harbour", "Quay"]),
        cohort=st.sampled_from(["", "Autumn"]),
        starts_on=st.none() | DAYS,
        induction_on=st.none() | DAYS,
        supervised_on=st.lists(DAYS, max_size=3).map(tuple),
        framework=st.sampled_from([MK, PA3, ROTHERHAM]),
        target=st.none() | st.sampled_from(["1", "2", "3", "4"]),
        designated_lead=st.booleans(),
        learning=st.lists(st.builds(Done, DAYS), max_size=3).map(tuple),
        levels=st.dictionaries(st.sampled_from(["1", "2", "3", "4"]), DAYS),
    ),
    max_size=12,
)


@given(PEOPLE, st.sampled_from(By))
def test_totals_count_everybody_once_in_each_of_the_four(people: list[Person], by: By) -> None:
    found = totals(rows(people, TODAY, {"Harbour": ASKS}), by)
    assert sum(one.people for one in found) == len(people)
    for one in found:
        for counts in (one.induction, one.supervision, one.refresher, one.level):
            assert sum(counts.values()) == one.people
        assert one.anything_overdue <= one.people
        assert one.induction[InductionState.OVERDUE] <= one.anything_overdue
        assert one.refresher[DueState.OVERDUE] <= one.anything_overdue


@given(PEOPLE)
def test_nothing_that_is_dated_after_today_counts(people: list[Person]) -> None:
    def until_today(one: Person) -> Person:
        return replace(
            one,
            induction_on=one.induction_on if one.induction_on and one.induction_on <= TODAY else None,
            supervised_on=tuple(day for day in one.supervised_on if day <= TODAY),
            learning=tuple(done for done in one.learning if done.on <= TODAY),
            levels={level: day for level, day in one.levels.items() if day <= TODAY},
        )

    for person in people:
        whole, past = row(person, TODAY, ASKS), row(until_today(person), TODAY, ASKS)
        assert (whole.induction, whole.supervision, whole.refresher) == (
            past.induction,
            past.supervision,
            past.refresher,
        )
        assert whole.level == past.level
        assert whole.overdue == past.overdue
