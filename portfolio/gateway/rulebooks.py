"""The funding rulebooks as data: which one a start date falls under, and what each of its lines says.

The start date decides: 1 August to 31 July is one book. The files stand in the folder `rulebooks/` beside this
module; each line carries its source and how sure that source is, so that a page can always say what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

from portfolio.gateway.rulebook_file import read_rulebook
from portfolio.gateway.rulebook_lines import Rulebook, RulebookError, RuleLine, Value
from portfolio.gateway.wording import on_screen

__all__ = [
    "RuleLine",
    "Rulebook",
    "RulebookError",
    "Value",
    "load_rulebooks",
    "nearest",
    "rulebook_for",
    "rulebooks",
]

FOLDER = Path(__file__).with_name("rulebooks")


def load_rulebooks(folder: Path = FOLDER) -> tuple[Rulebook, ...]:
    """All rulebooks of a folder, oldest first. Raises RulebookError naming file, line and mistake."""
    files = sorted(folder.glob("*.yaml"))
    books = sorted((read_rulebook(file.read_text("utf-8"), file.name) for file in files), key=_start)
    problems = [] if books else [f"{folder.name}: no rulebook found"]
    for earlier, later in pairwise(books):
        if later.starts_from != earlier.starts_until + timedelta(days=1):
            problems.append(
                f"{later.id}: starts_from is {later.starts_from}, but {earlier.id} runs until {earlier.starts_until}"
            )
    if problems:
        raise RulebookError(problems)
    return tuple(books)


@cache
def rulebooks() -> tuple[Rulebook, ...]:
    """The rulebooks that come with the product, oldest first; read once."""
    return load_rulebooks()


def rulebook_for(start_on: date) -> Rulebook:
    """The book an apprenticeship that started on this day falls under.

    Outside the books held here the nearest one is given, with `applies_exactly` false and a `note` for the page.
    """
    return nearest(rulebooks(), start_on)


def nearest(books: Iterable[Rulebook], start_on: date) -> Rulebook:
    """The book that covers this start date, or else the nearest, which then says so."""
    ordered = sorted(books, key=_start)
    for book in ordered:
        if book.starts_from <= start_on <= book.starts_until:
            return book
    first, last = ordered[0], ordered[-1]
    if start_on < first.starts_from:
        where = f"before {on_screen(first.starts_from)}, where the oldest rulebook held here begins"
        return _stretched(first, start_on, where)
    return _stretched(
        last, start_on, f"after {on_screen(last.starts_until)}, where the newest rulebook held here ends"
    )


def _stretched(book: Rulebook, start_on: date, where: str) -> Rulebook:
    note = (
        f"This apprenticeship starts on {on_screen(start_on)}, {where}. The nearest, {book.title}, is used: "
        "check each answer against the rules of that start date."
    )
    return replace(book, applies_exactly=False, note=note)


def _start(book: Rulebook) -> date:
    return book.starts_from
