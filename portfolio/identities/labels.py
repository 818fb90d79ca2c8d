"""What to write instead: "Child A" for a name, the month for a date, "the school" for its name."""

from __future__ import annotations

import re
from functools import cache

from portfolio.identities.data import patterns
from portfolio.identities.folding import lower

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Labels:
    """Labels for one text: the same name has the same one, and none that the text uses already is given again."""

    def __init__(self, plain: str) -> None:
        low = lower(plain)
        self.used = set(
            re.findall("(?:Child|Adult|Person|Resident|Tenant|Patient) ([A-Z])(?![A-Za-z0-9])", plain)
        )
        self.given: dict[str, str] = {}
        children = len(re.findall(f"(?:^|[^a-z]){patterns()['children']}(?![a-z])", low))
        adults = len(re.findall(f"(?:^|[^a-z]){patterns()['adults']}(?![a-z])", low))
        self.usual = "Adult" if adults > children else "Child"

    def label(self, words: str, kind: str) -> str:
        """The label of this name: its first word decides, so "Kyle Stott" is later "Kyle"; a title with a name is
        somebody of its own."""
        parts = re.findall("[a-z']+", lower(words))
        key = " ".join(parts) if kind == "adult" else parts[0] if parts else lower(words)
        if key not in self.given:
            self.given[key] = f"{'Adult' if kind == 'adult' else self.usual} {self.next_letter()}"
        return self.given[key]

    def next_letter(self) -> str:
        free = next((letter for letter in ALPHABET if letter not in self.used), "")
        letter = free or str(len(self.used) + 1)
        self.used.add(letter)
        return letter


def month_of(words: str) -> str:
    """ "March 2011" of "14/03/2011", "14 March 2011" or "2011-03-14"; the month alone without a year; or nothing."""
    low = lower(words)
    named = re.search("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", low)
    numbers = re.findall("[0-9]{1,4}", low)
    year = next((n for n in numbers if len(n) == 4), "")
    if named:
        month = next(each for each in MONTHS if lower(each).startswith(named.group(0)))
        return f"{month} {year}".strip(" ")
    if len(numbers) < 2 or not 1 <= int(numbers[1]) <= 12:
        return ""
    return f"{MONTHS[int(numbers[1]) - 1]} {year}".strip(" ")


@cache
def endings() -> tuple[tuple[str, str], ...]:
    """Endings of names of places, longest first, with their offer."""
    pairs = [(word, offer) for offer, text in patterns()["places"].items() for word in text.split("|")]
    return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0])))


def place_offer(words: str) -> str:
    low = lower(words)
    return next((offer for ending, offer in endings() if low.endswith(ending)), "the setting")
