"""The rules in a framework's file: how often learning is renewed, and which role belongs at which level."""

from collections.abc import Mapping
from itertools import combinations

from kbs.data_checks import known_levels, names, one_of
from kbs.fields import Fields
from kbs.framework import ORIGINS, AppliesTo, PlacementRule, RefresherKind, RefresherRule
from kbs.roles import CHOICES, FACTS

LONGEST_MONTHS = 120
MOST_HOURS = 500
COUNTS = ("training", "appraisal", "activities")
_YES_NO = {True: "yes", False: "no"}


def refresher_rules(top: Fields, level_ids: tuple[str, ...]) -> tuple[RefresherRule, ...]:
    """Each rule with months above zero; for one level and kind of role there is never more than one rule."""
    found = [(part, _refresher(part, level_ids)) for part in top.parts("refreshers", names(RefresherRule))]
    for (_, first), (part, second) in combinations(found, 2):
        if first.id == second.id:
            part.fault("id", f"{second.id} stands twice")
        elif clash := _both_cover(first, second, level_ids):
            part.fault("applies_to", f"{first.id} sets a rule for level {clash} and these roles already")
    return tuple(rule for _, rule in found)


def _both_cover(first: RefresherRule, second: RefresherRule, level_ids: tuple[str, ...]) -> str:
    for level_id in level_ids:
        for lead in (True, False):
            if first.covers(level_id, lead) and second.covers(level_id, lead):
                return level_id
    return ""


def _refresher(part: Fields, level_ids: tuple[str, ...]) -> RefresherRule:
    kind = one_of(part, "kind", part.text("kind"), (one.value for one in RefresherKind))
    applies_to = one_of(part, "applies_to", part.text("applies_to"), (one.value for one in AppliesTo))
    at_least = part.optional_number("hours_at_least", 1, MOST_HOURS)
    up_to = part.optional_number("hours_up_to", 1, MOST_HOURS)
    if kind == RefresherKind.HOURS and at_least is None:
        part.fault("hours_at_least", "a rule of hours says here how many at least")
    if kind != RefresherKind.HOURS and (at_least, up_to) != (None, None):
        part.fault("hours_at_least", "hours belong to a rule of the kind hours only")
    if at_least and up_to and up_to < at_least:
        part.fault("hours_up_to", f"{up_to} is fewer than the {at_least} hours asked for at least")
    return RefresherRule(
        id=part.text("id"),
        kind=RefresherKind(kind) if kind in set(RefresherKind) else RefresherKind.INTERVAL,
        applies_to=AppliesTo(applies_to) if applies_to in set(AppliesTo) else AppliesTo.EVERYONE,
        levels=known_levels(part, "levels", level_ids),
        months=part.number("months", 1, LONGEST_MONTHS),
        hours_at_least=at_least,
        hours_up_to=up_to,
        first_within_months=part.optional_number("first_within_months", 0, LONGEST_MONTHS),
        counts=one_of(part, "counts", part.text("counts"), COUNTS),
        text=part.text("text"),
        place=part.text("place"),
        origin=one_of(part, "origin", part.text("origin"), ORIGINS),
    )


def placement_rules(top: Fields, level_ids: tuple[str, ...]) -> tuple[PlacementRule, ...]:
    """Each rule names a level of the file, facts that are known, and answers those facts can have."""
    found: list[PlacementRule] = []
    for part in top.parts("placement", names(PlacementRule)):
        rule = PlacementRule(
            id=part.text("id"),
            level=one_of(part, "level", part.text("level"), level_ids),
            when=_conditions(part, "when"),
            unless=_conditions(part, "unless"),
            why=part.text("why"),
            place=part.text("place"),
            origin=one_of(part, "origin", part.text("origin"), ORIGINS),
        )
        if rule.id in {one.id for one in found}:
            part.fault("id", f"{rule.id} stands twice")
        found.append(rule)
    return tuple(found)


def _conditions(part: Fields, name: str) -> Mapping[str, tuple[str, ...]]:
    """Fact -> accepted answers. Yes and no are written true and false; a choice is a list of its answers."""
    if part.data.get(name) is None:
        return {}
    inside = part.part(name, FACTS)
    found: dict[str, tuple[str, ...]] = {}
    for fact in FACTS:
        if fact not in inside.data:
            continue
        if fact in CHOICES:
            found[fact] = inside.texts(fact)
            for answer in found[fact]:
                one_of(inside, fact, answer, CHOICES[fact])
        else:
            found[fact] = (_YES_NO[inside.yes_or_no(fact)],)
    return found
