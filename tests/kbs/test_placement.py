"""Which level a role belongs to, by each source's own rules, as a table; and what has to be done first."""

from datetime import date

import pytest

from kbs.catalogue import load_catalogue
from kbs.framework import UnknownLevel
from kbs.frameworks import load_frameworks
from kbs.placement import NeedState, needs_of, place, straddling, suggested_target
from kbs.roles import CHOICES, FACTS, QUESTIONS, Contact, Role, Sector

FRAMEWORKS = load_frameworks()
MK, PA3, ROTHERHAM, WALES = "mk-together-2020", "pa3-2022", "rotherham-2018-19", "wales-2023"
NOTHING_ELSE = dict.fromkeys(
    (
        "assesses",
        "child_protection",
        "designated_lead",
        "named_professional",
        "manages",
        "final_say",
        "strategic",
        "board",
        "elected",
    ),
    False,
)


def role(**answers: object) -> Role:
    """A role whose every question is answered: no contact, no special duty, but for what is named."""
    return Role(**{"contact": Contact.NONE, "sector": Sector.OTHER, **NOTHING_ELSE, **answers})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("framework", "answers", "level", "because"),
    [
        (MK, {}, "1", ["everyone"]),
        (MK, {"contact": Contact.OCCASIONAL}, "1", ["everyone"]),
        (MK, {"elected": True}, "1", ["everyone", "elected"]),
        (MK, {"contact": Contact.SOME}, "2", ["contact"]),
        (MK, {"contact": Contact.REGULAR}, "2", ["contact"]),
        (MK, {"contact": Contact.MAIN}, "2", ["contact"]),
        (MK, {"contact": Contact.REGULAR, "elected": True}, "2", ["contact"]),
        (MK, {"contact": Contact.REGULAR, "assesses": True}, "3", ["assesses"]),
        (MK, {"child_protection": True}, "3", ["child-protection"]),
        (MK, {"designated_lead": True, "sector": Sector.EDUCATION}, "3", ["education-lead", "any-lead"]),
        (MK, {"designated_lead": True, "sector": Sector.EARLY_YEARS}, "3", ["education-lead", "any-lead"]),
        (MK, {"designated_lead": True, "sector": Sector.HEALTH}, "4", ["agency-lead"]),
        (MK, {"designated_lead": True, "sector": Sector.POLICE}, "4", ["agency-lead"]),
        (MK, {"named_professional": True}, "4", ["named-professional"]),
        (MK, {"manages": True}, "4", ["manages"]),
        (MK, {"manages": True, "named_professional": True}, "4", ["named-professional", "manages"]),
        (MK, {"strategic": True}, "5", ["strategic"]),
        (MK, {"strategic": True, "manages": True, "contact": Contact.MAIN}, "5", ["strategic"]),
        (MK, {"board": True}, "board", ["board"]),
        (PA3, {}, "1", ["no-contact"]),
        (PA3, {"contact": Contact.OCCASIONAL}, "1", ["occasional-contact"]),
        (PA3, {"contact": Contact.SOME}, "2", ["some-contact"]),
        (PA3, {"contact": Contact.REGULAR}, "2", ["regular-contact"]),
        (PA3, {"contact": Contact.MAIN}, "2", ["regular-contact"]),
        (PA3, {"contact": Contact.MAIN, "assesses": True}, "2", ["regular-contact"]),
        (PA3, {"contact": Contact.MAIN, "child_protection": True}, "3", ["child-protection"]),
        (PA3, {"designated_lead": True, "sector": Sector.EDUCATION}, "4", ["designated-lead"]),
        (PA3, {"designated_lead": True}, "4", ["designated-lead"]),
        (PA3, {"named_professional": True}, "4", ["professional-adviser"]),
        (PA3, {"manages": True}, "4", ["manages"]),
        (PA3, {"strategic": True}, "5", ["strategic"]),
        (PA3, {"board": True}, "5", ["board"]),
        (PA3, {"elected": True}, "5", ["elected"]),
        (ROTHERHAM, {}, "1", ["minimal-contact"]),
        (ROTHERHAM, {"contact": Contact.OCCASIONAL}, "1", ["minimal-contact"]),
        (ROTHERHAM, {"contact": Contact.SOME}, "2", ["some-contact"]),
        (ROTHERHAM, {"contact": Contact.REGULAR}, "2", ["regular-contact"]),
        (ROTHERHAM, {"contact": Contact.MAIN}, "3", ["main-role"]),
        (ROTHERHAM, {"contact": Contact.SOME, "assesses": True}, "3", ["assesses"]),
        (
            ROTHERHAM,
            {"designated_lead": True, "sector": Sector.EDUCATION},
            "4",
            ["education-lead", "any-lead"],
        ),
        (ROTHERHAM, {"designated_lead": True, "sector": Sector.HEALTH}, "4", ["any-lead"]),
        (ROTHERHAM, {"named_professional": True}, "4", ["named-professional"]),
        (ROTHERHAM, {"manages": True, "contact": Contact.MAIN}, "4", ["manages"]),
        (ROTHERHAM, {"strategic": True}, "5", ["strategic"]),
        (ROTHERHAM, {"board": True}, "5", ["board"]),
        (WALES, {}, "A", ["everyone"]),
        (WALES, {"contact": Contact.OCCASIONAL}, "A", ["everyone"]),
        (WALES, {"contact": Contact.SOME}, "B", ["some-contact"]),
        (WALES, {"contact": Contact.REGULAR}, "B", ["regular-contact"]),
        (WALES, {"contact": Contact.MAIN}, "B", ["regular-contact"]),
        (WALES, {"contact": Contact.MAIN, "assesses": True}, "C", ["assesses"]),
        (WALES, {"child_protection": True}, "C", ["child-protection"]),
        (WALES, {"designated_lead": True}, "C", ["designated-person"]),
        (WALES, {"final_say": True, "designated_lead": True}, "E", ["final-say"]),
        (WALES, {"board": True}, "F", ["board"]),
        (WALES, {"elected": True}, "F", ["elected"]),
    ],
)
def test_a_role_is_placed_by_the_rules_of_the_source(
    framework: str, answers: dict[str, object], level: str, because: list[str]
) -> None:
    advice = place(FRAMEWORKS.get(framework), role(**answers))
    assert advice.level is not None
    assert advice.level.id == level
    assert [rule.id for rule in advice.reasons] == because
    assert all(rule.why and rule.place for rule in advice.reasons)
    assert advice.settled


