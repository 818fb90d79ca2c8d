"""The identity check in the page and on the server find the same, at the same places, in every text of the set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from portfolio.identities.data import for_the_page
from portfolio.identities.rules import Finding, Known, find, find_in_name
from tests.identities.marked import texts_of, the_set
from tests.identities.test_later import LATER

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).resolve().parent.parent.parent / "portfolio" / "static" / "identities.js"
HARD = (
    "😀 Jayden 👩‍👧 rang 07700 900123 from 𝒜 flat 3b",
    "Zoe\u0308 and Siâ\u0302n met Łukasz Żak at St Mary’s",
    "İpek said that ıssa told Kelvin \u212a and ſam",
    "non\u00a0breaking Mrs\u00a0Smith, dob\u202f4.5.2011",
    "The HCA Blessing and Teaching Assistant Xhemail met Big Daz, J. Smith and Mr and Mrs Van der Berg on Monday",
    "Oakfield primary school, park House School, St. Jude's Catholic Primary, Jaydens mum, Kolb's cycle, the Okonjos",
    "KYLE and MARY, mrs j akhtar, mr k came, Dear Sir, licence SMITH701015J99AB",
    "李伟 and Олена told محمد",
    "x" * 300 + "@" + "y" * 300,
    "1-" * 2000,
    "\u2028Kyle\r\nKyle\tKyle\x0bKyle\x85Kyle\ufeffKyle",
    "‘Kyle’ “Kyle” «Kyle» Kyle`s Kyle´s",
)


def in_units(text: str, found: Finding) -> dict[str, Any]:
    """As JavaScript counts: in units of UTF-16."""

    def units(position: int) -> int:
        return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2

    return {
        "kind": found.kind,
        "start": units(found.start),
        "end": units(found.end),
        "words": found.words,
        "offer": found.offer,
    }


def test_both_engines_find_the_same(real_browser: Browser) -> None:
    known = Known(names=("Amina Archer", "Zoë Łask"), words=("Fernleigh",))
    later = [text for path in sorted(LATER.glob("*.yaml")) for text in texts_of(path)]
    cases = [(text.text, text.known, text.is_file_name) for text in (*the_set(), *later)]
    cases += [(text, known, is_file_name) for text in HARD for is_file_name in (False, True)]
    page = real_browser.new_page()
    page.add_script_tag(path=SCRIPT)
    found = page.evaluate(
        """([rules, cases]) => {
          const data = JSON.parse(rules);
          return cases.map(([text, known, isName]) => (isName ? Identities.findInName : Identities.find)(text, known, data));
        }""",
        [
            for_the_page().decode(),
            [
                [text, {"names": list(known.names), "words": list(known.words)}, is_file_name]
                for text, known, is_file_name in cases
            ],
        ],
    )
    page.close()
    assert sum(len(each) for each in found) > 500
    for (text, known, is_file_name), in_page in zip(cases, found, strict=True):
        on_server = (find_in_name if is_file_name else find)(text, known)
        assert in_page == [in_units(text, each) for each in on_server], text
