"""Statements, duties and the standard they belong to.

An *item* is a statement (code "K7") or a duty (code "D8", shown as "Duty 8"): evidence, decisions and
coverage treat both alike.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from kbs.details import (
    UNKNOWN,
    Assessment,
    EntryRequirement,
    KeyInformation,
    Licence,
    Occupation,
    Source,
    Words,
)

PUBLISHED = "published"
"""The layer of a mapping that stands in the standard itself."""
OURS = "ours"
"""The layer of a mapping that a provider made for itself. It never counts as published."""


class ItemKind(StrEnum):
    """Knowledge, skill, behaviour or duty, in the order in which a standard lists them."""

    KNOWLEDGE = "knowledge"
    SKILL = "skill"
    BEHAVIOUR = "behaviour"
    DUTY = "duty"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def plural(self) -> str:
        return {"knowledge": "Knowledge", "duty": "Duties"}.get(self.value, f"{self.label}s")

    @property
    def letter(self) -> str:
        """What the codes of this kind begin with."""
        return self.value[0].upper()


STATEMENT_KINDS = (ItemKind.KNOWLEDGE, ItemKind.SKILL, ItemKind.BEHAVIOUR)
_KIND_ORDER = {kind.letter: place for place, kind in enumerate(ItemKind)}
_CODE = re.compile(r"([A-Z]+)(\d+)")


class UnknownItem(KeyError):
    """The code is of no statement and no duty of this standard."""

    def __init__(self, code: str, standard: str) -> None:
        super().__init__(code)
        self.code = code
        self.standard = standard

    def __str__(self) -> str:
        return f"{self.code} is not a statement or duty of {self.standard}"


def code_key(code: str) -> tuple[int, str, int]:
    """Sorts codes as the trade does: K, S, B, then duties, and K2 before K10. Strange codes come last."""
    found = _CODE.fullmatch(code)
    if found is None:
        return (len(_KIND_ORDER), code, 0)
    letter, number = found.groups()
    return (_KIND_ORDER.get(letter, len(_KIND_ORDER)), letter, int(number))


def in_order(codes: Iterable[str]) -> list[str]:
    """The codes, each once, K2 before K10, duties last."""
    return sorted(set(codes), key=code_key)


@dataclass(frozen=True)
class Statement:
    """One knowledge, skill or behaviour statement, worded as published."""

    code: str
    kind: ItemKind
    text: str

    @property
    def label(self) -> str:
        return self.code


@dataclass(frozen=True)
class DutyMapping:
    """Which statements of one kind a duty calls for, where that was read, and whose mapping it is.

    `codes` is None when the mapping is not published here. It is never an empty tuple.
    """

    codes: tuple[str, ...] | None
    origin: str
    layer: str = PUBLISHED

    @property
    def is_published(self) -> bool:
        return self.codes is not None and self.layer == PUBLISHED


class MappingStatus(StrEnum):
    """How much of a duty's mapping is published: for every kind, for some, for none."""

    KNOWN = "known"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Duty:
    """One duty, worded as published, with one mapping for each kind of statement the standard has."""

    code: str
    number: int
    text: str
    mapping: Mapping[ItemKind, DutyMapping] = field(hash=False)

    @property
    def kind(self) -> ItemKind:
        return ItemKind.DUTY

    @property
    def label(self) -> str:
        return f"Duty {self.number}"

    @property
    def unknown_kinds(self) -> tuple[ItemKind, ...]:
        """The kinds for which no mapping is published; a provider's own mapping does not change that."""
        return tuple(kind for kind, mapped in self.mapping.items() if not mapped.is_published)

    @property
    def mapping_status(self) -> MappingStatus:
        unknown = len(self.unknown_kinds)
        if unknown == 0:
            return MappingStatus.KNOWN
        return MappingStatus.UNKNOWN if unknown == len(self.mapping) else MappingStatus.PARTIAL

    @property
    def known_codes(self) -> tuple[str, ...]:
        """The statements that the published mapping names."""
        return self._codes_of(PUBLISHED)

    @property
    def own_codes(self) -> tuple[str, ...]:
        """The statements that the provider's own mapping adds where nothing is published."""
        return self._codes_of(OURS)

    def _codes_of(self, layer: str) -> tuple[str, ...]:
        mappings = (mapped for mapped in self.mapping.values() if mapped.layer == layer)
        return tuple(in_order(code for mapped in mappings for code in mapped.codes or ()))


