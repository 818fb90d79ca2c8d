"""Employers and cohorts: the pages on which a manager sets them up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Cohort, Employer
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from tests.builders import Cast, a_cohort, an_employer, commit
from tests.client import Browser
from tests.counting import queries

Open = Callable[..., Browser]
ST = "ST1030 1.0"
XT = "XT0007 2.3"


def base(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}"


def pages(cast: Cast) -> list[str]:
    return [
        "/setup",
        "/employers",
        f"/employers/{cast.employer.id}",
        "/cohorts",
        "/cohorts/new",
        f"/cohorts/{cast.cohort.id}",
        f"/cohorts/{cast.cohort.id}/import",
        "/apprenticeships/new",
    ]


@pytest.mark.parametrize("htmx", [False, True])
def test_the_manager_opens_every_page(browser: Open, cast: Cast, htmx: bool) -> None:
    priya = browser(cast.priya, htmx=htmx)
    for path in pages(cast):
        assert priya.get(base(cast) + path).status_code == 200, path


def test_strangers_find_nothing_and_insiders_without_the_right_are_refused(browser: Open, cast: Cast) -> None:
    for path in pages(cast):
        for stranger in (cast.noor, cast.otto, cast.admin):
            assert browser(stranger).get(base(cast) + path).status_code == 404, path
        for insider in (cast.amina, cast.marek, cast.asha, cast.ines):
            assert browser(insider).get(base(cast) + path).status_code == 403, path


def test_what_belongs_to_another_provider_is_not_found_under_ones_own(browser: Open, cast: Cast) -> None:
    priya = browser(cast.priya)
    for path in (
        f"/employers/{cast.other_employer.id}",
        f"/cohorts/{cast.other_cohort.id}",
        f"/cohorts/{cast.other_cohort.id}/import",
    ):
        assert priya.get(base(cast) + path).status_code == 404
        assert priya.post(base(cast) + path, data={"name": "x", "text": "x"}).status_code == 404


def test_an_empty_provider_is_led_through_the_steps(browser: Open, cast: Cast, session: Session) -> None:
    answer = browser(cast.priya).get(base(cast) + "/setup")
    assert "1 employer<" in answer.text
    assert "1 cohort<" in answer.text
    assert f"{base(cast)}/people" in answer.text
    assert 'href="/cohorts"' in answer.text


@pytest.mark.parametrize("htmx", [False, True])
def test_an_employer_is_added_and_written_down(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    answer = browser(cast.priya, htmx=htmx).post(
        base(cast) + "/employers", data={"name": "  Eastgate   Nursery "}
    )
    assert answer.status_code == (204 if htmx else 303)
    with database.reading() as session:
        employer = session.scalars(select(Employer).where(Employer.name == "Eastgate Nursery")).one()
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "employer.added")).one()
        assert (employer.provider_id, event.record_id, event.by_id) == (
            cast.provider.id,
            employer.id,
            cast.priya.id,
        )


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("name", ["NORTHSIDE  school", "", "   ", "x" * 201])
def test_an_employer_that_cannot_be_stays_typed(
    browser: Open, cast: Cast, database: Database, name: str, htmx: bool
) -> None:
    answer = browser(cast.priya, htmx=htmx).post(base(cast) + "/employers", data={"name": name})
    assert answer.status_code == 422
    assert f'value="{name}"' in answer.text
    with database.reading() as session:
        assert session.scalar(select(func.count(Employer.id))) == 2


def test_two_providers_may_have_an_employer_of_one_name(browser: Open, cast: Cast) -> None:
    answer = browser(cast.priya).post(base(cast) + "/employers", data={"name": "Harbour Care"})
    assert answer.status_code == 303


def test_an_employer_is_renamed(browser: Open, cast: Cast, database: Database, session: Session) -> None:
    an_employer(session, cast.provider, "Eastgate Nursery")
    commit(session)
    priya = browser(cast.priya)
    path = f"{base(cast)}/employers/{cast.employer.id}"
    assert priya.post(path, data={"name": "Eastgate nursery"}).status_code == 422
    assert priya.post(path, data={"name": "Northside School"}).status_code == 303  # its own name
    assert priya.post(path, data={"name": "Northside Academy"}).status_code == 303
    with database.reading() as fresh:
        assert fresh.get_one(Employer, cast.employer.id).name == "Northside Academy"


@pytest.mark.parametrize("htmx", [False, True])
def test_a_cohort_is_added_with_its_standard_and_policy(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    data = {"name": "January 2027", "standard": XT, "english_maths_policy": "funding_rules"}
    answer = browser(cast.priya, htmx=htmx).post(base(cast) + "/cohorts", data=data)
    assert answer.status_code == (204 if htmx else 303)
    with database.reading() as session:
        cohort = session.scalars(select(Cohort).where(Cohort.name == "January 2027")).one()
        assert (cohort.standard_reference, cohort.standard_version) == ("XT0007", "2.3")
        assert cohort.english_maths_policy == "funding_rules"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"name": "october 2025"}, "already a cohort"),
        ({"name": ""}, "Enter something here"),
        ({"standard": "ST1030 9.9"}, "one of the standards"),
        ({"standard": ""}, "Enter something here"),
        ({"english_maths_policy": "none"}, "one of the answers"),
        ({"english_maths_policy": ""}, "one of the answers"),
    ],
)
def test_a_cohort_that_cannot_be_stays_typed(
    browser: Open, cast: Cast, change: dict[str, str], part: str
) -> None:
    data = {"name": "January 2027", "standard": ST, "english_maths_policy": "standard_sentence"} | change
    answer = browser(cast.priya).post(base(cast) + "/cohorts", data=data)
    assert answer.status_code == 422
    assert part in answer.text
    assert f'value="{data["name"]}"' in answer.text


def test_the_form_explains_both_policies_and_takes_the_usual_one(browser: Open, cast: Cast) -> None:
    text = browser(cast.priya).get(base(cast) + "/cohorts/new").text
    assert 'value="standard_sentence" checked' in text
    assert "education, health and care plan" in text
    assert "age on the first day" in text


def test_the_standard_of_a_cohort_with_apprentices_stays(
    browser: Open, cast: Cast, database: Database
) -> None:
    priya = browser(cast.priya)
    path = f"{base(cast)}/cohorts/{cast.cohort.id}"
    assert "its standard stays" in priya.get(path).text
    data = {"name": "October 2025", "standard": XT, "english_maths_policy": "standard_sentence"}
    answer = priya.post(path, data=data)
    assert answer.status_code == 422
    assert "Add another cohort" in answer.text
    assert (
        priya.post(path, data=data | {"standard": ST, "english_maths_policy": "funding_rules"}).status_code
        == 303
    )
    with database.reading() as session:
        cohort = session.get_one(Cohort, cast.cohort.id)
        assert (cohort.standard_reference, cohort.english_maths_policy) == ("ST1030", "funding_rules")
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "cohort.changed")).one()
        assert event.detail["changed"] == ["policy"]


def test_the_standard_of_an_empty_cohort_can_be_corrected(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    cohort = a_cohort(session, cast.provider, "Empty")
    commit(session)
    data = {"name": "Empty", "standard": XT, "english_maths_policy": "standard_sentence"}
    assert browser(cast.priya).post(f"{base(cast)}/cohorts/{cohort.id}", data=data).status_code == 303
    with database.reading() as fresh:
        assert fresh.get_one(Cohort, cohort.id).standard_reference == "XT0007"


def test_lists_send_as_many_queries_for_many_rows_as_for_one(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    priya = browser(cast.priya)
    paths = [base(cast) + path for path in ("/employers", "/cohorts", "/setup")]
    few, many = [], []
    for path in paths:
        with queries(database) as count:
            priya.get(path)
        few.append(count.number)
    for index in range(40):
        an_employer(session, cast.provider, f"Employer {index}")
        a_cohort(session, cast.provider, f"Cohort {index}")
    commit(session)
    for path in paths:
        with queries(database) as count:
            assert priya.get(path).status_code == 200
        many.append(count.number)
    assert many == few
    first = priya.get(paths[0]).text
    assert "Next page" in first
    assert "Employer 9" not in first
    assert "Employer 9" in priya.get(paths[0] + "?page=2").text
    assert "Employer 33" in priya.get(paths[0] + "?q=employer+33").text
