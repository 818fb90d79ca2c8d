"""What in a text may identify somebody, where it stands, and what to put instead. It warns: a text in which nothing
is found may still identify somebody, and not all that is found does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portfolio.identities.data import patterns
from portfolio.identities.folding import lower, plain
from portfolio.identities.labels import Labels, month_of, place_offer
from portfolio.identities.lists import is_letter_or_digit
from portfolio.identities.names import by_name
from portfolio.identities.shapes import by_shape

PRIORITY = (
    "word", "nhs", "ni", "upn", "phone", "email", "birth", "initials", "plate", "postcode", "handle", "reference",
    "address", "place", "colleague", "adult", "name",
)  # fmt: skip
"""Which kind stands, of two that are equally long."""
KINDS = {
    "nhs": "NHS number",
    "ni": "National Insurance number",
    "upn": "unique pupil number",
    "phone": "phone number",
    "email": "email address",
    "postcode": "postcode",
    "address": "address",
    "birth": "date of birth",
    "reference": "case or reference number",
    "plate": "car registration",
    "initials": "initials with a date",
    "handle": "social-media account",
    "name": "name",
    "adult": "name with a title",
    "colleague": "name with the title of a job",
    "place": "name of a school or home",
    "word": "word on the employer’s list",
}


@dataclass(frozen=True)
class Known:
    """`names`: the apprentice and the people around, who may be named here. `words`: the employer's own list, which
    is looked for."""

    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """`words` are those of the text from `start` to before `end`, counted in characters; `offer` is what to write
    instead."""

    kind: str
    start: int
    end: int
    words: str
    offer: str


def find(text: str, known: Known) -> list[Finding]:
    """What may identify somebody, in the order of the text; no two findings overlap."""
    folded = plain(text)
    people = [frozenset(re.findall("[a-z']+", lower(plain(name)))) for name in known.names]
    found = [*by_shape(folded), *by_name(folded, people), *by_words(folded, known.words)]
    labels = Labels(folded)
    return [
        Finding(kind, start, end, text[start:end], offer(kind, folded[start:end], labels))
        for kind, start, end in without_overlaps(found)
    ]


def by_words(folded: str, words: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    low = lower(folded)
    for word in words:
        wanted = lower(plain(word)).strip(" ")
        position = low.find(wanted) if wanted else -1
        while position >= 0:
            end = position + len(wanted)
            beside = low[max(0, position - 1) : position] + low[end : end + 1]
            if not any(is_letter_or_digit(c) for c in beside):
                yield "word", position, end
            position = low.find(wanted, position + 1)


def without_overlaps(found: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """The longest first; of two as long, the one that comes first in PRIORITY."""
    kept: list[tuple[str, int, int]] = []
    taken: set[int] = set()
    for each in sorted(found, key=lambda one: (one[1] - one[2], PRIORITY.index(one[0]), one[1])):
        if not any(position in taken for position in (each[1], each[2] - 1)):
            kept.append(each)
            taken.update(range(each[1], each[2]))
    return sorted(kept, key=lambda one: one[1])


def offer(kind: str, words: str, labels: Labels) -> str:
    """What to write instead: a label for a person, a month for a date, a plain word for the rest."""
    if kind in ("name", "adult"):
        return labels.label(words, kind)
    if kind == "place":
        return place_offer(words)
    if kind in ("birth", "initials"):
        return month_of(words) or str(patterns()["offers"][kind])
    return str(patterns()["offers"][kind])


def find_in_name(name: str, known: Known) -> list[Finding]:
    """The same for the name of a file: underscores and capitals part words, the ending is no word."""
    kept, places = spread(name)
    return [
        Finding(
            f.kind,
            places[f.start],
            places[f.end - 1] + 1,
            name[places[f.start] : places[f.end - 1] + 1],
            f.offer,
        )
        for f in find(kept, known)
    ]


def spread(name: str) -> tuple[str, list[int]]:
    """The name with a space where a word ends, and the place in the name of each character of it."""
    stem = re.sub("\\.[A-Za-z0-9]{1,5}$", "", name)
    stem = re.sub(patterns()["camera"], lambda taken: "_" * len(taken.group(0)), stem)
    characters: list[str] = []
    places: list[int] = []
    for i, character in enumerate(stem):
        before, after = stem[max(0, i - 1) : i], stem[i + 1 : i + 2]
        if parts_words(stem, i, before, character):
            characters.append(" ")
            places.append(i)
        dash = character == "-" and is_letter(before) and is_letter(after)
        characters.append(" " if character == "_" or dash else character)
        places.append(i)
    return "".join(characters), places


def parts_words(stem: str, i: int, before: str, character: str) -> bool:
    """aB, and abc1: but not AB1, which may be a postcode or a number plate."""
    small = "a" <= before <= "z"
    if small and "A" <= character <= "Z":
        return True
    return (
        small
        and "0" <= character <= "9"
        and re.search("[a-z]{3}$", lower(stem[max(0, i - 3) : i])) is not None
    )


def is_letter(character: str) -> bool:
    return "A" <= character <= "Z" or "a" <= character <= "z"
