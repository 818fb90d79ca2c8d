"""A file that comes in pieces: nothing confirmed is asked for twice, and safe is said only of the whole."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import func, select

from portfolio.database import Database
from portfolio.evidence.models import EvidenceFile
from portfolio.objects.models import PendingObject
from portfolio.settings import Settings
from portfolio.uploads.models import Upload, UploadChunk
from portfolio.web.formats import utc_now
from storage.store import EvidenceStore
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, complete, send, work_off
from tests.storage import corpus
from tests.uploads.steps import CHUNK, a_draft_for, begin, pieces_of, send_piece, send_pieces, upload_all

Open = Callable[..., Browser]


def a_wav(size: int = 300_000) -> bytes:
    """Sound whose every piece is another."""
    head = corpus.GOOD["wav"][1][:44]
    data = b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(size // 32))
    return (
        head[:4]
        + (len(data) + 36).to_bytes(4, "little")
        + head[8:40]
        + len(data).to_bytes(4, "little")
        + data
    )


@pytest.fixture
def amina(browser: Open, cast: Cast) -> Browser:
    return browser(cast.amina)


def keys_in(page: Browser) -> list[str]:
    store: EvidenceStore = page.app.state.store  # type: ignore[attr-defined]
    return list(store.keys())


def count(database: Database, model: Any) -> int:
    with database.reading() as session:
        return int(session.scalar(select(func.count(model.id))) or 0)


def test_pieces_in_any_order_make_the_file_and_its_receipt(
    amina: Browser, cast: Cast, database: Database
) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    begun = begin(amina, draft["uploads"], "talk.wav", content).json()
    assert (begun["state"], begun["have"], begun["chunks"]) == ("sending", [], len(pieces_of(content)))
    upload = f"{draft['uploads']}/{begun['id']}"
    send_pieces(amina, upload, content, reversed(range(begun["chunks"])))
    assert amina.get(upload).json()["have"] == list(range(begun["chunks"]))
    assert amina.get(upload).json()["receipt"] is None, "not safe before the whole was verified"
    answer = amina.post(f"{upload}/finish").json()
    [file] = all_files(database)
    assert answer["state"] == "safe"
    assert answer["receipt"]["sha256_received"] == hashlib.sha256(content).hexdigest()
    assert answer["receipt"]["sha256_stored"] == file.sha256_stored
    assert answer["receipt"]["code"] == file.receipt_code
    stored = b"".join(amina.app.state.store.read(file.storage_key))  # type: ignore[attr-defined]
    assert hashlib.sha256(stored).hexdigest() == file.sha256_stored
    work_off(amina)
    assert keys_in(amina) == [file.storage_key], "the pieces are gone"
    assert (count(database, UploadChunk), count(database, PendingObject)) == (0, 0)
    assert "talk.wav" in amina.get(draft["save"]).text


def test_a_break_in_the_middle_loses_only_what_was_on_the_line(
    amina: Browser, browser: Open, cast: Cast, database: Database
) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    first = begin(amina, draft["uploads"], "talk.wav", content).json()
    upload = f"{draft['uploads']}/{first['id']}"
    send_pieces(amina, upload, content, [0, 1, 3])
    again = browser(cast.amina)  # another session: the old one ended, or the browser was killed
    assert a_draft_for(again, cast.amina_at)["evidence"] == draft["evidence"]
    begun = begin(again, draft["uploads"], "talk.wav", content).json()
    assert (begun["id"], begun["have"]) == (first["id"], [0, 1, 3])
    early = again.post(f"{upload}/finish").json()
    assert (early["state"], early["have"]) == ("sending", [0, 1, 3])
    send_pieces(again, upload, content, [n for n in range(begun["chunks"]) if n not in begun["have"]])
    assert again.post(f"{upload}/finish").json()["state"] == "safe"
    assert [file.sha256_received for file in all_files(database)] == [hashlib.sha256(content).hexdigest()]


def test_everything_may_be_sent_twice(amina: Browser, cast: Cast, database: Database) -> None:
    content = a_wav()
    draft, upload, done = upload_all(amina, cast.amina_at, "talk.wav", content)
    send_pieces(amina, upload, content, [0, 2])
    assert amina.post(f"{upload}/finish").json() == done
    assert begin(amina, draft["uploads"], "talk.wav", content).json() == done
    assert amina.post(f"{upload}/cancel").json() == done, "what is safe is not cancelled"
    work_off(amina)
    [file] = all_files(database)
    assert keys_in(amina) == [file.storage_key]


def test_twenty_at_once_make_one_file(amina: Browser, browser: Open, cast: Cast, database: Database) -> None:
    content = a_wav(120_000)
    draft = a_draft_for(amina, cast.amina_at)
    others = [browser(cast.amina) for _ in range(4)]
    with ThreadPoolExecutor(4) as at_once:
        begun = list(
            at_once.map(lambda page: begin(page, draft["uploads"], "t.wav", content).json(), others * 5)
        )
        assert len({one["id"] for one in begun}) == 1
        upload = f"{draft['uploads']}/{begun[0]['id']}"
        list(at_once.map(lambda page: send_pieces_patiently(page, upload, content), others * 5))
        ends = list(at_once.map(lambda page: page.post(f"{upload}/finish").json()["state"], others * 5))
    assert set(ends) == {"safe"}
    work_off(amina)
    [file] = all_files(database)
    assert keys_in(amina) == [file.storage_key]
    assert count(database, PendingObject) == 0


def send_pieces_patiently(page: Browser, upload: str, content: bytes) -> None:
    """As the script does: a piece for which there was no place just now is sent again."""
    for number, data in enumerate(pieces_of(content)):
        while (answer := send_piece(page, upload, number, data)).status_code == 429:
            pass
        assert answer.status_code == 204, answer.text


def test_a_piece_that_arrives_damaged_is_refused_and_nothing_of_it_is_kept(
    amina: Browser, cast: Cast, database: Database
) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    upload = f"{draft['uploads']}/{begin(amina, draft['uploads'], 'a.wav', content).json()['id']}"
    good = pieces_of(content)[0]
    for data, sha256 in (
        (good[:-1] + b"?", hashlib.sha256(good).hexdigest()),
        (good[:-5], ""),
        (good + b"more", ""),
        (good, "not a hash"),
    ):
        answer = send_piece(amina, upload, 0, data, sha256)
        assert (answer.status_code, answer.json()["sentence"]) == (
            422,
            "This piece arrived damaged. It is sent again by itself.",
        )
    assert send_piece(amina, upload, 99, good).status_code == 422
    assert amina.get(upload).json()["have"] == []
    assert (keys_in(amina), count(database, PendingObject)) == ([], 0)


def test_another_file_under_the_same_key_is_refused(amina: Browser, cast: Cast) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    upload = f"{draft['uploads']}/{begin(amina, draft['uploads'], 'a.wav', content).json()['id']}"
    send_pieces(amina, upload, content, [0])
    other = begin(amina, draft["uploads"], "b.wav", content + b"x")
    changed = send_piece(amina, upload, 0, b"z" * CHUNK)
    for answer in (other, changed):
        assert answer.status_code == 409
        assert answer.json()["sentence"] == "This upload was begun with another file. Choose the file again."


def test_what_cannot_come_in_says_so_at_the_end_and_leaves_nothing(
    amina: Browser, cast: Cast, database: Database
) -> None:
    _, upload, answer = upload_all(amina, cast.amina_at, "setup.exe", b"MZ" + b"\0" * 90_000)
    assert answer["state"] == "refused"
    assert "setup.exe" in answer["sentence"]
    assert answer["receipt"] is None
    work_off(amina)
    assert (all_files(database), keys_in(amina)) == ([], [])
    late = send_piece(amina, upload, 0, b"MZ")
    assert late.status_code in (409, 422)


def test_a_photo_in_pieces_loses_its_location_like_any_other(amina: Browser, cast: Cast) -> None:
    picture = io.BytesIO()
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (53.0, 22.0, 51.0)}
    Image.effect_noise((400, 400), 90).convert("RGB").save(picture, "JPEG", quality=97, exif=exif)
    _, _, answer = upload_all(amina, cast.amina_at, "photo.jpg", picture.getvalue())
    assert "location" in answer["receipt"]["removed"]
    assert answer["receipt"]["sha256_received"] == hashlib.sha256(picture.getvalue()).hexdigest()
    assert answer["receipt"]["sha256_stored"] != answer["receipt"]["sha256_received"]


def test_cancelled_is_gone(amina: Browser, cast: Cast, database: Database) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    upload = f"{draft['uploads']}/{begin(amina, draft['uploads'], 'a.wav', content).json()['id']}"
    send_pieces(amina, upload, content, [0, 1])
    for _ in range(2):
        assert amina.post(f"{upload}/cancel").json()["state"] == "cancelled"
    assert send_piece(amina, upload, 2, pieces_of(content)[2]).status_code == 409
    work_off(amina)
    assert (keys_in(amina), count(database, UploadChunk)) == ([], 0)
    with database.reading() as session:
        assert session.scalars(select(Upload.name)).all() == [""], "no name of a file stays behind"


def test_an_upload_that_nobody_goes_on_with_is_given_up_after_two_weeks(
    amina: Browser, browser: Open, cast: Cast, database: Database
) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    upload = f"{draft['uploads']}/{begin(amina, draft['uploads'], 'a.wav', content).json()['id']}"
    send_pieces(amina, upload, content, [0, 1])
    with time_machine.travel(utc_now() + timedelta(days=13), tick=True):
        work_off(amina)
        again = browser(cast.amina)
        assert again.get(upload).json()["have"] == [0, 1], "pieces outlive the sweep of what nobody kept"
    with time_machine.travel(utc_now() + timedelta(days=15), tick=True):
        work_off(amina)
        work_off(amina)
        again = browser(cast.amina)
        assert again.get(upload).json()["state"] == "expired"
        assert (
            send_piece(again, upload, 2, pieces_of(content)[2]).json()["sentence"].startswith("Nothing more")
        )
        assert keys_in(amina) == []


def test_signed_out_in_the_middle_is_said_in_json_and_goes_on_after_signing_in(
    amina: Browser, browser: Open, cast: Cast
) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    upload = f"{draft['uploads']}/{begin(amina, draft['uploads'], 'a.wav', content).json()['id']}"
    send_pieces(amina, upload, content, [0])
    amina.cookies.clear()
    for answer in (send_piece(amina, upload, 1, pieces_of(content)[1]), amina.get(upload)):
        assert answer.status_code == 401
        assert "sign in again" in answer.json()["sentence"]
    again = browser(cast.amina)
    assert again.get(upload).json()["have"] == [0]


@pytest.mark.parametrize("who", ["iqa", "mentor", "assessor", "manager", "other_provider"])
def test_nobody_else_sees_or_touches_it(amina: Browser, browser: Open, cast: Cast, who: str) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    upload = f"{draft['uploads']}/{begin(amina, draft['uploads'], 'a.wav', content).json()['id']}"
    page = browser(people(cast)[who])
    for answer in (
        page.get(upload),
        send_piece(page, upload, 0, pieces_of(content)[0]),
        page.post(f"{upload}/finish"),
        page.post(f"{upload}/cancel"),
        begin(page, draft["uploads"], "mine.wav", content, key="other"),
    ):
        assert answer.status_code in (403, 404)
        assert set(answer.json()) == {"sentence", "next"}
    assert amina.get(upload).json()["have"] == []


def people(cast: Cast) -> dict[str, Any]:
    return {
        "iqa": cast.ines,
        "mentor": cast.marek,
        "assessor": cast.asha,
        "manager": cast.priya,
        "other_provider": cast.olu,
    }


def test_too_large_empty_and_too_many_are_refused_before_the_first_piece(
    amina: Browser, cast: Cast, app: FastAPI, settings: Settings
) -> None:
    draft = a_draft_for(amina, cast.amina_at)
    large = begin(amina, draft["uploads"], "film.mp4", b"", size=settings.file_limit_bytes + 1)
    assert (large.status_code, "larger than" in large.json()["sentence"]) == (409, True)
    empty = begin(amina, draft["uploads"], "empty.txt", b"")
    assert (empty.status_code, "is empty" in empty.json()["sentence"]) == (409, True)
    app.state.settings = settings.model_copy(update={"person_quota_gb": 0.0001})  # 100 kB
    first = begin(amina, draft["uploads"], "a.wav", b"x" * 80_000, key="a")
    second = begin(amina, draft["uploads"], "b.wav", b"x" * 80_000, key="b")
    assert (first.status_code, second.status_code) == (201, 409), "what is on its way counts as well"
    assert "You have used" in second.json()["sentence"]


def test_a_piece_that_was_submitted_meanwhile_takes_no_file(
    amina: Browser, cast: Cast, database: Database
) -> None:
    content = a_wav()
    draft = a_draft_for(amina, cast.amina_at)
    upload = f"{draft['uploads']}/{begin(amina, draft['uploads'], 'a.wav', content).json()['id']}"
    send_pieces(amina, upload, content)
    assert send(amina, draft["save"], complete(action="submit")).headers["location"].endswith("submitted")
    answer = amina.post(f"{upload}/finish")
    assert answer.status_code == 409
    assert "Take it back first" in answer.json()["sentence"]
    assert all_files(database) == []
    work_off(amina)
    assert len(keys_in(amina)) == len(pieces_of(content)), "the pieces wait until it is a draft again"


def test_the_same_bytes_twice_in_one_piece_are_one_file(
    amina: Browser, cast: Cast, database: Database
) -> None:
    content = a_wav(90_000)
    draft, _, first = upload_all(amina, cast.amina_at, "talk.wav", content)
    second = begin(amina, draft["uploads"], "copy.wav", content, key="file-2").json()
    send_pieces(amina, f"{draft['uploads']}/{second['id']}", content)
    done = amina.post(f"{draft['uploads']}/{second['id']}/finish").json()
    assert (done["state"], done["receipt"]) == ("safe", first["receipt"])
    assert len(all_files(database)) == 1


def test_a_file_taken_out_again_leaves_its_upload_without_a_receipt(
    amina: Browser, cast: Cast, database: Database
) -> None:
    draft, upload, _ = upload_all(amina, cast.amina_at, "talk.wav", a_wav(90_000))
    [file] = all_files(database)
    send(amina, draft["save"], {"title": "Without it", "remove_file": str(file.id)})
    assert amina.get(upload).json()["receipt"] is None
    assert count(database, EvidenceFile) == 0
