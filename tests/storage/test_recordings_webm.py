"""WebM of browsers: lengths left open, blocks cut, tracks that nobody sees, check sums, fillings."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from storage import ebml
from storage.checks import detect
from storage.kinds import WEBM
from storage.patches import Plan
from storage.recordings import clean_recording
from tests.storage.corpus_files import element
from tests.storage.media import VP8, complaints, packets, tags
from tests.storage.media_corpus import TAGGED, film
from tests.storage.media_marks import found_in, mark

INFO = 0x1549A966


def parts(path: Path) -> list[tuple[int, bytes]]:
    """Id and content of what stands in the segment."""
    with path.open("rb") as file:
        plan = Plan(file, path.stat().st_size)
        head = ebml.element_at(plan, 0, plan.size)
        segment = ebml.element_at(plan, head.end, plan.size)
        return [
            (one.id, plan.read(one.start, one.end - one.start))
            for one in ebml.elements(plan, segment.start, segment.end)
        ]


def recorded(folder: Path, *, cut: int = 0, front: bytes = b"", tail: bytes = b"") -> bytes:
    """As a browser's MediaRecorder writes it: neither segment nor clusters know their length."""
    path = folder / "of ffmpeg.webm"
    path.write_bytes(film("a.webm", "-cluster_time_limit", "300", codecs=VP8))
    told = element(0x2AD7B1, b"\x0f\x42\x40") + element(0x4D80, mark("program").encode())
    told += element(0x5741, mark("program").encode()) + element(0x7BA9, mark("title").encode())
    told += element(0x4461, bytes(7) + b"\x09")
    found = dict(parts(path))
    clusters = b"".join(
        element(one, content, open_ended=True) for one, content in parts(path) if one == 0x1F43B675
    )
    body = front + element(INFO, told) + element(0x1654AE6B, found[0x1654AE6B]) + clusters
    head = element(0x1A45DFA3, element(0x4286, b"\1") + element(0x4282, b"webm"))
    whole = head + element(0x18538067, body + tail, open_ended=True)
    return whole[: len(whole) - cut]


@pytest.mark.parametrize("cut", [0, 7, 40])
def test_a_recording_of_a_browser_is_cleaned_even_when_it_was_cut(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "recorded.webm"
    path.write_bytes(recorded(tmp_path, cut=cut))
    assert path.read_bytes().count(b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7) > 2
    assert detect(path, path.name) is WEBM
    before = packets(path)
    assert found_in(path.read_bytes())
    removed = clean_recording(path, WEBM)
    assert removed == ("date and time", "title", "the program that made it")
    assert found_in(path.read_bytes()) == []
    assert packets(path) == before != []
    assert tags(path) == {}
    assert cut or complaints(path) == ""
    assert clean_recording(path, WEBM) == ()


def test_tags_behind_open_clusters_are_found(tmp_path: Path) -> None:
    simple = element(0x67C8, element(0x45A3, b"ARTIST") + element(0x4487, mark("artist").encode()))
    path = tmp_path / "recorded.webm"
    path.write_bytes(recorded(tmp_path, tail=element(0x1254C367, element(0x7373, simple))))
    before = packets(path)
    assert "names of people" in clean_recording(path, WEBM)
    assert found_in(path.read_bytes()) == []
    assert packets(path) == before


def test_a_track_that_nobody_sees_or_hears_goes_with_its_blocks(tmp_path: Path) -> None:
    path = tmp_path / "x.webm"
    data = film("a.webm", codecs=VP8)
    path.write_bytes(data)
    picture = _bytes_of(path, "0")
    assert data.count(b"\x83\x81\x02") == 1
    path.write_bytes(data.replace(b"\x83\x81\x02", b"\x83\x81\x21"))
    clean_recording(path, WEBM)
    assert [line.split(",")[0] for line in packets(path)] == ["0"] * len(picture)
    assert _bytes_of(path, "0") == picture
    blocks = [content for one, content in parts(path) if one == 0x1F43B675]
    assert not any(_of_track(content, 2) for content in blocks)
    assert any(_of_track(content, 1) for content in blocks)


def _bytes_of(path: Path, stream: str) -> list[str]:
    """Lengths and hashes of one track: the clock may begin with another track."""
    return [line.split(",", 4)[4] for line in packets(path) if line.startswith(f"{stream},")]


def _of_track(cluster: bytes, number: int) -> bool:
    at = 0
    while at < len(cluster):
        kind, width = cluster[at], 9 - cluster[at + 1].bit_length()
        length = int.from_bytes(cluster[at + 1 : at + 1 + width], "big") & ((1 << 7 * width) - 1)
        if kind == 0xA3 and cluster[at + 1 + width] == 0x80 | number:
            return True
        at += 1 + width + length
    return False


def test_check_sums_stay_true_or_go(tmp_path: Path) -> None:
    path = tmp_path / "x.webm"
    path.write_bytes(TAGGED["webm with attachments and chapters"].make())
    summed = [content for _, content in parts(path) if content[:2] == b"\xbf\x84"]
    assert len(summed) >= 3
    clean_recording(path, WEBM)
    left = [content for _, content in parts(path) if content[:2] == b"\xbf\x84"]
    assert all(int.from_bytes(one[2:6], "little") == zlib.crc32(one[6:]) for one in left)
    assert len(left) < len(summed)


@pytest.mark.parametrize("length", [1, 2, 125, 126, 127, 128, 129, 300, 20_000])
def test_what_goes_leaves_a_void_of_its_length(tmp_path: Path, length: int) -> None:
    path = tmp_path / "x.webm"
    data = recorded(tmp_path, front=element(0x1043A770, mark("hand").encode().ljust(length, b"x")[:length]))
    short = bytes([0x10, 0x43, 0xA7, 0x70, 0x80 | length]) if length < 127 else b""
    if short:  # the same with the shortest length there is
        at = data.rindex(b"\x10\x43\xa7\x70")
        data = data[:at] + short + data[at + 12 :]
    path.write_bytes(data)
    clean_recording(path, WEBM)
    assert path.stat().st_size == len(data)
    kind, content = parts(path)[0]
    assert (kind, content.strip(b"\0")) == (0xEC, b"")


def test_a_void_that_is_not_empty_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "x.webm"
    path.write_bytes(recorded(tmp_path, tail=element(0xEC, mark("hand").encode())))
    assert "other hidden details" in clean_recording(path, WEBM)
    assert found_in(path.read_bytes()) == []


def test_no_word_for_what_was_not_there(tmp_path: Path) -> None:
    path = tmp_path / "x.webm"
    path.write_bytes(TAGGED["webm"].make())
    clean_recording(path, WEBM)
    again = tmp_path / "again.webm"
    again.write_bytes(path.read_bytes())
    assert clean_recording(again, WEBM) == ()
