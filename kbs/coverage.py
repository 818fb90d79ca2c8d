"""How far the evidence of one apprenticeship covers a standard: the state of each item, counts and gaps.

States are derived from decisions, never typed in. A duty whose mapping is not published is never counted
as nought of nought or as complete.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kbs.statements import Duty, ItemKind, MappingStatus, Standard, Statement


class ItemState(StrEnum):
    """How a statement or duty stands, as the one character that is stored for it."""

    NONE = "."
    WITH_ASSESSOR = "a"
    RETURNED = "r"
    PARTLY = "p"
    COVERED = "c"

    @property
    def word(self) -> str:
        return _WORDS[self][0]

    @property
    def slug(self) -> str:
        """The name of this state in style sheets and addresses."""
        return _WORDS[self][1]


_WORDS = {
    ItemState.NONE: ("No evidence yet", "none"),
    ItemState.WITH_ASSESSOR: ("With assessor", "sent"),
    ItemState.RETURNED: ("Returned", "back"),
    ItemState.PARTLY: ("Partly covered", "partly"),
    ItemState.COVERED: ("Covered", "done"),
}
_BY_CHARACTER = {state.value: state for state in ItemState}


class Outcome(StrEnum):
    """What the provider's assessor decided about one claim."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_YET = "not_yet"

    @property
    def label(self) -> str:
        return {"covered": "Covered", "partly": "Partly", "not_yet": "Not yet"}[self.value]


@dataclass(frozen=True)
class ItemFacts:
    """What stands on record about one item: a sign-off, a claim waiting for a decision, the last decision."""

    signed_off: bool = False
    waiting: bool = False
    latest_outcome: Outcome | None = None


def state_of(facts: ItemFacts) -> ItemState:
    """The state of an item. A sign-off outweighs a waiting claim, which outweighs the last decision.

    A last decision "covered" without a sign-off means that the sign-off was withdrawn: some evidence
    counts, yet the item does not stand as covered, so it is partly covered.
    """
    if facts.signed_off:
        return ItemState.COVERED
    if facts.waiting:
        return ItemState.WITH_ASSESSOR
    if facts.latest_outcome is None:
        return ItemState.NONE
    return ItemState.RETURNED if facts.latest_outcome is Outcome.NOT_YET else ItemState.PARTLY


@dataclass(frozen=True)
class Tally:
    """How many items are in each state; the five numbers add up to `total`."""

    covered: int
    partly: int
    returned: int
    with_assessor: int
    none: int

    @property
    def total(self) -> int:
        return self.covered + self.partly + self.returned + self.with_assessor + self.none

    @property
    def not_covered(self) -> int:
        return self.total - self.covered

    @property
    def is_complete(self) -> bool:
        return self.total > 0 and self.covered == self.total


@dataclass(frozen=True)
class DutyStanding:
    """A duty, its own state, and how its known statements stand, each with its state.

    While `mapping_status` is not "known", `all_covered` is False: nobody can say that it is complete.
    """

    duty: Duty
    state: ItemState
    statements: tuple[tuple[Statement, ItemState], ...]

    @property
    def mapping_status(self) -> MappingStatus:
        return self.duty.mapping_status

    @property
    def unknown_kinds(self) -> tuple[ItemKind, ...]:
        return self.duty.unknown_kinds

    @property
    def known(self) -> int:
        return len(self.statements)

    @property
    def known_covered(self) -> int:
        return sum(state is ItemState.COVERED for _, state in self.statements)

    @property
    def known_not_covered(self) -> tuple[Statement, ...]:
        return tuple(statement for statement, state in self.statements if state is not ItemState.COVERED)

    @property
    def all_covered(self) -> bool:
        return self.mapping_status is MappingStatus.KNOWN and self.known_covered == self.known

    @property
    def summary(self) -> str:
        """The standing in words for a screen."""
        if self.mapping_status is MappingStatus.UNKNOWN:
            return "Mapping not published here"
        if self.mapping_status is MappingStatus.KNOWN:
            return f"{self.known_covered} of {self.known} statements covered"
        unknown = " and ".join(kind.plural.lower() for kind in self.unknown_kinds)
        return f"{self.known_covered} of {self.known} known statements covered; {unknown} not published here"


