"""Names of files that people chose: made safe to show, to send as a header, and to save.

A name is hostile text. It may hold paths, control characters, or marks that turn the reading direction so that
an "exe" reads as a "jpg".
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from storage.kinds import KNOWN_EXTENSIONS, FileKind

LONGEST = 120
"""Characters that a name may have on screen."""

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = str.maketrans("", "", "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,10}")
_HEADER_SAFE = "!#$&+-.^_`|~"  # attr-char of RFC 8187


def safe_name(name: str) -> str:
    """The name to show and to save under: no path, nothing invisible, at most 120 characters, never empty."""
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(c if unicodedata.category(c) not in _HIDDEN else " " * (c in "\t\n\r") for c in last)
    plain = unicodedata.normalize("NFC", visible).translate(_BLANK)
    plain = " ".join(plain.split()).rstrip(". ")
    stem, dot, extension = plain.rpartition(".")
    if not dot or not _EXTENSION.fullmatch(extension):
        stem, dot, extension = plain, "", ""
    stem = stem.strip(". ")[: LONGEST - len(dot + extension)].rstrip(". ") or "unnamed"
    return stem + dot + extension


def extension_of(name: str) -> str:
    """The extension in lower case without its dot, or nothing. "x.exe::$DATA" counts as "exe", as on Windows."""
    _, dot, extension = safe_name(name).rpartition(".")
    found = re.match(r"[a-z0-9]+", extension.lower())
    return found.group() if dot and found else ""


def fitting_name(name: str, kind: FileKind) -> str:
    """The name with an extension that fits what the file is, so that it opens after downloading.

    A PNG that came as "IMG_1.jpg" is saved as "IMG_1.png"; "notes" becomes "notes.txt"."""
    shown = safe_name(name)
    extension = extension_of(shown)
    if extension in kind.extensions:
        return shown
    stem = shown.rpartition(".")[0] if extension in KNOWN_EXTENSIONS else shown
    return safe_name(f"{stem[: LONGEST - 12]}.{kind.extensions[0]}")


def content_disposition(name: str, inline: bool) -> str:
    """The header of RFC 6266: an ASCII form for old browsers and the whole name in UTF-8. Always plain ASCII."""
    shown = safe_name(name)
    decomposed = unicodedata.normalize("NFKD", shown)
    ascii_only = "".join(c for c in decomposed if not unicodedata.combining(c))
    fallback = re.sub(r"[^A-Za-z0-9 ._()-]", "_", ascii_only)
    how = "inline" if inline else "attachment"
    return f"{how}; filename=\"{fallback}\"; filename*=UTF-8''{quote(shown, safe=_HEADER_SAFE)}"