Item = Statement | Duty


class DutiesNaming(NamedTuple):
    """The duties whose published mapping names a statement; not `complete` if some mappings are unknown."""

    duties: tuple[Duty, ...]
    complete: bool


@dataclass(frozen=True)
class Standard:
    """One version of one occupational standard."""

    reference: str
    version: str
    title: str
    level: int
    statements: tuple[Statement, ...]
    duties: tuple[Duty, ...]
    key_information: KeyInformation
    occupation: Occupation
    entry_requirements: tuple[EntryRequirement, ...]
    english_maths_statement: str  # empty when unknown
    english_maths_origin: str
    assessment: Assessment
    words: Words
    licence: Licence
    source: Source

    def __hash__(self) -> int:
        return hash((self.reference, self.version))

    def __str__(self) -> str:
        return f"{self.reference} version {self.version}"

    @property
    def items(self) -> tuple[Item, ...]:
        """All statements, then all duties, in the standard's order: the order of every coverage text."""
        return self._items

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        return (*self.statements, *self.duties)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(item.code for item in self._items)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {code: place for place, code in enumerate(self.codes)}

    def __contains__(self, code: object) -> bool:
        return code in self._positions

    def position(self, code: str) -> int:
        """The place of an item in `items`, counted from 0. Raises UnknownItem."""
        try:
            return self._positions[code]
        except KeyError:
            raise UnknownItem(code, str(self)) from None

    def item(self, code: str) -> Item:
        """The statement or duty with this code. Raises UnknownItem."""
        return self._items[self.position(code)]

    def items_of(self, kind: ItemKind) -> tuple[Item, ...]:
        return self._items_by_kind[kind]

    @cached_property
    def _items_by_kind(self) -> dict[ItemKind, tuple[Item, ...]]:
        return {kind: tuple(item for item in self._items if item.kind is kind) for kind in ItemKind}

    @cached_property
    def kinds_present(self) -> tuple[ItemKind, ...]:
        """The kinds of which this standard has at least one item."""
        return tuple(kind for kind in ItemKind if self._items_by_kind[kind])

    def duties_for(self, code: str) -> DutiesNaming:
        """Which duties call for a statement, as far as published. Raises UnknownItem."""
        kind = self.item(code).kind
        naming = tuple(duty for duty in self.duties if code in duty.known_codes)
        return DutiesNaming(naming, complete=all(kind not in duty.unknown_kinds for duty in self.duties))

    @property
    def mapping_status(self) -> MappingStatus:
        """How much of the mapping of all duties together is published."""
        found = {duty.mapping_status for duty in self.duties}
        return found.pop() if len(found) == 1 else MappingStatus.PARTIAL

    @property
    def attribution(self) -> str:
        """The acknowledgement to show wherever the official wording is shown."""
        return self.licence.attribution

    @property
    def typical_duration_months(self) -> int | None:
        """Typical months from the start to the gateway."""
        return self.key_information.typical_duration_months

    @property
    def earliest_start_on(self) -> date | None:
        return self.key_information.earliest_start_on

    @property
    def latest_start_on(self) -> date | None:
        return self.key_information.latest_start_on

    @property
    def minimum_off_the_job_hours(self) -> int | None:
        return self.key_information.minimum_off_the_job_hours


def with_own_mapping(standard: Standard, own: Mapping[str, Iterable[str]], label: str) -> Standard:
    """The standard with a provider's own mapping (duty code -> statement codes) beside the published one.

    Only kinds without a published mapping are filled; they carry `label` as origin, the layer "ours",
    and still count as not published. Raises UnknownItem for a code the standard does not have.
    """
    chosen = {duty: in_order(codes) for duty, codes in own.items()}
    for duty_code, codes in chosen.items():
        for code in (duty_code, *codes):
            standard.item(code)
    duties = (_with_own_codes(standard, duty, chosen.get(duty.code, []), label) for duty in standard.duties)
    return replace(standard, duties=tuple(duties))


def _with_own_codes(standard: Standard, duty: Duty, codes: list[str], label: str) -> Duty:
    mapping = dict(duty.mapping)
    for kind in duty.unknown_kinds:
        of_kind = tuple(code for code in codes if standard.item(code).kind is kind)
        mapping[kind] = DutyMapping(of_kind, label, OURS) if of_kind else DutyMapping(None, UNKNOWN)
    return replace(duty, mapping=mapping)
