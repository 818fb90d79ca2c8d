"""A round: somebody chooses a file, the phone is killed again and again, and in the end the server is asked."""

from __future__ import annotations

import hashlib
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

from playwright.sync_api import Error, Page, Playwright, sync_playwright

from tests.robots.house import House, Verdict, house
from tests.robots.line import Line
from tests.robots.phone import Gone, Phone, Waiting
from tests.robots.stops import STOPS, Round, Stop

FAST, DELAY = 2_500_000, 0.05
"""Bytes a second of the line of one phone, and seconds one way: a line of 2G would take an hour for each file."""
TRUE_2G, DELAY_2G = 250_000 // 8, 0.3
LOSS = 0.1
OTHER_SIZE = 700_000
GRACE = 30
"""Seconds after the end of the run at which a browser that still hangs is ended."""
LIE_SECONDS, NO_SIGNAL_SECONDS = 6.0, 4.0


@dataclass
class Result:
    """What came of a round."""

    round: Round
    kills: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    lies: int = 0
    signed_out: int = 0
    reloads: int = 0
    sent: int = 0
    """Bytes of pieces that left the phone."""
    seconds: float = 0
    verdict: Verdict | None = None
    left_on_phone: int = 0
    trouble: str = ""

    @property
    def good(self) -> bool:
        nothing_left = not self.left_on_phone and not self.trouble
        return self.verdict is not None and self.verdict.good and nothing_left and not self.missed

    @property
    def resent(self) -> float:
        """KB that were sent again for each MB of the file."""
        return (self.sent - self.round.size) / 1000 / (self.round.size / 1_000_000)


def piece_of(size: int) -> int:
    """Bytes of a piece of a file of this size, as the page cuts it."""
    return 262_144 * (8 if size > 200_000_000 else 4 if size > 60_000_000 else 1)


def a_recording(path: Path, size: int, seed: str) -> str:
    """Sound of so many bytes of which no two pieces are alike; its SHA-256."""
    data = random.Random(seed).randbytes(size - 44)
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    head += bytes.fromhex("01000100401f0000401f000001000800") + b"data" + len(data).to_bytes(4, "little")
    path.write_bytes(head + data)
    return hashlib.sha256(head + data).hexdigest()


def new_piece(phone: Phone) -> None:
    """The page to add a piece, with its script."""
    start = "a[href*='/evidence/new']"
    phone.open("/", lambda page: page.locator(start).count() > 0)
    address = phone.page.locator(start).first.get_attribute("href")
    phone.open(str(address), lambda page: page.locator("form[data-in-pieces]").count() == 1)


def give(phone: Phone, path: Path) -> None:
    """Choose the file, and wait until the phone has the whole of it."""
    phone.page.set_input_files("#files", path)
    until = phone.until()
    while time.monotonic() < until:
        look = phone.look()
        if look and any(one["state"] != "arriving" for one in look.of(phone.person)):
            return
        time.sleep(0.2)
    raise Gone(f"the phone did not take it in: {phone.page.inner_text('main')[:400]}")


