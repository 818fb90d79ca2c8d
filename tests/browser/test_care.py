"""When a text reads like something happening now, the page says first whom to turn to, and tells nobody of it."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.care.data import for_the_page
from portfolio.evidence.models import Evidence
from portfolio.people.models import Person
from portfolio.web.assets import STATIC
from tests.browser.conftest import OpenPage
from tests.browser.serving import DESK, PHONE, Served
from tests.care.reading import signs, the_set

pytestmark = pytest.mark.browser
AMINA = "amina.archer@northside-school.example"
MAREK = "marek.mason@northside-school.example"
NOW = "A pupil told me this morning that her stepfather hits her and she is scared to go home."
ABOUT_ME = "I was abused when I was nine."
QUIET = "In March a child disclosed to me that she had been hurt. I wrote it down and told the lead."
CARD = "[data-care]"
TITLE = "If somebody may be at risk now, do not wait for this portfolio"


def found_by_axe(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


def add_page(page: Page) -> None:
    """The form for a new piece, with the help for writing there."""
    page.goto("/")
    page.click("a:has-text('Add evidence')")
    page.wait_for_url("**/evidence/new")
    page.focus("#what_happened")
    page.wait_for_selector("[data-who-is-who]")


WATCH = """() => {
  window.done = [];
  const watched = [
    [IDBObjectStore.prototype, ['put', 'add', 'delete', 'clear']], [Storage.prototype, ['setItem', 'removeItem']],
    [XMLHttpRequest.prototype, ['send']], [window, ['fetch']], [Navigator.prototype, ['sendBeacon']],
    [WebSocket.prototype, ['send']], [console, ['log', 'info', 'warn', 'error']],
  ];
  for (const [holder, names] of watched) for (const name of names) {
    const real = holder[name];
    holder[name] = function (...given) { window.done.push(name); return real.apply(this, given); };
  }
  const cookies = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  Object.defineProperty(document, 'cookie', { get: () => cookies.get.call(document), set: () => window.done.push('cookie') });
}"""
"""From here on the page notes every way in which it could keep or send something."""


def a_thread(served: Served) -> str:
    """The page of the comments on a piece of Amina's that her mentor can read."""
    with served.app.state.database.reading() as session:
        piece = session.scalars(
            select(Evidence)
            .join(Apprenticeship, Apprenticeship.id == Evidence.apprenticeship_id)
            .join(Person, Person.id == Apprenticeship.apprentice_id)
            .where(Person.email == AMINA, Evidence.state == "submitted")
            .order_by(Evidence.id)
            .limit(1)
        ).one()
        return f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/comments"


