"""A phone with two cameras and a microphone: Chromium's own made-up devices, and a person who allows them or does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import sign_in
from tests.browser.serving import ARGUMENTS, PHONE, Served

DEVICES = [*ARGUMENTS, "--use-fake-device-for-media-stream=device-count=2"]
WATCHED = """
  window.opened = [];
  const ask = navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
  if (ask) navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask.call(navigator.mediaDevices, wanted);
    window.opened.push(...stream.getTracks());
    return stream;
  };
"""
"""Notes which cameras and microphones the page opened."""
OFF = "() => window.opened.length > 0 && window.opened.every((track) => track.readyState === 'ended')"

OpenPhone = Callable[..., Page]


@contextmanager
def phones(real_browser: Browser, chromium_path: str, served: Served) -> Iterator[OpenPhone]:
    """`open_phone(email, allowed=False)`: a page of somebody signed in. A script that fails, or something that the
    page's own rules forbid, fails the test."""
    browser = real_browser.browser_type.launch(executable_path=chromium_path, args=DEVICES)
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_one(email: str = "", *, allowed: bool = True) -> Page:
        context = browser.new_context(
            viewport=PHONE,
            base_url=served.address,
            permissions=["camera", "microphone"] if allowed else [],
        )
        contexts.append(context)
        context.add_init_script(WATCHED)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on("console", lambda m: troubles.append(m.text) if "olicy" in m.text else None)
        if email:
            sign_in(page, email)
        return page

    yield open_one
    for context in contexts:
        context.close()
    browser.close()
    assert not troubles, troubles
