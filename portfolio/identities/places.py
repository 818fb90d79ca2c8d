"""Names of schools, homes and other places: words with capitals before a word such as "School" or "Lodge"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from portfolio.identities.data import patterns
from portfolio.identities.lists import listed
from portfolio.identities.tokens import LONGEST_NAME, Found, Word


@cache
def place_words() -> dict[tuple[str, ...], str]:
    """The words that end the name of a place, longest first, and what to write instead."""
    pairs = [
        (tuple(words.split(" ")), offer)
        for offer, text in patterns()["places"].items()
        for words in text.split("|")
    ]
    return dict(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0])))


@cache
def last_place_words() -> frozenset[str]:
    return frozenset(ending[-1] for ending in place_words())


def places(words: Sequence[Word]) -> list[Found]:
    """ "Oakfield High School", "St Cuthbert's Academy", "Sycamore Lodge", and "St Mary's" alone."""
    found: list[Found] = []
    for i, word in enumerate(words):
        if (
            i > 0
            and word.owner
            and words[i - 1].low == "st"
            and word.gap in (" ", ". ")
            and word.low != "john"
        ):
            found.append(("place", words[i - 1].start, word.end + 2))
        if word.low not in last_place_words():
            continue
        ending = next((each for each in place_words() if matches(words, i, each)), None)
        if ending is None:
            continue
        start = start_of_place(words, i - len(ending) + 1, " ".join(ending))
        if start is not None:
            found.append(("place", words[start].start, word.end))
    return found


def matches(words: Sequence[Word], i: int, ending: tuple[str, ...]) -> bool:
    first = i - len(ending) + 1
    if first < 1:
        return False
    return all(
        whole(words[first + n]) == part and words[first + n].joined_or_owner(words[first + n - 1])
        for n, part in enumerate(ending)
    )


def whole(word: Word) -> str:
    return word.low + "'s" if word.owner else word.low


def start_of_place(words: Sequence[Word], ending: int, what: str) -> int | None:
    """Back over the words with capitals before the ending; there must be one that is none of the ordinary words."""
    before = words[ending - 1]
    saint = ending > 1 and words[ending - 2].low in ("st", "saint") and before.gap in (" ", ". ")
    if saint and (words[ending].capital or before.owner or before.low.endswith("s")):
        return ending - 2
    if not words[ending].capital:
        return ending - 1 if is_small_place(before, what) else None
    first = ending
    while first > 0 and ending - first < LONGEST_NAME and belongs(words, first):
        first -= 1
    while first < ending and is_generic(words[first]):
        first += 1
    if first < ending:
        return first - 1 if first > 0 and words[first - 1].low in ("st", "saint") else first
    hinted = (
        ending > 1 and before.capital and before.low in listed("place_hints") and words[ending - 2].capital
    )
    hinted = hinted and before.joined and what not in ("house", "court", "hall", "unit", "ward")
    return ending - 2 if hinted and words[ending - 2].low not in ("the", "a", "our", "my") else None


def is_small_place(before: Word, what: str) -> bool:
    """ "oakfield primary school": a word in no list, and not one that says what sort of school it is."""
    plain = before.low in listed("plain_before_place") or before.low.endswith(tuple(listed("plain_endings")))
    known = before.has("OWDIS") or plain or len(before.low) < 5
    return what in patterns()["plain_places"].split("|") and not known


def belongs(words: Sequence[Word], first: int) -> bool:
    before = words[first - 1]
    if not words[first].joined_or_owner(before):
        return False
    return before.capital or (before.low in ("of", "and") and first > 1 and words[first - 2].capital)


def is_generic(word: Word) -> bool:
    return (
        not word.capital
        or word.low in listed("generic_places")
        or (word.flags == "O" and word.low != "st")
        or word.has("I")
    )
