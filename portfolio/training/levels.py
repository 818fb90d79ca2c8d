"""Levels of the competency frameworks at hand, as an entry of the training log or a course names them."""

from __future__ import annotations

from kbs.framework import UnknownLevel
from kbs.frameworks import Frameworks, UnknownFramework


def choices(known: Frameworks, keeps: str = "") -> list[tuple[str, str]]:
    """ "framework:level" and its words, for a select box: what is offered now, and what stands there already."""
    offered = [
        (f"{one.id}:{level.id}", f"{one.title} ({one.edition}): {level.title}")
        for one in known.all()
        for level in one.levels
    ]
    if keeps and keeps not in dict(offered):
        framework_id, _, level_id = keeps.partition(":")
        offered.append((keeps, words(known, framework_id, level_id)))
    return offered


def words(known: Frameworks, framework_id: str | None, level_id: str | None) -> str:
    """An edition that is not offered any more keeps its words; what is not at hand at all is named by its id."""
    if not framework_id:
        return ""
    try:
        framework = known.get(framework_id)
        level = framework.level(level_id or "")
    except (UnknownFramework, UnknownLevel):
        return f"{framework_id}:{level_id}"
    return f"{framework.title} ({framework.edition}): {level.title}"
