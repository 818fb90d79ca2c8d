"""The page of a piece with files in every state, on the narrowest phone: axe, width, keyboard, names, what is spoken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_every_page import faults
from tests.browser.test_uploading import AMINA, a_recording, new_piece, slow

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 740}
WAIT = 30_000
LARGEST_TARGET_MISSING = """() => [...document.querySelectorAll(".kept button, [data-take-box] button, .thumb button, .all-held button")]
  .filter((one) => one.offsetParent)
  .map((one) => ({ words: one.getAttribute("aria-label") || one.textContent.trim(), box: one.getBoundingClientRect() }))
  .filter(({ box }) => box.height < 44 || box.left < 0 || box.right > innerWidth)
  .map(({ words, box }) => `${words}: ${Math.round(box.width)} by ${Math.round(box.height)}`)"""


def row(page: Page, name: str) -> Locator:
    return page.locator(".kept", has_text=name)


def choose(page: Page, path: Path) -> Locator:
    page.set_input_files("#files", path)
    return row(page, path.name)


def is_usable(page: Page) -> None:
    """Nothing for axe to find, nothing to scroll sideways for, and every button wide enough for a thumb."""
    assert faults(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"]
    assert page.evaluate(LARGEST_TARGET_MISSING) == []


def buttons(of: Locator) -> list[str]:
    return of.get_by_role("button").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")


def test_held_paused_refused_and_safe_files_side_by_side(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(AMINA, NARROW)
    new_piece(page)
    for number in (1, 2):
        photo = tmp_path / f"IMG_20261114_11220{number}_a_rather_long_name_as_phones_make_them.jpg"
        Image.new("RGB", (900, 700), "steelblue").save(photo)
        held = choose(page, photo)
        expect(held.locator(".kept-state")).to_contain_text("not looked at yet", timeout=WAIT)
        assert buttons(held) == [
            f"Look at {photo.name}: cover, crop or turn",
            f"Add {photo.name} as it is",
            f"Remove {photo.name}",
        ]
    safe = choose(page, a_recording(tmp_path, "states-safe.wav", 200_000)[0])
    expect(safe.locator(".kept-state")).to_contain_text("Safe since", timeout=WAIT)
    not_one = tmp_path / "states-refused.jpg.wav"
    not_one.write_bytes(b"MZ" + b"\0" * 4000)
    refused = choose(page, not_one)
    expect(refused.locator(".kept-state")).to_contain_text("Not taken.", timeout=WAIT)
    slow(page.context, page, kilobytes=100)
    paused = choose(page, a_recording(tmp_path, "states-paused.wav", 3_000_000)[0])
    expect(paused.locator(".kept-state")).to_contain_text(re.compile(r"Sending: \d"), timeout=WAIT)
    is_usable(page)
    page.get_by_role("button", name="Pause states-paused.wav").press("Enter")
    expect(paused.locator(".kept-state")).to_contain_text("Paused", timeout=WAIT)
    assert buttons(paused) == ["Go on with states-paused.wav", "Cancel states-paused.wav"]
    is_usable(page)
    page.get_by_role("button", name="Cancel states-paused.wav").press("Enter")
    expect(paused).to_have_count(0)


def test_what_waits_without_signal_is_usable_on_the_form_and_on_every_page(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(AMINA, NARROW)
    page.context.route("**/evidence/drafts", lambda route: route.abort())
    new_piece(page)
    waiting = choose(page, a_recording(tmp_path, "states-waiting.wav", 200_000)[0])
    expect(waiting.locator(".kept-state")).to_contain_text("There is no signal", timeout=WAIT)
    is_usable(page)
    page.goto("/account")
    expect(page.locator("#on_this_phone")).to_contain_text(
        "1 file is on this phone, not sent yet", timeout=WAIT
    )
    is_usable(page)
    page.get_by_role("button", name="Cancel states-waiting.wav").press("Enter")
    expect(page.locator("#on_this_phone")).to_have_count(0)


def test_each_state_is_spoken_once_and_the_bar_tells_how_far(open_page: OpenPage, tmp_path: Path) -> None:
    """Whoever listens hears "Sending" and then "Safe", not every one of sixty steps between."""
    page = open_page(AMINA, NARROW)
    new_piece(page)
    slow(page.context, page, kilobytes=400)
    page.evaluate(
        """() => {
            window.spoken = [];
            const heard = (node) => {
              const copy = node.cloneNode(true);
              copy.querySelectorAll("[aria-hidden]").forEach((one) => one.remove());
              return copy.textContent.split(" since")[0];
            };
            new MutationObserver(() => {
              const state = document.querySelector(".kept-state");
              if (state && window.spoken.at(-1) !== heard(state)) window.spoken.push(heard(state));
            }).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )
    sent = choose(page, a_recording(tmp_path, "states-spoken.wav", 1_500_000)[0])
    bar = sent.get_by_role("progressbar", name="Sent of states-spoken.wav")
    expect(bar).to_be_visible(timeout=WAIT)
    page.wait_for_function(
        "() => { const bar = document.querySelector('.kept progress'); return bar.value > 1; }"
    )
    expect(sent.locator(".kept-state")).to_contain_text("Safe since", timeout=WAIT)
    spoken = page.evaluate("() => window.spoken.filter(Boolean)")
    assert [one for one in spoken if one.startswith("Sending")] in (["Sending"], ["Sending.", "Sending"])
    assert spoken[-1] == "Safe"