@pytest.mark.parametrize(
    ("framework", "given", "level", "open_to"),
    [
        (
            MK,
            Role(contact=Contact.REGULAR),
            "2",
            {
                "assesses": "3",
                "child_protection": "3",
                "designated_lead": "4",
                "sector": "4",
                "named_professional": "4",
                "manages": "4",
                "strategic": "5",
                "board": "board",
            },
        ),
        (MK, role(designated_lead=True, sector=None), "3", {"sector": "4"}),
        (MK, role(designated_lead=None, sector=Sector.EDUCATION), "1", {"designated_lead": "3"}),
        (MK, role(designated_lead=None, sector=Sector.HEALTH), "1", {"designated_lead": "4"}),
        (MK, role(sector=None), "1", {}),
        (PA3, role(designated_lead=None), "1", {"designated_lead": "4"}),
        (PA3, role(contact=None), None, {"contact": "2"}),
        (ROTHERHAM, role(designated_lead=True, sector=None), "4", {}),
        (ROTHERHAM, role(contact=None, manages=None), None, {"contact": "3", "manages": "4"}),
        (WALES, role(contact=None), "A", {"contact": "B"}),
        (WALES, role(final_say=None, board=True), "F", {}),
    ],
)
def test_an_unanswered_question_is_not_taken_for_no(
    framework: str, given: Role, level: str | None, open_to: dict[str, str]
) -> None:
    advice = place(FRAMEWORKS.get(framework), given)
    assert (advice.level.id if advice.level else None) == level
    assert {one.fact: one.could_be.id for one in advice.open_questions} == open_to
    assert all(one.question == QUESTIONS[one.fact] for one in advice.open_questions)
    assert advice.settled is (level is not None and not open_to)


def test_the_highest_of_several_levels_is_taken_and_the_others_are_named() -> None:
    advice = place(FRAMEWORKS.get(WALES), role(contact=Contact.REGULAR, designated_lead=True))
    assert advice.level is not None
    assert advice.level.id == "C"
    assert [one.id for one in advice.also_fits] == ["A", "B"]


@pytest.mark.parametrize(
    ("levels", "taken"),
    [({"B", "C"}, "C"), ({"A", "B"}, "B"), ({"E", "D"}, "E"), ({"F", "A"}, "F"), ({"D"}, "D")],
)
def test_a_role_between_two_groups_takes_the_higher(levels: set[str], taken: str) -> None:
    assert straddling(FRAMEWORKS.get(WALES), levels).id == taken


def test_straddling_wants_levels_that_are_there() -> None:
    with pytest.raises(ValueError, match=r"Name the levels that the role sits between\."):
        straddling(FRAMEWORKS.get(WALES), ())
    with pytest.raises(UnknownLevel):
        straddling(FRAMEWORKS.get(WALES), ("B", "G"))


