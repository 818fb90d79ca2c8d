"""The framework and level as mentor or manager choose them, with the placement helper beside."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.months import add_months
from portfolio.apprenticeships.models import Progress
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.findings.models import KeptFinding
from portfolio.frameworks.queries import choice_of, choices_of
from tests.assessment.steps import locked
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.frameworks.steps import (
    LATER,
    MK,
    PA3,
    WHY,
    a_choice,
    a_rating,
    choices,
    chosen,
    competencies_path,
)
from tests.postgres import plain
from tests.training.steps import an_answer, an_entry

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.mark.parametrize("htmx", [False, True])
def test_the_mentor_chooses_for_the_employer_with_a_reason(
    browser: Open, database: Database, cast: Cast, htmx: bool
) -> None:
    page = browser(cast.marek, htmx=htmx)
    assert "Choose framework and level" in browser(cast.marek).get(competencies_path(cast)).text
    answer = page.post(competencies_path(cast, "/choose"), data=chosen())
    assert answer.status_code == (204 if htmx else 303), answer.text
    (row,) = choices(database)
    assert (row.framework_id, row.level_id, row.strand, row.reason) == (MK, "2", "both", WHY)
    assert (row.chosen_by_id, row.role) == (cast.marek.id, "mentor")
    shown = browser(cast.amina).get(competencies_path(cast)).text
    assert "edition 2020 (England), dated 2020. Not current law." in shown
    assert "Shown as it was published then." in shown
    assert WHY in shown
    assert f"{cast.marek.name}, workplace mentor" in shown
    with database.reading() as fresh:
        action = AuditEvent.action == "frameworks.chosen"
        assert len(fresh.scalars(select(AuditEvent).where(action)).all()) == 1


def test_a_manager_chooses_too_and_sees_no_rating(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    a_choice(session, cast.amina_at, cast.marek)
    a_rating(session, cast.amina_at, cast.amina, "own", "not yet", note="I am unsure whom to call.")
    commit(session)
    page = browser(cast.priya)
    about = page.get(f"/apprenticeships/{cast.amina_at.id}/about").text
    assert competencies_path(cast, "/choose") in about
    shown = page.get(competencies_path(cast, "/choose")).text
    assert "unsure whom" not in shown
    assert "Not yet" not in shown
    answer = page.post(competencies_path(cast, "/choose"), data=chosen(level=f"{PA3}:3", strand="child"))
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/competencies/choose#before")
    assert [one.role for one in choices(database)] == ["mentor", "manager"]


def test_who_may_choose_and_who_may_see(browser: Open, session: Session, cast: Cast) -> None:
    a_choice(session, cast.amina_at, cast.marek)
    commit(session)
    pages = ("", "/one?id=1-child-1", "/rate", "/history", "/link?id=1-child-1", "/choose")
    seen = {
        person.name: [browser(person).get(competencies_path(cast, one)).status_code for one in pages]
        for person in (cast.amina, cast.marek, cast.asha, cast.ines, cast.priya, cast.noor, cast.olu)
    }
    assert seen == {
        cast.amina.name: [200, 200, 200, 200, 200, 403],
        cast.marek.name: [200, 200, 200, 200, 200, 200],
        cast.asha.name: [403] * 6,
        cast.ines.name: [403] * 6,
        cast.priya.name: [403, 403, 403, 403, 403, 200],
        cast.noor.name: [404] * 6,
        cast.olu.name: [404] * 6,
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": " "}, "Say why this framework and this level."),
        ({"level": ""}, "Choose a framework and a level."),
        ({"level": f"{MK}:9"}, "Choose a framework and a level from the list."),
        ({"strand": ""}, "Say whether the role is about children, adults or both."),
        ({"level": f"{PA3}:3", "strand": "adult"}, "lists nothing for adults"),
    ],
    ids=["no reason", "no level", "no such level", "no strand", "no such strand"],
)
def test_a_mistake_is_said_and_nothing_typed_is_lost(
    browser: Open, database: Database, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    fields = chosen() | change
    answer = browser(cast.marek).post(competencies_path(cast, "/choose?contact=main"), data=fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    if fields["reason"].strip():
        assert WHY in answer.text
    assert '<option value="main" selected>' in answer.text, "the answers of the helper stay too"
    assert choices(database) == []


def test_a_reason_that_names_somebody_is_asked_about_once(
    browser: Open, database: Database, cast: Cast
) -> None:
    reason = f"{cast.amina.name} works at 12 Acacia Avenue and takes calls."
    answer = browser(cast.marek).post(competencies_path(cast, "/choose"), data=chosen(reason=reason))
    assert answer.status_code == 422
    assert "12 Acacia Avenue" in answer.text
    assert choices(database) == []
    with database.reading() as fresh:
        assert fresh.scalars(select(KeptFinding)).all() == []


def test_the_newest_stands_the_older_are_kept_and_nothing_is_written_twice(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    page = browser(cast.marek)
    address = competencies_path(cast, "/choose")
    assert page.post(address, data=chosen()).status_code == 303
    assert page.post(address, data=chosen(form_key="d" * 32)).status_code == 303, "it stands already"
    assert len(choices(database)) == 1
    other = chosen(level=f"{MK}:3", reason="Plans with others now.", form_key="e" * 32)
    assert page.post(address, data=other).status_code == 303
    again = page.post(address, data=other | {"reason": "Something else."})
    assert again.status_code == 422
    assert "This page was sent before" in again.text
    assert [one.level_id for one in choices(database)] == ["2", "3"]
    shown = page.get(competencies_path(cast, "/history")).text
    assert shown.index("Plans with others now.") < shown.index(WHY)
    with database.reading() as fresh:
        found = choice_of(fresh, cast.amina_at.id)
        assert found is not None
        assert found.level_id == "3"


def test_choices_of_many_are_read_in_one_query(session: Session, database: Database, cast: Cast) -> None:
    first = a_choice(session, cast.amina_at, cast.marek)
    newest = a_choice(session, cast.amina_at, cast.marek, level_id="3")
    foreign = a_choice(session, cast.other_at, cast.noor, role="manager")
    commit(session)
    ids = [cast.amina_at.id, cast.other_at.id]
    with database.reading() as fresh, queries(database) as count:
        found = choices_of(fresh, ids)
    assert {key: one.id for key, one in found.items()} == {
        cast.amina_at.id: newest.id,
        cast.other_at.id: foreign.id,
    }
    walls = 0 if database.is_sqlite else 1  # PostgreSQL is told whose rows the session may see
    assert count.number == 1 + walls
    assert first.id not in {one.id for one in found.values()}


def test_the_helper_says_the_level_its_rule_and_what_has_to_be_held(browser: Open, cast: Cast) -> None:
    page = browser(cast.marek)
    empty = page.get(competencies_path(cast, "/choose")).text
    assert "Answer the questions above" in empty
    shown = page.get(
        competencies_path(
            cast, f"/choose?framework={MK}&contact=main&sector=education&assesses=yes&manages=yes"
        )
    ).text
    assert "To be held before Level 4: Level 2 and Level 3." in shown
    assert "Training at levels 2 and 3 is completed before level 4." in shown
    assert "Also fits: " in shown
    assert "A role between two takes the higher one." in shown
    assert "Our view, not the source’s:" in shown
    assert f'<option value="{MK}:4" selected>' in shown
    wales = page.get(competencies_path(cast, "/choose?framework=wales-2023&contact=main&final_say=yes")).text
    assert "To be held before " in wales
    assert "six months" in wales


def needed(shown: str) -> dict[str, str]:
    """What the helper says of each level that has to be held before, by its title."""
    part = shown.split("To be held before ")[1].split("</ul>")[0].split("<ul")[1]
    lines = [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in part.split("<li>")[1:]]
    return dict(re.split(r" (?=Held|Still)", one, maxsplit=1) for one in lines)


LEVEL_4 = f"/choose?framework={MK}&contact=main&sector=education&assesses=yes&manages=yes"
GROUP_C = "/choose?framework=wales-2023&contact=regular&assesses=yes"


def test_the_helper_says_which_level_is_held_since_when_and_which_is_needed(
    browser: Open, session: Session, cast: Cast
) -> None:
    """A level is held from the first entry of the training log that names it, unless it stands returned."""
    level_2 = {"framework_id": MK, "level_id": "2"}
    an_entry(session, cast.amina_at, day=date(2026, 10, 5), **level_2)
    an_entry(session, cast.amina_at, day=date(2026, 10, 12), **level_2)
    early = an_entry(session, cast.amina_at, day=date(2026, 9, 7), **level_2)
    an_answer(session, early, cast.marek, "returned", "Which course was it?")
    an_entry(session, cast.amina_at, framework_id=PA3, level_id="3")
    an_entry(session, cast.other_at, framework_id=MK, level_id="3")
    commit(session)
    for person in (cast.marek, cast.priya):
        shown = browser(person).get(competencies_path(cast, LEVEL_4)).text
        assert needed(shown) == {"Level 2": "Held since 5 October 2026", "Level 3": "Still needed"}
        assert "Training at levels 2 and 3 is completed before level 4." in shown
        assert "Ask about what was learnt before" in shown
    an_entry(session, cast.amina_at, framework_id=MK, level_id="3", day=date(2026, 11, 2))
    commit(session)
    shown = browser(cast.marek).get(competencies_path(cast, LEVEL_4)).text
    assert needed(shown)["Level 3"] == "Held since 2 November 2026"
    assert "Ask about what was learnt before" not in shown


def test_a_source_that_gives_months_says_the_day_by_which_a_level_is_needed(
    browser: Open, session: Session, cast: Cast
) -> None:
    an_entry(session, cast.amina_at, framework_id="wales-2023", level_id="A", day=date(2025, 11, 5))
    commit(session)
    page = browser(cast.marek)
    by = add_months(cast.amina_at.start_on, 6)
    words = f"{by.day} {by:%B %Y}"
    with time_machine.travel(datetime(by.year, by.month, by.day, 12, tzinfo=UTC), tick=True):
        found = needed(page.get(competencies_path(cast, GROUP_C)).text)
    assert found == {"Group A": "Held since 5 November 2025", "Group B": f"Still needed by {words}"}
    with time_machine.travel(datetime(by.year, by.month, by.day, 12, tzinfo=UTC) + timedelta(1), tick=True):
        found = needed(page.get(competencies_path(cast, GROUP_C)).text)
    assert found["Group B"] == f"Still needed was due by {words}"


def test_a_longer_log_costs_the_helper_no_more_queries(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    page, counts = browser(cast.marek), []
    for number in (1, 12):
        for day in range(number):
            an_entry(session, cast.amina_at, day=date(2026, 10, 1 + day), framework_id=MK, level_id=str(day))
        commit(session)
        page.get(competencies_path(cast, LEVEL_4))
        with queries(database) as count:
            page.get(competencies_path(cast, LEVEL_4))
        counts.append(count.number)
    assert counts[0] == counts[1]


def test_an_open_question_is_never_taken_for_no(browser: Open, cast: Cast) -> None:
    shown = browser(cast.marek).get(competencies_path(cast, f"/choose?framework={MK}&contact=none")).text
    assert "Open, and could raise it:" in shown
    assert "Is this the designated safeguarding lead or a deputy?" in shown


def test_answers_that_are_none_of_the_page_are_passed_over(browser: Open, cast: Cast) -> None:
    answer = browser(cast.marek).get(
        competencies_path(cast, "/choose?framework=none&contact=perhaps&assesses=maybe")
    )
    assert answer.status_code == 200


def test_a_locked_portfolio_stops_no_choice_and_the_end_of_an_apprenticeship_does(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    page, address = browser(cast.marek), competencies_path(cast, "/choose")
    assert page.post(address, data=chosen()).status_code == 303
    progress = session.scalars(select(Progress).where(Progress.apprenticeship_id == cast.amina_at.id)).one()
    progress.stage = "withdrawn"
    commit(session)
    refused = page.post(address, data=chosen(level=f"{MK}:3", form_key="x" * 32))
    assert refused.status_code == 422
    assert "This apprenticeship has ended" in refused.text
    assert len(choices(database)) == 1


def test_a_framework_that_is_not_at_hand_any_more_is_said_by_name(
    browser: Open, session: Session, cast: Cast
) -> None:
    a_choice(session, cast.amina_at, cast.marek, framework_id="gone--1")
    a_rating(session, cast.amina_at, cast.amina, "own", "competent", framework_id="gone--1")
    commit(session)
    page = browser(cast.amina)
    assert "gone--1 with level 2 is not at hand any more" in page.get(competencies_path(cast)).text
    assert page.get(competencies_path(cast, "/one?id=1-child-1")).status_code == 404
    assert "gone--1" in page.get(competencies_path(cast, "/history")).text
    assert browser(cast.marek).get(competencies_path(cast, "/choose")).status_code == 200


@pytest.mark.parametrize("table", ["framework_choice", "competency_rating"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_database_keeps_choices_and_ratings_as_they_are(
    session: Session, database: Database, owner: Database | None, cast: Cast, table: str, verb: str
) -> None:
    a_choice(session, cast.amina_at, cast.marek)
    a_rating(session, cast.amina_at, cast.amina, "own", "competent")
    commit(session)
    column = "reason" if table == "framework_choice" else "note"
    says = f"UPDATE {table} SET {column} = 'x'" if verb == "UPDATE" else f"DELETE FROM {table}"  # noqa: S608
    with plain(owner or database) as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(says))
