"""Writing an Office file anew: the parts that are needed, each cleaned, with relationships and content types to match.

Every entry carries the same time, and nothing beside its bytes.
"""

from __future__ import annotations

import posixpath
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lxml import etree

from storage.cleaning_large import clean_rows, comes_in_rows, unpack
from storage.cleaning_office import TYPES_PART, Package, Relation
from storage.cleaning_parts import clean_xml, outside
from storage.cleaning_words import COMMENTS, OTHER, PRINTER, PROPERTIES, Outcome

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TIME = (1980, 1, 1, 0, 0, 0)
_IN_NAMES = "/!$&'()*+,;=:@-._~"
_PACKED = ("jpg", "jpeg", "png", "gif", "mp4", "mov", "m4a", "mp3", "webp", "wmz", "emz")


def named(types: str) -> frozenset[str]:
    """Types of relationships, by the last word of each."""
    return frozenset(types.split())


_DRAWN = named(
    "hyperlink image chart chartUserShapes chartStyle chartColorStyle chartEx diagramData diagramLayout "
    "diagramQuickStyle diagramColors diagramDrawing theme themeOverride font package oleObject audio video media "
    "vmlDrawing drawing hdphoto control activeXControlBinary ctrlProp legacyDiagramText model3d"
)
_LEFT_OUT = {
    "comments": COMMENTS,
    "customXml": PROPERTIES,
    "customXmlProps": PROPERTIES,
    "printerSettings": PRINTER,
}


@dataclass(frozen=True)
class Trade:
    """What is particular to Word, Excel or PowerPoint. `needed`: types of relationships that come along besides those
    of drawings; `left_out`: types that do not, with the word for what they held; `clean`: what each XML part loses
    besides what all do; `keeps`: whether this part is needed in spite of its type, or not."""

    needed: frozenset[str]
    left_out: Mapping[str, str]
    clean: Callable[[str, Any, Outcome], None]
    keeps: Callable[[Package, Relation], bool] = lambda _package, _relation: True

    def verdict(self, package: Package, relation: Relation) -> str | None:
        """None: it comes along; otherwise the word for what it held."""
        word = self.left_out.get(relation.type) or _LEFT_OUT.get(relation.type)
        if word and package.type_of(relation.target) == "application/inkml+xml":
            return None
        return word if word or self.keeps(package, relation) else OTHER

    def knows(self, relation: Relation) -> bool:
        return relation.type in _DRAWN or relation.type in self.needed or relation.type in self.left_out


@dataclass
class Chosen:
    """Which parts come along, with the relationships of each, and the ids of those that are gone."""

    relations: dict[str, list[Relation]] = field(default_factory=dict)
    gone: dict[str, set[str]] = field(default_factory=dict)


def choose(package: Package, trade: Trade, outcome: Outcome) -> Chosen:
    """Follow the relationships from the main part on."""
    chosen, waiting = Chosen(), [package.main().target]
    while waiting:
        part = waiting.pop()
        if part in chosen.relations:
            continue
        kept, gone = [], set()
        for relation in package.relations(part):
            if (word := trade.verdict(package, relation)) or not (
                relation.external or relation.target in package
            ):
                outcome.words.update({word} if word else ())
                gone.add(relation.id)
                continue
            kept.append(relation)
            waiting += [] if relation.external else [relation.target]
            if not trade.knows(relation) and relation.type != "customXml":
                outcome.remains(
                    f"A part of a kind that is not known here ({relation.type[:40]}) stays as it is."
                )
        chosen.relations[part], chosen.gone[part] = kept, gone
    return chosen


