"""What is due, as its page says it: whose rule, by when, what counts, and who may set what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.refresher import DueState, rule_for
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Base, Database
from portfolio.development.models import EmployerAsks, Induction, RefresherOverride
from portfolio.development.standing import standings
from portfolio.frameworks.models import FrameworkChoice
from portfolio.library.queries import shipped
from portfolio.training.rules.report import InductionState, LevelState, Row
from tests.builders import NOW, Cast, a_person, an_apprenticeship, commit
from tests.client import Browser
from tests.counting import queries
from tests.development.steps import DAY, a_supervision, an_induction, an_override, asks, path
from tests.postgres import plain
from tests.training.steps import LATER, an_answer, an_entry

Open = Callable[..., Browser]
TODAY = LATER.date()
PA3 = {"framework_id": "pa3-2022", "level_id": "3"}
SET = {"designated_lead": "no", "months": "12", "reason": "Our policy asks for it."}


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def chosen(session: Session, at: Apprenticeship, by: Any, **more: Any) -> None:
    values = PA3 | {"strand": "both", "reason": "It is their job."} | more
    session.add(
        FrameworkChoice(
            provider_id=at.provider_id,
            apprenticeship_id=at.id,
            chosen_by_id=by.id,
            role="mentor",
            chosen_at=NOW,
            **values,
        )
    )
    session.flush()


def row_of(database: Database, at: Apprenticeship) -> Row:
    with database.reading() as fresh:
        (one,) = standings(fresh, at.provider_id, [Apprenticeship.id == at.id], TODAY)
        return one.row


def rows(database: Database, model: Any) -> Sequence[Any]:
    with database.reading() as fresh:
        return fresh.scalars(select(model).order_by(model.id)).all()


@pytest.mark.parametrize(
    ("days_ago", "lead", "state"),
    [
        (10, False, DueState.IN_DATE),
        (3 * 365 - 60, False, DueState.AMBER),
        (3 * 365 - 10, False, DueState.RED),
        (3 * 365 + 10, False, DueState.OVERDUE),
        (2 * 365 - 60, True, DueState.AMBER),
        (2 * 365 + 10, True, DueState.OVERDUE),
    ],
)
def test_the_refresher_falls_due_as_the_chosen_framework_says(
    session: Session, database: Database, cast: Cast, days_ago: int, lead: bool, state: DueState
) -> None:
    chosen(session, cast.amina_at, cast.marek)
    an_entry(session, cast.amina_at, day=TODAY - timedelta(days=days_ago), **PA3)
    if lead:
        an_override(session, cast.amina_at, cast.marek, months=None, designated_lead=True)
    commit(session)
    assert row_of(database, cast.amina_at).refresher_state is state


def test_only_learning_at_the_chosen_level_counts_and_not_while_it_stands_returned(
    session: Session, database: Database, cast: Cast
) -> None:
    chosen(session, cast.amina_at, cast.marek)
    an_entry(session, cast.amina_at, framework_id="pa3-2022", level_id="2")
    an_entry(session, cast.amina_at)
    entry = an_entry(session, cast.amina_at, **PA3)
    an_answer(session, entry, cast.marek, "returned", "Which day?")
    commit(session)
    before = row_of(database, cast.amina_at)
    assert (before.refresher.state, before.refresher_late) == (DueState.NEVER_DONE, True)
    entry.edited_at = NOW + timedelta(minutes=1)
    commit(session)
    found = row_of(database, cast.amina_at)
    assert (found.refresher_state, found.refresher.last_on) == (DueState.IN_DATE, date(2026, 11, 2))
    assert found.level.state is LevelState.HELD


def test_the_newest_choice_and_the_newest_interval_stand(
    session: Session, database: Database, cast: Cast
) -> None:
    chosen(session, cast.amina_at, cast.marek, level_id="1")
    chosen(session, cast.amina_at, cast.marek)
    an_entry(session, cast.amina_at, day=date(2025, 10, 1), **PA3)
    an_override(session, cast.amina_at, cast.marek, months=36)
    an_override(session, cast.amina_at, cast.marek, months=12)
    commit(session)
    found = row_of(database, cast.amina_at).refresher
    assert (found.state, found.due_on) == (DueState.OVERDUE, date(2026, 10, 1))
    an_override(session, cast.amina_at, cast.marek, months=None)
    commit(session)
    assert row_of(database, cast.amina_at).refresher.due_on == date(2028, 10, 1)


def test_a_framework_that_is_not_at_hand_any_more_asks_for_nothing(
    session: Session, database: Database, cast: Cast
) -> None:
    chosen(session, cast.amina_at, cast.marek, framework_id="gone-2001")
    commit(session)
    found = row_of(database, cast.amina_at)
    assert (found.refresher_state, found.level.state) == (DueState.NO_RULE, LevelState.NOT_CHOSEN)


def test_an_induction_counts_if_it_covered_the_procedures(
    session: Session, database: Database, cast: Cast
) -> None:
    an_induction(session, cast.amina_at, cast.marek, day=date(2025, 10, 6), covered="signs conduct")
    asks(session, cast.employer, cast.priya)
    commit(session)
    assert row_of(database, cast.amina_at).induction.state is InductionState.OVERDUE
    start = cast.amina_at.start_on
    an_induction(
        session, cast.amina_at, cast.marek, day=start + timedelta(days=30), covered="procedures signs"
    )
    commit(session)
    assert row_of(database, cast.amina_at).induction.state is InductionState.DONE


def test_supervision_falls_due_as_the_employer_asks(session: Session, database: Database, cast: Cast) -> None:
    a_supervision(session, cast.amina_at, day=date(2026, 8, 1))
    commit(session)
    assert row_of(database, cast.amina_at).supervision.state is DueState.NO_RULE
    asks(session, cast.employer, cast.priya, supervision_months=6)
    asks(session, cast.employer, cast.priya, supervision_months=2)
    commit(session)
    found = row_of(database, cast.amina_at).supervision
    assert (found.state, found.due_on) == (DueState.OVERDUE, date(2026, 10, 1))


def test_the_page_names_the_rule_its_edition_and_the_employers_reason(
    browser: Open, session: Session, cast: Cast
) -> None:
    page = browser(cast.amina)
    empty = page.get(path(cast, "development")).text
    assert "Not known: no framework and level is chosen" in empty
    assert "No day: the employer has not said how often" in empty
    chosen(session, cast.amina_at, cast.marek)
    commit(session)
    shown = unescape(page.get(path(cast, "development")).text)
    rule = rule_for(shipped().get("pa3-2022"), "3", designated_lead=False)
    assert rule is not None
    assert rule.text in shown
    assert str(shipped().get("pa3-2022")) in shown
    an_override(session, cast.amina_at, cast.marek, months=48)
    commit(session)
    shown = page.get(path(cast, "development")).text
    assert "48 months, in place of the framework’s" in shown
    assert "Longer than the framework says" in shown
    assert "Our policy asks for it." in shown


def test_the_mentor_records_an_induction_once(browser: Open, database: Database, cast: Cast) -> None:
    page, data = browser(cast.marek), DAY | {"covered": ["signs", "procedures", "invented"]}
    for _ in range(2):
        assert page.post(path(cast, "development/induction"), data=data).status_code == 303
    (row,) = rows(database, Induction)
    assert (row.day, row.covered, row.role) == (date(2026, 11, 2), "procedures signs", "mentor")
    assert "2 November 2026" in browser(cast.amina).get(path(cast, "development")).text


@pytest.mark.parametrize(
    ("part", "data", "sentence"),
    [
        ("induction", DAY, "Tick what the induction covered."),
        ("induction", DAY | {"covered": "invented"}, "Tick what the induction covered."),
        ("induction", DAY | {"covered": "signs", "day_year": "2027"}, "is still to come"),
        ("refresher", SET | {"months": "0"}, "Give the interval in whole months, 1 to 120"),
        ("refresher", SET | {"months": "121"}, "Give the interval in whole months, 1 to 120"),
        ("refresher", SET | {"months": "a year"}, "Give the interval in whole months, 1 to 120"),
        ("refresher", SET | {"reason": ""}, "Say why"),
        ("refresher", SET | {"designated_lead": "perhaps"}, "Choose one of the answers on the page."),
        ("refresher", SET | {"reason": "Agreed on 07700 900123."}, "07700 900123"),
    ],
)
def test_a_mistake_records_nothing(
    browser: Open, database: Database, cast: Cast, part: str, data: dict[str, str], sentence: str
) -> None:
    answer = browser(cast.marek).post(path(cast, f"development/{part}"), data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert rows(database, Induction) == []
    assert rows(database, RefresherOverride) == []


def test_the_refresher_is_set_with_a_reason_and_every_setting_is_kept(
    browser: Open, database: Database, cast: Cast
) -> None:
    page = browser(cast.priya)
    for data in (SET, SET, SET | {"months": "", "designated_lead": "yes", "reason": "Now a lead."}):
        assert page.post(path(cast, "development/refresher"), data=data).status_code == 303
    first, second = rows(database, RefresherOverride)
    assert (first.months, first.designated_lead, first.role) == (12, False, "manager")
    assert (second.months, second.designated_lead) == (None, True)
    shown = browser(cast.amina).get(path(cast, "development")).text
    assert shown.index("Now a lead.") < shown.index("Our policy asks for it.")


def asks_path(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/employers/{cast.employer.id}/development"


def test_a_manager_sets_what_an_employer_asks_for(browser: Open, database: Database, cast: Cast) -> None:
    page = browser(cast.priya)
    for days, months in (("30", "2"), ("30", "2"), ("", "")):
        data = {"induction_days": days, "supervision_months": months}
        assert page.post(asks_path(cast), data=data).status_code == 303
    found = [(one.induction_days, one.supervision_months) for one in rows(database, EmployerAsks)]
    assert found == [(30, 2), (None, None)]
    for wrong in ({"induction_days": "366"}, {"supervision_months": "25"}, {"induction_days": "soon"}):
        answer = page.post(asks_path(cast), data=wrong)
        assert (answer.status_code, "or leave it out." in answer.text) == (422, True)
    for who, status in ((cast.marek, 403), (cast.amina, 403), (cast.ines, 403), (cast.noor, 404)):
        assert browser(who).get(asks_path(cast)).status_code == status
        assert browser(who).post(asks_path(cast), data={}).status_code == status
    other = f"/providers/{cast.provider.id}/employers/{cast.other_employer.id}/development"
    assert page.get(other).status_code == 404


@pytest.mark.parametrize(
    ("who", "due", "sets"),
    [
        ("amina", 200, 403),
        ("marek", 200, 200),
        ("priya", 200, 200),
        ("asha", 403, 403),
        ("ines", 403, 403),
        ("noor", 404, 404),
        ("olu", 404, 404),
    ],
)
def test_who_may_see_what_is_due_and_who_may_set_it(
    browser: Open, cast: Cast, who: str, due: int, sets: int
) -> None:
    page = browser(getattr(cast, who))
    assert page.get(path(cast, "development")).status_code == due
    for part in ("induction", "refresher"):
        assert page.get(path(cast, f"development/{part}")).status_code == sets
        posted = page.post(path(cast, f"development/{part}"), data={}).status_code
        assert posted == (422 if sets == 200 else sets)


@pytest.mark.parametrize("table", ["induction", "refresher_override", "employer_asks"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_database_keeps_what_was_set(
    session: Session, database: Database, cast: Cast, table: str, verb: str
) -> None:
    an_induction(session, cast.amina_at, cast.marek)
    an_override(session, cast.amina_at, cast.marek)
    asks(session, cast.employer, cast.priya)
    commit(session)
    statement = f"DELETE FROM {table}" if verb == "DELETE" else f"UPDATE {table} SET role = 'mentor'"  # noqa: S608
    with (
        pytest.raises(DBAPIError, match=r"append-only|permission denied"),
        plain(database) as connection,
    ):
        connection.execute(text(statement))
    assert (
        len(
            rows(
                database,
                next(one.class_ for one in Base.registry.mappers if one.class_.__tablename__ == table),
            )
        )
        == 1
    )


def test_everybody_is_read_in_the_same_number_of_queries_and_no_text_is(
    session: Session, database: Database, cast: Cast
) -> None:
    def count() -> list[str]:
        with database.reading() as fresh, queries(database) as made:
            standings(fresh, cast.provider.id, [], TODAY)
        return made.statements

    chosen(session, cast.amina_at, cast.marek)
    commit(session)
    few = count()
    for number in range(12):
        somebody = a_person(session, f"Bea Birch{number}", cast.provider, "apprentice")
        at = an_apprenticeship(session, somebody, cast.cohort, cast.employer)
        chosen(session, at, cast.marek)
        an_entry(session, at, **PA3)
        a_supervision(session, at)
        an_induction(session, at, cast.marek)
        an_override(session, at, cast.marek)
    asks(session, cast.employer, cast.priya)
    commit(session)
    many = count()
    assert len(many) == len(few) <= 9
    told = " ".join(many)
    for column in ("taken", "wellbeing", "what", "impact", "objective", "reason"):
        assert f".{column}" not in told, column


def test_another_providers_people_are_in_no_report(session: Session, database: Database, cast: Cast) -> None:
    chosen(session, cast.other_at, cast.otto)
    asks(session, cast.other_employer, cast.noor)
    commit(session)
    with database.reading() as fresh:
        found = standings(fresh, cast.provider.id, [], TODAY)
        assert [one.name for one in found] == ["Amina Archer"]
        assert standings(fresh, cast.provider.id, [Apprenticeship.id == cast.other_at.id], TODAY) == []
