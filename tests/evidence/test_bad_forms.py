"""Bad forms: each is answered with a page, never a 500, and what was typed is still there and saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portfolio.database import Database
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_pieces, complete, newest, pages_of, piece_id, send

Open = Callable[..., Browser]
STAYS = "These words must stay, <em>whatever</em> else is wrong."
SHOWN = "These words must stay, &lt;em&gt;whatever&lt;/em&gt; else is wrong."

BAD_FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "no type": ({"type": ""}, "Choose what type"),
    "a type that is none": ({"type": "sculpture"}, "Choose what type"),
    "a type of markup": ({"type": "<script>"}, "Choose what type"),
    "a title that is too long": ({"title": "t" * 201}, "The title has 201 characters"),
    "a title of a whole page": ({"title": "t" * 30_000}, "The title has 30000 characters"),
    "no date": ({"happened_on_day": "", "happened_on_month": "", "happened_on_year": ""}, "Say when"),
    "half a date": ({"happened_on_year": ""}, "The date must include a year"),
    "a day that is none": ({"happened_on_day": "31", "happened_on_month": "2"}, "Enter a real date"),
    "words for a date": ({"happened_on_day": "last", "happened_on_month": "week"}, "Enter a real date"),
    "a huge year": ({"happened_on_year": "99999999999999999999"}, "Enter a real date"),
    "a year of two digits": ({"happened_on_year": "25"}, "Enter a year with four digits"),
    "a negative day": ({"happened_on_day": "-2"}, "Enter a real date"),
    "digits of another script": ({"happened_on_day": "٣١", "happened_on_month": "٢"}, "Enter a real date"),
    "a day in the future": ({"happened_on_year": "2099"}, "cannot be in the future"),
    "a text that is too long": ({"what_i_did": "a" * 20_001}, "This text has 20,001 characters"),
    "no claim": ({"claim": []}, "Choose at least one statement"),
    "a claim of another standard": ({"claim": ["K7", "K999"]}, "K999: not in this standard"),
    "a claim that is markup": ({"claim": ["<script>alert(1)</script>"]}, "not in this standard"),
    "an endless list of claims": ({"claim": [f"K{n}" for n in range(100, 3000)]}, "not in this standard"),
    "no original": ({"original_kept_at": "", "original_seen_by": ""}, "say where the original is kept"),
    "an original that nobody saw": ({"original_seen_by": ""}, "say who saw it"),
    "no choice about people": ({"confidentiality": ""}, "Choose how people are protected"),
    "a choice that is none": ({"confidentiality": "public"}, "Choose how people are protected"),
    "not declared: identities": ({"nobody_identifiable": ""}, "Declare that nobody can be identified"),
    "not declared: own work": ({"own_work": "no"}, "Declare that this is your own work"),
    "declared with nonsense": ({"own_work": "; DROP TABLE evidence"}, "Declare that this is your own work"),
    "several titles": ({"title": ["", "second"]}, "Choose at least"),
    "everything wrong at once": (
        {"type": "x", "title": "t" * 999, "happened_on_day": "x", "claim": "Z1", "confidentiality": "?"},
        "Enter a real date",
    ),
}


@pytest.mark.parametrize("what", BAD_FORMS)
def test_a_bad_form_is_named_and_kept(browser: Open, cast: Cast, database: Database, what: str) -> None:
    changes, sentence = BAD_FORMS[what]
    if what == "several titles":
        changes = changes | {"claim": []}
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(**changes, why=STAYS, action="submit"))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert SHOWN in answer.text
    draft = newest(database, piece_id(answer))
    assert (draft.why, draft.submitted_at) == (STAYS, None)
    for name, value in changes.items():
        if isinstance(value, str) and name.startswith(("title", "happened_on", "what_i_did")):
            assert value in answer.text  # also what could not be saved stays on the page


@pytest.mark.parametrize(
    "text",
    [
        "nul \x00 inside",
        "\u202eturned",
        "emoji 🦊 and ŵ",
        "{{ 7 * 7 }} {% raw %}",
        "'; DROP TABLE evidence; --",
        "\ud83d lone",
        "line\r\nline\rline",
        "=1+1",
    ],
)
def test_any_text_can_be_saved_and_read(browser: Open, cast: Cast, database: Database, text: str) -> None:
    page = browser(cast.amina)
    sendable = text.encode("utf-8", "replace").decode()
    answer = send(page, pages_of(cast.amina_at), {"title": "Odd text", "why": sendable})
    assert answer.status_code == 303
    shown = page.get(f"{pages_of(cast.amina_at)}/{piece_id(answer)}")
    assert shown.status_code == 200
    assert newest(database, piece_id(answer)).why == sendable.replace("\x00", "").replace(
        "\r\n", "\n"
    ).replace("\r", "\n")


RAW: dict[str, tuple[dict[str, str], bytes, int]] = {
    "no boundary": ({"Content-Type": "multipart/form-data"}, b"--x--", 400),
    "a boundary that never comes": (
        {"Content-Type": "multipart/form-data; boundary=b"},
        b"nothing here",
        400,
    ),
    "an endless boundary": ({"Content-Type": "multipart/form-data; boundary=" + "b" * 300}, b"", 400),
    "parts without names": (
        {"Content-Type": "multipart/form-data; boundary=b"},
        b"--b\r\nX-Header: y\r\n\r\nwords\r\n--b--\r\n",
        422,
    ),
    "too many parts": (
        {"Content-Type": "multipart/form-data; boundary=b"},
        b'--b\r\nContent-Disposition: form-data; name="claim"\r\n\r\nK7\r\n' * 4001 + b"--b--\r\n",
        400,
    ),
    "a text of half a megabyte": (
        {"Content-Type": "multipart/form-data; boundary=b"},
        b'--b\r\nContent-Disposition: form-data; name="why"\r\n\r\n' + b"a" * 500_001 + b"\r\n--b--\r\n",
        413,
    ),
    "json": ({"Content-Type": "application/json"}, b'{"title": "x"}', 422),
    "nothing": ({}, b"", 422),
    "broken percent signs": ({"Content-Type": "application/x-www-form-urlencoded"}, b"title=%zz%80", 303),
    "bytes that are no text": ({"Content-Type": "application/x-www-form-urlencoded"}, b"title=\xff\xfe", 400),
}


@pytest.mark.parametrize("what", RAW)
def test_a_body_that_no_browser_sends_is_answered_with_a_page(
    browser: Open, cast: Cast, database: Database, what: str
) -> None:
    headers, body, status = RAW[what]
    answer = browser(cast.amina).post(pages_of(cast.amina_at), content=body, headers=headers)
    assert answer.status_code == status
    if status != 303:
        assert answer.headers["content-type"].startswith("text/html")
        assert all_pieces(database) == []


def test_what_another_site_sends_is_refused(browser: Open, cast: Cast, database: Database) -> None:
    answer = browser(cast.amina).post(
        pages_of(cast.amina_at), data=complete(), headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert all_pieces(database) == []
