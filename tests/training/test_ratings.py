"""Own and second ratings against the frameworks that ship: what stands, what is missing, how it grew."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbs.framework import UnknownLevel
from kbs.frameworks import load_frameworks
from portfolio.training.rules.ratings import Rated, Rating, Side, current, over_time, refusal, standing

FRAMEWORKS = load_frameworks()
MK, PA3 = FRAMEWORKS.get("mk-together-2020"), FRAMEWORKS.get("pa3-2022")
TODAY = date(2026, 11, 22)
NOT_YET, DEVELOPING, COMPETENT = Rating.NOT_YET, Rating.DEVELOPING, Rating.COMPETENT
OWN, SECOND = Side.OWN, Side.SECOND
FIRST, OTHER = (one.id for one in MK.asked_at("2")[:2])


def rated(competency: str, rating: Rating, side: Side = OWN, days_ago: int = 0, number: int = 0) -> Rated:
    return Rated(competency, side, rating, TODAY - timedelta(days=days_ago), number)


def test_the_last_rating_of_each_side_up_to_the_day_stands() -> None:
    given_ = [
        rated(FIRST, COMPETENT, days_ago=3, number=1),
        rated(FIRST, DEVELOPING, days_ago=3, number=2),
        rated(FIRST, NOT_YET, days_ago=9),
        rated(FIRST, COMPETENT, SECOND, days_ago=5),
        rated(FIRST, COMPETENT, days_ago=-1),
    ]
    now = current(given_, TODAY)
    assert {side: now[FIRST, side].rating for side in Side} == {OWN: DEVELOPING, SECOND: COMPETENT}
    assert current(given_, TODAY - timedelta(days=10)) == {}


@pytest.mark.parametrize(
    ("framework", "level", "strand", "count"),
    [
        (MK, "1", "child", 7),
        (MK, "1", "adult", 8),
        (MK, "1", "both", 15),
        (MK, "2", "child", 17),
        (MK, "2", "adult", 24),
        (MK, "3", "adult", 39),
        (MK, "3", "both", 67),
        (PA3, "1", "both", 6),
    ],
)
def test_a_level_asks_for_the_lower_ones_too_where_its_framework_says_so(
    framework: object, level: str, strand: str, count: int
) -> None:
    found = standing(framework, level, [], TODAY, strand)  # type: ignore[arg-type]
    assert len(found.lines) == len(found.gaps) == count
    assert not found.met


@pytest.mark.parametrize(
    ("own", "second", "gap", "apart"),
    [
        (None, None, True, 0),
        (COMPETENT, None, False, 0),
        (DEVELOPING, None, True, 0),
        (COMPETENT, DEVELOPING, True, 1),
        (COMPETENT, NOT_YET, True, 2),
        (NOT_YET, COMPETENT, False, -2),
        (None, COMPETENT, False, 0),
        (COMPETENT, COMPETENT, False, 0),
    ],
)
def test_the_second_rating_decides_where_there_is_one(
    own: Rating | None, second: Rating | None, gap: bool, apart: int
) -> None:
    given_ = [rated(FIRST, one, side) for side, one in ((OWN, own), (SECOND, second)) if one]
    found = standing(MK, "1", given_, TODAY)
    line = next(one for one in found.lines if one.competency.id == FIRST)
    assert (line.is_gap, line.steps_apart) == (gap, apart)
    assert (line in found.gaps, line in found.differences) == (gap, apart != 0)


def test_gaps_come_lowest_level_first_and_what_is_furthest_away_before_the_rest() -> None:
    found = standing(MK, "2", [rated(FIRST, DEVELOPING)], TODAY)
    first_level = [line for line in found.gaps if line.level.id == "1"]
    assert found.gaps[: len(first_level)] == tuple(first_level)
    assert first_level[-1].competency.id == FIRST


def test_a_second_rating_older_than_the_own_one_is_marked() -> None:
    given_ = [rated(FIRST, COMPETENT, days_ago=1), rated(FIRST, DEVELOPING, SECOND, days_ago=30)]
    line = standing(MK, "1", given_, TODAY, linked={FIRST: 2}).lines[0]
    assert line.second_is_older
    assert line.linked == 2
    assert not standing(MK, "1", given_[:1], TODAY).lines[0].second_is_older


def test_a_level_is_met_when_everything_asked_for_is_and_never_where_the_source_lists_nothing() -> None:
    every = [rated(one.id, COMPETENT) for one in MK.asked_at("2")]
    assert standing(MK, "2", every, TODAY).met
    assert not standing(MK, "2", every[:-1], TODAY).met
    board = standing(MK, "board", every, TODAY)
    assert [one.id for one in board.unlisted] == ["board"]
    assert not board.met
    assert not replace(standing(MK, "2", every, TODAY), unlisted=board.unlisted).met


def test_a_level_that_is_not_in_the_framework_is_an_error() -> None:
    with pytest.raises(UnknownLevel):
        standing(MK, "9", [], TODAY)


RATINGS = st.lists(
    st.builds(
        rated,
        st.sampled_from([one.id for one in MK.asked_at("3")]),
        st.sampled_from(Rating),
        st.sampled_from(Side),
        st.integers(0, 400),
        st.integers(0, 3),
    ),
    max_size=40,
)


@given(
    RATINGS,
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(["child", "adult", "both"]),
    st.sampled_from(Side),
)
def test_the_picture_over_time_always_adds_up_and_ends_at_what_stands_now(
    given_: list[Rated], level: str, strand: str, side: Side
) -> None:
    days = [TODAY - timedelta(days=one) for one in (400, 100, 0)]
    found = over_time(MK, level, given_, days, side, strand)
    lines = standing(MK, level, given_, TODAY, strand).lines
    assert all(one.competent + one.developing + one.not_yet + one.unrated == len(lines) for one in found)
    assert [one.unrated for one in found] == sorted((one.unrated for one in found), reverse=True)
    held = [one.own if side is OWN else one.second for one in lines]
    assert found[-1].competent == sum(1 for one in held if one and one.rating is COMPETENT)


@given(RATINGS)
def test_the_two_strands_together_are_the_whole(given_: list[Rated]) -> None:
    whole = {line.competency.id for line in standing(MK, "3", given_, TODAY).gaps}
    parts = [
        {line.competency.id for line in standing(MK, "3", given_, TODAY, one).gaps}
        for one in ("child", "adult")
    ]
    assert parts[0] | parts[1] == whole


@pytest.mark.parametrize(
    ("side", "own", "known", "finished", "allowed"),
    [
        (OWN, True, True, False, True),
        (SECOND, False, True, False, True),
        (OWN, False, True, False, False),
        (SECOND, True, True, False, False),
        (OWN, True, False, False, False),
        (OWN, True, True, True, False),
    ],
)
def test_who_may_rate(side: Side, own: bool, known: bool, finished: bool, allowed: bool) -> None:
    sentence = refusal(side, own=own, known=known, finished=finished)
    assert (sentence is None) is allowed
    assert sentence is None or sentence.endswith(".")