@dataclass(frozen=True)
class CoverageMap:
    """One state for each item of a standard, in the standard's order: the picture every role knows."""

    standard: Standard
    states: tuple[ItemState, ...]

    def __post_init__(self) -> None:
        if len(self.states) != len(self.standard.items):
            raise ValueError(
                f"{self.standard} has {len(self.standard.items)} items, but {len(self.states)} states were given"
            )

    @classmethod
    def from_text(cls, standard: Standard, text: str) -> "CoverageMap":
        """From the stored text, one character per item. Raises ValueError for another length or character."""
        try:
            return cls(standard, tuple([_BY_CHARACTER[character] for character in text]))
        except KeyError as error:
            raise ValueError(f"{error} is no state of a statement or duty") from None

    @classmethod
    def empty(cls, standard: Standard) -> "CoverageMap":
        """Nothing claimed yet."""
        return cls(standard, (ItemState.NONE,) * len(standard.items))

    @classmethod
    def from_facts(cls, standard: Standard, facts: Mapping[str, ItemFacts]) -> "CoverageMap":
        """From what is on record by item code; items not named have nothing. Raises UnknownItem."""
        return cls.empty(standard).with_states({code: state_of(found) for code, found in facts.items()})

    def with_states(self, states: Mapping[str, ItemState]) -> "CoverageMap":
        """The same map with these items in these states. Raises UnknownItem."""
        changed = list(self.states)
        for code, state in states.items():
            changed[self.standard.position(code)] = state
        return CoverageMap(self.standard, tuple(changed))

    @property
    def text(self) -> str:
        """What is stored: one character per item."""
        return "".join(state.value for state in self.states)

    def state(self, code: str) -> ItemState:
        """Raises UnknownItem."""
        return self.states[self.standard.position(code)]

    def count(self, kind: ItemKind | None, state: ItemState) -> int:
        """How many items of this kind, or of all kinds, are in this state."""
        return self._counts[kind][state]

    def tally(self, kind: ItemKind | None = None) -> Tally:
        """The counts of one kind, or of all items together."""
        return _tally(self._counts[kind])

    @cached_property
    def statements(self) -> Tally:
        """The counts of all statements: knowledge, skills and behaviours."""
        return _tally(self._counts[None] - self._counts[ItemKind.DUTY])

    @property
    def duties(self) -> Tally:
        return self.tally(ItemKind.DUTY)

    @cached_property
    def _counts(self) -> dict[ItemKind | None, Counter[ItemState]]:
        counts: dict[ItemKind | None, Counter[ItemState]] = {kind: Counter() for kind in ItemKind}
        place = 0
        for kind in ItemKind:
            length = len(self.standard.items_of(kind))
            counts[kind] = Counter(self.states[place : place + length])
            place += length
        counts[None] = Counter(self.states)
        return counts

    def codes_in(self, *states: ItemState) -> tuple[str, ...]:
        """The codes of the items in any of these states, in the standard's order."""
        return tuple(
            code for code, state in zip(self.standard.codes, self.states, strict=True) if state in states
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """Everything that is not yet covered, whatever is under way for it."""
        return self.codes_in(*(state for state in ItemState if state is not ItemState.COVERED))

    def duty_standing(self, duty: Duty) -> DutyStanding:
        """How a duty and its known statements stand. Raises UnknownItem for another standard's duty."""
        statements = tuple(
            (one, self.state(one.code))
            for code in duty.known_codes
            if isinstance(one := self.standard.item(code), Statement)
        )
        return DutyStanding(duty, self.state(duty.code), statements)


def _tally(counts: Mapping[ItemState, int]) -> Tally:
    return Tally(
        covered=counts.get(ItemState.COVERED, 0),
        partly=counts.get(ItemState.PARTLY, 0),
        returned=counts.get(ItemState.RETURNED, 0),
        with_assessor=counts.get(ItemState.WITH_ASSESSOR, 0),
        none=counts.get(ItemState.NONE, 0),
    )


def covered_in(maps: Iterable[CoverageMap]) -> dict[str, int]:
    """How many of these maps have each item covered, by code: where teaching over a cohort is thin."""
    counts: Counter[str] = Counter()
    codes: dict[str, None] = {}
    for one in maps:
        codes.update(dict.fromkeys(one.standard.codes))
        counts.update(one.codes_in(ItemState.COVERED))
    return {code: counts[code] for code in codes}
