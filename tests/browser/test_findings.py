"""What may identify somebody, below the field while it is typed: changed, kept with a reason, undone; by keyboard."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.findings.models import KeptFinding
from portfolio.people.models import Person
from tests.browser.conftest import OpenPage
from tests.browser.serving import PHONE, Served

pytestmark = pytest.mark.browser

WAIT = 20_000
"""Milliseconds for what the server has to answer on a busy machine."""
AMINA = "amina.archer@northside-school.example"
NUMBER, CHILD = "07700 900123", "Ellie Brightwater"


def add_page(page: Page) -> str:
    """The page to add a piece; returns the address of the portfolio."""
    page.goto("/")
    page.click("a[href$='/evidence/new'] >> nth=0")
    page.wait_for_load_state("networkidle")
    taken = re.match(r".*(/apprenticeships/[^/]+)", page.url)
    assert taken is not None
    return taken[1]


def list_of(page: Page, field: str) -> Locator:
    return page.locator(f"[data-findings-for={field}]")


def write(page: Page, field: str, text: str) -> None:
    page.focus(f"#{field}")
    page.keyboard.type(text)


def test_typing_a_name_shows_it_and_one_tap_writes_the_label_which_undo_takes_back(
    open_page: OpenPage,
) -> None:
    page = open_page(AMINA, PHONE)
    add_page(page)
    write(page, "what_happened", f"Then {CHILD} came to me.")
    found = list_of(page, "what_happened").locator("li")
    expect(found).to_have_count(1, timeout=WAIT)
    expect(found).to_contain_text(f"{CHILD} looks like a name")
    expect(list_of(page, "what_happened")).to_contain_text("This finds some names and numbers, not all.")
    expect(list_of(page, "what_happened").locator("[role=status]")).to_have_text(
        "1 name or number found in “What happened”, listed below it."
    )
    found.get_by_role("button", name=re.compile("Use “Child A” instead")).click()
    expect(page.locator("#what_happened")).to_have_value("Then Child A came to me.")
    expect(found).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#what_happened")).to_have_value(f"Then {CHILD} came to me.")
    expect(found).to_have_count(1)


def test_change_it_myself_puts_the_cursor_on_the_words(open_page: OpenPage) -> None:
    page = open_page(AMINA, PHONE)
    add_page(page)
    write(page, "why", f"Ring {NUMBER} about it.")
    list_of(page, "why").get_by_role("button", name=re.compile("Change it myself")).click()
    page.keyboard.type("the office")
    expect(page.locator("#why")).to_have_value("Ring the office about it.")
    expect(list_of(page, "why").locator("li")).to_have_count(0)


def test_a_button_of_words_that_were_still_being_typed_means_the_words_as_they_are_now(
    open_page: OpenPage,
) -> None:
    page = open_page(AMINA, PHONE)
    add_page(page)
    write(page, "why", f"Ring {NUMBER[:-1]}")
    mine = list_of(page, "why").get_by_role("button", name=re.compile("Change it myself"))
    expect(mine).to_be_visible(timeout=WAIT)
    # the last sign is typed, and the button used before the page had time to look again
    page.evaluate(
        """() => {
            document.getElementById("why").focus();
            document.execCommand("insertText", false, "3");
            [...document.querySelectorAll("[data-findings-for=why] button")]
                .find((one) => one.textContent.startsWith("Change it myself")).click();
        }"""
    )
    page.keyboard.type("the office")
    expect(page.locator("#why")).to_have_value("Ring the office")


def test_those_around_the_apprentice_are_not_asked_about(open_page: OpenPage) -> None:
    page = open_page(AMINA, PHONE)
    add_page(page)
    write(page, "what_happened", f"Amina Archer told Marek Mason. Later {CHILD} came.")
    found = list_of(page, "what_happened").locator("li")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(CHILD)


def test_a_reason_given_by_keyboard_is_kept_and_read_by_the_assessor(
    open_page: OpenPage, served: Served
) -> None:
    page = open_page(AMINA, PHONE)
    add_page(page)
    page.fill("#title", "A call to the council")
    write(page, "why", f"The council has the number {NUMBER}.")
    keep = list_of(page, "why").get_by_role("button", name=re.compile("Keep it"))
    expect(keep).to_be_visible(timeout=WAIT)
    keep.focus()
    page.keyboard.press("Enter")
    why = list_of(page, "why").get_by_role("textbox", name=re.compile("Why it may stay"))
    expect(why).to_be_focused()
    page.keyboard.type("Public number.")
    results = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert results.violations_count == 0, results.generate_report()
    page.get_by_role("button", name="Save draft", exact=True).last.click()
    page.wait_for_url("**/evidence/*done=*")
    expect(page.locator(".kept-findings")).to_contain_text("Kept because: Public number.")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.focus("#why")
    expect(list_of(page, "why").locator("[name=kept_reason]")).to_have_value("Public number.")
    expect(list_of(page, "why").locator("li")).to_have_count(1)
    with served.app.state.database.reading() as session:
        (kept,) = session.scalars(select(KeptFinding).where(KeptFinding.reason == "Public number."))
    assert (kept.field, kept.kind) == ("why", "phone")


def test_what_the_server_asks_about_can_be_changed_with_one_tap(open_page: OpenPage) -> None:
    """Somebody sent before the rules had come: the list of the server stands there and is taken over."""
    page = open_page(AMINA, PHONE)
    page.route("**/identities*.json", lambda route: route.abort())
    add_page(page)
    page.fill("#title", f"A day with {CHILD}")
    page.fill("#why", f"Ring {NUMBER}.")
    page.get_by_role("button", name="Submit", exact=True).click()
    row = list_of(page, "why").locator("li")
    expect(row).to_contain_text("looks like a phone number", timeout=WAIT)
    row.locator("[name=kept_reason]").fill("It is public.")
    page.unroute("**/identities*.json")
    page.focus("#title")
    use = list_of(page, "title").get_by_role("button", name=re.compile("Use “Child A” instead"))
    use.click()
    expect(page.locator("#title")).to_have_value("A day with Child A")
    expect(list_of(page, "why").locator("[name=kept_reason]")).to_have_value("It is public.")


def test_a_comment_is_asked_about_too(open_page: OpenPage, served: Served) -> None:
    page = open_page("marek.mason@northside-school.example", {"width": 1280, "height": 900})
    with served.app.state.database.reading() as session:
        at = session.scalars(
            select(Apprenticeship.id)
            .join(Person, Person.id == Apprenticeship.apprentice_id)
            .where(Person.email == AMINA)
        ).one()
    page.goto(f"/apprenticeships/{at}/evidence?state=submitted")
    page.locator("#evidence_list a[href*='/evidence/0']").first.click()
    page.locator("#conversation").scroll_into_view_if_needed()
    write(page, "text", f"Well done with {CHILD}.")
    expect(list_of(page, "text").locator("li")).to_contain_text("looks like a name")
    page.get_by_role("button", name="Send comment").click()
    expect(page.locator("#conversation .summary")).to_contain_text(
        "Change it, or say why it may stay", timeout=WAIT
    )
    list_of(page, "text").locator("[name=kept_reason]").fill("The name of a horse.")
    page.get_by_role("button", name="Send comment").click()
    expect(page.locator("#conversation .said").last).to_contain_text(
        "Kept because: The name of a horse.", timeout=WAIT
    )


def test_nothing_of_it_is_loaded_before_somebody_begins_to_write(open_page: OpenPage) -> None:
    page = open_page(AMINA, PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    add_page(page)
    assert not [url for url in asked if re.search("writing|identities|known-names", url)]
    page.focus("#why")
    expect(page.locator("script[src*=writing]")).to_have_count(1)
    with page.expect_response(re.compile("known-names")):
        page.reload()
        page.focus("#why")


def test_without_script_the_server_asks_and_takes_the_reason(open_page: OpenPage) -> None:
    page = open_page(AMINA, PHONE, java_script_enabled=False)
    page.goto("/")
    page.click("a[href$='/evidence/new'] >> nth=0")
    page.fill("#why", f"Ring {NUMBER}.")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator(".summary")).to_contain_text(f"“{NUMBER}” looks like a phone number")
    expect(page.locator("#why")).to_have_value(f"Ring {NUMBER}.")
    list_of(page, "why").locator("[name=kept_reason]").fill("It is public.")
    page.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(page.locator(".kept-findings")).to_contain_text("It is public.")
