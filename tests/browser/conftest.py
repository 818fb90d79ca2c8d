"""A real server on loopback with the demonstration's data, and a real Chromium before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from portfolio.demo.world import PASSWORD
from tests.browser.serving import ARGUMENTS, PHONE, Served, serving
from tests.postgres import TEST_DATABASE_URL, own_database
from tests.real import chromium


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return chromium()


@pytest.fixture(scope="session")
def browser_database(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database of its own for the server, on the engine that the tests run on."""
    if not TEST_DATABASE_URL:
        yield f"sqlite:///{tmp_path_factory.mktemp('served') / 'portfolio.db'}"
        return
    with own_database("browser") as two_roles:
        yield two_roles.application


@pytest.fixture(scope="session")
def served(browser_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(browser_database, tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def real_browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(real_browser: Browser, served: Served) -> Iterator[OpenPage]:
    """`open_page("amina.archer@…", PHONE)`: a page of somebody signed in. Any error in the page's console, and
    any request that leaves this machine, fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_one(email: str = "", size: dict[str, int] = PHONE, **options: object) -> Page:
        context = real_browser.new_context(viewport=size, base_url=served.address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: troubles.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on(
            "request", lambda r: None if _own(r.url, served.address) else troubles.append(f"left: {r.url}")
        )
        if email:
            sign_in(page, email)
        return page

    yield open_one
    for context in contexts:
        context.close()
    # refusals are part of the stories; htmx says so itself when a page is left while it still asks for suggestions
    expected = (
        "status of 422",
        "status of 404",
        "status of 409",
        "status of 403",
        "status of 401",
        "ERR_INTERNET_DISCONNECTED",
        "ERR_FAILED",
        "htmx:sendAbort",
        "htmx:afterRequest",
    )
    real = [line for line in troubles if not any(part in line for part in expected)]
    assert not real, real


def _own(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:"))


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url("**/")
