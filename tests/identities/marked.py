"""The texts of the set: ⟦kind:words⟧ marks a planted identifier, and is taken off before the check reads the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from portfolio.identities.rules import Finding, Known, find, find_in_name

FOLDER = Path(__file__).parent / "set"
MARK = re.compile("⟦([a-z]+):([^⟧]+)⟧")
DIGITS_ONLY = ("nhs", "ni", "upn", "phone", "birth", "reference")
"""Kinds of which every digit must be covered by a finding; of the others every letter as well."""


@dataclass(frozen=True)
class Planted:
    kind: str
    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Marked:
    """One text without its marks, and what was marked in it. `half` is "develop" or "held"."""

    half: str
    file: str
    text: str
    planted: tuple[Planted, ...]
    known: Known
    is_file_name: bool

    def findings(self) -> list[Finding]:
        return find_in_name(self.text, self.known) if self.is_file_name else find(self.text, self.known)


def the_set() -> list[Marked]:
    return [text for path in sorted(FOLDER.glob("*.yaml")) for text in texts_of(path)]


def texts_of(path: Path) -> Iterator[Marked]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = Known(tuple(loaded["known"]), tuple(loaded.get("words", ())))
    half = path.name.split("-")[0]
    for name, is_file_name in (("texts", False), ("file_names", True)):
        for raw in loaded.get(name, ()):
            text, planted = unmarked(raw)
            yield Marked(half, path.name, text, planted, known, is_file_name)


def unmarked(raw: str) -> tuple[str, tuple[Planted, ...]]:
    parts: list[str] = []
    planted: list[Planted] = []
    length = position = 0
    for mark in MARK.finditer(raw):
        parts.append(raw[position : mark.start()])
        length += mark.start() - position
        planted.append(Planted(mark.group(1), length, length + len(mark.group(2)), mark.group(2)))
        parts.append(mark.group(2))
        length += len(mark.group(2))
        position = mark.end()
    parts.append(raw[position:])
    text = "".join(parts)
    assert "⟦" not in text, raw
    assert "⟧" not in text, raw
    return text, tuple(planted)


def is_found(planted: Planted, findings: list[Finding]) -> bool:
    """Nothing of it would be left if every offer were taken."""
    counts = str.isdigit if planted.kind in DIGITS_ONLY else str.isalnum
    return all(
        any(f.start <= planted.start + i < f.end for f in findings)
        for i, character in enumerate(planted.words)
        if counts(character)
    )


def false_alarms(text: Marked, findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if not any(p.start < f.end and f.start < p.end for p in text.planted)]
