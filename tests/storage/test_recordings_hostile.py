"""Recordings that were cut, bent or built to harm: each is cleaned or left exactly as it came, and nothing else."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.cleaning import NotCleaned
from storage.kinds import MP3, MP4, WAV, WEBM, FileKind
from storage.recordings import clean_recording
from tests.storage.corpus_files import box, element, wav, webm
from tests.storage.media import packets
from tests.storage.media_boxes import change, full, measured, mebx, place_of, put_into
from tests.storage.media_corpus import GPS, TAGGED, plain
from tests.storage.media_marks import found_in

SETTINGS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def cleaned_or_left(folder: Path, data: bytes, kind: FileKind) -> bytes | None:
    """The cleaned bytes; None where it was left, and then it must be as it came."""
    path = folder / "staged"
    path.write_bytes(data)
    sentence, removed = "", ()
    try:
        removed = clean_recording(path, kind)
    except NotCleaned as left:
        sentence = left.sentence
    if sentence:
        assert path.read_bytes() == data
        assert sentence.startswith(f"This {kind.label} ")
        assert sentence.endswith("whoever added it decides whether it stays.")
        return None
    kept = path.read_bytes()
    assert (kept == data) is (removed == ())
    assert len(kept) <= len(data)
    assert clean_recording(path, kind) == ()
    return kept


@given(name=st.sampled_from(sorted(TAGGED)), part=st.floats(0, 1))
@SETTINGS
def test_a_recording_that_was_cut_anywhere(tmp_path: Path, name: str, part: float) -> None:
    data = TAGGED[name].make()
    cleaned_or_left(tmp_path, data[: int(part * len(data))], TAGGED[name].kind)


@given(name=st.sampled_from(sorted(TAGGED)), seed=st.integers(0, 2**32))
@SETTINGS
def test_a_recording_with_other_bytes_in_it(tmp_path: Path, name: str, seed: int) -> None:
    chance, data = random.Random(seed), bytearray(TAGGED[name].make())
    for _ in range(chance.randrange(1, 30)):
        data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    cleaned_or_left(tmp_path, bytes(data), TAGGED[name].kind)


@given(data=st.binary(max_size=300), kind=st.sampled_from([MP4, MP3, WAV, WEBM]))
@SETTINGS
def test_what_is_no_recording_at_all(tmp_path: Path, data: bytes, kind: FileKind) -> None:
    cleaned_or_left(tmp_path, data, kind)


def with_samples_at(place: int, length: int = 64) -> bytes:
    """Measurements whose table says that they lie elsewhere."""
    data = measured(plain("a.mp4"), b"meta", mebx(b"x"), GPS[:1])
    at = data.rindex(b"stco")
    moved = data[: at + 12] + struct.pack(">I", place) + data[at + 16 :]
    at = moved.rindex(b"stsz")
    return moved[: at + 16] + struct.pack(">I", length) + moved[at + 20 :]


@pytest.mark.parametrize("where", ["in a picture", "before the media", "in the movie", "beyond the end"])
def test_samples_that_go_are_never_emptied_where_something_stays(tmp_path: Path, where: str) -> None:
    start, end = place_of(plain("a.mp4"), b"mdat")
    place = {"in a picture": start + 200, "before the media": 4, "in the movie": end + 600}.get(where, 2**31)
    assert cleaned_or_left(tmp_path, with_samples_at(place), MP4) is None


def test_samples_that_go_from_where_they_are_leave_the_rest(tmp_path: Path) -> None:
    start, end = place_of(plain("a.mp4"), b"mdat")
    kept = cleaned_or_left(tmp_path, with_samples_at(end, len(GPS[0])), MP4)
    assert kept is not None
    assert found_in(kept) == []
    assert kept[start + 8 : end] == plain("a.mp4")[start + 8 : end]


@pytest.mark.parametrize("table", [b"stsz", b"stsc", b"stco"])
@pytest.mark.parametrize("count", [0xFFFFFFFF, 0x7FFFFFFF, 10_000_000])
def test_tables_that_promise_more_than_there_is(tmp_path: Path, table: bytes, count: int) -> None:
    data = measured(plain("a.mp4"), b"meta", mebx(b"x"), GPS)
    at = data.rindex(table) + (12 if table == b"stsz" else 8)
    assert cleaned_or_left(tmp_path, data[:at] + struct.pack(">I", count) + data[at + 4 :], MP4) is None


@pytest.mark.parametrize(
    "data",
    [
        plain("a.mp4") * 2,
        plain("a.mp4") + box(b"moof", full(b"mfhd", b"\0" * 4) + box(b"traf", b"")),
        put_into(plain("a.mp4"), b"\xff" * 12, b"moov"),
        change(plain("a.mp4"), (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"), 8, b"\xff\0\0\0"),
    ],
    ids=["two movies", "a fragment without a head", "junk in the movie", "an entry without an end"],
)
def test_films_that_contradict_themselves_are_left(tmp_path: Path, data: bytes) -> None:
    assert cleaned_or_left(tmp_path, data, MP4) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (webm() + webm(), WEBM),
        (webm(open_ended=True) + element(0x1254C367, b"", open_ended=True), WEBM),
        (webm(open_ended=True) + b"\xec\x88", WEBM),
        (wav()[:30], WAV),
        (b"RIFF\xff\xff\xff\xffWAVE" + b"LIST\xff\xff\xff\xff", WAV),
        (b"ID3\3\0\0\0\0\0\0" + b"x" * 200_000, MP3),
    ],
    ids=["two films", "tags without an end", "an element cut", "wav cut", "no sound", "no frame"],
)
def test_others_that_cannot_be_followed_are_left(tmp_path: Path, data: bytes, kind: FileKind) -> None:
    assert cleaned_or_left(tmp_path, data, kind) is None


def test_a_tag_without_a_length_behind_the_sound(tmp_path: Path) -> None:
    sound = TAGGED["mp3 with a tag behind"].make()
    cleaned_or_left(tmp_path, sound[:-6] + b"\0\0\xff\xff\xff\xff", MP3)


def test_heads_that_are_too_short_for_their_times(tmp_path: Path) -> None:
    data = plain("a.mp4")
    start, _ = place_of(data, b"moov", b"mvhd")
    short = data[:start] + struct.pack(">I", 10) + data[start + 4 :]
    assert cleaned_or_left(tmp_path, short, MP4) is None


def test_a_film_cut_in_its_last_box_keeps_what_plays(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(TAGGED["mp4 with something behind it"].make()[:-3])
    before = packets(path)
    assert "data after the end of the recording" in clean_recording(path, MP4)
    assert packets(path) == before
