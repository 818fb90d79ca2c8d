"""Draw a certificate of attendance as a tagged PDF (PDF/UA-1), in the limited process where the product does such work.

It is drawn anew each time it is downloaded, from the rows that stand, and kept nowhere. That takes about a second and
under 100 MB, which the limited process gives back when it ends; more than a few at once wait for a free place.
"""

from __future__ import annotations

import base64
import json
import re
import tempfile
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

TEMPLATE = Path(__file__).with_name("certificate.typ")
MOST_TRIES = 40
"""So many different characters without a picture are described one by one; after that every one outside Latin is."""
_NOT_SHOWN = re.compile(r'the text `?"(.+?)"`? could not be displayed', re.DOTALL)


def draw(data: str, drawn_at: int, own_fonts_only: int = 0) -> dict[str, Any]:
    """The PDF in base64, for `storage.limited.in_child`. `drawn_at`: seconds since 1970, for the file's own date.

    A character that no font of this machine has would fail the whole file: it is described in words instead."""
    return {"pdf": base64.b64encode(pdf(json.loads(data), drawn_at, bool(own_fonts_only))).decode()}


def pdf(data: dict[str, Any], drawn_at: int, own_fonts_only: bool = False) -> bytes:
    for _ in range(MOST_TRIES):
        try:
            return _compiled(data, drawn_at, own_fonts_only)
        except typst.TypstError as error:
            named = "".join(_NOT_SHOWN.findall(str(error)))
            found = "".join(one for one in named if not one.isascii())  # a neighbour may be named with it
            if not named:
                raise
            if not found:
                break
            data = replaced(data, found)
    return _compiled(replaced(data, _beyond_latin(json.dumps(data, ensure_ascii=False))), drawn_at, True)


def _compiled(data: dict[str, Any], drawn_at: int, own_fonts_only: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="certificate-") as empty:
        made: bytes = typst.compile(  # type: ignore[type-var]
            TEMPLATE.read_bytes(),
            root=empty,
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=["ua-1"],
            ignore_system_fonts=own_fonts_only,
            timestamp=datetime.fromtimestamp(drawn_at, UTC),
        )
    return made


def replaced(data: Any, characters: str) -> Any:
    """The same data with each of these characters described, wherever it stands."""
    if isinstance(data, str):
        return "".join(described(one) if one in characters else one for one in data)
    if isinstance(data, dict):
        return {key: replaced(value, characters) for key, value in data.items()}
    if isinstance(data, list):
        return [replaced(one, characters) for one in data]
    return data


def described(character: str) -> str:
    """ "[grinning face]"; what only joins or colours the character before it is left out."""
    if unicodedata.category(character) in ("Cf", "Mn", "Me", "Cc"):
        return ""
    name = unicodedata.name(character, "")
    if not name:
        return f"[character U+{ord(character):04X}]"
    return f"[{name.lower() if 'IDEOGRAPH' not in name else name}]"


def _beyond_latin(text: str) -> str:
    return "".join(sorted({one for one in text if ord(one) > 0x24F and one not in "–—‘’“”…"}))
