"""Parts of a document are covered for good: what lay below is nowhere any more, proved by looking for its bytes."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.database import Base, Database
from portfolio.evidence.models import EvidenceFile
from tests.builders import Cast, commit
from tests.client import Browser
from tests.evidence.steps import (
    all_files,
    complete,
    leads_to,
    newest,
    pages_of,
    piece_id,
    send,
    state_of,
    work_off,
)
from tests.postgres import plain
from tests.redaction import secret
from tests.storage import corpus
from tests.storage.corpus_files import pdf
from tests.storage.corpus_marks import unpacked
from tests.uploads.steps import upload_all

Open = Callable[..., Browser]
UPPER = {"boxes_1": "5 2 90 50"}
"""Covers the words, the picture and the note of the first page."""


def a_draft(page: Browser, cast: Cast, *files: tuple[str, bytes]) -> str:
    """The address of a draft with these files."""
    return leads_to(send(page, pages_of(cast.amina_at), complete(), *files)).partition("?")[0]


def the_file(database: Database) -> EvidenceFile:
    [file] = all_files(database)
    return file


def cover(page: Browser, draft: str, file: EvidenceFile, **typed: str) -> Any:
    return page.post(f"{draft}/files/{file.id}/cover", data=typed)


def pictures(content: bytes) -> list[Image.Image]:
    """The one picture of each page."""
    found = []
    for one in pypdf.PdfReader(io.BytesIO(content)).pages:
        [image] = one.images
        found.append(Image.open(io.BytesIO(image.data)).convert("RGB"))
    return found


def everywhere(folder: Path, database: Database) -> dict[str, bytes]:
    """Every byte that is kept: store, staging, mail and a database that is a file; and every row of every table."""
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if database.is_sqlite:
        place = Path(str(database.engine.url.database))
        for path in (place, place.with_name(f"{place.name}-wal")):
            if path.exists():
                found[str(path)] = path.read_bytes()
    with plain(database) as connection:
        for table in Base.metadata.sorted_tables:
            rows = [repr(tuple(row)) for row in connection.execute(select(table))]
            found[f"table {table.name}"] = "\n".join(rows).encode()
    return found


def where(places: dict[str, bytes]) -> dict[str, set[str]]:
    """Where each mark is found: in the bytes as they lie there, and in everything packed inside."""
    found: dict[str, set[str]] = {}
    for name, content in places.items():
        for part in [content, *unpacked(content)]:
            for mark in secret.MARKS:
                if (
                    mark.encode() in part
                    or mark.encode("utf-16-be") in part
                    or mark.encode().hex().encode() in part
                ):
                    found.setdefault(mark, set()).add(name)
    return found


@pytest.mark.parametrize("way", ["form", "pieces"])
def test_what_was_covered_is_nowhere_any_more(
    browser: Open, cast: Cast, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    caplog.set_level(logging.DEBUG)
    page = browser(cast.amina)
    if way == "form":
        draft = a_draft(page, cast, ("Plan.pdf", secret.document()))
    else:
        began, *_ = upload_all(page, cast.amina_at, "Plan.pdf", secret.document())
        draft = began["uploads"].removesuffix("/uploads")
    work_off(page)  # pictures of its first page are made
    file = the_file(database)
    assert page.get(f"{draft}/files/{file.id}/preview").status_code == 200
    before = where(everywhere(tmp_path, database))
    assert {secret.WORDS, secret.PICTURE} <= set(before), "the search finds what is there"
    shown = page.get(f"{draft}/files/{file.id}/cover")
    assert "Page 2 of 2" in shown.text
    assert page.get(f"{draft}/files/{file.id}/cover/pages/1?grid=1").content[8:12] == b"WEBP"

    answer = cover(page, draft, file, **UPPER)
    assert answer.status_code == 303, answer.text
    work_off(page)
    assert where(everywhere(tmp_path, database)) == {}
    assert not [mark for mark in secret.MARKS if mark in caplog.text]
    covered = the_file(database)
    assert covered.id != file.id
    assert {file.sha256_received, file.sha256_stored}.isdisjoint(
        {covered.sha256_received, covered.sha256_stored}
    )
    for rest in ("", "/preview", "/thumbnail", "/cover"):
        assert page.get(f"{draft}/files/{file.id}{rest}").status_code == 404

    content = page.get(f"{draft}/files/{covered.id}").content
    assert where({"copy": content}) == {}
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert [one.extract_text() for one in reader.pages] == ["", ""]
    assert reader.metadata is None
    assert not reader.attachments
    first, second = pictures(content)
    width, height = first.size
    region = first.crop((width * 5 // 100, height * 2 // 100, width * 95 // 100, height * 52 // 100))
    assert region.getcolors() == [(region.width * region.height, (0, 0, 0))], "one colour, to the last pixel"
    assert len(second.getcolors(1 << 24) or []) > 1, "the other page shows what it showed"
    assert len(list(tmp_path.rglob("cover-*"))) == 0


def test_the_receipt_says_that_its_owner_covered_it(browser: Open, cast: Cast, database: Database) -> None:
    page = browser(cast.amina)
    draft = a_draft(page, cast, ("Plan.pdf", secret.document()))
    answer = cover(page, draft, the_file(database), **UPPER)
    assert "The file is covered." in page.get(leads_to(answer)).text
    file = the_file(database)
    assert file.covered_at is not None
    receipt = page.get("/receipts", params={"code": file.receipt_code}).text
    assert "By its owner on" in receipt
    assert file.sha256_stored in receipt
    assert "Its owner covered parts of it here on" in page.get(draft).text
    with database.reading() as fresh:
        actions = fresh.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["evidence.file_removed", "evidence.file_covered"]


def test_pages_are_turned_cut_and_left_out(browser: Open, cast: Cast, database: Database) -> None:
    page = browser(cast.amina)
    draft = a_draft(page, cast, ("Plan.pdf", secret.document(3)))
    answer = cover(page, draft, the_file(database), turn_1="90", cut_1="0 50 0 0", leave_2="yes")
    assert answer.status_code == 303, answer.text
    content = page.get(f"{draft}/files/{the_file(database).id}").content
    first, last = pictures(content)
    assert abs(first.width - last.height / 2) <= 1, "the lower half of the page, on its side"
    assert abs(first.height - last.width) <= 1


@pytest.mark.parametrize("turn", ["0", "90", "180", "270"])
def test_a_box_lies_where_it_was_drawn_however_the_page_is_turned(
    browser: Open, cast: Cast, database: Database, turn: str
) -> None:
    page = browser(cast.amina)
    draft = a_draft(page, cast, ("Photo.png", red_corner()))
    assert cover(page, draft, the_file(database), boxes_1="0 0 25 25", turn_1=turn).status_code == 303
    file = the_file(database)
    assert file.kind == "jpeg"
    image = Image.open(io.BytesIO(page.get(f"{draft}/files/{file.id}").content)).convert("RGB")
    pixels = image.tobytes()
    colours = list(zip(pixels[0::3], pixels[1::3], pixels[2::3], strict=True))
    assert not [one for one in colours if one[0] > 150 and one[1] < 100], "the red corner is below the box"
    black = sum(max(one) < 20 for one in colours)
    assert 0.06 < black / (image.width * image.height) < 0.09


def red_corner() -> bytes:
    image = Image.new("RGB", (640, 320), "white")
    image.paste((255, 0, 0), (0, 0, 160, 80))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "Nothing is marked yet"),
        ({"boxes_1": "10 20 30", "boxes_2": "1 1 5 5"}, "is no box"),
        ({"leave_1": "yes", "leave_2": "yes"}, "Every page is left out"),
    ],
    ids=["nothing", "no box", "no page"],
)
def test_a_mistake_changes_nothing_and_keeps_what_was_typed(
    browser: Open, cast: Cast, database: Database, typed: dict[str, str], says: str
) -> None:
    page = browser(cast.amina)
    draft = a_draft(page, cast, ("Plan.pdf", secret.document()))
    file = the_file(database)
    answer = cover(page, draft, file, **typed)
    assert answer.status_code == 422
    assert says in answer.text
    assert all(words in answer.text for name, words in typed.items() if name.startswith("boxes"))
    assert the_file(database).id == file.id


def test_sent_twice_it_is_covered_once(browser: Open, cast: Cast, database: Database) -> None:
    page = browser(cast.amina)
    draft = a_draft(page, cast, ("Plan.pdf", secret.document()))
    file = the_file(database)
    first, second = (cover(page, draft, file, **UPPER) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert "not in this draft any more" in page.get(leads_to(second)).text
    assert the_file(database).covered_at is not None


def test_a_version_that_was_submitted_keeps_its_file_and_that_is_said(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    sent = send(page, pages_of(cast.amina_at), complete(action="submit"), ("Plan.pdf", secret.document()))
    file, draft = the_file(database), f"{pages_of(cast.amina_at)}/{piece_id(sent)}"
    refused = page.get(f"{draft}/files/{file.id}/cover")
    assert refused.status_code == 409
    assert page.post(f"{draft}/files/{file.id}/cover", data=UPPER).status_code == 409
    assert page.post(f"{draft}/take-back").status_code == 303
    assert "ask your provider’s confidentiality lead" in page.get(f"{draft}/files/{file.id}/cover").text
    assert cover(page, draft, file, **UPPER).status_code == 303
    work_off(page)
    old, new = all_files(database)
    assert (old.id, new.covered_at is not None) == (file.id, True)
    assert [one.file_id for one in newest(database, piece_id(sent)).attachments] == [new.id]
    assert state_of(database, piece_id(sent)) == "draft"
    assert page.get(f"{draft}/files/{old.id}").status_code == 200
    commit(session)


def test_only_the_owner_covers_and_only_what_is_theirs(browser: Open, cast: Cast, database: Database) -> None:
    draft = a_draft(browser(cast.amina), cast, ("Plan.pdf", secret.document()))
    file = the_file(database)
    for person, status in (
        (cast.marek, 403),
        (cast.asha, 403),
        (cast.priya, 403),
        (cast.noor, 404),
        (cast.olu, 404),
    ):
        page = browser(person)
        for rest in ("", "/pages/1"):
            assert page.get(f"{draft}/files/{file.id}/cover{rest}").status_code == status
        assert cover(page, draft, file, **UPPER).status_code == status
    assert the_file(database).id == file.id


def test_what_cannot_be_covered_says_what_to_do(browser: Open, cast: Cast, database: Database) -> None:
    page = browser(cast.amina)
    draft = a_draft(page, cast, ("Long.pdf", pdf(51)), corpus.GOOD["text"])
    long, note = sorted(all_files(database), key=lambda one: one.kind)
    shown = page.get(f"{draft}/files/{long.id}/cover")
    assert "It has more than 50 pages." in shown.text
    assert "Cover it for good" not in shown.text
    assert cover(page, draft, long, **UPPER).status_code == 422
    assert page.get(f"{draft}/files/{note.id}/cover").status_code == 409
    assert page.get(f"{draft}/files/{long.id}/cover/pages/51").status_code == 404
