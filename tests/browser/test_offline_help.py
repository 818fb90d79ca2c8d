"""Without signal the page helps as the page with signal does: whom to turn to, labels, the identity check, photos that are
covered, sound. What the phone keeps for that cannot be read, and goes at sign-out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from portfolio.apprenticeships.models import SafeguardingContact
from portfolio.evidence.models import EvidenceVersion
from portfolio.findings.models import KeptFinding
from tests.browser.conftest import sign_in
from tests.browser.devices import DEVICES, OFF, WATCHED
from tests.browser.line import Line, a_line
from tests.browser.serving import PHONE, Served
from tests.browser.test_capture import named, press, stored
from tests.browser.test_every_page import faults
from tests.browser.test_labels import put_on_list
from tests.browser.test_offline import IN_THE_BROWSER, NO_SIGNAL, drafts_called, files_of, until
from tests.browser.test_redaction import FACE, a_photo, blacks, bytes_under, drag, look_at, reds

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # a busy machine takes its time
AMINA = "amina.archer@northside-school.example"
NOW = "A pupil told me this morning that her stepfather hits her and she is scared to go home."
LEAD, LEADS_NUMBER = "Marguerite Mottram", "01632 960211"
PROVIDERS, PROVIDERS_NUMBER = "safeguarding@northern-skills.example", "01632 960201"
NEAR = "Marek Mason"
"""Amina's mentor: known to the identity check, and to her phone."""
HAS_HELP = "() => Keeping.home().then((home) => Boolean(home && home.turn_to))"
CARD, FOUND = "[data-care]", "[data-findings-for=what_happened]"


@pytest.fixture
def line(served: Served) -> Iterator[Line]:
    with a_line(served.address) as opened:
        yield opened


@pytest.fixture(scope="module")
def with_devices(real_browser: Browser, chromium_path: str) -> Iterator[Browser]:
    browser = real_browser.browser_type.launch(executable_path=chromium_path, args=DEVICES)
    yield browser
    browser.close()


@pytest.fixture
def page(with_devices: Browser, line: Line) -> Iterator[Page]:
    """Amina's phone with a camera and a microphone, behind a line that the test can cut; what helps is on it. A script
    that fails, or something that the page's own rules forbid, fails the test."""
    context = with_devices.new_context(
        viewport=PHONE,
        base_url=line.address,
        is_mobile=True,
        has_touch=True,
        permissions=["camera", "microphone"],
    )
    context.add_init_script(WATCHED)
    troubles: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    opened.on("console", lambda m: troubles.append(m.text) if "olicy" in m.text else None)
    sign_in(opened, AMINA)
    prepared(opened)
    yield opened
    context.close()
    assert not troubles, troubles


