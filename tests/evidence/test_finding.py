"""Finding statements in the form: suggestions with their words, search, groups, duties; nothing chosen silently."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.coverage import CoverageMap, ItemState
from kbs.statements import ItemKind
from portfolio.apprenticeships.models import Progress
from portfolio.database import Database
from portfolio.evidence.finding import finder, preselected
from tests.builders import Cast, a_draft, commit
from tests.client import Browser
from tests.evidence.steps import all_pieces, complete, newest, pages_of, piece_id, send
from tests.storage import corpus

Open = Callable[..., Browser]
HTMX = pytest.mark.parametrize("htmx", [False, True])


@pytest.fixture(scope="module")
def coverage(catalogue: Catalogue) -> CoverageMap:
    empty = CoverageMap.empty(catalogue.get("ST1030", "1.0"))
    return empty.with_states(
        {"K1": ItemState.COVERED, "K2": ItemState.WITH_ASSESSOR, "K4": ItemState.RETURNED}
    )


def test_what_is_still_missing_comes_first(coverage: CoverageMap) -> None:
    [group] = finder(coverage, chosen={}, browse="knowledge").groups
    codes = [entry.item.code for entry in group.entries]
    assert codes[:3] == ["K3", "K4", "K5"]
    assert codes[-2:] == ["K2", "K1"]
    assert finder(coverage, chosen={}).missing[ItemKind.KNOWLEDGE] == 29


def test_results_are_grouped_and_leave_out_what_is_chosen(coverage: CoverageMap) -> None:
    found = finder(coverage, chosen={"K7": ""}, q="k7, s7, b1, duty 8")
    assert [(group.kind.value, [e.item.code for e in group.entries]) for group in found.groups] == [
        ("skill", ["S7"]),
        ("behaviour", ["B1"]),
        ("duty", ["D8"]),
    ]


def test_suggestions_name_the_words_they_come_from(coverage: CoverageMap) -> None:
    suggestions = finder(coverage, chosen={}, text="I used the escalation pathway.").suggestions
    assert suggestions
    assert all(set(entry.matched_words) & {"escalation", "pathway"} for entry in suggestions)
    first = suggestions[0].item.code
    again = finder(coverage, chosen={first: ""}, text="I used the escalation pathway.").suggestions
    assert first not in [entry.item.code for entry in again]


def test_a_duty_offers_its_known_statements_and_says_what_is_unknown(coverage: CoverageMap) -> None:
    standard = coverage.standard
    for duty in standard.duties:
        [chosen] = finder(coverage, chosen={duty.code: ""}).chosen
        assert chosen.offer is not None
        assert [entry.item.code for entry in chosen.offer.entries] == list(duty.known_codes)
        assert bool(chosen.offer.unknown) is bool(duty.unknown_kinds)
    all_known = {"D2": "", **dict.fromkeys(standard.item("D2").known_codes, "")}  # type: ignore[union-attr]
    offers = [one.offer for one in finder(coverage, chosen=all_known).chosen if one.offer]
    assert (offers[0].known, offers[0].entries) == (True, ())


def test_links_may_name_any_item_and_others_are_ignored(coverage: CoverageMap) -> None:
    assert list(preselected(coverage.standard, ["d8", "S10", "K2", "K999", "<b>"])) == ["K2", "S10", "D8"]


@HTMX
def test_a_search_keeps_everything_typed_and_saves_nothing(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    page = browser(cast.amina, htmx=htmx)
    form = complete(q="whistleblowing", action="find", title="My own title", claim=["D8"])
    answer = page.post(pages_of(cast.amina_at), data=form)
    assert answer.status_code == 200
    assert 'value="My own title"' in answer.text
    assert "Waiting could have left Child A at risk." in answer.text
    assert "Found for “whistleblowing”" in answer.text
    assert 'id="found-K7"' in answer.text
    assert 'id="claim-D8" name="claim" value="D8" checked' in answer.text
    assert "mapping not published here" in answer.text
    assert all_pieces(database) == []


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({"q": "k7", "action": "find"}, 'id="found-K7"'),
        ({"q": "k7", "action": "enter"}, 'id="found-K7"'),
        ({"browse": "duty"}, 'id="found-D15"'),
        ({"q": "zebra crossing", "action": "find"}, "Try another word, or a code"),
        ({"what_i_did": "the escalation pathway", "action": "find"}, "You wrote: escalation, pathway"),
    ],
)
def test_every_way_to_look(browser: Open, cast: Cast, form: dict[str, str], shown: str) -> None:
    answer = browser(cast.amina).post(pages_of(cast.amina_at), data=form)
    assert answer.status_code == 200
    assert shown in answer.text


@pytest.mark.parametrize("target", ["item_results", "item_finder"])
def test_htmx_gets_only_the_part_it_will_replace(browser: Open, cast: Cast, target: str) -> None:
    answer = browser(cast.amina, htmx=True).post(
        pages_of(cast.amina_at),
        data={"q": "k7", "action": "find", "claim": "S7", "note_S7": "my note"},
        headers={"HX-Target": target},
    )
    assert answer.text.strip().startswith(f'<div id="{target}"')
    assert 'id="found-K7"' in answer.text
    assert ("my note" in answer.text) is (target == "item_finder")


@pytest.mark.parametrize(("shown", "comes_along"), [("none", True), ("S7-K1", True), ("S7", False)])
def test_a_search_that_took_the_place_of_a_tick_brings_what_was_ticked(
    browser: Open, cast: Cast, shown: str, comes_along: bool
) -> None:
    """Else the item would be in neither list. A list that is right is left alone: a note may be half written there."""
    answer = browser(cast.amina, htmx=True).post(
        pages_of(cast.amina_at),
        data={"q": "S7", "action": "find", "claim": "S7", "shown": shown},
        headers={"HX-Target": "item_results"},
    )
    assert 'id="found-S7"' not in answer.text
    assert ('<div id="item_chosen" hx-swap-oob="true">' in answer.text) is comes_along
    assert ('id="claim-S7"' in answer.text) is comes_along


def test_looking_with_files_chosen_saves_them_with_a_draft(
    browser: Open, cast: Cast, database: Database
) -> None:
    form = {"q": "k7", "action": "find", "why": "Keep me"}
    answer = send(browser(cast.amina), pages_of(cast.amina_at), form, corpus.GOOD["pdf"])
    assert answer.status_code == 200
    assert "Your files are saved with a draft" in answer.text
    assert "Certificate.pdf" in answer.text
    assert 'id="found-K7"' in answer.text
    assert newest(database, piece_id(answer)).why == "Keep me"


def test_looking_while_editing_leaves_the_draft_as_it_was(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_draft(session, cast.amina_at, title="As saved")
    commit(session)
    answer = browser(cast.amina).post(
        f"{pages_of(cast.amina_at)}/{piece.id}/edit", data={"title": "As typed", "browse": "skill"}
    )
    assert 'value="As typed"' in answer.text
    assert f'action="{pages_of(cast.amina_at)}/{piece.id}/edit"' in answer.text
    assert newest(database, piece.id).title == "As saved"


def test_states_in_the_form_come_from_the_progress_of_this_portfolio(
    browser: Open, session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    standard = catalogue.get("ST1030", "1.0")
    text = CoverageMap.empty(standard).with_states({"K7": ItemState.COVERED}).text
    session.execute(update(Progress).where(Progress.apprenticeship_id == cast.amina_at.id).values(map=text))
    session.commit()
    answer = browser(cast.amina).post(pages_of(cast.amina_at), data={"browse": "knowledge", "claim": "K7"})
    assert "Covered already" in answer.text
    places = [int(found) for found in re.findall(r'id="found-K(\d+)"', answer.text)]
    assert places == [number for number in range(1, 32) if number != 7]
