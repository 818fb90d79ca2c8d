"""What every XML part of an Office file loses, whichever program wrote it: paths, numbers of editing sessions, and
what leads to parts that do not come along."""

from __future__ import annotations

import re
from typing import Any

from storage.cleaning_office import Relation, local
from storage.cleaning_words import NUMBERS, PATHS, PEOPLE, TIME, Outcome

_WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_RELATIONS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)
PATH = re.compile(
    r"file:[\\/]|[A-Za-z]:[\\/]|\\\\[\w.$@-]+\\[^\\]|/(?:Users|home|Volumes|private)/", re.IGNORECASE
)
"""How a path of somebody's computer or network begins."""
_SAFE_ADDRESS = re.compile(r"(https?://|mailto:|tel:|sms:|about:blank$|#)", re.IGNORECASE)
_EDITING = {"paraId", "textId", "anchorId", "editId"}
_DRAWN_TWICE = {"gfxdata"}
_IDS = {"creationId", "modId"}
_WITHOUT_CONTENT = {"ext", "extLst", "custDataLst", "tagLst", "AlternateContent", "Choice", "Fallback"}
_KEEP_ELEMENT = {"pageSetup"}
ABOUT_BLANK = "about:blank"


def clean_xml(root: Any, gone: set[str], outcome: Outcome) -> None:
    """Change the tree in place. `gone`: ids of relationships that are no longer there."""
    doomed = []
    for element in root.iter("*"):
        name = local(element)
        if name in _IDS or (name == "absPath"):
            outcome.words.add(PATHS if name == "absPath" else NUMBERS)
            doomed.append(element)
        elif name == "timestamp" and element.get("timeString"):
            element.set("timeString", "1980-01-01T00:00:00.000")  # of ink: other parts of it name the element
        for key, value in element.items():
            if value in gone and key.startswith(_RELATIONS):
                if name in _KEEP_ELEMENT:
                    del element.attrib[key]
                else:
                    doomed.append(element)
            else:
                _clean_attribute(element, key, value, outcome)
    for element in doomed:
        remove(element)


def _clean_attribute(element: Any, key: str, value: str, outcome: Outcome) -> None:
    space, _, name = key.rpartition("}")
    if _is_editing(space, name):
        outcome.words.add(NUMBERS)
    elif space in _WORD and name in ("author", "initials"):
        outcome.words.add(PEOPLE)
    elif name == "dateUtc" or (space in _WORD and name == "date"):
        outcome.words.add(TIME)
    elif PATH.match(value) and not key.startswith(_RELATIONS):
        outcome.words.add(PATHS)
        element.set(key, "")
        return
    elif name not in _DRAWN_TWICE:
        return
    del element.attrib[key]


def _is_editing(space: str, name: str) -> bool:
    """Numbers that tell which session of which computer a paragraph, a drawing or a sheet came from."""
    return (
        (space in _WORD and name.startswith("rsid"))
        or ("/word/20" in space and name in _EDITING)
        or ("/spreadsheetml/20" in space and "/revision" in space)
    )


def remove(element: Any) -> None:
    """Take the element out, and what only was there for its sake. The root is never taken out."""
    parent = element.getparent()
    while parent is not None:
        _take_out(parent, element)
        if len(parent) or local(parent) not in _WITHOUT_CONTENT:
            return
        element, parent = parent, parent.getparent()


def _take_out(parent: Any, element: Any) -> None:
    """With what stands in it, and not what stands after it."""
    if element.tail and element.tail.strip():
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def unwrap(element: Any) -> None:
    """Put what is inside in the place of the element."""
    parent = element.getparent()
    at = parent.index(element)
    for offset, child in enumerate(list(element)):
        parent.insert(at + offset, child)
    parent.remove(element)


def outside(relation: Relation, outcome: Outcome) -> str:
    """The address outside to keep: that of a page, a mail address, a telephone; of a file only that there was one."""
    if _SAFE_ADDRESS.match(relation.target):
        return relation.target
    outcome.words.add(PATHS)
    return ABOUT_BLANK
