"""Coverage over a cohort: counted right for every item, thinnest first, nobody's colour needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.coverage import ItemState
from portfolio.apprenticeships.models import Progress
from portfolio.cohorts.heat import Grid, Row
from portfolio.cohorts.picture import count_states, picture
from portfolio.cohorts.scope import Scope
from tests.builders import Cast, a_cohort, a_person, an_apprenticeship, commit
from tests.cohorts.crowd import a_crowd

Open = Callable[..., Any]
a_map = st.text("".join(ItemState), min_size=81, max_size=81)


def scope(cast: Cast, *, together: bool = False) -> Scope:
    return Scope(cast.provider.id, cast.provider.name, None if together else cast.cohort)


@given(maps=st.lists(a_map, max_size=8))
def test_counting_by_slices_is_counting_one_by_one(catalogue: Catalogue, maps: list[str]) -> None:
    standard = catalogue.get("ST1030", "1.0")
    found = list(count_states("".join(maps).encode(), standard))
    assert [one.item.code for one in found] == list(standard.codes)
    for place, one in enumerate(found):
        expected = Counter(text[place] for text in maps)
        assert one.counts == {state: expected[state] for state in ItemState}


def test_those_who_withdrew_and_other_cohorts_are_left_out(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    standard = catalogue.get("ST1030", "1.0")
    a_crowd(session, cast.cohort, [cast.employer], 3, map="c" * 81)
    a_crowd(session, cast.cohort, [cast.employer], 2, map="c" * 81, stage="withdrawn")
    a_crowd(session, a_cohort(session, cast.provider, "Other"), [cast.employer], 5, map="c" * 81)
    found = picture(session, scope(cast), standard)
    assert found.people == 4  # with Amina
    assert {one.covered for one in found.items} == {3}
    assert picture(session, scope(cast, together=True), standard).people == 9


def test_a_map_of_another_length_is_not_counted_but_said(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    a_crowd(session, cast.cohort, [cast.employer], 2, map="ccc")
    found = picture(session, scope(cast), catalogue.get("ST1030", "1.0"))
    assert (found.people, found.left_out) == (1, 2)
    assert found.items[0].people == 1


def test_the_thinnest_come_first_and_ties_by_what_is_under_way(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    standard = catalogue.get("ST1030", "1.0")
    covered = ["c"] * 81
    for code, state in (("K24", "."), ("K2", "a"), ("K10", "r"), ("D8", "p")):
        covered[standard.position(code)] = state
    session.execute(update(Progress).values(map="".join(covered)))
    found = picture(session, scope(cast), standard)
    assert [one.item.code for one in found.thinnest] == ["K10", "K24", "K2", "D8"]


def test_the_page_says_in_words_where_teaching_is_thin(
    browser: Open, session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    covered = ["c"] * 81
    covered[catalogue.get("ST1030", "1.0").position("K24")] = "."
    a_crowd(session, cast.cohort, [cast.employer], 47, map="".join(covered))
    commit(session)
    for htmx in (False, True):
        text = browser(cast.priya, htmx=htmx).get(f"/cohorts/{cast.cohort.id}/coverage").text
        assert "K24: 0 of 48 covered" in text
        assert text.index("K24: 0 of 48 covered") < text.index("K1: 47 of 48 covered")
        assert "style=" not in text
        assert re.search(r"<th scope=\"row\">K24</th><td class=\"n\">0</td>", text)  # the same as a table


def test_the_cohort_page_leads_to_the_picture_without_javascript_too(browser: Open, crowd: Cast) -> None:
    address = f"/cohorts/{crowd.cohort.id}"
    text = browser(crowd.priya).get(address).text
    assert f'hx-get="{address}/coverage" hx-trigger="load"' in text
    assert f'<a href="{address}/coverage">' in text


def test_people_and_items_come_in_pages_and_nobody_twice(browser: Open, crowd: Cast) -> None:
    for htmx in (False, True):
        manager = browser(crowd.priya, htmx=htmx)
        found: list[str] = []
        for number in (1, 2, 3):
            text = manager.get(f"/cohorts/{crowd.cohort.id}/coverage?page={number}").text
            found += re.findall(r'heat-row"><a href="/apprenticeships/([0-9a-f-]{36})/statements"', text)
        assert len(found) == len(set(found)) == 61


def test_each_standard_has_a_picture_of_its_own(
    browser: Open, session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    other = catalogue.get("XT0007", "2.3")
    cohort = a_cohort(
        session,
        cast.provider,
        "Gardeners",
        standard_reference=other.reference,
        standard_version=other.version,
    )
    person = a_person(session, "Gil Garden", cast.provider, "apprentice")
    an_apprenticeship(session, person, cohort, cast.employer)
    commit(session)
    text = browser(cast.priya).get(f"/providers/{cast.provider.id}/cohorts-together/coverage").text
    for standard in (other, catalogue.get("ST1030", "1.0")):
        assert f"{standard.title} version {standard.version}</h3>" in text
    assert text.count("1 person counted") == 2
    assert text.count('class="scroll heat"') == 2
    assert len(re.findall(r'heat-row"><a href', text)) == 2


@pytest.mark.parametrize(("reference", "version"), [("ST1030", "1.0"), ("XT0007", "2.3")])
def test_every_cell_is_drawn_once_with_the_shape_of_its_state(
    catalogue: Catalogue, reference: str, version: str
) -> None:
    standard = catalogue.get(reference, version)
    states = "".join(ItemState)
    text = (states * len(standard.items))[: len(standard.items)]
    row = Row(standard.title, "Ada Abel", reference, version, text)  # type: ignore[arg-type]
    grid = Grid.of(standard)
    paths = grid.paths(row)
    assert set(paths) == {state.slug for state in ItemState if state.value in text}
    starts = [int(x) for path in paths.values() for x in re.findall(r"M(\d+) ", path)]
    assert sorted(starts) == list(grid.places)
    assert "covered" in row.words
    assert len({path.split("M")[1].split(" ", 1)[1] for path in paths.values()}) >= len(paths) - 1
