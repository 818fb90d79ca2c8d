"""Whom apprentices turn to: put on record by managers, shown to apprentices, and asked for before anybody starts."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.apprenticeships.lists.sending import mark_of
from portfolio.apprenticeships.models import Apprenticeship, SafeguardingContact
from portfolio.apprenticeships.rules_contacts import dialled, reason_against_phone
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.people.models import Person
from tests.apprenticeships.steps import new_form
from tests.builders import Cast, a_contact, a_person, an_apprenticeship, an_employer, commit
from tests.client import Browser
from tests.counting import queries

Open = Callable[..., Browser]
LENA = {
    "name": "Lena Lowe",
    "role": "Head of care",
    "phone": "01632 960444 ext 4",
    "email": "Lena.Lowe@employer.example",
    "deputy_name": "Dan Dale",
    "deputy_phone": "07700 900444",
}


def nobody_on_record(session: Session, *, employer: bool = True, provider: bool = True) -> None:
    """As in a database from before there were contacts."""
    if employer:
        session.execute(delete(SafeguardingContact).where(SafeguardingContact.employer_id.is_not(None)))
    if provider:
        session.execute(delete(SafeguardingContact).where(SafeguardingContact.employer_id.is_(None)))
    commit(session)


def lead_path(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/employers/{cast.employer.id}/safeguarding"


def text_of(answer: Any) -> str:
    return unescape(answer.text)


@pytest.mark.parametrize("whose", ["employer", "provider"])
def test_a_manager_puts_a_contact_on_record(
    browser: Open, cast: Cast, session: Session, database: Database, whose: str
) -> None:
    nobody_on_record(session)
    path = lead_path(cast) if whose == "employer" else f"/providers/{cast.provider.id}/safeguarding"
    priya = browser(cast.priya)
    assert "Head of care" not in priya.get(path).text
    assert priya.post(path, data=LENA).status_code == 303
    shown = priya.get(path + "?done=saved").text
    for part in ("Saved.", "Lena Lowe", "lena.lowe@employer.example", "Dan Dale", "07700 900444"):
        assert part in shown, part
    with database.reading() as look:
        row = look.scalars(select(SafeguardingContact)).one()
        assert (row.employer_id == cast.employer.id) == (whose == "employer")
        action = "safeguarding.lead_set" if whose == "employer" else "safeguarding.contact_set"
        event = look.scalars(select(AuditEvent).where(AuditEvent.action == action)).one()
        assert (event.by_id, event.provider_id) == (cast.priya.id, cast.provider.id)
        assert "name" in event.detail["changed"]
        assert "Lena" not in str(event.detail)  # the trail outlives whoever leaves


def test_a_change_says_which_fields_and_the_same_again_says_nothing(
    browser: Open, cast: Cast, database: Database
) -> None:
    priya = browser(cast.priya)
    priya.post(lead_path(cast), data=LENA)
    priya.post(lead_path(cast), data=LENA | {"phone": "01632 960555"})
    priya.post(lead_path(cast), data=LENA | {"phone": "01632 960555"})
    with database.reading() as look:
        events = look.scalars(
            select(AuditEvent).where(AuditEvent.action == "safeguarding.lead_set").order_by(AuditEvent.id)
        ).all()
        assert len(events) == 2
        assert events[1].detail["changed"] == ["phone"]
        assert look.scalar(select(func.count(SafeguardingContact.id))) == 4


WRONG: list[tuple[dict[str, str], str]] = [
    ({"name": ""}, "name"),
    ({"role": " "}, "role"),
    ({"phone": "ask at the desk"}, "Enter a phone number"),
    ({"phone": "12"}, "Enter a phone number"),
    ({"email": "lena"}, "Enter an e-mail address"),
    ({"deputy_phone": ""}, "Enter the phone number of the deputy too"),
    ({"deputy_name": ""}, "Enter the name of the deputy too"),
]


@pytest.mark.parametrize(("typed", "sentence"), WRONG, ids=[f"{i}-{w[1]}" for i, w in enumerate(WRONG)])
def test_a_mistake_is_said_and_nothing_typed_is_lost(
    browser: Open, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    answer = browser(cast.priya).post(lead_path(cast), data=LENA | typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    for name, value in LENA.items():
        assert name in typed or f'value="{value}"' in answer.text


def test_only_managers_of_this_provider_reach_the_pages(browser: Open, cast: Cast) -> None:
    provider = f"/providers/{cast.provider.id}/safeguarding"
    for path in (provider, lead_path(cast)):
        for person, status in ((cast.asha, 403), (cast.amina, 403), (cast.noor, 404)):
            assert browser(person).get(path).status_code == status
            assert browser(person).post(path, data=LENA).status_code == status
    others = f"/providers/{cast.provider.id}/employers/{cast.other_employer.id}/safeguarding"
    assert browser(cast.priya).get(others).status_code == 404
    assert browser(cast.priya).post(others, data=LENA).status_code == 404


def test_apprentice_and_mentor_see_both_contacts_on_the_about_page(browser: Open, cast: Cast) -> None:
    browser(cast.priya).post(lead_path(cast), data=LENA)
    for person in (cast.amina, cast.marek):
        shown = browser(person).get(f"/apprenticeships/{cast.amina_at.id}/about").text
        assert "Lena Lowe" in shown
        assert 'href="tel:01632960444,4"' in shown
        assert 'href="mailto:lena.lowe@employer.example"' in shown
        assert "Lead of Northern Skills" in shown
        assert "Harbour" not in shown


def test_the_form_for_evidence_has_them_too(browser: Open, cast: Cast) -> None:
    shown = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/evidence/new").text
    assert "This is not a reporting route" in shown
    assert "Lead of Northside School" in shown
    assert "Lead of Northern Skills" in shown
    assert 'href="tel:999"' in shown


@pytest.mark.parametrize("lacking", ["employer", "provider"])
def test_nobody_starts_where_nobody_is_on_record(
    browser: Open, cast: Cast, session: Session, database: Database, lacking: str
) -> None:
    nobody_on_record(session, employer=lacking == "employer", provider=lacking == "provider")
    path = f"/providers/{cast.provider.id}/apprenticeships/new"
    priya = browser(cast.priya)
    answer = priya.post(path, data=new_form(cast))
    assert answer.status_code == 422
    sentence = {
        "employer": "Northside School has no safeguarding lead on record yet",
        "provider": "Your organisation has no safeguarding contact on record yet",
    }[lacking]
    assert sentence in text_of(answer)
    where = lead_path(cast) if lacking == "employer" else f"/providers/{cast.provider.id}/safeguarding"
    assert f'href="{where}"' in answer.text
    assert 'value="bea.birch@example.org"' in answer.text  # nothing typed is lost
    with database.reading() as look:
        assert look.scalar(select(Person.id).where(Person.email == "bea.birch@example.org")) is None
    assert priya.post(where, data=LENA).status_code == 303
    assert priya.post(path, data=new_form(cast)).status_code in (200, 303)
    with database.reading() as look:
        assert look.scalar(select(Person.id).where(Person.email == "bea.birch@example.org")) is not None


def test_a_move_to_an_employer_without_a_lead_is_refused_and_what_stands_may_be_corrected(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    bare = an_employer(session, cast.provider, "Bare Boatyard")
    session.execute(delete(SafeguardingContact).where(SafeguardingContact.employer_id.is_not(None)))
    commit(session)
    form = {
        "cohort_id": str(cast.cohort.id),
        "employer_id": str(bare.id),
        "start_on_day": "6", "start_on_month": "10", "start_on_year": "2025",
        "planned_gateway_on_day": "6", "planned_gateway_on_month": "4", "planned_gateway_on_year": "2027",
        "uln": "9100000009",
    }  # fmt: skip
    priya, path = browser(cast.priya), f"/apprenticeships/{cast.amina_at.id}/edit"
    answer = priya.post(path, data=form)
    assert answer.status_code == 422
    assert "Bare Boatyard has no safeguarding lead" in answer.text
    assert f'href="/providers/{cast.provider.id}/employers/{bare.id}/safeguarding"' in answer.text
    assert priya.post(path, data=form | {"employer_id": str(cast.employer.id)}).status_code == 303
    with database.reading() as look:
        at = look.get_one(Apprenticeship, cast.amina_at.id)
        assert (at.uln, at.employer_id) == ("9100000009", cast.employer.id)


HEAD = "name,email,start_date,planned_end,employer,safeguarding_lead,safeguarding_phone,safeguarding_email\n"
BEA = "Bea Birch,bea@example.org,2026-10-05,2028-04-05,{employer},{lead}\n"
LEAD = "Lee Lane,01632 960333,lee@eastgate.example"


def send(page: Browser, cast: Cast, text: str, *, write: bool = False) -> str:
    fields: dict[str, Any] = {"text": (None, text)}
    if write:
        fields |= {"do": (None, "write"), "checked": (None, mark_of(text))}
    answer = page.post(f"/providers/{cast.provider.id}/cohorts/{cast.cohort.id}/import", files=fields)
    return unescape(answer.text)


REFUSED = [
    ("Eastgate", ",,", "Eastgate has no safeguarding lead on record"),
    ("Eastgate", "Lee Lane,,", "This row lacks the phone number and the e-mail address"),
    ("Eastgate", "Lee Lane,ask,lee@eastgate.example", "is no phone number"),
    ("Eastgate", "Lee Lane,1.6E+09,lee@eastgate.example", "shortened this number"),
]


@pytest.mark.parametrize(("employer", "lead", "sentence"), REFUSED, ids=[one[2] for one in REFUSED])
def test_a_row_for_an_employer_without_a_lead_is_left_out_and_told(
    browser: Open, cast: Cast, database: Database, employer: str, lead: str, sentence: str
) -> None:
    priya = browser(cast.priya)
    text = HEAD + BEA.format(employer=employer, lead=lead)
    assert sentence in send(priya, cast, text)
    send(priya, cast, text, write=True)
    with database.reading() as look:
        assert look.scalar(select(func.count(Apprenticeship.id))) == 2


def test_a_list_without_a_contact_of_the_provider_names_what_to_add(
    browser: Open, cast: Cast, session: Session
) -> None:
    nobody_on_record(session, employer=False)
    said = send(browser(cast.priya), cast, HEAD + BEA.format(employer="Northside School", lead=",,"))
    assert "Your organisation has no safeguarding contact on record" in said
    assert "<b>1</b>cannot be taken" in said


def test_a_list_brings_the_lead_of_a_new_employer_and_never_replaces_one(
    browser: Open, cast: Cast, database: Database
) -> None:
    text = HEAD + BEA.format(employer="Eastgate", lead=LEAD)
    text += BEA.format(employer="Eastgate", lead=",,").replace("ea", "al", 1).replace("bea@", "cal@")
    text += BEA.format(employer="Northside School", lead=LEAD).replace("bea@", "dee@")
    priya = browser(cast.priya)
    assert "Lee Lane becomes safeguarding lead of Eastgate" in send(priya, cast, text)
    assert "3 apprentices added" in send(priya, cast, text, write=True)
    with database.reading() as look:
        names = look.scalars(
            select(SafeguardingContact.name).where(
                SafeguardingContact.provider_id == cast.provider.id,
                SafeguardingContact.employer_id.is_not(None),
            )
        ).all()
        assert sorted(names) == ["Lead of Northside School", "Lee Lane"]


def test_managers_are_asked_for_what_is_missing_and_nobody_else(
    browser: Open, cast: Cast, session: Session
) -> None:
    pages = (
        "/",
        f"/cohorts/{cast.cohort.id}",
        f"/providers/{cast.provider.id}/setup",
        f"/providers/{cast.provider.id}/cohorts/{cast.cohort.id}",
    )
    priya = browser(cast.priya)
    for path in pages:
        assert "no safeguarding" not in priya.get(path).text, path
    nobody_on_record(session)
    for path in pages:
        shown = priya.get(path).text
        assert "has no safeguarding contact on record, and 1 employer has no safeguarding lead" in shown, path
        assert lead_path(cast) in shown
        assert "Harbour" not in shown
    assert "no safeguarding" not in browser(cast.amina).get("/").text
    assert "No safeguarding lead yet" in priya.get(f"/providers/{cast.provider.id}/employers").text
    about = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/about").text
    assert "Nobody is on record yet" in about


def test_employers_without_apprentices_are_not_asked_about(
    browser: Open, cast: Cast, session: Session
) -> None:
    bare = an_employer(session, cast.provider, "Bare Boatyard")
    session.execute(delete(SafeguardingContact).where(SafeguardingContact.employer_id == bare.id))
    commit(session)
    assert "Bare Boatyard" not in browser(cast.priya).get("/").text


def test_the_home_page_asks_as_often_for_many_employers_as_for_one(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    nobody_on_record(session)
    priya = browser(cast.priya)
    priya.get("/")
    with queries(database) as few:
        priya.get("/")
    for i in range(12):
        employer = an_employer(session, cast.provider, f"Employer {i:02}")
        person = a_person(session, f"Row Person{i}", cast.provider, "apprentice")
        an_apprenticeship(session, person, cast.cohort, employer)
    session.execute(delete(SafeguardingContact))
    commit(session)
    with queries(database) as many:
        shown = priya.get("/").text
    assert "13 employers have no safeguarding lead" in shown
    assert "and 8 more" in shown
    assert many.number == few.number


def test_one_contact_for_each_employer_and_one_for_the_provider(cast: Cast, session: Session) -> None:
    for employer in (cast.employer, None):
        with pytest.raises(IntegrityError), session.begin_nested():
            a_contact(session, cast.provider, employer)


@pytest.mark.parametrize(
    ("typed", "dial"),
    [
        ("01632 960123", "01632960123"),
        ("+44 (0)1632 960123", "+441632960123"),
        ("01632-960123 ext. 45", "01632960123,45"),
        ("01632 960123 x4", "01632960123,4"),
    ],
)
def test_a_number_can_be_dialled_as_it_is_written(typed: str, dial: str) -> None:
    assert reason_against_phone(typed) == ""
    assert dialled(typed) == dial


@pytest.mark.parametrize("typed", ["", "call me", "1", "01632 960123 or 01632 960124", "0" * 41, "tel:1"])
def test_what_is_no_number_is_told(typed: str) -> None:
    assert "Enter a phone number" in reason_against_phone(typed)
