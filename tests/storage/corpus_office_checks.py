"""Whether an Office file hangs together: every part is well-formed, typed, and every relationship leads somewhere."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Any

from lxml import etree

_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def whole(data: bytes) -> None:
    """Fails with what does not hang together."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        trees = {
            name: etree.fromstring(archive.read(name))
            for name in names
            if name.endswith((".xml", ".rels", ".vml"))
        }
    types = trees["[Content_Types].xml"]
    typed = {one.get("PartName").lstrip("/") for one in types if one.get("PartName")}
    extensions = {one.get("Extension") for one in types if one.get("Extension")}
    parts = {name for name in names if name != "[Content_Types].xml"}
    assert typed <= parts, f"types of parts that are gone: {typed - parts}"
    assert not [part for part in parts - typed if part.rpartition(".")[2].lower() not in extensions]
    reached = _relations(trees, parts)
    assert {part for part in parts if not part.endswith(".rels")} == reached
    _references(trees)


def _relations(trees: dict[str, Any], parts: set[str]) -> set[str]:
    reached = set()
    for name, tree in trees.items():
        if not name.endswith(".rels"):
            continue
        folder = posixpath.dirname(posixpath.dirname(name))
        for relation in tree:
            if relation.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target"))).lstrip("/")
            assert target in parts, f"{name} leads to {target}, which is gone"
            reached.add(target)
    return reached


def _references(trees: dict[str, Any]) -> None:
    for name, tree in trees.items():
        folder, own = posixpath.split(name)
        beside = trees.get(posixpath.join(folder, "_rels", f"{own}.rels"))
        known = {one.get("Id") for one in beside} if beside is not None else set()
        for element in tree.iter("*"):
            for key, value in element.attrib.items():
                if key.startswith(_RELATIONS) and value:
                    assert value in known, f"{name} names {value}, which is gone"
