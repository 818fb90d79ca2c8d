"""What a document says about the people behind it, in the plain words of a receipt."""

from __future__ import annotations

from dataclasses import dataclass, field

from storage import metadata
from storage.cleaning import NotCleaned
from storage.metadata import COMMENTS, OTHER, PEOPLE, PREVIEW, TIME, TITLE
from storage.metadata import PROGRAM as SOFTWARE

CHANGES = "tracked changes"
COMPANY = "company and manager"
PATHS = "names of folders and files"
KEYWORDS = "subject and keywords"
ATTACHED = "attached files"
PROGRAMS = "programs inside it"
EARLIER = "earlier versions"
PRINTER = "printer settings"
NUMBERS = "numbers of editing sessions"
PROPERTIES = "custom properties"
SOURCES = "where its data came from"
BLOCKS = "building blocks"
SIGNATURE = "the digital signature"

_OWN = (
    CHANGES, COMPANY, KEYWORDS, PATHS, SOURCES, ATTACHED, EARLIER, SIGNATURE, PROGRAMS, PRINTER, PROPERTIES, BLOCKS,
    NUMBERS,
)  # fmt: skip


@dataclass
class Outcome:
    """What was taken out, as words, and sentences about what could not be."""

    words: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)

    @property
    def removed(self) -> list[str]:
        """For a sentence: what matters most first, hidden details that have no name last."""
        order = [word for word in metadata.IN_ORDER if word != OTHER]
        order += [*_OWN, OTHER]
        return [word for word in order if word in self.words]

    def remains(self, sentence: str) -> None:
        if sentence not in self.left and len(self.left) < 20:
            self.left.append(sentence)


@dataclass
class Seen:
    """What a document holds that its owner should know before it is cleaned, and what stays in it."""

    comments: int = 0
    changes: int = 0
    authors: dict[str, int] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)

    def by(self, name: str | None) -> None:
        plain = " ".join((name or "").split())[:60]
        if plain:
            self.authors[plain] = self.authors.get(plain, 0) + 1

    def besides(self, what: str) -> None:
        if what not in self.also and len(self.also) < 20:
            self.also.append(what)

    def as_dict(self) -> dict[str, object]:
        names = sorted(self.authors, key=lambda name: (-self.authors[name], name))[:5]
        return {"comments": self.comments, "changes": self.changes, "by": names, "also": self.also}


_UNREADABLE = (
    "It is put together in a way that could not be followed to its end, so nothing was taken out of it. "
)
OWNER_DECIDES = "Open it, save it again and add it anew, or decide whether it may stay as it is."


def not_followed(why: str = _UNREADABLE) -> NotCleaned:
    return NotCleaned(why + OWNER_DECIDES)


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 slide", "3 slides"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


__all__ = [
    "COMMENTS",
    "OTHER",
    "PEOPLE",
    "PREVIEW",
    "SOFTWARE",
    "TIME",
    "TITLE",
    "Outcome",
    "Seen",
    "counted",
]
