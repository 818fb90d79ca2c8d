"""Which entries of a PDF's objects are needed to show it and to use it, and what the others say about people
(ISO 32000-1). Catalog, pages, annotations, fields and actions keep what is listed here; others lose what is named.

An annotation that draws something, such as a highlight, stays as a drawing, without its words, its author and its
dates. What only is a note, and files, films and sounds, go."""

from __future__ import annotations

from typing import Any

from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from storage.cleaning_parts import PATH
from storage.cleaning_words import (
    ATTACHED,
    COMMENTS,
    OTHER,
    PATHS,
    PEOPLE,
    PREVIEW,
    PROGRAMS,
    SIGNATURE,
    SOFTWARE,
    TIME,
    Outcome,
)


def _names(words: str) -> frozenset[str]:
    return frozenset(f"/{word}" for word in words.split())


CATALOG = _names(
    "Type Pages PageLabels Dests ViewerPreferences PageLayout PageMode Outlines AcroForm StructTreeRoot "
    "MarkInfo Lang OCProperties OutputIntents"
)
PAGE = _names(
    "Type Parent Resources MediaBox CropBox BleedBox TrimBox ArtBox BoxColorInfo Contents Rotate Group Annots "
    "StructParents Tabs UserUnit Dur Trans"
)
PAGES = _names("Type Parent Kids Count Resources MediaBox CropBox Rotate")
FORM = _names("Fields NeedAppearances DR DA Q")
FIELD = _names("FT Parent Kids T TU TM Ff V DV Q DA DS Opt MaxLen TI I")
ANNOTATION = FIELD - _names("T V DV") | _names(
    "Type Subtype Rect P F AP AS Border C IC CA ca BS BE QuadPoints L LE LL LLE LLO Cap CP CO Vertices InkList RD "
    "Name Sy Rotate H Dest A StructParent OC MK BM IT Lang PA"
)
ACTION = _names("Type S D SD URI N IsMap")
HARMLESS_ACTIONS = _names("GoTo URI Named")
ACTIONS = HARMLESS_ACTIONS | _names(
    "GoToR GoToE GoToDp Launch Thread Sound Movie SubmitForm ResetForm ImportData Hide JavaScript SetOCGState "
    "Rendition Trans GoTo3DView RichMediaExecute"
)
DRAWN = _names(
    "Link FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly StrikeOut Caret Stamp Ink Widget "
    "PrinterMark Watermark Redact Projection"
)
PLAYED = _names("Screen Movie Sound RichMedia 3D")
NOTES = _names("Text Popup FileAttachment TrapNet")
NOWHERE = {
    "/Metadata": OTHER,
    "/PieceInfo": OTHER,
    "/LastModified": TIME,
    "/Thumb": PREVIEW,
    "/AA": PROGRAMS,
    "/AF": ATTACHED,
    "/JS": PROGRAMS,
    "/JavaScript": PROGRAMS,
    "/EmbeddedFiles": ATTACHED,
    "/OPI": PATHS,
    "/CreatorInfo": SOFTWARE,
    "/FFilter": PATHS,
    "/FDecodeParms": PATHS,
}
_IN_ANNOTATIONS = {
    "/T": PEOPLE,
    "/M": TIME,
    "/CreationDate": TIME,
    "/Contents": COMMENTS,
    "/RC": COMMENTS,
    "/Subj": COMMENTS,
}
_IN_CATALOG = {
    "/AA": PROGRAMS,
    "/PieceInfo": OTHER,
    "/Perms": SIGNATURE,
    "/Threads": OTHER,
}


def refused(value: Any, outcome: Outcome) -> bool:
    """Whether this object does not come along, whatever names it."""
    if not isinstance(value, DictionaryObject):
        return False
    kind, subtype = name_of(value, "/Type"), name_of(value, "/Subtype")
    if isinstance(value, StreamObject):
        word = (
            OTHER if kind == "/Metadata" or subtype == "/XML" else ATTACHED if kind == "/EmbeddedFile" else ""
        )
    elif (kind in ("/Filespec", "/F") and "/Rect" not in value) or "/EF" in value:
        word = ATTACHED
    elif (kind in ("/Sig", "/DocTimeStamp") and "/FT" not in value) or "/ByteRange" in value:
        word = SIGNATURE
    elif "/Rect" in value and (subtype in NOTES or (subtype in PLAYED and "/AP" not in value)):
        word = ATTACHED if subtype == "/FileAttachment" else COMMENTS if subtype in NOTES else OTHER
        _note_author(value, outcome)
    else:
        word = PROGRAMS if "/S" in value and is_harmful(value) else ""
    outcome.words.update({word} if word else ())
    return bool(word)


