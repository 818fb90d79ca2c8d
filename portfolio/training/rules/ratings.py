"""Ratings against a framework: one's own and a second one beside it, what is missing, and how it grew.

A rating is never changed, only followed by a later one. Levels that include lower ones ask for those too. The second
rating is the mentor's; where there is one it decides whether a gap is left, because it is the one that saw the work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kbs.framework import BOTH, Competency, Framework, Level


class Rating(StrEnum):
    """How far somebody is with one competency."""

    NOT_YET = "not yet"
    DEVELOPING = "developing"
    COMPETENT = "competent"

    @property
    def step(self) -> int:
        return list(Rating).index(self)


class Side(StrEnum):
    """Whose rating it is."""

    OWN = "own rating"
    SECOND = "mentor's rating"


@dataclass(frozen=True)
class Rated:
    """One rating as it was given. `number` is its place in the order they were given, which settles ties of a day."""

    competency: str
    side: Side
    rating: Rating
    on: date
    number: int = 0


@dataclass(frozen=True)
class Line:
    """One competency asked for at the target level, with both ratings as they stand."""

    level: Level
    competency: Competency
    own: Rated | None
    second: Rated | None
    linked: int = 0

    @property
    def decides(self) -> Rating | None:
        """The mentor's rating where there is one, else one's own."""
        one = self.second or self.own
        return one.rating if one else None

    @property
    def is_gap(self) -> bool:
        return self.decides is not Rating.COMPETENT

    @property
    def steps_apart(self) -> int:
        """How far one's own rating is above (+) or below (-) the mentor's; 0 while one of them is missing."""
        return self.own.rating.step - self.second.rating.step if self.own and self.second else 0

    @property
    def second_is_older(self) -> bool:
        """One's own rating is newer than the mentor's: worth looking at again."""
        if self.own is None or self.second is None:
            return False
        return (self.own.on, self.own.number) > (self.second.on, self.second.number)


@dataclass(frozen=True)
class Standing:
    """How somebody stands against a target level. `unlisted` are levels asked for whose competencies the source at
    hand does not list: no gap there means nothing is known, not that nothing is missing."""

    target: Level
    lines: tuple[Line, ...]
    unlisted: tuple[Level, ...]

    @property
    def gaps(self) -> tuple[Line, ...]:
        """What is missing: lowest level first, in a level what is furthest away first, then the source's order."""
        return tuple(
            sorted(
                (line for line in self.lines if line.is_gap),
                key=lambda line: (line.level.rank, line.decides.step if line.decides else -1),
            )
        )

    @property
    def differences(self) -> tuple[Line, ...]:
        """Where the two ratings differ, furthest apart first."""
        return tuple(
            sorted((one for one in self.lines if one.steps_apart), key=lambda one: -abs(one.steps_apart))
        )

    @property
    def met(self) -> bool:
        """Every competency is met, and none of the levels asked for is unlisted."""
        return not self.unlisted and bool(self.lines) and not any(line.is_gap for line in self.lines)


@dataclass(frozen=True)
class Counts:
    """How many of the competencies asked for stand where, on one day, for one side."""

    on: date
    competent: int
    developing: int
    not_yet: int
    unrated: int


def current(ratings: Iterable[Rated], on: date) -> Mapping[tuple[str, Side], Rated]:
    """The last rating of each competency and side up to that day."""
    found: dict[tuple[str, Side], Rated] = {}
    for one in sorted((one for one in ratings if one.on <= on), key=lambda one: (one.on, one.number)):
        found[one.competency, one.side] = one
    return found


def standing(
    framework: Framework,
    target: str,
    ratings: Iterable[Rated],
    on: date,
    strand: str = BOTH,
    linked: Mapping[str, int] | None = None,
) -> Standing:
    """How the ratings stand against a level on that day, for a strand. `linked`: pieces of evidence and log entries
    by competency. Raises UnknownLevel. Ratings of competencies that are not asked for are passed over."""
    now = current(ratings, on)
    levels = framework.levels_asked_at(target)
    lines = tuple(
        Line(
            level=level,
            competency=one,
            own=now.get((one.id, Side.OWN)),
            second=now.get((one.id, Side.SECOND)),
            linked=(linked or {}).get(one.id, 0),
        )
        for level in levels
        for one in level.competencies_in(strand)
    )
    unlisted = tuple(level for level in levels if level.outline and not level.competencies)
    return Standing(framework.level(target), lines, unlisted)


def over_time(
    framework: Framework,
    target: str,
    ratings: Collection[Rated],
    days: Sequence[date],
    side: Side,
    strand: str = BOTH,
) -> tuple[Counts, ...]:
    """The counts on each of these days, for a picture. What is asked is today's target throughout."""
    asked = [one.id for one in framework.asked_at(target, strand)]
    found: list[Counts] = []
    for day in days:
        now = current(ratings, day)
        held = [now[one, side].rating for one in asked if (one, side) in now]
        found.append(
            Counts(
                on=day,
                competent=held.count(Rating.COMPETENT),
                developing=held.count(Rating.DEVELOPING),
                not_yet=held.count(Rating.NOT_YET),
                unrated=len(asked) - len(held),
            )
        )
    return tuple(found)


def refusal(side: Side, *, own: bool, known: bool, finished: bool) -> str | None:
    """Why a rating cannot be given; None when it can. `own`: whoever rates is the person rated. `known`: the
    competency is of the framework. `finished`: the apprenticeship has ended."""
    if not known:
        return "This competency is not in the framework chosen for this person. Open the framework again."
    if finished:
        return "The portfolio is closed, so ratings stay as they are."
    if side is Side.SECOND and own:
        return "The second rating is somebody else's. Give your own, and ask your mentor for the second."
    if side is Side.OWN and not own:
        return "Only the person rated gives their own rating. Give the second rating beside it."
    return None
