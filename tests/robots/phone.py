"""A phone: a Chromium with a profile that outlives it, held by somebody who looks now and then how far it is."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.browser.serving import ARGUMENTS
from tests.robots.house import PASSWORD
from tests.serving.running import children_of

PATIENCE = 600
"""Seconds until one thing that must happen has happened: the line is bad on purpose."""
STALLED = 40
"""Seconds without any progress after which its owner loads the page again."""
LOOK = """async () => {
  if (!(await indexedDB.databases()).some((one) => one.name === "portfolio-waiting")) return [];
  const database = await new Promise((resolve, reject) => {
    const asked = indexedDB.open("portfolio-waiting");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const all = (name) => new Promise((resolve, reject) => {
    const asked = database.transaction(name).objectStore(name).getAll();
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const items = await all("items"), pieces = await all("pieces");
  database.close();
  return { items: items.filter((one) => one.size).map((one) => ({ id: one.id, person: one.person, state: one.state, why: one.why || "", sentence: one.sentence || "", have: one.have || 0 })), pieces: pieces.length };
}"""


class Gone(Exception):
    """It did not come to this in all the time it had."""


@dataclass
class Waiting:
    """The files that lie on the phone, of everybody, and their pieces. Words that are kept beside them are not counted."""

    items: list[dict[str, Any]]
    pieces: int

    def of(self, person: str) -> list[dict[str, Any]]:
        return [one for one in self.items if one["person"] == person]


class Phone:
    """A Pixel-like phone of 360 x 740; `address` is the end of its line."""

    def __init__(self, playwright: Playwright, chromium: str, folder: Path, address: str) -> None:
        self.playwright, self.chromium, self.folder, self.address = playwright, chromium, folder, address
        self.email, self.person = "", ""
        self.ends_at = float("inf")
        self.reloads = 0
        self.dead: list[Page] = []
        self.context: BrowserContext
        self.page: Page
        self.start()

    def start(self) -> None:
        """The browser, with what its profile holds."""
        pixel: dict[str, Any] = dict(self.playwright.devices["Pixel 5"])
        pixel = {name: pixel[name] for name in ("user_agent", "is_mobile", "has_touch")}
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=self.chromium,
            args=ARGUMENTS,
            viewport={"width": 360, "height": 740},
            device_scale_factor=2.75,
            base_url=self.address,
            **pixel,
        )
        self.context.set_default_timeout(10_000)
        self.dead = []
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()

    def close(self) -> None:
        with suppress(Error):
            self.context.close()

    def kill(self, how: str) -> None:
        """Without a word to the page. Afterwards there is a new page, with nothing in it yet."""
        if how == "browser killed":
            _end(self._browser())
            self.close()
            self.start()
            return
        if how == "tab crashed":
            for page in self.context.pages:
                if page not in self.dead:
                    with suppress(Error):
                        page.goto("chrome://crash", timeout=3_000)
            self.dead += self.context.pages  # a crashed tab stays as it is: closing it would wait for ever
        before = [page for page in self.context.pages if page not in self.dead]
        self.page = self.context.new_page()
        for page in before:
            with suppress(Error):
                page.close(run_before_unload=False)

    def end(self) -> None:
        """The end of the run has come: whatever still waits for this browser waits no more."""
        _end(self._browser())

    def _browser(self) -> list[int]:
        """The browser of this profile, told by the profile's folder, which is our own, and what it started."""
        mark = f"--user-data-dir={self.folder}".encode()
        ours = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
        ours = [pid for pid in ours if mark in _called(pid)]
        with suppress(OSError):
            ours += [child for pid in ours for child in children_of(pid)]
        return sorted(set(ours))

    def open(self, path: str, ready: Callable[[Page], bool] = lambda _page: True) -> None:
        """Their own page at this path, however often it takes, signing in where that is asked for."""
        until = self.until()
        while time.monotonic() < until:
            with suppress(Error):
                self.page.goto(path, wait_until="load")
                if "/sign-in" in self.page.url:
                    self._sign_in()
                    continue
                self.person = self.page.evaluate("document.body.dataset.person || ''")
                if self.person and ready(self.page):
                    return
            time.sleep(0.5)
        raise Gone(f"{path} does not open: {self.page.url}")

    def _sign_in(self) -> None:
        self.page.fill("#email", self.email)
        self.page.fill("#password", PASSWORD)
        self.page.click("button:has-text('Sign in')")
        self.page.wait_for_url(lambda url: "/sign-in" not in url, timeout=10_000)

    def until(self) -> float:
        """When the patience for one thing ends; never after the end of the whole run."""
        return min(time.monotonic() + PATIENCE, self.ends_at)

    def look(self) -> Waiting | None:
        """What lies on the phone; None when no page of the portfolio is open to ask."""
        with suppress(Error):
            found = self.page.evaluate(LOOK)
            return Waiting(found["items"], found["pieces"]) if found else Waiting([], 0)
        return None

    def tend(self, over: Callable[[Waiting], bool], *, back_to: str = "/account") -> None:
        """Wait for this as its owner does: sign in again when the page says so, load it again when nothing moves."""
        until, moved, seen = self.until(), time.monotonic(), ""
        while time.monotonic() < until:
            now = self.look()
            if now is not None and over(now):
                return
            mine = now.of(self.person) if now else []
            if str(mine) != seen:
                seen, moved = str(mine), time.monotonic()
            signed_out = any(one["why"] == "signed-out" for one in mine)
            if now is None or signed_out or time.monotonic() - moved > STALLED:
                self.reloads += 0 if signed_out else 1
                self.open(back_to)
                moved = time.monotonic()
            time.sleep(0.3)
        raise Gone(f"it does not go on: {seen}")


def _called(pid: int) -> list[bytes]:
    """The command line of a process; empty for one that has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b" --", b"\0--").split(b"\0")
    return []


def _end(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
