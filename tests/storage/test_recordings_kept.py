"""What stays of a recording, what it is called that goes, and that large files cost no memory."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import pytest

from storage.kinds import MP3, MP4, WAV, FileKind
from storage.recordings import clean_recording
from tests.storage.corpus_files import box, mp3, wav
from tests.storage.media import packets, shape, tags
from tests.storage.media_boxes import measured, place_of, put_into
from tests.storage.media_corpus import FRAMES, TAGGED, plain
from tests.storage.media_marks import found_in, mark
from tests.storage.media_sound import chunk, id3, id3v1, info, with_chunks

CAPTION = box(b"tx3g", b"\0" * 6 + b"\0\1" + b"\0" * 30)


def caption(text: str) -> bytes:
    return struct.pack(">H", len(text.encode())) + text.encode()


def cleaned(folder: Path, data: bytes, kind: FileKind) -> tuple[Path, tuple[str, ...]]:
    path = folder / f"it.{kind.extensions[0]}"
    path.write_bytes(data)
    return path, clean_recording(path, kind)


def test_captions_stay(tmp_path: Path) -> None:
    said = [caption("I listened first."), caption("Then I wrote it down at 10.15 and 10.30.")]
    path, removed = cleaned(tmp_path, measured(plain("a.mp4"), b"sbtl", CAPTION, said), MP4)
    assert [kind for kind, *_ in shape(path)] == ["video", "audio", "subtitle"]
    assert all(words in path.read_bytes() for words in said)
    assert "location" not in removed


@pytest.mark.parametrize("text", ["GPS (-0.1278, 51.5074, 18)", "[latitude: 51.5074]", "51.507400 -0.127800"])
def test_captions_that_spell_out_places_go(tmp_path: Path, text: str) -> None:
    said = [caption(f"{text} {second}") for second in range(3)]
    path, removed = cleaned(tmp_path, measured(plain("a.mp4"), b"sbtl", CAPTION, said), MP4)
    assert [kind for kind, *_ in shape(path)] == ["video", "audio"]
    assert found_in(path.read_bytes()) == []
    assert removed == ("location", "the program that made it")


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        (plain("a.mp4"), MP4, ("the program that made it",)),
        (put_into(plain("a.mp4"), box(b"udta", box(b"titl", mark("title").encode())), b"moov"), MP4,
         ("title", "the program that made it")),
        (id3(FRAMES, 3) + mp3() + id3v1("x"), MP3, ("date and time", "names of people", "title", "comments")),
        (with_chunks(wav(), after=[info(ICMT="x")]), WAV, ("comments",)),
        (with_chunks(wav(), after=[chunk(b"JUNK", b"\0" * 8)]), WAV, ()),
        (wav(), WAV, ()),
        (mp3(), MP3, ()),
        (id3(b"", 4) + mp3(), MP3, ()),
    ],
    ids=["mp4 of ffmpeg", "mp4 with a title", "mp3", "wav", "wav with filling", "bare wav", "bare mp3", "padding"],
)  # fmt: skip
def test_only_what_was_there_is_said(
    tmp_path: Path, data: bytes, kind: FileKind, says: tuple[str, ...]
) -> None:
    path, removed = cleaned(tmp_path, data, kind)
    assert removed == says
    assert (path.read_bytes() == data) is (not says)


def test_what_is_behind_the_sound_of_a_wav_is_cut_and_its_length_is_true(tmp_path: Path) -> None:
    bare = wav()
    path, _ = cleaned(tmp_path, with_chunks(bare, after=[info(ICMT=mark("comment"))]), WAV)
    assert path.read_bytes() == bare


@pytest.mark.parametrize(
    "name", [name for name, case in TAGGED.items() if case.kind.id in ("mp4", "mov", "m4a")]
)
def test_nothing_in_a_film_moves(tmp_path: Path, name: str) -> None:
    """Places are told from the start of the file: the media must lie where they lay."""
    data = TAGGED[name].make()
    path, _ = cleaned(tmp_path, data, TAGGED[name].kind)
    kept = path.read_bytes()
    assert place_of(kept, b"mdat") == place_of(data, b"mdat")
    assert place_of(kept, b"moov") == place_of(data, b"moov")
    assert len(kept) == len(data) or name == "mp4 with something behind it"


def _large(path: Path, head: bytes, length: int, tail: bytes) -> None:
    """A file with a hole in it: it takes no room on the disk."""
    with path.open("wb") as file:
        file.write(head)
        file.seek(length, 1)
        file.write(tail)


def test_large_files_cost_no_memory(tmp_path: Path) -> None:
    much, sound = 400_000_000, wav()
    at = sound.index(b"data")
    path = tmp_path / "large"
    for kind, head, tail in (
        (WAV, sound[:at] + struct.pack("<4sI", b"data", much), info(ICMT=mark("comment"))),
        (
            MP4,
            plain("a.mp4") + struct.pack(">I4s", much + 28, b"free"),
            mark("hand").encode()[:10].rjust(20, b"x"),
        ),
    ):
        _large(path, head, much, tail)
        tracemalloc.start()
        assert clean_recording(path, kind)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4_000_000
        with path.open("rb") as file:
            file.seek(-min(path.stat().st_size, 4096), 2)
            assert found_in(file.read()) == []


def test_a_cleaned_film_is_as_good_as_one_without_a_word(tmp_path: Path) -> None:
    path, _ = cleaned(tmp_path, TAGGED["mov of an iPhone"].make(), TAGGED["mov of an iPhone"].kind)
    bare = tmp_path / "bare.mov"
    bare.write_bytes(plain("a.mov"))
    assert packets(path) == packets(bare)
    assert shape(path) == shape(bare)
    assert tags(path) == {}
