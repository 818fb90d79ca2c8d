"""Sets that were made after the rules, each with its day, its own sentences and its own seed.

`second.yaml` was measured once and nothing was changed for what it showed: 142 of its 144 numbers, addresses and
accounts were found. Whoever changes the rules for what is missed there makes it an ordinary set, like `first.yaml`, and
owes a new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.identities.marked import texts_of, the_set
from tests.identities.measure import STRUCTURED, measure

LATER = Path(__file__).parent / "later"


@pytest.mark.parametrize("name", ["first", "second"])
def test_what_was_found_in_a_later_set_is_still_found(name: str) -> None:
    measured = measure(texts_of(LATER / f"{name}.yaml"))
    assert sum(measured.planted.values()) == 144
    assert set(measured.planted) == set(STRUCTURED) - {"word"}
    assert measured.recall(STRUCTURED) >= 142 / 144
    assert measured.per_page() <= 0.7


def test_the_half_that_was_held_out_reaches_the_aim_by_itself() -> None:
    assert measure(text for text in the_set() if text.half == "held").recall(STRUCTURED) >= 0.99
