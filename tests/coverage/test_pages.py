"""The statement map and the page of each item."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.database import Database
from tests.builders import Cast, a_submitted, an_apprenticeship, an_assignment, commit
from tests.client import Browser
from tests.counting import queries


def test_the_map_shows_every_item_with_its_state_in_words(
    browser: Callable[..., Browser], session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    a_submitted(session, cast.amina_at, "K6", "D8")
    commit(session)
    page = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/statements").text
    standard = catalogue.get(cast.amina_at.standard_reference, cast.amina_at.standard_version)
    for item in standard.items:
        assert f'/items/{item.code}"' in page
    assert 'K6<span class="hidden">: With assessor' in page
    assert 'K7<span class="hidden">: No evidence yet' in page
    assert "Knowledge: 0 of 31 covered, 1 with the assessor" in page


def test_choosing_a_state_lists_the_wording_of_those_items_only(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    a_submitted(session, cast.amina_at, "K6")
    commit(session)
    address = f"/apprenticeships/{cast.amina_at.id}/statements?show=sent"
    part = browser(cast.amina, htmx=True).get(address).text
    assert part.startswith('<section class="card" id="item_list">')
    assert "When and how to escalate complex cases" in part
    assert "person-centred" not in part


@pytest.mark.parametrize("code", ["K6", "k6", "D8", "D1", "B7"])
def test_each_item_has_a_page_with_its_official_wording(
    browser: Callable[..., Browser], cast: Cast, catalogue: Catalogue, code: str
) -> None:
    page = browser(cast.asha).get(f"/apprenticeships/{cast.amina_at.id}/items/{code}").text
    standard = catalogue.get(cast.amina_at.standard_reference, cast.amina_at.standard_version)
    assert standard.item(code.upper()).text in page


def test_a_duty_without_a_published_mapping_says_so_and_shows_no_figure(
    browser: Callable[..., Browser], cast: Cast
) -> None:
    page = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/items/D1").text
    assert "Mapping not published here" in page
    assert "0 of 0" not in page
    assert "100" not in page.split("<main", 1)[1]


def test_what_waits_and_what_is_claimed_stand_on_the_page_of_the_item(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    piece = a_submitted(session, cast.amina_at, "K6", title="Escalated after a review meeting")
    commit(session)
    page = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/items/K6").text
    assert "Escalated after a review meeting" in page
    assert f"/evidence/{piece.id}" in page
    assert "1 piece that claims K6 is with the assessor" in page


def test_only_an_assessor_is_offered_the_sign_off_and_only_the_apprentice_adds(
    browser: Callable[..., Browser], cast: Cast
) -> None:
    address = f"/apprenticeships/{cast.amina_at.id}/items/K6"
    assessor, apprentice, mentor = (browser(p).get(address).text for p in (cast.asha, cast.amina, cast.marek))
    assert "Sign K6 off" in assessor
    assert "Add evidence for K6" not in assessor
    assert "Sign K6 off" not in apprentice + mentor
    assert "Add evidence for K6" in apprentice


@pytest.mark.parametrize("page", ["statements", "items/K6", "items/K99"])
def test_strangers_learn_nothing(browser: Callable[..., Browser], cast: Cast, page: str) -> None:
    for stranger in (cast.noor, cast.olu, cast.otto, cast.admin):
        assert browser(stranger).get(f"/apprenticeships/{cast.amina_at.id}/{page}").status_code == 404


def test_an_item_that_the_standard_does_not_have_is_not_found(
    browser: Callable[..., Browser], cast: Cast
) -> None:
    assert browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/items/K99").status_code == 404


def test_a_standard_of_another_shape_has_a_map_too(
    browser: Callable[..., Browser], session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    small = next(s for s in catalogue.all() if s.reference != cast.cohort.standard_reference)
    at = an_apprenticeship(
        session,
        cast.amina,
        cast.cohort,
        cast.employer,
        standard_reference=small.reference,
        standard_version=small.version,
    )
    an_assignment(session, at, cast.asha, "assessor")
    a_submitted(session, at, small.codes[0])
    commit(session)
    page = browser(cast.asha).get(f"/apprenticeships/{at.id}/statements").text
    assert page.count('class="tile ') - 5 == len(small.items)  # five more explain the tiles
    for kind in small.kinds_present:
        assert f"{kind.plural}: 0 of {len(small.items_of(kind))} covered" in page


def test_the_map_costs_the_same_queries_however_much_there_is(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    page, address = browser(cast.asha), f"/apprenticeships/{cast.amina_at.id}/statements"
    page.get(address)
    with queries(database) as few:
        page.get(address)
    for number in range(12):
        a_submitted(session, cast.amina_at, "K6", "S7", title=f"Piece {number}")
    commit(session)
    with queries(database) as many:
        page.get(address)
    assert many.number == few.number
