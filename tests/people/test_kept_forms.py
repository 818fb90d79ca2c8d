"""What was typed survives the end of a session, all the way back to where it was going, for its owner alone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people import kept_forms
from portfolio.people.models import KeptForm, Person
from portfolio.web.formats import utc_now
from portfolio.web.typed_text import Shown, shown
from tests.builders import Cast, a_submitted, commit
from tests.client import Browser
from tests.feedback.steps import path_to_testimony
from tests.feedback.test_testimony import signed
from tests.people.steps import PASSWORD, events, give_password, set_times, sign_in

TYPED = {"name": "Nia “Newall” <b>", "email": "nia@example.org", "roles": ["mentor", "iqa"], "rights": []}


def kept(database: Database) -> list[KeptForm]:
    with database.reading() as session:
        return list(session.scalars(select(KeptForm).order_by(KeptForm.id)))


def too_late(page: Browser, cast: Cast, **more: object) -> str:
    """Priya's session ends while she types an invitation; returns where she is sent."""
    database = page.app.state.database  # type: ignore[attr-defined]
    set_times(database, cast.priya, seen_at=utc_now() - timedelta(hours=2))
    answer = page.post(f"/providers/{cast.provider.id}/people", data=TYPED | more)
    return str(answer.headers["hx-redirect" if page.htmx else "location"])


def hidden_fields(text: str) -> list[tuple[str, str]]:
    form = re.search(r'<form id="kept".*?</form>', text, re.DOTALL)
    assert form
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form.group())
    return [(html.unescape(name), html.unescape(value)) for name, value in found]


@pytest.mark.parametrize("htmx", [False, True])
def test_the_whole_way_from_an_ended_session_to_where_the_text_was_going(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database, htmx: bool
) -> None:
    give_password(session, cast.priya)
    page = browser(cast.priya, htmx=htmx)
    sent_to = too_late(page, cast)
    assert re.fullmatch(r"/sign-in\?next=%2Fkept-forms%2F[0-9a-f-]{36}&kept=1", sent_to)
    page.htmx = False
    form = page.get(sent_to)
    assert "What you typed is kept: sign in to go on with it." in form.text
    next_address = re.search(r'name="next" value="([^"]+)"', form.text)
    assert next_address
    answer = sign_in(page, cast.priya.email, next=next_address.group(1))
    shown_page = page.get(answer.headers["location"])
    assert shown_page.status_code == 200
    assert "Nia “Newall” &lt;b&gt;" in shown_page.text
    people = f"/providers/{cast.provider.id}/people"
    assert f'action="{people}" enctype="multipart/form-data"' in shown_page.text
    fields = hidden_fields(shown_page.text)
    assert [pair for pair in fields if pair[0] == "roles"] == [("roles", "mentor"), ("roles", "iqa")]
    as_browsers_send_it = [(name, (None, value.encode())) for name, value in fields]
    done = page.post(people, files=as_browsers_send_it)
    assert done.status_code == 200
    assert "is invited" in done.text
    assert kept(database) == []  # it has arrived
    with database.reading() as look:
        assert (
            look.scalars(select(Person).where(Person.email == "nia@example.org")).one().name == TYPED["name"]
        )


