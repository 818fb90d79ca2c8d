"""The short lists of the data as sets, and whether a character is a letter or a digit in both engines."""

from __future__ import annotations

from functools import cache

from portfolio.identities.data import patterns, words

PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@cache
def listed(name: str) -> frozenset[str]:
    """A short list of the data by its name; of the titles, the titles of every kind."""
    text = patterns()[name]
    return frozenset((" ".join(text.values()) if isinstance(text, dict) else text).split())


@cache
def ordinary() -> frozenset[str]:
    return frozenset(words("ordinary"))


def is_letter_or_digit(character: str) -> bool:
    return character in PLAIN
