"""Adding one apprentice, with whom it brings in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, Assignment, Progress
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.people.models import Member, Person
from portfolio.settings import Settings
from tests.apprenticeships.steps import boxes, new_form, the_apprenticeship_of
from tests.builders import Cast, a_cohort, a_person, commit
from tests.client import Browser

Open = Callable[..., Browser]
BEA = "bea.birch@example.org"


def path(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/apprenticeships/new"


@pytest.mark.parametrize("htmx", [False, True])
def test_somebody_new_is_invited_and_set_up_in_one_go(
    browser: Open, cast: Cast, database: Database, settings: Settings, htmx: bool
) -> None:
    data = new_form(
        cast, mentor_email="Mo.Marsh@example.org", mentor_name="Mo Marsh", assessor_id=cast.asha.id
    )
    answer = browser(cast.priya, htmx=htmx).post(path(cast), data=data)
    assert answer.status_code == 200
    assert answer.text.count("/set-password/") == 2  # a link each for Bea and Mo
    made = the_apprenticeship_of(database, BEA)
    assert (made.start_on, made.planned_gateway_on) == (date(2026, 10, 5), date(2028, 4, 5))
    assert (made.uln, made.standard_reference, made.standard_version) == ("9100000001", "ST1030", "1.0")
    with database.reading() as session:
        around = session.execute(
            select(Assignment.role, Person.email)
            .join(Person, Person.id == Assignment.person_id)
            .where(Assignment.apprenticeship_id == made.id)
            .order_by(Assignment.role)
        ).all()
        assert [tuple(row) for row in around] == [
            ("assessor", "asha.abbott@example.org"),
            ("mentor", "mo.marsh@example.org"),
        ]
        progress = session.scalars(select(Progress).where(Progress.apprenticeship_id == made.id)).one()
        assert progress.stage == "active"
        actions = set(session.scalars(select(AuditEvent.action)))
        assert {"apprenticeship.created", "assignment.began", "person.invited"} <= actions
    assert settings.mail_folder is not None
    assert len(list(Path(settings.mail_folder).glob("*.eml"))) == 2


@pytest.mark.parametrize("htmx", [False, True])
def test_somebody_invited_before_is_chosen_from_the_list(
    browser: Open, cast: Cast, session: Session, database: Database, htmx: bool
) -> None:
    bea = a_person(session, "Bea Birch", cast.provider, "apprentice")
    commit(session)
    page = browser(cast.priya, htmx=htmx)
    shown = page.get(path(cast)).text
    assert str(bea.id) in shown
    assert str(cast.amina.id) not in shown  # she has an apprenticeship
    data = new_form(cast, apprentice_id=bea.id, apprentice_email="", apprentice_name="")
    answer = page.post(path(cast), data=data)
    made = the_apprenticeship_of(database, BEA)
    target = f"/apprenticeships/{made.id}/about"
    assert (answer.headers.get("HX-Redirect") or answer.headers.get("location")) == target
    assert made.apprentice_id == bea.id


def test_an_address_that_has_an_account_makes_no_second_one(
    browser: Open, cast: Cast, database: Database
) -> None:
    data = new_form(cast, apprentice_email="AMINA.ARCHER@example.org", apprentice_name="")
    answer = browser(cast.priya).post(path(cast), data=data)
    assert answer.status_code == 303  # a second apprenticeship, with another start, for the same person
    with database.reading() as session:
        assert (
            session.scalar(select(func.count(Person.id)).where(Person.email == "amina.archer@example.org"))
            == 1
        )
        assert (
            len(
                session.scalars(
                    select(Apprenticeship).where(Apprenticeship.apprentice_id == cast.amina.id)
                ).all()
            )
            == 2
        )


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"apprentice_email": ""}, "or enter the e-mail address of somebody else"),
        ({"apprentice_email": "not an address"}, "Enter an e-mail address"),
        ({"apprentice_name": ""}, "Enter their name too"),
        ({"mentor_email": "mo.marsh@example.org"}, "Enter their name too"),
        ({"mentor_email": BEA, "mentor_name": "Bea Birch"}, "of their own apprenticeship"),
        ({"cohort_id": ""}, "Choose one from the list"),
        ({"employer_id": "nonsense"}, "Choose one from the list"),
        ({"uln": "123"}, "A ULN has 10 digits"),
        (boxes(planned_gateway_on=date(2026, 10, 5)), "must come after the start"),
        (boxes(start_on=date(2024, 1, 1)), "open for starts from 16 October 2024"),
        (boxes(start_on=None), "Enter a date"),
        ({"start_on_month": "13"}, "Enter a real date"),
        (boxes(date_of_birth=date(2020, 1, 1)), "Check the date of birth"),
        ({"assessor_id": "0199a5a0-0000-7000-8000-000000000000"}, "Choose one from the list"),
        ({"apprentice_name": "B" * 201}, "at most 200 characters"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_mistake_keeps_what_was_typed_and_writes_nothing(
    browser: Open, cast: Cast, database: Database, change: dict[str, str], part: str, htmx: bool
) -> None:
    data = new_form(cast, provider_reference="L-0042") | change
    answer = browser(cast.priya, htmx=htmx).post(path(cast), data=data)
    assert answer.status_code == 422
    assert part in answer.text
    assert 'value="L-0042"' in answer.text
    with database.reading() as session:
        assert session.scalar(select(func.count(Apprenticeship.id))) == 2
        assert session.scalar(select(Person.id).where(Person.email == BEA)) is None


def test_the_same_person_standard_and_start_are_refused(browser: Open, cast: Cast) -> None:
    data = new_form(cast, apprentice_email="amina.archer@example.org") | boxes(start_on=date(2025, 10, 6))
    answer = browser(cast.priya).post(path(cast), data=data)
    assert answer.status_code == 422
    assert "Amina Archer is already on this standard with a start on 6 October 2025" in answer.text


def test_numbers_of_somebody_else_are_refused_and_say_whose(
    browser: Open, cast: Cast, session: Session
) -> None:
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    at.uln, at.provider_reference = "9100000001", "L-1"
    commit(session)
    answer = browser(cast.priya).post(path(cast), data=new_form(cast, provider_reference="L-1"))
    assert answer.status_code == 422
    assert answer.text.count("is recorded for Amina Archer") >= 2


def test_a_number_recorded_by_another_provider_says_nothing_here(
    browser: Open, cast: Cast, session: Session
) -> None:
    session.get_one(Apprenticeship, cast.other_at.id).uln = "9100000001"
    commit(session)
    assert browser(cast.priya).post(path(cast), data=new_form(cast)).status_code == 200


def test_ids_of_another_provider_are_not_taken_from_a_form(
    browser: Open, cast: Cast, database: Database
) -> None:
    priya = browser(cast.priya)
    for change in (
        {"employer_id": cast.other_employer.id},
        {"cohort_id": cast.other_cohort.id},
        {"assessor_id": cast.otto.id},
        {"assessor_id": cast.marek.id},  # ours, but no assessor
        {"apprentice_id": cast.olu.id, "apprentice_email": "", "apprentice_name": ""},
        {"apprentice_id": cast.asha.id, "apprentice_email": "", "apprentice_name": ""},
    ):
        answer = priya.post(path(cast), data=new_form(cast, **change))
        assert answer.status_code == 422, change
        assert "Choose one from the list" in answer.text
    with database.reading() as session:
        assert session.scalar(select(func.count(Apprenticeship.id))) == 2


def test_a_refused_apprenticeship_invites_nobody(browser: Open, cast: Cast, database: Database) -> None:
    data = new_form(cast, mentor_email="mo@example.org", mentor_name="Mo") | boxes(start_on=date(2024, 1, 1))
    assert browser(cast.priya).post(path(cast), data=data).status_code == 422
    with database.reading() as session:
        assert (
            session.scalar(select(func.count(Person.id)).where(Person.email.in_([BEA, "mo@example.org"])))
            == 0
        )
        assert (
            session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.action == "person.invited"))
            == 0
        )


def test_a_manager_who_is_to_be_mentor_asks_another_manager(browser: Open, cast: Cast) -> None:
    answer = browser(cast.priya).post(
        path(cast), data=new_form(cast, mentor_email="priya.parker@example.org")
    )
    assert answer.status_code == 422
    assert "Nobody gives or ends their own roles" in answer.text


def test_sending_the_form_twice_makes_one(browser: Open, cast: Cast, database: Database) -> None:
    priya = browser(cast.priya)
    assert priya.post(path(cast), data=new_form(cast)).status_code == 200
    again = priya.post(path(cast), data=new_form(cast))
    assert again.status_code == 422
    assert "already on this standard" in again.text


def test_the_cohort_of_the_link_is_chosen_already(browser: Open, cast: Cast, session: Session) -> None:
    cohort = a_cohort(session, cast.provider, "January 2027")
    commit(session)
    text = browser(cast.priya).get(f"{path(cast)}?cohort={cohort.id}").text
    assert f'value="{cohort.id}" selected' in text


def test_a_mentor_with_an_account_elsewhere_gets_the_role_and_no_key(
    browser: Open, cast: Cast, database: Database
) -> None:
    answer = browser(cast.priya).post(path(cast), data=new_form(cast, mentor_email="otto.owens@example.org"))
    assert answer.status_code == 200
    assert answer.text.count("/set-password/") == 1  # Bea's alone
    with database.reading() as session:
        member = session.scalars(
            select(Member).where(Member.person_id == cast.otto.id, Member.provider_id == cast.provider.id)
        ).one()
        assert member.role == "mentor"
