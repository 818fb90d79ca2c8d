"""People who write in one draft on several pages at once, by chance but the same each time: for the tests of what is
never lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from random import Random

from portfolio.evidence.merging import sentences


@dataclass
class Diary:
    """What everybody wrote so far: each sentence is another, and those that somebody took out themselves."""

    chance: Random
    numbers: count[int] = field(default_factory=count)
    given_up: set[str] = field(default_factory=set)

    def new_sentence(self) -> str:
        end = self.chance.choice([".", ".", ".", "!", "?", ""])  # somebody may be in the middle of it
        return (
            f"On day {next(self.numbers)} I {self.chance.choice(['asked', 'listened', 'wrote it down'])}{end}"
        )

    def edited(self, text: str) -> str:
        """The text after one thing was done to it: a sentence more, another, or one less."""
        found = [one.words for one in sentences(text)]
        what = self.chance.choice(["add", "add", "change", "delete"]) if found else "add"
        if what == "add":
            found.insert(self.chance.randint(0, len(found)), self.new_sentence())
        else:
            place = self.chance.randrange(len(found))
            self.given_up.add(found[place])
            found[place : place + 1] = [self.new_sentence()] if what == "change" else []
        return self.written(found)

    def written(self, found: list[str]) -> str:
        """Sentences in a row; a new line now and then, and always after one without an end."""
        parts = [one + (" " if one[-1] in ".!?" and self.chance.random() < 0.8 else "\n") for one in found]
        return "".join(parts).strip()

    def lost(self, shown: str, kept: list[str]) -> set[str]:
        """The sentences of a page that are nowhere among what is kept, though nobody took them out."""
        everywhere = {one.words for text in kept for one in sentences(text)}
        return {one.words for one in sentences(shown)} - everywhere - self.given_up