@pytest.mark.parametrize(
    ("framework", "answers", "needs"),
    [
        (MK, {"manages": True}, ["2", "3"]),
        (MK, {"designated_lead": True, "sector": Sector.EDUCATION}, []),
        (MK, {"strategic": True}, []),
        (PA3, {"designated_lead": True}, []),
        (ROTHERHAM, {"manages": True}, []),
        (WALES, {}, []),
        (WALES, {"contact": Contact.REGULAR}, ["A"]),
        (WALES, {"designated_lead": True}, ["A", "B"]),
        (WALES, {"final_say": True}, ["A", "B", "C", "D"]),
        (WALES, {"elected": True}, []),
    ],
)
def test_the_advice_names_what_is_needed_first(
    framework: str, answers: dict[str, object], needs: list[str]
) -> None:
    assert [one.id for one in place(FRAMEWORKS.get(framework), role(**answers)).needs] == needs


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("A", ["straddling", "protected-time"]),
        ("B", ["straddling", "multi-agency", "protected-time"]),
        ("C", ["straddling", "generic-and-role-specific", "multi-agency", "protected-time"]),
        ("E", ["straddling", "generic-and-role-specific", "multi-agency", "protected-time"]),
    ],
)
def test_what_wales_expects_of_learning_at_a_group(level: str, expected: list[str]) -> None:
    answers = {
        "A": {},
        "B": {"contact": Contact.REGULAR},
        "C": {"assesses": True},
        "E": {"final_say": True},
    }
    advice = place(FRAMEWORKS.get(WALES), role(**answers[level]))
    assert [one.id for one in advice.expectations] == expected


def test_groups_c_to_e_have_a_generic_and_a_role_specific_track() -> None:
    tracks = {level.id: level.tracks for level in FRAMEWORKS.get(WALES).levels if level.tracks}
    assert tracks == dict.fromkeys("CDE", ("generic", "role-specific"))


D = date
STARTS = D(2026, 8, 31)


@pytest.mark.parametrize(
    ("framework", "level", "done", "starts_on", "today", "expected"),
    [
        # Wales: the earlier groups, or within six months of the start; that last day is in time
        (WALES, "B", {"A": D(2026, 8, 1)}, STARTS, D(2026, 9, 1), [("A", NeedState.DONE, D(2027, 2, 28))]),
        (WALES, "B", {}, STARTS, D(2026, 9, 1), [("A", NeedState.DUE, D(2027, 2, 28))]),
        (WALES, "B", {}, STARTS, D(2027, 2, 28), [("A", NeedState.DUE, D(2027, 2, 28))]),
        (WALES, "B", {}, STARTS, D(2027, 3, 1), [("A", NeedState.LATE, D(2027, 2, 28))]),
        (WALES, "B", {"A": D(2027, 3, 5)}, STARTS, D(2027, 3, 6), [("A", NeedState.DONE, D(2027, 2, 28))]),
        (WALES, "B", {"A": D(2026, 9, 5)}, STARTS, D(2026, 9, 1), [("A", NeedState.DUE, D(2027, 2, 28))]),
        (WALES, "B", {}, D(2027, 8, 31), D(2028, 2, 29), [("A", NeedState.DUE, D(2028, 2, 29))]),
        (WALES, "B", {}, None, D(2026, 9, 1), [("A", NeedState.NO_DATE, None)]),
        (
            WALES,
            "C",
            {"B": D(2020, 1, 1)},
            D(2026, 10, 1),
            D(2026, 10, 1),
            [("A", NeedState.DUE, D(2027, 4, 1)), ("B", NeedState.DONE, D(2027, 4, 1))],
        ),
        (WALES, "A", {}, STARTS, D(2026, 9, 1), []),
        # Milton Keynes: levels 2 and 3 before level 4 begins
        (
            MK,
            "4",
            {},
            D(2026, 9, 1),
            D(2026, 8, 31),
            [("2", NeedState.DUE, D(2026, 8, 31)), ("3", NeedState.DUE, D(2026, 8, 31))],
        ),
        (
            MK,
            "4",
            {"2": D(2024, 5, 1)},
            D(2026, 9, 1),
            D(2026, 9, 1),
            [("2", NeedState.DONE, D(2026, 8, 31)), ("3", NeedState.LATE, D(2026, 8, 31))],
        ),
        (MK, "3", {}, D(2026, 9, 1), D(2026, 9, 1), []),
        (PA3, "4", {}, D(2026, 9, 1), D(2026, 9, 1), []),
    ],
)
def test_earlier_levels_with_the_last_day_for_each(
    framework: str,
    level: str,
    done: dict[str, date],
    starts_on: date | None,
    today: date,
    expected: list[tuple[str, NeedState, date | None]],
) -> None:
    found = needs_of(FRAMEWORKS.get(framework), level, done, starts_on, today)
    assert [(one.level.id, one.state, one.due_on) for one in found] == expected


def test_the_target_for_this_occupation_is_a_suggestion_of_ours() -> None:
    standard = load_catalogue().default().reference
    found = suggested_target(FRAMEWORKS.get(MK), standard)
    assert found is not None
    assert (found.floor, found.target, found.origin) == ("2", "3", "our view")
    assert suggested_target(FRAMEWORKS.get(MK), "XX0001") is None
    assert suggested_target(FRAMEWORKS.get(PA3), standard) is None


def test_every_fact_is_asked_once_and_every_choice_has_its_words() -> None:
    assert tuple(QUESTIONS) == FACTS
    assert set(CHOICES) == {"contact", "sector"}
    assert len({one.label for one in Contact}) == len(Contact)
