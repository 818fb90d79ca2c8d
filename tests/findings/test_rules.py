"""What is found in the texts of a form, how it is said, and which reason keeps it."""

from __future__ import annotations

import json
import re

import pytest

from portfolio.findings.rules import (
    INSIDE,
    LOOKS,
    MOST_WORDS,
    Checked,
    inside_words,
    look,
    open_ones,
    reasons_given,
    sentences,
    tidy_list,
    why_not_list,
    with_reasons,
)
from portfolio.identities.rules import KINDS, Known
from portfolio.web.assets import STATIC

KNOWN = Known(names=("Amina Archer",), words=("Rowan House",))


def test_the_same_words_twice_in_one_text_are_one_finding_with_both_places() -> None:
    text = "Call 07700 900123 or again 07700 900123."
    (found,) = look([Checked("why", "Why", text)], KNOWN)
    assert [text[start:end] for start, end in found.places] == ["07700 900123"] * 2


def test_the_same_words_in_two_texts_are_asked_about_twice() -> None:
    texts = [Checked("why", "Why", "07700 900123"), Checked("title", "Title", "07700 900123")]
    assert [one.field for one in look(texts, KNOWN)] == ["why", "title"]


def test_an_underscored_name_of_a_file_is_looked_at_as_one() -> None:
    (found,) = look([Checked("file-1", "The name of a file", "Mrs_Oyelaran.jpg", is_name=True)], KNOWN)
    assert found.words == "Mrs_Oyelaran"


def test_only_a_reason_for_these_words_in_this_field_keeps_them() -> None:
    found = look([Checked("why", "Why", "Ring 07700 900123")], KNOWN)
    given = reasons_given(["why"], ["07700  900123"], ["Public."])
    assert open_ones(with_reasons(found, given)) == []
    for fields, words, reasons in (
        (["title"], ["07700 900123"], ["Public."]),
        (["why"], ["07700 900124"], ["Public."]),
        (["why"], ["07700 900123"], ["  "]),
        (["why"], ["07700 900123"], []),
    ):
        assert open_ones(with_reasons(found, reasons_given(fields, words, reasons))) == found


def test_a_sentence_names_the_words_and_what_to_do_and_files_share_one() -> None:
    texts = [
        Checked("why", "Why", "Ring 07700 900123"),
        Checked("file-1", "The name of a file", "Mrs_Oyelaran.jpg", is_name=True),
        Checked("file-2", "The name of a file", "rowan house.jpg", is_name=True),
    ]
    said = sentences(look(texts, KNOWN))
    assert set(said) == {"why", "files"}
    assert said["why"] == "Why: “07700 900123” looks like a phone number. Change it, or say why it may stay."
    assert "and 1 more" in said["files"]


def test_what_is_inside_a_file_is_said_by_kind_and_page_and_never_by_words() -> None:
    found = [{"kind": "phone", "page": 1, "count": 2}, {"kind": "name", "page": 3, "count": 1}]
    assert inside_words(found) == "2 phone numbers (page 1) and 1 name (page 3)"
    assert inside_words([]) == ""


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) == set(LOOKS) - {"inside"} == set(INSIDE)


def test_the_page_says_the_same_words() -> None:
    script = (STATIC / "findings.js").read_text(encoding="utf-8")
    taken = re.search(r"const LOOKS = (\{.*?\});", script)
    assert taken is not None
    assert json.loads(taken[1]) == {kind: words for kind, words in LOOKS.items() if kind != "inside"}


def test_a_list_is_tidied_and_each_word_kept_once() -> None:
    assert tidy_list("Rowan  House\n\n mill lane \nROWAN HOUSE\n") == ["Rowan House", "mill lane"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], ""),
        (["Rowan House"], ""),
        (["of"], "too short"),
        (["x" * 101], "too long"),
        ([f"word {n}" for n in range(MOST_WORDS)], ""),
        ([f"word {n}" for n in range(MOST_WORDS + 1)], "Keep it to 500"),
    ],
    ids=["empty", "one", "short", "long", "most", "too many"],
)
def test_what_a_list_may_hold(words: list[str], reason: str) -> None:
    said = why_not_list(words)
    assert reason in said
    assert bool(said) == bool(reason)
