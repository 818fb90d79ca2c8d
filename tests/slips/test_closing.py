"""A report closes a piece at once for everybody but the leads, and nothing of it is lost."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portfolio.database import Database
from tests.builders import Cast
from tests.evidence.steps import all_files, pages_of
from tests.slips.steps import (
    CLOSED,
    NAME,
    Open,
    a_lead,
    a_named_piece,
    address,
    answer,
    report,
    slip_at,
    slip_of,
)

EVERYBODY = ("amina", "marek", "asha", "ines", "priya")


@pytest.mark.parametrize("reporter", EVERYBODY)
def test_whoever_may_see_a_piece_can_close_it(
    browser: Open, cast: Cast, database: Database, reporter: str
) -> None:
    piece = a_named_piece(browser, cast)
    at = address(cast, piece)
    file = f"{at}/files/{all_files(database)[0].id}"
    before = {who: browser(getattr(cast, who)).get(at) for who in EVERYBODY}
    assert all(NAME in page.text for page in before.values())
    assert all("This identifies somebody" in page.text for page in before.values())
    assert report(browser, cast, piece, getattr(cast, reporter)).status_code == 303
    for who in EVERYBODY:
        page = browser(getattr(cast, who))
        for where in (
            at,
            f"{at}/comments",
            f"{at}/decisions",
            f"{at}?version=1",
            f"{at}/report",
            f"{at}/openings",
        ):
            shown = page.get(where)
            assert shown.status_code in (403, 404, 409), (who, where)
            assert NAME not in shown.text, (who, where)
        assert "This piece is closed" in page.get(at).text
        listed = page.get(pages_of(cast.amina_at)).text
        assert CLOSED in listed
        assert NAME not in listed
        for which in ("", "/preview", "/thumbnail"):
            assert page.get(file + which).status_code == 404, (who, which)
            ranged = page.get(file + which, headers={"Range": "bytes=0-10"})
            assert ranged.status_code == 404, (who, which)
        home = page.get("/").text
        assert NAME not in home
    assert NAME not in browser(cast.asha).get(f"{at}/review").text
    assert NAME not in browser(cast.asha).get("/queue").text


def test_the_mistake_is_said_and_what_was_typed_stays(browser: Open, cast: Cast, database: Database) -> None:
    piece = a_named_piece(browser, cast)
    answered = report(browser, cast, piece, cast.marek, what="", note="On the wall in the photo")
    assert answered.status_code == 422
    assert "Choose whom or what it identifies." in answered.text
    assert "On the wall in the photo" in answered.text
    assert browser(cast.marek).get(address(cast, piece)).status_code == 200


def test_sent_twice_is_reported_once(browser: Open, cast: Cast, database: Database) -> None:
    piece = a_named_piece(browser, cast)
    for _ in range(2):
        page, at = browser(cast.marek), address(cast, piece) + "/report"
        sent = page.post(at, data={"what": "place", "part": "file", "form_key": "of-this-page"})
        assert sent.status_code == 303
    slip = slip_of(database, piece)
    events = [one for one in slip_events(database) if one[0] == slip.id]
    assert [kind for _, kind in events] == ["reported"]


def test_without_a_lead_it_is_closed_all_the_same_and_managers_are_told(
    browser: Open, cast: Cast, database: Database, settings: object
) -> None:
    piece = a_named_piece(browser, cast)
    report(browser, cast, piece, cast.marek)
    at = slip_at(database, cast, piece)
    assert browser(cast.priya).get(address(cast, piece)).status_code == 409
    assert browser(cast.priya).get(at).status_code == 403
    from tests.evidence.steps import work_off

    work_off(browser(cast.priya))
    letters = "".join(one.read_text() for one in settings.mail_folder.iterdir())  # type: ignore[attr-defined]
    assert "priya.parker@example.org" in letters
    assert "Nobody is named as confidentiality lead" in letters
    assert NAME not in letters


def test_a_lead_reads_it_and_that_is_written_down(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    file = f"{address(cast, piece)}/files/{all_files(database)[0].id}"
    assert browser(cast.asha).get(file).status_code == 200
    report(browser, cast, piece, cast.marek)
    at, page = slip_at(database, cast, piece), browser(lead)
    shown = page.get(at)
    assert shown.status_code == 200
    assert NAME not in shown.text.replace(f"{NAME}.jpg", ""), (
        "only the names of files stand beside who opened them"
    )
    assert "Asha Abbott" in shown.text
    assert "Who could have read it" in shown.text
    read = page.post(f"{at}/piece")
    for text in (f"Talking with {NAME}", f"{NAME} told me something.", f"I know {NAME}.", f"About {NAME}"):
        assert text in read.text
    opened = page.get(f"{at}/files/{all_files(database)[0].id}")
    assert opened.status_code == 200
    assert NAME in opened.headers["content-disposition"]
    assert page.get(at).text.count("Lena Lead") >= 1
    assert any(action == "slip.piece_opened" for action in trail(database))


def test_another_provider_knows_nothing_of_it(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    from tests.builders import a_person, commit

    other = a_person(session, "Una Umber", cast.other_provider, "manager", rights=("confidentiality",))
    commit(session)
    piece = a_named_piece(browser, cast)
    report(browser, cast, piece, cast.marek)
    slip = slip_of(database, piece)
    page = browser(other)
    assert page.get(slip_at(database, cast, piece)).status_code == 404
    for what in ("", "/piece"):
        assert page.post(f"/providers/{cast.other_provider.id}/slips/{slip.id}{what}").status_code in (
            404,
            422,
        )
        assert page.get(f"/providers/{cast.other_provider.id}/slips/{slip.id}").status_code == 404
    assert "Nothing is reported" in page.get(f"/providers/{cast.other_provider.id}/slips").text


def test_opened_again_every_word_stands_where_it_stood(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    before = words_of(database)
    report(browser, cast, piece, cast.marek)
    assert words_of(database) != before
    at = slip_at(database, cast, piece)
    for _ in range(2):  # a double tap
        assert answer(browser(lead), at, "restore").status_code == 303
    assert words_of(database) == before
    for who in EVERYBODY:
        assert NAME in browser(getattr(cast, who)).get(address(cast, piece)).text
    assert ledger_faults(database) == []
    assert report(browser, cast, piece, cast.asha).status_code == 303, "it can be reported anew"
    assert browser(cast.marek).get(address(cast, piece)).status_code == 409


def test_while_it_is_closed_the_ledger_still_says_what_was_written(
    browser: Open, cast: Cast, database: Database
) -> None:
    piece = a_named_piece(browser, cast)
    report(browser, cast, piece, cast.marek)
    assert ledger_faults(database) == []


def slip_events(database: Database) -> list[tuple[object, str]]:
    from sqlalchemy import select

    from portfolio.sealing.models import SlipEvent

    with database.reading() as session:
        return [(row.slip_id, row.kind) for row in session.scalars(select(SlipEvent))]


def trail(database: Database) -> list[str]:
    from sqlalchemy import select

    from portfolio.audit.models import AuditEvent

    with database.reading() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def ledger_faults(database: Database) -> list[str]:
    from portfolio.ledger.checking import faults

    with database.reading() as session:
        return list(faults(session))


def words_of(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every place where words of a piece may stand."""
    from sqlalchemy import select

    from portfolio.slips.places import PLACES

    with database.reading() as session:
        return {
            place.name: [
                tuple(row)
                for row in session.execute(
                    select(place.table.c.id, *(place.table.c[name] for name in place.columns)).order_by(
                        place.table.c.id
                    )
                )
            ]
            for place in PLACES
        }


def test_what_was_reported_waits_on_the_home_page_of_the_leads_alone(
    browser: Open, cast: Cast, database: Database, session: Session
) -> None:
    lead = a_lead(session, cast)
    assert "to look at" not in browser(lead).get("/").text
    report(browser, cast, a_named_piece(browser, cast), cast.marek)
    home = browser(lead).get("/").text
    assert "1 reported piece to look at" in home
    assert f'href="/providers/{cast.provider.id}/slips"' in home
    assert NAME not in home
    for who in EVERYBODY:
        assert "reported piece" not in browser(getattr(cast, who)).get("/").text, who
