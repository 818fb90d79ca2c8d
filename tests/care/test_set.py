"""The rules stay as good as they were measured; what they read is never evidence as it usually is."""

from __future__ import annotations

import time

import pytest

from tests.care.measure import figures, ordinary
from tests.care.reading import signs


def test_what_should_bring_the_card_brings_it_and_accounts_do_not() -> None:
    made = {key: value for key, value in figures().items() if key[0] != "fresh"}
    shown = sum(one for (_, kind), (one, _) in made.items() if kind != "quiet")
    total = sum(all_ for (_, kind), (_, all_) in made.items() if kind != "quiet")
    assert total >= 380
    assert shown / total >= 0.96
    for (_, kind), (one, all_) in figures().items():
        if kind == "quiet":
            assert one / all_ <= 0.05


def test_texts_that_were_written_afterwards_bring_it_as_often_as_was_published() -> None:
    fresh = {kind: value for (half, kind), value in figures().items() if half == "fresh"}
    assert (fresh["now"], fresh["self"], fresh["quiet"]) == ((17, 25), (14, 25), (0, 50))


def test_ordinary_accounts_bring_it_in_one_of_twenty_at_most() -> None:
    accounts = ordinary()
    assert len(accounts) >= 880
    assert sum(bool(signs(text)) for text in accounts) / len(accounts) <= 0.05


@pytest.mark.parametrize(
    "text",
    [
        "dont know wat to do, shes going back to him tonite",
        "im being bullied by my manager",
        "ive cut myself again",
    ],
)
def test_what_is_typed_in_haste_is_read_as_it_is_meant(text: str) -> None:
    assert signs(text)


@pytest.mark.parametrize("words", ["i ", "my mum ", "he is ", "she has not told anyone that he "])
def test_a_long_text_without_an_end_is_read_in_no_time(words: str) -> None:
    """Ten times what a field takes: read as one sentence this took a quarter of a minute, and the page stood still."""
    began = time.process_time()
    signs(words * (50_000 // len(words)))
    assert time.process_time() - began < 10
