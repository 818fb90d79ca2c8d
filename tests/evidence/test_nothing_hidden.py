"""Files of every type, each marked in every place that says who, where, when or with what: sent in both ways, then
fetched by everybody who may see them, from every address. No mark may come back."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from portfolio.database import Base, Database
from portfolio.evidence.models import EvidenceFile
from storage.store import EvidenceStore
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, complete, pages_of, piece_id, send, work_off
from tests.storage import corpus_pdf, corpus_photos, corpus_word_made, media, media_corpus
from tests.storage import test_documents_sheets as sheets
from tests.storage import test_documents_slides as slides
from tests.storage.corpus_marks import found, marks_of, unpacked
from tests.storage.corpus_photos import SECRETS
from tests.storage.corpus_word import Made
from tests.storage.media_marks import MARKS, found_in
from tests.storage.test_photos import alike, seen
from tests.uploads.steps import a_draft_for, begin, send_pieces

Open = Callable[..., Browser]
DATES = ("2026-11-03", "10:11:12", "51.5074")
"""Marks of recordings that a page may show of itself: when something happened, or a number."""
WORDS = [word.encode() for word in MARKS if word not in DATES]
PAGES_AT_LEAST, PAGES_AT_MOST = 12, 40


@dataclass(frozen=True)
class Tagged:
    """A file and the marks in it, of documents by the name they were made with."""

    name: str
    data: bytes
    of: str = ""
    cores: frozenset[str] = field(default_factory=frozenset)

    def marks_in(self, data: bytes) -> list[str]:
        """Every mark that stands in these bytes, in what is packed in them, or in what is packed in that."""
        everything = unpacked(data)
        photos = [secret.decode() for secret in SECRETS if any(secret in part for part in everything)]
        recordings = (
            [word for part in everything for word in found_in(part)] if self.of == "recording" else []
        )
        return [*sorted(found(set(self.cores), data)), *photos, *recordings]


PHOTOS: dict[str, Callable[..., bytes]] = {
    "jpeg": corpus_photos.jpeg_with_location,
    "png": corpus_photos.png_with_location,
    "webp": corpus_photos.webp_with_location,
    "heic": corpus_photos.heic,
}
RECORDINGS = (
    "mp4, movie last",
    "mp4 turned",
    "mp4 with captions and chapters",
    "mp4 of a Samsung phone",
    "mp4 of a GoPro",
    "mov of an iPhone",
    "mov with keys",
    "m4a with a cover",
)
PDFS = ("p-info", "p-xmp", "p-attached", "p-programs", "p-comments", "p-scanned", "p-over", "p-tagged")
WORD = ("ins", "comments", "custom", "picture")
SHEETS = ("x-notes", "x-threads", "x-paths")
SLIDES = ("s-comments", "s-records", "s-picture")


@cache
def corpus() -> tuple[Tagged, ...]:
    """Every file has a name that says nothing of what it is about."""
    photos = [Tagged(f"{kind}.{kind}", make(orientation=6), "photo") for kind, make in PHOTOS.items()]
    recordings = []
    for number, name in enumerate(RECORDINGS):
        case = media_corpus.TAGGED[name]
        recordings.append(Tagged(f"recording {number}.{case.kind.extensions[0]}", case.make(), "recording"))
    return (
        *photos,
        *recordings,
        *documents("pdf", PDFS, corpus_pdf.MADE),
        *documents("docx", WORD, {name: _of(corpus_word_made.MADE[name]) for name in WORD}),
        *documents("xlsx", SHEETS, sheets.MADE),
        *documents("pptx", SLIDES, slides.MADE),
    )


def _of(make: Callable[[], Made]) -> Callable[[], bytes]:
    return lambda: make().data


def documents(extension: str, names: tuple[str, ...], made: dict[str, Any]) -> Iterator[Tagged]:
    for number, name in enumerate(names):
        data = made[name]()
        yield Tagged(f"{extension} {number}.{extension}", data, "document", frozenset(marks_of(name)))


def by_form(page: Browser, cast: Cast, files: tuple[Tagged, ...]) -> str:
    form = complete(action="submit", remove_comments="yes")
    answer = send(page, pages_of(cast.amina_at), form, *((file.name, file.data) for file in files))
    assert answer.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:3000]
    return f"{pages_of(cast.amina_at)}/{piece_id(answer)}"


def by_pieces(page: Browser, cast: Cast, files: tuple[Tagged, ...]) -> str:
    draft = a_draft_for(page, cast.amina_at)
    for number, file in enumerate(files):
        begun = begin(page, draft["uploads"], file.name, file.data, key=f"file-{number}")
        upload = f"{draft['uploads']}/{begun.json()['id']}"
        send_pieces(page, upload, file.data)
        told = page.post(f"{upload}/finish?remove_comments=yes").json()
        assert told["state"] == "safe", f"{file.name}: {told['sentence']}"
        assert told["receipt"]["removed"], f"{file.name}: nothing is said to be taken out"
    answer = send(page, draft["save"], complete(action="submit"))
    assert answer.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:3000]
    return f"{pages_of(cast.amina_at)}/{piece_id(answer)}"


WAYS = {"the form": by_form, "pieces": by_pieces}


@pytest.mark.parametrize("file", corpus(), ids=lambda file: file.name)
def test_the_files_do_say_too_much_before(file: Tagged) -> None:
    """The control: the same search finds the marks in what is sent."""
    assert file.marks_in(file.data)


@pytest.mark.parametrize("way", WAYS)
def test_no_mark_comes_back_to_anybody_from_anywhere(
    browser: Open, cast: Cast, database: Database, tmp_path: Path, way: str
) -> None:
    media.run("ffmpeg", "-version")
    page = browser(cast.amina)
    piece = WAYS[way](page, cast, corpus())
    work_off(page)
    kept = {file.sha256_received: file for file in all_files(database)}
    assert len(kept) == len(corpus())
    everybody = (cast.amina, cast.marek, cast.asha, cast.ines, cast.priya)
    for person in everybody if way == "the form" else (cast.amina, cast.asha):
        them = browser(person)
        for file in corpus():
            row = kept[hashlib.sha256(file.data).hexdigest()]
            nothing_hidden_in_file(them, f"{piece}/files/{row.id}", file, row)
        codes = [row.receipt_code for row in kept.values()][:3] if person is cast.amina else []
        shown = nothing_hidden_on_pages(them, ["/", piece, *(f"/receipts?code={code}" for code in codes)])
        assert shown >= PAGES_AT_LEAST, person.name
        fragment = browser(person, htmx=True).get(f"{piece}/files")
        assert fragment.status_code == 200
        assert hidden_in_page(fragment.text) == []
    for stranger in (cast.noor, cast.olu, cast.otto):
        nothing_for(browser(stranger), piece, kept.values())
    store: EvidenceStore = page.app.state.store  # type: ignore[attr-defined]
    nothing_hidden_in_store(store)
    nothing_hidden_in_rows(database)
    recordings_play_as_before(store, kept, tmp_path)
    photos_are_upright(store, kept)


def nothing_hidden_in_file(them: Browser, address: str, file: Tagged, row: EvidenceFile) -> None:
    whole = them.get(address)
    assert whole.status_code == 200, f"{file.name}: {whole.status_code}"
    assert hashlib.sha256(whole.content).hexdigest() == row.sha256_stored
    assert file.marks_in(whole.content) == [], file.name
    middle = len(whole.content) // 2
    first = them.get(address, headers={"Range": f"bytes=0-{middle - 1}"})
    second = them.get(address, headers={"Range": f"bytes={middle}-"})
    assert (first.status_code, second.status_code) == (206, 206)
    assert first.content + second.content == whole.content
    for tail in ("/preview", "/thumbnail"):
        answer = them.get(address + tail)
        drawn = row.kind in ("jpeg", "png", "webp", "pdf")
        assert answer.status_code == (200 if drawn else 404), f"{file.name}{tail}"
        if drawn:
            assert file.marks_in(answer.content) == [], f"{file.name}{tail}"
            with Image.open(io.BytesIO(answer.content), formats=["WEBP"]) as picture:
                assert not picture.getexif()
                assert not {"exif", "xmp", "icc_profile"} & {
                    name for name in picture.info if name != "icc_profile"
                }


def hidden_in_page(text: str) -> list[str]:
    cores = {core for file in corpus() for core in file.cores}
    data = text.encode()
    plain = [part.decode() for part in (*SECRETS, *WORDS) if part in data]
    return [*sorted(found(cores, data)), *plain]


def nothing_hidden_on_pages(them: Browser, starts: list[str]) -> int:
    """Every page that leads on from these, by links and by exports that are offered; how many there were."""
    waiting, known, shown = list(starts), set(starts), 0
    while waiting and shown < PAGES_AT_MOST:
        address = waiting.pop(0)
        answer = them.get(address)
        if answer.status_code != 200:
            continue
        shown += 1
        assert hidden_in_page(answer.content.decode("utf-8", "replace")) == [], address
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for export in re.findall(r'(?:form)?action="([^"]+/export\.(?:csv|xlsx))', answer.text):
            made = them.post(export)
            assert made.status_code < 500
            assert not found({core for file in corpus() for core in file.cores}, made.content)
        for link in re.findall(r'href="(/[^"#]*)', answer.text):
            link = link.replace("&amp;", "&")
            if link not in known and not re.search(r"/files/|/static/|/sign-out", link):
                known.add(link)
                waiting.insert(0 if starts[1] in link else len(waiting), link)
    return shown


def nothing_for(stranger: Browser, piece: str, rows: Any) -> None:
    for address in (
        piece,
        f"{piece}/files",
        *(f"{piece}/files/{row.id}{tail}" for row in rows for tail in ("", "/preview", "/thumbnail")),
    ):
        assert stranger.get(address).status_code == 404, address
    assert stranger.get(f"/receipts?code={next(iter(rows)).receipt_code}").status_code == 404


def nothing_hidden_in_store(store: EvidenceStore) -> None:
    """Whatever lies there, pieces and previews included."""
    cores = {core for file in corpus() for core in file.cores}
    keys = list(store.keys())
    assert len(keys) >= len(corpus())
    for key in keys:
        data = b"".join(store.read(key))
        everything = unpacked(data)
        assert not found(cores, data), key
        assert not [part for part in (*SECRETS, *WORDS) if any(part in one for one in everything)], key


def nothing_hidden_in_rows(database: Database) -> None:
    with database.reading() as session:
        rows = [str(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
    assert hidden_in_page("\n".join(rows)) == []


def recordings_play_as_before(store: EvidenceStore, kept: dict[str, EvidenceFile], tmp_path: Path) -> None:
    """Frame by frame, each with its time and the hash of its bytes."""
    for file in corpus():
        if file.of == "recording":
            before, after = tmp_path / f"before {file.name}", tmp_path / f"after {file.name}"
            row = kept[hashlib.sha256(file.data).hexdigest()]
            before.write_bytes(file.data)
            after.write_bytes(b"".join(store.read(row.storage_key)))
            assert media.packets(after) == media.packets(before), file.name
            assert media.shape(after) == media.shape(before), file.name


def photos_are_upright(store: EvidenceStore, kept: dict[str, EvidenceFile]) -> None:
    upright = seen(corpus_photos.jpeg_with_location(6), "jpeg")
    for file in corpus():
        if file.of == "photo":
            row = kept[hashlib.sha256(file.data).hexdigest()]
            assert alike(seen(b"".join(store.read(row.storage_key)), row.kind), upright), file.name
