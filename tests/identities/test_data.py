"""The data that both engines share: only what means the same in both, and nothing that takes long."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from portfolio.identities import data
from portfolio.identities.filling import fill, lead
from portfolio.identities.rules import Known, find

STATIC = Path(data.__file__).parent.parent / "static"
WIDEST = 240
"""Characters that one pattern may take."""


def every_pattern() -> list[str]:
    loose = [data.patterns()[name] for name in ("car", "birth", "adults", "children", "camera")]
    return [lead(each) + fill(each["find"]) for each in data.patterns()["shapes"]] + loose


@pytest.mark.parametrize("pattern", every_pattern())
def test_patterns_use_what_means_the_same_in_both_engines(pattern: str) -> None:
    """No class of characters that Python and JavaScript see differently, nothing that older Safari lacks, no end of
    text, which Python also sees before a last line break."""
    assert not re.search(
        r"\\[bBwWdDsSAZpP]|\(\?<|\(\?P|\(\?i|[*+](?!\])(?<!\\\+)(?<!\[\*)|[$^](?![^\[]*\])",
        strip_classes(pattern),
    ), pattern


def strip_classes(pattern: str) -> str:
    """Without escaped signs and without [classes], in which * and + are themselves."""
    return re.sub(r"\[[^\]]*\]", "C", re.sub(r"\\[.+()\[\]*?-]", "E", pattern))


@pytest.mark.parametrize("pattern", every_pattern())
def test_no_pattern_can_take_long(pattern: str) -> None:
    """Every repetition has an end, and one inside another is of a few characters: the steps from one place of a text
    are bounded, whatever the text."""
    tree = _parser.parse(pattern)
    assert tree.getwidth()[1] <= WIDEST
    for outer, inner in nested(tree, 0):
        assert outer <= 15 or inner <= 3, pattern
        assert inner <= 31, pattern


def nested(tree: Any, outer: int) -> Iterator[tuple[int, int]]:
    """Each repetition inside another, with how often each may go round."""
    for operation, argument in tree:
        if str(operation) in ("MAX_REPEAT", "MIN_REPEAT"):
            if outer > 1:
                yield outer, int(argument[1])
            yield from nested(argument[2], max(outer, int(argument[1])))
        elif str(operation) == "SUBPATTERN":
            yield from nested(argument[-1], outer)
        elif str(operation) == "BRANCH":
            for branch in argument[1]:
                yield from nested(branch, outer)


@pytest.mark.parametrize(
    "part",
    [
        "1",
        "1 ",
        "1-",
        "a",
        "A",
        "Aa ",
        "a@",
        "a.",
        "nhs ",
        "born ",
        "d.o.b.",
        "Mr ",
        "St ",
        "ref no ",
        '"(',
        "1a",
    ],
)
def test_a_long_text_of_one_thing_is_read_to_its_end(part: str) -> None:
    text = part * (20_000 // len(part))
    assert all(found.end <= len(text) for found in find(text, Known()))


def test_lists_are_plain_small_and_without_doubles() -> None:
    for name in data.LISTS:
        raw = (Path(data.__file__).parent / "words" / f"{name}.txt").read_text().split()
        assert raw == sorted(set(raw)), name
        assert all(re.fullmatch("[a-z][a-z'-]*", word) for word in raw), name


def test_first_names_are_of_many_origins() -> None:
    first = set(data.words("first"))
    assert len(first) > 2000
    assert {
        "jayden",
        "aisha",
        "arjun",
        "kwame",
        "tendai",
        "yonas",
        "kasia",
        "mihai",
        "mehmet",
        "erjon",
    } <= first
    assert {"olena", "linh", "kemar", "aoife", "angharad", "pablo", "hodan", "gurpreet"} <= first


def test_the_page_gets_the_same_words() -> None:
    sent = json.loads(data.for_the_page())
    for name, flag in data.LISTS.items():
        assert tuple(unpacked(sent["words"][flag])) == data.words(name)


def unpacked(packed: str) -> Iterator[str]:
    before = ""
    for part in re.findall("[A-Z][^A-Z]*", packed):
        before = before[: ord(part[0]) - 65] + part[1:]
        yield before


def test_rules_and_script_together_are_small() -> None:
    sizes = [
        len(gzip.compress(body, 9, mtime=0))
        for body in (data.for_the_page(), (STATIC / "identities.js").read_bytes())
    ]
    assert sum(sizes) <= 25 * 1024, sizes
