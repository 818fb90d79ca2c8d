"""The standard's own page: open to everybody, word for word, with its licence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kbs.catalogue import Catalogue
from tests.builders import REFERENCE, VERSION, Cast
from tests.client import Browser


def test_anybody_can_read_the_standard_with_its_attribution(
    browser: Callable[..., Browser], catalogue: Catalogue
) -> None:
    page = browser().get(f"/standards/{REFERENCE}/{VERSION}").text
    standard = catalogue.get(REFERENCE, VERSION)
    for item in standard.items:
        assert item.text.replace("'", "&#39;") in page
    assert "Open Government Licence v3.0" in page
    assert "Crown copyright" in page


def test_a_mapping_that_is_not_published_is_never_shown_as_none(browser: Callable[..., Browser]) -> None:
    page = browser().get(f"/standards/{REFERENCE}/{VERSION}?q=duty 1").text
    assert page.count("mapping not published here") == 3


def test_searching_narrows_the_list_and_htmx_gets_the_list_alone(browser: Callable[..., Browser]) -> None:
    whole = browser().get(f"/standards/{REFERENCE}/{VERSION}?q=escalate")
    part = browser(htmx=True).get(f"/standards/{REFERENCE}/{VERSION}?q=escalate")
    assert 'id="K6"' in whole.text
    assert 'id="K1"' not in whole.text
    assert part.text.startswith('<div id="standard_items">')


@pytest.mark.parametrize("address", ["/standards/XX0000/1.0", f"/standards/{REFERENCE}/9.9"])
def test_a_standard_that_is_not_here_is_a_page_that_says_so(
    browser: Callable[..., Browser], address: str
) -> None:
    answer = browser().get(address)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_every_standard_at_hand_is_listed(
    browser: Callable[..., Browser], catalogue: Catalogue, cast: Cast
) -> None:
    page = browser(cast.amina).get("/standards").text
    for standard in catalogue.all():
        assert f"/standards/{standard.reference}/{standard.version}" in page