def test_it_stays_if_it_could_not_be_saved(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    """The removal is part of the transaction that saves it, and is undone with it."""
    page = browser(cast.priya)
    too_late(page, cast, email=cast.admin.email)
    page.sign_in_as(cast.priya)
    kept_id = kept(database)[0].id
    fields = TYPED | {"email": cast.admin.email, "kept_form": str(kept_id)}
    answer = page.post(f"/providers/{cast.provider.id}/people", data=fields)
    assert answer.status_code == 422
    assert [form.id for form in kept(database)] == [kept_id]


def test_a_mistake_typed_before_the_end_comes_back_as_a_form_with_the_text(
    browser: Callable[..., Browser], cast: Cast
) -> None:
    page = browser(cast.priya)
    sent_to = too_late(page, cast, email="no address")
    assert "kept-forms" in sent_to


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_ever_sees_it(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database, method: str
) -> None:
    give_password(session, cast.marek)
    page = browser(cast.priya)
    too_late(page, cast)
    form = kept(database)[0]
    address = f"/kept-forms/{form.id}"
    answer = sign_in(page, cast.marek.email, next=address)  # on the same browser
    assert answer.headers["location"] == "/"
    for other in (page, browser(cast.noor), browser(cast.admin)):
        asked = other.get(address) if method == "get" else other.post(f"{address}/discard")
        assert asked.status_code == 404
        assert "Newall" not in asked.text
    account = page.get("/account").text
    assert "Marek Mason" in account
    assert "kept-forms" not in account
    assert len(kept(database)) == 1


def test_naming_somebody_else_s_kept_form_does_not_remove_it(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.priya)
    too_late(page, cast)
    form = kept(database)[0]
    for value in (str(form.id), "not an id", ""):
        browser(cast.noor).post(
            f"/providers/{cast.other_provider.id}/people", data=TYPED | {"kept_form": value}
        )
    assert [left.id for left in kept(database)] == [form.id]


@pytest.mark.parametrize("htmx", [False, True])
def test_its_owner_can_discard_it(
    browser: Callable[..., Browser], cast: Cast, database: Database, htmx: bool
) -> None:
    page = browser(cast.priya)
    too_late(page, cast)
    page.sign_in_as(cast.priya)
    form = kept(database)[0]
    assert f"/kept-forms/{form.id}" in page.get("/account").text
    page.htmx = htmx
    answer = page.post(f"/kept-forms/{form.id}/discard")
    assert answer.headers["hx-redirect" if htmx else "location"] == "/account?done=discarded"
    assert kept(database) == []
    assert events(database, "kept_form.discarded")[0].detail == {}
    assert page.get(f"/kept-forms/{form.id}").status_code == 404


def test_it_is_removed_after_a_week(browser: Callable[..., Browser], cast: Cast, database: Database) -> None:
    page = browser(cast.priya)
    too_late(page, cast)
    with database.writing() as session:
        session.scalars(select(KeptForm)).one().kept_at = utc_now() - timedelta(days=8)
    page.sign_in_as(cast.priya)
    assert page.get(f"/kept-forms/{kept(database)[0].id}").status_code == 404
    too_late(page, cast, name="Another Name")
    assert [dict(form.fields)["name"] for form in kept(database)] == ["Another Name"]


def test_passwords_are_never_kept(browser: Callable[..., Browser], cast: Cast, database: Database) -> None:
    page = browser(cast.priya)
    set_times(database, cast.priya, seen_at=utc_now() - timedelta(hours=2))
    answer = page.post(
        "/account/password", data={"password_old": "secret words", "password_new": "other words"}
    )
    assert answer.headers["location"] == "/sign-in?next=%2F"
    assert kept(database) == []
    too_late(page, cast, password="secret words")
    assert "secret words" not in str(kept(database)[0].fields)


def test_an_old_cookie_cannot_fill_the_database(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.priya)
    for number in range(kept_forms.MOST + 5):
        too_late(page, cast, name=f"Name {number}")
    assert len(kept(database)) == kept_forms.MOST
    assert dict(kept(database)[-1].fields)["name"] == f"Name {kept_forms.MOST + 4}"
    set_times(database, cast.priya, created_at=utc_now() - timedelta(days=31))
    assert "kept-forms" not in too_late(page, cast)


def test_without_a_cookie_nothing_is_kept(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser()
    answer = page.post(f"/providers/{cast.provider.id}/people", data=TYPED)
    assert answer.headers["location"] == "/sign-in?next=%2F"
    page.cookies.set("portfolio", "made up")
    page.post(f"/providers/{cast.provider.id}/people", data=TYPED)
    assert kept(database) == []


def test_sending_it_too_late_once_more_keeps_it_once(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.priya)
    too_late(page, cast)
    first = kept(database)[0].id
    too_late(page, cast, kept_form=str(first))
    (only,) = kept(database)
    assert only.id != first
    assert "kept_form" not in dict(only.fields)


def test_a_button_alone_leads_back_to_its_page(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.priya)
    set_times(database, cast.priya, seen_at=utc_now() - timedelta(hours=2))
    person = f"/providers/{cast.provider.id}/people/{cast.marek.id}"
    answer = page.post(f"{person}/suspend", headers={"Referer": f"http://testserver{person}"})
    assert answer.headers["location"] == "/sign-in?next=" + person.replace("/", "%2F")


def test_files_are_named_as_what_could_not_be_kept(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    with database.writing() as session:
        session.add(
            KeptForm(
                person_id=cast.amina.id,
                path="/apprenticeships/x/evidence",
                fields=[["title", "Escalated"], ["why", "It mattered.\n" * 400]],
                had_files=True,
                kept_at=utc_now(),
            )
        )
    answer = browser(cast.amina).get(f"/kept-forms/{kept(database)[0].id}")
    assert "files could not be kept" in answer.text
    assert answer.text.count("It mattered.") == 800  # to read, and to send


def test_typed_fields_as_their_owner_reads_them() -> None:
    fields = [
        ["form_key", "a" * 32],
        ["action", "submit"],
        ["next", "/"],
        ["type", "work_product"],
        ["title", "K7: what I saw"],
        ["happened_on_day", "18"],
        ["happened_on_month", "11"],
        ["happened_on_year", "2026"],
        ["began_on_day", "31"],
        ["began_on_month", "2"],
        ["birthday", "in May"],
        ["what_i_did", "One.\n\nTwo."],
        ["items", "K2"],
        ["items", "D8"],
        ["own_work", "yes"],
        ["mentor_id", "018f0000-0000-7000-8000-000000000001"],
        ["email", "amina@example.org"],
        ["note_K2", "ok"],
        ["why", "because"],
    ]
    assert shown(fields) == [
        Shown("Type", ("Work product",)),
        Shown("Title", ("K7: what I saw",)),
        Shown("Happened on", ("18 November 2026",)),
        Shown("Began on", ("31 2 –",)),
        Shown("Birthday", ("in May",)),
        Shown("What I did", ("One.\n\nTwo.",)),
        Shown("Statements and duties", ("K2", "D8")),
        Shown("Own work", ("Yes",)),
        Shown("E-mail address", ("amina@example.org",)),
        Shown("Note K2", ("ok",)),
        Shown("Why", ("because",)),
    ]


def the_ids_sent_along(text: str) -> set[str]:
    return set(re.findall(r'<input type="hidden" name="kept_before" value="([^"]+)">', text))


def test_a_signed_form_stays_kept_until_it_is_signed(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    """The password is never kept, so the first sending is always refused: that must not be the end of the text."""
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    give_password(session, cast.marek)
    page, address = browser(cast.marek), path_to_testimony(piece)
    typed = signed(page.get(address).text, password=PASSWORD)
    set_times(database, cast.marek, seen_at=utc_now() - timedelta(hours=2))
    page.post(address, data=typed)
    (form,) = kept(database)
    page.sign_in_as(cast.marek)
    fields = dict(hidden_fields(page.get(f"/kept-forms/{form.id}").text))
    assert "password" not in fields
    first = page.post(address, data=fields)
    assert first.status_code == 422
    assert typed["statement"] in first.text
    assert [one.id for one in kept(database)] == [form.id]
    assert the_ids_sent_along(first.text) == {str(form.id)}, "so that it goes when it has arrived"
    fields["kept_before"] = fields.pop("kept_form")
    done = page.post(address, data=fields | {"password": PASSWORD})
    assert done.status_code == 303
    assert kept(database) == []


def test_looking_for_statements_with_a_kept_piece_is_not_saving_it(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    address = f"/apprenticeships/{cast.amina_at.id}/evidence"
    set_times(database, cast.amina, seen_at=utc_now() - timedelta(hours=2))
    fields = {"title": "A call", "why": "I was asked to.", "q": "records", "action": "find"}
    page.post(address, files=[(name, (None, value)) for name, value in fields.items()])
    (form,) = kept(database)
    page.sign_in_as(cast.amina)
    fields |= {"kept_form": str(form.id)}
    found = page.post(address, files=[(name, (None, value)) for name, value in fields.items()])
    assert found.status_code == 200
    assert len(kept(database)) == 1
    assert the_ids_sent_along(found.text) == {str(form.id)}
    fields |= {"action": "save", "kept_before": fields.pop("kept_form")}
    saved = page.post(address, files=[(name, (None, value)) for name, value in fields.items()])
    assert saved.status_code == 303
    assert kept(database) == []
