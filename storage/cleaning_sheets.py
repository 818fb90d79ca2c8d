"""Excel workbooks: notes, who refreshed what from where, and old versions of a shared workbook go; cells stay."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from storage.cleaning_large import comes_in_rows, rows, unpack
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
    SOFTWARE,
    SOURCES,
    TIME,
    Outcome,
    Seen,
)

_ELEMENTS = {
    "fileVersion": SOFTWARE,
    "revisionPtr": NUMBERS,
    "documentId": NUMBERS,
    "customWorkbookViews": PEOPLE,
    "customSheetViews": PEOPLE,
    "webPublishing": PATHS,
    "webPublishItems": PATHS,
    "customProperties": PROPERTIES,
    "alternateUrls": PATHS,
}
_ATTRIBUTES = {
    ("fileSharing", "userName"): PEOPLE,
    ("pivotCacheDefinition", "refreshedBy"): PEOPLE,
    ("pivotCacheDefinition", "refreshedDate"): TIME,
    ("pivotCacheDefinition", "refreshedDateIso"): TIME,
    ("protectedRange", "securityDescriptor"): PEOPLE,
    ("scenario", "user"): PEOPLE,
    ("scenario", "comment"): COMMENTS,
}
_OWNERS = {owner for owner, _ in _ATTRIBUTES}
_OF_CONNECTION = ("id", "type", "refreshedVersion", "minRefreshableVersion", "deleted", "background")
_NOTE = "Note"


def clean(_part: str, root: Any, outcome: Outcome) -> None:
    """Whatever a part of a workbook holds besides what it shows."""
    if local(root) == "connections":
        _clean_connections(root, outcome)
    doomed = []
    for element in root.iter("*"):  # a sheet may have a million: none is kept at hand that is not to go
        name = local(element)
        if name in _ELEMENTS and element is not root:
            outcome.words.add(_ELEMENTS[name])
            doomed.append(element)
        elif name == "shape" and _is_note(element):
            outcome.words.add(COMMENTS)
            doomed.append(element)
        elif name in _OWNERS:
            _clean_attributes(element, name, outcome)
    for element in doomed:
        remove(element)


def _clean_attributes(element: Any, name: str, outcome: Outcome) -> None:
    for key in list(element.attrib):
        if (name, key) in _ATTRIBUTES:
            outcome.words.add(_ATTRIBUTES[name, key])
            del element.attrib[key]


def _clean_connections(root: Any, outcome: Outcome) -> None:
    """That there is a connection stays, since tables name it by its number; where it leads, and as whom, goes."""
    for number, connection in enumerate(list(root), 1):
        before = etree.tostring(connection)
        kept = {key: connection.get(key) for key in _OF_CONNECTION if connection.get(key)}
        inner = [local(one) for one in connection if local(one) in ("dbPr", "webPr", "textPr", "olapPr")]
        space = connection.tag.rpartition("}")[0]
        connection.clear()
        for key, value in ({"name": f"Connection {number}"} | kept).items():
            connection.set(key, value)
        for name in inner:
            made = connection.makeelement(f"{space}}}{name}", {"connection": ""} if name == "dbPr" else {})
            connection.append(made)
        if etree.tostring(connection) != before:
            outcome.words.add(SOURCES)


def _is_note(shape: Any) -> bool:
    return any(local(one) == "ClientData" and one.get("ObjectType") == _NOTE for one in shape.iter("*"))


def keeps(package: Package, relation: Relation) -> bool:
    """A drawing that holds nothing but the shapes of notes does not come along."""
    if relation.type != "vmlDrawing" or relation.target not in package:
        return True
    root = package.xml(relation.target, forgiving=True)
    shapes = [
        one for one in root.iter("*") if local(one) in ("shape", "group", "rect", "oval", "line", "image")
    ]
    return not shapes or not all(_is_note(one) for one in shapes)


def look(package: Package, seen: Seen) -> None:
    """Count notes, comments and the changes of a shared workbook; name what is hidden."""
    main = package.main().target
    relations = {one.id: one for one in package.relations(main) if not one.external}
    people = dict(_people(package, list(relations.values())))
    for relation in relations.values():
        if relation.type == "revisionHeaders":
            _look_at_changes(package, relation.target, seen)
        elif relation.type in ("worksheet", "chartsheet", "dialogsheet"):
            for beside in package.relations(relation.target):
                _look_at_comments(package, beside, people, seen)
        elif relation.type == "pivotCacheDefinition":
            seen.besides("the data behind a pivot table")
        elif relation.type == "powerPivotData":
            seen.besides("a data model")
    for sheet in [one for one in package.xml(main).iter("*") if local(one) == "sheet"]:
        _look_at_sheet(package, sheet, relations, seen)


def _people(package: Package, relations: list[Relation]) -> Iterator[tuple[str, str]]:
    for relation in relations:
        if relation.type == "person":
            for person in package.xml(relation.target).iter("*"):
                if local(person) == "person":
                    yield person.get("id", ""), person.get("displayName", "")


def _look_at_comments(package: Package, relation: Relation, people: dict[str, str], seen: Seen) -> None:
    if relation.external or relation.type not in ("comments", "threadedComment"):
        return
    root = package.xml(relation.target)
    authors = [one.text or "" for one in root.iter("*") if local(one) == "author"]
    for element in root.iter("*"):
        if local(element) == "threadedComment":
            seen.comments += 1
            seen.by(people.get(element.get("personId", "")))
        elif local(element) == "comment":
            number = element.get("authorId", "")
            author = authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
            if not author.startswith("tc="):  # stands for a threaded comment, which is counted itself
                seen.comments += 1
                seen.by(author)


def _look_at_changes(package: Package, part: str, seen: Seen) -> None:
    for header in package.xml(part).iter("*"):
        if local(header) == "header":
            seen.by(header.get("userName"))
    for relation in package.relations(part):
        if relation.type == "revisionLog" and not relation.external:
            seen.changes += len(package.xml(relation.target))


def _look_at_sheet(package: Package, sheet: Any, relations: dict[str, Relation], seen: Seen) -> None:
    name = (sheet.get("name") or "")[:40]
    if sheet.get("state") in ("hidden", "veryHidden"):
        seen.besides(f"hidden sheet “{name}”")
    number = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
    if number not in relations:
        return
    hidden = set()
    for element in _rows_and_columns(package, relations[number].target):
        if element.get("hidden") in ("1", "true"):
            hidden.add("rows" if local(element) == "row" else "columns")
    for what in sorted(hidden):
        seen.besides(f"hidden {what} on sheet “{name}”")


def _rows_and_columns(package: Package, part: str) -> Iterator[Any]:
    if part not in package or not comes_in_rows(package, part):
        yield from package.xml(part).iter("{*}row", "{*}col")
        return
    with tempfile.TemporaryDirectory() as folder:
        unpack(package, part, Path(folder) / "part")
        yield from rows(Path(folder) / "part", "row", "col")


TRADE = Trade(
    needed=named(
        "worksheet chartsheet dialogsheet xlMacrosheet sharedStrings styles calcChain table tableSingleCells "
        "pivotTable pivotCacheDefinition pivotCacheRecords externalLink externalLinkPath "
        "xlExternalLinkPath xlPathMissing queryTable connections sheetMetadata slicer slicerCache timeline timelineCache rdArray "
        "rdRichValue rdRichValueStructure rdRichValueTypes rdRichValueWebImage richValueRel FeaturePropertyBag "
        "rdSupportingPropertyBag rdSupportingPropertyBagStructure richStyles volatileDependencies xmlMaps "
        "wsSortMap"
    ),
    left_out={
        "threadedComment": COMMENTS,
        "person": PEOPLE,
        "customProperty": PROPERTIES,
        "revisionHeaders": CHANGES,
        "revisionLog": CHANGES,
        "usernames": PEOPLE,
        "namedSheetViews": OTHER,
        "documenttask": COMMENTS,
        "attachedToolbars": OTHER,
    },
    clean=clean,
    keeps=keeps,
)
