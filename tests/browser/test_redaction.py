"""Covering, cropping and turning a photo before it is sent: what is stored is pixels, and what was covered is nowhere."""

from __future__ import annotations

import hashlib
import io
import logging
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.engine import make_url

from portfolio.evidence.models import EvidenceFile
from portfolio.preparation.models import FilePreparation
from tests.bad_day.waiting import until
from tests.browser.conftest import OpenPage, sign_in
from tests.browser.serving import ARGUMENTS, PHONE, Served
from tests.browser.test_capture import files_on, named, nothing_waits, press, safe, stored
from tests.browser.test_every_page import faults
from tests.browser.test_uploading import AMINA, new_piece
from tests.storage.corpus import heic

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # a busy machine takes its time

SIZE = (1200, 900)
FACE = (300, 225, 600, 450)
"""Where the one thing stands in the photo that nobody may see: left, top, right, bottom."""
SAID, ARTIST, COMMENT = b"MARKER-DESCRIPTION-7c1", b"MARKER-ARTIST-55e", b"MARKER-COMMENT-90a"


def a_photo(folder: Path, name: str, *, orientation: int = 1) -> Path:
    """A pale room with something red in it, and three details of its owner's in its head."""
    image = Image.new("RGB", SIZE, (200, 215, 225))
    draw = ImageDraw.Draw(image)
    chance = random.Random(name)
    for x in range(FACE[0], FACE[2], 5):
        for y in range(FACE[1], FACE[3], 5):
            fill = (chance.randrange(200, 256), chance.randrange(60), chance.randrange(60))
            draw.rectangle((x, y, x + 4, y + 4), fill=fill)
    tags = Image.Exif()
    tags[0x010E], tags[0x013B], tags[0x0112] = SAID.decode(), ARTIST.decode(), orientation
    path = folder / name
    image.save(path, quality=95, exif=tags, comment=COMMENT)
    assert all(marker in path.read_bytes() for marker in (SAID, ARTIST, COMMENT))
    return path


def look_at(page: Page, path: Path) -> None:
    page.set_input_files("#files", path)
    press(page, f"Look at {path.name}")
    expect(page.locator("dialog canvas.picture")).to_be_visible()


def drag(
    page: Page, begin: tuple[float, float], end: tuple[float, float], size: tuple[int, int] = SIZE
) -> None:
    """With the mouse over the photo, from here to there in pixels of the photo."""
    page.locator("canvas.picture").scroll_into_view_if_needed()
    box = page.locator("canvas.picture").bounding_box()
    assert box
    to = [
        (box["x"] + x / size[0] * box["width"], box["y"] + y / size[1] * box["height"])
        for x, y in (begin, end)
    ]
    page.mouse.move(*to[0])
    page.mouse.down()
    page.mouse.move((to[0][0] + to[1][0]) / 2, (to[0][1] + to[1][1]) / 2)
    page.mouse.move(*to[1])
    page.mouse.up()


def use(page: Page, stem: str) -> None:
    press(page, "Use this")
    safe(page, stem)


def sent_picture(served: Served, stem: str) -> Image.Image:
    [file] = named(served, stem)
    return Image.open(io.BytesIO(stored(served, file))).convert("RGB")


def reds(image: Image.Image) -> int:
    red, green, blue = image.convert("RGB").split()
    return _many(
        [
            red.point(lambda v: 255 * (v > 140)),
            green.point(lambda v: 255 * (v < 110)),
            blue.point(lambda v: 255 * (v < 110)),
        ]
    )


def blacks(image: Image.Image) -> int:
    return _many([band.point(lambda v: 255 * (v < 12)) for band in image.convert("RGB").split()])


def _many(bands: list[Image.Image]) -> int:
    """How many pixels are white in all of these."""
    both = ImageChops.multiply(ImageChops.multiply(bands[0], bands[1]), bands[2])
    return both.histogram()[255]


