"""How somebody stands against the framework chosen for them: the choice, the ratings and the links, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.framework import BOTH, Competency, Framework, Level, UnknownLevel
from kbs.frameworks import UnknownFramework
from portfolio.frameworks import linked, picture, queries
from portfolio.frameworks.models import CompetencyRating, FrameworkChoice
from portfolio.library.queries import frameworks_for
from portfolio.training.rules import ratings
from portfolio.training.rules.ratings import Line, Rated

SHOWN = {
    "": "All competencies",
    "gaps": "Gaps",
    "differ": "The two ratings differ",
    "older": "The mentor’s rating is the older one",
    "unrated": "Not rated by both",
}


@dataclass(frozen=True)
class Chosen:
    """The choice that stands, with the framework and level it names. None where they are not at hand any more."""

    choice: FrameworkChoice
    framework: Framework | None
    level: Level | None

    @property
    def strands(self) -> list[tuple[str, str]]:
        return strands_of(self.framework) if self.framework else []

    def strand(self, asked: str) -> str:
        """The strand to show: what was asked for, if the framework has it, else what was chosen."""
        return asked if asked in dict(self.strands) else self.choice.strand

    @cached_property
    def places(self) -> dict[str, tuple[Level, Competency]]:
        """Every competency of the framework with its level, whichever level is the target."""
        levels = self.framework.levels if self.framework else ()
        return {one.id: (level, one) for level in levels for one in level.competencies}

    def has(self, framework_id: str, competency_id: str) -> bool:
        """Whether a competency that is named so has its page here."""
        return (
            self.framework is not None and self.framework.id == framework_id and competency_id in self.places
        )


def strands_of(framework: Framework) -> list[tuple[str, str]]:
    """The strands somebody may be at in this framework, as a form offers them."""
    words = {"child": "Children", "adult": "Adults", BOTH: "Children and adults"}
    split = [(key, word) for key, word in words.items() if key in framework.strands and key != BOTH]
    return [*split, (BOTH, words[BOTH])] if len(split) != 1 else split


def chosen_for(session: Session, provider_id: UUID, apprenticeship_id: UUID) -> Chosen | None:
    """What was chosen for this apprenticeship; None while nothing is."""
    choice = queries.choice_of(session, apprenticeship_id)
    if choice is None:
        return None
    try:
        framework = frameworks_for(session, provider_id).get(choice.framework_id)
        return Chosen(choice, framework, framework.level(choice.level_id))
    except (UnknownFramework, UnknownLevel):
        return Chosen(choice, None, None)


@dataclass(frozen=True)
class Competencies:
    """Ratings and links against a framework and level, on one day, for one strand."""

    framework: Framework
    target: str
    strand: str
    rows: Sequence[CompetencyRating]
    links: dict[str, int]
    on: date

    @cached_property
    def rated(self) -> list[Rated]:
        return queries.as_rated(self.rows)

    @cached_property
    def standing(self) -> ratings.Standing:
        return ratings.standing(self.framework, self.target, self.rated, self.on, self.strand, self.links)

    def given(self, one: Rated) -> CompetencyRating:
        """The row behind a rating: its number is its place."""
        return self.rows[one.number]

    @cached_property
    def months(self) -> list[picture.Month]:
        return picture.months(self.framework, self.target, self.rated, self.on, self.strand)

    def lines(self, show: str, level_id: str) -> list[Line]:
        """The competencies asked for, lowest level first; only those asked to be shown."""
        wanted = {
            "gaps": self.standing.gaps,
            "differ": self.standing.differences,
            "older": [one for one in self.standing.lines if one.second_is_older],
            "unrated": [one for one in self.standing.lines if not (one.own and one.second)],
        }.get(show, self.standing.lines)
        return [one for one in wanted if level_id in ("", one.level.id)]


def competencies_of(
    session: Session, chosen: Chosen, apprenticeship_id: UUID, strand: str, on: date
) -> Competencies | None:
    """Everything against the framework that is chosen, in two queries; None where it is not at hand any more."""
    if chosen.framework is None or chosen.level is None:
        return None
    return Competencies(
        framework=chosen.framework,
        target=chosen.level.id,
        strand=strand,
        rows=queries.ratings_of(session, apprenticeship_id, chosen.framework.id),
        links=linked.link_counts(session, apprenticeship_id, chosen.framework.id),
        on=on,
    )
