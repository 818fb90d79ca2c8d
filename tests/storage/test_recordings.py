"""Recordings on arrival: nothing about places, people and devices stays, and every frame is what it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storage.checks import detect
from storage.kinds import PDF
from storage.metadata import IN_ORDER
from storage.recordings import clean_recording
from tests.storage.media import complaints, decoded, packets, shape, tags
from tests.storage.media_corpus import TAGGED, Case
from tests.storage.media_marks import found_in

EVERY = pytest.mark.parametrize("case", TAGGED.values(), ids=TAGGED)


def written(folder: Path, case: Case, name: str = "came") -> Path:
    path = folder / f"{name}.{case.kind.extensions[0]}"
    path.write_bytes(case.make())
    return path


@EVERY
def test_no_trace_is_left_and_it_plays_as_before(tmp_path: Path, case: Case) -> None:
    before, after = written(tmp_path, case), written(tmp_path, case, "kept")
    assert detect(after, after.name) is case.kind
    assert found_in(after.read_bytes())
    removed = clean_recording(after, case.kind)
    assert case.says <= set(removed)
    assert list(removed) == [word for word in IN_ORDER if word in removed]
    assert found_in(after.read_bytes()) == []
    assert tags(after) == {}
    assert detect(after, after.name) is case.kind
    if case.heard is not None:
        before.write_bytes(case.heard())
    assert shape(after) == shape(before)  # which way is up, and when each track begins
    assert case.in_between or packets(after) == packets(before)
    assert decoded(after) == decoded(before)
    assert complaints(after) == complaints(before) == ""


@EVERY
def test_what_is_clean_is_left_alone(tmp_path: Path, case: Case) -> None:
    path = written(tmp_path, case)
    clean_recording(path, case.kind)
    once = path.read_bytes()
    assert clean_recording(path, case.kind) == ()
    assert path.read_bytes() == once


def test_a_film_that_was_turned_is_still_turned(tmp_path: Path) -> None:
    path = written(tmp_path, TAGGED["mp4 turned"])
    clean_recording(path, TAGGED["mp4 turned"].kind)
    assert re.search(r"'rotation': -?90", str(shape(path)))


def test_only_recordings_are_cleaned_here(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PDF document is not a recording"):
        clean_recording(tmp_path / "x", PDF)


def test_there_are_many_ways_to_say_too_much() -> None:
    assert len(TAGGED) >= 30
