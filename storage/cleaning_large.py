"""Sheets of a workbook, row by row: one sheet may hold a million cells, and as a tree in memory it takes some thirty
times its bytes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from storage.cleaning_office import READING, Package, local, xml_trouble
from storage.refusals import OFFICE_TYPED

LARGE = 4 * 1024**2
"""Bytes from which on a part is read in rows."""
_ROWS = {"worksheet": {"row"}, "sst": {"si"}, "pivotCacheRecords": {"r"}}
_HOLDERS = {"sheetData"}
_MARK = b"<!DOCTYPE"


def comes_in_rows(package: Package, part: str) -> bool:
    """Whether this part is large and of a kind that is a list of rows."""
    return package.size(part) > LARGE and package.type_of(part).endswith(
        ("worksheet+xml", "sharedStrings+xml", "pivotCacheRecords+xml")
    )


def unpack(package: Package, part: str, target: Path) -> None:
    """To a file of its own. A document type is refused while at it."""
    end = b""
    with target.open("wb") as file:
        for piece in package.pieces(part):
            if _MARK in (end + piece).replace(b"\0", b""):
                raise OFFICE_TYPED.about("")
            end = piece[-2 * len(_MARK) :]
            file.write(piece)


def rows(path: Path, *names: str) -> Iterator[Any]:
    """Each element of these names, with nothing of the others kept in memory."""
    try:
        for _, element in etree.iterparse(str(path), events=("end",), **READING):
            if local(element) in names:
                yield element
            if local(element) not in ("c", "v", "f", "is", "t"):
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise xml_trouble(error) from error


def clean_rows(path: Path, out: BinaryIO, clean: Callable[[Any], None]) -> None:
    """Write the part again. `clean` is given each row, and everything that is no row below a root like its own."""
    depth, root = 0, None
    out.write(b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n")
    try:
        for event, element in etree.iterparse(str(path), events=("start", "end"), **READING):
            depth += 1 if event == "start" else -1
            holds = depth == (2 if event == "start" else 1) and local(element) in _HOLDERS
            if event == "start" and (root is None or holds):
                out.write(_said(_cleaned(element, clean), root)[:-2] + b">")
                root = element if root is None else root
            elif event == "end" and (depth == 0 or holds):
                out.write(b"</" + _name(element) + b">")
            elif event == "end":
                _write(out, element, root, depth, clean)
    except etree.XMLSyntaxError as error:
        raise xml_trouble(error) from error


def _write(out: BinaryIO, element: Any, root: Any, depth: int, clean: Callable[[Any], None]) -> None:
    name = local(element)
    if name in _ROWS.get(local(root), ()) and depth == (2 if local(root) == "worksheet" else 1):
        clean(element)
        out.write(_said(element, root))
        _forget(element)
    elif depth == 1:
        for kept in _cleaned_below(element, root, clean):
            out.write(_said(kept, root))
        _forget(element)


def _said(element: Any, root: Any) -> bytes:
    """As it is written, without the names of languages that its root has said already."""
    said = bytes(etree.tostring(element, encoding="UTF-8", with_tail=False, xml_declaration=False))
    if root is None:
        return said
    start, mark, rest = said.partition(b">")
    for prefix, space in root.nsmap.items():
        start = start.replace(f' xmlns{":" + prefix if prefix else ""}="{space}"'.encode(), b"")
    return start + mark + rest


def _name(element: Any) -> bytes:
    return f"{element.prefix}:{local(element)}".encode() if element.prefix else local(element).encode()


def _cleaned(element: Any, clean: Callable[[Any], None]) -> Any:
    """The element without what is inside it, which has not been read yet."""
    alone = etree.Element(element.tag, dict(element.attrib), nsmap=element.nsmap)
    clean(alone)
    return alone


def _cleaned_below(element: Any, root: Any, clean: Callable[[Any], None]) -> list[Any]:
    """The same element, unless it was taken out."""
    above = etree.Element(root.tag, nsmap=root.nsmap)
    above.append(copy.deepcopy(element))
    clean(above)
    return list(above)


def _forget(element: Any) -> None:
    """What was written is no longer needed, nor what stands before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
