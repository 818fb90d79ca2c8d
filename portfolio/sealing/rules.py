"""What stands in the place of words that are sealed or gone."""

from __future__ import annotations

CLOSED = "Closed: being looked at"
"""In the place of a title and of every other text while two people look whether somebody can be recognised."""
REMOVED = "Removed: it identified somebody"
"""In their place for good, once they were purged."""
GONE = "purged/"
"""What the key of an object begins with that was purged: no row names anything in the store by it."""


def is_gone(key: str) -> bool:
    return key.startswith(GONE)