@dataclass
class Writer:
    """Writes what was chosen. `other` cleans a part that is no XML: given a file of its own, it answers with a
    cleaned one beside it, or None. `folder` is private to this writer."""

    package: Package
    chosen: Chosen
    trade: Trade
    outcome: Outcome
    folder: Path
    other: Callable[[Path, str, Outcome], Path | None]

    def write(self, target: Path) -> None:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as self.archive:
            self._put(TYPES_PART, _types(self.package, self.chosen))
            self._put("_rels/.rels", self._relations([self.package.main()]))
            for part, relations in self.chosen.relations.items():
                if comes_in_rows(self.package, part):
                    self._write_rows(part)
                elif self._is_xml(part):
                    self._write_xml(part)
                else:
                    self._write_other(part)
                if relations:
                    folder, name = posixpath.split(part)
                    self._put(posixpath.join(folder, "_rels", f"{name}.rels"), self._relations(relations))

    def _is_xml(self, part: str) -> bool:
        media_type = self.package.type_of(part)
        return _is_vml(part, media_type) or (
            media_type.endswith(("+xml", "/xml")) and "svg" not in media_type
        )

    def _write_xml(self, part: str) -> None:
        root = self.package.xml(part, forgiving=_is_vml(part, self.package.type_of(part)))
        clean_xml(root, self.chosen.gone[part], self.outcome)
        self.trade.clean(part, root, self.outcome)
        self._put(part, serialised(root))

    def _write_rows(self, part: str) -> None:
        def clean(root: Any) -> None:
            clean_xml(root, self.chosen.gone[part], self.outcome)
            self.trade.clean(part, root, self.outcome)

        with tempfile.TemporaryDirectory(dir=self.folder) as own:
            came, kept = Path(own) / "part", Path(own) / "clean"
            unpack(self.package, part, came)
            with kept.open("wb") as out:
                clean_rows(came, out, clean)
            self._put_file(part, kept)

    def _write_other(self, part: str) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as own:
            came = Path(own) / "part"
            with came.open("wb") as file:
                for piece in self.package.pieces(part):
                    file.write(piece)
            kept = self.other(came, self.package.type_of(part), self.outcome) or came
            self._put_file(part, kept)

    def _put_file(self, part: str, path: Path) -> None:
        with path.open("rb") as source, self.archive.open(_entry(part), "w") as out:
            shutil.copyfileobj(source, out, 1024**2)

    def _put(self, part: str, data: bytes) -> None:
        self.archive.writestr(_entry(part), data)

    def _relations(self, relations: list[Relation]) -> bytes:
        root = etree.Element(
            f"{{{_PACKAGE}/relationships}}Relationships", nsmap={None: f"{_PACKAGE}/relationships"}
        )
        for relation in relations:
            target = (
                outside(relation, self.outcome)
                if relation.external
                else "/" + quote(relation.target, safe=_IN_NAMES)
            )
            attributes = {"Id": relation.id, "Type": relation.type_address, "Target": target}
            etree.SubElement(
                root,
                f"{{{_PACKAGE}/relationships}}Relationship",
                attributes | ({"TargetMode": "External"} if relation.external else {}),
            )
        return serialised(root)


def _types(package: Package, chosen: Chosen) -> bytes:
    """Of the parts that come along, and of no others."""
    space = f"{_PACKAGE}/content-types"
    root = etree.Element(f"{{{space}}}Types", nsmap={None: space})
    extensions = {posixpath.splitext(part)[1].lstrip(".").lower() for part in chosen.relations}
    defaults = {name: package.defaults[name] for name in sorted(extensions) if name in package.defaults}
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    for extension, media_type in ({"rels": relations} | defaults).items():
        etree.SubElement(root, f"{{{space}}}Default", Extension=extension, ContentType=media_type)
    for part in chosen.relations:
        if media_type := package.overrides.get(part.lower(), ""):
            name = "/" + quote(part, safe=_IN_NAMES)
            etree.SubElement(root, f"{{{space}}}Override", PartName=name, ContentType=media_type)
    return serialised(root)


def _is_vml(part: str, media_type: str) -> bool:
    return part.lower().endswith(".vml") or media_type.endswith("vmlDrawing")


def _entry(part: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(part, _TIME)
    packed = posixpath.splitext(part)[1].lstrip(".").lower() in _PACKED
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    return entry


def serialised(root: Any) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
