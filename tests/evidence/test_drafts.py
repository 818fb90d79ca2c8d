"""Adding and saving through the page: whatever is missing or wrong, what was typed and chosen is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.evidence.types import choices
from portfolio.people.models import SignedInSession
from tests.builders import Cast, a_draft, commit
from tests.client import Browser
from tests.evidence.steps import (
    all_files,
    all_pieces,
    complete,
    leads_to,
    newest,
    pages_of,
    piece_id,
    send,
    state_of,
    versions_of,
    work_off,
)
from tests.storage import corpus

Open = Callable[..., Browser]
HTMX = pytest.mark.parametrize("htmx", [False, True])


@HTMX
def test_a_title_is_enough_to_save_a_draft(browser: Open, cast: Cast, database: Database, htmx: bool) -> None:
    answer = send(
        browser(cast.amina, htmx=htmx), pages_of(cast.amina_at), {"title": "Home visit", "action": "save"}
    )
    assert answer.status_code == (204 if htmx else 303)
    assert leads_to(answer).endswith("?done=saved")
    version = newest(database, piece_id(answer))
    assert (version.title, version.type, version.happened_on, version.submitted_at) == (
        "Home visit",
        "",
        None,
        None,
    )
    assert state_of(database, version.evidence_id) == "draft"


@pytest.mark.parametrize(
    ("form", "files", "title"),
    [
        ({"what_i_did": "I rang the duty line."}, [], "I rang the duty line."),
        ({}, [corpus.GOOD["pdf"]], "Certificate"),
        ({"claim": ["D8", "K7"]}, [], "Evidence for K7, D8"),
        ({"original_kept_at": "In the log"}, [], "Untitled"),
        (
            {"happened_on_day": "2", "happened_on_month": "10", "happened_on_year": "2025"},
            [],
            "Untitled",
        ),
    ],
)
def test_without_a_title_everything_else_is_kept_under_one_made_from_it(
    browser: Open,
    cast: Cast,
    database: Database,
    form: dict[str, Any],
    files: list[tuple[str, bytes]],
    title: str,
) -> None:
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), form | {"action": "save"}, *files)
    assert answer.status_code == 303
    assert newest(database, piece_id(answer)).title == title
    assert "It had no title" in page.get(leads_to(answer)).text


@HTMX
def test_an_empty_form_says_what_to_do_and_makes_nothing(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    answer = send(
        browser(cast.amina, htmx=htmx), pages_of(cast.amina_at), {"type": "work_product", "action": "save"}
    )
    assert answer.status_code == 422
    assert "There is nothing to save yet" in answer.text
    assert all_pieces(database) == []


@HTMX
def test_submitting_what_is_incomplete_saves_it_and_names_everything_that_is_missing(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    page = browser(cast.amina, htmx=htmx)
    answer = send(
        page,
        pages_of(cast.amina_at),
        {"title": "Half done", "why": "Because <b>it</b> matters", "action": "submit"},
    )
    assert answer.status_code == 422
    for sentence in (
        "Choose what type",
        "Say when",
        "Choose at least one statement",
        "There is no file",
        "own work",
    ):
        assert sentence in answer.text
    assert "Because &lt;b&gt;it&lt;/b&gt; matters" in answer.text
    assert ("<html" in answer.text) is not htmx
    draft = newest(database, piece_id(answer))
    assert (draft.title, draft.why, draft.submitted_at) == ("Half done", "Because <b>it</b> matters", None)
    assert answer.headers["hx-push-url"].endswith(f"/{draft.evidence_id}/edit")


@HTMX
def test_a_complete_piece_is_submitted_and_frozen(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    page = browser(cast.amina, htmx=htmx)
    answer = send(page, pages_of(cast.amina_at), complete(action="submit"))
    assert leads_to(answer).endswith("?done=submitted")
    version = newest(database, piece_id(answer))
    assert version.submitted_at is not None
    assert version.happened_on == date(2025, 10, 2)
    assert [(claim.item_code, claim.note) for claim in version.claims] == [
        ("K7", "From the second paragraph on"),
        ("D8", ""),
    ]
    assert state_of(database, version.evidence_id) == "submitted"
    with database.reading() as session:
        seen = session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.record_id == version.evidence_id)
            .order_by(AuditEvent.id)
        ).all()
    assert seen == ["evidence.draft_saved", "evidence.submitted"]


def test_a_double_tap_makes_one_piece(browser: Open, cast: Cast, database: Database) -> None:
    page = browser(cast.amina)
    form = complete(form_key="key-1", action="submit")
    first = send(page, pages_of(cast.amina_at), form, corpus.GOOD["jpeg"])
    second = send(page, pages_of(cast.amina_at), form, corpus.GOOD["jpeg"])
    assert first.status_code == second.status_code == 303
    assert piece_id(first) == piece_id(second)
    assert len(all_pieces(database)) == len(all_files(database)) == 1


def test_going_back_and_saving_again_changes_the_draft_that_is_there(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    first = send(page, pages_of(cast.amina_at), complete(form_key="key-1", action="save"))
    send(page, pages_of(cast.amina_at), complete(form_key="key-1", action="save", why="I thought again."))
    assert len(all_pieces(database)) == 1
    assert newest(database, piece_id(first)).why == "I thought again."


@HTMX
@pytest.mark.parametrize("taken_back", [False, True])
def test_a_page_that_was_submitted_is_not_sent_again_with_other_content_and_nothing_typed_is_lost(
    browser: Open, cast: Cast, database: Database, htmx: bool, taken_back: bool
) -> None:
    page = browser(cast.amina, htmx=htmx)
    first = send(page, pages_of(cast.amina_at), complete(form_key="key-1", action="submit"))
    if taken_back:
        page.post(f"{pages_of(cast.amina_at)}/{piece_id(first)}/take-back")
    other = complete(form_key="key-1", action="submit", why="I thought again.")
    second = send(page, pages_of(cast.amina_at), other, corpus.GOOD["jpeg"])
    assert second.status_code == 409
    assert "This page was sent before, with something else in it" in second.text
    assert "Choose the files again" in second.text
    assert "I thought again." in second.text
    assert 'value="key-1"' not in second.text
    assert [piece.id for piece in all_pieces(database)] == [piece_id(first)]
    assert newest(database, piece_id(first)).why == complete()["why"]
    assert all_files(database) == []
    work_off(page)
    assert list(page.app.state.store.keys()) == []  # type: ignore[attr-defined]
    fresh = re.search(r'name="form_key" value="(\w+)"', second.text)
    assert fresh is not None
    third = send(page, pages_of(cast.amina_at), other | {"form_key": fresh[1]}, corpus.GOOD["jpeg"])
    assert piece_id(third) != piece_id(first)
    assert newest(database, piece_id(third)).why == "I thought again."


def test_the_key_of_a_form_counts_for_its_own_author_only(
    browser: Open, cast: Cast, database: Database
) -> None:
    send(browser(cast.amina), pages_of(cast.amina_at), {"title": "Mine", "form_key": "same"})
    send(browser(cast.olu), pages_of(cast.other_at), {"title": "Theirs", "form_key": "same"})
    assert len(all_pieces(database)) == 2


@HTMX
def test_a_draft_is_edited_with_what_was_saved_on_the_page(
    browser: Open, session: Session, cast: Cast, database: Database, htmx: bool
) -> None:
    piece = a_draft(session, cast.amina_at, "K7", "D8", title="Before")
    commit(session)
    page = browser(cast.amina, htmx=htmx)
    address = f"{pages_of(cast.amina_at)}/{piece.id}/edit"
    form = page.get(address).text
    assert 'value="Before"' in form
    assert 'id="claim-K7"' in form
    answer = send(page, address, complete(title="After", claim=["K7", "S7"], note_S7="here", action="save"))
    assert answer.status_code == (204 if htmx else 303)
    version = newest(database, piece.id)
    assert version.title == "After"
    assert [(claim.item_code, claim.note) for claim in version.claims] == [
        ("K7", "From the second paragraph on"),
        ("S7", "here"),
    ]


def test_a_double_tap_on_submit_while_editing_submits_once(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_draft(session, cast.amina_at, "K7")
    commit(session)
    page = browser(cast.amina)
    address = f"{pages_of(cast.amina_at)}/{piece.id}/edit"
    assert send(page, address, complete(action="submit")).status_code == 303
    assert send(page, address, complete(action="submit")).status_code == 303
    assert send(page, address, complete(action="submit", why="other words")).status_code == 409
    assert len(versions_of(database, piece.id)) == 1


def test_clearing_the_title_of_a_draft_keeps_a_title(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_draft(session, cast.amina_at, title="Before")
    commit(session)
    send(browser(cast.amina), f"{pages_of(cast.amina_at)}/{piece.id}/edit", {"title": " ", "action": "save"})
    assert newest(database, piece.id).title == "Before"


def test_the_text_of_an_ended_session_is_kept_and_saved_after_signing_in(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    with database.writing() as own:
        for row in own.scalars(select(SignedInSession)):
            row.ended_at = row.seen_at
    answer = send(page, pages_of(cast.amina_at), complete(action="submit"), corpus.GOOD["mp4"])
    assert answer.status_code == 303
    assert "/sign-in?next=%2Fkept-forms%2F" in leads_to(answer)
    kept = leads_to(answer).split("next=")[1].split("&")[0].replace("%2F", "/")
    page.sign_in_as(cast.amina)
    shown = page.get(kept).text
    assert "Waiting could have left Child A at risk." in shown
    assert "The files could not be kept" in shown
    again = page.post(
        pages_of(cast.amina_at), data=complete(action="save")
    )  # as that page sends it: no files
    assert again.status_code == 303
    assert newest(database, piece_id(again)).why == complete()["why"]


def test_links_choose_items_and_a_type_beforehand(browser: Open, cast: Cast) -> None:
    text = (
        browser(cast.amina).get(pages_of(cast.amina_at) + "/new?item=k7&item=D8&item=K999&type=feedback").text
    )
    assert "Chosen: K7, Duty 8." in text
    assert '<option value="feedback" selected>' in text


def test_the_page_says_what_it_is_not_and_which_limits_hold(browser: Open, cast: Cast) -> None:
    text = browser(cast.amina).get(pages_of(cast.amina_at) + "/new").text
    assert "This is not a reporting route" in text
    assert "Each at most 500 MB, and 30 in one piece" in text
    assert "may not allow it as evidence" in text
    first, second = text.index('id="photo"'), text.index('id="files"')
    assert 'capture="environment"' in text[first : first + 160]
    assert "capture" not in text[second : second + 160]
    assert "multiple" in text[second : second + 160]


def test_every_type_is_offered_and_it_is_said_who_writes_it(browser: Open, cast: Cast) -> None:
    text = browser(cast.amina).get(pages_of(cast.amina_at) + "/new").text
    for id_, label in choices():
        assert f'<option value="{id_}">{label}</option>' in text
    assert "Observation report (written by your assessor)" in text


def test_a_withdrawn_apprenticeship_takes_nothing_more(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    cast.amina_at.withdrawn_on, cast.amina_at.withdrawn_by_id = date(2026, 10, 1), cast.priya.id
    commit(session)
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action="save"), corpus.GOOD["jpeg"])
    assert answer.status_code == 409
    assert "This apprenticeship was withdrawn" in answer.text
    assert page.get(pages_of(cast.amina_at) + "/new").status_code == 409
    assert "Add evidence</a>" not in page.get(pages_of(cast.amina_at)).text
    assert all_pieces(database) == []
    work_off(page)
    assert list(page.app.state.store.keys()) == []  # type: ignore[attr-defined]


def test_a_piece_of_somebody_else_is_not_saved_into(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_draft(session, cast.other_at, title="Theirs")
    commit(session)
    address = f"{pages_of(cast.amina_at)}/{piece.id}/edit"
    assert send(browser(cast.amina), address, complete(title="Mine now")).status_code == 404
    with database.reading() as reading:
        assert reading.get_one(Evidence, piece.id).state == "draft"
    assert newest(database, piece.id).title == "Theirs"
