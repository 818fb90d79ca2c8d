"""Without signal: the page to write evidence opens, keeps what is written, and it arrives once when there is signal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from portfolio.evidence.models import Evidence, EvidenceFile, EvidenceVersion
from tests.browser.conftest import OpenPage, sign_in
from tests.browser.line import Line, a_line
from tests.browser.serving import DESK, PHONE, Served
from tests.browser.test_uploading import a_recording

pytestmark = pytest.mark.browser
AMINA = "amina.archer@northside-school.example"
DAISY = "daisy.dunmore@northside-school.example"
NO_SIGNAL = "h1:has-text('No signal')"
IN_CACHE = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      found.push([new URL(request.url).pathname, await answer.text(), [...answer.headers].join('\\n')]);
    }
  }
  return found;
}"""
IN_THE_BROWSER = """async () => {
  const opened = await new Promise((done) => { const asked = indexedDB.open('portfolio-waiting'); asked.onsuccess = () => done(asked.result); });
  const all = (name) => new Promise((done) => { const asked = opened.transaction(name).objectStore(name).getAll(); asked.onsuccess = () => done(asked.result); });
  const text = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? new TextDecoder('latin1').decode(value)
    : value && typeof value === 'object' ? Object.values(value).map(text).join(' ') : String(value);
  let readable = 0;
  for (const key of await all('keys')) await crypto.subtle.exportKey('raw', key).then(() => { readable += 1; }, () => {});
  return { text: text([await all('items'), await all('pieces')]), keys: (await all('keys')).length, readable };
}"""


def drafts_called(served: Served, title: str) -> list[EvidenceVersion]:
    with served.app.state.database.reading() as session:
        return list(session.scalars(select(EvidenceVersion).where(EvidenceVersion.title == title)))


def files_of(served: Served, version: EvidenceVersion) -> list[str]:
    with served.app.state.database.reading() as session:
        found = select(EvidenceFile.sha256_received).where(EvidenceFile.evidence_id == version.evidence_id)
        return list(session.scalars(found))


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what the server has; at most thirty seconds."""
    for _ in range(300):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the server does not have it")


def ready(page: Page) -> None:
    """The shell is kept, and the phone knows whose page it is."""
    page.goto("/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    until(page, lambda: bool(page.evaluate("() => Keeping.home().then((home) => Boolean(home))")))


@pytest.fixture
def line(served: Served) -> Iterator[Line]:
    with a_line(served.address) as opened:
        yield opened


@pytest.fixture
def phone(real_browser: Browser, line: Line) -> Iterator[BrowserContext]:
    """Amina's phone behind a line that the test can cut, with the shell kept."""
    context = real_browser.new_context(viewport=PHONE, base_url=line.address, is_mobile=True, has_touch=True)
    page = context.new_page()
    sign_in(page, AMINA)
    ready(page)
    yield context
    context.close()


def write(page: Page, title: str, *files: Path) -> None:
    """On the page without signal: words, files, and Keep."""
    page.goto("/evidence/new-piece")
    page.wait_for_selector(NO_SIGNAL)
    expect(page.locator("#offline_form")).to_be_visible()
    page.fill("#title", title)
    page.fill("#what_happened", "A colleague came to me.")
    page.fill("#happened_on_day", "3")
    page.fill("#happened_on_month", "3")
    page.fill("#happened_on_year", "2026")
    if files:
        page.set_input_files("#files", list(files))
        expect(page.locator(".picked li")).to_have_count(len(files))
        expect(page.locator(".picked li").last).to_contain_text("On this phone since")
    page.click("text=Keep on this phone")
    expect(page.locator("#waiting_here li")).to_contain_text(re.compile(r"A piece of .*: not sent"))


