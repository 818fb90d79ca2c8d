"""The store is down, slow, forgetful or wrong: what the page says, what is safe, and that it passes by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.bad_day.conftest import TEXT, Serve
from tests.bad_day.fault_proxy import FaultProxy
from tests.bad_day.waiting import until
from tests.evidence.steps import all_pieces, complete, newest, piece_id, send, state_of, versions_of

FILE = ("Notes.txt", TEXT)
LARGE = ("Long.txt", TEXT * 600)
NOT_STORED = "“Notes.txt” could not be stored just now. Wait a minute, then choose it again."
NOT_SHOWN = "The store that keeps the files does not answer just now. The file is safe in it."
DIFFERENT = "What came back from the store is not, byte for byte, what was put into it, so it is not shown."


@pytest.mark.parametrize("way", ["refuse", "503", "hang"])
def test_store_down(serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any], way: str) -> None:
    place = serve(**on_s3)
    before = place.confirmed("Before the bad day", FILE)
    proxy.hurt(way)

    answer = place.sends("On the bad day", FILE, what_i_did="I wrote all of this down.")
    assert NOT_STORED in answer.text
    assert "On the bad day" in answer.text
    assert "I wrote all of this down." in answer.text
    draft = piece_id(answer)
    assert state_of(place.database, draft) == "draft"
    assert newest(place.database, draft).what_i_did == "I wrote all of this down."
    assert newest(place.database, draft).attachments == []

    answer = place.amina.get(before.file)
    assert answer.status_code == 503
    assert NOT_SHOWN in answer.text
    assert "Wait a minute and load the page again." in answer.text
    assert before.title in place.amina.get(before.page).text
    assert place.amina.get(place.pages).status_code == 200
    assert place.amina.get("/healthz").status_code == 200

    proxy.heal()
    assert place.still_has(before) is None
    answer = place.amina.get(f"{place.pages}/{draft}/edit")
    assert answer.status_code == 200
    after = place.confirmed("After the bad day", FILE)
    place.still_has(after)
    assert place.stored_names() == ["Notes.txt"] * 2
    assert len(all_pieces(place.database)) == 3


def test_of_many_files_one_finds_out_that_the_store_is_silent(
    serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any]
) -> None:
    """The others are told at once: nobody waits for the same silence ten times."""
    place = serve(**on_s3)
    proxy.hurt("hang")
    answer = place.sends("Ten files", *[(f"Part {number}.txt", TEXT) for number in range(10)])
    for number in range(10):
        assert f"“Part {number}.txt” could not be stored just now." in answer.text
    assert proxy.hits == 2 + 1, "two attempts for the first file, and the question whether it is ready"
    proxy.heal()


def test_store_answers_503_and_recovers_in_the_middle_of_an_upload(
    serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any]
) -> None:
    place = serve(**on_s3)
    proxy.hurt("503", only="PUT", times=1)
    piece = place.confirmed("Through a hiccup", FILE)
    assert proxy.hits == 1
    place.still_has(piece)


def test_the_answer_to_a_write_is_lost(serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any]) -> None:
    """The object is there, the store's word for it is not: it is looked up, and there is one piece with one file."""
    place = serve(**on_s3)
    proxy.hurt("drop", only="PUT")
    piece = place.confirmed("The lost answer", FILE)
    assert proxy.hits == 2
    proxy.heal()
    place.still_has(piece)
    assert len(all_pieces(place.database)) == 1
    assert place.stored_names() == ["Notes.txt"]


def test_the_answer_is_lost_and_then_the_store_too(
    serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any]
) -> None:
    """Whether the object is there cannot be found out: not confirmed, the text is kept, sending again gives one."""
    place = serve(**on_s3)
    proxy.hurt("drop", after=1)  # it is asked whether the key is free; then all answers are lost
    answer = place.sends("Nobody knows", FILE)
    assert NOT_STORED in answer.text
    draft = piece_id(answer)
    proxy.heal()
    again = send(
        place.amina, f"{place.pages}/{draft}/edit", complete(title="Nobody knows", action="submit"), FILE
    )
    assert again.status_code == 303
    assert [one.number for one in versions_of(place.database, draft)] == [1]
    assert len(newest(place.database, draft).attachments) == 1
    assert len(all_pieces(place.database)) == 1
    assert place.stored_names() == ["Notes.txt"]


def test_wrong_bytes_of_a_small_file_are_not_shown(
    serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any]
) -> None:
    place = serve(**on_s3)
    piece = place.confirmed("A turned bit", FILE)
    proxy.hurt("wrong", only="GET")
    answer = place.amina.get(piece.file)
    assert answer.status_code == 503
    assert DIFFERENT in answer.text
    assert "What was saved before is safe" not in answer.text  # this file may not be
    assert "tell your provider the reference below" in answer.text
    (line,) = place.log_with("evidence.file_altered")
    assert str(place.cast.provider.id) in line
    proxy.heal()
    place.still_has(piece)


@pytest.mark.parametrize("how", ["", "bytes=0-"])
def test_wrong_bytes_of_a_large_file_break_the_download(
    serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any], how: str
) -> None:
    place = serve(**on_s3)
    piece = place.confirmed("A turned bit in a long file", LARGE)
    proxy.hurt("wrong", only="GET")
    got = 0
    with (
        pytest.raises(httpx2.TransportError),
        place.amina.stream("GET", piece.file, headers={"Range": how} if how else {}) as answer,
    ):
        got = sum(len(chunk) for chunk in answer.iter_raw())
    assert got < len(LARGE[1])
    assert len(until(lambda: place.log_with("evidence.file_altered"))) == 1
    proxy.heal()
    place.still_has(piece)


def test_a_download_that_the_store_cuts_is_mended(
    serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any]
) -> None:
    place = serve(**on_s3)
    piece = place.confirmed("Cut in the middle", LARGE)
    proxy.hurt("cut", only="GET", times=1)
    place.still_has(piece)
    assert proxy.hits == 1


def test_a_silent_store_holds_nobody_up_who_needs_no_file(
    serve: Serve, proxy: FaultProxy, on_s3: dict[str, Any]
) -> None:
    """More downloads wait for a silent store than there are threads for pages; pages are served all the same."""
    place = serve(**on_s3 | {"s3_read_timeout_seconds": 90})
    piece = place.confirmed("The long wait", FILE)
    assert until(place.has_no_job_due), "a job that reads the file would be one of those that wait"
    proxy.hurt("hang")
    with ThreadPoolExecutor(48) as pool:
        waiting = [pool.submit(place.amina.get, piece.file) for _ in range(48)]
        until(lambda: proxy.hits >= 20)
        for _ in range(3):
            assert place.amina.get(place.pages).status_code == 200
            assert place.asha.get("/").status_code == 200
        assert sum(not one.done() for one in waiting) >= 20, "pages were served while these were waiting"
        told = until(lambda: [one.result() for one in waiting if one.done()])
        assert all(answer.status_code == 503 and NOT_SHOWN in answer.text for answer in told)
        proxy.heal()
        assert all(one.result().status_code in (200, 503) for one in waiting)
    place.still_has(piece)
