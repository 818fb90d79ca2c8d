"""The form saves by itself, in a real Chromium: to the phone at once, to the draft when there is signal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from portfolio.evidence.models import EvidenceVersion
from tests.browser.conftest import OpenPage, sign_in
from tests.browser.line import Line, a_line
from tests.browser.serving import DESK, PHONE, Served

pytestmark = pytest.mark.browser
AMINA = "amina.archer@northside-school.example"
DRAFT = re.compile(r"Saved as a draft \d\d:\d\d")
HERE = re.compile(r"Saved on this phone \d\d:\d\d")


def drafts_called(served: Served, title: str) -> list[EvidenceVersion]:
    with served.app.state.database.reading() as session:
        return list(session.scalars(select(EvidenceVersion).where(EvidenceVersion.title == title)))


def new_piece(page: Page) -> None:
    page.goto("/")
    at = page.locator("a[href*='/evidence/new']").first.get_attribute("href")
    assert at
    page.goto(at)


def saved(page: Page, words: re.Pattern[str] | str = DRAFT) -> None:
    expect(page.locator(".saved-words span").first).to_contain_text(words, timeout=20_000)


def a_draft(page: Page, served: Served, title: str, why: str) -> str:
    """A draft that the form saved by itself; the address of its own form."""
    new_piece(page)
    page.fill("#title", title)
    page.fill("#why", why)
    until(page, says(served, title, why=why))
    expect_kept(page, 0)
    [version] = drafts_called(served, title)
    return f"/apprenticeships/{version.apprenticeship_id}/evidence/{version.evidence_id}/edit"


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what the server has; at most twenty seconds."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the server does not have it")


def says(served: Served, title: str, **texts: str) -> Callable[[], bool]:
    """Whether the one draft of this title says this."""

    def one() -> bool:
        found = drafts_called(served, title)
        return len(found) == 1 and all(getattr(found[0], name) == text for name, text in texts.items())

    return one


def expect_kept(page: Page, count: int) -> None:
    """So many texts are on this phone and not taken by the server."""
    person = page.locator("body").get_attribute("data-person")
    page.wait_for_function(
        "async ([person, count]) => (await Keeping.words(person)).length === count", arg=[person, count]
    )


@pytest.fixture
def line(served: Served) -> Iterator[Line]:
    with a_line(served.address) as opened:
        yield opened


@pytest.fixture
def on_the_line(real_browser: Browser, line: Line) -> Iterator[BrowserContext]:
    """Amina's phone, signed in, behind a line that the test can cut."""
    context = real_browser.new_context(viewport=PHONE, base_url=line.address, is_mobile=True, has_touch=True)
    sign_in(context.new_page(), AMINA)
    yield context
    context.close()


def test_what_is_typed_is_saved_as_a_draft_and_can_be_submitted_from_the_same_page(
    open_page: OpenPage, served: Served
) -> None:
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.fill("#title", "Saved by itself")
    page.fill("#what_happened", "A colleague came to me. I liste")
    saved(page)
    page.fill("#what_happened", "A colleague came to me. I listened.")
    page.locator("#why").press_sequentially("It was urgent.")
    words = {"what_happened": "A colleague came to me. I listened.", "why": "It was urgent."}
    until(page, says(served, "Saved by itself", **words))
    page.click("button[value=save]")
    page.wait_for_url("**/evidence/*?done=saved*")
    assert len(drafts_called(served, "Saved by itself")) == 1
    expect_kept(page, 0)


def test_a_tab_that_is_killed_loses_nothing(on_the_line: BrowserContext, line: Line, served: Served) -> None:
    """Without signal, killed in the middle of a sentence; the next page that is opened brings it to the draft."""
    page = on_the_line.pages[0]
    edit = a_draft(page, served, "Killed", "One.")
    page.goto(edit)
    page.click("#why")
    expect(page.locator(".saved-words")).to_have_count(1)
    page.wait_for_function("() => [...document.scripts].some((one) => one.src.includes('autosaving'))")
    line.cut = True
    page.locator("#why").press("End")
    page.locator("#why").press_sequentially(" Two and a ha")
    saved(page, "There is no signal")
    page.close(run_before_unload=False)
    line.cut = False
    page = on_the_line.new_page()
    page.goto(edit)
    page.wait_for_url("**done=restored*")
    expect(page.locator("#why")).to_have_value("One. Two and a ha")
    assert [one.why for one in drafts_called(served, "Killed")] == ["One. Two and a ha"]


def test_a_new_page_that_was_killed_becomes_one_draft_and_is_named(
    on_the_line: BrowserContext, line: Line, served: Served
) -> None:
    page = on_the_line.pages[0]
    new_piece(page)
    page.click("#title")
    page.wait_for_function("() => [...document.scripts].some((one) => one.src.includes('autosaving'))")
    line.loses, line.times = re.compile("/drafts$"), 2
    page.fill("#title", "Killed and new")
    saved(page, "There is no signal")
    assert line.lost, "the request arrived, and its answer did not"
    page.close(run_before_unload=False)
    page = on_the_line.new_page()
    page.goto("/account")
    box = page.locator("#written_here")
    expect(box).to_contain_text("saved as a draft since", timeout=30_000)
    expect(box).to_contain_text("“Killed and new”")
    page.click("#written_here a:has-text('Look at it')")
    page.wait_for_url("**/edit")
    expect(page.locator("#title")).to_have_value("Killed and new")
    assert len(drafts_called(served, "Killed and new")) == 1
    expect_kept(page, 0)