def is_harmful(action: DictionaryObject) -> bool:
    """An action that starts something, sends something or opens a file of somebody's computer."""
    name = name_of(action, "/S")
    if name not in ACTIONS or "/K" in action or "/O" in action:
        return False
    return name not in HARMLESS_ACTIONS or bool(PATH.match(text_of(action.get("/URI"))))


def needed(value: DictionaryObject, outcome: Outcome) -> dict[str, Any]:
    """The entries of this object that come along."""
    subtype = name_of(value, "/Subtype")
    if "/Rect" in value and subtype in DRAWN | PLAYED:
        return _annotation(value, subtype, outcome)
    if "/S" in value and name_of(value, "/S") in HARMLESS_ACTIONS and "/K" not in value:
        return _only(value, ACTION)
    kind = name_of(value, "/Type")
    if kind == "/Catalog":
        outcome.words.update(word for key, word in _IN_CATALOG.items() if key in value)
        first = resolved(value, "/OpenAction")
        if isinstance(first, DictionaryObject) and is_harmful(first):
            outcome.words.add(PROGRAMS)
        return _only(value, CATALOG) | _names_of_catalog(value, outcome)
    if kind in ("/Page", "/Pages"):
        outcome.words.update(word for key, word in NOWHERE.items() if key in value)
        return _only(value, PAGE if kind == "/Page" else PAGES)
    if "/Fields" in value and isinstance(resolved(value, "/Fields"), ArrayObject):
        return _only(value, FORM)
    if "/FT" in value or ("/T" in value and "/Kids" in value):
        return _only(value, FIELD)
    return _others(value, outcome)


def _annotation(value: DictionaryObject, subtype: str, outcome: Outcome) -> dict[str, Any]:
    kept = ANNOTATION | (_names("T V DV") if subtype == "/Widget" else frozenset())
    if subtype == "/FreeText":
        kept |= {"/Contents"}  # the words that it shows
    elif subtype in ("/Link", "/Widget"):
        kept |= {"/Contents"} if not PATH.match(text_of(value.get("/Contents"))) else frozenset()
    else:
        _note_author(value, outcome)
    if subtype == "/FreeText" and text_of(value.get("/T")):
        outcome.words.add(PEOPLE)
    entries = _only(value, kept)
    if subtype in PLAYED:
        outcome.remains("A film or a sound inside it was taken out; its picture stays.")
        entries = {
            key: entries[key] for key in entries if key in _names("Type Rect P F AP AS StructParent OC")
        }
        entries["/Subtype"] = NameObject("/Stamp")
    return entries


def _note_author(value: DictionaryObject, outcome: Outcome) -> None:
    outcome.words.update(word for key, word in _IN_ANNOTATIONS.items() if text_of(value.get(key)).strip())


def _others(value: DictionaryObject, outcome: Outcome) -> dict[str, Any]:
    entries = {}
    for key, entry in value.items():
        if word := _word_for(str(key), entry, value):
            outcome.words.add(word)
        else:
            entries[str(key)] = entry
    return entries


def _word_for(key: str, entry: Any, owner: DictionaryObject) -> str:
    """What an entry says that does not come along in any object; "" if it does."""
    if key in NOWHERE and not _is_drawing(resolved(owner, key)):
        return NOWHERE[key]
    if key in ("/F", "/Ref") and isinstance(owner, StreamObject):
        return PATHS  # the stream's bytes are in another file
    if key == "/Alt" and PATH.match(text_of(entry)):
        return PATHS
    return SOFTWARE if key == "/Creator" and text_of(entry) else ""


def _is_drawing(value: Any) -> bool:
    """A page's fonts and pictures may have any name, that of a forbidden entry too."""
    return isinstance(value, DictionaryObject) and name_of(value, "/Subtype") in ("/Image", "/Form")


def _names_of_catalog(value: DictionaryObject, outcome: Outcome) -> dict[str, Any]:
    """Of the trees of names only that of places to go to."""
    names = resolved(value, "/Names")
    if not isinstance(names, DictionaryObject):
        return {}
    outcome.words.update(word for key, word in NOWHERE.items() if key in names)
    if "/Dests" not in names:
        return {}
    return {"/Names": DictionaryObject({NameObject("/Dests"): names.raw_get("/Dests")})}


def _only(value: DictionaryObject, kept: frozenset[str]) -> dict[str, Any]:
    return {str(key): entry for key, entry in value.items() if key in kept}


def resolved(value: DictionaryObject, key: str) -> Any:
    entry = value.raw_get(key) if key in value else None
    return entry.get_object() if entry is not None else None


def name_of(value: DictionaryObject, key: str) -> str:
    entry = resolved(value, key)
    return str(entry) if isinstance(entry, NameObject) else ""


def text_of(value: Any) -> str:
    value = value.get_object() if value is not None else None
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, str) else ""
