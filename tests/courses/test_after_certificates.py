"""Certificates: what attendance says, what the trainer decides, who may download one, and that it can be withdrawn."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.courses import certificates
from portfolio.courses.after_models import Certificate
from portfolio.courses.models import Booking
from portfolio.database import Database
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.courses.after_steps import (
    LATER,
    TITLE,
    a_booking,
    a_certificate,
    a_session,
    an_answer,
    held,
    others,
    own,
)

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def rows(database: Database) -> list[Certificate]:
    with database.reading() as fresh:
        return list(fresh.scalars(select(Certificate).order_by(Certificate.id)))


def decide(page: Browser, booking: Booking, of: Any, outcome: str, reason: str = "Left at noon.") -> Any:
    return page.post(held(of, f"certificates/{booking.id}"), data={"outcome": outcome, "reason": reason})


def test_attendance_decides_for_a_whole_session_in_one_step(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    of = a_session(session, cast)
    whole = a_booking(session, of, cast.amina_at, "full")
    (part,), (none,) = others(session, cast, of, 1, "part"), others(session, cast, of, 1, "none")
    others(session, cast, of, 2, "cancelled")
    commit(session)
    page = browser(cast.priya)
    assert "Record 3 certificates by attendance" in page.get(held(of)).text
    answer = page.post(held(of, "certificates"))
    assert "1 certificate issued, 2 withheld." in page.get(answer.headers["location"]).text
    made = {one.booking_id: one for one in rows(database)}
    assert {key: (one.outcome, one.by_trainer) for key, one in made.items()} == {
        whole.id: ("issued", False),
        part.id: ("withheld", False),
        none.id: ("withheld", False),
    }
    assert made[part.id].reason == "Attended only part of the session."
    page.post(held(of, "certificates"))
    assert len(rows(database)) == 3, "done twice it is done once"
    with database.reading() as fresh:
        said = fresh.scalars(select(AuditEvent.action).where(AuditEvent.action.like("course.cert%"))).all()
    assert sorted(said) == ["course.certificate_issued", *["course.certificate_withheld"] * 2]


def test_the_trainers_word_stands_against_attendance_with_its_reason(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at, "part")
    commit(session)
    page = browser(cast.priya)
    why = "Came twenty minutes late and made up for it."
    assert decide(page, booking, of, "issue", why).status_code == 303
    (row,) = rows(database)
    assert (row.outcome, row.by_trainer, row.reason) == ("issued", True, why)
    page.post(held(of, "certificates"))
    assert len(rows(database)) == 1, "attendance does not overrule the trainer"
    shown = browser(cast.amina).get(own(booking)).text
    assert why in shown
    assert "Download the certificate" in shown


@pytest.mark.parametrize(
    ("state", "outcome", "reason", "sentence"),
    [
        (
            "none",
            "issue",
            "He said he was there.",
            "Nobody gets a certificate for a session they did not attend",
        ),
        ("full", "withhold", " ", "Say why"),
        ("full", "", "Because.", "Choose one of the answers"),
    ],
)
def test_a_decision_that_cannot_stand_is_refused_and_nothing_typed_is_lost(
    browser: Open, session: Session, database: Database, cast: Cast, state: str, outcome: str, reason: str, sentence: str
) -> None:  # fmt: skip
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at, state)
    commit(session)
    answer = decide(browser(cast.priya), booking, of, outcome, reason)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert reason.strip() in answer.text
    assert rows(database) == []


def test_a_certificate_that_is_withdrawn_can_no_longer_be_downloaded(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    commit(session)
    manager, owner = browser(cast.priya), browser(cast.amina)
    assert owner.get(own(booking, "certificate.pdf")).status_code == 404, "nothing is decided yet"
    manager.post(held(of, "certificates"))
    assert owner.get(own(booking, "certificate.pdf")).status_code == 200
    decide(manager, booking, of, "withhold", "Took no part after the break.")
    assert owner.get(own(booking, "certificate.pdf")).status_code == 404
    assert "Took no part after the break." in owner.get(own(booking)).text
    assert [one.outcome for one in rows(database)] == ["issued", "withheld"]


def test_attendance_that_was_corrected_leaves_no_certificate_standing(
    browser: Open, session: Session, cast: Cast
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at, "part")
    a_certificate(session, booking, cast.priya)
    commit(session)
    assert browser(cast.amina).get(own(booking, "certificate.pdf")).status_code == 404
    shown = browser(cast.priya).get(held(of)).text
    assert "Attendance was corrected after the certificate was issued" in shown


def test_the_file_says_who_what_when_and_its_number_and_is_not_kept_by_caches(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    row = a_certificate(session, booking, cast.priya)
    commit(session)
    answer = browser(cast.amina).get(own(booking, "certificate.pdf"))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="certificate-{row.number}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    said = " ".join(reader.pages[0].extract_text().split())
    for part in (
        "Amina Archer", TITLE, "2 November 2026", "3 hours", "Level 3", "Northern Skills", row.number,
        "attended the whole session of", "It is no qualification, nothing was assessed for it",
    ):  # fmt: skip
        assert part in said, part
    assert re.fullmatch(r"2026-[A-Z2-9]{4}-[A-Z2-9]{4}", row.number)


def test_who_may_see_and_download_and_who_may_not(browser: Open, session: Session, cast: Cast) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    a_certificate(session, booking, cast.priya)
    commit(session)
    for path in (own(booking), own(booking, "certificate.pdf")):
        codes = {
            who.name: browser(who).get(path).status_code
            for who in (cast.amina, cast.marek, cast.asha, cast.priya, cast.ines, cast.noor, cast.olu)
        }
        assert codes == {
            "Amina Archer": 200,
            "Marek Mason": 200,
            "Asha Abbott": 200,
            "Priya Parker": 200,
            "Ines Irwin": 403,
            "Noor Naylor": 404,
            "Olu Otter": 404,
        }


@pytest.mark.parametrize("path", ["after", "certificates", "certificates/{booking}", "materials"])
def test_only_managers_of_the_provider_decide(
    browser: Open, session: Session, database: Database, cast: Cast, path: str
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    commit(session)
    address = held(of, path.format(booking=booking.id))
    method = "GET" if path == "after" else "POST"
    fields = {"outcome": "withhold", "reason": "No.", "title": "x", "note": "y"}
    for who, code in (
        (cast.amina, 403),
        (cast.marek, 403),
        (cast.asha, 403),
        (cast.ines, 403),
        (cast.noor, 404),
    ):
        answer = browser(who).request(method, address, data=fields if method == "POST" else None)
        assert answer.status_code == code, who.name
    assert rows(database) == []


def test_a_session_of_another_provider_is_not_there(browser: Open, session: Session, cast: Cast) -> None:
    theirs = a_session(session, cast, other=True)
    booking = a_booking(session, theirs, cast.other_at)
    commit(session)
    page = browser(cast.priya)
    for rest in ("after", f"certificates/{booking.id}"):
        assert page.get(f"/providers/{cast.provider.id}/sessions/{theirs.id}/{rest}").status_code == 404
    assert page.post(f"/providers/{cast.provider.id}/sessions/{theirs.id}/certificates").status_code == 404
    assert (
        browser(cast.amina)
        .get(f"/apprenticeships/{cast.amina_at.id}/bookings/{booking.id}/after")
        .status_code
        == 404
    )


def test_what_may_identify_somebody_is_left_out_of_a_reason(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    commit(session)
    assert (
        decide(browser(cast.priya), booking, of, "withhold", "Left early, ring 07700 900123.").status_code
        == 303
    )
    (row,) = rows(database)
    assert row.reason.startswith("Left early, ring ")
    assert "900123" not in row.reason


def test_attendance_is_not_corrected_under_a_certificate_that_stands(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    a_certificate(session, booking, cast.priya)
    commit(session)
    address = f"/providers/{cast.provider.id}/courses/{of.course_id}/sessions/{of.id}"
    fields = {f"mark-{booking.id}": "part", "reason": "Left at noon."}
    page = browser(cast.priya)
    found = page.post(f"{address}/attendance", data=fields)
    assert found.status_code == 422
    assert "Withdraw the certificate first." in found.text
    decide(page, booking, of, "withhold", "Left at noon.")
    assert page.post(f"{address}/attendance", data=fields).status_code == 303


def test_nobody_decides_about_their_own(session: Session, cast: Cast) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    commit(session)
    assert certificates.record_attendance(session, of.id, by=cast.amina.id, now=LATER) == (0, 0)
    assert session.scalars(select(Certificate).where(Certificate.booking_id == booking.id)).all() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certificate SET outcome = 'withheld'",
        "DELETE FROM certificate",
        "UPDATE evaluation_answer SET words = 'x'",
        "UPDATE evaluation_answer SET useful = 5",
        "DELETE FROM evaluation_answer",
    ],
)
def test_what_was_recorded_is_kept_by_the_database_itself(
    session: Session, cast: Cast, owner: Database | None, database: Database, statement: str
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    a_certificate(session, booking, cast.priya)
    an_answer(session, booking)
    commit(session)
    with (
        (owner or database).session(write=True, across=True) as asking,
        pytest.raises(DBAPIError, match=r"append-only|permission denied"),
    ):
        asking.execute(text(statement))


def test_both_pages_take_the_same_queries_however_many_there_are(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    a_certificate(session, booking, cast.priya)
    commit(session)
    manager, owner = browser(cast.priya), browser(cast.amina)
    pages = [(manager, held(of)), (owner, own(booking))]
    before = []
    for page, path in pages:
        with queries(database) as counted:
            assert page.get(path).status_code == 200
        before.append(counted.number)
    for one in others(session, cast, of, 30):
        a_certificate(session, one, cast.priya)
        a_certificate(session, one, cast.priya, "withheld")
    commit(session)
    after = []
    for page, path in pages:
        with queries(database) as counted:
            assert page.get(path).status_code == 200
        after.append(counted.number)
    assert before == after
    assert "page=2" in manager.get(held(of)).text
