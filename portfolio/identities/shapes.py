"""What is found by its shape: numbers, addresses, dates. The patterns are data; what one cannot say, a check does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from portfolio.identities.checks import CHECKS, Match
from portfolio.identities.data import patterns
from portfolio.identities.filling import fill, lead
from portfolio.identities.folding import lower

BEFORE, AFTER = 60, 40
"""How many characters around a date or a number plate may say that it is one of birth, or of a car."""


@dataclass(frozen=True)
class Shape:
    """`typed` patterns read the capitals too; without one of `needs` in the text nothing can be found."""

    kind: str
    pattern: re.Pattern[str]
    typed: bool
    needs: tuple[str, ...]
    check: Callable[[Match], bool]


@cache
def shapes() -> tuple[Shape, ...]:
    return tuple(
        Shape(
            each["kind"],
            re.compile(f"(?<![A-Za-z0-9]){lead(each)}({fill(each['find'])})(?![A-Za-z0-9])"),
            each.get("typed", False),
            tuple(each.get("needs", ())),
            CHECKS[each.get("check", "")],
        )
        for each in patterns()["shapes"]
    )


def by_shape(plain: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of all that has the shape of an identifier and passes its check. What stands before it is
    asked here by the pattern itself; the page, for the sake of older browsers, asks when it has found something."""
    low = lower(plain)
    for shape in shapes():
        if shape.needs and not any(part in low for part in shape.needs):
            continue
        searched = plain if shape.typed else low
        position = 0
        while found := shape.pattern.search(searched, position):
            start, end = found.span(1)
            position = found.start() + 1
            match = Match(
                low[start:end],
                plain[start:end],
                low[found.start() : start],
                low[max(0, start - BEFORE) : start],
                low[end : end + AFTER],
            )
            if shape.check(match):
                yield shape.kind, start, end
                position = end
