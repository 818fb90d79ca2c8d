"""The file format of a competency framework: data to Framework with every fault named, all at once.

One schema for the frameworks that ship and for those a provider writes. Each fault says the file, the place
in it and what to do there. An id is never reused for something else: ratings and evidence hang on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields as names_of

from kbs.data_checks import Statements, known_levels, names, one_of, slug, suggested_codes
from kbs.fields import Faults, Fields
from kbs.framework import (
    NATIONS,
    ORIGINS,
    STRANDS,
    WORDINGS,
    Competency,
    Expectation,
    Framework,
    FrameworkSource,
    Heading,
    Level,
    NeedsRule,
    SuggestedTarget,
    Suggestion,
)
from kbs.framework_rules import placement_rules, refresher_rules

SCHEMA_VERSION = 1
_SECTIONS = ("schema_version", *(one.name for one in names_of(Framework)))
_TEXTS = ("title", "publisher", "edition", "dated", "sector", "level_word")


def framework_from_data(data: object, faults: Faults, statements: Statements | None = None) -> Framework:
    """The framework in the data of one file. Whatever is wrong is added to `faults`; then do not use it.

    With `statements` each suggested statement has to be one of its standard.
    """
    top = Fields(data, "", faults, _SECTIONS)
    if top.number("schema_version", 1, 99) != SCHEMA_VERSION:
        top.fault("schema_version", f"this program reads schema version {SCHEMA_VERSION}")
    strands = top.named_texts("strands")
    for strand in strands:
        one_of(top, "strands", strand, STRANDS)
    if not strands:
        top.fault("strands", f"name at least one strand: {', '.join(STRANDS)}")
    parts = top.named_texts("parts")
    if not parts:
        top.fault("parts", "name at least one part, such as competency: Competencies")
    levels = _Levels(top, strands, parts).read()
    level_ids = tuple(level.id for level in levels)
    return Framework(
        id=slug(top),
        **{name: top.text(name) for name in _TEXTS},
        nation=one_of(top, "nation", top.text("nation"), NATIONS),
        wording=one_of(top, "wording", top.text("wording"), WORDINGS),
        strands=strands,
        parts=parts,
        source=_source(top.part("source", names(FrameworkSource))),
        principles=top.texts("principles"),
        levels=levels,
        refreshers=refresher_rules(top, level_ids),
        placement=placement_rules(top, level_ids),
        needs_rule=_needs_rule(top, levels),
        expectations=_expectations(top, level_ids),
        suggestions=_suggestions(top, levels, statements),
        suggested_targets=_suggested_targets(top, levels),
    )


def _source(part: Fields) -> FrameworkSource:
    based_on = part.texts("based_on")
    return FrameworkSource(
        document=part.text("document"),
        published=part.text("published"),
        updated=part.optional_text("updated"),
        based_on=based_on,
        rights=part.text("rights"),
        note=part.optional_text("note"),
    )


class _Levels:
    """Reads the levels: ranks from 1 without a gap, every id once in the whole file, links only downwards."""

    def __init__(self, top: Fields, strands: Iterable[str], parts: Iterable[str]) -> None:
        self.top, self.strands, self.parts = top, tuple(strands), tuple(parts)
        self.places: dict[str, str] = {}

    def read(self) -> tuple[Level, ...]:
        levels: list[Level] = []
        for expected, part in enumerate(self.top.parts("levels", names(Level)), start=1):
            levels.append(self._level(part, expected, tuple(one.id for one in levels)))
        if not levels:
            self.top.fault("levels", "there is no level at all")
        return tuple(levels)

    def _level(self, part: Fields, expected: int, earlier: tuple[str, ...]) -> Level:
        if part.number("rank", 1, 99) != expected:
            part.fault(
                "rank", f"{expected} expected: levels stand from the lowest up, numbered from 1 without a gap"
            )
        level_id = part.text("id")
        if level_id in earlier:
            part.fault("id", f"level {level_id} stands twice")
        headings = tuple(self._heading(one) for one in part.parts("headings", names(Heading)))
        under = {one.id: one.strand for one in headings}
        competencies = tuple(
            self._competency(one, under) for one in part.parts("competencies", names(Competency))
        )
        outline = part.data.get("outline") is not None and part.yes_or_no("outline")
        self._check_outline(part, outline, competencies)
        return Level(
            id=level_id,
            rank=expected,
            title=part.text("title"),
            for_whom=part.text("for_whom"),
            examples=part.texts("examples"),
            learning=part.texts("learning"),
            frequency=part.optional_text("frequency"),
            tracks=part.texts("tracks"),
            includes=self._earlier(part, "includes", earlier),
            needs=self._earlier(part, "needs", earlier),
            outline=outline,
            note=part.optional_text("note"),
            headings=headings,
            competencies=competencies,
        )

    @staticmethod
    def _check_outline(part: Fields, outline: bool, competencies: tuple[Competency, ...]) -> None:
        if outline and competencies:
            part.fault("outline", "competencies stand below, so write outline: false")
        if not outline and not competencies:
            part.fault(
                "competencies",
                "there is none: list them, or write outline: true if the source does not list any for this level",
            )

    @staticmethod
    def _earlier(part: Fields, name: str, earlier: tuple[str, ...]) -> tuple[str, ...]:
        found = part.texts(name)
        for one in found:
            if one not in earlier:
                part.fault(name, f"{one} is not a level that stands before this one")
        return found

    def _own_id(self, part: Fields) -> str:
        """An id that stands nowhere else in the file."""
        value = part.text("id")
        if value in self.places:
            part.fault("id", f"{value} stands at {self.places[value]} too; give each its own id")
        elif value:
            self.places[value] = part.where
        return value

    def _strand(self, part: Fields) -> str:
        return one_of(part, "strand", part.text("strand"), self.strands)

    def _heading(self, part: Fields) -> Heading:
        return Heading(self._own_id(part), part.text("title"), self._strand(part))

    def _competency(self, part: Fields, headings: Mapping[str, str]) -> Competency:
        strand, under = self._strand(part), part.optional_text("under")
        if under and headings.get(under) != strand:
            part.fault("under", f"{under} is not a heading of this level and strand")
        return Competency(
            id=self._own_id(part),
            title=part.text("title"),
            strand=strand,
            part=one_of(part, "part", part.text("part"), self.parts),
            under=under,
            points=part.texts("points"),
        )


def _needs_rule(top: Fields, levels: tuple[Level, ...]) -> NeedsRule | None:
    if top.data.get("needs_rule") is None:
        if any(level.needs for level in levels):
            top.fault("needs_rule", "a level needs earlier ones, so say here by when and on what source")
        return None
    part = top.part("needs_rule", names(NeedsRule))
    return NeedsRule(
        within_months=part.optional_number("within_months", 1, 60),
        text=part.text("text"),
        place=part.text("place"),
        origin=one_of(part, "origin", part.text("origin"), ORIGINS),
    )


def _expectations(top: Fields, level_ids: tuple[str, ...]) -> tuple[Expectation, ...]:
    return tuple(
        Expectation(
            id=part.text("id"),
            levels=known_levels(part, "levels", level_ids),
            text=part.text("text"),
            place=part.text("place"),
            origin=one_of(part, "origin", part.text("origin"), ORIGINS),
        )
        for part in top.parts("expectations", names(Expectation))
    )


def _suggestions(
    top: Fields, levels: tuple[Level, ...], statements: Statements | None
) -> tuple[Suggestion, ...]:
    known = {one.id for level in levels for one in level.competencies}
    found = []
    for part in top.parts("suggestions", names(Suggestion)):
        standard = part.text("standard")
        competencies = part.texts("competencies")
        for one in competencies:
            if one not in known:
                part.fault("competencies", f"{one} is not a competency of this framework")
        codes = suggested_codes(part, "statements", standard, statements)
        if not codes or not competencies:
            part.fault("statements", "a suggestion links at least one competency with at least one statement")
        found.append(Suggestion(part.text("id"), standard, codes, competencies))
    return tuple(found)


def _suggested_targets(top: Fields, levels: tuple[Level, ...]) -> tuple[SuggestedTarget, ...]:
    ranks = {level.id: level.rank for level in levels}
    found = []
    for part in top.parts("suggested_targets", names(SuggestedTarget)):
        floor, target = part.text("floor"), part.text("target")
        one_of(part, "floor", floor, ranks)
        one_of(part, "target", target, ranks)
        if ranks.get(floor, 0) > ranks.get(target, 99):
            part.fault("target", f"the target {target} lies below the floor {floor}")
        origin = one_of(part, "origin", part.text("origin"), ORIGINS)
        found.append(SuggestedTarget(part.text("standard"), floor, target, part.text("why"), origin))
    return tuple(found)
