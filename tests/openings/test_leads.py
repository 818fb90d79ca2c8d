"""At most two people of a provider are confidentiality leads."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access import Right
from portfolio.database import Database
from portfolio.people.models import Member, Person
from portfolio.people.rules import reason_against_one_more
from tests.builders import Cast, a_person, commit
from tests.openings.steps import Open, a_lead
from tests.people.steps import events

LEAD = {"right": "confidentiality"}


def leads(database: Database, cast: Cast) -> list[str]:
    with database.reading() as session:
        rows = session.execute(
            select(Person.name, Member.rights)
            .join(Member, Member.person_id == Person.id)
            .where(Member.provider_id == cast.provider.id, Member.ended_at.is_(None))
            .order_by(Person.name)
        )
        return [name for name, rights in rows if "confidentiality" in rights]


def at(cast: Cast, person: Person, what: str) -> str:
    return f"/providers/{cast.provider.id}/people/{person.id}/{what}"


@pytest.fixture
def managers(session: Session, cast: Cast) -> list[Person]:
    found = [a_person(session, f"{name} Dean", cast.provider, "manager") for name in ("Ada", "Bea", "Cyn")]
    commit(session)
    return found


def test_a_third_is_refused_with_the_names_of_the_two(
    browser: Open, cast: Cast, managers: list[Person], database: Database
) -> None:
    page = browser(cast.priya)
    for person in managers[:2]:
        assert page.post(at(cast, person, "rights"), data=LEAD).status_code == 303
    for _ in range(2):  # giving it again to one who holds it is no third
        assert page.post(at(cast, managers[0], "rights"), data=LEAD).status_code == 303
    refused = page.post(at(cast, managers[2], "rights"), data=LEAD)
    assert refused.status_code == 409
    assert "Ada Dean and Bea Dean hold the right “Confidentiality lead” here" in refused.text
    assert "End it for one of them first." in refused.text
    assert leads(database, cast) == ["Ada Dean", "Bea Dean"]
    assert page.post(at(cast, managers[2], "rights"), data={"right": "dbs"}).status_code == 303
    page.post(at(cast, managers[0], "rights/end"), data=LEAD)
    assert page.post(at(cast, managers[2], "rights"), data=LEAD).status_code == 303
    assert leads(database, cast) == ["Bea Dean", "Cyn Dean"]


def test_an_invitation_cannot_make_a_third_either(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    for name in ("Lena Lead", "Lola Lead"):
        a_lead(session, cast, name)
    typed = {
        "name": "Nia Newall",
        "email": "nia@example.org",
        "roles": ["manager"],
        "rights": ["confidentiality"],
    }
    answer = browser(cast.priya).post(f"/providers/{cast.provider.id}/people", data=typed)
    assert answer.status_code == 422
    assert "Lena Lead and Lola Lead hold the right" in answer.text
    assert "Nia Newall" in answer.text, "what was typed stays"
    assert leads(database, cast) == ["Lena Lead", "Lola Lead"]


def test_other_providers_leads_do_not_count(
    browser: Open, session: Session, cast: Cast, managers: list[Person], database: Database
) -> None:
    for name in ("Una", "Ula"):
        a_person(session, f"{name} Umber", cast.other_provider, "manager", rights=("confidentiality",))
    commit(session)
    assert browser(cast.priya).post(at(cast, managers[0], "rights"), data=LEAD).status_code == 303
    assert leads(database, cast) == ["Ada Dean"]


def test_whoever_comes_back_does_not_become_a_third(
    browser: Open, session: Session, cast: Cast, managers: list[Person], database: Database
) -> None:
    page, away = browser(cast.priya), managers[0]
    page.post(at(cast, away, "rights"), data=LEAD)
    page.post(at(cast, away, "rights"), data={"right": "dbs"})
    page.post(at(cast, away, "suspend"))
    page.post(at(cast, away, "bring-back"))
    assert leads(database, cast) == ["Ada Dean"], "nobody took the place"
    page.post(at(cast, away, "suspend"))
    for person in managers[1:]:
        assert page.post(at(cast, person, "rights"), data=LEAD).status_code == 303
    page.post(at(cast, away, "bring-back"))
    assert leads(database, cast) == ["Bea Dean", "Cyn Dean"]
    assert [event.detail for event in events(database, "right.ended")] == [{"right": "confidentiality"}]
    assert "DBS records in detail" in page.get(at(cast, away, "").rstrip("/")).text


def test_two_managers_who_give_it_at_once_do_not_make_three(
    browser: Open, session: Session, cast: Cast, managers: list[Person], database: Database
) -> None:
    a_lead(session, cast)
    givers = [browser(cast.priya), browser(a_person_who_manages(session, cast))]
    start, answers = Barrier(2), []

    def give(page: Any, person: Person) -> None:
        start.wait()
        answers.append(page.post(at(cast, person, "rights"), data=LEAD).status_code)

    threads = [Thread(target=give, args=pair) for pair in zip(givers, managers, strict=False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409]
    assert len(leads(database, cast)) == 2


def a_person_who_manages(session: Session, cast: Cast) -> Person:
    person = a_person(session, "Mo Murray", cast.provider, "manager")
    commit(session)
    return person


def test_the_right_is_on_the_persons_page_and_on_their_account(
    browser: Open, session: Session, cast: Cast
) -> None:
    lead = a_lead(session, cast)
    shown = browser(cast.priya).get(at(cast, lead, "").rstrip("/")).text
    assert "Confidentiality lead: sees who opened files" in shown
    assert "with the named right Confidentiality lead" in browser(lead).get("/account").text


def test_other_rights_have_no_end_to_how_many_hold_them() -> None:
    many = ["Ada", "Bea", "Cyn"]
    assert reason_against_one_more(Right.DBS, many) == ""
    assert reason_against_one_more(Right.CONFIDENTIALITY, many[:1]) == ""
    assert "Ada and Bea hold" in reason_against_one_more(Right.CONFIDENTIALITY, many[:2])
