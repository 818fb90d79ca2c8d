"""Who is who: a list of names and labels that stays in the browser, encrypted, and is offered while somebody types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.browser.serving import ARGUMENTS, DESK, PHONE, Served
from tests.browser.test_care import MAREK, a_thread

pytestmark = pytest.mark.browser
AMINA = "amina.archer@northside-school.example"
DAISY = "daisy.dunmore@northside-school.example"
NAME = "Zoë Quillfeather"
PART = "[data-who-is-who]"
OFFER = "[data-labels-for=what_happened]"


def add_page(page: Page) -> None:
    """The form for a new piece, with the help for writing there."""
    page.goto("/")
    page.click("a:has-text('Add evidence')")
    page.wait_for_url("**/evidence/new")
    page.focus("#what_happened")
    page.wait_for_selector(PART)


def open_list(page: Page) -> None:
    if not page.locator("#labels-name").is_visible():
        page.get_by_text("Who is who (stays on this phone)").click()


def put_on_list(page: Page, name: str, label: str = "") -> None:
    open_list(page)
    page.fill("#labels-name", name)
    if label:
        page.fill("#labels-label", label)
    said = label or page.input_value("#labels-label")
    page.get_by_role("button", name="Add to the list").click()
    expect(page.locator(".labels-said")).to_have_text(f"{said} is on the list.")


def offered(page: Page, text: str) -> list[str]:
    """What the page offers for this text. The probe at its end is on the list, so its offer says that all was read."""
    page.fill("#what_happened", f"{text} Probe")
    probe = page.locator(OFFER).get_by_role("button", name="‘Probe’")
    expect(probe).to_have_count(1)
    found = page.locator(OFFER).get_by_role("button").all_inner_texts()
    page.fill("#what_happened", "")
    expect(probe).to_have_count(0)
    return [words for words in found if "Probe" not in words]


def test_the_next_label_is_suggested_and_people_are_added_changed_and_taken_out(open_page: OpenPage) -> None:
    page = open_page(AMINA)
    add_page(page)
    put_on_list(page, NAME)
    rows = page.locator(f"{PART} li")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(f"Child A is {NAME}")
    expect(page.locator("#labels-name")).to_be_focused()  # for the next one
    expect(page.locator("#labels-label")).to_have_value("Child B")
    page.select_option("#labels-kind", "Colleague")
    expect(page.locator("#labels-label")).to_have_value("Colleague 1")
    page.fill("#labels-name", "zoe quillfeather")
    page.press("#labels-name", "Enter")  # adds, and does not send the form
    expect(page.locator("#labels-mistake")).to_contain_text("on the list already, as Child A")
    page.fill("#labels-name", "Bo")
    page.fill("#labels-label", "child a")
    page.press("#labels-label", "Enter")
    expect(page.locator("#labels-mistake")).to_contain_text("is somebody else on this list")
    page.fill("#labels-label", "Colleague 1")
    page.press("#labels-label", "Enter")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Change Colleague 1").click()
    page.fill("#labels-edit-name", "Bo Bell")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(rows.nth(1)).to_contain_text("Colleague 1 is Bo Bell")
    page.get_by_role("button", name="Take out Child A").click()
    expect(rows).to_have_count(1)
    page.reload()
    page.focus("#what_happened")
    page.wait_for_selector(PART)
    open_list(page)
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Forget this list").click()
    page.get_by_role("button", name="Yes, forget all of it").click()
    expect(page.locator(".labels-said")).to_have_text("The list is gone from this phone.")
    expect(rows).to_have_count(0)


OFFERS = [
    ("I met Zoë Quillfeather.", ["Write ‘Child A’ instead of ‘Zoë Quillfeather’"]),
    ("I met zoe quillfeather.", ["Write ‘Child A’ instead of ‘zoe quillfeather’"]),
    ("Zoe's mum and ZOË", ["Write ‘Child A’ instead of ‘Zoe’ (2 times)"]),
    ("the quillfeathers", []),
    ("The Quillfeathers came.", ["Write ‘Child A’ instead of ‘Quillfeather’"]),
    ("Zoe\u0308 was there", ["Write ‘Child A’ instead of ‘Zoe\u0308’"]),
    ("At the zoetrope and in Zoedale", []),
    ("He will go. I hope so, and may ask.", []),
    ("Then Will left.", ["Write ‘Adult A’ instead of ‘Will’"]),
    ("will marks left bruise marks", []),
    ("Łukasz and lukasz’s bag", ["Write ‘Child C’ instead of ‘Łukasz’ (2 times)"]),
    ("Sean O’Dwyer rang", ["Write ‘Adult B’ instead of ‘Sean O’Dwyer’"]),
    ("Al-Amin was late", ["Write ‘Child D’ instead of ‘Al-Amin’"]),
]


def test_a_listed_name_is_found_as_people_type_it_and_other_words_are_left_alone(open_page: OpenPage) -> None:
    page = open_page(AMINA)
    add_page(page)
    put_on_list(page, "Probe", "Nobody")
    put_on_list(page, NAME, "Child A")
    put_on_list(page, "Will May", "Adult A")
    put_on_list(page, "Łukasz", "Child C")
    put_on_list(page, "Sean O'Dwyer", "Adult B")
    put_on_list(page, "Al-Amin", "Child D")
    for text, expected in OFFERS:
        assert offered(page, text) == expected, text


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_label_is_written_with_one_key_and_undone_with_one(
    open_page: OpenPage, size: dict[str, int]
) -> None:
    page = open_page(AMINA, size)
    add_page(page)
    put_on_list(page, NAME)
    typed = "I sat with Zoë. Zoe's mum rang, and then Zoe Quillfeather left."
    page.focus("#what_happened")
    page.keyboard.insert_text(typed)
    first = page.locator(OFFER).get_by_role("button", name="instead of ‘Zoë’")
    expect(first).to_be_visible()
    page.keyboard.press("Tab")
    for _ in range(20):  # whatever else stands between the field and its offer
        if first.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    box = page.locator("#what_happened")
    expect(box).to_have_value("I sat with Child A. Child A’s mum rang, and then Zoe Quillfeather left.")
    expect(box).to_be_focused()
    page.keyboard.press("Control+z")
    expect(box).to_have_value(typed)


def test_before_the_form_goes_the_page_says_what_still_stands_there_and_lets_it_go(
    open_page: OpenPage,
) -> None:
    page = open_page(AMINA)
    add_page(page)
    put_on_list(page, NAME)
    page.fill("#title", "With Zoe at the gate")
    page.fill("#what_happened", "Zoë Quillfeather was upset.")
    page.get_by_role("button", name="Save draft").last.click()
    asked = page.locator("[data-labels-left]")
    expect(asked).to_be_focused()
    expect(asked).to_contain_text("‘Zoe’ is Child A on your list, in “Title”")
    asked.get_by_role("button", name="Back to writing").click()
    expect(page.locator("#title")).to_be_focused()
    page.get_by_role("button", name="Save draft").last.click()
    asked.get_by_role("button", name="Write the labels, then send").click()
    page.wait_for_url(re.compile(r"/evidence/[0-9a-f-]{36}(\?.*)?$"))
    expect(page.locator("main")).to_contain_text("With Child A at the gate")
    expect(page.locator("main")).to_contain_text("Child A was upset.")
    expect(page.locator("main h1")).not_to_contain_text("Zo")
    expect(page.locator("main")).not_to_contain_text("Zoe")  # nor in a list of what waits
    page.get_by_role("link", name="Edit", exact=True).click()
    page.focus("#why")
    page.wait_for_selector(PART)
    page.fill("#why", "Because Zoe had asked.")
    page.get_by_role("button", name="Save draft").last.click()
    asked.get_by_role("button", name="Send it as it is").click()
    page.wait_for_url("**/evidence/*done=saved*")
    expect(page.locator("main")).to_contain_text("Because Zoe had asked.")


def test_two_people_on_one_phone_have_two_lists_and_signing_out_keeps_them(open_page: OpenPage) -> None:
    page = open_page(AMINA)
    add_page(page)
    put_on_list(page, NAME)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    sign_in(page, DAISY)
    add_page(page)
    open_list(page)
    expect(page.locator(PART)).to_contain_text("Nobody is on the list yet")
    put_on_list(page, "Quentin", "Adult Q")
    assert offered_now(page, "Zoe and Quentin") == ["Write ‘Adult Q’ instead of ‘Quentin’"]
    page.get_by_role("button", name="Forget this list").click()
    page.get_by_role("button", name="Yes, forget all of it").click()
    expect(page.locator(".labels-said")).to_have_text("The list is gone from this phone.")
    # what was typed is in the draft by now: signing out has nothing to ask
    expect(page.locator(".saved-words")).to_contain_text("Saved as a draft", timeout=20_000)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    sign_in(page, AMINA)
    add_page(page)
    assert offered_now(page, "Zoe and Quentin") == ["Write ‘Child A’ instead of ‘Zoe’"]


def offered_now(page: Page, text: str) -> list[str]:
    page.fill("#what_happened", text)
    button = page.locator(OFFER).get_by_role("button")
    expect(button).to_have_count(1)
    return button.all_inner_texts()


def test_it_works_without_signal(open_page: OpenPage, served: Served) -> None:
    page = open_page(MAREK)
    page.goto(a_thread(served))
    page.focus("#text")
    page.wait_for_selector(PART)
    page.context.set_offline(True)
    put_on_list(page, NAME)
    page.fill("#text", "Zoe rang.")
    page.get_by_role("button", name="Write ‘Child A’ instead of ‘Zoe’").click()
    expect(page.locator("#text")).to_have_value("Child A rang.")


def test_without_scripts_there_is_no_list(open_page: OpenPage) -> None:
    page = open_page(AMINA, java_script_enabled=False)
    page.goto("/")
    page.click("a:has-text('Add evidence')")
    expect(page.locator("#what_happened")).to_be_visible()
    expect(page.get_by_text("Who is who")).to_have_count(0)


def test_it_fits_a_phone_and_axe_finds_nothing(open_page: OpenPage) -> None:
    page = open_page(AMINA, {"width": 360, "height": 740})
    add_page(page)
    put_on_list(page, NAME)
    page.fill("#what_happened", "Zoe rang.")
    expect(page.locator(OFFER).get_by_role("button")).to_have_count(1)
    page.fill("#title", "A call")
    page.get_by_role("button", name="Save draft").last.click()
    expect(page.locator("[data-labels-left]")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=options).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


@pytest.fixture
def on_disk(
    real_browser: Browser, chromium_path: str, served: Served, tmp_path: Path
) -> Iterator[tuple[BrowserContext, Path]]:
    """A browser with a profile of its own, whose files can be read."""
    profile = tmp_path / "profile"
    context = real_browser.browser_type.launch_persistent_context(
        str(profile),
        executable_path=chromium_path,
        args=ARGUMENTS,
        base_url=served.address,
        viewport=PHONE,
    )
    yield context, profile
    context.close()


def test_the_name_is_in_no_request_and_in_no_file_of_the_browser(
    on_disk: tuple[BrowserContext, Path], served: Served
) -> None:
    context, profile = on_disk
    page = context.new_page()
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(f"{request.url} {request.headers} {request.post_data_buffer or b''!r}")

    page.on("request", note)
    sign_in(page, AMINA)
    add_page(page)
    put_on_list(page, "Quillfeather Okonjo", "Colleague 47")
    page.fill("#title", "A call that nobody expected")
    page.get_by_role("button", name="Save draft").last.click()
    page.wait_for_url(re.compile(r"/evidence/[0-9a-f-]{36}(\?.*)?$"))
    page.get_by_role("link", name="Edit", exact=True).click()
    page.focus("#what_happened")
    page.wait_for_selector(PART)
    open_list(page)
    expect(page.locator(f"{PART} li")).to_contain_text("Quillfeather Okonjo")  # it was kept, and read again
    context.close()
    bodies = " ".join(sent)
    assert "A call that nobody expected" in bodies  # what is sent is seen here
    files = [path for path in profile.rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert b"portfolio-labels" in written or "portfolio-labels".encode("utf-16-le") in written
    for word in ("Quillfeather", "quillfeather", "Okonjo", "Colleague 47"):
        assert word not in bodies
        assert word.encode() not in written
        assert word.encode("utf-16-le") not in written
