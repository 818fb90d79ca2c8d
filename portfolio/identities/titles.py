"""Titles with names: "Mrs Okafor", "Sister Agnes", "Mr and Mrs Khan"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from portfolio.identities.around import DIGITS, goes_on, is_particle
from portfolio.identities.data import patterns
from portfolio.identities.lists import listed
from portfolio.identities.tokens import LONGEST_NAME, Found, Word


@cache
def titles() -> dict[str, str]:
    """The kind of each title."""
    return {word: kind for kind, text in patterns()["titles"].items() for word in text.split()}


@cache
def all_titles() -> frozenset[str]:
    return frozenset(titles())


def titled(words: Sequence[Word]) -> list[Found]:
    found: list[Found] = []
    for i, word in enumerate(words[:-1]):
        kind = titles().get(word.low)
        if kind is None or word.owner or not follows(words[i + 1]) or not is_titled(word, words[i + 1]):
            continue
        last = i + 1
        while last < i + LONGEST_NAME and last + 1 < len(words):
            if goes_on(words, last + 1) or is_after_initial(words, last + 1):
                last += 1
            elif is_particle(words, last + 1):
                last += 2
            else:
                break
        found.append((kind, words[pair(words, i)].start, words[last].end))
    return found


def pair(words: Sequence[Word], i: int) -> int:
    """ "Mr and Mrs Khan" begins at "Mr"."""
    if i > 1 and words[i - 1].low == "and" and words[i].joined and words[i - 2].low in all_titles():
        return i - 2
    return i - 1 if i > 0 and words[i].gap == " & " and words[i - 1].low in all_titles() else i


def is_after_initial(words: Sequence[Word], i: int) -> bool:
    """ "mrs j akhtar"."""
    before, word = words[i - 1], words[i]
    return (
        before.has("I") and not before.capital and word.joined and not word.capital and not word.has("OWSI")
    )


def follows(word: Word) -> bool:
    return word.gap in (" ", "  ", ".", ". ", "")


def is_titled(title: Word, name: Word) -> bool:
    """Short titles take any word with a capital; "Sister" and the like take one that is a name or in no list."""
    short = title.low in listed("short_titles")
    if name.capital:
        if name.has("I"):
            return short and name.low != "i"
        if name.flags in ("O", "S") and (not short or title.low in listed("strict_titles")):
            return False
        return short or title.capital or name.has("FL")
    if title.low in listed("plain_titles") and title.gap[-2:-1] not in DIGITS:
        return name.low not in ("i", "a") if name.has("I") else not name.has("OWS") and len(name.low) > 2
    if titles()[title.low] == "adult" and name.has("D") and not short:
        return len(name.low) > 2
    return (name.has("F") and len(name.low) > 2) or (short and name.has("L"))
