"""Finding the statements and duties that a piece shows: what is chosen, what the words suggest, what a search
finds, what a chosen duty offers. Nothing is ever chosen for anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kbs.coverage import CoverageMap, ItemState
from kbs.statements import Duty, Item, ItemKind, Standard
from kbs.suggest import search, suggest

SUGGESTED = 6
_ORDER = {ItemState.WITH_ASSESSOR: 1, ItemState.COVERED: 2}
"""What is still missing comes first, then what waits for the assessor, then what is covered."""


@dataclass(frozen=True)
class Entry:
    """One item to choose, with how it stands in this portfolio and the words that led to it."""

    item: Item
    state: ItemState
    matched_words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """What a chosen duty names: statements not chosen yet, and kinds whose mapping is not published."""

    known: bool
    entries: tuple[Entry, ...]
    some_chosen: bool
    unknown: str


@dataclass(frozen=True)
class Chosen:
    """An item that this piece claims, with its note; a duty with what it offers besides."""

    item: Item
    state: ItemState
    note: str
    offer: Offer | None = None


@dataclass(frozen=True)
class Group:
    kind: ItemKind
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Finder:
    """Everything that the part of the page about statements shows."""

    chosen: tuple[Chosen, ...]
    suggestions: tuple[Entry, ...]
    groups: tuple[Group, ...]
    q: str
    missing: Mapping[ItemKind, int]

    @property
    def chosen_codes(self) -> str:
        """Which are chosen, in one word that is never empty, whatever their order."""
        return "-".join(sorted(one.item.code for one in self.chosen)) or "none"

    @property
    def asked(self) -> bool:
        return bool(self.q)


def finder(
    coverage: CoverageMap, *, chosen: Mapping[str, str], q: str = "", text: str = "", browse: str = ""
) -> Finder:
    """`chosen`: code → note. `q` searches codes and words; `browse` names a kind to see whole; `text` is what
    the apprentice has written so far, for suggestions by plain text matching."""
    standard = coverage.standard
    q = browse if browse in {kind.value for kind in ItemKind} else q.strip()[:200]
    suggestions = tuple(
        Entry(found.item, coverage.state(found.item.code), found.matched_words)
        for found in suggest(standard, text, limit=SUGGESTED + len(chosen))
        if found.item.code not in chosen
    )
    return Finder(
        chosen=tuple(_chosen(coverage, code, note, chosen) for code, note in chosen.items()),
        suggestions=suggestions[:SUGGESTED],
        groups=_groups(coverage, q, chosen) if q else (),
        q=q,
        missing={
            kind: sum(coverage.state(item.code) not in _ORDER for item in standard.items_of(kind))
            for kind in standard.kinds_present
        },
    )


def _chosen(coverage: CoverageMap, code: str, note: str, chosen: Mapping[str, str]) -> Chosen:
    item = coverage.standard.item(code)
    offer = _offer(coverage, item, chosen) if isinstance(item, Duty) else None
    return Chosen(item, coverage.state(code), note, offer)


def _offer(coverage: CoverageMap, duty: Duty, chosen: Mapping[str, str]) -> Offer:
    standard = coverage.standard
    entries = tuple(
        Entry(standard.item(code), coverage.state(code)) for code in duty.known_codes if code not in chosen
    )
    unknown = [kind.plural.lower() for kind in duty.unknown_kinds]
    known = duty.known_codes
    return Offer(bool(known), entries, len(entries) < len(known), " and ".join(unknown))


def _groups(coverage: CoverageMap, q: str, chosen: Mapping[str, str]) -> tuple[Group, ...]:
    found = [
        Entry(item, coverage.state(item.code))
        for item in search(coverage.standard, q)
        if item.code not in chosen
    ]
    found.sort(key=lambda entry: _ORDER.get(entry.state, 0))  # stable: the standard's order within
    groups = (Group(kind, tuple(e for e in found if e.item.kind is kind)) for kind in ItemKind)
    return tuple(group for group in groups if group.entries)


def preselected(standard: Standard, codes: list[str]) -> dict[str, str]:
    """Items that a link to the page names, such as “Add evidence for K7”; unknown ones are ignored."""
    wanted = {code.upper() for code in codes}
    return {code: "" for code in standard.codes if code in wanted}
