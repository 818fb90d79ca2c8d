"""Excel workbooks on arrival: cells stay as they are; notes, names, paths and old versions do not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image

from storage.documents import clean_document, look
from storage.kinds import XLSX
from tests.storage.corpus_marks import found, mark, marks_of
from tests.storage.corpus_office_checks import whole
from tests.storage.corpus_photos import SECRETS, png_with_location
from tests.storage.corpus_word import HEAD, Part, packed, properties

_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MS = "http://schemas.microsoft.com/office"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SPACES = (
    f'xmlns="{_SPACE}" xmlns:r="{_REL}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    f'xmlns:xr="{_MS}/spreadsheetml/2014/revision" xmlns:xr2="{_MS}/spreadsheetml/2015/revision2" '
    f'xmlns:x15ac="{_MS}/spreadsheetml/2010/11/ac" xmlns:x15="{_MS}/spreadsheetml/2010/11/main" mc:Ignorable="xr xr2 x15 x15ac"'
)
_CELLS = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Hours</t></is></c><c r="B1"><v>7</v></c></row></sheetData>'


def sheet(after: str = "", before: str = "", relations: str = "", attributes: str = "") -> Part:
    content = f"{HEAD}<worksheet {_SPACES}{attributes}>{before}{_CELLS}{after}</worksheet>"
    return Part(content, f"{_TYPE}.worksheet+xml", "worksheet", relations)


def book(name: str, parts: dict[str, Part], inside: str = "", before: str = "", extra: str = "") -> bytes:
    content = f'{HEAD}<workbook {_SPACES}>{before}<sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets>{inside}</workbook>'
    return packed("xl/workbook.xml", content, f"{_TYPE}.sheet.main+xml", parts, properties(name), extra)


def one(kind: str, target: str, number: int = 1) -> str:
    kind = kind if "://" in kind else f"{_REL}/{kind}"
    return f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'


def plain() -> bytes:
    return book("x-plain", {"xl/worksheets/sheet1.xml": sheet()})


def notes() -> bytes:
    jo = mark("x-notes", "jo")
    comments = f'{HEAD}<comments xmlns="{_SPACE}"><authors><author>{jo}</author></authors><commentList><comment ref="A1" authorId="0"><text><t>{mark("x-notes", "said")}</t></text></comment></commentList></comments>'
    vml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f'<v:shapetype id="_x0000_t202"/><v:shape alt="{mark("x-notes", "shape")}"><x:ClientData ObjectType="Note"/></v:shape></xml>'
    )
    parts = {
        "xl/worksheets/sheet1.xml": sheet(
            '<legacyDrawing r:id="rId2"/>',
            relations=one("comments", "../comments1.xml")
            + one("vmlDrawing", "../drawings/vmlDrawing1.vml", 2),
        ),
        "xl/comments1.xml": Part(comments, f"{_TYPE}.comments+xml", ""),
        "xl/drawings/vmlDrawing1.vml": Part(
            vml, "application/vnd.openxmlformats-officedocument.vmlDrawing", ""
        ),
    }
    return book("x-notes", parts)


def notes_beside_a_button() -> bytes:
    vml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f'<v:shape id="note" alt="{mark("x-button", "shape")}"><x:ClientData ObjectType="Note"/></v:shape>'
        '<v:shape id="button"><x:ClientData ObjectType="Button"/></v:shape></xml>'
    )
    parts = {
        "xl/worksheets/sheet1.xml": sheet(
            '<legacyDrawing r:id="rId1"/>', relations=one("vmlDrawing", "../drawings/vmlDrawing1.vml")
        ),
        "xl/drawings/vmlDrawing1.vml": Part(
            vml, "application/vnd.openxmlformats-officedocument.vmlDrawing", ""
        ),
    }
    return book("x-button", parts)


def threads() -> bytes:
    jo = mark("x-threads", "jo")
    space = f"{_MS}/spreadsheetml/2018/threadedcomments"
    threaded = f'{HEAD}<ThreadedComments xmlns="{space}"><threadedComment ref="A1" dT="2026-11-18T09:41:07" personId="{{1}}" id="{{2}}"><text>{mark("x-threads", "said")}</text></threadedComment></ThreadedComments>'
    person = f'{HEAD}<personList xmlns="{space}"><person displayName="{jo}" id="{{1}}" userId="{mark("x-threads", "mail")}" providerId="AD"/></personList>'
    legacy = f'{HEAD}<comments xmlns="{_SPACE}"><authors><author>tc={{2}}</author></authors><commentList><comment ref="A1" authorId="0"><text><t>[Threaded comment] {mark("x-threads", "copy")}</t></text></comment></commentList></comments>'
    parts = {
        "xl/worksheets/sheet1.xml": sheet(
            relations=one("comments", "../comments1.xml")
            + one(
                f"{_MS}/2017/10/relationships/threadedComment", "../threadedComments/threadedComment1.xml", 2
            )
        ),
        "xl/comments1.xml": Part(legacy, f"{_TYPE}.comments+xml", ""),
        "xl/threadedComments/threadedComment1.xml": Part(
            threaded, "application/vnd.ms-excel.threadedcomments+xml", ""
        ),
        "xl/persons/person.xml": Part(
            person, "application/vnd.ms-excel.person+xml", f"{_MS}/2017/10/relationships/person"
        ),
    }
    return book("x-threads", parts)


def paths_and_numbers() -> bytes:
    before = (
        f'<fileVersion appName="xl" rupBuild="{mark("x-paths", "build")}"/><fileSharing readOnlyRecommended="1" userName="{mark("x-paths", "sharer")}"/>'
        f'<mc:AlternateContent><mc:Choice Requires="x15"><x15ac:absPath url="C:\\Users\\{mark("x-paths", "abs")}\\"/></mc:Choice></mc:AlternateContent>'
        f'<xr:revisionPtr documentId="{mark("x-paths", "pointer")}"/>'
    )
    views = f'<customWorkbookViews><customWorkbookView name="{mark("x-paths", "view")}" guid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" windowWidth="1" windowHeight="1" activeSheetId="1"/></customWorkbookViews>'
    after = (
        f'<protectedRanges><protectedRange name="r" sqref="A1" securityDescriptor="{mark("x-paths", "sid")}"/></protectedRanges>'
        f'<scenarios><scenario name="s" user="{mark("x-paths", "user")}" comment="{mark("x-paths", "comment")}"/></scenarios>'
        '<pageSetup orientation="portrait" r:id="rId1"/><customProperties><customPr name="c" r:id="rId2"/></customProperties>'
    )
    beside = one("printerSettings", "../printerSettings/printerSettings1.bin") + one(
        "customProperty", "../customProperty1.bin", 2
    )
    parts = {
        "xl/worksheets/sheet1.xml": sheet(
            after, relations=beside, attributes=f' xr:uid="{mark("x-paths", "uid")}"'
        ),
        "xl/printerSettings/printerSettings1.bin": Part(
            mark("x-paths", "printer").encode("utf-16-le"), f"{_TYPE}.printerSettings", ""
        ),
        "xl/customProperty1.bin": Part(
            mark("x-paths", "property").encode("utf-16-le"), f"{_TYPE}.customProperty", ""
        ),
    }
    return book("x-paths", parts, views, before)


def linked() -> bytes:
    link = f'{HEAD}<externalLink {_SPACES}><externalBook r:id="rId1"><sheetNames><sheetName val="Sheet1"/></sheetNames></externalBook></externalLink>'
    path = f'<Relationship Id="rId1" Type="{_REL}/externalLinkPath" TargetMode="External" Target="file:///C:\\Users\\{mark("x-linked", "path")}\\Other.xlsx"/>'
    text = f'{HEAD}<connections {_SPACES}><connection id="1" name="{mark("x-linked", "name")}" type="1" refreshedVersion="6" sourceFile="C:\\{mark("x-linked", "file")}"><dbPr connection="User ID={mark("x-linked", "login")}" command="SELECT {mark("x-linked", "command")}"/></connection></connections>'
    cache = f'{HEAD}<pivotCacheDefinition {_SPACES} r:id="rId1" refreshedBy="{mark("x-linked", "refreshed")}" refreshedDate="45000.5" recordCount="0"><cacheSource type="external" connectionId="1"/><cacheFields count="0"/></pivotCacheDefinition>'
    records = Part(f'{HEAD}<pivotCacheRecords {_SPACES} count="0"/>', f"{_TYPE}.pivotCacheRecords+xml", "")
    parts = {
        "xl/worksheets/sheet1.xml": sheet(),
        "xl/externalLinks/externalLink1.xml": Part(link, f"{_TYPE}.externalLink+xml", "externalLink", path),
        "xl/connections.xml": Part(text, f"{_TYPE}.connections+xml", "connections"),
        "xl/pivotCache/pivotCacheDefinition1.xml": Part(
            cache,
            f"{_TYPE}.pivotCacheDefinition+xml",
            "pivotCacheDefinition",
            one("pivotCacheRecords", "pivotCacheRecords1.xml"),
        ),
        "xl/pivotCache/pivotCacheRecords1.xml": records,
    }
    return book(
        "x-linked",
        parts,
        '<externalReferences><externalReference r:id="rId2"/></externalReferences><pivotCaches><pivotCache cacheId="1" r:id="rId4"/></pivotCaches>',
    )


def shared() -> bytes:
    headers = f'{HEAD}<headers {_SPACES} guid="{{0}}"><header guid="{{1}}" dateTime="2026-11-18T09:41:07" maxSheetId="2" userName="{mark("x-shared", "jo")}" r:id="rId1"/></headers>'
    log = f'{HEAD}<revisions {_SPACES}><rcc rId="1" sId="1"><oc r="A1"><is><t>{mark("x-shared", "old")}</t></is></oc><nc r="A1"><v>7</v></nc></rcc><rcc rId="2" sId="1"/></revisions>'
    users = f'{HEAD}<users {_SPACES}><userInfo name="{mark("x-shared", "user")}"/></users>'
    parts = {
        "xl/worksheets/sheet1.xml": sheet(),
        "xl/revisions/revisionHeaders.xml": Part(
            headers, f"{_TYPE}.revisionHeaders+xml", "revisionHeaders", one("revisionLog", "revisionLog1.xml")
        ),
        "xl/revisions/revisionLog1.xml": Part(log, f"{_TYPE}.revisionLog+xml", ""),
        "xl/revisions/userNames.xml": Part(users, f"{_TYPE}.userNames+xml", "usernames"),
    }
    return book("x-shared", parts)


def as_a_program_writes_it() -> bytes:
    """Written by openpyxl: notes, a photo, hidden things, formulas, merged cells, two sheets."""
    made = openpyxl.Workbook()
    made.properties.creator = mark("x-program", "creator")
    made.properties.lastModifiedBy = mark("x-program", "last")
    first = made.active
    first.title = "Hours"
    for row in range(1, 30):
        first.append([f"Day {row}", row, f"=B{row}*2"])
    first["A1"].comment = Comment(mark("x-program", "said"), mark("x-program", "author"))
    first.merge_cells("E1:F2")
    first.row_dimensions[5].hidden = True
    first.column_dimensions["C"].hidden = True
    first.add_image(Image(io.BytesIO(png_with_location())), "H1")
    made.create_sheet("Behind").sheet_state = "hidden"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


MADE: dict[str, Callable[[], bytes]] = {
    "x-plain": plain,
    "x-notes": notes,
    "x-button": notes_beside_a_button,
    "x-threads": threads,
    "x-paths": paths_and_numbers,
    "x-linked": linked,
    "x-shared": shared,
    "x-program": as_a_program_writes_it,
}


def cleaned(tmp_path: Path, data: bytes) -> tuple[bytes, dict[str, list[str]]]:
    came, target = tmp_path / "came", tmp_path / "clean"
    came.write_bytes(data)
    return (clean_document(came, XLSX, target), target.read_bytes())[::-1]


def values(data: bytes) -> dict[str, list[tuple[object, ...]]]:
    return {
        one.title: list(one.iter_rows(values_only=True)) for one in openpyxl.load_workbook(io.BytesIO(data))
    }


@pytest.mark.parametrize("name", MADE)
def test_nothing_that_says_who_or_where_is_left_and_each_cell_is(tmp_path: Path, name: str) -> None:
    data = MADE[name]()
    assert len(found(marks_of(name), data)) == len(marks_of(name)) >= 4
    kept, said = cleaned(tmp_path, data)
    assert found(marks_of(name), kept) == set()
    assert values(kept) == values(data)
    assert said["left"] == []
    assert "names of people" in said["removed"]
    whole(kept)
    assert cleaned(tmp_path, kept) == (kept, {"removed": [], "left": []})


SEEN = {
    "x-notes": (1, 0, ["jo"], []),
    "x-threads": (1, 0, ["jo"], []),
    "x-shared": (0, 2, ["jo"], []),
    "x-linked": (0, 0, [], ["the data behind a pivot table"]),
    "x-program": (
        1,
        0,
        ["author"],
        ["hidden columns on sheet “Hours”", "hidden rows on sheet “Hours”", "hidden sheet “Behind”"],
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_notes_changes_and_what_is_hidden_are_named_before(tmp_path: Path, name: str) -> None:
    path = tmp_path / "came"
    path.write_bytes(MADE[name]())
    comments, changes, by, also = SEEN[name]
    names = [mark(name, who) for who in by]
    assert look(path, XLSX) == {"comments": comments, "changes": changes, "by": names, "also": also}


@pytest.mark.parametrize("name", ["x-plain", "x-paths", "x-program"])
def test_a_large_sheet_is_cleaned_row_by_row_to_the_same(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = MADE[name]()
    whole_, said = cleaned(tmp_path, data)
    monkeypatch.setattr("storage.cleaning_large.LARGE", 0)
    kept, said_too = cleaned(tmp_path, data)
    assert said == said_too
    with zipfile.ZipFile(io.BytesIO(whole_)) as one_, zipfile.ZipFile(io.BytesIO(kept)) as other:
        for part in one_.namelist():
            same = [
                etree.tostring(etree.fromstring(book_.read(part)), method="c14n")
                for book_ in (one_, other)
                if part.endswith(".xml")
            ]
            assert same[:1] == same[1:]
            assert len(other.read(part)) <= len(one_.read(part)) + 20
    assert found(marks_of(name), kept) == set()
    assert values(kept) == values(data)
    path = tmp_path / "came"
    assert look(path, XLSX)["also"] == SEEN.get(name, (0, 0, [], []))[3]


def test_a_button_stays_where_a_note_goes(tmp_path: Path) -> None:
    kept, said = cleaned(tmp_path, notes_beside_a_button())
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        drawing = archive.read("xl/drawings/vmlDrawing1.vml")
    assert b'id="button"' in drawing
    assert b'id="note"' not in drawing
    assert "comments" in said["removed"]


def test_a_photo_in_a_sheet_loses_its_location_and_hidden_things_stay(tmp_path: Path) -> None:
    kept, said = cleaned(tmp_path, as_a_program_writes_it())
    assert said["removed"][0] == "location"
    assert not [secret for secret in SECRETS if found({secret.decode()}, kept)]
    book_ = openpyxl.load_workbook(io.BytesIO(kept))
    assert book_["Behind"].sheet_state == "hidden"
    assert book_["Hours"].row_dimensions[5].hidden
    assert book_["Hours"].merged_cells.ranges
    assert len(book_["Hours"]._images) == 1
