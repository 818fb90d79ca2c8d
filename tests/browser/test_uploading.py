"""Files that survive: a real Chromium as a phone, on a line that is slow, cut and lies, with tabs that are killed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.evidence.models import EvidenceFile
from portfolio.people.models import Person, SignedInSession
from tests.browser.conftest import OpenPage, sign_in
from tests.browser.serving import PHONE, Served

pytestmark = pytest.mark.browser
AMINA = "amina.archer@northside-school.example"


def a_recording(folder: Path, name: str, size: int) -> tuple[Path, str]:
    """Sound of which every piece is another, and its SHA-256."""
    data = b"".join(hashlib.sha256(f"{name}{n}".encode()).digest() for n in range(size // 32))
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    head += bytes.fromhex("0100010040 1f000040 1f000001 000800".replace(" ", ""))
    path = folder / name
    path.write_bytes(head + b"data" + len(data).to_bytes(4, "little") + data)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def kept(served: Served, sha256: str) -> list[EvidenceFile]:
    with served.app.state.database.reading() as session:
        return list(session.scalars(select(EvidenceFile).where(EvidenceFile.sha256_received == sha256)))


def new_piece(page: Page) -> str:
    """The page to add a piece; its address."""
    page.goto("/")
    at = page.locator("a[href*='/evidence/new']").first.get_attribute("href")
    assert at
    page.goto(at)
    return at


def line(page: Page, words: str) -> None:
    expect(page.locator(".kept-state").first).to_contain_text(words, timeout=30_000)


def slow(context: BrowserContext, page: Page, *, kilobytes: int) -> None:
    """So many kilobytes a second, and 300 ms until an answer comes."""
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    rate = kilobytes * 1024
    conditions = {"offline": False, "latency": 300, "downloadThroughput": rate, "uploadThroughput": rate}
    protocol.send("Network.emulateNetworkConditions", conditions)


def test_a_chosen_file_is_safe_with_a_receipt_and_goes_into_the_draft(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    path, sha256 = a_recording(tmp_path, "talk-safe.wav", 1_500_000)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.fill("#title", "A talk with my mentor")
    page.set_input_files("#files", path)
    line(page, "Safe since")
    said = page.locator(".kept-state").first.inner_text()
    assert re.search(r"Receipt [A-Z2-7]{5}-[A-Z2-7]{5}", said)
    [file] = kept(served, sha256)
    page.click("button[name=action][value=save]")
    page.wait_for_url("**/evidence/*?done=saved*")
    expect(page.locator("main")).to_contain_text("talk-safe.wav")
    assert str(file.evidence_id) in page.url, "the files and the words are one piece"


def test_killed_in_the_middle_it_goes_on_by_itself_and_is_there_once(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    """The tab is closed without a word, several times, on a slow line. What was confirmed is not sent again."""
    path, sha256 = a_recording(tmp_path, "talk-killed.wav", 2_500_000)
    page = open_page(AMINA, PHONE)
    context = page.context
    new_piece(page)
    slow(context, page, kilobytes=600)
    page.set_input_files("#files", path)
    expect(page.locator(".kept-state").first).to_contain_text(re.compile(r"Sending: [1-9]"), timeout=30_000)
    sent: list[str] = []
    for _ in range(3):
        page.close(run_before_unload=False)
        page = context.new_page()
        page.on("requestfinished", lambda r: sent.append(r.url) if "/chunks/" in r.url else None)
        page.goto("/account")  # any page of theirs
        expect(page.locator("#on_this_phone")).to_contain_text("talk-killed.wav")
        expect(page.locator("#on_this_phone .kept-state")).to_contain_text(
            re.compile(r"Sending: \d"), timeout=30_000
        )
    expect(page.locator("#on_this_phone")).to_have_count(0, timeout=60_000)
    assert len(kept(served, sha256)) == 1
    assert len(sent) == len(set(sent)), "a piece that was confirmed was sent again"


def test_without_signal_it_waits_on_the_phone_and_goes_when_there_is_signal(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    path, sha256 = a_recording(tmp_path, "talk-offline.wav", 600_000)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.context.set_offline(True)
    page.set_input_files("#files", path)
    line(page, "On this phone since")
    line(page, "There is no signal")
    assert kept(served, sha256) == []
    page.context.set_offline(False)
    line(page, "Safe since")
    assert len(kept(served, sha256)) == 1


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", "<h1>Welcome"),
        (200, "application/json", '{"state": "safe", "id": "1", "have": [], "chunks": 0}'),
        (204, "text/plain", ""),
    ],
    ids=["page", "json", "nothing"],
)
def test_a_network_that_lies_is_not_believed(
    status: int, kind: str, body: str, open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    """The network of a hotel or a train answers everything by itself: nothing is safe for that."""
    path, sha256 = a_recording(tmp_path, f"talk-hotel-{len(body)}.wav", 600_000)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.route("**/uploads**", lambda route: route.fulfill(status=status, content_type=kind, body=body))
    page.set_input_files("#files", path)
    line(page, "There is no signal")
    page.unroute("**/uploads**")
    line(page, "Safe since")
    assert len(kept(served, sha256)) == 1


def test_signed_out_meanwhile_it_waits_and_goes_on_after_signing_in(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    path, sha256 = a_recording(tmp_path, "talk-session.wav", 600_000)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    with served.app.state.database.writing() as session:
        person = session.scalars(select(Person).where(Person.email == AMINA)).one()
        for one in session.scalars(select(SignedInSession).where(SignedInSession.person_id == person.id)):
            session.delete(one)
    page.set_input_files("#files", path)
    line(page, "signed out")
    assert kept(served, sha256) == []
    with page.expect_response("**/finish*", timeout=30_000):
        sign_in(page, AMINA)
    expect(page.locator("#on_this_phone")).to_have_count(0, timeout=30_000)
    assert len(kept(served, sha256)) == 1


def test_pause_go_on_and_cancel_by_keyboard(open_page: OpenPage, served: Served, tmp_path: Path) -> None:
    path, sha256 = a_recording(tmp_path, "talk-pause.wav", 3_000_000)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    slow(page.context, page, kilobytes=400)
    page.set_input_files("#files", path)
    expect(page.locator(".kept-state").first).to_contain_text("Sending", timeout=30_000)
    page.get_by_role("button", name="Pause talk-pause.wav").press("Enter")
    line(page, "Paused")
    page.get_by_role("button", name="Go on with talk-pause.wav").press("Enter")
    expect(page.locator(".kept-state").first).to_contain_text("Sending", timeout=30_000)
    page.get_by_role("button", name="Cancel talk-pause.wav").press("Enter")
    expect(page.locator(".kept")).to_have_count(0)
    assert kept(served, sha256) == []
    page.reload()
    expect(page.locator("#on_this_phone")).to_have_count(0)


def test_submitting_waits_for_the_files(open_page: OpenPage, tmp_path: Path) -> None:
    path, _ = a_recording(tmp_path, "talk-submit.wav", 400_000)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.context.set_offline(True)
    page.set_input_files("#files", path)
    line(page, "On this phone since")
    page.click("button[name=action][value=submit]")
    expect(page.locator(".sending")).to_contain_text("Submit again once they are safe")
    page.context.set_offline(False)
    line(page, "Safe since")


def test_two_people_on_one_phone(open_page: OpenPage, served: Served, tmp_path: Path) -> None:
    """What waits is its owner's alone: another does not see it and does not send it, and at sign-out it is dropped."""
    path, sha256 = a_recording(tmp_path, "talk-two.wav", 600_000)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.context.set_offline(True)
    page.set_input_files("#files", path)
    line(page, "On this phone since")
    page.context.clear_cookies()  # her session ended; she did not sign out
    page.context.set_offline(False)
    sign_in(page, another(served))
    page.wait_for_load_state("networkidle")
    expect(page.locator("body")).not_to_contain_text("talk-two.wav")
    assert kept(served, sha256) == []
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in*")
    page.context.set_offline(True)
    assert waiting_items(page) == 1, "signing out drops one's own, not another's"
    page.context.set_offline(False)
    page.route("**/uploads**", lambda route: route.abort())
    sign_in(page, AMINA)
    expect(page.locator("#on_this_phone")).to_contain_text("talk-two.wav")
    page.click("text=Sign out")
    expect(page.get_by_role("alert")).to_contain_text("1 file is on this phone and not sent yet")
    page.get_by_role("button", name="Sign out and remove").click()
    page.wait_for_url("**/sign-in*")
    assert waiting_items(page) == 0


