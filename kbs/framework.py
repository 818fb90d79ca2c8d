"""A competency framework: levels, who they are for, competencies, and the rules its source gives as data.

Competencies, not exam statements: what is linked to a standard's statements is a suggestion of ours until an
assessor confirms it. Every framework is dated. It is shown with its edition and never as current law.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

CHILD, ADULT, BOTH = "child", "adult", "both"
STRANDS = (CHILD, ADULT, BOTH)
"""`both` is for competencies that the source words for children and adults together."""
WORDINGS = ("our summary", "own framework")
NATIONS = ("England", "Wales", "Scotland", "Northern Ireland", "United Kingdom")
FROM_SOURCE, OUR_VIEW = "source", "our view"
ORIGINS = (FROM_SOURCE, OUR_VIEW)
UNCONFIRMED = "Suggested by us, unconfirmed"
"""What is written beside each link from a competency or a course to a statement."""


class UnknownLevel(LookupError):
    """No level of this id is in the framework."""

    def __init__(self, level_id: str, framework: str) -> None:
        super().__init__(f"{level_id} is not a level of {framework}")
        self.level_id = level_id


@dataclass(frozen=True)
class Heading:
    """A heading that stands among the competencies of a source: shown, never rated, never counted."""

    id: str
    title: str
    strand: str


@dataclass(frozen=True)
class Competency:
    """One thing a person at this level can do or knows: our short title of one entry of the source."""

    id: str
    title: str
    strand: str
    part: str
    under: str = ""
    points: tuple[str, ...] = ()

    def is_in(self, strand: str) -> bool:
        """Whether it is shown for a strand; what is worded for both is shown for each."""
        return strand == BOTH or self.strand in (strand, BOTH)


@dataclass(frozen=True)
class Level:
    """One level or group.

    `includes` are the earlier levels whose competencies the source asks for here too ("as in level 1 and
    additionally"); `needs` are those that have to be completed first. `outline` says that the source at hand
    names the level without listing its competencies.
    """

    id: str
    rank: int
    title: str
    for_whom: str
    examples: tuple[str, ...]
    learning: tuple[str, ...]
    frequency: str
    tracks: tuple[str, ...]
    includes: tuple[str, ...]
    needs: tuple[str, ...]
    outline: bool
    note: str
    headings: tuple[Heading, ...]
    competencies: tuple[Competency, ...]

    def competencies_in(self, strand: str, part: str | None = None) -> tuple[Competency, ...]:
        return tuple(one for one in self.competencies if one.is_in(strand) and part in (None, one.part))


class RefresherKind(StrEnum):
    """How a source asks for learning to be renewed."""

    INTERVAL = "interval"
    HOURS = "hours"
    COUNTED = "counted"


class AppliesTo(StrEnum):
    """Whose refresher a rule is."""

    EVERYONE = "everyone"
    DESIGNATED_LEADS = "designated leads"
    OTHERS = "other than designated leads"

    def covers(self, designated_lead: bool) -> bool:
        return self is AppliesTo.EVERYONE or (self is AppliesTo.DESIGNATED_LEADS) is designated_lead


@dataclass(frozen=True)
class RefresherRule:
    """How often learning is renewed. `months` is the interval, or the rolling period hours are counted over.

    `first_within_months` is how long after the start the first training may take; None where the source does
    not say. `counted` only counts what was done: the source asks for no number, so nothing falls due.
    """

    id: str
    kind: RefresherKind
    applies_to: AppliesTo
    levels: tuple[str, ...]
    months: int
    hours_at_least: int | None
    hours_up_to: int | None
    first_within_months: int | None
    counts: str
    text: str
    place: str
    origin: str

    def covers(self, level_id: str, designated_lead: bool) -> bool:
        return (not self.levels or level_id in self.levels) and self.applies_to.covers(designated_lead)


@dataclass(frozen=True)
class PlacementRule:
    """A level for every role that answers as `when` says and not as `unless` says. Fact -> accepted answers."""

    id: str
    level: str
    when: Mapping[str, tuple[str, ...]]
    unless: Mapping[str, tuple[str, ...]]
    why: str
    place: str
    origin: str


@dataclass(frozen=True)
class NeedsRule:
    """What the source says about earlier levels: before the role starts, or within so many months of it."""

    within_months: int | None
    text: str
    place: str
    origin: str


@dataclass(frozen=True)
class Expectation:
    """What the source expects of the learning at these levels, such as learning with other agencies."""

    id: str
    levels: tuple[str, ...]
    text: str
    place: str
    origin: str


@dataclass(frozen=True)
class Suggestion:
    """A link of ours, unconfirmed: these competencies may show these statements of a standard."""

    id: str
    standard: str
    statements: tuple[str, ...]
    competencies: tuple[str, ...]


@dataclass(frozen=True)
class SuggestedTarget:
    """The levels we would choose between for apprentices of one standard; the employer decides."""

    standard: str
    floor: str
    target: str
    why: str
    origin: str


@dataclass(frozen=True)
class FrameworkSource:
    """The published document: what it is called, when it is from, what it rests on, what to know about it."""

    document: str
    published: str
    updated: str
    based_on: tuple[str, ...]
    rights: str
    note: str


@dataclass(frozen=True)
class Framework:
    """One framework in one edition."""

    id: str
    title: str
    publisher: str
    edition: str
    dated: str
    nation: str
    sector: str
    wording: str
    level_word: str
    strands: Mapping[str, str]
    parts: Mapping[str, str]
    source: FrameworkSource
    principles: tuple[str, ...]
    levels: tuple[Level, ...]
    refreshers: tuple[RefresherRule, ...]
    placement: tuple[PlacementRule, ...]
    needs_rule: NeedsRule | None
    expectations: tuple[Expectation, ...]
    suggestions: tuple[Suggestion, ...]
    suggested_targets: tuple[SuggestedTarget, ...]

    def __str__(self) -> str:
        return f"{self.title}, {self.edition}"

    @property
    def dated_note(self) -> str:
        """Stands beside the framework wherever it is shown."""
        return (
            f"{self.publisher}, edition {self.edition} ({self.nation}), dated {self.dated}. Not current law."
        )

    @cached_property
    def _by_id(self) -> Mapping[str, Level]:
        return {level.id: level for level in self.levels}

    def level(self, level_id: str) -> Level:
        """Raises UnknownLevel."""
        try:
            return self._by_id[level_id]
        except KeyError:
            raise UnknownLevel(level_id, str(self)) from None

    @property
    def cumulative(self) -> bool:
        """Whether higher levels ask for the competencies of lower ones too."""
        return any(level.includes for level in self.levels)

    def levels_asked_at(self, level_id: str) -> tuple[Level, ...]:
        """This level and the earlier ones it includes, lowest first."""
        target = self.level(level_id)
        return tuple(level for level in self.levels if level is target or level.id in target.includes)

    def asked_at(self, level_id: str, strand: str = BOTH) -> tuple[Competency, ...]:
        """Every competency a person at this level has to meet, lowest level first, in the source's order."""
        return tuple(one for level in self.levels_asked_at(level_id) for one in level.competencies_in(strand))

    def higher(self, level_ids: Iterable[str]) -> Level:
        """The highest of these levels. Raises UnknownLevel, and ValueError for none at all."""
        return max((self.level(one) for one in level_ids), key=lambda level: level.rank)

    def suggested_statements(self, competency_id: str, standard: str) -> tuple[str, ...]:
        """Statements we suggest for a competency: to be labelled UNCONFIRMED until an assessor confirms them."""
        found = [
            code
            for one in self.suggestions
            if one.standard == standard and competency_id in one.competencies
            for code in one.statements
        ]
        return tuple(dict.fromkeys(found))
