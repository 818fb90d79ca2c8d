"""python -m tests.browser.take_pictures: the two pictures of README.md, from the demonstration as it is now."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from portfolio.demo.world import PASSWORD
from tests.browser.serving import ARGUMENTS, PHONE, PICTURES, serving
from tests.real import chromium


def main() -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        with serving(f"sqlite:///{folder / 'portfolio.db'}", folder) as served:
            page = signed_in(browser, served.address, "amina.archer@northside-school.example", PHONE)
            save(page, "home-phone")
            page = signed_in(
                browser,
                served.address,
                "priya.parker@northern-skills.example",
                {"width": 1280, "height": 960},
            )
            page.goto("/cohorts")
            page.locator("main table a").first.click()
            page.wait_for_load_state("networkidle")
            save(page, "cohort-desk")
        browser.close()


def signed_in(browser: Browser, address: str, email: str, size: dict[str, int]) -> Page:
    page = browser.new_context(viewport=size, base_url=address).new_page()  # type: ignore[arg-type]
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_load_state("networkidle")
    return page


def save(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"{PICTURES / name}.png")


if __name__ == "__main__":
    main()
