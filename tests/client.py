"""A suspicious test browser: every HTML answer must parse strictly, and have a title and one h1 at most."""

from __future__ import annotations

from typing import Any

import html5lib
from starlette.testclient import TestClient

from portfolio.people.models import Person
from portfolio.people.sessions import cookie_name, start_session
from portfolio.web.formats import utc_now


class Browser(TestClient):
    """Sends what a browser sends (same-origin marks, htmx headers if asked) and checks what comes back."""

    htmx = False

    def sign_in_as(self, person: Any) -> None:
        """A session without the quarter second of a password check; signing in has tests of its own."""
        database = self.app.state.database  # type: ignore[attr-defined]
        with database.writing() as session:
            person = session.get(Person, person.id)
            token = start_session(session, person, device="test", now=utc_now())
        self.cookies.set(cookie_name(self.app.state.settings), token)  # type: ignore[attr-defined]

    def request(self, method: str, url: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Sec-Fetch-Site", "same-origin")
        if self.htmx:
            headers.setdefault("HX-Request", "true")
        response = super().request(method, url, headers=headers, **kwargs)
        if response.headers.get("content-type", "").startswith("text/html"):
            check_html(response.text)
        return response


def check_html(text: str) -> None:
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    whole = "<!doctype" in text[:40].lower()
    tree = parser.parse(text) if whole else parser.parseFragment(text)
    errors = [error for error in parser.errors if error[1] not in IGNORED]
    assert not errors, f"bad HTML: {errors[:3]}"
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    twice = {one for one in ids if ids.count(one) > 1}
    assert not twice, f"ids used twice: {twice}"
    if whole:
        assert len(list(tree.iter("h1"))) == 1, "a page has one h1"
        title = next(tree.iter("title")).text or ""
        assert title.strip(" –"), "a page has a title"


IGNORED = {"expected-doctype-but-got-start-tag", "expected-doctype-but-got-chars"}
