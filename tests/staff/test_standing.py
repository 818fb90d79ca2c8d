"""When the refresher of a member of staff is due: the same rules as for apprentices, from what is recorded for staff."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from kbs.refresher import DueState
from portfolio.staff.standing import overdue_of, standing_of
from portfolio.training.rules.report import LevelState
from tests.builders import Cast, commit
from tests.frameworks.own_steps import an_own
from tests.staff.steps import LATER, MK, PA3, ROTHERHAM, a_choice, a_member, a_training

TODAY = LATER.date()
OWN, WALES = "our-own-framework--1", "wales-2023"
Trained = tuple[tuple[str, str, date, int], ...]


def at(framework: str, level: str, *days: date, minutes: int = 180) -> Trained:
    return tuple((framework, level, day, minutes) for day in days)


@pytest.mark.parametrize(
    ("choice", "lead", "trained", "started", "state", "due"),
    [
        (None, False, at(PA3, "3", date(2026, 10, 20)), date(2025, 9, 1), DueState.NO_RULE, None),
        ((PA3, "3"), False, (), date(2025, 9, 1), DueState.OVERDUE, date(2025, 9, 1)),
        ((PA3, "3"), False, (), date(2026, 11, 3), DueState.NEVER_DONE, date(2026, 11, 3)),
        ((PA3, "3"), False, (), None, DueState.OVERDUE, None),
        ((PA3, "3"), False, at(PA3, "3", date(2026, 10, 20)), None, DueState.IN_DATE, date(2029, 10, 20)),
        ((PA3, "3"), False, at(PA3, "3", date(2024, 2, 1)), None, DueState.AMBER, date(2027, 2, 1)),
        ((PA3, "3"), False, at(PA3, "3", date(2023, 12, 3)), None, DueState.RED, date(2026, 12, 3)),
        ((PA3, "3"), False, at(PA3, "3", date(2023, 11, 3)), None, DueState.RED, date(2026, 11, 3)),
        ((PA3, "3"), False, at(PA3, "3", date(2023, 11, 2)), None, DueState.OVERDUE, date(2026, 11, 2)),
        ((PA3, "3"), True, at(PA3, "3", date(2024, 11, 2)), None, DueState.OVERDUE, date(2026, 11, 2)),
        ((PA3, "3"), False, at(PA3, "3", date(2020, 1, 1), date(2026, 1, 1)), None, DueState.IN_DATE, date(2029, 1, 1)),
        ((PA3, "3"), False, at(PA3, "2", date(2026, 10, 20)), date(2025, 9, 1), DueState.OVERDUE, date(2025, 9, 1)),
        ((PA3, "3"), False, at(MK, "3", date(2026, 10, 20)), date(2025, 9, 1), DueState.OVERDUE, date(2025, 9, 1)),
        ((ROTHERHAM, "1"), False, at(ROTHERHAM, "1", date(2025, 11, 3)), None, DueState.RED, date(2026, 11, 3)),
        ((ROTHERHAM, "1"), False, at(ROTHERHAM, "1", date(2025, 11, 2)), None, DueState.OVERDUE, date(2026, 11, 2)),
        ((ROTHERHAM, "2"), False, at(ROTHERHAM, "2", date(2019, 1, 1)), None, DueState.NO_RULE, None),
        ((MK, "3"), False, at(MK, "3", date(2019, 1, 1)), date(2018, 1, 1), DueState.NO_RULE, None),
        ((WALES, "B"), False, at(WALES, "B", date(2026, 3, 1), date(2026, 9, 1)), None, DueState.IN_DATE, date(2029, 3, 1)),
        ((OWN, "leads"), True, at(OWN, "leads", date(2024, 11, 2)), None, DueState.OVERDUE, date(2026, 11, 2)),
        ((OWN, "leads"), False, at(OWN, "leads", date(2024, 11, 2)), None, DueState.NO_RULE, None),
        (("withdrawn-from-the-product", "1"), False, (), date(2025, 9, 1), DueState.NO_RULE, None),
        ((PA3, "99"), False, (), date(2025, 9, 1), DueState.NO_RULE, None),
    ],
    ids=[
        "nothing chosen", "never done and late", "never done, due today", "never done, start not known", "in date",
        "amber", "red", "last day in time", "overdue", "a lead after two years", "the newest counts",
        "another level", "another framework", "level 1 yearly, last day", "level 1 yearly, overdue",
        "level 2 has no interval", "counted only", "six hours over three years", "own framework, a lead",
        "own framework, no lead", "not at hand any more", "a level that is not there",
    ],
)  # fmt: skip
def test_the_refresher(
    session: Session,
    cast: Cast,
    choice: tuple[str, str] | None,
    lead: bool,
    trained: Trained,
    started: date | None,
    state: DueState,
    due: date | None,
) -> None:
    an_own(session, cast.provider, cast.priya)
    member = a_member(session, cast.employer, cast.priya, started_on=started)
    if choice:
        a_choice(session, member, cast.priya, framework_id=MK, level_id="1")
        a_choice(
            session, member, cast.priya, framework_id=choice[0], level_id=choice[1], designated_lead=lead
        )
    for framework_id, level_id, day, minutes in trained:
        more: dict[str, Any] = {"framework_id": framework_id, "level_id": level_id, "minutes": minutes}
        a_training(session, member, cast.priya, day, **more)
    commit(session)
    found = standing_of(session, member, TODAY)
    assert (found.row.refresher_state, found.row.refresher.due_on) == (state, due)
    assert found.refresher_overdue == (state is DueState.OVERDUE)


def test_a_level_is_held_from_the_first_training_once_the_earlier_ones_are(
    session: Session, cast: Cast
) -> None:
    member = a_member(session, cast.employer, cast.priya)
    a_choice(session, member, cast.priya, framework_id=MK, level_id="4")
    days = {"4": date(2026, 1, 4), "3": date(2025, 3, 1), "2": date(2025, 2, 1)}
    states = []
    for level_id, day in days.items():
        a_training(session, member, cast.priya, day, framework_id=MK, level_id=level_id)
        a_training(session, member, cast.priya, TODAY, framework_id=MK, level_id=level_id)
        session.flush()
        level = standing_of(session, member, TODAY).row.level
        states.append((level.state, level.held_on))
    assert states == [
        (LevelState.NEEDS_FIRST, None),
        (LevelState.NEEDS_FIRST, None),
        (LevelState.HELD, date(2026, 1, 4)),
    ]


def test_how_many_are_overdue_leaves_out_who_has_left_and_other_providers(
    session: Session, cast: Cast
) -> None:
    assert overdue_of(session, cast.provider.id, TODAY) == (0, 0)
    for name, left_on in (("Wanda", None), ("Yorick", date(2026, 11, 2)), ("Zelda", TODAY)):
        a_choice(session, a_member(session, cast.employer, cast.priya, name, left_on=left_on), cast.priya)
    a_member(session, cast.employer, cast.priya, "Nothing Chosen")
    a_choice(session, a_member(session, cast.other_employer, cast.noor, "Xanthe"), cast.noor)
    commit(session)
    assert overdue_of(session, cast.provider.id, TODAY) == (3, 2)
