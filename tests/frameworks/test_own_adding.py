"""A framework from a file: looked at first, then added; every fault named at once; an edition never changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.frameworks import UnknownFramework, load_frameworks
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.frameworks import own_actions
from portfolio.frameworks.own_file import own_framework
from portfolio.frameworks.own_forms import sha256_of
from portfolio.library.queries import frameworks_for
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.frameworks.own_steps import MK, TEXT, TITLE, an_own, confirm, edition, editions, send, under
from tests.postgres import plain

Open = Callable[..., Browser]
FIRST, SECOND = "our-own-framework--1", "our-own-framework--2"
SHIPPED = {one.id for one in load_frameworks().all()}


def offered(database: Database, cast: Cast) -> set[str]:
    with database.reading() as fresh:
        return {one.id for one in frameworks_for(fresh, cast.provider.id).all()} - SHIPPED


def test_the_example_to_save_passes_as_it_is(browser: Open, cast: Cast, catalogue: Catalogue) -> None:
    page = browser(cast.priya)
    answer = page.get(under(cast, "/example.yaml"))
    assert (answer.headers["content-type"], answer.text) == ("application/yaml; charset=utf-8", TEXT)
    assert 'filename="framework-example.yaml"' in answer.headers["content-disposition"]
    assert own_framework(answer.text, catalogue).title == TITLE
    assert send(page, under(cast, "/add"), answer.content).status_code == 200


def test_looked_at_first_then_added(browser: Open, database: Database, cast: Cast) -> None:
    page = browser(cast.priya)
    preview = send(page, under(cast, "/add"))
    assert preview.status_code == 200
    for words in (
        TITLE,
        "Nothing is added yet",
        "Passes a concern on the same day",
        sha256_of(TEXT),
        "First edition, 2026",
    ):
        assert words in preview.text
    assert editions(database) == []
    answer = confirm(page, under(cast, "/add"))
    assert answer.headers["location"] == under(cast, f"/{FIRST}?done=added")
    (row,) = editions(database)
    assert (row.file_id, row.number, row.content, row.added_by_id) == (
        "our-own-framework",
        1,
        TEXT,
        cast.priya.id,
    )
    shown = page.get(answer.headers["location"]).text
    assert "Added by Priya Parker on" in shown
    assert "our summary" not in shown
    assert page.get(under(cast, f"/{FIRST}/file.yaml")).text == TEXT
    assert offered(database, cast) == {FIRST}
    with database.reading() as fresh:
        noted = fresh.query(AuditEvent).filter_by(action="framework.added").one()
        assert (noted.by_id, noted.record_id, noted.detail["framework"]) == (
            cast.priya.id,
            row.id,
            "our-own-framework",
        )


def test_a_text_that_was_changed_after_the_preview_is_looked_at_again(
    browser: Open, database: Database, cast: Cast
) -> None:
    page = browser(cast.priya)
    fields = {"text": edition("Another"), "checked": sha256_of(TEXT), "do": "write"}
    answer = page.post(under(cast, "/add"), data=fields, files={"file": ("", b"")})
    assert (answer.status_code, "changed after it was checked" in answer.text) == (200, True)
    assert editions(database) == []


def test_line_ends_of_windows_and_a_mark_at_the_start_change_nothing(
    browser: Open, database: Database, cast: Cast
) -> None:
    page = browser(cast.priya)
    preview = send(page, under(cast, "/add"), b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert sha256_of(TEXT) in preview.text
    as_sent_back = TEXT.replace("\n", "\r\n")  # a form sends line ends so
    fields = {"text": as_sent_back, "checked": sha256_of(TEXT), "do": "write"}
    assert page.post(under(cast, "/add"), data=fields, files={"file": ("", b"")}).status_code == 303
    assert [one.content for one in editions(database)] == [TEXT]


def test_the_same_text_again_adds_nothing(browser: Open, database: Database, cast: Cast) -> None:
    page = browser(cast.priya)
    for _ in range(2):
        assert confirm(page, under(cast, "/add")).headers["location"] == under(cast, f"/{FIRST}?done=added")
    assert len(editions(database)) == 1


def test_a_new_edition_is_offered_and_the_earlier_one_stays_for_those_who_have_it(
    browser: Open, database: Database, cast: Cast
) -> None:
    page = browser(cast.priya)
    confirm(page, under(cast, "/add"))
    newer = edition("Second edition, 2027").replace("title: Everyone", "title: All of us")
    preview = send(page, under(cast, "/add"), newer)
    assert "becomes a new edition beside “First edition, 2026”" in preview.text
    assert confirm(page, under(cast, "/add"), newer).headers["location"] == under(
        cast, f"/{SECOND}?done=added"
    )
    assert offered(database, cast) == {SECOND}
    with database.reading() as fresh:
        known = frameworks_for(fresh, cast.provider.id)
        assert known.get(FIRST).level("everyone").title == "Everyone"
        assert known.get(SECOND).level("everyone").title == "All of us"
    shown = page.get(under(cast)).text
    assert shown.index("Second edition, 2027") < shown.index("First edition, 2026")
    assert "Earlier edition" in shown


def test_other_words_under_the_same_edition_are_refused(
    browser: Open, database: Database, cast: Cast
) -> None:
    page = browser(cast.priya)
    confirm(page, under(cast, "/add"))
    other = TEXT.replace("title: Everyone", "title: All of us")
    for answer in (send(page, under(cast, "/add"), other), confirm(page, under(cast, "/add"), other)):
        assert answer.status_code == 422
        assert "There is an edition “First edition, 2026” of our-own-framework already" in answer.text
        assert "title: All of us" in answer.text  # what was sent is still there to mend
    assert len(editions(database)) == 1


def test_there_is_an_end_to_how_many_are_kept(
    session: Session, browser: Open, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_actions, "MOST_EDITIONS", 1)
    an_own(session, cast.provider, cast.priya)
    commit(session)
    answer = confirm(browser(cast.priya), under(cast, "/add"), edition("Second"))
    assert (answer.status_code, "more cannot be kept here" in answer.text) == (422, True)
    assert len(editions(database)) == 1


def test_one_that_is_not_offered_any_more_is_still_known(
    session: Session, browser: Open, database: Database, cast: Cast
) -> None:
    an_own(session, cast.provider, cast.priya)
    commit(session)
    page = browser(cast.priya)
    for _ in range(2):
        answer = page.post(under(cast, f"/{FIRST}/withdraw"))
        assert answer.headers["location"] == under(cast, "?done=withdrawn")
    assert offered(database, cast) == set()
    assert "Taken out of the choice by Priya Parker on" in page.get(under(cast)).text
    assert page.get(under(cast, f"/{FIRST}")).status_code == 200
    with database.reading() as fresh:
        assert frameworks_for(fresh, cast.provider.id).get(FIRST).title == TITLE
        assert fresh.query(AuditEvent).filter_by(action="framework.withdrawn").count() == 1
    assert (
        page.post(under(cast, f"/{MK}/withdraw")).status_code == 404
    )  # what ships is not anybody's to take out


def test_every_fault_is_named_at_once_with_its_place(browser: Open, database: Database, cast: Cast) -> None:
    wrong = (
        TEXT.replace("nation: England  ", "nation: France  ")
        .replace("wording: own framework", "wording: our summary")
        .replace("rank: 2", "rank: 3")
        .replace("      - K7", "      - K999")
        .replace("months: 24", "months: many")
    )
    answer = send(browser(cast.priya), under(cast, "/add"), wrong, name="ours.yaml")
    assert answer.status_code == 422
    for place, what in (
        ("nation", "&#39;France&#39; is not known here; write one of: England, Wales"),
        ("levels[2].rank", "2 expected"),
        ("suggestions[1].statements", "K999 is not a statement of ST1030"),
        ("refreshers[1].months", "a whole number expected here"),
    ):
        assert f"<b>{place}</b>: {what}" in answer.text
    assert "ours.yaml: this has to be mended" in answer.text
    assert "nation: France" in answer.text
    alone = send(
        browser(cast.priya),
        under(cast, "/add"),
        TEXT.replace("wording: own framework", "wording: our summary"),
    )
    assert "<b>wording</b>: write: own framework" in alone.text
    assert editions(database) == []


@pytest.mark.parametrize(
    ("change", "place", "sentence"),
    [
        (("id: our-own-framework", f"id: {MK}"), "id", "is one that ships with the product"),
        (("id: our-own-framework", "id: Our Own"), "id", "small letters, digits and hyphens expected"),
        (("id: our-own-framework", "id: " + "a" * 51), "id", "at most 50 characters; this has 51"),
        (("id: everyone-signs", "id: signs of abuse"), "levels[1].competencies[1].id", "letters, digits and hyphens"),
        (("edition: First", "edition: " + "x" * 201 + " First"), "edition", "at most 200 characters"),
    ],
    ids=["shipped", "not a slug", "long", "competency", "edition"],
)  # fmt: skip
def test_what_is_asked_of_an_own_framework_besides(
    browser: Open, cast: Cast, change: tuple[str, str], place: str, sentence: str
) -> None:
    text = TEXT.replace(*change).replace("      - everyone-signs", "      - everyone-passes-on")
    answer = send(browser(cast.priya), under(cast, "/add"), text)
    assert answer.status_code == 422
    assert f"<b>{place}</b>" in answer.text
    assert sentence in answer.text


def test_a_framework_of_one_provider_is_unknown_to_another(
    session: Session, browser: Open, database: Database, cast: Cast
) -> None:
    an_own(session, cast.provider, cast.priya)
    commit(session)
    theirs = browser(cast.noor)
    address = f"/providers/{cast.other_provider.id}/frameworks"
    assert TITLE not in theirs.get(address).text
    for rest in ("", "/file.yaml"):
        assert theirs.get(f"{address}/{FIRST}{rest}").status_code == 404
    assert theirs.post(f"{address}/{FIRST}/withdraw").status_code == 404
    with database.reading() as fresh, pytest.raises(UnknownFramework):
        frameworks_for(fresh, cast.other_provider.id).get(FIRST)
    assert editions(database)[0].withdrawn_at is None
    assert confirm(theirs, f"{address}/add").status_code == 303  # they may use the same id for theirs
    assert sorted(one.framework_id for one in editions(database)) == [FIRST, FIRST]


@pytest.mark.parametrize(
    ("name", "reads", "adds"),
    [
        ("priya", 200, 200), ("asha", 200, 403), ("ines", 403, 403), ("marek", 403, 403), ("amina", 403, 403),
        ("noor", 404, 404), ("otto", 404, 404), ("admin", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_who_adds(
    session: Session, browser: Open, database: Database, cast: Cast, name: str, reads: int, adds: int
) -> None:
    an_own(session, cast.provider, cast.priya)
    commit(session)
    page = browser(getattr(cast, name))
    for rest in ("", f"/{FIRST}", f"/{MK}", f"/{FIRST}/file.yaml"):
        assert page.get(under(cast, rest)).status_code == reads, rest
    for rest in ("/add", "/example.yaml"):
        assert page.get(under(cast, rest)).status_code == adds, rest
    assert confirm(page, under(cast, "/add"), edition("Second")).status_code == (303 if adds == 200 else adds)
    assert page.post(under(cast, f"/{FIRST}/withdraw")).status_code == (303 if adds == 200 else adds)
    assert len(editions(database)) == (2 if adds == 200 else 1)


def test_nobody_who_is_not_signed_in_reads_any_of_it(browser: Open, database: Database, cast: Cast) -> None:
    page = browser()
    for rest in ("", "/add", f"/{MK}", f"/{MK}/links"):
        assert "/sign-in" in page.get(under(cast, rest)).headers["location"]
    assert "/sign-in" in confirm(page, under(cast, "/add")).headers["location"]
    assert editions(database) == []


def test_a_page_of_each_that_ships_says_where_it_is_from_and_what_it_is_not(
    browser: Open, cast: Cast
) -> None:
    page = browser(cast.asha)
    listed = page.get(under(cast)).text
    for framework in load_frameworks().all():
        assert f'href="{under(cast, f"/{framework.id}")}"' in listed
        for level in framework.levels:
            shown = page.get(under(cast, f"/{framework.id}?level={level.id}")).text
            assert "As published then" in shown
            assert "in our summary. Not current law." in shown
            assert all(rule.place in shown for rule in framework.refreshers)
            assert all(rule.place in shown for rule in framework.placement)
            for one in level.competencies:
                assert one.title.replace("'", "&#39;").replace('"', "&#34;") in shown, one.id
            assert len(shown) < 60_000
    assert "5 groups, 27 competencies" not in listed
    assert "6 groups, 27 competencies" in listed
    assert "6 levels, 115 competencies" in listed


def test_the_way_there_from_the_page_to_set_up(browser: Open, cast: Cast) -> None:
    page = browser(cast.priya)
    assert f'href="{under(cast)}"' in page.get(f"/providers/{cast.provider.id}/setup").text
    assert f'href="{under(cast, "/add")}"' in page.get(under(cast)).text
    assert under(cast, "/add") not in browser(cast.asha).get(under(cast)).text


def test_more_editions_cost_no_more_queries(
    session: Session, browser: Open, database: Database, cast: Cast
) -> None:
    page, counts = browser(cast.priya), []
    for number in (1, 2, 3, 4):
        an_own(session, cast.provider, cast.priya, edition(f"Edition {number}"), number)
        commit(session)
        page.get(under(cast))  # a text is read once by each process
        with queries(database) as count:
            page.get(under(cast))
        counts.append(count.number)
    assert len(set(counts)) == 1


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("UPDATE provider_framework SET content = 'id: x'", None),
        ("UPDATE provider_framework SET edition = 'x', withdrawn_at = added_at, withdrawn_by_id = added_by_id", None),
        ("UPDATE provider_framework SET withdrawn_at = added_at", None),
        ("DELETE FROM provider_framework", None),
    ],
)  # fmt: skip
def test_the_database_keeps_every_edition(
    session: Session, database: Database, cast: Cast, statement: str, left: None
) -> None:
    an_own(session, cast.provider, cast.priya)
    commit(session)
    match = r"never changed|append-only|permission denied"
    with pytest.raises(DBAPIError, match=match), plain(database) as connection:
        connection.execute(text(statement))
    (row,) = editions(database)
    assert (row.content, row.withdrawn_at) == (TEXT, left)


def test_a_text_that_cannot_be_read_any_more_takes_no_other_with_it(
    session: Session, browser: Open, database: Database, cast: Cast
) -> None:
    """As after an update that reads another schema version."""
    an_own(session, cast.provider, cast.priya, TEXT.replace("schema_version: 1", "schema_version: 2"))
    commit(session)
    page = browser(cast.priya)
    assert page.get(under(cast)).status_code == 200
    assert page.get(under(cast, f"/{FIRST}")).status_code == 404
    assert page.get(under(cast, f"/{MK}")).status_code == 200
