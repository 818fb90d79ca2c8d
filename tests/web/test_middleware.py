"""Writes that another site forged are refused; every answer is inert; nothing else stands in the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from portfolio.settings import Settings
from portfolio.web.middleware import HEADERS, PAGE_POLICY, _origin, forged
from tests.builders import Cast
from tests.client import Browser
from tests.conftest import ADDRESS
from tests.people.steps import give_password, running, sign_in

OWN = "https://portfolio.example"


@pytest.mark.parametrize(
    ("method", "headers", "is_forged"),
    [
        ("GET", {"sec-fetch-site": "cross-site", "cookie": "a=b"}, False),
        ("HEAD", {"origin": "https://evil.example"}, False),
        ("OPTIONS", {"sec-fetch-site": "cross-site"}, False),
        ("POST", {"sec-fetch-site": "same-origin", "cookie": "a=b"}, False),
        ("POST", {"sec-fetch-site": "none", "cookie": "a=b"}, False),
        ("POST", {"sec-fetch-site": "same-site", "cookie": "a=b"}, True),
        ("POST", {"sec-fetch-site": "cross-site"}, True),
        ("POST", {"sec-fetch-site": "cross-site", "origin": OWN}, True),
        ("POST", {"sec-fetch-site": "", "origin": OWN}, True),
        ("POST", {"sec-fetch-site": "SAME-ORIGIN"}, True),
        ("POST", {"sec-fetch-site": "same-origin", "origin": "null"}, False),
        ("POST", {"origin": OWN, "cookie": "a=b"}, False),
        ("POST", {"origin": "http://portfolio.example", "cookie": "a=b"}, True),
        ("POST", {"origin": "https://portfolio.example:8443"}, True),
        ("POST", {"origin": "https://portfolio.example.evil.example"}, True),
        ("POST", {"origin": "null", "cookie": "a=b"}, True),
        ("POST", {"origin": "", "cookie": "a=b"}, True),
        ("POST", {"cookie": "a=b"}, True),
        ("POST", {}, False),
        ("PUT", {"cookie": "a=b"}, True),
        ("DELETE", {"sec-fetch-site": "cross-site"}, True),
        ("PATCH", {"origin": "https://evil.example"}, True),
        ("TRACE", {"cookie": "a=b"}, True),
        ("get", {"cookie": "a=b"}, True),
    ],
)
def test_what_counts_as_forged(method: str, headers: dict[str, str], is_forged: bool) -> None:
    assert forged(method, Headers(headers), OWN) is is_forged


@pytest.mark.parametrize(
    ("public_url", "origin"),
    [
        ("https://portfolio.example", "https://portfolio.example"),
        ("https://Portfolio.Example/", "https://portfolio.example"),
        ("https://portfolio.example:443/sub", "https://portfolio.example"),
        ("http://portfolio.example:80", "http://portfolio.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://portfolio.example:80", "https://portfolio.example:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_own_origin_is_written_as_browsers_write_it(public_url: str, origin: str) -> None:
    assert _origin(public_url) == origin


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "cross-site", "HX-Request": "true"}]
)
def test_a_form_on_another_site_changes_nothing(
    browser: Callable[..., Browser], cast: Cast, headers: dict[str, str]
) -> None:
    page = browser(cast.amina)
    answer = page.post("/sign-out", headers=headers)
    assert answer.status_code == 403
    assert "not sent from our own page" in answer.text
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert answer.headers.get("hx-retarget") == ("#message" if "HX-Request" in headers else None)
    assert ('id="message"' in answer.text) is ("HX-Request" in headers)
    assert page.get("/account").status_code == 200
    assert running(page.app.state.database, cast.amina) == 1


def test_signing_somebody_in_from_another_site_is_refused_too(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    page = browser()
    answer = page.post(
        "/sign-in",
        data={"email": cast.amina.email, "password": "correct horse battery"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert sign_in(page, cast.amina.email).status_code == 303


def test_without_fetch_metadata_the_origin_decides(app: FastAPI, session: Session, cast: Cast) -> None:
    """A browser on plain http to another machine sends Origin but no Sec-Fetch-Site."""
    give_password(session, cast.amina)
    fields = {"email": cast.amina.email, "password": "correct horse battery"}
    with TestClient(app, base_url=ADDRESS, follow_redirects=False) as client:
        assert (
            client.post("/sign-in", data=fields, headers={"Origin": "http://evil.example"}).status_code == 403
        )
        assert client.post("/sign-in", data=fields, headers={"Origin": ADDRESS}).status_code == 303
        assert client.post("/sign-out").status_code == 403  # a cookie, and no word of where it comes from
        assert client.post("/sign-out", headers={"Origin": ADDRESS}).status_code == 303


def test_every_answer_is_inert_and_names_its_request(browser: Callable[..., Browser], cast: Cast) -> None:
    page = browser(cast.amina)
    answers = [page.get("/account"), page.get("/nowhere"), page.post("/account"), browser().get("/account")]
    assert [answer.status_code for answer in answers] == [200, 404, 405, 303]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
    references = {answer.headers["X-Request-Id"] for answer in answers}
    assert len(references) == len(answers)
    assert "unsafe" not in PAGE_POLICY


def test_https_is_insisted_on_only_where_it_is_served(app: FastAPI, settings: Settings) -> None:
    from portfolio.app import create_app

    with TestClient(app, base_url=ADDRESS) as client:
        assert "strict-transport-security" not in client.get("/sign-in").headers
    secure = create_app(
        settings.model_copy(update={"public_url": OWN}), database=app.state.database, store=app.state.store
    )
    with TestClient(secure, base_url=OWN) as client:
        assert "max-age" in client.get("/sign-in").headers["strict-transport-security"]