def test_answers_that_get_lost_save_everything_once(
    on_the_line: BrowserContext, line: Line, served: Served
) -> None:
    page = on_the_line.pages[0]
    edit = a_draft(page, served, "Lost answers", "One.")
    page.goto(edit)
    line.loses, line.times = re.compile("/autosave$"), 2
    for text in ("One. Tw", "One. Two. Thr", "One. Two. Three."):
        page.fill("#why", text)
        until(page, lambda text=text: says(served, "Lost answers", why=text)())  # type: ignore[misc]
    until(page, says(served, "Lost answers", why="One. Two. Three."))
    expect_kept(page, 0)
    assert len(line.lost) == 2
    assert [one.why for one in drafts_called(served, "Lost answers")] == ["One. Two. Three."]
    page.reload()
    expect(page.locator("#beside")).to_have_count(0)


def test_two_devices_that_change_one_sentence_keep_both_and_their_owner_chooses(
    open_page: OpenPage, served: Served
) -> None:
    phone = open_page(AMINA, PHONE, is_mobile=True, has_touch=True, user_agent="Mozilla/5.0 (Android) Mobile")
    edit = a_draft(phone, served, "Two devices", "I waited. I left.")
    phone.goto(edit)
    desk = open_page(AMINA, DESK)
    desk.goto(edit)
    desk.fill("#why", "I waited at the desk. I left.")
    desk.fill("#what_i_did", "I called my lead.")
    sent = says(served, "Two devices", why="I waited at the desk. I left.", what_i_did="I called my lead.")
    until(desk, sent)
    phone.fill("#why", "I waited on the phone. I left.")
    saved(phone, "both texts are kept")
    phone.click(".saved-words a")
    phone.wait_for_url("**done=beside*")
    beside = phone.locator("#beside")
    expect(beside).to_contain_text("In the draft, saved from your computer")
    expect(beside).to_contain_text("From your phone")
    expect(beside).to_contain_text("I waited at the desk. I left.")
    expect(beside).to_contain_text("I waited on the phone. I left.")
    beside.scroll_into_view_if_needed()
    desk.goto(f"{edit}#beside")
    beside.get_by_role("button", name="keep both texts").click()
    phone.wait_for_url("**done=chosen*")
    expect(phone.locator("#why")).to_have_value("I waited at the desk. I left.\n\nI waited on the phone.")
    expect(phone.locator("#what_i_did")).to_have_value("I called my lead.")
    expect(phone.locator("#beside")).to_have_count(0)


def test_two_tabs_of_one_draft_do_not_take_each_others_sentences(open_page: OpenPage, served: Served) -> None:
    one = open_page(AMINA, PHONE)
    edit = a_draft(one, served, "Two tabs", "First.")
    one.goto(edit)
    other = one.context.new_page()
    other.goto(edit)
    one.fill("#why", "First. From one tab.")
    other.fill("#why", "First. From the other tab.")
    both = [f"First. {' '.join(two)}" for two in permutations(("From one tab.", "From the other tab."))]
    until(one, lambda: drafts_called(served, "Two tabs")[0].why in both)


def test_what_comes_after_submitting_stays_on_the_phone_and_becomes_a_new_draft(
    open_page: OpenPage, served: Served
) -> None:
    page = open_page(AMINA, PHONE)
    edit = a_draft(page, served, "Too late", "In time.")
    page.goto(edit)
    with served.app.state.database.writing() as session:  # submitted elsewhere meanwhile
        from portfolio.evidence.models import Evidence

        version = session.scalars(select(EvidenceVersion).where(EvidenceVersion.title == "Too late")).one()
        session.get_one(Evidence, version.evidence_id).state = "submitted"
    page.fill("#why", "In time. And too late.")
    saved(page, "This is with the assessor")
    page.goto("/account")
    box = page.locator("#written_here")
    expect(box).to_contain_text("This is with the assessor")
    box.get_by_role("button", name="as a new draft").click()
    expect(box).to_contain_text("saved as a draft since", timeout=20_000)
    assert sorted(one.why for one in drafts_called(served, "Too late")) == [
        "In time.",
        "In time. And too late.",
    ]


def test_signing_out_asks_and_drops_what_was_written(
    on_the_line: BrowserContext, line: Line, served: Served, tmp_path: Path
) -> None:
    page = on_the_line.pages[0]
    new_piece(page)
    page.click("#title")
    page.wait_for_function("() => [...document.scripts].some((one) => one.src.includes('autosaving'))")
    line.loses, line.times = re.compile("/drafts$"), 1000
    page.fill("#why", "Not sent.")
    saved(page, "There is no signal")
    page.goto("/account")
    expect(page.locator("#written_here")).to_contain_text("not sent")
    page.click("form[action='/sign-out'] button")
    expect(page.locator("[role=alert]")).to_contain_text("1 thing is on this phone and not sent yet")
    page.click("button:has-text('Sign out and remove')")
    page.wait_for_url("**/sign-in*")
    left = page.evaluate(
        """async () => {
          const opened = await new Promise((done) => { const asked = indexedDB.open('portfolio-waiting'); asked.onsuccess = () => done(asked.result); });
          const count = (name) => new Promise((done) => { const asked = opened.transaction(name).objectStore(name).count(); asked.onsuccess = () => done(asked.result); });
          return [await count('items'), await count('pieces'), await count('keys')];
        }"""
    )
    assert left == [0, 0, 0]