def prepared(page: Page) -> None:
    """The shell is kept, and the phone has what helps without signal."""
    page.goto("/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    until(page, lambda: bool(page.evaluate(HAS_HELP)))


def without_signal(page: Page, line: Line) -> None:
    line.cut = True
    page.goto("/evidence/another-piece")
    page.wait_for_selector(NO_SIGNAL)
    expect(page.locator("#offline_form")).to_be_visible()


def kept_here(page: Page) -> None:
    press(page, "Keep on this phone")
    expect(page.locator("#waiting_here li")).to_contain_text(re.compile(r"A piece of .*: not sent"))


def delivered(page: Page, line: Line, served: Served, title: str) -> EvidenceVersion:
    line.cut = False
    page.goto("/account")
    until(page, lambda: len(drafts_called(served, title)) == 1)
    return drafts_called(served, title)[0]


def found_words(page: Page) -> list[str]:
    return page.locator(f"{FOUND} .found-words").all_inner_texts()


def test_the_card_comes_with_the_right_contacts_and_they_stand_on_the_page(page: Page, line: Line) -> None:
    without_signal(page, line)
    there = page.locator("#turn_to")
    for shown in (there.get_by_text(LEAD), there.get_by_role("link", name=PROVIDERS_NUMBER)):
        expect(shown).to_be_visible()
    expect(there.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    expect(there.get_by_role("link", name=LEADS_NUMBER)).to_have_attribute("href", "tel:01632960211")
    page.fill("#title", "Cannot wait")
    page.fill("#what_happened", NOW)
    page.get_by_role("button", name="Whom to call").click()
    card = page.locator(CARD)
    expect(card).to_be_focused()
    expect(card).to_contain_text(LEAD)
    expect(card.get_by_role("link", name=PROVIDERS)).to_be_visible()
    expect(card.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    expect(card.get_by_role("link", name=LEADS_NUMBER)).to_have_attribute("href", "tel:01632960211")
    assert faults(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    press(page, "Close, and go back to writing")
    page.reload()  # not closed for good: the next who writes so is told again
    page.wait_for_selector(NO_SIGNAL)
    page.fill("#what_happened", NOW)
    press(page, "Keep on this phone")
    expect(card).to_be_focused()
    expect(page.locator("#waiting_here")).not_to_contain_text("Kept")
    press(page, "I have done what is needed: go on")
    expect(page.locator(".saved-words")).to_contain_text("Kept on this phone")


def test_without_contacts_on_the_phone_the_card_says_where_they_stand(page: Page, line: Line) -> None:
    """As after an update: the phone knows where pieces go, and nothing else yet."""
    page.evaluate("() => Keeping.home().then(({ person, drafts }) => Keeping.remember(person, { drafts }))")
    without_signal(page, line)
    page.fill("#what_happened", NOW)
    page.get_by_role("button", name="Whom to call").click()
    for place in (page.locator("#turn_to"), page.locator(CARD)):
        expect(place).to_contain_text("turn to your employer’s safeguarding lead")
        expect(place).to_contain_text("on the About page")
        expect(place.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    page.fill("#what_happened", f"{NEAR} saw it.")
    expect(page.locator(FOUND)).to_contain_text(NEAR)  # nobody is known: so they are asked about


def test_a_new_lead_is_on_the_phone_after_the_next_page(page: Page, line: Line, served: Served) -> None:
    def call(name: str) -> None:
        with served.app.state.database.writing() as session:
            lead = session.scalars(
                select(SafeguardingContact).where(SafeguardingContact.name.in_((LEAD, "Tamsin Tarn")))
            )
            lead.one().name = name

    call("Tamsin Tarn")
    try:
        page.goto("/")
        has_new = HAS_HELP.replace("home.turn_to)", "home.turn_to.includes('Tamsin Tarn'))")
        until(page, lambda: bool(page.evaluate(has_new)))
        without_signal(page, line)
        expect(page.locator("#turn_to")).to_contain_text("Tamsin Tarn")
        expect(page.locator("#turn_to")).not_to_contain_text(LEAD)
    finally:
        call(LEAD)


def test_a_listed_name_brings_its_label_and_the_list_itself_is_not_shown(page: Page, line: Line) -> None:
    page.click("a:has-text('Add evidence')")
    page.wait_for_url("**/evidence/new")
    page.focus("#what_happened")
    page.wait_for_selector("[data-who-is-who]")
    put_on_list(page, "Zoë Quillfeather")
    without_signal(page, line)
    page.focus("#what_happened")
    page.keyboard.insert_text("I sat with Zoe.")
    offer = page.locator("[data-labels-for=what_happened] button")
    expect(offer).to_have_text("Write ‘Child A’ instead of ‘Zoe’")
    page.keyboard.press("Tab")
    expect(offer).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#what_happened")).to_have_value("I sat with Child A.")
    expect(page.locator("[data-who-is-who]")).to_have_count(0)
    assert "Quillfeather" not in page.locator("html").inner_html()
    page.fill("#why", "Because Zoe asked me.")
    press(page, "Keep on this phone")
    expect(page.locator("[data-labels-left]")).to_be_focused()
    press(page, "Write the labels, then keep")
    expect(page.locator("#waiting_here li")).to_contain_text("not sent")


def test_what_names_somebody_is_found_and_who_is_known_is_not_asked_about(
    page: Page, line: Line, served: Served
) -> None:
    without_signal(page, line)
    page.fill("#title", "Found without signal")
    page.fill("#what_happened", f"{NEAR} and Precious Okafor rang me on 07700 900123.")
    expect(page.locator(f"{FOUND} .found-words")).to_have_count(2)
    assert found_words(page) == ["Precious Okafor", "07700 900123"]
    press(page, "Keep it (07700 900123)")
    page.get_by_label("Why it may stay (07700 900123)").fill("A number made up for training")
    page.get_by_role("button", name="(Precious Okafor)").first.click()
    expect(page.locator("#what_happened")).not_to_have_value(re.compile("Precious"))
    kept_here(page)
    # the next piece begins with nothing of this one
    page.fill("#what_happened", "I rang 07700 900123.")
    expect(page.locator(f"{FOUND} .found-words")).to_have_text(["07700 900123"])
    expect(page.locator("[name=kept_reason]")).to_have_count(0)
    page.fill("#what_happened", "")
    version = delivered(page, line, served, "Found without signal")
    assert NEAR in version.what_happened
    with served.app.state.database.reading() as session:
        kept = session.scalars(select(KeptFinding).where(KeptFinding.record_id == version.id)).all()
    assert [(one.field, one.kind, one.reason) for one in kept] == [
        ("what_happened", "phone", "A number made up for training")
    ]


def test_a_photo_chosen_and_covered_without_signal_arrives_covered(
    page: Page, line: Line, served: Served, tmp_path: Path
) -> None:
    path = a_photo(tmp_path, "offline-room.jpg")
    without_signal(page, line)
    page.fill("#title", "Covered in the cellar")
    look_at(page, path)
    drag(page, (FACE[0] - 15, FACE[1] - 15), (FACE[2] + 15, FACE[3] + 15))
    assert faults(page) == []
    press(page, "Use this")
    expect(page.locator(".kept .kept-state")).to_contain_text("On this phone since")
    kept_here(page)
    version = delivered(page, line, served, "Covered in the cellar")
    until(page, lambda: len(files_of(served, version)) == 1)
    until(page, lambda: len(named(served, "offline-room")) == 1)
    image = Image.open(io.BytesIO(stored(served, named(served, "offline-room")[0])))
    assert reds(image) == 0
    assert blacks(image) > 0.9 * (FACE[2] - FACE[0]) * (FACE[3] - FACE[1])


def test_a_photo_is_taken_and_sound_recorded_without_signal(page: Page, line: Line, served: Served) -> None:
    without_signal(page, line)
    page.fill("#title", "Taken in the cellar")
    press(page, "Take a photo here")
    press(page, "Take the photo")
    expect(page.get_by_role("heading", name="Cover, crop or turn")).to_be_visible()
    page.wait_for_function(OFF)
    press(page, "Add a box")
    press(page, "Use this")
    expect(page.locator(".kept", has_text="Photo ").locator(".kept-state")).to_contain_text("not sent")
    press(page, "Record sound")
    press(page, "Start recording")
    expect(page.locator(".clock")).to_contain_text(re.compile(r"[2-9] s recorded"))
    press(page, "Stop")
    press(page, "Add this recording")
    expect(page.locator(".kept", has_text="Recording ").locator(".kept-state")).to_contain_text("not sent")
    kept_here(page)
    expect(page.locator("#waiting_here li")).to_contain_text("with 2 files")
    version = delivered(page, line, served, "Taken in the cellar")
    until(page, lambda: len(files_of(served, version)) == 2)
    of_piece = {
        file.name.split()[0]: file
        for file in (*named(served, "Photo "), *named(served, "Recording "))
        if file.evidence_id == version.evidence_id
    }
    image = Image.open(io.BytesIO(stored(served, of_piece["Photo"])))
    assert blacks(image) > 0.04 * image.size[0] * image.size[1], "the box is burned in"
    assert len(stored(served, of_piece["Recording"])) > 1000


def test_a_photo_that_nobody_looked_at_stays_held_back_and_is_not_shown_to_who_opens_the_page(
    page: Page, line: Line, served: Served, tmp_path: Path
) -> None:
    path = a_photo(tmp_path, "offline-held.jpg")
    without_signal(page, line)
    page.fill("#title", "Held in the cellar")
    page.set_input_files("#files", path)
    expect(page.get_by_role("button", name="Look at offline-held.jpg")).to_be_visible()
    press(page, "Keep on this phone")
    expect(page.locator("#waiting_here li")).to_contain_text("1 file, held back until you have looked at it")
    page.reload()
    page.wait_for_selector(NO_SIGNAL)
    expect(page.locator("#waiting_here li")).to_have_count(1)
    expect(page.locator("main")).not_to_contain_text("offline-held")
    expect(page.locator("main")).not_to_contain_text("Held in the cellar")
    expect(page.locator("canvas")).to_have_count(0)
    delivered(page, line, served, "Held in the cellar")
    expect(page.get_by_role("button", name="Look at offline-held.jpg")).to_be_visible()
    assert named(served, "offline-held") == []


def test_opened_with_signal_the_page_says_so(page: Page, line: Line) -> None:
    headings: list[str] = []
    page.expose_function("noteHeading", lambda words: headings.append(words))
    page.add_init_script(
        """document.addEventListener("DOMContentLoaded", () => {
          const heading = document.querySelector("h1"), note = () => noteHeading(heading.textContent);
          note();
          new MutationObserver(note).observe(heading, { childList: true, characterData: true, subtree: true });
        })"""
    )
    page.goto("/evidence/offline")
    expect(page.locator("h1")).to_have_text("You are connected")
    expect(page.locator("#signal")).to_contain_text("You are connected: ")
    expect(page.get_by_role("link", name="Open the portfolio")).to_be_visible()
    expect(page).to_have_title(re.compile("^You are connected – "))
    assert headings == ["Write on this phone", "You are connected"], "it never said that there is no signal"
    line.cut = True
    page.evaluate("() => window.dispatchEvent(new Event('offline'))")
    expect(page.locator("h1")).to_have_text("No signal")
    line.cut, line.lies = False, True
    page.click("#open_portfolio")
    expect(page.locator("#signal")).to_contain_text("Another network answers")


def test_sign_out_drops_contacts_and_names(page: Page, line: Line) -> None:
    before = page.evaluate(IN_THE_BROWSER)
    assert before["keys"] == 1
    for secret in (LEAD, LEADS_NUMBER, NEAR, PROVIDERS, "Northside"):
        assert secret not in before["text"], "it can be read in the browser's database"
    page.goto("/account")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in*")
    after = page.evaluate(IN_THE_BROWSER)
    assert (after["text"].strip(), after["keys"]) == ("", 0)
    line.cut = True
    page.goto("/")
    page.wait_for_selector(NO_SIGNAL)
    expect(page.locator("#nobody")).to_be_visible()
    expect(page.locator("#offline_form")).to_be_hidden()
    expect(page.locator("#turn_to")).not_to_contain_text(LEAD)
    expect(page.locator("#turn_to").get_by_role("link", name="999")).to_be_visible()


@pytest.fixture
def on_disk(
    real_browser: Browser, chromium_path: str, line: Line, tmp_path: Path
) -> Iterator[tuple[BrowserContext, Path]]:
    """Amina's phone as a folder on the disk."""
    folder = tmp_path / "profile"
    context = real_browser.browser_type.launch_persistent_context(
        folder, executable_path=chromium_path, args=DEVICES, viewport=PHONE, base_url=line.address
    )
    yield context, folder
    context.close()


def test_in_the_folder_of_the_browser_nothing_of_it_can_be_read(
    on_disk: tuple[BrowserContext, Path], line: Line
) -> None:
    """The page is not opened that shows contacts: what is looked for is what was fetched to be kept."""
    context, folder = on_disk
    page = context.new_page()
    sign_in(page, AMINA)
    prepared(page)
    context.close()
    searched = list(bytes_under(folder))
    database = [data for path, data in searched if "IndexedDB" in str(path)]
    assert b"portfolio-waiting".decode().encode("utf-16-be") in b"".join(database), "the database is there"
    for secret in (LEAD, LEADS_NUMBER, PROVIDERS, "tel:01632960211"):
        for code in ("utf-8", "utf-16-le"):
            holds = [str(path) for path, data in searched if secret.encode(code) in data]
            assert not holds, f"{secret} can be read in {holds}"