def test_the_rules_are_read_alike_in_the_page_and_where_they_are_measured(real_browser: Browser) -> None:
    page = real_browser.new_page()
    page.add_script_tag(content=for_the_page().decode() + (STATIC / "care.js").read_text())
    texts = [text for _, _, text in the_set()]
    texts += [
        NOW,
        ABOUT_ME,
        QUIET,
        "",
        "…",
        "‘I want to kill myself’",
        "She said “I want to kill myself”. I rang.",
    ]
    found: list[list[str]] = page.evaluate(
        "texts => texts.map((text) => [...new Set(Care.signs(text).map((one) => one.kind))].sort())", texts
    )
    page.close()
    assert sum(map(bool, found)) > 130
    for text, in_page in zip(texts, found, strict=True):
        assert in_page == signs(text), text


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_while_it_is_typed_a_line_leads_to_whom_to_call(open_page: OpenPage, size: dict[str, int]) -> None:
    page = open_page(AMINA, size)
    add_page(page)
    page.fill("#what_happened", NOW)
    line = page.locator(".field", has=page.locator("#what_happened")).locator("[data-care-line]")
    expect(line).to_contain_text("do not wait for this portfolio")
    expect(page.locator("#what_happened")).to_be_focused()  # nothing is taken from whoever types
    line.get_by_role("button", name="Whom to call").click()
    card = page.locator(CARD)
    expect(card).to_be_focused()
    expect(card.get_by_role("heading", name=TITLE)).to_be_in_viewport()
    expect(card.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    expect(card).to_contain_text("Marguerite Mottram")
    expect(card.get_by_role("link", name="01632 960211")).to_have_attribute("href", "tel:01632960211")
    expect(card.get_by_role("link", name="safeguarding@northern-skills.example")).to_have_attribute(
        "href", "mailto:safeguarding@northern-skills.example"
    )
    expect(card).not_to_contain_text("If this is about you")
    card.get_by_role("button", name="Close, and go back to writing").click()
    expect(card).to_have_count(0)
    expect(page.locator("#what_happened")).to_be_focused()


def test_what_is_about_the_writer_is_answered_to_them(open_page: OpenPage) -> None:
    page = open_page(AMINA)
    add_page(page)
    page.fill("#why", ABOUT_ME)
    expect(page.locator(CARD)).to_contain_text("If this is about you")


def test_it_comes_before_the_form_goes_and_closed_it_stays_closed(open_page: OpenPage) -> None:
    page = open_page(AMINA)
    add_page(page)
    saved: list[str] = []
    # searches and what saves by itself have other targets
    page.on(
        "request",
        lambda one: saved.append(one.url) if one.headers.get("hx-target") == "evidence_form" else None,
    )
    page.fill("#title", "Something that cannot wait")
    page.fill("#what_happened", NOW)
    page.get_by_role("button", name="Save draft").last.click()
    expect(page.locator(CARD)).to_be_focused()
    assert saved == []
    page.get_by_role("button", name="I have done what is needed: go on").click()
    page.wait_for_url(re.compile(r"/evidence/[0-9a-f-]{36}(\?.*)?$"))
    expect(page.locator("main")).to_contain_text(NOW)
    assert len(saved) == 1


def test_an_account_of_what_was_done_brings_no_card(open_page: OpenPage) -> None:
    page = open_page(AMINA)
    add_page(page)
    page.fill("#what_happened", NOW)
    expect(page.locator(CARD)).to_have_count(1)  # it does look
    page.fill("#what_happened", QUIET)
    expect(page.locator(CARD)).to_have_count(0)
    page.fill("#title", "A disclosure in March")
    page.get_by_role("button", name="Save draft").last.click()
    page.wait_for_url(re.compile(r"/evidence/[0-9a-f-]{36}(\?.*)?$"))


def test_nothing_of_it_is_sent_kept_or_logged_and_it_needs_no_signal(
    open_page: OpenPage, served: Served
) -> None:
    page = open_page(MAREK)
    page.goto(a_thread(served))
    page.focus("#text")
    page.wait_for_selector("[data-who-is-who]")
    page.context.set_offline(True)
    page.evaluate(WATCH)
    page.fill("#text", NOW + " " + ABOUT_ME)
    expect(page.locator(CARD)).to_contain_text("Marguerite Mottram")
    page.get_by_role("button", name="Send comment").click()
    expect(page.locator(CARD)).to_be_focused()
    page.get_by_role("button", name="Close, and go back to writing").click()
    expect(page.locator(CARD)).to_have_count(0)
    assert page.evaluate("window.done") == []
    page.evaluate("localStorage.setItem('it', 'is watched')")
    assert page.evaluate("window.done") == ["setItem"]


def test_card_and_contacts_fit_a_phone_and_axe_finds_nothing(open_page: OpenPage) -> None:
    page = open_page(AMINA, {"width": 360, "height": 740})
    add_page(page)
    page.get_by_text("This is not a reporting route").click()
    page.fill("#what_happened", NOW + " " + ABOUT_ME)
    expect(page.locator(CARD)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert found_by_axe(page) == []


def test_without_scripts_the_contacts_are_on_the_form(open_page: OpenPage) -> None:
    page = open_page(AMINA, java_script_enabled=False)
    page.goto("/")
    page.click("a:has-text('Add evidence')")
    page.get_by_text("This is not a reporting route").click()
    expect(page.locator("[data-turn-to]")).to_contain_text("Marguerite Mottram")
    expect(page.locator("[data-turn-to]")).to_contain_text("Wendeline Wharton")
    expect(page.get_by_role("link", name="01632 960201")).to_be_visible()
