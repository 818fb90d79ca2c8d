"""Two devices wrote in one draft: what both say is put together, and nothing that anybody wrote is thrown away.

Compared is sentence by sentence with what the sender last had. Changes in different places go together; where the
same sentence was changed on both sides the draft keeps its own, and what was sent is a conflict: kept whole beside
it until its owner chooses. A sentence that one side deleted and the other changed stays as it was changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

SENTENCE = re.compile(r"(\S[^\n]*?(?:[.!?…]+(?=\s)|(?=\n)|\Z))(\s*)")
ENDS = (".", "!", "?", "…")
CHOICES = frozenset({"type", "confidentiality", "happened_on", "original_seen_on"})
"""Fields that hold one value and not sentences."""
CLAIMS = "claims"
NOTE = "note_"

Content = dict[str, Any]
"""What a draft says: words and days as text, ticks as truth values, `claims` as code → note."""


@dataclass(frozen=True)
class Sentence:
    """A sentence and the space after it. Two are the same when their words are."""

    words: str
    space: str


@dataclass(frozen=True)
class MergedText:
    text: str
    conflict: bool = False


@dataclass(frozen=True)
class Merged:
    """What the draft says now. `conflicts`: field → what was sent for it and could not be put in."""

    content: Content
    conflicts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """In place of the sentences from `start` to `end` of the base stand these."""

    start: int
    end: int
    new: tuple[Sentence, ...]

    @property
    def only_adds(self) -> bool:
        return self.start == self.end

    @property
    def only_deletes(self) -> bool:
        return not self.new


def sentences(text: str) -> list[Sentence]:
    """The sentences and lines of a text, each once for each time it stands there."""
    found = []
    for words, space in SENTENCE.findall(text):
        bare = words.rstrip()
        found.append(Sentence(bare, words[len(bare) :] + space))
    return found


def merge(base: Content | None, theirs: Content, mine: Content) -> Merged:
    """`theirs` is the draft, `mine` what was sent, `base` what its sender had when it began to differ; None if that is
    not known any more."""
    content = dict(theirs)
    conflicts: dict[str, str] = {}
    for name, sent in mine.items():
        if name == CLAIMS:
            content[name], found = _claims(base[CLAIMS] if base else None, theirs[name], sent)
            conflicts |= found
            continue
        before = base.get(name) if base else None
        if isinstance(sent, bool):
            content[name] = _tick(before, theirs[name], sent)
        elif name in CHOICES:
            content[name], clash = _choice(before, theirs[name], sent)
            if clash:
                conflicts[name] = sent
        else:
            together = merge_text(before, theirs[name], sent)
            content[name] = together.text
            if together.conflict:
                conflicts[name] = sent
    return Merged(content, conflicts)


def said_in(content: Content, name: str) -> str:
    """What stands in one field; `note_K7` is the note of a claim."""
    if name.startswith(NOTE):
        return str(content[CLAIMS].get(name.removeprefix(NOTE), ""))
    return str(content.get(name, ""))


def put_into(content: Content, name: str, text: str) -> Content:
    """The same content with another text in one field."""
    if name.startswith(NOTE):
        return content | {CLAIMS: dict(content[CLAIMS]) | {name.removeprefix(NOTE): text}}
    return content | {name: text}


def holds(text: str, other: str) -> bool:
    """Whether every sentence of the other stands in the text as often."""
    have, wanted = (Counter(one.words for one in sentences(each)) for each in (text, other))
    return wanted <= have


def both(name: str, draft: str, other: str) -> str:
    """The draft's text with those sentences of the other after it that it does not have."""
    if name in CHOICES or name == "title":
        return draft or other
    have = Counter(one.words for one in sentences(draft))
    added = []
    for one in sentences(other):
        if have[one.words]:
            have[one.words] -= 1
        else:
            added.append(one)
    return "\n\n".join(part for part in (draft.rstrip(), _joined(added).strip()) if part)


def merge_text(base: str | None, theirs: str, mine: str) -> MergedText:
    """One field of words."""
    if mine in (theirs, base):
        return MergedText(theirs)
    if theirs == base:
        return MergedText(mine)
    if base is None:
        return _without_base(theirs, mine)
    return _three_ways(sentences(base), sentences(theirs), sentences(mine))


def _without_base(theirs: str, mine: str) -> MergedText:
    if holds(theirs, mine):
        return MergedText(theirs)
    if holds(mine, theirs):
        return MergedText(mine)
    return MergedText(theirs, conflict=True)


def _three_ways(base: list[Sentence], theirs: list[Sentence], mine: list[Sentence]) -> MergedText:
    of_theirs, of_mine = _changes(base, theirs), _changes(base, mine)
    spaces = _spaces(base, theirs, mine)
    result: list[Sentence] = []
    conflict, at = False, 0
    while at <= len(base):
        result += _added(of_theirs, of_mine, at)
        end = _end_of_cluster([*of_theirs, *of_mine], at)
        if end == at:
            result += spaces[at : at + 1]
            at += 1
            continue
        inside = [[one for one in side if at <= one.start and one.end <= end and not _at_edge(one, at, end)]
                  for side in (of_theirs, of_mine)]  # fmt: skip
        taken, clash = _one_place(spaces, at, end, *inside)
        result += taken
        conflict = conflict or clash
        at = end
    return MergedText(_joined(result).rstrip(), conflict)


