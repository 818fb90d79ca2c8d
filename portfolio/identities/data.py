"""The patterns, the word lists and the offers, and the one file of them that the page reads."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from portfolio.identities.folding import LETTERS

HERE = Path(__file__).resolve().parent
LISTS = {"first": "F", "doubt": "D", "weak": "W", "last": "L", "ordinary": "O"}
"""Word lists and the letter that each has in the engines: first names; first names that are words as well; first
names that are rather months and places; family names; words that are written with a capital and name nobody."""


@cache
def patterns() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "patterns.json").read_text(encoding="utf-8"))
    return found


@cache
def words(name: str) -> tuple[str, ...]:
    """One of the lists, sorted."""
    return tuple(sorted(set((HERE / "words" / f"{name}.txt").read_text(encoding="utf-8").split())))


def packed(listed: tuple[str, ...]) -> str:
    """Each word as a capital letter, which says how many letters it has in common with the one before, and the rest."""
    parts, before = [], ""
    for word in listed:
        common = 0
        while common < min(len(before), len(word), 25) and before[common] == word[common]:
            common += 1
        parts.append(chr(65 + common) + word[common:])
        before = word
    return "".join(parts)


def for_the_page() -> bytes:
    """What `Identities.find` takes as its rules: about half the size of the lists themselves."""
    whole = {**patterns(), "letters": LETTERS, "words": {LISTS[name]: packed(words(name)) for name in LISTS}}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
