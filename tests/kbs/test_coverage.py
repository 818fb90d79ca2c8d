"""States, counts and gaps: tables, and properties over any map of any standard."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbs.catalogue import load_catalogue, load_standard
from kbs.coverage import CoverageMap, ItemFacts, ItemState, Outcome, covered_in, state_of
from kbs.statements import ItemKind, MappingStatus, Standard, UnknownItem, with_own_mapping

from .conftest import INVENTED

STANDARDS = (load_catalogue().default(), load_standard(INVENTED / "xt0007-2.3.yaml"))
N, A, R, P, C = ItemState
COVERED, PARTLY, NOT_YET = Outcome


@pytest.mark.parametrize(
    ("signed_off", "waiting", "latest", "state"),
    [
        (False, False, None, N),
        (False, True, None, A),
        (False, False, NOT_YET, R),
        (False, False, PARTLY, P),
        (False, True, NOT_YET, A),
        (False, True, PARTLY, A),
        (False, False, COVERED, P),  # the sign-off was withdrawn
        (True, False, COVERED, C),
        (True, False, None, C),
        (True, True, None, C),
        (True, True, NOT_YET, C),
        (True, False, PARTLY, C),
    ],
)
def test_the_state_of_an_item(
    signed_off: bool, waiting: bool, latest: Outcome | None, state: ItemState
) -> None:
    assert state_of(ItemFacts(signed_off, waiting, latest)) is state


@given(st.booleans(), st.booleans(), st.sampled_from([None, *Outcome]))
def test_only_a_sign_off_covers_and_only_nothing_is_no_evidence(
    signed_off: bool, waiting: bool, latest: Outcome | None
) -> None:
    state = state_of(ItemFacts(signed_off, waiting, latest))
    assert (state is C) == signed_off
    assert (state is A) == (waiting and not signed_off)
    assert (state is N) == (not signed_off and not waiting and latest is None)


def test_states_and_outcomes_have_words() -> None:
    words = {state.value: (state.word, state.slug) for state in ItemState}
    assert words == {
        ".": ("No evidence yet", "none"),
        "a": ("With assessor", "sent"),
        "r": ("Returned", "back"),
        "p": ("Partly covered", "partly"),
        "c": ("Covered", "done"),
    }
    assert [outcome.label for outcome in Outcome] == ["Covered", "Partly", "Not yet"]


maps = st.sampled_from(STANDARDS).flatmap(
    lambda standard: st.tuples(
        st.just(standard),
        st.text("".join(ItemState), min_size=len(standard.items), max_size=len(standard.items)),
    )
)


@given(maps)
def test_a_map_survives_being_stored(drawn: tuple[Standard, str]) -> None:
    standard, text = drawn
    coverage = CoverageMap.from_text(standard, text)
    assert coverage.text == text
    assert [coverage.state(code).value for code in standard.codes] == list(text)


@given(maps)
def test_counts_add_up(drawn: tuple[Standard, str]) -> None:
    standard, text = drawn
    coverage = CoverageMap.from_text(standard, text)
    assert coverage.tally().total == len(standard.items)
    assert coverage.statements.total == len(standard.statements)
    assert coverage.duties.total == len(standard.duties)
    for state in ItemState:
        assert coverage.count(None, state) == text.count(state.value) == len(coverage.codes_in(state))
        assert sum(coverage.count(kind, state) for kind in ItemKind) == coverage.count(None, state)
    assert coverage.statements.covered + coverage.duties.covered == coverage.tally().covered
    assert len(coverage.missing) == coverage.tally().not_covered


def test_tallies_by_kind(invented: Standard) -> None:
    coverage = CoverageMap.from_text(invented, "c.pra.c")
    knowledge = coverage.tally(ItemKind.KNOWLEDGE)
    assert (knowledge.covered, knowledge.none, knowledge.partly, knowledge.total) == (1, 1, 1, 3)
    assert (coverage.tally(ItemKind.SKILL).returned, coverage.tally(ItemKind.SKILL).with_assessor) == (1, 1)
    assert coverage.duties.covered == 1
    assert coverage.missing == ("K2", "K10", "S1", "S2", "D1")
    assert coverage.codes_in(P, R) == ("K10", "S1")


def test_nothing_of_a_kind_is_never_complete(invented: Standard) -> None:
    everything = CoverageMap.from_text(invented, "c" * 7)
    assert everything.tally(ItemKind.SKILL).is_complete
    assert everything.tally(ItemKind.BEHAVIOUR).total == 0
    assert not everything.tally(ItemKind.BEHAVIOUR).is_complete
    assert everything.missing == ()


def test_a_text_that_does_not_fit_is_refused(invented: Standard, shipped: Standard) -> None:
    with pytest.raises(ValueError, match="has 7 items, but 6 states"):
        CoverageMap.from_text(invented, "......")
    with pytest.raises(ValueError, match="items, but 7 states"):
        CoverageMap.from_text(shipped, ".......")
    with pytest.raises(ValueError, match="'x' is no state"):
        CoverageMap.from_text(invented, "......x")


def test_a_map_is_made_from_what_is_on_record(invented: Standard) -> None:
    facts = {"K10": ItemFacts(signed_off=True), "D2": ItemFacts(waiting=True)}
    coverage = CoverageMap.from_facts(invented, facts)
    assert coverage.text == "..c...a"
    assert coverage.with_states({"D2": C, "K1": R}).text == "r.c...c"
    assert coverage.text == "..c...a"
    with pytest.raises(UnknownItem):
        CoverageMap.from_facts(invented, {"B1": ItemFacts()})


def test_a_duty_whose_mapping_is_known(invented: Standard) -> None:
    standing = CoverageMap.from_text(invented, ".cacppp").duty_standing(invented.duties[0])
    assert [(one.code, state) for one, state in standing.statements] == [("K2", C), ("K10", A), ("S1", C)]
    assert standing.summary == "2 of 3 statements covered"
    assert [one.code for one in standing.known_not_covered] == ["K10"]
    assert (standing.state, standing.all_covered) == (P, False)
    assert CoverageMap.from_text(invented, ".cccppp").duty_standing(invented.duties[0]).all_covered


def test_a_duty_whose_mapping_is_unknown_has_no_figure(shipped: Standard) -> None:
    coverage = CoverageMap(shipped, (C,) * len(shipped.items))
    standing = coverage.duty_standing(shipped.duties[0])
    assert standing.summary == "Mapping not published here"
    assert standing.mapping_status is MappingStatus.UNKNOWN
    assert standing.statements == ()
    assert not standing.all_covered


def test_a_duty_whose_mapping_is_partly_known_is_never_all_covered(shipped: Standard) -> None:
    coverage = CoverageMap(shipped, (C,) * len(shipped.items))
    standing = coverage.duty_standing(shipped.duties[7])
    assert standing.summary == "10 of 10 known statements covered; skills and behaviours not published here"
    assert not standing.all_covered
    assert standing.unknown_kinds == (ItemKind.SKILL, ItemKind.BEHAVIOUR)


def test_a_providers_own_mapping_does_not_make_a_duty_known(invented: Standard) -> None:
    ours = with_own_mapping(invented, {"D2": ["K1", "S2"]}, "ours")
    standing = CoverageMap(ours, (C,) * 7).duty_standing(ours.duties[1])
    assert standing.summary == "Mapping not published here"
    assert not standing.all_covered


@given(maps)
def test_no_duty_is_complete_while_anything_of_its_mapping_is_unknown(drawn: tuple[Standard, str]) -> None:
    coverage = CoverageMap.from_text(*drawn)
    for duty in coverage.standard.duties:
        standing = coverage.duty_standing(duty)
        covered = [code for code in duty.known_codes if coverage.state(code) is C]
        assert standing.known_covered == len(covered)
        assert not (standing.all_covered and duty.unknown_kinds)


def test_coverage_over_a_cohort_names_every_item(invented: Standard, shipped: Standard) -> None:
    texts = ("c.c...c", "c......", "rapc...")
    covered = covered_in(CoverageMap.from_text(invented, text) for text in texts)
    assert covered == {"K1": 2, "K2": 0, "K10": 1, "S1": 1, "S2": 0, "D1": 0, "D2": 1}
    assert covered_in([]) == {}
    both = covered_in([CoverageMap.empty(invented), CoverageMap.empty(shipped)])
    assert set(both) == {*itertools.chain(invented.codes, shipped.codes)}
