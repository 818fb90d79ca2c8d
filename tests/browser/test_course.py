"""The whole story of one course, by hand, on a phone-sized screen, in a real Chromium: a manager makes a course and a
date, two apprentices ask for its one place, their line manager says yes, the first gives it back and the second is
offered it, comes, gets a certificate, evaluates the day, and ten weeks later says what changed and makes it evidence."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pypdf
import pytest
import time_machine
from playwright.sync_api import Page, expect

from portfolio.web.formats import LONDON
from tests.browser.conftest import OpenPage
from tests.browser.serving import PHONE, Served, serving
from tests.browser.test_story import MAREK, PRIYA, Hero, make_hero

pytestmark = pytest.mark.browser
TITLE = "Threshold decisions in practice"


@pytest.fixture(scope="module")
def served(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of its own, always on SQLite: its clock is moved, which no other story may see."""
    folder = tmp_path_factory.mktemp("course")
    with serving(f"sqlite:///{folder / 'portfolio.db'}", folder) as running:
        yield running


class Clock:
    """The clock of this process, and so of the server in it; it goes on ticking after each move."""

    def __init__(self) -> None:
        self._travel: time_machine.travel | None = None

    def go_to(self, day: date, hour: int, minute: int = 0) -> None:
        self.back()
        self._travel = time_machine.travel(datetime.combine(day, time(hour, minute), LONDON), tick=True)
        self._travel.start()

    def back(self) -> None:
        if self._travel is not None:
            self._travel.stop()
            self._travel = None


@pytest.fixture
def clock(served: Served) -> Iterator[Clock]:
    clock = Clock()
    yield clock
    clock.back()


@pytest.fixture
def heroes(served: Served) -> tuple[Hero, Hero]:
    """Two apprentices of one employer and one mentor."""
    with served.app.state.database.writing() as session:
        return make_hero(session, served), make_hero(session, served)


def test_from_the_date_to_what_changed_ten_weeks_later(
    open_page: OpenPage, served: Served, heroes: tuple[Hero, Hero], clock: Clock, tmp_path: Path
) -> None:
    first, second = heroes
    held_on = datetime.now(UTC).astimezone(LONDON).date() + timedelta(days=10)
    manager = open_page(PRIYA, PHONE)
    course = make_course(manager, held_on)

    gives_back = open_page(first.email, PHONE)
    given_back = book(gives_back, first)
    hers = open_page(second.email, PHONE)
    booking = book(hers, second)
    mentor = open_page(MAREK, PHONE)
    for address in (given_back, booking):
        mentor.goto(address)
        step(mentor, "approve")
    gives_back.goto(given_back)
    expect(gives_back.locator("#booking")).to_contain_text("Confirmed")
    hers.goto(booking)
    expect(hers.locator("#booking")).to_contain_text("On the waiting list")
    gives_back.fill("form:has(input[name=step][value=cancel]) textarea", "I am on leave that week.")
    step(gives_back, "cancel")
    hers.goto(booking)
    expect(hers.locator("#booking")).to_contain_text("Place offered")
    step(hers, "accept")
    expect(hers.locator("#booking")).to_contain_text("Confirmed")

    clock.go_to(held_on, 12, 45)
    manager = open_page(PRIYA, PHONE)
    attendance_and_certificates(manager, course)
    hers = open_page(second.email, PHONE)
    hers.goto(booking)
    hers.click("text=Certificate, materials and evaluation")
    certificate(hers, second, held_on, tmp_path)
    expect(hers.locator("main")).to_contain_text("Slides of the day")
    evaluate_the_day(hers)
    to_the_log(hers)

    clock.go_to(held_on + timedelta(weeks=10), 9)
    hers = open_page(second.email, PHONE)
    hers.goto(booking + "/after")
    follow_up_becomes_evidence(hers)
    manager = open_page(PRIYA, PHONE)
    manager.goto(course)
    manager.click("text=What people said of it")
    expect(manager.locator("main")).to_contain_text("1 answer so far. Results appear from 5")
    expect(manager.locator("main")).not_to_contain_text("the reason for the level")
    fits(manager)


def fits(page: Page) -> None:
    """No sideways scrolling, once the page is there: a click does not wait for what it opens."""
    page.wait_for_load_state()
    page.locator("main").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def step(page: Page, name: str) -> None:
    fits(page)
    page.click(f"form:has(input[name=step][value={name}]) button:not([type=button])")
    expect(page.locator("#booking .done-note, #booking [role=status]").first).to_be_visible()


