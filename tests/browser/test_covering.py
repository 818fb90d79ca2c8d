"""Covering parts of a document in a real Chromium: with the mouse, with keys alone, and without JavaScript."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.serving import DESK, PHONE, Served
from tests.browser.test_uploading import AMINA
from tests.redaction import secret

UPPER = (5.0, 2.0, 90.0, 50.0)
"""Left, top, width and height of what covers everything that must not be seen, in per cent."""


def a_draft(page: Page, *, scripts: bool = True) -> str:
    """A draft with the document in it, added through its page; the address of its edit page."""
    page.goto("/")
    page.get_by_role("link", name="Add evidence").first.click()
    page.get_by_label("Title").fill("A plan with a name in it")
    document: FilePayload = {"name": "Plan.pdf", "mimeType": "application/pdf", "buffer": secret.document()}
    page.locator("#files").set_input_files([document])
    if scripts:
        expect(page.locator("#piece_files .file, .picked li").first).to_be_visible()
    with page.expect_navigation(url=re.compile("done=")):
        page.get_by_role("button", name="Save draft", exact=True).click()
    return re.sub(r"[?#].*", "", page.url) + "/edit"


def to_the_cover_page(page: Page) -> None:
    page.goto(a_draft(page))
    page.get_by_role("link", name="Cover parts of Plan.pdf").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cover parts of Plan.pdf")
    page.get_by_text("Page 1 of 2").click()


def drawn(page: Page) -> None:
    """The picture of the first page is there."""
    page.wait_for_function("() => document.querySelector('[data-place] img').naturalWidth > 300")


def cover(page: Page) -> Image.Image:
    """Send the form; the first page of what is kept then."""
    page.get_by_role("button", name="Cover it for good").click()
    expect(page.get_by_text("The file is covered.")).to_be_visible(timeout=30_000)
    link = page.locator("#piece_files a[download]").first.get_attribute("href")
    answer = page.request.get(str(link))
    reader = pypdf.PdfReader(io.BytesIO(answer.body()))
    assert not any(mark.encode() in answer.body() for mark in secret.MARKS)
    assert [one.extract_text() for one in reader.pages] == ["", ""]
    return Image.open(io.BytesIO(reader.pages[0].images[0].data)).convert("RGB")


def is_covered(image: Image.Image, part: tuple[float, float, float, float]) -> bool:
    """Whether the middle of this part, in per cent, is one colour: black."""
    left, top, width, height = part
    box = (left + 1, top + 1, left + width - 1, top + height - 1)
    across = (image.width, image.height, image.width, image.height)
    region = image.crop(tuple(int(edge * size / 100) for edge, size in zip(box, across, strict=True)))  # type: ignore[arg-type]
    return region.getcolors() == [(region.width * region.height, (0, 0, 0))]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_with_the_pointer_a_box_is_drawn_moved_and_undone(
    open_page: OpenPage, served: Served, size: dict[str, int]
) -> None:
    page = open_page(AMINA, size)
    to_the_cover_page(page)
    drawn(page)
    place = page.locator("[data-place]").first
    place.scroll_into_view_if_needed()
    frame = place.bounding_box()
    assert frame is not None

    def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
        at = place.bounding_box()
        assert at is not None
        page.mouse.move(at["x"] + at["width"] * start[0] / 100, at["y"] + at["height"] * start[1] / 100)
        page.mouse.down()
        page.mouse.move(at["x"] + at["width"] * end[0] / 100, at["y"] + at["height"] * end[1] / 100, steps=6)
        page.mouse.up()

    drag((5, 2), (95, 52))
    box = page.get_by_role("button", name=re.compile("^Box 1 on page 1"))
    expect(box).to_be_visible()
    drag((50, 60), (60, 70))
    expect(page.get_by_role("button", name=re.compile("^Box 2 on page 1"))).to_be_visible()
    expect(page.locator("[data-sum]").first).to_have_text("2 boxes")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("[data-sum]").first).to_have_text("1 box")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    assert is_covered(cover(page), UPPER)


def test_with_keys_alone_a_box_is_added_moved_sized_and_deleted(open_page: OpenPage, served: Served) -> None:
    page = open_page(AMINA)
    to_the_cover_page(page)
    add = page.get_by_role("button", name="Add a box").first
    add.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("button", name=re.compile("^Box 1 on page 1"))
    expect(box).to_be_focused()
    field = page.locator("[name=boxes_1]")
    expect(field).to_have_value("35 45 30 5")
    for key, times in (("ArrowLeft", 30), ("ArrowUp", 43), ("Shift+ArrowRight", 60), ("Shift+ArrowDown", 45)):
        for _ in range(times):
            page.keyboard.press(key)
    expect(field).to_have_value("5 2 90 50")
    expect(box).to_have_attribute(
        "aria-label", re.compile("5 per cent from the left, 2 from the top, 90 wide, 50 high")
    )
    add.focus()
    page.keyboard.press("Enter")
    second = page.get_by_role("button", name=re.compile("^Box 2 on page 1"))
    expect(second).to_be_focused()
    page.keyboard.press("Delete")
    expect(second).to_have_count(0)
    expect(page.locator("[data-told]")).to_have_text("Box 2 on page 1 is deleted.")
    expect(field).to_have_value("5 2 90 50")
    assert is_covered(cover(page), UPPER)


def test_without_javascript_numbers_are_typed_beside_a_page_with_lines(
    open_page: OpenPage, served: Served
) -> None:
    page = open_page(AMINA, PHONE, java_script_enabled=False)
    page.goto(a_draft(page, scripts=False))
    page.get_by_role("link", name="Cover parts of Plan.pdf").click()
    page.get_by_text("Page 1 of 2").click()
    expect(page.get_by_role("img", name=re.compile("Page 1 with lines at every tenth"))).to_be_visible()
    page.get_by_text("Type numbers").first.click()
    page.locator("[name=boxes_1]").fill("5 2 90 50")
    assert is_covered(cover(page), UPPER)


def test_while_it_is_being_covered_the_page_says_so_and_one_press_is_enough(
    open_page: OpenPage, served: Served
) -> None:
    """The browser leaves the page with the answer, so the page itself notes down what it showed after two presses."""
    page = open_page(AMINA, PHONE)
    to_the_cover_page(page)
    drawn(page)
    page.locator("[data-numbers] summary").first.click()
    page.get_by_label("Boxes on page 1").fill("5 2 90 50")
    page.evaluate(
        """() => {
          const form = document.querySelector("[data-covering]"), sent = [];
          const note = (name, value) => sessionStorage.setItem(name, value);
          addEventListener("submit", (event) => { sent.push(!event.defaultPrevented); note("sent", sent.join()); });
          const button = [...form.querySelectorAll("button")].find((one) => one.textContent === "Cover it for good");
          button.click();
          button.click();
          note("said", form.querySelector("[data-working]").innerText);
          note("button", button.getAttribute("aria-disabled"));
        }"""
    )
    expect(page.get_by_text("The file is covered.")).to_be_visible(timeout=60_000)
    noted = page.evaluate("() => ['sent', 'said', 'button'].map((name) => sessionStorage.getItem(name))")
    assert noted == [
        "true,false",
        "Being covered: 2 pages, up to about 5 seconds. Stay on this page until it is done.",
        "true",
    ]
