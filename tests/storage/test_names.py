"""Names as people and attackers write them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.kinds import JPEG, PNG, TEXT
from storage.names import content_disposition, extension_of, fitting_name, safe_name

NAMES = {
    "Visit.jpg": "Visit.jpg",
    "../../etc/passwd": "passwd",
    "C:\\Users\\amina\\Visit.jpg": "Visit.jpg",
    "/": "unnamed",
    "": "unnamed",
    "..": "unnamed",
    " . . ": "unnamed",
    ".jpg": "unnamed.jpg",
    "Visit.jpg. . .": "Visit.jpg",
    "  Visit   of\tMonday.jpg ": "Visit of Monday.jpg",
    "Visit\r\nSet-Cookie: x.jpg": "Visit Set-Cookie: x.jpg",
    "Visit\0.jpg": "Visit.jpg",
    "Visit\u202egpj.exe": "Visitgpj.exe",
    "Vi\u200bsit\ufeff.jpg": "Visit.jpg",
    "\u3164\u2800.jpg": "unnamed.jpg",
    "\ud800x.jpg": "x.jpg",
    "Cafe\u0301.jpg": "Caf\u00e9.jpg",
    "Ymweliad â'r tŷ ŵyn.jpg": "Ymweliad â'r tŷ ŵyn.jpg",
    "写真.jpg": "写真.jpg",
    "<b>bold</b>.txt": "b>.txt",
    "x" * 200 + ".jpeg": "x" * 115 + ".jpeg",
    "x" * 200: "x" * 120,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_made_safe_to_show(name: str) -> None:
    assert safe_name(name) == NAMES[name]


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_name_becomes_short_visible_and_stays_so(name: str) -> None:
    shown = safe_name(name)
    assert 1 <= len(shown) <= 120
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in shown)
    assert not re.search(r"[/\\]", shown)
    assert safe_name(shown) == shown


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("Visit.JPG", "jpg"),
        ("Visit", ""),
        ("a.tar.gz", "gz"),
        ("x.exe::$DATA", "exe"),
        ("x.html .", "html"),
        ("", ""),
    ],
)
def test_the_extension_is_what_a_computer_would_take_it_for(name: str, extension: str) -> None:
    assert extension_of(name) == extension


def test_a_name_is_given_an_extension_that_opens_it() -> None:
    assert fitting_name("IMG_1.jpg", PNG) == "IMG_1.png"
    assert fitting_name("IMG_1.JPEG", JPEG) == "IMG_1.JPEG"
    assert fitting_name("IMG_1.HEIC", JPEG) == "IMG_1.jpg"
    assert fitting_name("notes", TEXT) == "notes.txt"
    assert fitting_name("", TEXT) == "unnamed.txt"
    assert len(fitting_name("x" * 300, TEXT)) <= 120


def test_a_header_holds_an_ascii_name_and_the_whole_name() -> None:
    assert (
        content_disposition("Tŷ “ŵ” 50%.jpg", inline=False)
        == "attachment; filename=\"Ty _w_ 50_.jpg\"; filename*=UTF-8''T%C5%B7%20%E2%80%9C%C5%B5%E2%80%9D%2050%25.jpg"
    )
    assert content_disposition("a.webp", inline=True).startswith('inline; filename="a.webp";')


@given(st.text(alphabet=st.characters(), max_size=200), st.booleans())
def test_any_name_makes_a_header_that_no_name_can_break(name: str, inline: bool) -> None:
    header = content_disposition(name, inline)
    form = (
        r"(inline|attachment); filename=\"[A-Za-z0-9 ._()-]+\"; filename\*=UTF-8''([!#$&+.^_`|~A-Za-z0-9%-]+)"
    )
    found = re.fullmatch(form, header)
    assert found
    assert unquote(found[2]) == safe_name(name)
