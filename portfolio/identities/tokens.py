"""The words of a text, each with what the rules about names ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from portfolio.identities.data import LISTS, words
from portfolio.identities.folding import lower
from portfolio.identities.lists import listed

Found = tuple[str, int, int]
"""Kind, start and end."""
LONGEST_NAME = 4
"""Words in one name."""
WORD = re.compile("[A-Za-z\u0300-\u036f]+(?:['-][A-Za-z\u0300-\u036f]+)*")
DIGITS = "0123456789_"
MARKS = re.compile("[\u0300-\u036f]")
SMALL_WORDS = frozenset(
    (
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    )
)


@dataclass(slots=True)
class Word:
    """`low` is the word in small letters without 's. `flags` are the lists it stands in (see data.LISTS), or U for
    in none, or I for a single letter, or S for a plural or an ending that names seldom have. `begins` says that a sentence begins here, `joined` that only a space
    parts it from the word before, `gap` what parts it, `heading` that its line is a heading, `mixed` that it has
    capitals and small letters as names of programs have them."""

    start: int
    end: int
    low: str
    capital: bool
    capitals: bool
    owner: bool
    begins: bool
    joined: bool
    gap: str
    heading: bool
    mixed: bool
    flags: str

    def joined_or_owner(self, before: Word) -> bool:
        """A space and nothing else, also after 's."""
        return self.joined or (before.owner and self.gap in (" ", "  ")) or self.gap == "' "

    def has(self, flags: str) -> bool:
        return any(flag in self.flags for flag in flags)


@cache
def ordinary_ends() -> tuple[str, ...]:
    return tuple(sorted(listed("ordinary_ends")))


@cache
def flags_by_word() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, flag in LISTS.items():
        for word in words(name):
            found[word] = found.get(word, "") + flag
    return found


@lru_cache(maxsize=8192)
def flags_of(low: str, capitals: bool) -> str:
    """The lists of a word; of a double name those of its parts."""
    if len(low) == 1:
        return "I"
    known = flags_by_word()
    if low in known:
        found = known[low]
        return "O" if capitals and len(low) < 4 and "L" not in found else found
    if capitals and len(low) < 7:
        return "O"
    if "-" in low:
        parts = [flags_of(part, False) for part in low.split("-")]
        if "F" in parts[0] or "D" in parts[0]:
            return parts[0]
        return (
            "L"
            if any("L" in part for part in parts)
            else ("O" if any("O" in part for part in parts) else "U")
        )
    one = known.get(low[:-1], "") if low.endswith("s") else ""
    if re.match("(?:mc|o'|d')[a-z]{3}", low) or "L" in one:
        return "L"
    return "S" if "O" in one or (len(low) > 6 and low.endswith(ordinary_ends())) else "U"


def words_of(plain: str, hidden: list[tuple[int, int]]) -> list[Word]:
    """Every word but those that touch a digit and those inside a place that is hidden."""
    headings = list(headings_of(plain))
    found: list[Word] = []
    before = 0
    for match in WORD.finditer(plain):
        start, end = match.span()
        gap, before_word = plain[before:start], plain[start - 1 : start]
        before = end
        if touches_digit(plain, start, end) or (hidden and any(a < end and start < b for a, b in hidden)):
            continue
        typed = match.group(0) if match.group(0).isascii() else MARKS.sub("", match.group(0))
        owner = typed[-2:] in ("'s", "'S")
        if owner:
            typed, end = typed[:-2], end - 2
        low = typed.lower()
        capitals = len(typed) > 1 and typed.isupper()
        found.append(
            Word(
                start,
                end,
                low,
                has_capital_first(typed)
                or ("'" in typed and re.match("[a-z]{1,2}'[A-Z]", typed) is not None),
                capitals,
                owner,
                (begins_sentence(plain, start) or before_word == '"')
                and not (gap == ". " and bool(found) and found[-1].flags == "I" and found[-1].capital),
                gap in (" ", "  ") and bool(found) and not found[-1].owner,
                gap,
                bool(headings) and any(a <= start < b for a, b in headings),
                typed != low and is_mixed(typed, capitals),
                "O" if typed != low and is_plural_of_letters(typed) else flags_of(low, capitals),
            )
        )
    return found


def is_mixed(typed: str, capitals: bool) -> bool:
    """A capital after a small letter: "PostgreSQL", but not "McKenzie"."""
    return (
        not capitals and re.search("[a-z][A-Z]", re.sub("^(?:Mc|Mac|Fitz|De|La|Le)", "", typed)) is not None
    )


def is_plural_of_letters(typed: str) -> bool:
    """ "KSBs"."""
    return re.fullmatch("[A-Z]{2,6}s", typed) is not None


def touches_digit(plain: str, start: int, end: int) -> bool:
    before, after = plain[start - 1] if start else " ", plain[end] if end < len(plain) else " "
    return before in DIGITS or after in DIGITS


def begins_sentence(plain: str, start: int) -> bool:
    """At the start of the text, or after what ends a sentence or a line."""
    position = start - 1
    while position >= 0 and plain[position] in " \"'([*-":
        position -= 1
    return position < 0 or plain[position] in ".!?:\n"


def headings_of(plain: str) -> Iterator[tuple[int, int]]:
    """Lines of up to 14 words, three of them or more with capitals and none without, but for small words."""
    position = 0
    for line in plain.split("\n"):
        large = small = 0
        for word in re.findall("[A-Za-z'-]+", line):
            if has_capital_first(word):
                large += 1
            elif lower(word) not in SMALL_WORDS:
                small += 1
        if 3 <= large <= 14 and small == 0 and not line.rstrip(" ").endswith((".", "!", "?")):
            yield position, position + len(line)
        position += len(line) + 1


def has_capital_first(word: str) -> bool:
    return "A" <= word[:1] <= "Z"