def test_without_signal_a_piece_is_written_and_arrives_by_itself_once(
    phone: BrowserContext, line: Line, served: Served, tmp_path: Path
) -> None:
    path, sha256 = a_recording(tmp_path, "talk-without-signal.wav", 700_000)
    page = phone.pages[0]
    line.cut = True
    write(page, "From the lift", path)
    assert not Axe().run(page).response["violations"]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert drafts_called(served, "From the lift") == []
    line.cut = False
    page.goto("/")
    expect(page.locator("#written_here")).to_contain_text("saved as a draft since", timeout=30_000)
    [version] = drafts_called(served, "From the lift")
    assert (version.what_happened, str(version.happened_on)) == ("A colleague came to me.", "2026-03-03")
    assert version.submitted_at is None
    until(page, lambda: files_of(served, version) == [sha256])
    page.goto("/account")
    page.reload()
    assert len(drafts_called(served, "From the lift")) == 1


def test_it_goes_from_the_page_itself_when_signal_comes_back(
    phone: BrowserContext, line: Line, served: Served
) -> None:
    page = phone.pages[0]
    line.cut = True
    write(page, "From the cellar")
    line.cut = False
    page.click("#send_now")
    expect(page.locator("#signal")).to_contain_text("There is signal again")
    until(page, lambda: len(drafts_called(served, "From the cellar")) == 1)
    expect(page.locator("#waiting_here")).to_contain_text("saved as a draft")


def test_killed_and_unheard_at_every_step_it_is_there_once(
    phone: BrowserContext, line: Line, served: Served, tmp_path: Path
) -> None:
    """Each step of the delivery arrives once without its answer, and the tab is closed each time."""
    path, sha256 = a_recording(tmp_path, "talk-every-step.wav", 600_000)
    line.cut = True
    write(phone.pages[0], "Every step", path)
    line.cut = False
    for step in ("/drafts$", "/uploads$", "/chunks/0$", "/chunks/2$", "/finish$"):
        for open_page in phone.pages:
            open_page.close(run_before_unload=False)
        line.loses, line.times, line.lost = re.compile(step), 1, []
        page = phone.new_page()
        page.goto("/account")
        until(page, lambda: bool(line.lost))
    for open_page in phone.pages:
        open_page.close(run_before_unload=False)
    page = phone.new_page()
    page.goto("/account")
    expect(page.locator("#on_this_phone")).to_have_count(0, timeout=30_000)
    [version] = drafts_called(served, "Every step")
    until(page, lambda: files_of(served, version) == [sha256])
    with served.app.state.database.reading() as session:
        keys = session.scalars(select(Evidence.form_key).where(Evidence.id == version.evidence_id)).all()
        assert len(session.scalars(select(Evidence).where(Evidence.form_key == keys[0])).all()) == 1


def test_a_page_of_another_network_is_not_taken_for_ours(phone: BrowserContext, line: Line) -> None:
    page = phone.pages[0]
    line.lies = True
    page.goto("/account")
    expect(page.locator(NO_SIGNAL)).to_be_visible()
    line.lies = False
    page.click("text=Try the portfolio again")
    expect(page.locator("body[data-person]")).to_have_count(1)


def test_what_the_browser_keeps_names_nobody_and_cannot_be_read(
    phone: BrowserContext, line: Line, served: Served
) -> None:
    page = phone.pages[0]
    for address in ("/account", "/account/history"):
        page.goto(address)
    page.goto("/")
    page.locator("a[href*='/evidence/new']").first.click()
    page.wait_for_url("**/evidence/new*")
    line.cut = True
    write(page, "Words that nobody reads")
    kept = page.evaluate(IN_CACHE)
    person = None
    with served.app.state.database.reading() as session:
        from portfolio.people.models import Person

        person = session.scalars(select(Person).where(Person.email == AMINA)).one()
    paths = {path for path, _, _ in kept}
    assert {path for path in paths if not path.startswith("/static/")} == {"/evidence/offline"}
    assert len([path for path in paths if path.startswith("/static/phone.")]) == 1
    for path, text, headers in kept:
        for secret in ("Amina", "amina.archer", str(person.id), str(person.id.hex)):
            assert secret not in text, path
            assert secret not in headers, path
    stored = page.evaluate(IN_THE_BROWSER)
    assert stored["keys"] == 1
    assert stored["readable"] == 0, "a key can be taken out of the browser"
    for secret in ("Words that nobody reads", "A colleague came", "/evidence/drafts"):
        assert secret not in stored["text"]


