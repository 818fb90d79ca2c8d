"""Checks that the files of frameworks and of training catalogues share."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields as names_of
from typing import Any

from kbs.fields import Fields

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Statements = Mapping[str, frozenset[str]]
"""The statements at hand: reference of a standard -> its codes."""


def names(of: Any) -> tuple[str, ...]:
    return tuple(one.name for one in names_of(of))


def slug(part: Fields, name: str = "id") -> str:
    """A name for machines: small letters, digits and hyphens."""
    value = part.text(name)
    if value and not SLUG.fullmatch(value):
        part.fault(name, f"small letters, digits and hyphens expected, such as our-own-2026, not {value!r}")
    return value


def one_of(part: Fields, name: str, value: str, allowed: Iterable[str]) -> str:
    """The value, if it is one of those allowed; the fault names them all."""
    choices = tuple(allowed)
    if value and value not in choices:
        part.fault(name, f"{value!r} is not known here; write one of: {', '.join(choices)}")
    return value


def known_levels(part: Fields, name: str, level_ids: Iterable[str]) -> tuple[str, ...]:
    """A list of levels that all have to stand in the file."""
    found = part.texts(name)
    for one in found:
        if one not in level_ids:
            part.fault(name, f"{one} is not a level of this framework")
    return found


def suggested_codes(part: Fields, name: str, standard: str, statements: Statements | None) -> tuple[str, ...]:
    """Suggested statements of one standard; each has to be there if the standards at hand are given."""
    codes = part.texts(name)
    for code in sorted({one for one in codes if codes.count(one) > 1}):
        part.fault(name, f"{code} stands twice")
    if statements is None or not standard:
        return codes
    if standard not in statements:
        part.fault(name, f"there is no standard {standard} at hand to look these statements up in")
        return codes
    for code in codes:
        if code not in statements[standard]:
            part.fault(name, f"{code} is not a statement of {standard}")
    return codes
