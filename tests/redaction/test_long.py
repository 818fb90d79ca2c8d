"""A long scanned document is covered within the request: nobody else waits for it meanwhile, and there is an end to it."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image

from portfolio.database import Database
from portfolio.redaction import work
from portfolio.redaction.rules import MOST_PAGES
from storage.covering import pdf_of
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, complete, leads_to, pages_of, piece_id, send
from tests.redaction import secret
from tests.serving.fixtures import Start
from tests.serving.fixtures import start as start
from tests.serving.running import PATIENCE, client, session_for, wait_until
from tests.slips.steps import form_key

Open = Callable[..., Browser]
A4_AT_200 = (1654, 2339)


def scanned(folder: Path, pages: int) -> bytes:
    """Pages of grain such as a scanner makes, about 400 KB each."""
    grain = io.BytesIO()
    Image.effect_noise(A4_AT_200, 30).convert("RGB").save(grain, "JPEG", quality=18)
    path = folder / "scanned.pdf"
    pdf_of([(grain.getvalue(), *A4_AT_200)] * pages, path)
    return path.read_bytes()


def test_fifty_scanned_pages_hold_nobody_up(
    start: Start,
    browser: Open,
    cast: Cast,
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    amina = browser(cast.amina)
    content = scanned(tmp_path, MOST_PAGES)
    draft = leads_to(send(amina, pages_of(cast.amina_at), complete(), ("Scanned.pdf", content))).partition(
        "?"
    )[0]
    [file] = all_files(database)
    other = piece_id(send(amina, pages_of(cast.amina_at), complete(action="submit", form_key="other")))
    comments = f"{pages_of(cast.amina_at)}/{other}/comments"
    running = start()
    answers: list[Any] = []
    took: list[float] = []

    def send_it() -> None:
        with client(running, session_for(database, cast.amina)) as page:
            began = time.monotonic()
            answers.append(page.post(f"{draft}/files/{file.id}/cover", data={"boxes_1": "5 2 90 50"}))
            took.append(time.monotonic() - began)

    with client(running, session_for(database, cast.marek)) as marek:
        key = form_key(marek.get(comments).text)
        covering = threading.Thread(target=send_it, daemon=True)
        covering.start()
        wait_until(lambda: list(tmp_path.rglob("cover-*/*.jpg")), "the first pages are being made")
        written = marek.post(comments, data={"text": "Well done.", "form_key": key})
        assert written.status_code == 303, "somebody else writes to the same apprenticeship meanwhile"
        assert covering.is_alive(), "and did not have to wait until the pages were made"
    covering.join(PATIENCE)
    assert [answer.status_code for answer in answers] == [303]
    assert "done=covered" in answers[0].headers["location"]
    [copy] = all_files(database)
    assert copy.covered_at is not None
    covered = amina.get(f"{draft}/files/{copy.id}").content
    assert len(pypdf.PdfReader(io.BytesIO(covered)).pages) == MOST_PAGES
    with capsys.disabled():
        print(f"\n{MOST_PAGES} pages, {len(content) / 1e6:.1f} MB: covered in {took[0]:.1f} s")


def test_at_the_limit_nothing_is_changed_and_what_was_marked_is_still_there(
    browser: Open, cast: Cast, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LONGEST_SECONDS", 0.0)
    page = browser(cast.amina)
    made = send(page, pages_of(cast.amina_at), complete(), ("Plan.pdf", secret.document()))
    draft = leads_to(made).partition("?")[0]
    [file] = all_files(database)
    answer = page.post(f"{draft}/files/{file.id}/cover", data={"boxes_1": "5 2 90 50"})
    assert answer.status_code == 422
    assert "no time for all of its pages just now. Nothing was changed" in answer.text
    assert "5 2 90 50" in answer.text
    assert [one.id for one in all_files(database)] == [file.id]
    assert list(tmp_path.rglob("cover-*")) == []