def test_signed_out_nothing_is_left_and_nothing_can_be_kept(phone: BrowserContext, line: Line) -> None:
    page = phone.pages[0]
    line.cut = True
    write(page, "Dropped at sign-out")
    line.loses, line.times, line.cut = re.compile("/drafts$"), 1000, False
    page.goto("/account")
    page.click("form[action='/sign-out'] button")
    expect(page.locator("main + footer, footer").locator("[role=alert]")).to_contain_text("not sent yet")
    page.click("button:has-text('Sign out and remove')")
    page.wait_for_url("**/sign-in*")
    line.cut = True
    page.goto("/")
    expect(page.locator("#nobody")).to_be_visible()
    expect(page.locator("#offline_form")).to_be_hidden()
    stored = page.evaluate(IN_THE_BROWSER)
    assert (stored["text"].strip(), stored["keys"]) == ("", 0)


def test_a_second_person_on_the_phone_neither_sends_nor_sees_it(
    phone: BrowserContext, line: Line, served: Served
) -> None:
    """The first one's session has ended without a sign-out."""
    page = phone.pages[0]
    line.cut = True
    write(page, "Only hers")
    line.cut = False
    phone.clear_cookies()
    sign_in(page, DAISY)
    page.goto("/account")
    page.evaluate("() => Sending.now()")
    expect(page.locator("body")).to_have_attribute("data-person", re.compile("."))
    expect(page.locator("#written_here")).to_have_count(0)
    assert drafts_called(served, "Only hers") == []
    phone.clear_cookies()
    sign_in(page, AMINA)
    until(page, lambda: len(drafts_called(served, "Only hers")) == 1)


def test_a_phone_without_room_says_so_before_anything_is_kept(phone: BrowserContext, line: Line) -> None:
    page = phone.pages[0]
    line.cut = True
    page.goto("/")
    page.wait_for_selector(NO_SIGNAL)
    page.evaluate("() => { navigator.storage.estimate = async () => ({ quota: 10e6, usage: 9e6 }); }")
    expect(page.locator("#offline_form")).to_be_visible()
    page.fill("#title", "No room")
    expect(page.locator(".saved-words span").first).to_contain_text("no room on this phone")


def test_after_five_days_it_is_said_that_browsers_throw_things_away(
    phone: BrowserContext, line: Line
) -> None:
    page = phone.pages[0]
    line.cut = True
    write(page, "Long ago")
    line.loses, line.times, line.cut = re.compile("/drafts$"), 1000, False
    page.evaluate(
        """async () => {
          const opened = await new Promise((done) => { const asked = indexedDB.open('portfolio-waiting'); asked.onsuccess = () => done(asked.result); });
          const items = opened.transaction('items', 'readwrite').objectStore('items');
          const all = await new Promise((done) => { const asked = items.getAll(); asked.onsuccess = () => done(asked.result); });
          for (const item of all) if (item.kind === 'words') items.put({ ...item, at: Date.now() - 6 * 86400000 });
        }"""
    )
    page.goto("/account")
    expect(page.locator("#written_here .warn")).to_contain_text("It has waited for 6 days")


def test_it_can_be_put_on_the_home_screen(open_page: OpenPage) -> None:
    page = open_page(AMINA, DESK)
    page.goto("/")
    client = page.context.new_cdp_session(page)
    found: dict[str, Any] = client.send("Page.getAppManifest")
    assert found["errors"] == []
    assert '"display":"standalone"' in found["data"].replace(": ", ":")
    found_wrong = client.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in found_wrong] in ([], ["in-incognito"]), "a test's browser keeps nothing"
    for size in (192, 512):
        assert f"icon-{size}." in found["data"]
