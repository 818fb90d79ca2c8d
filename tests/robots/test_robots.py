"""Two short rounds of the robots, so that they stay honest; twenty long ones are run by their command."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.real import chromium
from tests.robots import report
from tests.robots.house import Verdict, house
from tests.robots.running import run
from tests.robots.stops import KILLS, STOPS, rounds, stops_of

pytestmark = pytest.mark.browser
MB = 1_000_000


def test_on_a_bad_line_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    """Killed at eight points, cut, lied to, signed out; chosen without signal; with a second person on the phone."""
    first, second = rounds(4, 6 * MB, 4)[0], rounds(4, 6 * MB - 1000, 4)[3]
    plans = [replace(first, lies=True), replace(second, signed_out=True, two_tabs=True)]
    results, removals_due = run(tmp_path, chromium(), plans, phones=2, seconds=240)
    told = report.table(results) + "\n" + report.summary(results, removals_due)
    assert [result.good for result in results] == [True, True], told
    assert sum(len(result.kills) for result in results) == 8, told
    assert all(result.faults for result in results), told
    assert results[0].lies, told
    assert sum(result.signed_out for result in results) == 2, told
    assert all(result.sent >= result.round.size for result in results), "the line did not see every byte"
    assert removals_due == 0, told


def test_twenty_rounds_kill_at_every_point_in_every_way() -> None:
    plans = rounds(20, 60 * MB, 4)
    assert {plan.number - 1 for plan in plans if plan.number - 1 in plan.stops} == set(range(len(STOPS)))
    assert {plan.kill_of(stop) for plan in plans for stop in plan.stops} == set(KILLS)
    assert all(len(stops_of(number, 4)) == 4 for number in range(1, 21))


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(0, False, 0, 0),
        Verdict(2, True, 0, 0),
        Verdict(1, False, 0, 0),
        Verdict(1, True, 3, 0),
        Verdict(1, True, 0, 1),
    ],
    ids=["lost", "doubled", "altered", "pieces left", "still open"],
)
def test_what_the_robots_must_not_let_pass(verdict: Verdict) -> None:
    assert not verdict.good
    assert Verdict(1, True, 0, 0).good


def test_a_file_that_nobody_sent_is_lost(tmp_path: Path) -> None:
    with house(tmp_path) as served:
        assert served.verdict(hashlib.sha256(b"nobody sent it").hexdigest(), 14) == Verdict(0, False, 0, 0)
