"""Word documents, each with one thing that must not be stored, beside the properties that all have."""

from __future__ import annotations

import io
import zipfile

from tests.storage.corpus_files import xlsx
from tests.storage.corpus_marks import mark
from tests.storage.corpus_photos import jpeg_with_location
from tests.storage.corpus_word import (
    HEAD,
    SPACES,
    Made,
    Part,
    change,
    deleted,
    p,
    part,
    properties,
    r,
    word,
)

_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MS = "http://schemas.microsoft.com/office"


def plain() -> Made:
    body = p(r("I listened "), r("first", "<w:b/>"), r(".")) + p(r("Then I wrote it down."))
    return Made(word(body, outer=properties("plain")), ["I listened first.", "Then I wrote it down."])


def inserted_and_deleted() -> Made:
    jo, sam = mark("ins", "jo"), mark("ins", "sam")
    inside = change("ins", jo, r("now "), 1) + change("del", sam, deleted(mark("ins", "gone")), 2)
    nested = change(
        "ins", jo, r("and ") + change("del", sam, deleted(mark("ins", "both")), 4) + r("again"), 3
    )
    body = p(r("It is "), inside, r("kept "), nested)
    made = word(body, outer=properties("ins"))
    return Made(made, ["It is now kept and again"], changes=4, by=[jo, sam])


def deleted_paragraph_marks() -> Made:
    jo = mark("marks", "jo")
    gone = f"<w:rPr>{change('del', jo, '', 1)}</w:rPr>"
    new = f"<w:rPr>{change('ins', jo, '', 2)}</w:rPr>"
    body = (
        p(r("One "), properties=f'<w:jc w:val="right"/>{gone}')
        + p(change("del", jo, deleted(mark("marks", "words")), 3), properties=gone)
        + p(r("line."), properties='<w:jc w:val="center"/>')
        + p(r("Another."), properties=new)
    )
    return Made(word(body, outer=properties("marks")), ["One line.", "Another."], changes=4, by=[jo])


def moved() -> Made:
    jo = mark("moved", "jo")
    ends = '<w:moveFromRangeEnd w:id="10"/>', '<w:moveToRangeEnd w:id="12"/>'
    name = f'w:name="move1" w:author="{jo}" w:date="2026-11-18T09:41:07Z"'
    before = f'<w:moveFromRangeStart w:id="10" {name}/>', f'<w:moveToRangeStart w:id="12" {name}/>'
    body = (
        p(
            before[0],
            change("moveFrom", jo, r("Moved words."), 11),
            properties=f"<w:rPr>{change('moveFrom', jo, '', 14)}</w:rPr>",
        )
        + ends[0]
        + p(r("First."))
        + before[1]
        + p(
            change("moveTo", jo, r("Moved words."), 13),
            properties=f"<w:rPr>{change('moveTo', jo, '', 15)}</w:rPr>",
        )
        + ends[1]
        + p(r("Last."))
    )
    return Made(
        word(body, outer=properties("moved")), ["First.", "Moved words.", "Last."], changes=4, by=[jo]
    )


def tables() -> Made:
    jo = mark("tables", "jo")

    def cell(text: str, shape: str = "") -> str:
        return f"<w:tc><w:tcPr>{shape}</w:tcPr>{p(r(text))}</w:tc>"

    def row(cells: str, shape: str = "") -> str:
        return f"<w:tr><w:trPr>{shape}</w:trPr>{cells}</w:tr>"

    old = f'<w:tblPrChange w:id="8" w:author="{jo}" w:date="2026-11-18T09:41:07Z"><w:tblPr/></w:tblPrChange>'
    width = f'<w:tcW w:w="1" w:type="dxa"/>{change("tcPrChange", jo, "<w:tcPr/>", 7)}'
    table = (
        f"<w:tbl><w:tblPr>{old}</w:tblPr><w:tblGrid><w:gridCol/></w:tblGrid>"
        + row(cell("kept"), change("trPrChange", jo, "<w:trPr/>", 5))
        + row(cell("new", change("cellIns", jo, "", 4)), change("ins", jo, "", 1))
        + row(cell(mark("tables", "row")), change("del", jo, "", 2))
        + row(cell("left", width) + cell(mark("tables", "cell"), change("cellDel", jo, "", 3)))
        + "</w:tbl>"
    )
    all_gone = (
        f"<w:tbl><w:tblPr/><w:tblGrid/>{row(cell(mark('tables', 'whole')), change('del', jo, '', 6))}</w:tbl>"
    )
    made = word(table + p(r("between")) + all_gone + p(r("after")), outer=properties("tables"))
    return Made(made, ["kept", "new", "left", "between", "after"], changes=8, by=[jo])


