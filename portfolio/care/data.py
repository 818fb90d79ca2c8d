"""What a text may say when something is happening now: data for the page, where alone it is read (static/care.js)."""

from __future__ import annotations

import json
from pathlib import Path

PHRASES = Path(__file__).parent / "phrases.json"


def for_the_page() -> bytes:
    """The rules as a script of their own: they come with the page's other help, so that they work without signal."""
    rules = json.loads(PHRASES.read_text(encoding="utf-8"))
    return b'"use strict";\nconst CARE_RULES = ' + json.dumps(rules, separators=(",", ":")).encode() + b";\n"
