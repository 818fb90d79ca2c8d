"""The leads' pages ask the database as often for a full list, and for a piece with many files and openings, as for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.openings.models import FileOpening
from tests.builders import Cast, commit
from tests.counting import queries
from tests.evidence.steps import all_files, complete, pages_of, piece_id, send, work_off
from tests.slips.steps import Open, a_lead, a_named_piece, address, answer, form_key, report, slip_at

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def openings(session: Session, cast: Cast, piece: UUID, file: UUID, number: int) -> None:
    """So many half hours in which each of two people opened this file."""
    for person, role in ((cast.asha, "assessor"), (cast.marek, "mentor")):
        for count in range(number):
            at = NINE - timedelta(minutes=30 * count)
            session.add(
                FileOpening(
                    provider_id=cast.provider.id,
                    apprenticeship_id=cast.amina_at.id,
                    evidence_id=piece,
                    file_id=file,
                    person_id=person.id,
                    role=role,
                    what="file",
                    page="piece",
                    half_hour=int(at.timestamp()) // 1800,
                    at=at,
                    last_at=at,
                    times=1,
                )
            )
    commit(session)


def asked(browser: Open, database: Database, person: object, *addresses: str) -> list[int]:
    """Statements for each of these pages, the second time that it is asked for."""
    page, found = browser(person), []
    for at in addresses:
        assert page.get(at).status_code == 200
        with queries(database) as count:
            page.get(at)
        found.append(count.number)
    return found


def test_the_list_of_reports_does_not_ask_more_as_it_grows(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    at = f"/providers/{cast.provider.id}/slips"
    states = [at, *(f"{at}?state={state}" for state in ("asked", "purged", "restored"))]
    for action in ("ask", "purge", "restore", ""):
        reported(browser, cast, database, lead, action)
    few = asked(browser, database, lead, *states)
    for action in ("ask", "purge", "restore", "") * 4:
        reported(browser, cast, database, lead, action)
    assert browser(lead).get(at).text.count("A child or an adult at risk") == 5
    assert asked(browser, database, lead, *states) == few
    assert max(few) < 15


def reported(browser: Open, cast: Cast, database: Database, lead: object, action: str) -> None:
    page = browser(cast.amina)
    piece = piece_id(send(page, pages_of(cast.amina_at), complete(action="submit")))
    report(browser, cast, piece, cast.marek)
    if action:
        assert answer(browser(lead), slip_at(database, cast, piece), action).status_code == 303


def test_the_page_of_a_report_does_not_ask_more_for_more_files_openings_and_talk(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    openings(session, cast, piece, all_files(database)[0].id, 1)
    report(browser, cast, piece, cast.marek)
    at = slip_at(database, cast, piece)
    small = asked(browser, database, lead, at)

    page = browser(cast.amina)
    photos = [(f"{number}.txt", f"File {number}.".encode() * 50) for number in range(12)]
    large = piece_id(
        send(page, pages_of(cast.amina_at), complete(action="submit", form_key="large"), *photos)
    )
    work_off(page)
    for _ in range(6):
        comments, marek = f"{address(cast, large)}/comments", browser(cast.marek)
        key = form_key(marek.get(comments).text)
        assert marek.post(comments, data={"text": "Once more.", "form_key": key}).status_code == 303
    files = [file.id for file in all_files(database) if file.evidence_id == large]
    assert len(files) == 12
    for file in files:
        openings(session, cast, large, file, 8)
    report(browser, cast, large, cast.marek)
    assert asked(browser, database, lead, slip_at(database, cast, large)) == small
    assert small[0] < 25


def test_reading_what_is_closed_does_not_ask_more_for_more_of_it(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead, numbers = browser(a_lead(session, cast)), []
    for files in (1, 12):
        page = browser(cast.amina)
        sent = [(f"{number}.txt", f"File {number} of {files}.".encode() * 50) for number in range(files)]
        form = complete(action="submit", form_key=f"with {files}")
        piece = piece_id(send(page, pages_of(cast.amina_at), form, *sent))
        report(browser, cast, piece, cast.marek)
        at = f"{slip_at(database, cast, piece)}/piece"
        lead.post(at)
        with queries(database) as count:
            assert lead.post(at).text.count("/files/") == files
        numbers.append(count.number)
    assert numbers[0] == numbers[1]
