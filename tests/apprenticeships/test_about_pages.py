"""The About page of an apprenticeship, and the correction of its dates, place and numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, Assignment, Progress
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from tests.apprenticeships.steps import a_break, a_locked_portfolio, boxes, edit_form, many_more
from tests.builders import (
    NOW,
    Cast,
    a_cohort,
    a_person,
    an_apprenticeship,
    an_assignment,
    an_employer,
    commit,
)
from tests.client import Browser
from tests.counting import queries

Open = Callable[..., Browser]


def about(cast: Cast) -> str:
    return f"/apprenticeships/{cast.amina_at.id}/about"


def edit(cast: Cast) -> str:
    return f"/apprenticeships/{cast.amina_at.id}/edit"


def with_numbers(session: Session, cast: Cast) -> None:
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    at.uln, at.provider_reference = "9100000007", "L-0007"
    a_break(session, at, date(2026, 3, 2), ended_on=date(2026, 4, 1), reason="Looking after a parent")
    commit(session)


def test_everybody_around_sees_who_where_and_when(browser: Open, cast: Cast) -> None:
    for person in (cast.amina, cast.marek, cast.asha, cast.ines, cast.priya):
        text = browser(person).get(about(cast)).text
        for part in (
            "Northside School", "October 2025", "ST1030 version 1.0", "6 October 2025", "6 April 2027",
            "Marek Mason", "Workplace mentor since 2 November 2026", "Asha Abbott", "Ines Irwin", "On programme",
        ):  # fmt: skip
            assert part in text, (person.name, part)


@pytest.mark.parametrize("name", ["amina", "priya"])
def test_the_person_and_managers_see_numbers_and_reasons(
    browser: Open, cast: Cast, session: Session, name: str
) -> None:
    with_numbers(session, cast)
    text = browser(getattr(cast, name)).get(about(cast)).text
    for part in ("9100000007", "L-0007", "1 May 2000, 25 on the first day", "Looking after a parent"):
        assert part in text


@pytest.mark.parametrize("name", ["marek", "asha", "ines"])
def test_nobody_else_sees_them(browser: Open, cast: Cast, session: Session, name: str) -> None:
    with_numbers(session, cast)
    text = browser(getattr(cast, name)).get(about(cast)).text
    for part in ("9100000007", "L-0007", "1 May 2000", "Looking after a parent"):
        assert part not in text
    assert "back on 1 April 2026" in text  # the dates of a break are no secret


def test_strangers_find_nothing(browser: Open, cast: Cast) -> None:
    for stranger in (cast.noor, cast.otto, cast.olu, cast.admin):
        assert browser(stranger).get(about(cast)).status_code == 404


def test_only_managers_are_offered_what_managers_do(browser: Open, cast: Cast) -> None:
    for person in (cast.amina, cast.marek, cast.asha, cast.ines):
        text = browser(person).get(about(cast)).text
        assert "/edit" not in text
        assert "/breaks" not in text
    text = browser(cast.priya).get(about(cast)).text
    for part in ("/edit", "/people", "/breaks/new", "/withdrawal", "/history"):
        assert part in text


def test_breaks_move_the_planned_gateway(browser: Open, cast: Cast, session: Session) -> None:
    with_numbers(session, cast)
    text = browser(cast.amina).get(about(cast)).text
    assert "6 May 2027" in text  # 6 April and 30 days
    assert "6 April 2027 as first agreed, moved by 30 days of break" in text


def test_people_of_earlier_stay_named(browser: Open, cast: Cast, session: Session) -> None:
    row = session.scalars(select(Assignment).where(Assignment.person_id == cast.marek.id)).one()
    row.until_at, row.ended_by_id = NOW, cast.priya.id
    commit(session)
    text = browser(cast.amina).get(about(cast)).text
    assert "Earlier: 1 person" in text
    assert "workplace mentor from 2 November 2026 to 2 November 2026" in text


def test_a_locked_portfolio_says_so_and_offers_no_break(browser: Open, cast: Cast, session: Session) -> None:
    a_locked_portfolio(session, cast)
    text = browser(cast.priya).get(about(cast)).text
    assert "is locked at the gateway" in text
    assert "/breaks/new" not in text
    assert "/people" in text  # people still change


def test_the_words_of_the_page_come_from_the_standard(browser: Open, cast: Cast, session: Session) -> None:
    cohort = a_cohort(session, cast.provider, "Other", standard_reference="XT0007", standard_version="2.3")
    bea = a_person(session, "Bea Birch", cast.provider, "apprentice")
    at = an_apprenticeship(session, bea, cohort, cast.employer)
    commit(session)
    text = browser(bea).get(f"/apprenticeships/{at.id}/about").text
    assert "XT0007 version 2.3" in text
    assert "ST1030" not in text


@pytest.mark.parametrize("htmx", [False, True])
def test_the_manager_corrects_dates_place_and_numbers(
    browser: Open, cast: Cast, session: Session, database: Database, htmx: bool
) -> None:
    employer = an_employer(session, cast.provider, "Eastgate Nursery")
    cohort = a_cohort(session, cast.provider, "January 2026", english_maths_policy="funding_rules")
    commit(session)
    priya = browser(cast.priya, htmx=htmx)
    assert priya.get(edit(cast)).status_code == 200
    data = edit_form(
        cast.amina_at,
        employer_id=employer.id,
        cohort_id=cohort.id,
        uln="9100 000 007",
        provider_reference="L-7",
    ) | boxes(
        start_on=date(2025, 10, 13), planned_gateway_on=date(2027, 4, 13), date_of_birth=date(2001, 1, 1)
    )
    answer = priya.post(edit(cast), data=data)
    assert answer.status_code == (204 if htmx else 303)
    with database.reading() as fresh:
        at = fresh.get_one(Apprenticeship, cast.amina_at.id)
        assert (at.start_on, at.planned_gateway_on) == (date(2025, 10, 13), date(2027, 4, 13))
        assert (at.uln, at.provider_reference, at.date_of_birth) == ("9100000007", "L-7", date(2001, 1, 1))
        assert (at.employer_id, at.cohort_id) == (employer.id, cohort.id)
        progress = fresh.scalars(select(Progress).where(Progress.apprenticeship_id == at.id)).one()
        assert (progress.start_day, progress.employer_id) == (date(2025, 10, 13).toordinal(), employer.id)
        event = fresh.scalars(select(AuditEvent).where(AuditEvent.action == "apprenticeship.changed")).one()
        assert set(event.detail["changed"]) == {
            "start_on", "planned_gateway_on", "date_of_birth", "uln", "provider_reference", "cohort_id", "employer_id",
        }  # fmt: skip
        assert "9100000007" not in str(event.detail)


def test_saving_without_a_change_writes_nothing_down(browser: Open, cast: Cast, database: Database) -> None:
    assert browser(cast.priya).post(edit(cast), data=edit_form(cast.amina_at)).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(AuditEvent).where(AuditEvent.record == "apprenticeship")).all() == []


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (boxes(planned_gateway_on=date(2025, 1, 1)), "must come after the start"),
        (boxes(start_on=None), "Enter a date"),
        ({"uln": "12"}, "A ULN has 10 digits"),
        ({"provider_reference": "R" * 41}, "at most 40 characters"),
        ({"cohort_id": ""}, "Choose one from the list"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_mistake_on_the_edit_page_keeps_what_was_typed(
    browser: Open, cast: Cast, change: dict[str, str], part: str, htmx: bool
) -> None:
    data = edit_form(cast.amina_at, **{"provider_reference": "L-0042"} | change)
    answer = browser(cast.priya, htmx=htmx).post(edit(cast), data=data)
    assert answer.status_code == 422
    assert part in answer.text
    assert f'value="{data["provider_reference"]}"' in answer.text


def test_an_apprenticeship_stays_on_its_standard_and_in_its_provider(
    browser: Open, cast: Cast, session: Session
) -> None:
    cohort = a_cohort(session, cast.provider, "Other", standard_reference="XT0007", standard_version="2.3")
    commit(session)
    priya = browser(cast.priya)
    assert str(cohort.id) not in priya.get(edit(cast)).text
    for change in (
        {"cohort_id": cohort.id},
        {"cohort_id": cast.other_cohort.id},
        {"employer_id": cast.other_employer.id},
    ):
        assert priya.post(edit(cast), data=edit_form(cast.amina_at, **change)).status_code == 422


def test_a_start_does_not_move_past_a_break(browser: Open, cast: Cast, session: Session) -> None:
    a_break(session, cast.amina_at, date(2026, 3, 2), ended_on=date(2026, 4, 1))
    commit(session)
    data = edit_form(cast.amina_at) | boxes(start_on=date(2026, 3, 3))
    answer = browser(cast.priya).post(edit(cast), data=data)
    assert answer.status_code == 422
    assert "2 March 2026" in answer.text


def test_after_the_lock_only_numbers_can_be_corrected(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    employer = an_employer(session, cast.provider, "Eastgate Nursery")
    a_locked_portfolio(session, cast)
    priya = browser(cast.priya)
    assert "Only the ULN and your own reference" in priya.get(edit(cast)).text
    for change in (
        boxes(start_on=date(2025, 10, 7)),
        boxes(planned_gateway_on=date(2027, 5, 6)),
        boxes(date_of_birth=date(2001, 1, 1)),
        {"employer_id": str(employer.id)},
    ):
        answer = priya.post(edit(cast), data=edit_form(cast.amina_at) | change)
        assert answer.status_code == 422
        assert "locked at the gateway" in answer.text
    assert priya.post(edit(cast), data=edit_form(cast.amina_at, uln="9100000007")).status_code == 303
    with database.reading() as fresh:
        at = fresh.get_one(Apprenticeship, cast.amina_at.id)
        assert (at.uln, at.start_on, at.employer_id) == ("9100000007", date(2025, 10, 6), cast.employer.id)


def test_the_page_sends_as_many_queries_with_much_around_as_with_little(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    priya = browser(cast.priya)
    priya.get(about(cast))
    with queries(database) as few:
        priya.get(about(cast))
    for index in range(15):
        mentor = a_person(session, f"Mentor {index}", cast.provider, "mentor")
        an_assignment(session, cast.amina_at, mentor, "mentor")
        a_break(session, cast.amina_at, date(2026, 1, 1 + index), ended_on=date(2026, 1, 2 + index))
    commit(session)
    with queries(database) as many:
        assert "Mentor 14" in priya.get(about(cast)).text
    assert many.number == few.number


def test_the_list_pages_and_finds_names_with_a_constant_number_of_queries(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    priya = browser(cast.priya)
    priya.get("/apprenticeships")
    with queries(database) as few:
        priya.get("/apprenticeships")
    many_more(session, cast, 30)
    with queries(database) as many:
        text = priya.get("/apprenticeships").text
    assert many.number == few.number
    assert "Next page" in text
    assert text.index("Amina Archer") < text.index("Extra000 Person000")  # by family name
    found = priya.get("/apprenticeships?q=person+EXTRA017").text
    assert "Extra017" in found
    assert "Extra018" not in found
    assert "Nobody around you" in priya.get("/apprenticeships?q=100%25").text