def formatting() -> Made:
    jo = mark("formatting", "jo")
    was_bold = change("rPrChange", jo, "<w:rPr><w:b/></w:rPr>", 1)
    was_left = change("pPrChange", jo, '<w:pPr><w:jc w:val="left"/></w:pPr>', 2)
    was_wide = change("sectPrChange", jo, "<w:sectPr/>", 3)
    body = p(r("Shaped.", f"<w:i/>{was_bold}"), properties=f'<w:jc w:val="center"/>{was_left}')
    styles = part(
        "styles",
        f'<w:style w:styleId="A"><w:name w:val="A"/><w:rsid w:val="{mark("formatting", "rsid")}"/></w:style>',
        "styles",
    )
    made = word(
        f"{body}<w:sectPr>{was_wide}</w:sectPr>", {"word/styles.xml": styles}, properties("formatting")
    )
    return Made(made, ["Shaped."], changes=3, by=[jo])


def comments() -> Made:
    jo, sam = mark("comments", "jo"), mark("comments", "sam")

    def comment(number: int, who: str) -> str:
        return f'<w:comment w:id="{number}" w:author="{who}" w:initials="{mark("comments", "initials")}">{p(r(mark("comments", f"said {number}")), attributes=f""" w14:paraId="{mark("comments", "para")}" """)}</w:comment>'

    said = "".join(comment(number, who) for number, who in enumerate((jo, jo, sam)))
    kinds = {
        "commentsExtended": "w15:commentsEx",
        "commentsIds": "w15:commentsIds",
        "commentsExtensible": "w15:commentsExtensible",
    }
    parts = {"word/comments.xml": part("comments", said, "comments")}
    for name, root in kinds.items():
        content = f'{HEAD}<{root} {SPACES}><w15:x w15:paraId="{mark("comments", name)}"/></{root}>'
        parts[f"word/{name}.xml"] = Part(
            content,
            f"application/vnd.openxmlformats-officedocument.wordprocessingml.{name}+xml",
            f"{_MS}/2011/relationships/{name}",
        )
    people = f'{HEAD}<w15:people {SPACES}><w15:person w15:author="{jo}"/></w15:people>'
    parts["word/people.xml"] = Part(
        people,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.people+xml",
        f"{_MS}/2011/relationships/people",
    )
    anchor = (
        '<w:commentRangeStart w:id="0"/>',
        '<w:commentRangeEnd w:id="0"/>',
        '<w:r><w:rPr><w:rStyle w:val="C"/></w:rPr><w:commentReference w:id="0"/></w:r>',
    )
    body = p(anchor[0], r("Said aloud."), anchor[1], anchor[2])
    return Made(word(body, parts, properties("comments")), ["Said aloud."], comments=3, by=[jo, sam])


