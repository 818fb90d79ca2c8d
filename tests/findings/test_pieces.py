"""The check when a piece is submitted: it asks once, a reason lets it through, and the assessor reads the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portfolio.database import Database
from tests.builders import Cast, a_draft, commit
from tests.client import Browser
from tests.evidence.steps import all_files, all_pieces, complete, newest, pages_of, piece_id, send, state_of
from tests.findings.steps import NAME, PHONE, WHY, all_kept, kept, words_of
from tests.storage.corpus import jpeg_with_location

Open = Callable[..., Browser]


@pytest.fixture
def amina(browser: Open, cast: Cast) -> Browser:
    return browser(cast.amina)


def submit(page: Browser, cast: Cast, *files: tuple[str, bytes], **fields: Any) -> Any:
    return send(page, pages_of(cast.amina_at), complete(action="submit", **fields), *files)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("title", PHONE),
        ("what_happened", NAME),
        ("what_i_did", "SW1A 1AA"),
        ("why", "QQ 12 34 56 C".replace("QQ", "AB")),
        ("original_kept_at", "Ellie Brightwater"),
        ("original_seen_by", NAME),
        ("note_K7", PHONE),
    ],
)
def test_whatever_text_says_it_it_is_asked_about_with_everything_still_there(
    amina: Browser, cast: Cast, database: Database, field: str, words: str
) -> None:
    text = f"I spoke to {words} about it."
    answer = submit(amina, cast, form_key="a" * 32, **{field: text})
    assert answer.status_code == 422
    assert text in answer.text
    assert f'href="#{field}"' in answer.text
    assert "why it may stay" in answer.text
    assert re.search(rf'name="kept_words" value="[^"]*{re.escape(words)}', answer.text)
    assert [one.state for one in all_pieces(database)] == ["draft"]


def test_with_a_reason_it_goes_through_and_only_the_place_is_stored(
    amina: Browser, cast: Cast, database: Database, browser: Open
) -> None:
    text = f"The council can be reached on {PHONE}."
    answer = submit(amina, cast, why=text, **kept("why", PHONE))
    assert answer.status_code == 303
    (row,) = all_kept(database)
    version = newest(database, piece_id(answer))
    assert (row.record_id, row.field, row.kind, row.reason) == (version.id, "why", "phone", WHY)
    assert version.why[row.starts : row.ends] == PHONE
    assert PHONE not in str(vars(row))
    for person, rest in ((cast.asha, "/review"), (cast.asha, ""), (cast.amina, ""), (cast.marek, "")):
        shown = browser(person).get(f"{pages_of(cast.amina_at)}/{piece_id(answer)}{rest}")
        assert f"Kept because: {WHY}" in shown.text, rest


def test_no_reason_for_one_of_two_still_asks_and_the_other_reason_is_not_lost(
    amina: Browser, cast: Cast, database: Database
) -> None:
    answer = submit(amina, cast, why=f"{PHONE} and {NAME}", **kept("why", PHONE))
    assert answer.status_code == 422
    assert f'value="{WHY}"' in answer.text
    again = amina.get(f"{pages_of(cast.amina_at)}/{piece_id(answer)}/edit")
    assert f'value="{WHY}"' in again.text
    assert [one.kind for one in all_kept(database)] == ["phone"]


def test_a_draft_is_saved_without_being_asked(amina: Browser, cast: Cast) -> None:
    answer = send(amina, pages_of(cast.amina_at), complete(action="save", why=f"Ring {PHONE}"))
    assert answer.status_code == 303


def test_submitting_from_the_page_of_the_draft_asks_too(
    amina: Browser, cast: Cast, session: Session, database: Database
) -> None:
    piece = a_draft(session, cast.amina_at, "K7", why=f"Ring {PHONE}")
    commit(session)
    answer = amina.post(f"{pages_of(cast.amina_at)}/{piece.id}/submit")
    assert answer.status_code == 422
    assert f'name="kept_words" value="{PHONE}"' in answer.text
    assert state_of(database, piece.id) == "draft"


def test_names_of_those_around_are_not_asked_about(amina: Browser, cast: Cast) -> None:
    words = "Amina Archer wrote it with Marek Mason, and Asha Abbott and Ines Irwin read it."
    assert submit(amina, cast, what_happened=words).status_code == 303


def test_the_employers_words_are_asked_about_and_another_providers_are_not(
    amina: Browser, cast: Cast, session: Session
) -> None:
    words_of(session, cast, "blue corridor")
    words_of(session, cast, "green corridor", other=True)
    commit(session)
    assert submit(amina, cast, why="In the green corridor.").status_code == 303
    answer = submit(amina, cast, why="In the Blue Corridor.")
    assert answer.status_code == 422
    assert "“Blue Corridor” is on the employer’s list of words" in answer.text


def test_the_name_of_a_file_is_asked_about_and_can_be_changed(
    amina: Browser, cast: Cast, database: Database
) -> None:
    answer = submit(amina, cast, ("Ellie_Brightwater.jpg", jpeg_with_location()), title="Half a thought")
    assert answer.status_code == 422
    (file,) = all_files(database)
    address = f"{pages_of(cast.amina_at)}/{piece_id(answer)}/edit"
    form = complete(rename_file=str(file.id), title="A whole thought") | {f"new_name_{file.id}": "drawing"}
    assert send(amina, address, form).status_code == 303
    assert [one.name for one in all_files(database)] == ["drawing.jpg"]
    assert newest(database, piece_id(answer)).title == "A whole thought"
    assert send(amina, address, complete(action="submit")).status_code == 303


def test_the_name_of_a_file_can_be_kept_with_a_reason(amina: Browser, cast: Cast, database: Database) -> None:
    answer = submit(amina, cast, ("Ellie_Brightwater.jpg", jpeg_with_location()))
    (file,) = all_files(database)
    address = f"{pages_of(cast.amina_at)}/{piece_id(answer)}/edit"
    form = complete(action="submit") | kept(f"file-{file.id}", "Ellie_Brightwater", "A made-up name.")
    assert send(amina, address, form).status_code == 303
    shown = amina.get(f"{pages_of(cast.amina_at)}/{piece_id(answer)}").text
    assert "Kept because: A made-up name." in shown


def test_a_file_that_was_submitted_keeps_its_name(amina: Browser, cast: Cast, database: Database) -> None:
    answer = submit(amina, cast, ("drawing.jpg", jpeg_with_location()))
    (file,) = all_files(database)
    piece = f"{pages_of(cast.amina_at)}/{piece_id(answer)}"
    assert amina.post(f"{piece}/take-back").status_code == 303
    form = complete(rename_file=str(file.id)) | {f"new_name_{file.id}": "sketch"}
    refused = send(amina, f"{piece}/edit", form)
    assert refused.status_code == 422
    assert "keeps its name there" in refused.text
    assert [one.name for one in all_files(database)] == ["drawing.jpg"]


def test_what_was_kept_stays_kept_in_the_next_version_as_long_as_it_is_there(
    amina: Browser, cast: Cast, database: Database
) -> None:
    answer = submit(amina, cast, why=f"Ring {PHONE}", **kept("why", PHONE))
    piece = f"{pages_of(cast.amina_at)}/{piece_id(answer)}"
    amina.post(f"{piece}/take-back")
    assert f'value="{WHY}"' in amina.get(f"{piece}/edit").text
    assert send(amina, f"{piece}/edit", complete(action="submit", why=f"Do ring {PHONE}")).status_code == 303
    first, second = all_kept(database)
    assert (first.starts, second.starts) in ((5, 8), (8, 5))
    amina.post(f"{piece}/take-back")
    assert send(amina, f"{piece}/edit", complete(action="submit")).status_code == 303
    assert len(all_kept(database)) == 2, "nothing is left of it in the third version"


def test_a_reason_can_be_taken_back_in_a_draft(amina: Browser, cast: Cast, database: Database) -> None:
    answer = send(
        amina, pages_of(cast.amina_at), complete(action="save", why=f"Ring {PHONE}") | kept("why", PHONE)
    )
    address = f"{pages_of(cast.amina_at)}/{piece_id(answer)}/edit"
    assert len(all_kept(database)) == 1
    form = complete(action="submit", why=f"Ring {PHONE}") | kept("why", PHONE, " ")
    assert send(amina, address, form).status_code == 422
    assert all_kept(database) == []


def test_sent_twice_it_is_kept_once(amina: Browser, cast: Cast, database: Database) -> None:
    form = complete(action="submit", form_key="b" * 32, why=f"Ring {PHONE}") | kept("why", PHONE)
    for _ in range(2):
        assert send(amina, pages_of(cast.amina_at), form).status_code == 303
    assert (len(all_pieces(database)), len(all_kept(database))) == (1, 1)


def test_a_search_without_script_loses_no_reason(amina: Browser, cast: Cast) -> None:
    form = complete(action="find", q="duty 8", why=f"Ring {PHONE}") | kept("why", PHONE)
    answer = send(amina, pages_of(cast.amina_at), form)
    assert answer.status_code == 200
    assert f'value="{WHY}"' in answer.text


def test_a_stranger_of_another_provider_learns_no_names(browser: Open, cast: Cast, session: Session) -> None:
    words_of(session, cast, "blue corridor")
    commit(session)
    address = f"/apprenticeships/{cast.amina_at.id}/known-names"
    assert browser(cast.noor).get(address).status_code == 404
    said = browser(cast.amina).get(address).json()
    assert said["words"] == ["blue corridor"]
    assert set(said["names"]) == {"Amina Archer", "Marek Mason", "Asha Abbott", "Ines Irwin"}
