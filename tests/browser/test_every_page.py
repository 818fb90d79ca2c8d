"""Every page of every role, on a phone and at a desk: axe finds nothing, nothing scrolls sideways, little is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import select

from portfolio.apprenticeships.models import Cohort, Progress
from portfolio.assessment.models import Decision
from portfolio.courses.models import Booking, CourseSession
from portfolio.evidence.models import Evidence, EvidenceVersion, VersionFile
from portfolio.sightings.models import Sighting
from portfolio.training.models import TrainingEntry
from portfolio.training.queries import answered
from tests.browser.conftest import OpenPage
from tests.browser.serving import DESK, PHONE, Served
from tests.postgres import TEST_DATABASE_URL
from tests.test_architecture import routes

pytestmark = pytest.mark.browser

PEOPLE = {
    "apprentice": "amina.archer@northside-school.example",
    "mentor": "marek.mason@northside-school.example",
    "assessor": "asha.abbott@northern-skills.example",
    "iqa": "ines.irwin@northern-skills.example",
    "manager": "priya.parker@northern-skills.example",
    "admin": "alex.adair@installation.example",
}
MOST_PAGES = 120
"""Of one role: a bound, in case links go round in circles."""
NOT_PAGES = {
    "static",
    "courses.certificate",
    "courses.import_template",
    "ledger.script",
    "serving.healthz",
    "serving.readyz",
    "evidence.file",
    "evidence.manifest",
    "evidence.worker",
    "findings.known",
    "evidence.for_the_phone",
    "evidence.files",
    "evidence.preview",
    "evidence.thumbnail",
    "library.example",
    "library.file",
    "redaction.page",
    "slips.file",
    "training.csv",
    "uploads.show",
}
WEIGHT, REQUESTS = 60_000, 6
"""Bytes on the wire and requests of a first visit, at most."""

seen_routes: set[str] = set()
seen_addresses: set[str] = set()
STRANGER = "noor.naylor@harbour-training.example"


def route_of(served: Served, path: str) -> str:
    """The name of the reading route that answers this path; the one with the fewest placeholders wins."""
    matching = [
        (route.path.count("{"), route.name)
        for route in routes(served.app)
        if "GET" in route.methods and re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", route.path), path)
    ]
    return min(matching)[1] if matching else ""


def links(page: Page, served: Served) -> Iterator[str]:
    yield from _own(page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)"), served)


def links_in(html: str, served: Served) -> Iterator[str]:
    """The same of a page that nobody looks at: reading it is much quicker than drawing it."""
    found = re.findall(r'<a [^>]*href="(/[^"#]*)', html)
    yield from _own((served.address + unescape(address) for address in found), served)


def _own(addresses: Iterable[str], served: Served) -> Iterator[str]:
    for address in addresses:
        if address.startswith(served.address):
            parts = urlsplit(address)
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def one_of_each(page: Page, served: Served) -> Iterator[tuple[str, str]]:
    """From the home page, and from pages in every state, along every link: one address of each route."""
    waiting, names = ["/", *starts(page, served)], set()
    while waiting and len(names) < MOST_PAGES:
        address = waiting.pop(0)
        name = route_of(served, urlsplit(address).path)
        if not name or name in names or name in NOT_PAGES:
            continue
        names.add(name)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{name} {address}: {answer.status}"
        waiting.extend(links(page, served))
        yield name, address


def starts(page: Page, served: Served) -> list[str]:
    """Pages about apprentices in every state, and what their links lead to: the first of a list is in one state."""
    catalogue = served.app.state.catalogue
    with served.app.state.database.reading() as session:
        rows = session.scalars(
            select(Progress).order_by(Progress.stage, Progress.declarations.desc(), Progress.id)
        ).all()
        covered = session.scalars(select(Decision).where(Decision.outcome == "covered").limit(60)).all()
        cohorts = session.scalars(select(Cohort.id)).all()
        waiting = session.scalars(select(Evidence).where(Evidence.state == "submitted")).all()
        in_place = session.scalars(select(Sighting).order_by(Sighting.id.desc()).limit(6)).all()
        held = select(Booking.session_id).where(Booking.state.in_(("full", "confirmed")))
        courses = session.scalars(select(CourseSession).where(CourseSession.id.in_(held))).all()
        drafts = session.scalars(
            select(EvidenceVersion)
            .join(VersionFile, VersionFile.version_id == EvidenceVersion.id)
            .where(EvidenceVersion.submitted_at.is_(None))
            .limit(2)
        ).all()
    found = [f"/cohorts/{cohort}/coverage" for cohort in cohorts]
    found += [f"/providers/{one.provider_id}/courses/{one.course_id}/sessions/{one.id}" for one in courses]
    found += [f"/apprenticeships/{one.apprenticeship_id}/evidence/{one.evidence_id}" for one in in_place]
    found += [f"/apprenticeships/{one.apprenticeship_id}/evidence/{one.evidence_id}/edit" for one in drafts]
    for stage in ("active", "break", "withdrawn", "through", "assessed"):
        mine = [
            r
            for r in rows
            if r.stage == stage and may_open(page, f"/apprenticeships/{r.apprenticeship_id}/about")
        ]
        for row in mine[:1] + mine[-1:]:
            base = f"/apprenticeships/{row.apprenticeship_id}"
            found += [f"{base}/about", f"{base}/gateway", f"{base}/people", f"{base}/gateway/assessment"]
            codes = catalogue.default().codes
            found += [f"{base}/items/{codes[row.map.index(state)]}" for state in ".c" if state in row.map]
    found += [
        f"/apprenticeships/{one.apprenticeship_id}/evidence/{one.evidence_id}/decisions" for one in covered
    ]
    open_ids = {address.split("/")[2] for address in found if address.startswith("/apprenticeships/")}
    pieces = [one for one in waiting if str(one.apprenticeship_id) in open_ids][:2]
    found += [f"/apprenticeships/{one.apprenticeship_id}/evidence/{one.id}" for one in pieces]
    found = learnt(served, open_ids) + found
    reachable = [address for address in found if may_open(page, address)][:90]
    beyond: list[str] = []
    for address in reachable:
        beyond += links_in(page.request.get(address).text(), served)
    return ["/account/history", *reachable, *dict.fromkeys(beyond)]


def learnt(served: Served, apprenticeships: set[str]) -> list[str]:
    """Of these apprenticeships, entries of the log that may still be changed, and courses that were attended."""
    ids = [UUID(one) for one in apprenticeships]
    with served.app.state.database.reading() as session:
        entries = session.scalars(
            select(TrainingEntry).where(
                TrainingEntry.apprenticeship_id.in_(ids), ~answered("confirmed", "returned")
            )
        ).all()
        attended = session.scalars(
            select(Booking).where(Booking.apprenticeship_id.in_(ids), Booking.state == "full")
        ).all()
    found = [f"/apprenticeships/{one.apprenticeship_id}/training/{one.id}" for one in entries[:2]]
    return found + [f"/apprenticeships/{one.apprenticeship_id}/bookings/{one.id}" for one in attended[:4]]


def report_a_piece(page: Page, served: Served) -> None:
    """One that was handed in long ago, of somebody whom no other test here is about."""
    with served.app.state.database.reading() as session:
        decided = session.scalars(
            select(Evidence).where(Evidence.state == "decided").order_by(Evidence.id.desc())
        )
        pieces = [f"/apprenticeships/{one.apprenticeship_id}/evidence/{one.id}" for one in decided]
    theirs = next(one for one in pieces if may_open(page, f"{one}/report"))
    page.goto(f"{theirs}/report")
    page.check("#what")
    page.check("#part")
    page.click("text=Close this piece now")
    page.wait_for_load_state()


def may_open(page: Page, address: str) -> bool:
    answer = page.request.get(address)
    return answer.status == 200


def faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]} ({one['help']})" for one in found]


@pytest.mark.parametrize("role", PEOPLE)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    role: str, open_page: OpenPage, served: Served
) -> None:
    page = open_page(PEOPLE[role], PHONE)
    if role == "manager":
        report_a_piece(page, served)
    wrong: list[str] = []
    for name, address in one_of_each(page, served):
        seen_routes.add(name)
        seen_addresses.add(address)
        part = page.request.get(address, headers={"HX-Request": "true"})
        assert part.status == 200, f"{name} {address} for htmx: {part.status}"
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            if wide > size["width"]:
                wrong.append(f"{name} {address} at {size['width']}: {wide} px wide")
            if not TEST_DATABASE_URL:  # the pages are the same there, and axe takes its time
                wrong += [f"{name} {address} at {size['width']}: {fault}" for fault in faults(page)]
        page.set_viewport_size({"width": 360, "height": 740})
        if page.evaluate("() => document.documentElement.scrollWidth") > 360:
            wrong.append(f"{name} {address} scrolls sideways at 360 px")
    assert not wrong, "\n".join(wrong)


def test_the_walk_saw_every_page_of_the_product(served: Served, open_page: OpenPage) -> None:
    """Runs after the walks above, in the same worker: a page that no link leads to is a page nobody finds."""
    pages = {route.name for route in routes(served.app) if "GET" in route.methods}
    unseen = pages - seen_routes - NOT_PAGES - set(REACHED_OTHERWISE)
    assert seen_routes, "run this file as a whole"
    assert not unseen, "no link leads to: " + " ".join(sorted(unseen))


def test_a_manager_of_another_provider_gets_none_of_these_pages(served: Served, open_page: OpenPage) -> None:
    """The very addresses that the others opened: every one of them is no page to a stranger."""
    theirs = [
        a
        for a in sorted(seen_addresses)
        if re.match(r"/(apprenticeships|providers|cohorts)/[0-9a-f-]{36}", a)
    ]
    assert len(theirs) > 20, "run this file as a whole"
    page = open_page(STRANGER)
    for address in theirs:
        for headers in ({}, {"HX-Request": "true"}):
            answer = page.request.get(address, headers=headers)
            assert answer.status == 404, f"{address}: {answer.status}"
            assert "Archer" not in answer.text()


REACHED_OTHERWISE = {
    "people.sign_in": "nobody is signed in",
    "people.forgotten": "nobody is signed in",
    "people.set_password": "from a mail",
    "people.kept_form": "after an ended session",
    "evidence.offline": "without signal",
    "reminders.stop": "from a mail",
}


@pytest.mark.parametrize(
    "address", ["/sign-in", "/forgotten-password", "/standards", "/evidence/offline", "/no-such-page"]
)
def test_open_pages_pass_too(address: str, open_page: OpenPage) -> None:
    page = open_page()
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        page.goto(address)
        assert faults(page) == []


@pytest.mark.parametrize("role", ["apprentice", "assessor", "manager"])
def test_a_first_visit_is_light(role: str, open_page: OpenPage, served: Served) -> None:
    """With an empty cache each time: bytes on the wire as the browser's own protocol counts them."""
    page = open_page(PEOPLE[role], PHONE)
    addresses = [address for _, address in one_of_each(page, served)]
    heavy = []
    for address in addresses:
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        client.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes: dict[str, float] = {}
        client.on(
            "Network.loadingFinished",
            lambda e, sizes=sizes: sizes.update({e["requestId"]: e["encodedDataLength"]}),
        )
        page.goto(address, wait_until="networkidle")
        pictures = page.eval_on_selector_all("img", "images => images.length")
        if sum(sizes.values()) > WEIGHT or len(sizes) - pictures > REQUESTS:
            heavy.append(
                f"{address}: {sum(sizes.values()):.0f} bytes, {len(sizes)} requests ({pictures} pictures)"
            )
        client.detach()
    assert not heavy, "\n".join(heavy)
