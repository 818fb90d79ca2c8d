"""The rules of portfolio/static/care.js, read a second time in Python: to measure them, and to hold both together."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from portfolio.care.data import PHRASES

FOLDER = Path(__file__).parent / "set"
QUOTED = re.compile(r"[“\"][^”\"]{0,400}[”\"]|‘[^’]{0,400}’(?![a-z])")
LONGEST = 60
ENDS = re.compile(r"[.!?;\n]+(?:\s+|$)")


@cache
def rules() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(PHRASES.read_text(encoding="utf-8"))
    return loaded


@cache
def pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{([a-z]+)\}", lambda found: rules()["parts"][found[1]], text))


def signs(text: str) -> list[str]:
    """The kinds of what the text seems to tell: "now", "self", both or nothing."""
    found: list[str] = []
    whole = plain(text)
    is_account = any(pattern(each).search(whole) for each in rules()["acts"])
    for one in pieces(text):
        sentence = plain(one)
        quiet = any(pattern(each).search(sentence) for each in rules()["settled"])
        spoken = plain(QUOTED.sub(" ", one))
        for cue in rules()["cues"]:
            looked_at = spoken if cue["kind"] == "self" else sentence
            if quiet and cue["kind"] == "now" and not cue.get("always"):
                continue
            if cue.get("weak") and is_account:
                continue
            if pattern(cue["find"]).search(looked_at) and pattern(cue.get("and", "")).search(looked_at):
                found.append(cue["kind"])
    return sorted(set(found))


def pieces(text: str) -> list[str]:
    """Sentence by sentence; what goes on without an end is read sixty words at a time."""
    cut: list[str] = []
    for one in ENDS.split(text):
        words = one.split()
        cut += [" ".join(words[at : at + LONGEST]) for at in range(0, len(words), LONGEST)]
    return cut


def plain(text: str) -> str:
    """In one writing: small letters, straight apostrophes, and what is often typed in haste as it should be."""
    spelling: dict[str, str] = rules()["spelling"]
    words = " ".join(text.replace("’", "'").replace("‘", "'").lower().split())
    return re.sub(r"[a-z0-9'-]+", lambda found: spelling.get(found[0], found[0]), words)


def the_set() -> list[tuple[str, str, str]]:
    """(half, what it is, text)."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for kind, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            found += [(path.stem, kind, text) for text in texts]
    return found
