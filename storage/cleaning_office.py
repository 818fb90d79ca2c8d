"""A Word, Excel or PowerPoint file as a package of parts, read within limits and written anew.

What is written begins at the main part and follows relationships of kinds that are known to be needed: properties,
thumbnails, signatures and whatever nothing leads to stay behind by themselves (ECMA-376, part 2).
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

from storage.cleaning_words import not_followed
from storage.office import MOST_PARTS, MOST_UNPACKED
from storage.refusals import OFFICE_TYPED

TYPES_PART = "[Content_Types].xml"
MOST_XML = 24 * 1024**2
"""Bytes of one part that is read as a tree: in memory it takes some thirty times as much."""
READING = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True,
    "remove_pis": True,
}  # fmt: skip
"""How XML is read: nothing is fetched, and no entity is put in."""
_NO_MEMORY = 2
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
_UNREADABLE = (
    "It is put together in a way that could not be followed to its end, so nothing was taken out of it. "
)


@dataclass(frozen=True)
class Relation:
    """A relationship: its id, the last word of its type, and the part it leads to, or an address outside."""

    id: str
    type: str
    type_address: str
    target: str
    external: bool


class Package:
    """An Office file opened for reading. Raises `NotCleaned` for what cannot be followed, `Unacceptable` for a DTD."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
            raise not_followed() from error
        parts = self._archive.infolist()
        self._parts = {part.filename.lower(): part for part in parts}
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or len(self._parts) != len(parts):
            raise not_followed()
        self.defaults, self.overrides = self._types()

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._parts

    def size(self, part: str) -> int:
        return self._parts[part.lower()].file_size

    def pieces(self, part: str) -> Iterator[bytes]:
        """The part's bytes, a megabyte at a time, and never more than the archive said."""
        try:
            with self._archive.open(self._parts[part.lower()]) as file:
                while piece := file.read(1024**2):
                    yield piece
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OSError,
            KeyError,
            ValueError,
        ) as error:
            raise not_followed() from error
        except Exception as error:  # zlib's and others' own words for damaged bytes
            raise not_followed() from error

    def read(self, part: str) -> bytes:
        if part not in self or self.size(part) > MOST_XML:
            raise not_followed("A part of it is missing, or too large to be looked through. ")
        return b"".join(self.pieces(part))

    def xml(self, part: str, *, forgiving: bool = False) -> Any:
        """The root element of the part."""
        return parsed(self.read(part), forgiving=forgiving)

    def type_of(self, part: str) -> str:
        extension = posixpath.splitext(part)[1].lstrip(".").lower()
        return self.overrides.get(part.lower(), self.defaults.get(extension, ""))

    def relations(self, part: str) -> list[Relation]:
        """Of this part; of the package itself for ""."""
        folder, name = posixpath.split(part)
        place = posixpath.join(folder, "_rels", f"{name}.rels")
        if place not in self:
            return []
        found = [_relation(element, folder) for element in self.xml(place).iter(_RELATION)]
        if len({one.id for one in found}) != len(found):
            raise not_followed()
        return found

    def main(self) -> Relation:
        """What leads to the main part: the document, the workbook, the presentation."""
        found = [one for one in self.relations("") if one.type == "officeDocument" and not one.external]
        if len(found) != 1 or found[0].target not in self:
            raise not_followed()
        return found[0]

    def _types(self) -> tuple[dict[str, str], dict[str, str]]:
        root = self.xml(TYPES_PART)
        defaults = {
            e.get("Extension", "").lower(): e.get("ContentType", "") for e in root.iter(f"{_TYPES}Default")
        }
        overrides = root.iter(f"{_TYPES}Override")
        return defaults, {
            e.get("PartName", "").lstrip("/").lower(): e.get("ContentType", "") for e in overrides
        }


def parsed(data: bytes, *, forgiving: bool = False) -> Any:
    """The root element: a document type is refused."""
    if any(mark in data for mark in _DOCTYPES):
        raise OFFICE_TYPED.about("")
    parser = etree.XMLParser(recover=forgiving, **READING)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise xml_trouble(error) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise not_followed()
    return root


def xml_trouble(error: etree.XMLSyntaxError) -> Exception:
    """What a parser's complaint means: too little memory, or a part that is no XML."""
    return MemoryError() if error.code == _NO_MEMORY else not_followed()


def local(element: Any) -> str:
    """The name without its namespace."""
    tag = element.tag
    return str(tag).rpartition("}")[2] if isinstance(tag, str) else ""


def _relation(element: Any, folder: str) -> Relation:
    external = element.get("TargetMode") == "External"
    target = element.get("Target", "")
    if not external:
        path = unquote(target.partition("#")[0])
        joined = posixpath.normpath(posixpath.join("/", folder, path))
        target = joined.lstrip("/")
    address = element.get("Type", "")
    return Relation(element.get("Id", ""), address.rpartition("/")[2], address, target, external)
