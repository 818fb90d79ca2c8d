"""Plain text: words only, in Unicode. What is written in signs but is meant for a machine is refused."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from storage.kinds import TEXT, FileKind
from storage.names import extension_of
from storage.refusals import (
    CARD,
    EMAIL,
    MARKUP,
    OLD_TEXT,
    POSTSCRIPT,
    PROGRAM,
    RTF,
    SVG,
    TABLE,
    UNKNOWN,
    WEB_PAGE,
    Refusal,
)

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_CHUNK = 1024 * 1024
_SPACE = "\ufeff \t\r\n\f\x00"
_MAIL_HEADERS = (
    r"(from|return-path|received|delivered-to|mime-version|message-id|x-[\w-]+): .*"
    r"^(mime-version|message-id|received|content-type|return-path): "
)
_BEGINNINGS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL | re.MULTILINE), refusal)
    for pattern, refusal in (
        (r"#!|@echo off|<%", PROGRAM),
        (r"\{\\rtf", RTF),
        (r"%!ps", POSTSCRIPT),
        (r"begin:v(card|calendar)", CARD),
        (_MAIL_HEADERS, EMAIL),
    )
)
_ROOTS = tuple(
    (re.compile(pattern, re.IGNORECASE), refusal)
    for pattern, refusal in (
        (r"<\?php|<script\b", PROGRAM),
        (r"<!doctype\s+svg|<(\w+:)?svg\b", SVG),
        (r"<!doctype\s+html|<(html|head|body)\b", WEB_PAGE),
        (r"<!doctype|<!entity|<\w+:\w", MARKUP),
    )
)
_BY_EXTENSION = {"csv": TABLE, "tsv": TABLE, "eml": EMAIL, "ics": CARD, "vcf": CARD, "rtf": RTF}


def is_written(head: bytes) -> bool:
    """Whether the file begins as text. Asked before signatures, since "MZ" and "BM" begin words as well."""
    try:
        begun = codecs.getincrementaldecoder(_encoding(head))().decode(head)
    except UnicodeError:
        return False
    return not _CONTROL.search(begun)


def kind_of_text(path: Path, head: bytes, name: str) -> FileKind:
    """Plain text if all of it decodes as UTF-8, or as UTF-16 with its mark, and nothing in it is for machines."""
    refuse_machine_text(head, name)
    if not _decodes(path, _encoding(head)):
        raise (OLD_TEXT if _mostly_letters(head) else UNKNOWN).about(name)
    return TEXT


def refuse_machine_text(head: bytes, name: str) -> None:
    """Raise `Unacceptable` for text that is a web page, a program, a mail, a table or the like, by its beginning."""
    begun = codecs.getincrementaldecoder(_encoding(head))("ignore").decode(head)
    if (refusal := _meant_for_machines(begun, name)) is not None:
        raise refusal.about(name)


def _meant_for_machines(begun: str, name: str) -> Refusal | None:
    begun = begun.lstrip(_SPACE)
    root, prologue = _without_prologue(begun)
    for table, text in ((_BEGINNINGS, begun), (_ROOTS, root)):
        for pattern, refusal in table:
            if pattern.match(text):
                return refusal
    if re.match(r"<[a-z!/?]", root, re.IGNORECASE):
        return prologue or WEB_PAGE
    return prologue or _BY_EXTENSION.get(extension_of(name))


def _without_prologue(text: str) -> tuple[str, Refusal | None]:
    """The text from its first real element on, and what a declaration or comment before it makes of it."""
    prologue: Refusal | None = None
    while text.startswith(("<?xml", "<!--")):
        declared = text.startswith("<?xml")
        prologue = MARKUP if declared or prologue is MARKUP else WEB_PAGE
        _, _, text = text.partition("?>" if declared else "-->")
        text = text.lstrip(_SPACE)
    return text, prologue


def _encoding(head: bytes) -> str:
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                if _CONTROL.search(decoder.decode(chunk)):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _mostly_letters(head: bytes) -> bool:
    """Whether it reads as text of a Western European computer before Unicode."""
    if _CONTROL.search(head.decode("latin-1")):
        return False
    plain = sum(byte in b"\t\r\n" or 32 <= byte < 127 for byte in head)
    return plain >= 0.8 * len(head)
