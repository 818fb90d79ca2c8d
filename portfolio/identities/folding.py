"""A text in plain letters, as long as the text itself, so that a place in one is the same place in the other."""

from __future__ import annotations

import unicodedata

LETTERS = {
    "a": "æ",
    "A": "Æ",
    "d": "đð",
    "D": "ĐÐ",
    "e": "ə",
    "E": "Ə",
    "h": "ħ",
    "H": "Ħ",
    "i": "ı",
    "l": "ł",
    "L": "Ł",
    "o": "ø",
    "O": "Ø",
    "s": "ß",
    "t": "ŧ",
    "T": "Ŧ",
    "'": "’‘ʼ´`′",
    '"': "“”„«»",
    "-": "–—‐‑‒−",
    " ": "\u00a0\u2007\u2009\u202f\t",
}
"""What is no plain letter with an accent, and stands for one character all the same."""


KEPT = 0x2000
"""Characters below this are looked up once: all letters with accents, and no more than a text may make us keep."""


class Plain(dict[int, str]):
    """By the number of a character: the letter without its accent, or the character itself."""

    def __missing__(self, code: int) -> str:
        first = unicodedata.normalize("NFD", chr(code))[0]
        found = first if first.isascii() and first.isalpha() else chr(code)
        if code < KEPT:
            self[code] = found
        return found


PLAIN = Plain({ord(letter): plain for plain, letters in LETTERS.items() for letter in letters})
LOWER = {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}


def plain(text: str) -> str:
    """The same text without accents, with straight quotes and one kind of dash and space."""
    return text.translate(PLAIN)


def lower(text: str) -> str:
    """A to Z in small letters and nothing else changed: what both engines mean by it."""
    return text.translate(LOWER)
