"""The shape of a YAML text that somebody sent, event by event, before anything is made of it.

No references, no tags, no depth, no long lists or texts: what a framework does not need would only cost time and
memory to read. What passes takes a second or two at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from portfolio.web.forms import CONTROLS

MOST_EVENTS, MOST_IN_LIST, DEEPEST, LONGEST_TEXT = 12_000, 150, 12, 2_000
LONGEST_FAULT = 300


@dataclass(frozen=True)
class Fault:
    """`where` in the file, such as "line 4" or "levels[2].id", and `what` is wrong with what to do."""

    where: str
    what: str


class _Stop(Exception):
    """What stands here would take long to go on from."""


def shape_faults(text: str) -> list[Fault]:
    """What no framework needs, by line. Ends at the first thing that would take long to go on from."""
    found: list[Fault] = []
    depth = _Depth()
    try:
        for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
            line = event.start_mark.line + 1 if event.start_mark else 1
            try:
                if number > MOST_EVENTS:
                    raise _Stop("the file holds more than any framework needs; leave the rest out")
                _look_at_node(event)
                depth.follow(event)
            except _Stop as stop:
                return [*found, Fault(f"line {line}", str(stop))]
            if isinstance(event, yaml.ScalarEvent):
                found.extend(Fault(f"line {line}", what) for what in _text_faults(event.value))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"not readable as YAML: {error.problem or error}"
        found.append(Fault(f"line {line}", what[:LONGEST_FAULT]))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        found.append(Fault(f"line {line}", "a sign that cannot be read stands here; leave it out"))
    return found


def _look_at_node(event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _Stop("a reference (& or *) is not read here; write the words out")
    if getattr(event, "tag", None):
        raise _Stop("a tag (!) is not read here; leave it out")


def _text_faults(value: str) -> Iterator[str]:
    if len(value) > LONGEST_TEXT:
        yield f"a text may have {LONGEST_TEXT:,} characters; this one has more"
    if CONTROLS.search(value):
        yield "a control character stands here; leave it out"


class _Depth:
    """How deep the reader stands, and how much each list around it still may hold."""

    def __init__(self) -> None:
        self.left: list[int] = []

    def follow(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.CollectionEndEvent):
            self.left.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._count()
            if isinstance(event, yaml.MappingStartEvent):
                self._open(2 * MOST_IN_LIST)  # a name and a value each
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open(MOST_IN_LIST)

    def _count(self) -> None:
        if self.left:
            self.left[-1] -= 1
            if self.left[-1] < 0:
                raise _Stop(f"a list may hold {MOST_IN_LIST} things; this one holds more")

    def _open(self, most: int) -> None:
        self.left.append(most)
        if len(self.left) > DEEPEST:
            raise _Stop("this stands deeper than anything in a framework; see the example")
