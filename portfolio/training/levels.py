"""Levels of the competency frameworks at hand, as an entry of the training log names them."""

from __future__ import annotations

from functools import cache

from kbs.frameworks import Frameworks, load_frameworks


@cache
def frameworks() -> Frameworks:
    """Those that ship, read once: reading them takes longer than a page should."""
    return load_frameworks()


@cache
def choices() -> tuple[tuple[str, str], ...]:
    """ "framework:level" and its words, for a select box."""
    return tuple(
        (f"{one.id}:{level.id}", f"{one.title} ({one.edition}): {level.title}")
        for one in frameworks().all()
        for level in one.levels
    )


def words(framework_id: str | None, level_id: str | None) -> str:
    """A framework that is not at hand any more is named by its id."""
    if not framework_id:
        return ""
    value = f"{framework_id}:{level_id}"
    return dict(choices()).get(value, value)
