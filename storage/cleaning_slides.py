"""PowerPoint presentations: comments, tags and the record of who changed what go; slides and speaker notes stay."""

from __future__ import annotations

from typing import Any

from storage.cleaning_office import Package, Relation, local
from storage.cleaning_package import Trade, named
from storage.cleaning_parts import remove
from storage.cleaning_words import (
    CHANGES,
    COMMENTS,
    NUMBERS,
    OTHER,
    PATHS,
    PEOPLE,
    PROPERTIES,
    Outcome,
    Seen,
    counted,
)

_ELEMENTS = {"smartTags": OTHER, "sldSyncPr": PATHS, "modifyId": NUMBERS}


def clean(_part: str, root: Any, outcome: Outcome) -> None:
    """Whatever a part of a presentation holds besides what it shows."""
    for element in [one for one in root.iter("*") if local(one) in _ELEMENTS and one is not root]:
        outcome.words.add(_ELEMENTS[local(element)])
        remove(element)


def look(package: Package, seen: Seen) -> None:
    """Count comments with their authors; name what does not show when the slides are shown."""
    relations = package.relations(package.main().target)
    authors = _authors(package, relations)
    hidden = notes = 0
    for slide in [one for one in relations if one.type == "slide" and not one.external]:
        hidden += package.xml(slide.target).get("show") in ("0", "false")
        for beside in package.relations(slide.target):
            if beside.type == "comments" and not beside.external:
                _count(package, beside, authors, seen)
            elif beside.type == "notesSlide" and not beside.external:
                notes += _has_words(package.xml(beside.target))
    if notes:
        seen.besides(f"speaker notes on {counted(notes, 'slide')}")
    if hidden:
        seen.besides(counted(hidden, "hidden slide"))


def _authors(package: Package, relations: list[Relation]) -> dict[str, str]:
    """Of comments old and new: number → name."""
    found = {}
    for relation in relations:
        if relation.type in ("commentAuthors", "authors") and not relation.external:
            for element in package.xml(relation.target).iter("*"):
                if local(element) in ("cmAuthor", "author"):
                    found[element.get("id", "")] = element.get("name", "")
    return found


def _count(package: Package, relation: Relation, authors: dict[str, str], seen: Seen) -> None:
    for element in package.xml(relation.target).iter("*"):
        if local(element) in ("cm", "reply") and element.get("authorId") is not None:
            seen.comments += 1
            seen.by(authors.get(element.get("authorId", "")))


def _has_words(notes: Any) -> bool:
    """Whether somebody wrote a note: the number of the slide is a field and does not count."""
    runs = [one for one in notes.iter("*") if local(one) == "r"]
    return any((text.text or "").strip() for run in runs for text in run.iter("*") if local(text) == "t")


TRADE = Trade(
    needed=named(
        "slide slideLayout slideMaster notesSlide notesMaster handoutMaster presProps viewProps tableStyles"
    ),
    left_out={
        "commentAuthors": PEOPLE,
        "authors": PEOPLE,
        "tags": PROPERTIES,
        "changesInfo": CHANGES,
        "revisionInfo": NUMBERS,
        "slideUpdateInfo": PATHS,
        "slideUpdateUrl": PATHS,
        "htmlPubSaveAs": PATHS,
        "documenttask": COMMENTS,
        "legacyDocTable": OTHER,
    },
    clean=clean,
)