def other_stories() -> Made:
    jo = mark("stories", "jo")
    changed = p(
        r("Page "), change("ins", jo, r("head"), 1), change("del", jo, deleted(mark("stories", "head")), 2)
    )
    note = f'<w:footnote w:id="2">{p(r("Note"), change("del", jo, deleted(mark("stories", "note")), 3))}</w:footnote>'
    parts = {
        "word/header1.xml": part("hdr", changed, "header"),
        "word/footnotes.xml": part("footnotes", note, "footnotes"),
        "word/endnotes.xml": part(
            "endnotes", f'<w:endnote w:id="2">{p(change("ins", jo, r("End"), 4))}</w:endnote>', "endnotes"
        ),
    }
    return Made(word(p(r("Body.")), parts, properties("stories")), ["Body."], changes=4, by=[jo])


def settings() -> Made:
    inside = (
        f'<w:attachedTemplate r:id="rId1"/><w:rsids><w:rsidRoot w:val="{mark("settings", "root")}"/></w:rsids>'
        f'<w:docVars><w:docVar w:name="v" w:val="{mark("settings", "var")}"/></w:docVars>'
        f'<w14:docId w14:val="{mark("settings", "w14")}"/><w15:docId w15:val="{mark("settings", "w15")}"/>'
        f'<w:mailMerge><w:query w:val="SELECT {mark("settings", "merge")}"/><w:dataSource r:id="rId2"/></w:mailMerge>'
        '<w:defaultTabStop w:val="720"/>'
    )
    made = part("settings", inside, "settings")
    made.relations = (
        f'<Relationship Id="rId1" Type="{_REL}/attachedTemplate" TargetMode="External" Target="file:///C:\\Users\\{mark("settings", "path")}\\x.dotx"/>'
        f'<Relationship Id="rId2" Type="{_REL}/mailMergeSource" TargetMode="External" Target="file:///C:\\{mark("settings", "source")}.xlsx"/>'
    )
    body = p(
        f'<w:r w:rsidR="{mark("settings", "run")}"><w:t>Set.</w:t></w:r>',
        attributes=f' w:rsidR="{mark("settings", "rsid")}" w14:paraId="{mark("settings", "para")}"',
    )
    return Made(word(body, {"word/settings.xml": made}, properties("settings")), ["Set."])


def bound_and_custom() -> Made:
    item = Part(
        f'{HEAD}<root xmlns="urn:x"><who>{mark("custom", "xml")}</who></root>', "application/xml", "customXml"
    )
    item.relations = f'<Relationship Id="rId1" Type="{_REL}/customXmlProps" Target="itemProps1.xml"/>'
    props = Part(
        f'{HEAD}<x itemID="{mark("custom", "item")}"/>',
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        "",
    )
    glossary = part(
        "glossaryDocument",
        f"<w:docParts>{p(r(mark('custom', 'glossary')))}</w:docParts>",
        "glossaryDocument",
        "document.glossary",
    )
    bound = f'<w:sdt><w:sdtPr><w:dataBinding w:xpath="/x" w:storeItemID="{mark("custom", "store")}"/><w:text/></w:sdtPr><w:sdtContent>{r("Shown")}</w:sdtContent></w:sdt>'
    tagged = f'<w:smartTag w:uri="u" w:element="PersonName"><w:smartTagPr><w:attr w:name="n" w:val="{mark("custom", "tag")}"/></w:smartTagPr>{r(" here.")}</w:smartTag>'
    allowed = f'<w:permStart w:id="1" w:ed="{mark("custom", "editor")}"/>', '<w:permEnd w:id="1"/>'
    parts = {
        "customXml/item1.xml": item,
        "customXml/itemProps1.xml": props,
        "word/glossary/document.xml": glossary,
    }
    return Made(word(p(allowed[0], bound, tagged, allowed[1]), parts, properties("custom")), ["Shown here."])


