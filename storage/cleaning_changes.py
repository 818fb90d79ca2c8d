"""Tracked changes in Word, accepted as they show: insertions become plain text, deletions go, moves are made, and the
history of formatting is forgotten (ECMA-376 part 1, 17.13.5)."""

from __future__ import annotations

from typing import Any

from storage.cleaning_parts import unwrap
from storage.cleaning_words import not_followed

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_CONFLICTS = {"conflictIns": "ins", "conflictDel": "del"}
_GONE = {"del", "moveFrom"}
_STAYS = {"ins", "moveTo"}
_MARKS = {
    "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "cellIns", "numberingChange",
    "customXmlInsRangeStart", "customXmlInsRangeEnd", "customXmlDelRangeStart", "customXmlDelRangeEnd",
    "customXmlMoveFromRangeStart", "customXmlMoveFromRangeEnd", "customXmlMoveToRangeStart",
    "customXmlMoveToRangeEnd", "customXmlConflictInsRangeStart", "customXmlConflictInsRangeEnd",
    "customXmlConflictDelRangeStart", "customXmlConflictDelRangeEnd",
}  # fmt: skip
_COUNTED = _GONE | _STAYS | {"cellIns", "cellDel", "cellMerge", "numberingChange"}


def own_name(element: Any) -> str:
    """The name of an element of Word's own, "" for one of another language."""
    if not isinstance(element.tag, str):
        return ""
    space, _, name = element.tag[1:].rpartition("}")
    if space in _WORD:
        return str(name)
    return _CONFLICTS.get(name, "") if "/word/20" in space else ""


def is_change(element: Any) -> bool:
    """Whether this is a tracked change: of text, of a paragraph's or row's mark, of a cell, or of formatting."""
    name = own_name(element)
    return name in _COUNTED or name.endswith("PrChange") or name in ("tblGridChange", "tblPrExChange")


def accept_changes(root: Any) -> None:
    """Change the tree in place. Raises `NotCleaned` if that would tear a field apart."""
    whole = _fields_match(root)
    _formatting(root)
    _rows_and_cells(root)
    _deleted_marks(root)
    for element in [one for one in root.iter("*") if own_name(one) in _GONE | {"delText", "delInstrText"}]:
        _remove(element)
    for element in [one for one in root.iter("*") if own_name(one) in _STAYS]:
        if element.getparent() is None:
            raise not_followed()
        unwrap(element)
    _loose_bookmarks(root)
    if whole and not _fields_match(root):
        raise not_followed(
            "A tracked change in it cuts through a field, so it could not be accepted as it shows. "
        )


def _formatting(root: Any) -> None:
    for element in list(root.iter("*")):
        name = own_name(element)
        if name.endswith("PrChange") or name in _MARKS | {"tblGridChange", "tblPrExChange"}:
            _remove(element)


def _rows_and_cells(root: Any) -> None:
    """Deleted rows and cells go, with their table if nothing is left of it; merged cells are merged."""
    for element in list(root.iter("*")):
        name, parent = own_name(element), element.getparent()
        if name == "cellMerge":
            merged = next((v for k, v in element.attrib.items() if k.endswith("}vMerge")), "")
            parent.replace(element, _merge(element, merged)) if merged else _remove(element)
        elif (name == "del" and parent is not None and own_name(parent) == "trPr") or name == "cellDel":
            _remove(parent.getparent())
    for kind, inner in (("tr", "tc"), ("tbl", "tr")):
        for element in [one for one in root.iter("*") if own_name(one) == kind]:
            if not any(own_name(one) == inner for one in element.iter("*")):
                _remove(element)


def _merge(element: Any, merged: str) -> Any:
    space = element.tag.rpartition("}")[0]
    made = element.makeelement(f"{space}}}vMerge")
    if merged == "rest":
        made.set(f"{space}}}val", "restart")
    return made


def _deleted_marks(root: Any) -> None:
    """A paragraph whose mark was deleted or moved away runs on into the next one, which keeps its own shape."""
    for paragraph in [one for one in root.iter("*") if own_name(one) == "p"]:
        properties = next((one for one in paragraph if own_name(one) == "pPr"), None)
        if properties is None or not _mark_is_gone(properties):
            continue
        if any(own_name(one) == "sectPr" for one in properties):
            continue  # the section would end elsewhere: the empty paragraph stays
        following = _following(paragraph)
        rest = [one for one in paragraph if one is not properties and own_name(one) not in _GONE]
        if following is not None:
            _move_into(following, [one for one in paragraph if one is not properties])
            paragraph.getparent().remove(paragraph)
        elif not rest and paragraph.getnext() is not None:
            paragraph.getparent().remove(paragraph)


def _mark_is_gone(properties: Any) -> bool:
    return any(own_name(mark) in _GONE for run in properties if own_name(run) == "rPr" for mark in run)


def _following(paragraph: Any) -> Any:
    """The paragraph after this one, past marks that stand between them."""
    after = paragraph.getnext()
    while after is not None and own_name(after).endswith(("Start", "End")):
        after = after.getnext()
    return after if after is not None and own_name(after) == "p" else None


def _move_into(paragraph: Any, content: list[Any]) -> None:
    at = 1 if len(paragraph) and own_name(paragraph[0]) == "pPr" else 0
    for offset, element in enumerate(content):
        paragraph.insert(at + offset, element)


def _loose_bookmarks(root: Any) -> None:
    """Ends of ranges whose other end was deleted."""

    def ids(name: str) -> dict[str, Any]:
        found = [one for one in root.iter("*") if own_name(one) == name]
        return {value: one for one in found for key, value in one.attrib.items() if key.endswith("}id")}

    starts, ends = ids("bookmarkStart"), ids("bookmarkEnd")
    for mine, others in ((starts, ends), (ends, starts)):
        for number in set(mine) - set(others):
            _remove(mine[number])


def _fields_match(root: Any) -> bool:
    kinds = [
        value
        for one in root.iter("*")
        if own_name(one) == "fldChar"
        for key, value in one.attrib.items()
        if key.endswith("}fldCharType")
    ]
    return kinds.count("begin") == kinds.count("end")


def _remove(element: Any) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
