"""The patterns of the data as the engines use them: the named parts put in."""

from __future__ import annotations

import re

from portfolio.identities.data import patterns


def lead(each: dict[str, str]) -> str:
    return f"(?:{fill(each['lead'])})" if "lead" in each else ""


def fill(pattern: str) -> str:
    """Puts the named parts in, which may themselves name parts."""
    parts: dict[str, str] = patterns()["parts"]
    while "{" in re.sub(r"\{[0-9,]+\}", "", pattern):
        for name, part in parts.items():
            pattern = pattern.replace("{" + name + "}", part)
    return pattern
