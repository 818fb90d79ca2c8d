"""Photos taken and sound recorded in the page, on a phone with cameras and a microphone that Chromium makes up."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from portfolio.evidence.models import EvidenceFile
from tests.bad_day.waiting import until
from tests.browser.conftest import OpenPage, sign_in
from tests.browser.devices import OFF, OpenPhone, phones
from tests.browser.serving import PHONE, Served
from tests.browser.test_every_page import faults
from tests.browser.test_uploading import AMINA, a_recording, another, kept, new_piece
from tests.real import ffmpeg
from tests.storage.media import run

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # a busy machine takes its time


@pytest.fixture
def open_phone(real_browser: Browser, chromium_path: str, served: Served) -> Iterator[OpenPhone]:
    with phones(real_browser, chromium_path, served) as open_one:
        yield open_one


def a_photo(folder: Path, name: str, colour: str = "steelblue") -> Path:
    path = folder / name
    Image.new("RGB", (640, 480), colour).save(path)
    return path


def named(served: Served, begin: str) -> list[EvidenceFile]:
    """The files on the server whose name begins so, newest first."""
    with served.app.state.database.reading() as session:
        files = select(EvidenceFile).where(EvidenceFile.name.startswith(begin))
        return list(session.scalars(files.order_by(EvidenceFile.uploaded_at.desc())))


def stored(served: Served, file: EvidenceFile) -> bytes:
    return b"".join(served.app.state.store.read(file.storage_key))


def safe(page: Page, begin: str) -> None:
    line = page.locator(".kept", has_text=begin).locator(".kept-state")
    expect(line).to_contain_text("Safe since", timeout=30_000)


ON_THE_PHONE = """() => new Promise((resolve) => {
  indexedDB.open("portfolio-waiting", 1).onsuccess = (opened) => {
    const stores = opened.target.result.transaction(["items", "pieces"]);
    stores.objectStore("items").getAll().onsuccess = (items) => {
      stores.objectStore("pieces").count().onsuccess = (pieces) => {
        opened.target.result.close();
        resolve({ states: items.target.result.filter((one) => !one.kind).map((one) => one.state), pieces: pieces.target.result });
      };
    };
  };
})"""


def files_on(page: Page) -> int:
    """How many files of anybody are on this phone."""
    return len(page.evaluate(ON_THE_PHONE)["states"])


def nothing_waits(page: Page) -> None:
    """What is safe, sent or thrown away leaves the phone, with all its bytes."""
    until(lambda: page.evaluate(ON_THE_PHONE) == {"states": [], "pieces": 0})


def parts_on_the_phone(page: Page, least: int) -> None:
    until(lambda: page.evaluate(ON_THE_PHONE)["states"].count("held") >= least)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_a_photo_taken_in_the_page_goes_after_its_owner_looked_at_it(
    open_phone: OpenPhone, served: Served
) -> None:
    before = len(named(served, "Photo "))
    page = open_phone(AMINA)
    new_piece(page)
    press(page, "Take a photo here")
    expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()
    expect(page.get_by_role("button", name="Other camera")).to_be_visible()
    assert faults(page) == []
    press(page, "Other camera")
    expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()
    press(page, "Take the photo")
    expect(page.get_by_role("heading", name="Cover, crop or turn")).to_be_visible()
    page.wait_for_function(OFF)
    assert len(named(served, "Photo ")) == before, "it waits until its owner has looked at it"
    press(page, "Use this")
    safe(page, "Photo ")
    file = named(served, "Photo ")[0]
    picture = Image.open(io.BytesIO(stored(served, file)))
    assert picture.size[0] >= 640
    assert len(named(served, "Photo ")) == before + 1
    nothing_waits(page)


def test_take_again_drops_the_photo_and_closing_turns_the_camera_off(open_phone: OpenPhone) -> None:
    page = open_phone(AMINA)
    new_piece(page)
    press(page, "Take a photo here")
    press(page, "Take the photo")
    press(page, "Take again")
    expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()
    nothing_waits(page)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.wait_for_function(OFF)
    expect(page.locator(".kept")).to_have_count(0)


def test_a_refused_camera_is_said_and_files_can_still_be_chosen(
    open_phone: OpenPhone, tmp_path: Path
) -> None:
    page = open_phone(AMINA, allowed=False)
    new_piece(page)
    press(page, "Take a photo here")
    expect(page.get_by_role("status").filter(has_text="The camera is not allowed")).to_be_visible()
    press(page, "Close")
    press(page, "Record sound")
    press(page, "Start recording")
    expect(page.get_by_role("status").filter(has_text="The microphone is not allowed")).to_be_visible()
    press(page, "Close")
    page.set_input_files("#files", a_photo(tmp_path, "instead.jpg"))
    expect(page.get_by_role("button", name="Look at instead.jpg")).to_be_visible()


def test_a_browser_that_cannot_do_it_says_so(open_phone: OpenPhone) -> None:
    page = open_phone(AMINA)
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    new_piece(page)
    expect(page.locator("[data-take-note]")).to_contain_text(
        "cannot take a photo or record sound in the page"
    )
    expect(page.get_by_role("button", name="Take a photo here")).to_be_hidden()
    expect(page.locator("#files")).to_be_visible()


def test_a_held_photo_stays_on_the_phone_until_its_owner_decides(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    """The tab is killed; the photo is found again on any page, and on the page of its own draft."""
    page = open_page(AMINA, PHONE)
    context = page.context
    new_piece(page)
    page.fill("#title", "Held back")
    page.set_input_files("#files", a_photo(tmp_path, "held-back.png"))
    expect(page.locator(".kept-state")).to_contain_text("not sent: not looked at yet")
    path, sha256 = a_recording(tmp_path, "goes-at-once.wav", 100_000)
    page.set_input_files("#files", path)
    safe(page, "goes-at-once.wav")
    assert named(served, "held-back") == [], "what goes beside it does not take it along"
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto("/account")
    banner = page.locator("#on_this_phone")
    expect(banner).to_contain_text("held-back.png")
    expect(banner).to_contain_text("not looked at yet")
    expect(banner.get_by_role("button", name="Look at held-back.png")).to_be_visible()
    assert faults(page) == []
    [sent] = kept(served, sha256)
    page.goto(f"/apprenticeships/{sent.apprenticeship_id}/evidence/{sent.evidence_id}/edit")
    expect(page.locator("form .kept", has_text="held-back.png")).to_be_visible()
    expect(page.locator("#on_this_phone")).to_have_count(0)
    press(page, "Add held-back.png as it is")
    expect(page.locator("#piece_files")).to_contain_text("held-back.png", timeout=30_000)
    [file] = named(served, "held-back")
    assert file.evidence_id == sent.evidence_id
    nothing_waits(page)


def test_several_photos_are_added_with_one_tap_and_one_is_removed(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    page = open_page(AMINA, PHONE)
    new_piece(page)
    names = [f"many-{number}.jpg" for number in range(4)]
    colours = ("red", "green", "blue", "white")
    page.set_input_files(
        "#files", [a_photo(tmp_path, name, colour) for name, colour in zip(names, colours, strict=True)]
    )
    expect(page.locator("canvas.kept-preview:visible")).to_have_count(4)
    press(page, "Remove many-0.jpg")
    expect(page.locator(".kept")).to_have_count(3)
    page.get_by_role("button", name="Add all 3 photos as they are").press("Enter")
    for name in names[1:]:
        safe(page, name)
    assert sorted(file.name for file in named(served, "many-")) == names[1:]


def test_submitting_waits_for_what_is_held(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.set_input_files("#files", a_photo(tmp_path, "before-submit.jpg"))
    expect(page.get_by_role("button", name="Look at before-submit.jpg")).to_be_visible()
    page.click("button[name=action][value=submit]")
    expect(page.locator(".sending")).to_contain_text("look at it and add it, or remove it")


def test_two_people_on_one_phone_hold_their_photos_apart(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.set_input_files("#files", a_photo(tmp_path, "hers-alone.jpg"))
    expect(page.get_by_role("button", name="Look at hers-alone.jpg")).to_be_visible()
    page.context.clear_cookies()  # her session ended; she did not sign out
    sign_in(page, another(served))
    new_piece(page)
    path, sha256 = a_recording(tmp_path, "theirs.wav", 50_000)
    page.set_input_files("#files", path)
    safe(page, "theirs.wav")
    expect(page.locator("body")).not_to_contain_text("hers-alone")
    assert len(kept(served, sha256)) == 1
    assert files_on(page) == 1
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in*")
    sign_in(page, AMINA)
    expect(page.locator("#on_this_phone")).to_contain_text("hers-alone.jpg")
    page.click("text=Sign out")
    page.get_by_role("button", name="Sign out and remove").click()
    page.wait_for_url("**/sign-in*")
    nothing_waits(page)
    assert named(served, "hers-alone") == []


def record(page: Page) -> None:
    press(page, "Record sound")
    expect(page.locator("dialog")).to_contain_text("Everybody whose voice is recorded must know and agree")
    press(page, "Start recording")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()


def seconds_of(path: Path) -> float:
    """How long the sound is that a player finds in it."""
    stamps = run("ffprobe", "-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", str(path))
    return float(stamps.split()[-1].strip(","))


def test_a_recording_is_paused_stopped_at_its_limit_heard_and_sent(
    open_phone: OpenPhone, served: Served, tmp_path: Path
) -> None:
    ffmpeg()
    page = open_phone(AMINA)
    new_piece(page)
    page.evaluate(
        "() => Object.assign(document.querySelector('[data-recording-seconds]').dataset, { recordingSeconds: '7', recordingWarning: '4' })"
    )
    record(page)
    expect(page.locator(".clock")).to_contain_text(re.compile(r"[1-3] s recorded"))
    press(page, "Pause")
    expect(page.locator(".clock")).to_contain_text("Paused")
    assert faults(page) == []
    page.get_by_role("button", name="Go on").press("Enter")
    expect(
        page.get_by_role("alert").filter(has_text="The recording is then stopped and kept")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Add this recording")).to_be_visible(timeout=20_000)
    expect(page.locator(".clock")).to_contain_text("7 s recorded")
    page.wait_for_function(OFF)
    page.wait_for_function("() => document.querySelector('dialog audio').readyState > 0")
    assert faults(page) == []
    press(page, "Add this recording")
    safe(page, "Recording ")
    nothing_waits(page)
    file = named(served, "Recording ")[0]
    assert file.kind == "weba"
    path = tmp_path / "heard.webm"
    path.write_bytes(stored(served, file))
    assert 5.5 < seconds_of(path) < 8


def test_a_recording_that_was_cut_off_is_kept_or_thrown_away(
    open_phone: OpenPhone, served: Served, tmp_path: Path
) -> None:
    ffmpeg()
    page = open_phone(AMINA)
    context = page.context
    for answer in ("keep", "throw"):
        new_piece(page)
        before = len(named(served, "Recording "))
        record(page)
        parts_on_the_phone(page, 2)
        other = context.new_page()
        other.goto("/account")
        expect(other.locator("#main")).to_be_visible()
        expect(other.locator("body")).not_to_contain_text("cut off")  # it is running in the other tab
        page.close(run_before_unload=False)
        other.reload()
        banner = other.locator("#on_this_phone")
        expect(banner).to_contain_text(re.compile(r"A recording of \d+ s was cut off"))
        assert faults(other) == []
        if answer == "keep":
            press(other, "Keep the recording that was cut off")
            expect(banner).to_have_count(0, timeout=30_000)
            files = named(served, "Recording ")
            assert len(files) == before + 1
            path = tmp_path / "cut.webm"
            path.write_bytes(stored(served, files[0]))
            assert seconds_of(path) > 4, "two parts of three seconds"
        else:
            press(other, "Throw away the recording that was cut off")
            expect(banner).to_have_count(0)
            assert len(named(served, "Recording ")) == before
        nothing_waits(other)
        page = other


def test_without_signal_photos_and_sound_wait_and_go_when_there_is_signal(
    open_phone: OpenPhone, served: Served
) -> None:
    before = len(named(served, "Photo ")), len(named(served, "Recording "))
    page = open_phone(AMINA)
    new_piece(page)
    with page.expect_response(re.compile("/static/camera")):
        page.focus("#title")  # whoever writes has the camera's script before the signal goes
    page.wait_for_function("() => typeof Capturing === 'object'")
    page.context.set_offline(True)
    press(page, "Take a photo here")
    press(page, "Take the photo")
    press(page, "Use this")
    record(page)
    parts_on_the_phone(page, 1)
    press(page, "Stop")
    press(page, "Add this recording")
    expect(page.locator(".kept-state").filter(has_text="not sent")).to_have_count(2)
    expect(page.locator(".kept-state").first).to_contain_text("There is no signal")
    assert (len(named(served, "Photo ")), len(named(served, "Recording "))) == before
    page.context.set_offline(False)
    safe(page, "Photo ")
    safe(page, "Recording ")


def test_thrown_away_means_gone(open_phone: OpenPhone) -> None:
    page = open_phone(AMINA)
    new_piece(page)
    record(page)
    parts_on_the_phone(page, 1)
    page.keyboard.press("Escape")  # stops, and loses nothing
    expect(page.get_by_role("button", name="Add this recording")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("status").filter(has_text="Add the recording, or throw it away")).to_be_visible()
    press(page, "Throw away")
    press(page, "Yes, throw it away")
    expect(page.locator("dialog")).to_have_count(0)
    nothing_waits(page)


def test_cameras_and_microphones_are_allowed_on_the_page_of_a_piece_alone(open_page: OpenPage) -> None:
    page = open_page(AMINA, PHONE)
    address = new_piece(page)
    allowed = page.request.get(address).headers["permissions-policy"]
    assert "camera=(self)" in allowed
    assert "microphone=(self)" in allowed
    for other in ("/", "/account", "/sign-in", "/no-such-page"):
        refused = page.request.get(other).headers["permissions-policy"]
        assert "camera=()" in refused
        assert "microphone=()" in refused


def test_the_camera_and_the_editor_come_when_somebody_begins(open_page: OpenPage) -> None:
    page = open_page(AMINA, PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    new_piece(page)
    page.wait_for_load_state("networkidle")
    assert not [address for address in asked if "camera" in address]
    page.focus("#title")
    page.wait_for_function("() => typeof Redacting === 'object'")
    assert len([address for address in asked if "camera" in address]) == 1
