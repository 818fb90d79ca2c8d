"""What a page saves by itself, and what becomes of a draft that two pages write at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence.models_revisions import DraftConflict, DraftRevision
from portfolio.evidence.revisions import MOST_KEPT
from tests.builders import Cast
from tests.client import Browser
from tests.drafts.writers import Diary
from tests.evidence.steps import complete, newest, pages_of, piece_id, send, state_of

Open = Callable[..., Browser]
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile"}


@pytest.fixture
def amina(browser: Open, cast: Cast) -> Browser:
    return browser(cast.amina)


@dataclass
class Form:
    """One open page of the form: what it carries, and what stands in it."""

    browser: Browser
    address: str
    key: str
    base: str
    turn: int = 0

    def autosave(self, *, headers: dict[str, str] | None = None, **typed: Any) -> Any:
        self.turn += 1
        return self.send_again(headers=headers, **typed)

    def send_again(self, *, headers: dict[str, str] | None = None, **typed: Any) -> Any:
        form = typed | {"form_key": self.key, "base": self.base, "turn": str(self.turn)}
        return self.browser.post(f"{self.address}/autosave", data=form, headers=headers or {})

    def save(self, action: str = "save", **typed: Any) -> Any:
        """Pressed, without a script: the page has counted nothing."""
        form = typed | {"form_key": self.key, "base": self.base, "turn": "0", "action": action}
        return send(self.browser, f"{self.address}/edit", form)


def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no {name} on the page"
    return found[1]


def open_form(browser: Browser, address: str) -> Form:
    answer = browser.get(f"{address}/edit")
    assert answer.status_code == 200, answer.text
    return Form(browser, address, field_of(answer.text, "form_key"), field_of(answer.text, "base"))


def a_draft(browser: Browser, cast: Cast, **form: Any) -> str:
    """A saved draft; its address."""
    answer = send(browser, pages_of(cast.amina_at), complete(**form))
    return f"{pages_of(cast.amina_at)}/{piece_id(answer)}"


def id_of(address: str) -> UUID:
    return UUID(address.rpartition("/")[2])


def rows(database: Database, model: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def saved_events(database: Database) -> int:
    with database.reading() as session:
        found = select(func.count(AuditEvent.id)).where(AuditEvent.action == "evidence.draft_saved")
        return int(session.scalar(found) or 0)


def test_what_is_typed_is_saved_by_itself_and_noted_once_in_the_trail(
    amina: Browser, cast: Cast, database: Database
) -> None:
    form = open_form(amina, a_draft(amina, cast))
    before = saved_events(database)
    for text in ("I waited.", "I waited. Then", "I waited. Then I asked."):
        answer = form.autosave(**complete(why=text))
        assert answer.status_code == 200
        assert re.fullmatch(r"\d\d:\d\d", answer.json()["at_words"])
        assert not answer.json()["more"]
    assert newest(database, id_of(form.address)).why == "I waited. Then I asked."
    assert state_of(database, id_of(form.address)) == "draft"
    assert saved_events(database) == before + 1


def test_sent_twice_or_too_late_it_changes_nothing(amina: Browser, cast: Cast, database: Database) -> None:
    form = open_form(amina, a_draft(amina, cast, why="Old."))
    form.autosave(**complete(why="Newer."))
    form.autosave(**complete(why="Newest."))
    count = len(rows(database, DraftRevision))
    assert form.send_again(**complete(why="Newest.")).status_code == 200
    form.turn = 1
    assert form.send_again(**complete(why="Newer.")).status_code == 200
    assert newest(database, id_of(form.address)).why == "Newest."
    assert len(rows(database, DraftRevision)) == count


def test_pages_that_change_different_sentences_go_together(
    amina: Browser, cast: Cast, database: Database
) -> None:
    address = a_draft(amina, cast, why="One. Two. Three.")
    phone, desk = open_form(amina, address), open_form(amina, address)
    phone.autosave(**complete(why="One more. Two. Three."))
    answer = desk.autosave(**complete(why="One. Two. Three. Four.", title="Another title"))
    assert (answer.json()["beside"], answer.json()["more"]) == (0, True)
    found = newest(database, id_of(address))
    assert (found.why, found.title) == ("One more. Two. Three. Four.", "Another title")


def test_one_page_that_goes_on_writing_is_not_in_its_own_way(
    amina: Browser, cast: Cast, database: Database
) -> None:
    """Its answers may all have been lost: what it sent last is what it began with."""
    address = a_draft(amina, cast, why="One.")
    phone, desk = open_form(amina, address), open_form(amina, address)
    phone.autosave(**complete(why="One. I beg"))
    desk.autosave(**complete(why="One. From the desk."))
    phone.autosave(**complete(why="One. I began at nine."))
    assert newest(database, id_of(address)).why == "One. I began at nine. From the desk."
    assert rows(database, DraftConflict) == []


def two_texts(amina: Browser, cast: Cast) -> tuple[str, Form]:
    """The same sentence changed at the desk, and then on the phone."""
    address = a_draft(amina, cast, why="I waited. I left.")
    phone, desk = open_form(amina, address), open_form(amina, address)
    desk.autosave(**complete(why="I waited at the desk. I left."))
    answer = phone.autosave(headers=PHONE, **complete(why="I waited on the phone. I left."))
    assert answer.json()["beside"] == 1
    return address, phone


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ("draft", "I waited at the desk. I left."),
        ("other", "I waited on the phone. I left."),
        ("both", "I waited at the desk. I left.\n\nI waited on the phone."),
    ],
)
def test_the_same_sentence_changed_twice_is_shown_twice_until_its_owner_chooses(
    choice: str, left: str, amina: Browser, cast: Cast, database: Database
) -> None:
    address, _ = two_texts(amina, cast)
    page = amina.get(f"{address}/edit").text
    assert "Written in two places" in page
    assert "From your phone" in page
    assert "I waited at the desk." in page
    assert "I waited on the phone." in page
    [beside] = rows(database, DraftConflict)
    form = open_form(amina, address)
    wish = complete(why="I waited at the desk. I left.", choose=f"{choice}:{beside.id}")
    for _ in range(2):  # a double tap
        assert form.save("", **wish).status_code == 303
    assert newest(database, id_of(address)).why == left
    assert rows(database, DraftConflict) == []
    assert "Written in two places" not in amina.get(f"{address}/edit").text


def test_nothing_is_submitted_while_two_texts_wait(amina: Browser, cast: Cast, database: Database) -> None:
    address, phone = two_texts(amina, cast)
    answer = phone.save("submit", **complete(why="I waited on the phone. I left."))
    assert answer.headers["location"].endswith("/edit?done=beside#beside")
    assert "Choose, then submit it" in amina.get(f"{address}/edit?done=beside").text
    assert amina.post(f"{address}/submit").status_code == 409
    assert state_of(database, id_of(address)) == "draft"


def test_a_choice_of_which_both_sides_say_something_else_is_shown_in_words(
    amina: Browser, cast: Cast, database: Database
) -> None:
    address = a_draft(amina, cast)
    phone, desk = open_form(amina, address), open_form(amina, address)
    desk.autosave(**complete(happened_on_day="3"))
    phone.autosave(**complete(happened_on_day="5"))
    page = amina.get(f"{address}/edit").text
    assert "3 October 2025" in page
    assert "5 October 2025" in page
    assert "Keep both" not in page


def test_saved_without_a_script_it_is_merged_too(amina: Browser, cast: Cast, database: Database) -> None:
    address = a_draft(amina, cast, why="One. Two.")
    one, other = open_form(amina, address), open_form(amina, address)
    assert one.save(**complete(why="One changed. Two.")).status_code == 303
    answer = other.save(**complete(why="One. Two changed."))
    assert "done=saved" in answer.headers["location"]
    assert newest(database, id_of(address)).why == "One changed. Two changed."
    third = other.save(**complete(why="One again. Two changed."))
    assert third.headers["location"].endswith("done=beside#beside")
    [beside] = rows(database, DraftConflict)
    assert beside.text == "One again. Two changed."


def test_a_new_page_becomes_one_draft_and_is_submitted_from_there(
    amina: Browser, cast: Cast, database: Database
) -> None:
    page = amina.get(f"{pages_of(cast.amina_at)}/new").text
    key = {"form_key": field_of(page, "form_key"), "base": ""}
    for turn, text in enumerate(("I", "I waited.", "I waited."), 1):
        answer = amina.post(
            f"{pages_of(cast.amina_at)}/drafts", data=complete(why=text) | key | {"turn": str(turn)}
        )
        assert answer.status_code == 201
    again = amina.post(f"{pages_of(cast.amina_at)}/drafts", data=key | {"title": "Only for a file"})
    assert again.json()["evidence"] == answer.json()["evidence"]
    evidence_id = UUID(answer.json()["evidence"])
    assert newest(database, evidence_id).why == "I waited."
    form = complete(why="I waited.") | key | {"turn": "4", "action": "submit"}
    assert send(amina, pages_of(cast.amina_at), form).status_code == 303
    assert state_of(database, evidence_id) == "submitted"
    assert rows(database, DraftRevision) == []


def test_what_comes_after_submitting_is_refused_with_a_sentence(
    amina: Browser, cast: Cast, database: Database
) -> None:
    address = a_draft(amina, cast)
    late = open_form(amina, address)
    assert amina.post(f"{address}/submit").status_code == 303
    before = newest(database, id_of(address)).why
    answer = late.autosave(**complete(why="Too late."))
    assert answer.status_code == 409
    assert "with the assessor" in answer.json()["sentence"]
    assert newest(database, id_of(address)).why == before


def test_a_page_that_was_open_since_before_submitting_takes_nothing_out_of_the_next_version(
    amina: Browser, cast: Cast, database: Database
) -> None:
    address = a_draft(amina, cast, why="One.")
    old, other = open_form(amina, address), open_form(amina, address)
    other.autosave(**complete(why="One. Added."))
    amina.post(f"{address}/submit")
    amina.post(f"{address}/take-back")
    old.autosave(**complete(why="One. Written long ago."))
    said = newest(database, id_of(address)).why
    assert said == "One. Added."
    assert [one.text for one in rows(database, DraftConflict)] == ["One. Written long ago."]


def test_a_day_that_is_half_typed_leaves_the_one_that_was_saved(
    amina: Browser, cast: Cast, database: Database
) -> None:
    form = open_form(amina, a_draft(amina, cast))
    form.autosave(**complete(happened_on_day="", why="Changed."))
    found = newest(database, id_of(form.address))
    assert (str(found.happened_on), found.why) == ("2025-10-02", "Changed.")


def test_a_title_that_was_made_up_grows_with_the_text(amina: Browser, cast: Cast, database: Database) -> None:
    address = f"{pages_of(cast.amina_at)}/drafts"
    for turn, text in enumerate(("I wa", "I waited for my lead"), 1):
        form = {"form_key": "page-1", "turn": str(turn), "what_happened": text}
        answer = amina.post(address, data=form)
    assert newest(database, UUID(answer.json()["evidence"])).title == "I waited for my lead"


def test_an_evening_of_writing_keeps_a_bounded_number_of_revisions(
    amina: Browser, cast: Cast, database: Database
) -> None:
    address = a_draft(amina, cast, why="One.")
    early, busy = open_form(amina, address), open_form(amina, address)
    early.autosave(**complete(why="One. Early."))
    for number in range(MOST_KEPT + 5):
        busy.autosave(**complete(why=f"One. Line {number}."))
    assert len(rows(database, DraftRevision)) <= MOST_KEPT + 3
    early.autosave(**complete(why="One. Early and late."))
    assert newest(database, id_of(address)).why == f"One. Early and late. Line {MOST_KEPT + 4}."


def test_nobody_else_can_save_into_it(browser: Open, amina: Browser, cast: Cast) -> None:
    form = open_form(amina, a_draft(amina, cast))
    for person in (cast.marek, cast.asha):
        form.browser = browser(person)
        assert form.autosave(**complete(why="Not mine.")).status_code in (403, 404)


@pytest.mark.parametrize("block", range(6))
def test_nothing_is_lost_through_the_real_routes(
    block: int, amina: Browser, cast: Cast, database: Database
) -> None:
    """Ten drafts each, on two or three pages at once: some saved by themselves, some pressed, some sent twice, some
    never heard of."""
    for seed in range(block * 10, block * 10 + 10):
        chance = Random(seed)
        diary = Diary(chance)
        first = diary.written([diary.new_sentence() for _ in range(3)])
        address = a_draft(amina, cast, why=first, form_key=f"draft-{seed}")
        forms = [open_form(amina, address) for _ in range(chance.randint(2, 3))]
        shown = {form.key: first for form in forms}
        for _ in range(8):
            form = chance.choice(forms)
            text = shown[form.key] = diary.edited(shown[form.key])
            way = chance.choice(["autosave", "autosave", "twice", "save", "never"])
            if way == "never":
                form.turn += 1
            elif way == "save":
                assert form.save(**complete(why=text)).status_code == 303
            else:
                assert form.autosave(**complete(why=text)).status_code == 200
                if way == "twice":
                    assert form.send_again(**complete(why=text)).status_code == 200
        for form in forms:
            assert form.autosave(**complete(why=shown[form.key])).status_code == 200
        version = newest(database, id_of(address))
        beside = [one.text for one in rows(database, DraftConflict) if one.version_id == version.id]
        for form in forms:
            assert not diary.lost(shown[form.key], [version.why, *beside]), f"seed {seed}"
