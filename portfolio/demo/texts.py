"""The written part of the demonstration: people, pieces of evidence, what mentors and assessors say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "texts"


@cache
def texts(name: str) -> Any:
    """One of the files: "people", "evidence", "feedback", "training" or "development"."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def pieces() -> list[dict[str, Any]]:
    """The pieces in their order: the first thirty touch every statement and duty at least once."""
    found = texts("evidence")
    return list(found if isinstance(found, list) else found["pieces"])


def line(key: str, number: int) -> str:
    """One of the sentences under `key` of the feedback file, by number, starting over at the end."""
    lines = texts("feedback")[key]
    return str(lines[number % len(lines)])


def missing(code: str, kind: str, number: int) -> str:
    """What is missing, in an assessor's words, for this item or its kind."""
    known = texts("feedback")["what_is_missing"]
    lines = known.get(code) or known.get(kind) or known["any"]
    return str(lines[number % len(lines)])


def remarks(key: str, piece: str, number: int) -> str:
    """A comment that belongs to this piece, or one that fits any."""
    found = texts("feedback")[key]
    own = [entry["text"] for entry in found if entry.get("evidence") == piece]
    fitting = own or [entry["text"] for entry in found if not entry.get("evidence")]
    return str(fitting[number % len(fitting)])


def testimony(piece: str) -> dict[str, str] | None:
    """What a mentor saw of this piece, if one is written."""
    return next((entry for entry in texts("feedback")["testimonies"] if entry["evidence"] == piece), None)
