"""Finding the right statement: search over codes and words, and suggestions from what somebody wrote.

Both are plain text matching, with nothing learnt and nothing guessed: each suggestion names the words
that led to it, so that a person can judge it.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from kbs.statements import Item, ItemKind, Standard
from kbs.stems import STOP_WORDS, stem, words_of

COMMON_SHARE = 0.2
"""A word in more than this share of a standard's items never leads to a suggestion by itself."""
COMMON_AT_LEAST = 2
"""... but in a small standard a word may stand in this many items without being common."""


@dataclass(frozen=True)
class Suggestion:
    """An item that may fit, and the words of the person's own text that it shares, in their order."""

    item: Item
    matched_words: tuple[str, ...]


@dataclass(frozen=True)
class _Index:
    """The stems of each item in the standard's order, and how much each stem says."""

    stems: tuple[frozenset[str], ...]
    weights: dict[str, float]
    common: frozenset[str]


@lru_cache(maxsize=32)
def _index(standard: Standard) -> _Index:
    stems = tuple(frozenset(_meaningful(item.text)) for item in standard.items)
    found_in = Counter(one for of_item in stems for one in of_item)
    weights = {one: math.log(1 + len(stems) / count) for one, count in found_in.items()}
    limit = max(COMMON_AT_LEAST, COMMON_SHARE * len(stems))
    return _Index(stems, weights, frozenset(one for one, count in found_in.items() if count > limit))


def _meaningful(text: str) -> dict[str, str]:
    """Stem -> the first word with it, stop words left out, in the order of the text."""
    found: dict[str, str] = {}
    for word in words_of(text):
        if word not in STOP_WORDS and len(word) > 1:
            found.setdefault(stem(word), word)
    return found


def suggest(standard: Standard, text: str, limit: int = 6) -> list[Suggestion]:
    """The items that share the most telling words with the text, best first, at most `limit`.

    A word counts the more, the fewer items it stands in. One that stands in many ("safeguarding")
    adds a little, but alone is no reason to suggest anything.
    """
    index = _index(standard)
    written = _meaningful(text)
    ranked: list[tuple[float, int, Suggestion]] = []
    for place, (item, stems) in enumerate(zip(standard.items, index.stems, strict=True)):
        shared = [one for one in written if one in stems]
        if all(one in index.common for one in shared):
            continue
        score = sum(index.weights[one] for one in shared) / math.sqrt(len(stems) + 10)
        ranked.append((-score, place, Suggestion(item, tuple(written[one] for one in shared))))
    return [suggestion for _, _, suggestion in sorted(ranked, key=lambda one: one[:2])[:limit]]


_KIND_WORDS = {
    **{kind.letter.lower(): kind for kind in ItemKind},
    **{kind.value: kind for kind in ItemKind},
    **{kind.plural.lower(): kind for kind in ItemKind},
}
_CODE = re.compile(rf"\b({'|'.join(sorted(_KIND_WORDS, key=len, reverse=True))})\s*0*(\d+)\b")
_BETWEEN_CODES = re.compile(r"[\s,;&/]|\band\b")


def search(standard: Standard, query: str) -> list[Item]:
    """The items a search finds, in the standard's order.

    Codes ("K7", "k 7", "duty 8", "d8, s3") find those items; the name or letter of a kind finds all
    of it; otherwise every word has to begin a word of the item. An empty search finds everything.
    """
    asked = query.casefold().strip()
    codes = {f"{_KIND_WORDS[kind].letter}{number}" for kind, number in _CODE.findall(asked)}
    if codes and not _BETWEEN_CODES.sub("", _CODE.sub("", asked)):
        return [item for item in standard.items if item.code in codes]
    if asked in _KIND_WORDS:
        return list(standard.items_of(_KIND_WORDS[asked]))
    beginnings = list(words_of(asked))
    if asked and not beginnings:
        return []
    return [item for item in standard.items if _begins_all(beginnings, _searchable(item))]


def _searchable(item: Item) -> list[str]:
    return [*words_of(item.text), item.kind.value, item.code.casefold()]


def _begins_all(beginnings: Iterable[str], words: list[str]) -> bool:
    return all(any(word.startswith(beginning) for word in words) for beginning in beginnings)