class Play:
    """One round on one phone."""

    def __init__(self, at: House, line: Line, phone: Phone, plan: Round, folder: Path) -> None:
        self.house, self.line, self.phone, self.plan, self.folder = at, line, phone, plan, folder
        self.result = Result(plan)
        self.sha256 = ""
        self.path = folder / f"round-{plan.number}{'-2g' if plan.true_2g else ''}.wav"

    def run(self, other: str) -> Result:
        """`other`: who else uses this phone, where the round has two people."""
        began = time.monotonic()
        sha256 = a_recording(self.path, self.plan.size, self.path.name)
        self.line.pieces_of_file = -(-self.plan.size // piece_of(self.plan.size))
        self.line.fresh_counts()
        self.phone.reloads = 0
        self.sha256 = sha256
        try:
            self._send(other)
            self.phone.tend(self._delivered)
        except (Gone, Error) as trouble:
            self.result.trouble = f"{type(trouble).__name__}: {trouble}"
        self.line.arm(None)
        self._tell(sha256, began)
        self.path.unlink()
        return self.result

    def _send(self, other: str) -> None:
        new_piece(self.phone)
        self._plan_what_happens()
        stops = list(self.plan.stops)
        if stops:
            self.line.arm(STOPS[stops[0]])
        if self.plan.without_signal:
            self._choose_without_signal()
        else:
            give(self.phone, self.path)
        for place, stop in enumerate(stops):
            self._come_to(stop)
            self._kill(stop, STOPS[stops[place + 1]] if place + 1 < len(stops) else None)
            if place == 0 and self.plan.two_people:
                self._somebody_else(other)
            self.phone.open("/account")
            if place == 1 and self.plan.two_tabs:
                self._second_tab()

    def _plan_what_happens(self) -> None:
        pieces = self.line.pieces_of_file
        happens: list[tuple[int, Callable[[], None]]] = []
        if self.plan.lies:
            happens.append(
                (pieces * 33 // 100, lambda: self.line.lie_for(LIE_SECONDS * (4 if self.plan.true_2g else 1)))
            )
        if self.plan.signed_out:
            happens.append((pieces * 66 // 100, self._sign_out))
        self.line.at_piece = happens

    def _sign_out(self) -> None:
        self.result.signed_out += 1
        self.house.end_sessions(self.phone.email)

    def _choose_without_signal(self) -> None:
        context = self.phone.context
        context.set_offline(True)
        give(self.phone, self.path)
        until = time.monotonic() + NO_SIGNAL_SECONDS
        while time.monotonic() < until:
            now = self.phone.look()
            if now and any(one["have"] for one in now.items):
                raise Gone("something was sent without a signal")
            time.sleep(0.3)
        context.set_offline(False)

    def _come_to(self, stop: int) -> None:
        self.phone.tend(lambda now: self.line.reached.is_set() or self._delivered(now))
        if not self.line.reached.is_set():
            self.result.missed.append(STOPS[stop].words)

    def _delivered(self, now: Waiting) -> bool:
        """Nothing waits on the phone and the server has it: a page that is just being changed for another can say
        for a moment that nothing waits."""
        return not now.of(self.phone.person) and self.house.verdict(self.sha256, self.plan.size).times > 0

    def _kill(self, stop: int, following: Stop | None) -> None:
        how = self.plan.kill_of(stop)
        self.phone.kill(how)
        self.result.kills.append(f"{STOPS[stop].words} ({how})")
        held = self.line.released
        self.line.arm(following)
        held.set()

    def _second_tab(self) -> None:
        """The same portfolio a second time, sending too as far as the browser lets it."""
        with suppress(Error):
            self.phone.context.new_page().goto("/account", wait_until="commit")

    def _somebody_else(self, other: str) -> None:
        """She puts the phone down without signing out; somebody else takes it and sends a file of theirs."""
        phone, owner = self.phone, self.phone.email
        awaited, self.line.stop_at = self.line.stop_at, None
        happens, self.line.at_piece = self.line.at_piece, []
        counted = self.line.fresh_counts()
        phone.context.clear_cookies()
        phone.email = other
        theirs = self.folder / f"other-{self.plan.number}.wav"
        sha256 = a_recording(theirs, OTHER_SIZE + self.plan.number, theirs.name)
        owners = phone.person
        new_piece(phone)
        before = phone.look()
        _nothing_of(phone.page, self.path.name)
        give(phone, theirs)
        phone.tend(lambda now: not now.of(phone.person))
        after = phone.look()
        _nothing_of(phone.page, self.path.name)
        if before is None or after is None or before.of(owners) != after.of(owners) or not after.of(owners):
            self.result.trouble = "what waits of one was touched while another was signed in"
        if not self.house.verdict(sha256, theirs.stat().st_size).good:
            self.result.trouble = "the file of the second person is not there once"
        theirs.unlink()
        phone.context.clear_cookies()
        phone.email = owner
        self.line.put_back(counted)
        self.line.stop_at, self.line.at_piece = awaited, happens

    def _tell(self, sha256: str, began: float) -> None:
        result, counts = self.result, self.line.fresh_counts()
        result.faults, result.lies, result.sent = counts.faults, counts.lies, counts.piece_bytes
        result.reloads, result.seconds = self.phone.reloads, time.monotonic() - began
        result.verdict = self.house.verdict(sha256, self.plan.size)
        look = self.phone.look()
        result.left_on_phone = -1 if look is None else len(look.items) + look.pieces


def _nothing_of(page: Page, name: str) -> None:
    if name in page.inner_text("body"):
        raise Gone(f"another person is shown {name}")


@dataclass
class Robots:
    """Phones that share out the rounds among them."""

    house: House
    chromium: str
    folder: Path
    plans: list[Round]
    phones: int
    ends_at: float
    """On the clock of `time.monotonic`: what is not over then is given up, and no round begins."""
    said: Callable[[Result], None] = lambda _result: None
    results: list[Result] = field(default_factory=list)

    def run(self) -> list[Result]:
        """All rounds, in order of their numbers."""
        waiting: Queue[Round] = Queue()
        for plan in self.plans:
            waiting.put(plan)
        people = self.house.apprentices()
        pairs = list(zip(people[::2], people[1::2], strict=False))[: self.phones]
        threads = [threading.Thread(target=self._hold, args=(waiting, *pair)) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(self.results, key=lambda result: (result.round.true_2g, result.round.number))

    def _hold(self, waiting: Queue[Round], owner: str, other: str) -> None:
        with sync_playwright() as playwright:
            while time.monotonic() < self.ends_at:
                try:
                    plan = waiting.get_nowait()
                except Empty:
                    return
                result = self._play(playwright, plan, owner, other)
                self.results.append(result)
                self.said(result)

    def _play(self, playwright: Playwright, plan: Round, owner: str, other: str) -> Result:
        rate, delay = (TRUE_2G, DELAY_2G) if plan.true_2g else (FAST, DELAY)
        line = Line(self.house.port, rate=rate, delay=delay, loss=LOSS, seed=f"round {plan.number}")
        with tempfile.TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as profile:
            phone = Phone(playwright, self.chromium, Path(profile), line.address)
            phone.email, phone.ends_at = owner, self.ends_at
            end = threading.Timer(max(0.0, self.ends_at + GRACE - time.monotonic()), phone.end)
            end.daemon = True
            end.start()
            try:
                return Play(self.house, line, phone, plan, self.folder).run(other)
            finally:
                end.cancel()
                phone.close()
                line.close()


def run(
    folder: Path,
    chromium: str,
    plans: list[Round],
    phones: int,
    seconds: float,
    said: Callable[[Result], None] = lambda _result: None,
) -> tuple[list[Result], int]:
    """The results, and how many removals of pieces were not done a minute after the last round."""
    ends_at = time.monotonic() + seconds
    with house(folder) as served:
        results = Robots(served, chromium, folder, plans, phones, ends_at, said).run()
        until = time.monotonic() + 60
        while (due := served.removals_due()) and time.monotonic() < until:
            time.sleep(0.5)
        return results, due