def picture() -> Made:
    photo = Part(jpeg_with_location(), "image/jpeg", "image")
    path = f"C:\\Users\\{mark('picture', 'path')}\\IMG_1.jpg"
    drawing = (
        f'<w:r><w:drawing><wp:inline wp14:anchorId="{mark("picture", "anchor")}" wp14:editId="{mark("picture", "edit")}">'
        f'<wp:docPr id="1" name="Picture 1" descr="{path}"/><a:graphic><a:graphicData><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="1" name="{path}"/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId1"/></pic:blipFill></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    vml = f'<w:r><w:pict><v:shape o:gfxdata="{mark("picture", "gfx")}"><v:imagedata r:id="rId1" o:href="file:///C:\\{mark("picture", "href")}.jpg"/></v:shape></w:pict></w:r>'
    return Made(
        word(p(r("Seen: "), drawing, vml), {"word/media/image1.jpeg": photo}, properties("picture")),
        ["Seen: "],
    )


def linked() -> Made:
    def field_of(*pieces: str) -> str:
        runs = "".join(
            f'<w:r><w:instrText xml:space="preserve">{piece}</w:instrText></w:r>' for piece in pieces
        )
        begin, middle, end = (
            f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
        )
        return f"{begin}{runs}{middle}{r('shown')}{end}"

    path = f"C:\\\\Users\\\\{mark('linked', 'field')}\\\\a.jpg"
    core = mark("linked", "split")
    simple = f'<w:fldSimple w:instr=" LINK Excel.Sheet.12 &quot;C:\\\\{mark("linked", "simple")}\\\\b.xlsx&quot; ">{r(" sum")}</w:fldSimple>'
    body = (
        p(field_of(f' INCLUDEPICTURE "{path}" \\* MERGEFORMAT '), simple)
        + p(field_of(' INCLUDETEXT "\\\\\\\\server', f"\\\\{core}", '\\\\c.docx" '))
        + p(
            f'<w:hyperlink r:id="rId1">{r("a page")}</w:hyperlink><w:hyperlink r:id="rId2">{r(" a file")}</w:hyperlink>'
        )
    )
    outside = (
        f'<Relationship Id="rId1" Type="{_REL}/hyperlink" TargetMode="External" Target="https://example.org/help"/>'
        f'<Relationship Id="rId2" Type="{_REL}/hyperlink" TargetMode="External" Target="file:///\\\\server\\{mark("linked", "link")}\\x.docx"/>'
    )
    return Made(word(body, None, properties("linked"), outside), ["shown sum", "shown", "a page a file"])


def chart_with_its_workbook() -> Made:
    inner = _workbook_of(mark("chart", "inner"))
    chart = Part(
        f'{HEAD}<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:r="{_REL}"><c:chart/><c:externalData r:id="rId1"/></c:chartSpace>',
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
        "chart",
        f'<Relationship Id="rId1" Type="{_REL}/package" Target="../embeddings/Book1.xlsx"/>',
    )
    book = Part(inner, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "")
    body = p(r("A chart."), '<w:r><w:drawing><a:graphic><a:chart r:id="rId1"/></a:graphic></w:drawing></w:r>')
    return Made(
        word(
            body, {"word/charts/chart1.xml": chart, "word/embeddings/Book1.xlsx": book}, properties("chart")
        ),
        ["A chart."],
    )


def _workbook_of(name: str) -> bytes:
    out = io.BytesIO(xlsx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("docProps/core.xml", f"<x>{name}</x>")
        archive.comment = name.encode()
    return out.getvalue()


def revision_numbers_and_hidden_text() -> Made:
    body = p(r("Seen."), r(" Not seen.", "<w:vanish/>")) + p(r("Shown.", '<w:vanish w:val="0"/>'))
    return Made(word(body, outer=properties("hidden")), ["Seen. Not seen.", "Shown."])


MADE = {
    "plain": plain,
    "ins": inserted_and_deleted,
    "marks": deleted_paragraph_marks,
    "moved": moved,
    "tables": tables,
    "formatting": formatting,
    "comments": comments,
    "stories": other_stories,
    "settings": settings,
    "custom": bound_and_custom,
    "picture": picture,
    "linked": linked,
    "chart": chart_with_its_workbook,
    "hidden": revision_numbers_and_hidden_text,
}
