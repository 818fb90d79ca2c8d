"""The page "Who opened this": for the owner and the confidentiality leads, and what it never shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.openings.models import FileOpening
from portfolio.web.paging import PER_PAGE
from tests.builders import Cast, a_person, commit
from tests.conftest import ADDRESS
from tests.counting import queries
from tests.evidence.steps import complete, pages_of, piece_id, send, work_off
from tests.openings.steps import Open, a_lead, a_piece, files_of, written
from tests.storage import corpus

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def some_rows(session: Session, cast: Cast, address: str, number: int, *, what: str = "preview") -> None:
    """So many half hours in which Asha opened this file."""
    ids = [UUID(part) for part in address.split("/") if len(part) == 36]
    for count in range(number):
        at = NINE - timedelta(minutes=30 * count)
        session.add(
            FileOpening(
                provider_id=cast.provider.id,
                apprenticeship_id=ids[0],
                evidence_id=ids[1],
                file_id=ids[2],
                person_id=cast.asha.id,
                role="assessor",
                what=what,
                page="piece",
                half_hour=int(at.timestamp()) // 1800,
                at=at,
                last_at=at,
                times=1,
            )
        )
    commit(session)


def test_it_says_who_when_how_often_and_from_where(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    with time_machine.travel(NINE, tick=False) as clock:
        piece = a_piece(browser, cast, "jpeg")
        (photo,) = files_of(database, piece)
        page = browser(cast.asha)
        for _ in range(3):
            page.get(photo + "/preview", headers={"Referer": f"{ADDRESS}{piece}/review"})
            clock.shift(timedelta(minutes=4))
        browser(cast.marek).get(photo)
        browser(cast.ines).get(photo + "/thumbnail")
        for person in (lead, cast.amina):
            shown = " ".join(browser(person).get(f"{piece}/openings").text.split())
            assert '<b>Asha Abbott</b> <span class="sub">Assessor</span>' in shown
            assert "Large picture, from the review page" in shown
            assert "20 November 2026 at 09:00 to 09:08, 3 times" in shown
            assert "Workplace mentor" in shown
            assert "Whole file, directly" in shown
            assert "Opened by 2 people, 4 times; 1 more saw only a small picture" in shown
            assert shown.index("Ines Irwin") < shown.index("Asha Abbott"), "the newest comes first"
            without = browser(person).get(f"{piece}/openings?small=without").text
            assert "Ines Irwin" not in without
            assert "Marek Mason" in without
        browser(cast.amina).get(photo)
        assert "<b>You</b>" in browser(cast.amina).get(f"{piece}/openings").text
        assert "<b>Amina Archer</b>" in browser(lead).get(f"{piece}/openings").text


def test_it_is_for_the_owner_and_the_leads_alone(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_piece(browser, cast, "jpeg")
    both = a_person(session, "Basil Both", cast.other_provider, "manager", rights=("confidentiality",))
    commit(session)
    expected = [
        (cast.amina, 200), (a_lead(session, cast), 200),
        (cast.marek, 403), (cast.asha, 403), (cast.ines, 403), (cast.priya, 403),
        (cast.noor, 404), (cast.olu, 404), (cast.admin, 404), (both, 404),
    ]  # fmt: skip
    for person, status in expected:
        page = browser(person)
        assert page.get(f"{piece}/openings").status_code == status, person.name
        if status != 404:
            assert ("Who opened this" in page.get(piece).text) is (status == 200), person.name
    assert browser().get(f"{piece}/openings").status_code == 303


def test_nobody_of_another_provider_is_ever_named(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    """Nor counted: what Olu's people open stands with Olu's piece."""
    piece = a_piece(browser, cast, "jpeg")
    olu = browser(cast.olu)
    theirs = send(olu, pages_of(cast.other_at), complete(action="submit"), corpus.GOOD["png"])
    work_off(olu)
    their_piece = f"{pages_of(cast.other_at)}/{piece_id(theirs)}"
    (photo,) = files_of(database, their_piece)
    otto = browser(cast.otto)
    assert otto.get(photo).status_code == 200
    assert otto.get(files_of(database, piece)[0]).status_code == 404
    assert [row.provider_id for row in written(database)] == [cast.other_provider.id]
    lead = browser(a_lead(session, cast))
    for page, address in ((lead, piece), (browser(cast.amina), piece)):
        shown = page.get(f"{address}/openings").text
        assert "Otto" not in shown
        assert "Nobody has opened a file of this piece since it was added." in shown
    assert "Otto Owens" in olu.get(f"{their_piece}/openings").text


def test_a_draft_is_its_authors_and_so_is_who_opened_its_files(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = browser(a_lead(session, cast))
    draft = a_piece(browser, cast, "jpeg", action="save")
    assert lead.get(f"{draft}/openings").status_code == 404
    assert browser(cast.amina).get(f"{draft}/openings").status_code == 200
    returned = a_piece(browser, cast, "pdf", title="Returned to her")
    with database.writing() as writing:
        writing.get_one(Evidence, UUID(returned.rpartition("/")[2])).state = "returned"
    page = browser(cast.amina)
    send(page, f"{returned}/edit", complete(action="save", title="Returned to her"), corpus.GOOD["png"])
    work_off(page)
    first, added = files_of(database, returned)
    for address in (first, added):
        assert page.get(address).status_code == 200
    names = [corpus.GOOD["pdf"][0], corpus.GOOD["png"][0]]
    assert [name in page.get(f"{returned}/openings").text for name in names] == [True, True]
    assert [name in lead.get(f"{returned}/openings").text for name in names] == [True, False]
    assert "removed" not in lead.get(f"{returned}/openings").text


def test_the_page_of_the_piece_counts_the_others(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_piece(browser, cast, "jpeg")
    (photo,) = files_of(database, piece)
    amina, lead = browser(cast.amina), browser(a_lead(session, cast))

    def says(page: object) -> str:
        return " ".join(page.get(piece).text.split())  # type: ignore[attr-defined]

    amina.get(photo)
    assert "Not opened yet besides you" in says(amina)
    for person in (cast.asha, cast.asha, cast.marek):
        browser(person).get(photo)
    browser(cast.ines).get(photo + "/thumbnail")
    assert "Opened by 2 people besides you; 1 more saw only a small picture" in says(amina)
    assert "Opened by 2 people besides Amina Archer; 1 more" in says(lead)
    assert "besides" not in says(browser(cast.asha))


def test_without_a_file_it_says_so(browser: Open, cast: Cast) -> None:
    piece = a_piece(browser, cast)
    page = browser(cast.amina)
    assert "Who opened this" not in page.get(piece).text
    assert "This piece has no file" in page.get(f"{piece}/openings").text


def test_files_that_nobody_opened_are_named(browser: Open, cast: Cast, database: Database) -> None:
    piece = a_piece(browser, cast, "jpeg", "pdf")
    browser(cast.asha).get(files_of(database, piece)[0])
    shown = browser(cast.amina).get(f"{piece}/openings").text
    assert corpus.GOOD["pdf"][0] in shown.partition("Opened by nobody yet")[2]
    assert corpus.GOOD["jpeg"][0] in shown.partition("Opened by nobody yet")[0]


def test_it_is_paged_and_asks_the_same_however_much_there_is(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_piece(browser, cast, "jpeg", "pdf")
    files = files_of(database, piece)
    page = browser(a_lead(session, cast))
    some_rows(session, cast, files[0], 1)
    page.get(f"{piece}/openings")
    with queries(database) as few:
        assert page.get(f"{piece}/openings").text.count("<b>Asha Abbott</b>") == 1
    some_rows(session, cast, files[0], PER_PAGE, what="file")
    some_rows(session, cast, files[1], 9)
    with queries(database) as many:
        assert page.get(f"{piece}/openings").text.count("<b>Asha Abbott</b>") == PER_PAGE
    assert many.number == few.number
    second = page.get(f"{piece}/openings?page=2").text
    assert second.count("<b>Asha Abbott</b>") == 10
    assert second.count("<section") >= 2, "the file goes on under its name"
    with queries(database) as beside:
        page.get(piece)
    assert not [one for one in beside.statements if one.count("file_opening") and "person.name" in one]
    assert page.get(f"{piece}/openings?page=9").status_code == 200


@pytest.mark.parametrize("address", ["{piece}x/openings", "{list}/" + str(UUID(int=7)) + "/openings"])
def test_a_piece_that_is_not_there_is_no_page(browser: Open, cast: Cast, address: str) -> None:
    piece = a_piece(browser, cast, "jpeg")
    got = browser(cast.amina).get(address.format(piece=piece, list=piece.rpartition("/")[0]))
    assert got.status_code == 404