def boxes_said(page: Page) -> list[tuple[int, ...]]:
    """Left, top, width and height of each box in hundredths, as a screen reader says it."""
    words = page.locator(".boxes .where").all_inner_texts()
    return [tuple(int(number) for number in re.findall(r"(\d+) %", line)) for line in words]


@dataclass(frozen=True)
class Profile:
    """A browser with its own folder on the disk, and that folder."""

    page: Page
    folder: Path


@pytest.fixture
def on_disk(real_browser: Browser, chromium_path: str, served: Served, tmp_path: Path) -> Iterator[Profile]:
    folder = tmp_path / "profile"
    context = real_browser.browser_type.launch_persistent_context(
        folder, executable_path=chromium_path, args=ARGUMENTS, viewport=PHONE, base_url=served.address
    )
    page = context.new_page()
    sign_in(page, AMINA)
    yield Profile(page, folder)
    context.close()


def bytes_under(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield path, path.read_bytes()


def test_what_was_covered_is_nowhere(
    on_disk: Profile, served: Served, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither as pixels nor as bytes: in the store, the database, previews, logs, and the phone's own database."""
    path = a_photo(tmp_path, "a-room.jpg")
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    original = path.read_bytes()
    of_the_face = original[len(original) // 2 :][:64]
    assert len(set(of_the_face)) > 40, "bytes that no other photo has"
    page = on_disk.page
    new_piece(page)
    look_at(page, path)
    drag(page, (FACE[0] - 20, FACE[1] - 20), (FACE[2] + 20, FACE[3] + 20))
    use(page, "a-room")
    nothing_waits(page)
    [file] = named(served, "a-room")
    keys = [file.storage_key, *until(lambda: pictures_of(served, file))]
    shown = [b"".join(served.app.state.store.read(key)) for key in keys]
    for data in shown:
        image = Image.open(io.BytesIO(data)).convert("RGB")
        assert reds(image) == 0
        scale = image.width / SIZE[0]
        inner = image.crop(
            (
                math.ceil((FACE[0] + 4) * scale),
                math.ceil((FACE[1] + 4) * scale),
                int((FACE[2] - 4) * scale),
                int((FACE[3] - 4) * scale),
            )
        )
        least = 0 if data is shown[0] else 4  # previews are drawn anew, and a little less exactly
        assert max(high for _, high in inner.getextrema()) <= least, "one solid colour"
        assert blacks(image) < 0.2 * image.width * image.height, "the rest of the photo is there"
    page.context.close()
    looked_at = 0
    for place, data in everything_kept(served, on_disk.folder):
        looked_at += 1
        for marker in (SAID, ARTIST, COMMENT, of_the_face, hashlib.sha256(original).digest()):
            assert marker not in data, place
        assert hashlib.sha256(original).hexdigest().encode() not in data, place
    assert looked_at > 20
    assert "a-room.jpg" not in caplog.text
    assert all(marker.decode() not in caplog.text for marker in (SAID, ARTIST, COMMENT))


def pictures_of(served: Served, file: EvidenceFile) -> list[str]:
    """Where its preview and its thumbnail are kept; nothing while they are being drawn."""
    with served.app.state.database.reading() as session:
        ready = FilePreparation.file_id == file.id, FilePreparation.pictures_state == "ready"
        made = session.scalars(select(FilePreparation).where(*ready)).first()
        return [made.preview_key, made.thumbnail_key] if made else []


def everything_kept(served: Served, profile: Path) -> Iterator[tuple[Path, bytes]]:
    """The folder of the store with what lies beside it, the database as a file, and the browser's own folder."""
    store = Path(served.settings.storage_url.removeprefix("folder:"))
    yield from bytes_under(store.parent, profile)
    url = make_url(served.settings.database_url)
    if url.get_backend_name() == "sqlite":
        yield from (
            (path, path.read_bytes()) for path in Path(str(url.database)).parent.glob("portfolio.db*")
        )


def test_by_keyboard_alone(open_page: OpenPage, served: Served, tmp_path: Path) -> None:
    """A box is added, moved and resized with keys; what the words said is what is covered."""
    path = a_photo(tmp_path, "keys.jpg")
    page = open_page(AMINA, {"width": 360, "height": 740})
    new_piece(page)
    page.set_input_files("#files", path)
    page.get_by_role("button", name="Look at keys.jpg").press("Enter")
    expect(page.locator("dialog canvas.picture")).to_be_visible()
    assert faults(page) == []
    tab_to(page, "Add a box")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Box 1: 35 % from the left"))).to_be_focused()
    for key, times in (("ArrowLeft", 11), ("ArrowUp", 14), ("Shift+ArrowDown", 8)):
        for _ in range(times):
            page.keyboard.press(key)
    [(left, top, width, height)] = boxes_said(page)
    assert (left, top, width, height) == (24, 21, 30, 31)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert faults(page) == []
    tab_to(page, "Use this")
    page.keyboard.press("Enter")
    safe(page, "keys")
    image = sent_picture(served, "keys")
    assert reds(image) == 0
    inner = (left + 1) * 12, (top + 1) * 9, (left + width - 1) * 12, (top + height - 1) * 9
    assert image.crop(inner).getextrema() == ((0, 0), (0, 0), (0, 0))
    assert abs(blacks(image) - width * height * 108) < 0.05 * width * height * 108


def tab_to(page: Page, words: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent") == words:
            return
    raise AssertionError(f"the keyboard does not reach {words}")


def test_every_step_is_undone_and_done_again(open_page: OpenPage, served: Served, tmp_path: Path) -> None:
    path = a_photo(tmp_path, "steps.jpg")
    page = open_page(AMINA, PHONE)
    new_piece(page)
    look_at(page, path)
    drag(page, (100, 100), (400, 400))
    drag(page, (700, 500), (900, 800))
    assert len(boxes_said(page)) == 2
    drag(page, (800, 600), (700, 500))  # the second is moved
    assert boxes_said(page)[1][:2] == (50, 44)
    press(page, "Undo")
    assert boxes_said(page)[1][:2] == (58, 55)
    press(page, "Undo")
    assert len(boxes_said(page)) == 1
    page.keyboard.press("Control+z")
    assert boxes_said(page) == []
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    press(page, "Redo")
    assert len(boxes_said(page)) == 1
    press(page, "Delete box 1")
    assert boxes_said(page) == []
    use(page, "steps")
    image = sent_picture(served, "steps")
    assert blacks(image) == 0, "what was taken back covers nothing"
    assert reds(image) > 1000


def test_cropped_and_turned(open_page: OpenPage, served: Served, tmp_path: Path) -> None:
    """The right half and what is in it is cut off, then a quarter to the right: the left side is on top then."""
    image = Image.new("RGB", SIZE, "green")
    ImageDraw.Draw(image).rectangle((0, 0, 599, 449), fill="white")
    ImageDraw.Draw(image).rectangle((600, 0, 1199, 899), fill="red")
    path = tmp_path / "crop.jpg"
    image.save(path, quality=95)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    look_at(page, path)
    page.locator("label[for=tool-crop]").click()
    page.locator("#cut-right").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    drag(page, (720, 0), (594, 0))  # the corner, the rest of the way
    expect(page.locator("#cut-right")).to_have_attribute("aria-valuetext", re.compile("5[01] % of the photo"))
    assert faults(page) == []
    press(page, "Turn a quarter to the right")
    use(page, "crop")
    sent = sent_picture(served, "crop")
    assert sent.height in range(580, 602)
    assert sent.width == 900
    assert reds(sent) == 0
    below, above = (sent.crop((x, 300, x + 8, 308)).getextrema() for x in (200, 700))
    assert [low for low, _ in above] > [240, 240, 240], "white was above on the left"
    assert [high < 150 for _, high in below] == [True, True, True], "green was below on the left"


def test_a_photo_that_was_taken_sideways_is_upright(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    """The camera held on its side says so in the file; its pixels are turned, and a box is where it was drawn."""
    path = a_photo(tmp_path, "sideways.jpg", orientation=6)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    look_at(page, path)
    upright = (SIZE[1], SIZE[0])
    left, right = SIZE[1] - FACE[3], SIZE[1] - FACE[1]
    drag(page, (left - 20, FACE[0] - 20), (right + 20, FACE[2] + 20), upright)
    use(page, "sideways")
    sent = sent_picture(served, "sideways")
    assert sent.size == upright
    assert reds(sent) == 0
    assert blacks(sent) > 60_000


def test_painted_with_a_finger(open_page: OpenPage, served: Served, tmp_path: Path) -> None:
    path = a_photo(tmp_path, "finger.jpg")
    page = open_page(AMINA, PHONE, has_touch=True)
    new_piece(page)
    look_at(page, path)
    page.locator("label[for=tool-brush]").tap()
    page.locator("label[for=brush-2]").tap()
    page.locator("canvas.picture").scroll_into_view_if_needed()
    box = page.locator("canvas.picture").bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)
    for row in range(FACE[1], FACE[3] + 40, 40):
        for kind, x in (
            ("touchStart", FACE[0] - 20),
            ("touchMove", sum(FACE[::2]) / 2),
            ("touchMove", FACE[2] + 20),
        ):
            at = {
                "x": box["x"] + x / SIZE[0] * box["width"],
                "y": box["y"] + row / SIZE[1] * box["height"],
            }
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("canvas.picture")).to_have_attribute("aria-label", re.compile("7 brush strokes"))
    use(page, "finger")
    image = sent_picture(served, "finger")
    assert reds(image) == 0
    assert blacks(image) > 60_000


def test_leaving_asks_first_and_the_photo_is_still_held(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    """Also when the tab is killed in the middle: the photo is there, untouched, and nothing was sent."""
    path = a_photo(tmp_path, "leaving.jpg")
    page = open_page(AMINA, PHONE)
    context = page.context
    new_piece(page)
    look_at(page, path)
    drag(page, (100, 100), (400, 400))
    for _ in range(2):
        page.keyboard.press("Escape")
        expect(page.get_by_role("alert").filter(has_text="is then lost")).to_be_visible()
        expect(page.get_by_role("button", name="Go on")).to_be_focused()
    assert faults(page) == []
    press(page, "Go on")
    assert len(boxes_said(page)) == 1
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto("/account")
    press(page, "Look at leaving.jpg")
    expect(page.locator("dialog canvas.picture")).to_be_visible()
    assert boxes_said(page) == []
    drag(page, (100, 100), (400, 400))
    page.keyboard.press("Escape")
    press(page, "Throw the changes away")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Look at leaving.jpg")).to_be_focused()
    assert files_on(page) == 1
    assert named(served, "leaving") == []
    press(page, "Remove leaving.jpg")
    nothing_waits(page)


def test_what_the_browser_cannot_open_is_said_and_goes_as_it_is_if_its_owner_wants(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    path = tmp_path / "from-an-iphone.heic"
    path.write_bytes(heic())
    page = open_page(AMINA, PHONE)
    new_piece(page)
    page.set_input_files("#files", path)
    expect(page.locator(".kept-state")).to_contain_text("nothing in it can be covered here")
    expect(page.get_by_role("button", name="Look at from-an-iphone.heic")).to_have_count(0)
    press(page, "Add from-an-iphone.heic as it is")
    safe(page, "from-an-iphone")
    [file] = named(served, "from-an-iphone")
    assert file.kind == "jpeg", "the server makes it a photo that everybody can open"


def test_a_very_large_photo_is_made_smaller_and_that_is_said(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    path = tmp_path / "large.jpg"
    Image.new("RGB", (5000, 3200), "steelblue").save(path)
    page = open_page(AMINA, PHONE)
    new_piece(page)
    look_at(page, path)
    expect(page.get_by_role("status").filter(has_text="made smaller")).to_be_visible()
    use(page, "large")
    sent = sent_picture(served, "large")
    assert 11_500_000 < sent.width * sent.height <= 12_010_000
