"""Bookings through their pages: asking, the line manager's answer, the waiting list, cancelling, passing a place on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.courses import actions
from portfolio.courses.models import Booking, CourseSession
from portfolio.database import Database
from portfolio.findings.models import KeptFinding
from portfolio.people.models import Person
from portfolio.web.formats import utc_now
from tests.builders import Cast, a_person, an_apprenticeship, an_assignment, commit
from tests.client import Browser
from tests.counting import queries
from tests.courses.steps import (
    LATER,
    TITLE,
    a_booking,
    a_course,
    a_date,
    ask_path,
    booking_path,
    bookings,
    offer_path,
    says_as_folded,
    steps,
)
from tests.postgres import plain

Open = Callable[..., Browser]
KEY = {"form_key": "b" * 32}


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def one(session: Session, cast: Cast) -> CourseSession:
    made = a_date(session, a_course(session, cast.priya, cast.provider.id))
    commit(session)
    return made


def a_colleague(session: Session, cast: Cast, name: str, **more: object) -> tuple[Person, Apprenticeship]:
    person = a_person(session, name, cast.provider, "apprentice")
    at = an_apprenticeship(session, person, cast.cohort, more.pop("employer", cast.employer), **more)  # type: ignore[arg-type]
    an_assignment(session, at, cast.marek, "mentor")
    return person, at


@pytest.mark.parametrize("htmx", [False, True])
def test_asked_for_approved_and_confirmed(
    browser: Open, database: Database, cast: Cast, one: CourseSession, htmx: bool
) -> None:
    amina = browser(cast.amina, htmx=htmx)
    listed = browser(cast.amina).get(offer_path(cast)).text
    assert TITLE in listed
    assert "2 places free" in listed
    asked = amina.post(ask_path(cast, one), data=KEY | {"needs": "Step-free access"})
    assert asked.status_code == (204 if htmx else 303), asked.text
    (booking,) = bookings(database)
    assert (booking.state, booking.needs, booking.person_id) == (
        "requested",
        "Step-free access",
        cast.amina.id,
    )
    shown = browser(cast.amina).get(booking_path(booking)).text
    assert "Waits for the line manager" in shown
    assert "Marek Mason" in shown
    yes = browser(cast.marek, htmx=htmx).post(booking_path(booking, "/answer"), data={"step": "approve"})
    assert yes.status_code == (204 if htmx else 303), yes.text
    (booking,) = bookings(database)
    assert booking.state == "confirmed"
    assert steps(database, booking) == ["approve", "confirm"]
    assert says_as_folded(database) == 1


def test_the_same_form_twice_asks_once_and_another_need_is_refused(
    browser: Open, database: Database, cast: Cast, one: CourseSession
) -> None:
    amina = browser(cast.amina)
    for _ in range(2):
        assert amina.post(ask_path(cast, one), data=KEY).status_code == 303
    other = amina.post(ask_path(cast, one), data=KEY | {"needs": "Large print"})
    assert (other.status_code, "sent before" in other.text) == (422, True)
    again = amina.post(ask_path(cast, one), data={"form_key": "c" * 32})
    assert (again.status_code, "You have a booking for this session already" in again.text) == (422, True)
    assert len(bookings(database)) == 1


def test_a_full_session_has_a_waiting_list_that_moves_by_itself(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), capacity=1)
    first, first_at = a_colleague(session, cast, "Bea Birch")
    held = a_booking(session, one, first_at, "confirmed")
    second, second_at = a_colleague(session, cast, "Cem Cole")
    waits = a_booking(session, one, second_at, "waiting")
    mine = a_booking(session, one, cast.amina_at, "requested")
    commit(session)
    browser(cast.marek).post(booking_path(mine, "/answer"), data={"step": "approve"})
    page = browser(cast.amina).get(booking_path(mine)).text
    assert "On the waiting list" in page
    assert "Number 2" in page
    gone = browser(first).post(booking_path(held, "/own"), data={"step": "cancel", "reason": "On leave."})
    assert gone.status_code == 303, gone.text
    states = {one.id: one for one in bookings(database)}
    assert states[held.id].state == "cancelled"
    assert states[waits.id].state == "offered"
    assert states[waits.id].offer_until == steps_until(database, waits)
    assert states[mine.id].state == "waiting"
    accepted = browser(second).post(booking_path(waits, "/own"), data={"step": "accept"})
    assert accepted.status_code == 303, accepted.text
    assert {one.id: one.state for one in bookings(database)}[waits.id] == "confirmed"
    assert says_as_folded(database) == 3


def steps_until(database: Database, booking: Booking) -> object:
    from tests.courses.steps import steps_in

    with database.session(write=False, across=True) as session:
        return next(one.offer_until for one in steps_in(session, booking) if one.step == "offer")


@pytest.mark.parametrize(("hours", "state"), [(49, "cancelled"), (47, "cancelled_late")])
def test_the_48_hours_are_said_before_and_recorded_after(
    browser: Open, session: Session, database: Database, cast: Cast, hours: int, state: str
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), days=hours / 24)
    mine = a_booking(session, one, cast.amina_at, "confirmed")
    commit(session)
    amina = browser(cast.amina)
    assert ("recorded as a late cancellation" in amina.get(booking_path(mine)).text) is (hours < 48)
    silent = amina.post(booking_path(mine, "/own"), data={"step": "cancel"})
    assert (silent.status_code, "Say why you cancel." in silent.text) == (422, True)
    for _ in range(2):
        done = amina.post(booking_path(mine, "/own"), data={"step": "cancel", "reason": "I am ill."})
        assert done.status_code == 303, done.text
    assert [one.state for one in bookings(database)] == [state]
    assert steps(database, mine).count("cancel") == 1
    assert says_as_folded(database) == 1


def test_no_needs_a_reason_and_says_it_to_the_person(
    browser: Open, session: Session, database: Database, cast: Cast, one: CourseSession
) -> None:
    mine = a_booking(session, one, cast.amina_at)
    commit(session)
    marek = browser(cast.marek)
    assert marek.post(booking_path(mine, "/answer"), data={"step": "refuse"}).status_code == 422
    named = {"step": "refuse", "reason": "Ring 07700 900123 before you book."}
    asked = marek.post(booking_path(mine, "/answer"), data=named)
    assert (asked.status_code, "07700 900123" in asked.text) == (422, True), "what was typed stays"
    kept = named | {"kept_field": "reason", "kept_words": "07700 900123", "kept_reason": "It is the office."}
    assert marek.post(booking_path(mine, "/answer"), data=kept).status_code == 303
    assert "07700 900123" in browser(cast.amina).get(booking_path(mine)).text
    with database.session(write=False, across=True) as reading:
        assert reading.scalars(select(KeptFinding.about)).all() == ["booking_step"]


def test_a_place_is_passed_to_a_colleague_of_the_same_employer_by_address(
    browser: Open, session: Session, database: Database, cast: Cast, one: CourseSession
) -> None:
    mine = a_booking(session, one, cast.amina_at, "confirmed")
    bea, _ = a_colleague(session, cast, "Bea Birch")
    commit(session)
    amina = browser(cast.amina)
    assert "bea.birch" not in amina.get(booking_path(mine)).text, "nobody is listed"
    done = amina.post(
        booking_path(mine, "/own"), data={"step": "substitute", "email": " Bea.Birch@example.org "}
    )
    assert done.status_code == 303, done.text
    first, second = bookings(database)
    assert (first.state, second.state, second.person_id) == ("substituted", "confirmed", bea.id)
    assert second.instead_of_id == mine.id
    assert "A colleague passed this place on" in browser(bea).get(booking_path(second)).text
    assert says_as_folded(database) == 2


@pytest.mark.parametrize("who", ["nobody", "booked", "other employer", "other provider", "oneself"])
def test_who_cannot_take_a_place_is_refused_with_one_sentence_that_tells_nothing(
    browser: Open, session: Session, database: Database, cast: Cast, one: CourseSession, who: str
) -> None:
    from tests.builders import an_employer

    mine = a_booking(session, one, cast.amina_at, "confirmed")
    email = {
        "nobody": "no.one@example.org",
        "other provider": cast.olu.email,
        "oneself": cast.amina.email,
    }.get(who)
    if who == "booked":
        email = a_colleague(session, cast, "Bea Birch")[0].email
        at = session.scalars(select(Apprenticeship).order_by(Apprenticeship.id.desc()).limit(1)).one()
        a_booking(session, one, at, "waiting")
    elif who == "other employer":
        elsewhere = an_employer(session, cast.provider, "Southside School")
        email = a_colleague(session, cast, "Dee Dunn", employer=elsewhere)[0].email
    commit(session)
    before = len(bookings(database))
    answer = browser(cast.amina).post(booking_path(mine, "/own"), data={"step": "substitute", "email": email})
    assert answer.status_code == 422
    assert actions.NOBODY in answer.text.replace("&#39;", "'")
    assert str(email) in answer.text, "what was typed stays"
    assert len(bookings(database)) == before


def test_a_clash_is_said_before_and_after_and_refuses_nothing(
    browser: Open, session: Session, database: Database, cast: Cast, one: CourseSession
) -> None:
    other = a_date(session, a_course(session, cast.priya, cast.provider.id, title="Level 1 awareness"))
    a_booking(session, other, cast.amina_at, "confirmed")
    commit(session)
    amina = browser(cast.amina)
    assert "“Level 1 awareness” is at the same time" in amina.get(ask_path(cast, one)).text
    assert amina.post(ask_path(cast, one), data=KEY).status_code == 303
    mine = bookings(database)[-1]
    assert "“Level 1 awareness” is at the same time" in amina.get(booking_path(mine)).text


def test_who_sees_and_does_what(
    browser: Open, session: Session, database: Database, cast: Cast, one: CourseSession
) -> None:
    mine = a_booking(session, one, cast.amina_at, needs="A hearing loop")
    commit(session)
    page = booking_path(mine)
    for person in (cast.amina, cast.marek, cast.priya):
        assert "A hearing loop" in browser(person).get(page).text, person.name
    asha = browser(cast.asha).get(page)
    assert (asha.status_code, "A hearing loop" in asha.text) == (200, False)
    assert browser(cast.ines).get(page).status_code == 403
    for person in (cast.olu, cast.otto, cast.noor, cast.admin):
        assert browser(person).get(page).status_code == 404, person.name
        assert browser(person).get(offer_path(cast)).status_code == 404, person.name
    approve, cancel = {"step": "approve"}, {"step": "cancel", "reason": "No."}
    for person, rest, data in (
        (cast.amina, "/answer", approve),
        (cast.priya, "/answer", approve),
        (cast.asha, "/answer", approve),
        (cast.marek, "/own", cancel),
        (cast.asha, "/organise", cancel),
        (cast.amina, "/organise", cancel),
    ):
        assert browser(person).post(page + rest, data=data).status_code == 403, (person.name, rest)
    assert browser(cast.priya).get(ask_path(cast, one)).status_code == 403, "a manager books nothing"
    assert browser(cast.noor).post(page + "/organise", data=cancel).status_code == 404
    assert steps(database, mine) == []


def test_another_providers_session_cannot_be_booked(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    theirs = a_date(session, a_course(session, cast.noor, cast.other_provider.id, title="Harbour lights"))
    commit(session)
    amina = browser(cast.amina)
    assert "Harbour lights" not in amina.get(offer_path(cast)).text
    assert amina.get(ask_path(cast, theirs)).status_code == 404
    assert amina.post(ask_path(cast, theirs), data=KEY).status_code == 404
    assert bookings(database) == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"days": -1}, "has begun or is over"),
        ({"cancelled_at": LATER, "cancelled_reason": "Flooded."}, "was called off"),
    ],
)
def test_what_cannot_be_booked_says_why(
    browser: Open, session: Session, database: Database, cast: Cast, more: dict[str, object], sentence: str
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), **more)  # type: ignore[arg-type]
    commit(session)
    assert sentence in browser(cast.amina).get(ask_path(cast, one)).text
    answer = browser(cast.amina).post(ask_path(cast, one), data=KEY)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert bookings(database) == []


def test_lists_ask_the_same_number_of_questions_however_long(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    course = a_course(session, cast.priya, cast.provider.id)
    a_booking(session, a_date(session, course), cast.amina_at)
    commit(session)
    amina = browser(cast.amina)
    amina.get(offer_path(cast))
    with queries(database) as few:
        assert amina.get(offer_path(cast)).status_code == 200
    for number in range(12):
        one = a_date(session, course, days=20 + number)
        a_booking(session, one, cast.amina_at, "confirmed")
        a_booking(session, one, a_colleague(session, cast, f"Colleague {number}")[1], "waiting")
    commit(session)
    with queries(database) as many:
        assert amina.get(offer_path(cast)).status_code == 200
    assert many.number == few.number


def test_a_search_by_word(browser: Open, session: Session, cast: Cast) -> None:
    for title in ("Online harm", "Chairing 100% of meetings"):
        a_date(session, a_course(session, cast.priya, cast.provider.id, title=title, about=""))
    commit(session)
    amina = browser(cast.amina)
    found = amina.get(offer_path(cast) + "?q=online").text
    assert "Online harm" in found
    assert "Chairing" not in found
    assert "Online harm" not in amina.get(offer_path(cast) + "?q=0%25").text
    assert "No date to come has “xyz”" in amina.get(offer_path(cast) + "?q=xyz").text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE booking_step SET reason = 'Otherwise'",
        "DELETE FROM booking_step",
        "DELETE FROM booking",
        "UPDATE booking SET needs = 'Otherwise'",
        "UPDATE booking SET form_key = 'x'",
        "DELETE FROM course_session",
        "DELETE FROM course",
    ],
)
def test_the_database_keeps_what_was_asked_for_and_done(
    session: Session, database: Database, cast: Cast, one: CourseSession, statement: str
) -> None:
    a_booking(session, one, cast.amina_at, "confirmed")
    commit(session)
    with (
        pytest.raises(DBAPIError, match=r"append-only|never deleted|stands|permission denied"),
        plain(database) as connection,
    ):
        connection.execute(text(statement))


def test_an_offer_that_ran_out_cannot_be_accepted(
    browser: Open, session: Session, database: Database, cast: Cast, one: CourseSession
) -> None:
    mine = a_booking(session, one, cast.amina_at, "offered")
    commit(session)
    with time_machine.travel(utc_now() + timedelta(days=2, minutes=1), tick=True):
        amina = browser(cast.amina)
        page = amina.get(booking_path(mine)).text
        assert "The time to accept this offer has run out" in page
        answer = amina.post(booking_path(mine, "/own"), data={"step": "accept"})
        assert (answer.status_code, "has run out" in answer.text) == (422, True)
    assert [one.state for one in bookings(database)] == ["offered"]