def _changes(base: Sequence[Sentence], side: Sequence[Sentence]) -> list[Change]:
    matcher = SequenceMatcher(None, [one.words for one in base], [one.words for one in side], autojunk=False)
    return [
        Change(start, end, tuple(side[first:last]))
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _spaces(base: list[Sentence], theirs: list[Sentence], mine: list[Sentence]) -> list[Sentence]:
    """The base with the line ends that either side gave to a sentence that it left as it was."""
    spaced = list(base)
    for side in (theirs, mine):
        matcher = SequenceMatcher(
            None, [one.words for one in base], [one.words for one in side], autojunk=False
        )
        for block in matcher.get_matching_blocks():
            for step in range(block.size):
                now = side[block.b + step]
                if now.space.strip(" ") != base[block.a + step].space.strip(" "):
                    spaced[block.a + step] = now
    return spaced


def _at_edge(change: Change, start: int, end: int) -> bool:
    return change.only_adds and change.start in (start, end)


def _added(theirs: list[Change], mine: list[Change], at: int) -> list[Sentence]:
    """What both added at this place: the draft's first, then what it does not have of the other."""
    first = [one for change in theirs if change.only_adds and change.start == at for one in change.new]
    second = [one for change in mine if change.only_adds and change.start == at for one in change.new]
    have = Counter(one.words for one in first)
    for one in second:
        if have[one.words]:
            have[one.words] -= 1
        else:
            first.append(one)
    return first


def _end_of_cluster(changes: list[Change], start: int) -> int:
    """How far changes reach that overlap each other, beginning with those that start here."""
    end = max((one.end for one in changes if one.start == start), default=start)
    grew = end > start
    while grew:
        further = max((one.end for one in changes if start <= one.start < end), default=end)
        grew, end = further > end, max(end, further)
    return end


def _one_place(
    base: list[Sentence], start: int, end: int, theirs: list[Change], mine: list[Change]
) -> tuple[list[Sentence], bool]:
    """The sentences for one place where something was changed, and whether both changed it differently."""
    of_theirs, of_mine = _applied(base, start, end, theirs), _applied(base, start, end, mine)
    if not mine or [one.words for one in of_theirs] == [one.words for one in of_mine]:
        return of_theirs, False
    if not theirs:
        return of_mine, False
    deletes = [all(one.only_deletes for one in side) for side in (theirs, mine)]
    if all(deletes):
        gone = {number for side in (theirs, mine) for one in side for number in range(one.start, one.end)}
        return [base[number] for number in range(start, end) if number not in gone], False
    if deletes[1]:
        return of_theirs, False
    return (of_mine, False) if deletes[0] else (of_theirs, True)


def _applied(base: list[Sentence], start: int, end: int, changes: list[Change]) -> list[Sentence]:
    result, at = [], start
    for change in changes:
        result += [*base[at : change.start], *change.new]
        at = change.end
    return result + base[at:end]


def _joined(found: Sequence[Sentence]) -> str:
    """Sentences in a row; one that has no end gets a line of its own, or the next would become part of it."""
    parts = []
    for number, one in enumerate(found):
        space = one.space
        if number < len(found) - 1 and not space.strip("\r\t "):
            ends = one.words.endswith(ENDS)
            space = (space or " ") if ends else "\n"
        parts.append(one.words + space)
    return "".join(parts)


def _tick(base: bool | None, theirs: bool, mine: bool) -> bool:
    """A declaration that one side took back counts as not made, unless the other has just made it."""
    if base is None:
        return theirs and mine
    return theirs if mine == base else mine


def _choice(base: str | None, theirs: str, mine: str) -> tuple[str, bool]:
    """One value; and whether both chose, and not the same."""
    if mine in (theirs, base):
        return theirs, False
    if not theirs or theirs == base:
        return mine, False
    return theirs, bool(mine)


def _claims(
    base: Mapping[str, str] | None, theirs: Mapping[str, str], mine: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Claims that either side added or left; one that the other removed stays if its note was changed here."""
    kept: dict[str, str] = {}
    conflicts: dict[str, str] = {}
    before = {} if base is None else base
    for code in [*theirs, *(code for code in mine if code not in theirs)]:
        note = merge_text(
            None if base is None else before.get(code, ""), theirs.get(code, ""), mine.get(code, "")
        )
        if code in theirs and code in mine:
            kept[code] = note.text
            if note.conflict:
                conflicts[NOTE + code] = mine[code]
            continue
        there = theirs if code in theirs else mine
        if code not in before or there[code] != before[code]:
            kept[code] = there[code]
    return kept, conflicts