def make_course(page: Page, held_on: date) -> str:
    """The address of the course, with one date that has one place."""
    page.goto("/")
    page.get_by_role("link", name="Set up", exact=True).first.click()
    page.get_by_role("link", name="Courses", exact=True).click()
    page.click("text=Add a course")
    page.fill("#title", TITLE)
    page.check("input[name=kind][value=workshop]")
    page.check("input[name=mode][value=in_person]")
    page.fill("#minutes", "180")
    page.fill("#statements", "K4 S4")
    fits(page)
    page.click("text=Save the course")
    expect(page.locator("h1")).to_contain_text(TITLE)
    course = page.url.split("?")[0]
    for part in ("day", "month", "year"):
        page.fill(f"#day_{part}", str(getattr(held_on, part)))
    page.fill("#starts", "09:30")
    page.fill("#ends", "12:30")
    page.fill("#venue", "Room 2")
    page.fill("#capacity", "1")
    page.click("button:has-text('Add the date')")
    expect(page.locator("#course")).to_contain_text("0 places taken of 1")
    return course


def book(page: Page, hero: Hero) -> str:
    """The address of the booking."""
    page.goto(f"/apprenticeships/{hero.at_id}/courses?q=Threshold")
    page.locator(f"main a:has-text('{TITLE}')").first.click()
    page.get_by_role("link", name=re.compile("^(Book|Join the waiting list)")).first.click()
    page.click("text=Ask for a place")
    page.wait_for_url(re.compile(r"/bookings/[0-9a-f-]{36}"))
    fits(page)
    return page.url.split("?")[0]


def attendance_and_certificates(page: Page, course: str) -> None:
    page.goto(course)
    page.locator("#course a[href*='/sessions/']").first.click()
    page.locator("input[type=radio][value=full]").first.check()
    page.click("text=Record attendance")
    expect(page.locator("#session")).to_contain_text("Attendance is recorded.")
    page.click("text=Certificates and materials")
    page.fill("#title", "Slides of the day")
    page.fill("#link", "https://materials.example/slides")
    page.click("text=Add the material")
    expect(page.locator("#session_after")).to_contain_text("The material is there")
    page.click("text=Record 1 certificate by attendance")
    expect(page.locator("#session_after")).to_contain_text("1 certificate issued, 0 withheld.")
    fits(page)


def certificate(page: Page, hero: Hero, held_on: date, folder: Path) -> None:
    fits(page)
    with page.expect_download() as coming:
        page.click("text=Download the certificate")
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    reader = pypdf.PdfReader(io.BytesIO(path.read_bytes()))
    said = " ".join(reader.pages[0].extract_text().split())
    for part in (hero.name, TITLE, f"{held_on.day} {held_on:%B %Y}", "3 hours", "It is no qualification"):
        assert part in said, part
    assert "/StructTreeRoot" in reader.trailer["/Root"]


def evaluate_the_day(page: Page) -> None:
    page.click("text=Answer now")
    for name, value in (("useful", 5), ("confidence_before", 2), ("confidence_now", 4)):
        page.check(f"input[name={name}][value='{value}']")
    page.fill("#words", "Sorting invented concerns together.")
    fits(page)
    page.click("text=Send the answer")
    expect(page.locator("main")).to_contain_text("Thank you. Your answer is kept.")
    expect(page.locator("main")).to_contain_text("This form opens on")


def to_the_log(page: Page) -> None:
    page.click("text=Put it into the training log")
    expect(page.locator("#what")).to_have_value(TITLE)
    page.check("#in_paid_hours")
    page.check("#new_learning")
    page.click("text=Save the entry")
    expect(page.locator("main")).to_contain_text("The entry is in your training log.")


def follow_up_becomes_evidence(page: Page) -> None:
    page.click("text=Answer now")
    page.check("input[name=changed][value=yes]")
    page.check("input[name=confidence_now][value='4']")
    page.fill("#words", "I write the reason for the level beside the level.")
    page.check("#may_be_quoted")
    page.click("text=Send the answer")
    expect(page.locator("main")).to_contain_text("Thank you. Your answer is kept.")
    page.get_by_role("link", name=re.compile("^Your answer")).last.click()
    expect(page.locator("#claim-S27")).not_to_be_checked()
    page.check("#claim-K27")
    page.check("#claim-S27")
    fits(page)
    page.click("text=Make a draft of evidence")
    page.wait_for_url(re.compile(r"/evidence/[0-9a-f-]{36}"))
    expect(page.locator("main")).to_contain_text("I write the reason for the level beside the level.")
    expect(page.locator("main")).to_contain_text("K27")
    expect(page.locator("main")).to_contain_text("Draft")
