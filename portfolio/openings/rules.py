"""The ways to open a file, and the pages that lead to one, in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

WAYS = {
    "file": "Whole file",
    "range": "Played, or read in parts",
    "preview": "Large picture",
    "thumbnail": "Small picture on a page",
}
SMALL = "thumbnail"
"""Comes with the page that shows it; nobody has to ask for it."""

PAGES = {
    "evidence.new": "page for a new piece",
    "evidence.edit": "edit page",
    "evidence.list": "evidence list",
    "evidence.show": "piece",
    "assessment.review": "review page",
    "assessment.piece_decisions": "decisions",
    "feedback.thread": "comments",
    "feedback.testify": "testimony page",
    "slips.show": "report",
    "slips.piece": "report",
}
"""By the name of the route; an address that fits two is the one that comes first."""
DIRECTLY, OTHER_PAGE = "directly", "another page"
HALF_HOUR_SECONDS = 1800


def half_hour(moment: datetime) -> int:
    """Which half hour since 1970."""
    return int(moment.timestamp()) // HALF_HOUR_SECONDS


def page_before(referer: str, host: str, paths: Mapping[str, str]) -> str:
    """The short name of the page that led to a file, by what the browser says of it. `paths`: the address of each
    route with its gaps, by name. Whatever does not come from our own host came directly."""
    try:
        parts = urlsplit(referer)
    except ValueError:
        return DIRECTLY
    if not host or parts.netloc.lower() != host.lower():
        return DIRECTLY
    for name, word in PAGES.items():
        if _pattern(paths[name]).fullmatch(parts.path):
            return word
    return OTHER_PAGE


def came_from(page: str) -> str:
    """How somebody got to a file, from the short name: from the review page; directly."""
    return page if page == DIRECTLY else f"from {page}" if page == OTHER_PAGE else f"from the {page}"


@cache
def _pattern(path: str) -> re.Pattern[str]:
    fixed = (re.escape(part) for part in re.split(r"{[^}]+}", path))
    return re.compile("[^/]+".join(fixed))
