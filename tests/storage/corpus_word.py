"""Word documents as Word writes them, with names, changes and comments in every place that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.storage.corpus_files import zipped
from tests.storage.corpus_marks import mark

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MS = "http://schemas.microsoft.com/office"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPACES = (
    f'xmlns:w="{W}" xmlns:r="{_REL}" xmlns:w14="{_MS}/word/2010/wordml" xmlns:w15="{_MS}/word/2012/wordml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    f'xmlns:wp14="{_MS}/word/2010/wordprocessingDrawing" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    f'xmlns:w16du="{_MS}/word/2023/wordml/word16du" mc:Ignorable="w14 w15 wp14 w16du"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@dataclass
class Part:
    """One part: what it holds, its content type, and the type of the relationship that leads to it."""

    content: str | bytes
    content_type: str
    relation: str
    relations: str = ""


@dataclass
class Made:
    """A document with what must be seen in it before, and what must be left of it."""

    data: bytes
    text: list[str]
    comments: int = 0
    changes: int = 0
    by: list[str] = field(default_factory=list)


def packed(
    main: str,
    content: str,
    content_type: str,
    parts: dict[str, Part],
    outer: dict[str, Part] | None = None,
    extra: str = "",
) -> bytes:
    """An Office file of these parts; ids of relationships are rId1, rId2, … in their order. `extra`: relationships
    of the main part to places outside."""
    folder, _, name = main.rpartition("/")
    types = [f'<Override PartName="/{main}" ContentType="{content_type}"/>']
    files: dict[str, bytes | str] = {}
    inner, package = [], [f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="{main}"/>']
    for number, (place, part) in enumerate(parts.items(), 1):
        types.append(f'<Override PartName="/{place}" ContentType="{part.content_type}"/>')
        relation = part.relation if "://" in part.relation else f"{_REL}/{part.relation}"
        if part.relation:
            inner.append(f'<Relationship Id="rId{number}" Type="{relation}" Target="/{place}"/>')
        files[place] = part.content
        if part.relations:
            at, _, own = place.rpartition("/")
            files[f"{at}/_rels/{own}.rels"] = relations(part.relations)
    for number, (place, part) in enumerate((outer or {}).items(), 2):
        types.append(f'<Override PartName="/{place}" ContentType="{part.content_type}"/>')
        package.append(f'<Relationship Id="rId{number}" Type="{part.relation}" Target="{place}"/>')
        files[place] = part.content
    content_types = (
        f'{HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{"".join(types)}</Types>'
    )
    return zipped(
        {
            "[Content_Types].xml": content_types,
            "_rels/.rels": relations("".join(package)),
            main: content,
            f"{folder}/_rels/{name}.rels": relations("".join(inner) + extra),
            **files,
        }
    )


def relations(inside: str) -> str:
    return f'{HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def properties(name: str) -> dict[str, Part]:
    """Who made it, for whom, when and with what; a small picture of it; and what a company adds."""
    core = (
        f'{HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{mark(name, 'title')}</dc:title><dc:creator>{mark(name, 'creator')}</dc:creator>"
        f"<cp:keywords>{mark(name, 'keywords')}</cp:keywords>"
        f"<cp:lastModifiedBy>{mark(name, 'last')}</cp:lastModifiedBy><cp:revision>7</cp:revision>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2026-11-18T09:41:07Z</dcterms:created></cp:coreProperties>'
    )
    app = (
        f'{HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Application>Word</Application><Company>{mark(name, 'company')}</Company>"
        f"<Manager>{mark(name, 'manager')}</Manager><Template>{mark(name, 'template')}.dotm</Template></Properties>"
    )
    custom = (
        f'{HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Owner">'
        f"<vt:lpwstr>{mark(name, 'custom')}</vt:lpwstr></property></Properties>"
    )
    label = f'{HEAD}<labels><label siteId="{mark(name, "tenant")}"/></labels>'
    return {
        "docProps/core.xml": Part(
            core,
            "application/vnd.openxmlformats-package.core-properties+xml",
            f"{_PACKAGE}/relationships/metadata/core-properties",
        ),
        "docProps/app.xml": Part(app, f"{_OFFICE}.extended-properties+xml", f"{_REL}/extended-properties"),
        "docProps/custom.xml": Part(custom, f"{_OFFICE}.custom-properties+xml", f"{_REL}/custom-properties"),
        "docProps/thumbnail.jpeg": Part(
            mark(name, "thumbnail").encode(), "image/jpeg", f"{_PACKAGE}/relationships/metadata/thumbnail"
        ),
        "docMetadata/LabelInfo.xml": Part(
            label,
            "application/vnd.ms-office.classificationlabels+xml",
            f"{_MS}/2020/02/relationships/classificationlabels",
        ),
    }


def word(
    body: str, parts: dict[str, Part] | None = None, outer: dict[str, Part] | None = None, extra: str = ""
) -> bytes:
    """A Word document with this body."""
    content = f"{HEAD}<w:document {SPACES}><w:body>{body}</w:body></w:document>"
    return packed(
        "word/document.xml",
        content,
        f"{_OFFICE}.wordprocessingml.document.main+xml",
        parts or {},
        outer,
        extra,
    )


def p(*runs: str, properties: str = "", attributes: str = "") -> str:
    return f"<w:p{attributes}>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{''.join(runs)}</w:p>"


def r(text: str, properties: str = "") -> str:
    shape = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{shape}<w:t xml:space="preserve">{text}</w:t></w:r>'


def deleted(text: str) -> str:
    return f'<w:r><w:delText xml:space="preserve">{text}</w:delText></w:r>'


def change(kind: str, who: str, inside: str = "", number: int = 900) -> str:
    date = 'w:date="2026-11-18T09:41:07Z" w16du:dateUtc="2026-11-18T09:41:07Z"'
    return f'<w:{kind} w:id="{number}" w:author="{who}" {date}>{inside}</w:{kind}>'


def part(name: str, inside: str, relation: str, kind: str = "") -> Part:
    """A part of WordprocessingML besides the document."""
    return Part(
        f"{HEAD}<w:{name} {SPACES}>{inside}</w:{name}>",
        f"{_OFFICE}.wordprocessingml.{kind or relation}+xml",
        relation,
    )