def another(served: Served) -> str:
    """The address of some other apprentice."""
    with served.app.state.database.reading() as session:
        theirs = select(Person.email).join(Apprenticeship, Apprenticeship.apprentice_id == Person.id)
        return str(session.scalars(theirs.where(Person.email != AMINA).order_by(Person.email)).first())


def waiting_items(page: Page) -> int:
    found: Callable[[], int] | int = page.evaluate(
        """() => new Promise((resolve) => {
          const asked = indexedDB.open("portfolio-waiting", 1);
          asked.onsuccess = () => { asked.result.transaction("items").objectStore("items").count().onsuccess = (e) => resolve(e.target.result); };
        })"""
    )
    assert isinstance(found, int)
    return found


def test_a_file_that_was_not_taken_in_whole_is_said_and_its_bytes_are_gone(
    open_page: OpenPage, tmp_path: Path
) -> None:
    """The tab was closed while the phone was still writing the file down."""
    path, _ = a_recording(tmp_path, "talk-half.wav", 400_000)
    page = open_page(AMINA, PHONE)
    page.context.route("**/evidence/drafts", lambda route: route.abort())
    new_piece(page)
    page.set_input_files("#files", path)
    line(page, "There is no signal")
    page.goto("/healthz")  # the page that sends is closed: what follows is not overtaken by it
    page.evaluate(
        """() => new Promise((resolve) => {
          indexedDB.open("portfolio-waiting", 1).onsuccess = (opened) => {
            const items = opened.target.result.transaction("items", "readwrite").objectStore("items");
            items.getAll().onsuccess = (found) => {
              items.put({ ...found.target.result[0], state: "arriving", at: Date.now() - 3600000 }).onsuccess = resolve;
            };
          };
        })"""
    )
    page.context.unroute("**/evidence/drafts")
    page.goto("/account")
    expect(page.locator("#on_this_phone")).to_contain_text(
        "The page was closed before this phone had the whole file"
    )
    page.get_by_role("button", name="Remove talk-half.wav").click()
    expect(page.locator("#on_this_phone")).to_have_count(0)
    assert waiting_items(page) == 0


