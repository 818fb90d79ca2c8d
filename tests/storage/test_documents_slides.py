"""PowerPoint presentations on arrival: slides and speaker notes stay; comments, names and tags do not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from storage.documents import clean_document, look
from storage.kinds import PPTX
from tests.storage import media_corpus
from tests.storage.corpus_marks import found, mark, marks_of
from tests.storage.corpus_office_checks import whole
from tests.storage.corpus_photos import SECRETS, jpeg_with_location
from tests.storage.corpus_word import HEAD, Part, packed, properties
from tests.storage.media_marks import found_in

_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MS = "http://schemas.microsoft.com/office"
_TYPE = "application/vnd.openxmlformats-officedocument.presentationml"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_SPACES = (
    f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="{_A}" xmlns:r="{_REL}" '
    f'xmlns:p14="{_MS}/powerpoint/2010/main" xmlns:p188="{_MS}/powerpoint/2018/8/main" xmlns:a16="{_MS}/drawing/2014/main"'
)


def one(kind: str, target: str, number: int = 1) -> str:
    kind = kind if "://" in kind else f"{_REL}/{kind}"
    return f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'


def slide(text: str, after: str = "", relations: str = "", attributes: str = "", inside: str = "") -> Part:
    shape = f"<p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>{inside}"
    content = (
        f"{HEAD}<p:sld {_SPACES}{attributes}><p:cSld><p:spTree>{shape}</p:spTree></p:cSld>{after}</p:sld>"
    )
    return Part(content, f"{_TYPE}.slide+xml", "slide", relations)


def talk(name: str, parts: dict[str, Part], after: str = "") -> bytes:
    content = f'{HEAD}<p:presentation {_SPACES}><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst>{after}</p:presentation>'
    return packed("ppt/presentation.xml", content, f"{_TYPE}.presentation.main+xml", parts, properties(name))


def plain() -> bytes:
    return talk("s-plain", {"ppt/slides/slide1.xml": slide("Hello")})


def comments() -> bytes:
    authors = f'{HEAD}<p:cmAuthorLst {_SPACES}><p:cmAuthor id="0" name="{mark("s-comments", "jo")}" initials="J"/></p:cmAuthorLst>'
    said = f'{HEAD}<p:cmLst {_SPACES}><p:cm authorId="0" dt="2026-11-18T09:41:07" idx="1"><p:text>{mark("s-comments", "said")}</p:text></p:cm></p:cmLst>'
    parts = {
        "ppt/slides/slide1.xml": slide("Hello", relations=one("comments", "../comments/comment1.xml")),
        "ppt/comments/comment1.xml": Part(said, f"{_TYPE}.comments+xml", ""),
        "ppt/commentAuthors.xml": Part(authors, f"{_TYPE}.commentAuthors+xml", "commentAuthors"),
    }
    return talk("s-comments", parts)


def modern_comments() -> bytes:
    authors = f'{HEAD}<p188:authorLst {_SPACES}><p188:author id="{{A}}" name="{mark("s-modern", "jo")}" userId="{mark("s-modern", "mail")}"/></p188:authorLst>'
    said = f'{HEAD}<p188:cmLst {_SPACES}><p188:cm id="{{B}}" authorId="{{A}}"><p188:replyLst><p188:reply id="{{C}}" authorId="{{A}}"/></p188:replyLst><a:t>{mark("s-modern", "said")}</a:t></p188:cm></p188:cmLst>'
    after = '<p:extLst><p:ext uri="{6950BFC3-D8DA-4A85-94F7-54DA5524770B}"><p188:commentRel r:id="rId1"/></p:ext></p:extLst>'
    kind = f"{_MS}/2018/10/relationships"
    parts = {
        "ppt/slides/slide1.xml": slide(
            "Hello", after, one(f"{kind}/comments", "../comments/modernComment_1.xml")
        ),
        "ppt/comments/modernComment_1.xml": Part(said, "application/vnd.ms-powerpoint.comments+xml", ""),
        "ppt/authors.xml": Part(authors, "application/vnd.ms-powerpoint.authors+xml", f"{kind}/authors"),
    }
    return talk("s-modern", parts)


def tags_and_records() -> bytes:
    changes = f'{HEAD}<x xmlns="urn:x" name="{mark("s-records", "who")}"/>'
    tags = f'{HEAD}<p:tagLst {_SPACES}><p:tag name="T" val="{mark("s-records", "tag")}"/></p:tagLst>'
    creation = f'<p:extLst><p:ext uri="{{BB962C8B}}"><p14:creationId val="{mark("s-records", "creation")}"/></p:ext></p:extLst>'
    parts = {
        "ppt/slides/slide1.xml": slide(
            "Hello",
            f'<p:custDataLst><p:tags r:id="rId1"/></p:custDataLst>{creation}',
            one("tags", "../tags/tag1.xml"),
        ),
        "ppt/tags/tag1.xml": Part(tags, f"{_TYPE}.tags+xml", ""),
        "ppt/changesInfos/changesInfo1.xml": Part(
            changes,
            "application/vnd.ms-powerpoint.changesinfo+xml",
            f"{_MS}/2016/11/relationships/changesInfo",
        ),
        "ppt/revisionInfo.xml": Part(
            f'{HEAD}<x id="{mark("s-records", "revision")}"/>',
            "application/vnd.ms-powerpoint.revisioninfo+xml",
            f"{_MS}/2015/10/relationships/revisionInfo",
        ),
        "ppt/printerSettings/printerSettings1.bin": Part(
            mark("s-records", "printer").encode("utf-16-le"), f"{_TYPE}.printerSettings", "printerSettings"
        ),
    }
    return talk("s-records", parts)


def notes_and_hidden() -> bytes:
    def notes(text: str) -> Part:
        field = '<a:p><a:fld type="slidenum"><a:t>1</a:t></a:fld></a:p>'
        return Part(
            f"{HEAD}<p:notes {_SPACES}><a:p><a:r><a:t>{text}</a:t></a:r></a:p>{field}</p:notes>",
            f"{_TYPE}.notesSlide+xml",
            "",
        )

    parts = {
        "ppt/slides/slide1.xml": slide(
            "Hello", relations=one("notesSlide", "../notesSlides/notesSlide1.xml")
        ),
        "ppt/slides/slide2.xml": slide(
            "Behind", relations=one("notesSlide", "../notesSlides/notesSlide2.xml"), attributes=' show="0"'
        ),
        "ppt/notesSlides/notesSlide1.xml": notes("Say it slowly"),
        "ppt/notesSlides/notesSlide2.xml": notes(""),
    }
    return talk("s-notes", parts)


def picture_and_ink() -> bytes:
    ink = (
        f'{HEAD}<inkml:ink xmlns:inkml="http://www.w3.org/2003/InkML"><inkml:definitions><inkml:context><inkml:timestamp timeString="{mark("s-picture", "ink time")}"/>'
        "</inkml:context></inkml:definitions><inkml:trace>1 2, 3 4</inkml:trace></inkml:ink>"
    )
    inside = f'<p:pic><p:nvPicPr><p:cNvPr id="4" name="Picture 3" descr="C:\\Users\\{mark("s-picture", "path")}\\a.jpg"/></p:nvPicPr><p:blipFill><a:blip r:embed="rId1"/></p:blipFill></p:pic><p:contentPart r:id="rId2"/>'
    parts = {
        "ppt/slides/slide1.xml": slide(
            "Hello",
            relations=one("image", "../media/image1.jpeg") + one("customXml", "../ink/ink1.xml", 2),
            inside=inside,
        ),
        "ppt/media/image1.jpeg": Part(jpeg_with_location(), "image/jpeg", ""),
        "ppt/ink/ink1.xml": Part(ink, "application/inkml+xml", ""),
    }
    return talk("s-picture", parts)


MADE: dict[str, Callable[[], bytes]] = {
    "s-plain": plain,
    "s-comments": comments,
    "s-modern": modern_comments,
    "s-records": tags_and_records,
    "s-notes": notes_and_hidden,
    "s-picture": picture_and_ink,
}
SEEN = {
    "s-plain": (0, [], []),
    "s-comments": (1, ["jo"], []),
    "s-modern": (2, ["jo"], []),
    "s-notes": (0, [], ["speaker notes on 1 slide", "1 hidden slide"]),
}


def cleaned(tmp_path: Path, data: bytes) -> tuple[bytes, dict[str, list[str]]]:
    came, target = tmp_path / "came", tmp_path / "clean"
    came.write_bytes(data)
    return (clean_document(came, PPTX, target), target.read_bytes())[::-1]


def words(data: bytes) -> dict[str, list[str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [
            name for name in archive.namelist() if name.startswith(("ppt/slides/s", "ppt/notesSlides/n"))
        ]
        return {
            name: [t.text or "" for t in etree.fromstring(archive.read(name)).iter(f"{{{_A}}}t")]
            for name in names
        }


@pytest.mark.parametrize("name", MADE)
def test_nothing_that_says_who_is_left_and_the_slides_say_the_same(tmp_path: Path, name: str) -> None:
    data = MADE[name]()
    assert len(found(marks_of(name), data)) == len(marks_of(name)) >= 7
    kept, said = cleaned(tmp_path, data)
    assert found(marks_of(name), kept) == set()
    assert words(kept) == words(data)
    assert said["left"] == []
    whole(kept)
    assert cleaned(tmp_path, kept) == (kept, {"removed": [], "left": []})


@pytest.mark.parametrize("name", SEEN)
def test_comments_and_what_does_not_show_are_named_before(tmp_path: Path, name: str) -> None:
    path = tmp_path / "came"
    path.write_bytes(MADE[name]())
    comments_, by, also = SEEN[name]
    assert look(path, PPTX) == {
        "comments": comments_,
        "changes": 0,
        "by": [mark(name, who) for who in by],
        "also": also,
    }


def test_a_picture_loses_its_location_and_what_was_drawn_by_hand_stays(tmp_path: Path) -> None:
    kept, said = cleaned(tmp_path, picture_and_ink())
    assert said["removed"][0] == "location"
    assert not [secret for secret in SECRETS if found({secret.decode()}, kept)]
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        assert b"1 2, 3 4" in archive.read("ppt/ink/ink1.xml")


def test_a_film_in_a_slide_loses_its_location(tmp_path: Path) -> None:
    film = media_corpus.TAGGED["mov of an iPhone, movie first"]
    parts = {
        "ppt/slides/slide1.xml": slide("Hello", relations=one("video", "../media/media1.mov")),
        "ppt/media/media1.mov": Part(film.make(), "video/quicktime", ""),
    }
    data = talk("s-film", parts)
    kept, said = cleaned(tmp_path, data)
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        assert found_in(archive.read("ppt/media/media1.mov")) == []
    assert said["removed"][0] == "location"
    assert said["left"] == []
    whole(kept)
