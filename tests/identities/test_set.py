"""The set of texts, what is found in it, and that README.md says so. The aims can fail: they are measured anew."""

from __future__ import annotations

from pathlib import Path

from tests.identities.marked import the_set
from tests.identities.measure import KINDS, NAMES, STRUCTURED, measure, table

README = Path(__file__).resolve().parent.parent.parent / "README.md"
ALL = the_set()
TEXTS = [text for text in ALL if not text.is_file_name]


def test_the_set_is_large_enough_and_half_of_it_is_held_out() -> None:
    assert len(TEXTS) >= 400
    assert sum(not text.planted for text in TEXTS) >= 120
    held = sum(text.half == "held" for text in TEXTS)
    assert abs(2 * held - len(TEXTS)) <= len(TEXTS) / 10
    assert {text.half for text in ALL} == {"develop", "held"}
    assert all(planted.kind in KINDS for text in ALL for planted in text.planted)


def test_each_text_is_as_long_as_a_note() -> None:
    assert [text.text for text in TEXTS if not 20 <= len(text.text.split()) <= 150] == []


def test_nearly_every_number_address_and_account_is_found() -> None:
    assert measure(ALL).recall(STRUCTURED) >= 0.99


def test_most_names_are_found_also_in_the_half_that_was_held_out() -> None:
    assert measure(ALL).recall(NAMES) >= 0.9
    assert measure(text for text in ALL if text.half == "held").recall(NAMES) >= 0.9


def test_a_page_has_two_false_alarms_at_most() -> None:
    total = measure(ALL)
    assert total.per_page() <= 2
    assert total.per_clean_page() <= 2
    assert measure(text for text in ALL if text.half == "held").per_clean_page() <= 2


def test_the_readme_prints_the_figures_as_they_are_measured() -> None:
    printed = README.read_text(encoding="utf-8")
    assert table(ALL) in printed, "README.md differs: print it anew with python -m tests.identities.measure"
