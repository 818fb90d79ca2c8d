"""Documents made to do harm, or cut short: a sentence, and no file left behind. Never anything else."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.cleaning import NotCleaned
from storage.documents import clean_document, look
from storage.kinds import DOCX, KINDS, PDF, FileKind
from storage.refusals import Unacceptable
from tests.storage.corpus_files import docx, pdf, pptx, xlsx
from tests.storage.corpus_pdf import MADE as PDFS
from tests.storage.corpus_pdf import entries, stream, writer, written
from tests.storage.corpus_word import HEAD, SPACES, p, r, word
from tests.storage.corpus_word_made import MADE as WORD

_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def with_text(xml: str | bytes) -> bytes:
    """A Word document whose main part is this."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx())) as came, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in came.namelist():
            made.writestr(name, xml if name == "word/document.xml" else came.read(name))
    return out.getvalue()


def laughs() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">{entities}]><d>&l11;</d>'


def relations_to(target: str, mode: str = "") -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    content = f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{kind}" Target="{target}"{mode}/></Relationships>'
    return docx({"word/_rels/document.xml.rels": content})


def twice_the_same_part() -> bytes:
    out = io.BytesIO(docx())
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/document.xml", "<other/>")
    return out.getvalue()


def lies_about_its_size() -> bytes:
    data = bytearray(with_text(f"{HEAD}<w:document {SPACES}>{'<w:p/>' * 200_000}</w:document>"))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"word/document.xml"))
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(data)


def cyclic_pages() -> bytes:
    made = writer(1)
    tree = made.root_object["/Pages"]
    tree["/Kids"].append(tree.indirect_reference)
    return written(made)


def damaged_jpeg_with_details() -> bytes:
    made = writer(1)
    photo = stream(
        b"\xff\xd8\xff\xe1\x00\x40Exif\0\0secret",
        Type="/XObject",
        Subtype="/Image",
        Width=4,
        Height=4,
        Filter="/DCTDecode",
    )
    made.pages[0]["/Resources"].update(entries(XObject=entries(Im0=made._add_object(photo))))
    return written(made)


def deep(open_: bytes, close: bytes, times: int = 100_000) -> bytes:
    return pdf().replace(b"/Type /Catalog", b"/Type /Catalog /X " + open_ * times + close * times)


REFUSED: dict[str, tuple[FileKind, Callable[[], bytes]]] = {
    "a million laughs": (DOCX, lambda: with_text(laughs())),
    "a document type in UTF-16": (DOCX, lambda: with_text(laughs().encode("utf-16"))),
    "a file of this machine": (
        DOCX,
        lambda: with_text('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'),
    ),
    "no XML": (DOCX, lambda: with_text("<w:document")),
    "nothing in it": (DOCX, lambda: with_text("")),
    "elements without end": (DOCX, lambda: with_text("<a>" * 100_000 + "</a>" * 100_000)),
    "the same part twice": (DOCX, twice_the_same_part),
    "lies about its size": (DOCX, lies_about_its_size),
    "cut short": (DOCX, lambda: docx()[:-60]),
    "no archive": (DOCX, lambda: b"PK\x03\x04" + bytes(100)),
    "types without end": (DOCX, lambda: docx().replace(b"[Content_Types].xml", b"[Content_Typez].xml")),
    "a tracked change through a field": (
        DOCX,
        lambda: word(
            p(
                '<w:del w:id="1" w:author="J"><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:del>',
                r("x"),
                '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            )
        ),
    ),
    "PDF of noise": (PDF, lambda: b"%PDF-1.7\n" + bytes(range(256)) * 50 + b"\n%%EOF"),
    "PDF cut short": (PDF, lambda: pdf()[:300]),
    "pages in a circle": (PDF, cyclic_pages),
    "lists in lists": (PDF, lambda: deep(b"[", b"]")),
    "dictionaries in dictionaries": (PDF, lambda: deep(b"<</A", b">>")),
    "no catalog": (
        PDF,
        lambda: pdf().replace(b"/Root 1 0 R", b"/Root 9 0 R").replace(b"/Type /Catalog", b"/Type /Catalox"),
    ),
    "a damaged picture with details": (PDF, damaged_jpeg_with_details),
}


def attempt(folder: Path, data: bytes, kind: FileKind) -> None:
    """Both readings. Anything else than the two refusals fails the test."""
    came = folder / "came"
    came.write_bytes(data)
    with contextlib.suppress(NotCleaned, Unacceptable):
        look(came, kind)
    clean_document(came, kind, folder / "clean")


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_is_a_sentence_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    kind, make = REFUSED[name]
    data = make()
    with pytest.raises((NotCleaned, Unacceptable)) as caught:
        attempt(tmp_path, data, kind)
    assert str(caught.value).endswith(".")
    assert [one.name for one in tmp_path.iterdir()] == ["came"]


def test_a_document_type_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unacceptable, match=r"a document type inside it.*save it again or as a PDF") as caught:
        attempt(tmp_path, with_text(laughs()), DOCX)
    assert caught.value.code == "office-typed"


@pytest.mark.parametrize("target", ["../../../../etc/passwd", "/../x.jpg", "..\\..\\x", "C:\\Windows\\x"])
def test_a_part_that_points_out_of_the_file_leads_nowhere(tmp_path: Path, target: str) -> None:
    attempt(tmp_path, relations_to(target), DOCX)
    with zipfile.ZipFile(tmp_path / "clean") as archive:
        assert sorted(archive.namelist()) == ["[Content_Types].xml", "_rels/.rels", "word/document.xml"]


def test_entries_with_paths_do_not_come_along(tmp_path: Path) -> None:
    attempt(tmp_path, docx({"../../evil.sh": "#!/bin/sh", "/etc/cron.d/x": "* * * * *"}), DOCX)
    with zipfile.ZipFile(tmp_path / "clean") as archive:
        assert not [name for name in archive.namelist() if "evil" in name or "cron" in name]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["came", "clean"]


GOOD = {
    "docx": docx(),
    "xlsx": xlsx(),
    "pptx": pptx(),
    "pdf": PDFS["p-comments"](),
    "chart": WORD["chart"]().data,
}


@pytest.mark.parametrize("name", GOOD)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_cut_and_changed_bytes_are_cleaned_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    """Wherever a file is cut, and whichever of its bytes is another."""
    whole = bytearray(GOOD[name])
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        del whole[at:]
    else:
        whole[at] ^= data.draw(st.integers(1, 255))
    (tmp_path / "clean").unlink(missing_ok=True)
    try:
        attempt(tmp_path, bytes(whole), KINDS["docx" if name == "chart" else name])
    except (NotCleaned, Unacceptable):
        assert [one.name for one in tmp_path.iterdir()] == ["came"]