def test_nothing_readable_lies_on_the_phone(open_page: OpenPage, tmp_path: Path) -> None:
    path, _ = a_recording(tmp_path, "a-telling-name.wav", 400_000)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.context.set_offline(True)
    page.set_input_files("#files", path)
    line(page, "On this phone since")
    read = page.evaluate(
        """() => new Promise((resolve) => {
          const asked = indexedDB.open("portfolio-waiting", 1);
          asked.onsuccess = () => {
            const stores = asked.result.transaction(["items", "pieces", "keys"]);
            const text = (value) => new TextDecoder("latin1").decode(value);
            Promise.all(["items", "pieces", "keys"].map((name) => new Promise((done) => {
              stores.objectStore(name).getAll().onsuccess = (e) => done(e.target.result);
            }))).then(async ([items, pieces, keys]) => resolve({
              said: JSON.stringify(items) + items.map((i) => text(i.about.data)).join("") + pieces.map((p) => text(p.data)).join(""),
              exported: await crypto.subtle.exportKey("raw", keys[0]).then(() => "yes", () => "no"),
            }));
          };
        })"""
    )
    assert "a-telling-name" not in read["said"]
    assert "WAVEfmt" not in read["said"]
    assert read["exported"] == "no"
    page.get_by_role("button", name="Cancel a-telling-name.wav").click()
    page.context.set_offline(False)


def test_without_javascript_the_plain_form_still_sends(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    path, sha256 = a_recording(tmp_path, "talk-plain.wav", 300_000)
    page = open_page(AMINA, PHONE, java_script_enabled=False)
    new_piece(page)
    page.fill("#title", "Plain")
    page.set_input_files("#files", path)
    page.click("button[name=action][value=save]")
    page.wait_for_url("**/evidence/*?done=saved*")
    assert len(kept(served, sha256)) == 1
