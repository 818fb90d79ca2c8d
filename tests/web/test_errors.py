"""No error is ever JSON: a page that says what to do next, or for htmx the one message."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from kbs.catalogue import Catalogue
from portfolio.app import create_app
from portfolio.database import Database
from portfolio.refusals import Forbidden, NotFound, Refused
from portfolio.settings import Settings
from portfolio.web.errors import NEXT_STEPS, TITLES
from portfolio.web.middleware import PAGE_POLICY
from tests.builders import Cast
from tests.client import Browser, check_html
from tests.conftest import ADDRESS

SECRET = "Child A, Harbour Lane 7"


@pytest.fixture
def breaking(settings: Settings, database: Database, catalogue: Catalogue) -> FastAPI:
    """An application of its own with pages that go wrong in every way a page can."""
    app = create_app(settings, catalogue=catalogue, database=database)
    router = APIRouter(prefix="/breaking")

    @router.get("/refused")
    def refused() -> None:
        raise Refused("The piece was decided on, so it stays.")

    @router.get("/forbidden")
    def forbidden() -> None:
        raise Forbidden("Only an assessor decides.")

    @router.get("/missing")
    def missing() -> None:
        raise NotFound

    @router.get("/status/{code}")
    def status(code: int) -> None:
        raise HTTPException(code, f"detail with {SECRET}")

    @router.get("/fault")
    def fault() -> None:
        raise RuntimeError(SECRET)

    @router.get("/fault-below")
    async def fault_below() -> None:
        raise ExceptionGroup("several", [ValueError(SECRET)])

    app.include_router(router)
    return app


@pytest.fixture
def client(breaking: FastAPI) -> Iterator[TestClient]:
    """Shows the page of a fault of ours as a visitor sees it."""
    with TestClient(
        breaking, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield client


def check_error(answer: Any, status: int, *, htmx: bool) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    check_html(answer.text)
    assert 'id="message"' in answer.text
    known = status if status in TITLES else 400 if status < 500 else 500
    assert TITLES[known] in answer.text
    assert NEXT_STEPS[known] in answer.text
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert ("<!doctype" in answer.text) is not htmx
    assert answer.headers.get("hx-retarget") == ("#message" if htmx else None)
    assert answer.headers.get("hx-reswap") == ("outerHTML" if htmx else None)


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/breaking/refused", 409, "The piece was decided on, so it stays."),
        ("/breaking/forbidden", 403, "Only an assessor decides."),
        ("/breaking/missing", 404, ""),
        ("/breaking/status/400", 400, ""),
        ("/breaking/status/413", 413, "detail with"),
        ("/breaking/status/418", 418, ""),
        ("/breaking/status/503", 503, ""),
        ("/breaking/status/507", 507, ""),
        ("/breaking/status/nine", 404, ""),
        ("/breaking/fault", 500, ""),
        ("/breaking/fault-below", 500, ""),
        ("/no/such/page", 404, ""),
    ],
)
def test_each_error_is_a_page_or_one_message(
    client: TestClient, path: str, status: int, sentence: str, htmx: bool
) -> None:
    answer = client.get(path, headers={"HX-Request": "true"} if htmx else {})
    check_error(answer, status, htmx=htmx)
    assert sentence in answer.text
    if status not in (413, 409, 403):
        assert SECRET not in answer.text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_page_used_the_wrong_way_says_which_ways_there_are(client: TestClient, htmx: bool) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"} | ({"HX-Request": "true"} if htmx else {})
    for method, path in (("GET", "/sign-out"), ("POST", "/breaking/fault"), ("DELETE", "/sign-in")):
        answer = client.request(method, path, headers=headers)
        check_error(answer, 405, htmx=htmx)
        assert answer.headers["allow"]


@pytest.mark.parametrize("htmx", [False, True])
def test_an_address_with_a_bad_id_does_not_exist(
    browser: Callable[..., Browser], cast: Cast, htmx: bool
) -> None:
    page = browser(cast.priya, htmx=htmx)
    provider = cast.provider.id
    for path in (
        "/apprenticeships/not-an-id",
        f"/providers/{provider}/people/7",
        "/providers/x/people",
        f"/providers/{provider}/people?page=0",
        f"/providers/{provider}/people?page=many",
        "/kept-forms/%00",
        "/admin",
    ):
        check_error(page.get(path), 404, htmx=htmx)


def test_a_fault_of_ours_gives_a_reference_that_the_log_has_too(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="portfolio"):
        answer = client.get("/breaking/fault")
    shown = re.search(r"Reference: ([0-9a-f]{12})", answer.text)
    assert shown
    assert shown.group(1) == answer.headers["X-Request-Id"]
    assert [r.message for r in caplog.records if r.name == "portfolio.errors"] == ["unexpected"]
    assert [r.status for r in caplog.records if r.message == "request"] == [500]  # type: ignore[attr-defined]


def test_what_went_wrong_while_signed_in_keeps_the_way_home(breaking: FastAPI, cast: Cast) -> None:
    with Browser(breaking, base_url=ADDRESS, follow_redirects=False) as browser:
        browser.sign_in_as(cast.amina)
        answer = browser.get("/breaking/refused")
    check_error(answer, 409, htmx=False)
    assert 'href="/"' in answer.text
