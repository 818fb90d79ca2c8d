"""PDFs as programs write them, each with something in it that says who made it, when, where or with what."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from tests.storage.corpus_files import docx, pdf
from tests.storage.corpus_marks import mark
from tests.storage.corpus_photos import jpeg_with_location, picture


def text(words: str) -> TextStringObject:
    return TextStringObject(words)


def entries(**values: object) -> DictionaryObject:
    """A dictionary; texts that begin with a slash are names."""
    made = DictionaryObject()
    for key, value in values.items():
        made[NameObject(f"/{key}")] = _as_object(value)
    return made


def _as_object(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, (NameObject, TextStringObject)):
        return NameObject(value) if value.startswith("/") else TextStringObject(value)
    if isinstance(value, float):
        return FloatObject(value)
    if type(value) is int:
        return NumberObject(value)
    if isinstance(value, list):
        return ArrayObject(_as_object(one) for one in value)
    return value


def stream(data: bytes, *, packed: bool = False, **values: object) -> StreamObject:
    made = DecodedStreamObject()
    made.set_data(data)
    made.update(entries(**values))
    return made.flate_encode() if packed else made


def writer(pages: int = 2) -> pypdf.PdfWriter:
    return pypdf.PdfWriter(clone_from=io.BytesIO(pdf(pages)))


def written(made: pypdf.PdfWriter) -> bytes:
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def xmp(name: str) -> bytes:
    return (
        '<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description dc:creator="'
        f'{mark(name, "xmp")}" xmp:CreatorTool="Writer" xmp:CreateDate="2026-11-18"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def information() -> bytes:
    made = writer()
    made.add_metadata(
        {
            f"/{key}": mark("p-info", key)
            for key in ("Author", "Creator", "Producer", "Title", "Keywords", "Company")
        }
        | {"/CreationDate": "D:20261118094107Z"}
    )
    return written(made)


def xmp_everywhere() -> bytes:
    made = writer()
    root, page = made.root_object, made.pages[0]
    root[NameObject("/Metadata")] = made._add_object(stream(xmp("p-xmp"), Type="/Metadata", Subtype="/XML"))
    packet = xmp("p-xmp").replace(mark("p-xmp", "xmp").encode(), mark("p-xmp", "page").encode())
    page[NameObject("/Metadata")] = made._add_object(
        stream(packet, packed=True, Type="/Metadata", Subtype="/XML")
    )
    page[NameObject("/PieceInfo")] = entries(
        Program=entries(Private=entries(Who=mark("p-xmp", "piece")), LastModified="D:2026")
    )
    page[NameObject("/LastModified")] = text(mark("p-xmp", "modified"))
    page[NameObject("/Thumb")] = made._add_object(stream(mark("p-xmp", "thumb").encode(), Width=1, Height=1))
    font = page["/Resources"]["/Font"]["/F1"]
    font[NameObject("/Metadata")] = made._add_object(stream(mark("p-xmp", "font").encode(), Type="/Metadata"))
    return written(made)


def attached() -> bytes:
    made = writer()
    made.add_attachment("notes.docx", docx() + mark("p-attached", "inside").encode())
    file = made._add_object(
        entries(Type="/Filespec", F=mark("p-attached", "name"), UF=mark("p-attached", "unicode name"))
    )
    made.root_object[NameObject("/AF")] = ArrayObject([file])
    made.pages[0][NameObject("/AF")] = ArrayObject([file])
    note = entries(
        Type="/Annot", Subtype="/FileAttachment", Rect=[10, 10, 30, 30], FS=file, T=mark("p-attached", "who")
    )
    made.pages[0][NameObject("/Annots")] = ArrayObject([made._add_object(note)])
    return written(made)


def programs() -> bytes:
    made = writer()
    root, page = made.root_object, made.pages[0]
    script = made._add_object(
        entries(S="/JavaScript", JS=stream(mark("p-programs", "js").encode(), packed=True))
    )
    root[NameObject("/Names")] = entries(JavaScript=entries(Names=["first", script]))
    root[NameObject("/OpenAction")] = entries(S="/JavaScript", JS=mark("p-programs", "open"))
    page[NameObject("/AA")] = entries(O=entries(S="/JavaScript", JS=mark("p-programs", "page")))
    launch = entries(S="/Launch", F=f"C:\\Users\\{mark('p-programs', 'launch')}\\x.exe")
    web = entries(
        S="/URI", URI="https://example.org/help", Next=entries(S="/JavaScript", JS=mark("p-programs", "next"))
    )
    local = entries(S="/URI", URI=f"file:///C:/Users/{mark('p-programs', 'uri')}/x.pdf")
    links = [
        entries(Type="/Annot", Subtype="/Link", Rect=[10, 10 + at, 90, 20 + at], A=action)
        for at, action in ((0, launch), (20, web), (40, local))
    ]
    page[NameObject("/Annots")] = ArrayObject([made._add_object(link) for link in links])
    return written(made)


def comments() -> bytes:
    """Notes, a highlight with words, a drawing without, words on the page, and a reply."""
    made = writer()
    page = made.pages[0]
    jo, sam = mark("p-comments", "jo"), mark("p-comments", "sam")
    when = {"M": "D:20261118094107Z", "CreationDate": "D:20261118094107Z", "NM": mark("p-comments", "number")}
    note = made._add_object(
        entries(
            Type="/Annot",
            Subtype="/Text",
            Rect=[400, 700, 420, 720],
            T=jo,
            Contents=mark("p-comments", "note"),
            **when,
        )
    )
    popup = made._add_object(entries(Type="/Annot", Subtype="/Popup", Rect=[420, 600, 520, 700], Parent=note))
    reply = made._add_object(
        entries(
            Type="/Annot",
            Subtype="/Text",
            Rect=[400, 700, 420, 720],
            T=sam,
            Contents=mark("p-comments", "reply"),
            IRT=note,
            **when,
        )
    )
    marked = made._add_object(
        entries(
            Type="/Annot",
            Subtype="/Highlight",
            Rect=[70, 730, 300, 770],
            QuadPoints=[70, 770, 300, 770, 70, 730, 300, 730],
            C=[1, 1, 0],
            T=jo,
            Contents=mark("p-comments", "highlight"),
            RC=mark("p-comments", "rich"),
            Subj=mark("p-comments", "subject"),
            **when,
        )
    )
    square = made._add_object(
        entries(Type="/Annot", Subtype="/Square", Rect=[100, 300, 200, 400], C=[1, 0, 0], T=jo, **when)
    )
    shown = stream(
        b"BT /F1 12 Tf 2 4 Td (On the page) Tj ET",
        Type="/XObject",
        Subtype="/Form",
        BBox=[0, 0, 100, 20],
        Resources=page["/Resources"],
    )
    free = made._add_object(
        entries(
            Type="/Annot",
            Subtype="/FreeText",
            Rect=[100, 500, 200, 520],
            DA="/F1 12 Tf",
            Contents="On the page",
            T=jo,
            AP=entries(N=made._add_object(shown)),
            **when,
        )
    )
    page[NameObject("/Annots")] = ArrayObject([note, popup, reply, marked, square, free])
    return written(made)


def form_and_signature() -> bytes:
    made = writer()
    page = made.pages[0]
    seen = stream(
        b"BT /F1 12 Tf 2 4 Td (Signed by J) Tj ET",
        Type="/XObject",
        Subtype="/Form",
        BBox=[0, 0, 100, 20],
        Resources=page["/Resources"],
    )
    value = made._add_object(
        entries(
            Type="/Sig",
            Name=mark("p-form", "signer"),
            Reason=mark("p-form", "reason"),
            ByteRange=[0, 1, 2, 3],
            Contents=mark("p-form", "certificate"),
        )
    )
    signature = made._add_object(
        entries(
            Type="/Annot",
            Subtype="/Widget",
            FT="/Sig",
            T="Signature1",
            Rect=[100, 100, 200, 120],
            F=4,
            V=value,
            AP=entries(N=made._add_object(seen)),
        )
    )
    words = made._add_object(
        entries(
            Type="/Annot",
            Subtype="/Widget",
            FT="/Tx",
            T="Name of field",
            V="kept words",
            Rect=[100, 200, 200, 220],
            F=4,
            M=mark("p-form", "when"),
        )
    )
    page[NameObject("/Annots")] = ArrayObject([signature, words])
    made.root_object[NameObject("/AcroForm")] = entries(
        Fields=[signature, words], SigFlags=3, XFA=mark("p-form", "xfa")
    )
    made.root_object[NameObject("/Perms")] = entries(DocMDP=value)
    return written(made)


def scanned(*filters: str) -> bytes:
    """A page that is one photo, as scanners and phones make them."""
    name = "p-scanned" + "".join(filters)
    made = writer(1)
    data = jpeg_with_location() + mark(name, "behind the picture").encode()
    photo = stream(
        data,
        Type="/XObject",
        Subtype="/Image",
        Width=64,
        Height=48,
        ColorSpace="/DeviceRGB",
        BitsPerComponent=8,
    )
    photo[NameObject("/Filter")] = NameObject("/DCTDecode")
    if filters:
        photo = photo.flate_encode()
    photo[NameObject("/Metadata")] = made._add_object(stream(xmp(name), Type="/Metadata", Subtype="/XML"))
    page = made.pages[0]
    page["/Resources"][NameObject("/XObject")] = entries(Im0=made._add_object(photo))
    page[NameObject("/Contents")] = made._add_object(stream(b"q 400 0 0 300 50 400 cm /Im0 Do Q"))
    made.add_metadata({"/Creator": mark(name, "scanner")})
    return written(made)


def jpeg2000() -> bytes:
    out = io.BytesIO()
    picture().save(out, "JPEG2000")
    head, rest = out.getvalue()[:12], out.getvalue()[12:]
    box = mark("p-jpeg2000", "box").encode()
    size = int.from_bytes(rest[:4], "big")
    data = head + rest[:size] + (len(box) + 8).to_bytes(4, "big") + b"xml " + box + rest[size:]
    made = writer(1)
    photo = stream(data, Type="/XObject", Subtype="/Image", Width=64, Height=48)
    photo[NameObject("/Filter")] = NameObject("/JPXDecode")
    page = made.pages[0]
    page["/Resources"][NameObject("/XObject")] = entries(Im0=made._add_object(photo))
    page[NameObject("/Contents")] = made._add_object(stream(b"q 400 0 0 300 50 400 cm /Im0 Do Q"))
    return written(made)


def written_over() -> bytes:
    """Saved twice: what the first version said is still in the file, and so is a page that was taken out."""
    first = pdf(2, words=mark("p-over", "old").encode("ascii", "replace").decode())
    base = first.rfind(b"startxref")
    previous = int(first[base:].split()[1])
    new = b"BT /F1 24 Tf 72 742 Td (New words) Tj ET"
    objects = {
        2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        5: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(new), new),
    }
    out, places = first, {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % (number, at) for number, at in places.items())
    end = b"trailer\n<< /Size 8 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (previous, len(out))
    return out + table + end


def tagged() -> bytes:
    """Tags for screen readers name a note, a page that was taken out, and a picture by its path."""
    made = writer(2)
    gone = made.pages[1].indirect_reference
    note = made._add_object(
        entries(
            Type="/Annot",
            Subtype="/Text",
            Rect=[1, 1, 9, 9],
            T=mark("p-tagged", "who"),
            Contents=mark("p-tagged", "said"),
        )
    )
    made.pages[0][NameObject("/Annots")] = ArrayObject([note])
    gone.get_object()[NameObject("/Contents")] = made._add_object(
        stream(f"% {mark('p-tagged', 'page')}".encode("utf-16-be"))
    )
    reference = entries(Type="/OBJR", Obj=note)
    figure = made._add_object(
        entries(
            Type="/StructElem",
            S="/Figure",
            Alt=f"C:\\Users\\{mark('p-tagged', 'alt')}\\a.jpg",
            Pg=gone,
            K=[reference],
        )
    )
    words = made._add_object(
        entries(Type="/StructElem", S="/Figure", Alt="A child’s drawing", Pg=made.pages[0].indirect_reference)
    )
    made.root_object[NameObject("/StructTreeRoot")] = made._add_object(
        entries(Type="/StructTreeRoot", K=[figure, words])
    )
    made.root_object[NameObject("/Lang")] = text("en-GB")
    made.root_object["/Pages"][NameObject("/Kids")] = ArrayObject([made.pages[0].indirect_reference])
    made.root_object["/Pages"][NameObject("/Count")] = NumberObject(1)
    return written(made)


def layers() -> bytes:
    made = writer()
    usage = entries(CreatorInfo=entries(Creator=mark("p-layers", "program"), Subtype="/Artwork"))
    layer = made._add_object(entries(Type="/OCG", Name="Marks", Usage=usage))
    made.root_object[NameObject("/OCProperties")] = entries(
        OCGs=[layer], D=entries(Order=[layer], Creator=mark("p-layers", "creator"))
    )
    return written(made)


MADE: dict[str, Callable[[], bytes]] = {
    "p-info": information,
    "p-xmp": xmp_everywhere,
    "p-attached": attached,
    "p-programs": programs,
    "p-comments": comments,
    "p-form": form_and_signature,
    "p-scanned": scanned,
    "p-scanned/FlateDecode": lambda: scanned("/FlateDecode"),
    "p-jpeg2000": jpeg2000,
    "p-over": written_over,
    "p-tagged": tagged,
    "p-layers": layers,
}
