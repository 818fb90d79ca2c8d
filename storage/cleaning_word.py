"""Word documents: who wrote, who commented and what was changed by whom goes; what the text says stays."""

from __future__ import annotations

import re
from typing import Any

from storage.cleaning_changes import accept_changes, is_change, own_name
from storage.cleaning_office import Package, local
from storage.cleaning_package import Trade, named
from storage.cleaning_parts import PATH, remove, unwrap
from storage.cleaning_words import (
    BLOCKS,
    CHANGES,
    COMMENTS,
    NUMBERS,
    OTHER,
    PATHS,
    PEOPLE,
    PROPERTIES,
    SOURCES,
    Outcome,
    Seen,
)

STORIES = ("header", "footer", "footnotes", "endnotes")
_SETTINGS = {
    "rsids": NUMBERS,
    "docId": NUMBERS,
    "attachedTemplate": PATHS,
    "docVars": PROPERTIES,
    "mailMerge": SOURCES,
    "saveThroughXslt": PATHS,
    "attachedSchema": PROPERTIES,
    "schemaLibrary": PROPERTIES,
    "activeWritingStyle": OTHER,
}
_IN_TEXT = {
    "commentRangeStart": COMMENTS,
    "commentRangeEnd": COMMENTS,
    "commentReference": COMMENTS,
    "permStart": PEOPLE,
    "permEnd": PEOPLE,
    "dataBinding": PROPERTIES,
    "placeholder": BLOCKS,
    "rsid": NUMBERS,
    "smartTagPr": OTHER,
    "customXmlPr": OTHER,
    "signatureline": PEOPLE,
}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def clean(part: str, root: Any, outcome: Outcome) -> None:
    """Whatever a part of a Word document holds besides what it shows."""
    if local(root) == "settings":
        _take(root, _SETTINGS, outcome)
        return
    if any(is_change(element) for element in root.iter("*")):
        outcome.words.add(CHANGES)
    accept_changes(root)
    _clean_fields(root, outcome)
    _take(root, _IN_TEXT, outcome)
    for name in ("smartTag", "customXml"):
        for element in [
            one for one in root.iter("*") if own_name(one) == name and one.getparent() is not None
        ]:
            unwrap(element)


def _take(root: Any, names: dict[str, str], outcome: Outcome) -> None:
    for element in [one for one in root.iter("*") if local(one) in names]:
        outcome.words.add(names[local(element)])
        run = element.getparent()
        remove(element)
        if own_name(run) == "r" and all(own_name(child) == "rPr" for child in run):
            remove(run)


def _clean_fields(root: Any, outcome: Outcome) -> None:
    """Paths in the instructions of fields, which Word may spread over several runs of a paragraph."""
    for element in root.iter("*"):
        for key, value in element.attrib.items():
            if own_name(element) == "fldSimple" and local_key(key) == "instr":
                element.set(key, _without_paths(value, outcome))
    for paragraph in [one for one in root.iter("*") if own_name(one) == "p"]:
        pieces = [one for one in paragraph.iter("*") if own_name(one) == "instrText"]
        whole = "".join(piece.text or "" for piece in pieces)
        if (cleaned := _without_paths(whole, outcome)) != whole:
            for piece in pieces:
                piece.text = None
            pieces[0].text = cleaned


def local_key(key: str) -> str:
    return key.rpartition("}")[2]


def _without_paths(instruction: str, outcome: Outcome) -> str:
    def shown(found: re.Match[str]) -> str:
        words = (found[1] if found[1] is not None else found[2]).replace("\\\\", "\\")
        if not PATH.match(words):
            return found[0]
        outcome.words.add(PATHS)
        return '""'

    return _QUOTED.sub(shown, instruction)


def look(package: Package, seen: Seen) -> None:
    """Count comments and tracked changes with their authors, and what stays though it does not show."""
    main = package.main().target
    relations = package.relations(main)
    for relation in relations:
        if relation.type == "comments" and not relation.external:
            for comment in package.xml(relation.target).iter("*"):
                if own_name(comment) == "comment":
                    seen.comments += 1
                    seen.by(author_of(comment))
    for part in [main, *(one.target for one in relations if one.type in STORIES and not one.external)]:
        _look_through(package.xml(part), seen)


def _look_through(root: Any, seen: Seen) -> None:
    for element in root.iter("*"):
        if is_change(element) and not _said_twice(element):
            seen.changes += 1
            seen.by(author_of(element))
        elif own_name(element) == "vanish" and _is_hidden_text(element):
            seen.besides("hidden text")
        elif own_name(element) in ("ffData", "checkbox"):
            seen.besides("form fields")


def _said_twice(element: Any) -> bool:
    """Whether it is only there for older programs, and says the same as what stands beside it."""
    return next(element.iterancestors("{*}Fallback"), None) is not None


def author_of(element: Any) -> str | None:
    return next((value for key, value in element.attrib.items() if local_key(key) == "author"), None)


def _is_hidden_text(element: Any) -> bool:
    if any(value in ("0", "false", "off") for value in element.attrib.values()):
        return False
    run = element.getparent().getparent()
    return own_name(run) == "r" and any(own_name(one) == "t" and (one.text or "").strip() for one in run)


TRADE = Trade(
    needed=named(
        "styles stylesWithEffects settings webSettings fontTable numbering footnotes endnotes header footer "
        "subDocument frame"
    ),
    left_out={
        "commentsExtended": COMMENTS,
        "commentsIds": COMMENTS,
        "commentsExtensible": COMMENTS,
        "people": PEOPLE,
        "glossaryDocument": BLOCKS,
        "attachedTemplate": PATHS,
        "mailMergeSource": SOURCES,
        "mailMergeHeaderSource": SOURCES,
        "recipientData": SOURCES,
        "transform": PATHS,
        "keyMapCustomizations": OTHER,
        "attachedToolbars": OTHER,
        "documenttasks": COMMENTS,
        "intelligence": OTHER,
        "intelligence2": OTHER,
    },
    clean=clean,
)
