"""The rulebooks as data: the start date picks one, each line has its source, a bad file says what is wrong."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from portfolio.gateway.rulebook_file import NEEDED, read_rulebook
from portfolio.gateway.rulebooks import FOLDER, RulebookError, load_rulebooks, rulebook_for, rulebooks

GOOD = (FOLDER / "2025-26.yaml").read_text("utf-8")

STARTS = {
    "the oldest book's first day": (date(2024, 8, 1), "2024-25", True),
    "the day the standard opened": (date(2024, 10, 16), "2024-25", True),
    "31 July 2025": (date(2025, 7, 31), "2024-25", True),
    "1 August 2025": (date(2025, 8, 1), "2025-26", True),
    "31 July 2026": (date(2026, 7, 31), "2025-26", True),
    "1 August 2026": (date(2026, 8, 1), "2026-27", True),
    "the newest book's last day": (date(2027, 7, 31), "2026-27", True),
    "a day before the oldest": (date(2024, 7, 31), "2024-25", False),
    "long before": (date(2019, 1, 1), "2024-25", False),
    "a day after the newest": (date(2027, 8, 1), "2026-27", False),
}


@pytest.mark.parametrize(("start", "book_id", "exactly"), STARTS.values(), ids=STARTS.keys())
def test_the_start_date_picks_the_rulebook(start: date, book_id: str, exactly: bool) -> None:
    book = rulebook_for(start)
    assert (book.id, book.applies_exactly) == (book_id, exactly)
    assert bool(book.note) is not exactly


def test_outside_the_books_the_note_says_which_is_used_and_why() -> None:
    assert rulebook_for(date(2024, 5, 3)).note == (
        "This apprenticeship starts on 3 May 2024, before 1 August 2024, where the oldest rulebook held here begins. "
        "The nearest, Funding rules 2024 to 2025, is used: check each answer against the rules of that start date."
    )
    assert (
        "after 31 July 2027, where the newest rulebook held here ends" in rulebook_for(date(2027, 8, 1)).note
    )


def test_every_day_from_the_first_book_to_the_last_belongs_to_exactly_one() -> None:
    books = rulebooks()
    day = books[0].starts_from
    while day <= books[-1].starts_until:
        assert len([book for book in books if book.starts_from <= day <= book.starts_until]) == 1
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("book_id", "months", "paragraph"), [("2024-25", 12, "75"), ("2025-26", 8, "73"), ("2026-27", 8, "77")]
)
def test_the_minimum_by_rulebook(book_id: str, months: int, paragraph: str) -> None:
    book = next(book for book in rulebooks() if book.id == book_id)
    line = book.line("minimum_time")
    assert book.number("minimum_time", "months") == months
    assert [value.unit for value in line.values] == ["calendar months"]
    assert f"at least {months} months" in line.says
    assert line.source.endswith(f"paragraph {paragraph}")
    assert line.cited.endswith("(paragraph numbers second-hand)")


@pytest.mark.parametrize(
    ("book_id", "paragraph"), [("2024-25", "123"), ("2025-26", "119"), ("2026-27", "147")]
)
def test_the_gateway_paragraph_by_rulebook(book_id: str, paragraph: str) -> None:
    book = next(book for book in rulebooks() if book.id == book_id)
    assert book.line("gateway").source == f"{book.document}, paragraph {paragraph}"


def test_every_line_of_every_book_says_something_has_a_source_and_says_how_sure_it_is() -> None:
    for book in rulebooks():
        assert {line.id for line in book.lines} >= set(NEEDED)
        for line in book.lines:
            assert line.says.endswith(".")
            assert line.source
            assert line.confidence
            assert line.compiled_on == date(2026, 11, 21)


def test_ages_and_dates_of_the_english_and_maths_rules_are_data() -> None:
    for book in rulebooks():
        assert book.number("minimum_age", "from_age") == 16
        assert book.number("english_maths_adult", "from_age") == 19
        assert book.day("english_maths_adult", "in_force_from") == date(2025, 2, 11)
        assert book.day("professional_judgement", "in_force_from") == date(2024, 8, 1)


def test_asking_for_what_a_book_does_not_have_is_an_error() -> None:
    book = rulebooks()[0]
    with pytest.raises(KeyError, match="2024-25 has no line minimum_tea"):
        book.line("minimum_tea")
    with pytest.raises(KeyError, match="has no value weeks"):
        book.number("minimum_time", "weeks")
    with pytest.raises(TypeError, match="in_force_from is a date"):
        book.number("english_maths_adult", "in_force_from")
    with pytest.raises(TypeError, match="months is a number"):
        book.day("minimum_time", "months")


# What is changed in a good file, and what the message says.
FAULTS = {
    "no id": ("id: '2025-26'\n", "", "bad.yaml: id: is missing"),
    "an empty title": ("title: Funding rules 2025 to 2026", "title: ''", "bad.yaml: title: must be words"),
    "a date in words": (
        "starts_from: 2025-08-01",
        "starts_from: August",
        "bad.yaml: starts_from: must be a date such as 2025-08-01",
    ),
    "no compile date": ("compiled_on: 2026-11-21\n", "", "bad.yaml: compiled_on: is missing"),
    "the period the wrong way round": (
        "starts_until: 2026-07-31",
        "starts_until: 2024-07-31",
        "bad.yaml: starts_until: 2024-07-31 lies before starts_from 2025-08-01",
    ),
    "a needed line is missing": (
        "- id: minimum_time",
        "- id: other_time",
        "rules: the line minimum_time is missing",
    ),
    "a line stands there twice": ("- id: gateway", "- id: breaks", "rules: breaks stands there 2 times"),
    "a number in words": (
        "value: 8,",
        "value: eight,",
        "bad.yaml: rule 1 (minimum_time), months: 'eight' is not a number of calendar months",
    ),
    "a number below one": ("value: 8,", "value: 0,", "months: 0 is not a number of calendar months"),
    "a truth value for a number": ("value: 8,", "value: yes,", "months: True is not a number"),
    "another unit": (
        "unit: calendar months",
        "unit: weeks",
        "minimum_time: needs the value months in the unit calendar months",
    ),
    "no unit": (", unit: calendar months", "", "rule 1 (minimum_time), unit: is missing"),
    "paragraphs left out": (
        "    paragraphs: '73'\n",
        "",
        "rule 1 (minimum_time), paragraphs: is missing (write null where they are not known)",
    ),
    "paragraphs as a number": ("paragraphs: '73'", "paragraphs: 73", "paragraphs: must be words"),
    "no confidence": (
        "paragraphs: '73'\n    confidence: paragraph numbers second-hand\n",
        "paragraphs: '73'\n",
        "rule 1 (minimum_time), confidence: is missing",
    ),
    "an empty source": ("    source: >-\n", "    source: ''\n    other: >-\n", "source: must be words"),
    "rules as words": ("rules:\n", "rules: none\nolder:\n", "bad.yaml: rules: must be a list of entries"),
}


@pytest.mark.parametrize(("good", "bad", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_bad_file_says_what_is_wrong_and_where(good: str, bad: str, message: str) -> None:
    assert good in GOOD
    with pytest.raises(RulebookError) as caught:
        read_rulebook(GOOD.replace(good, bad, 1), "bad.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["id: [", "just words", "- a\n- list\n", ""])
def test_a_file_that_is_no_rulebook_at_all_is_refused(text: str) -> None:
    with pytest.raises(RulebookError, match=r"^bad\.yaml: "):
        read_rulebook(text, "bad.yaml")


def test_several_mistakes_are_named_together() -> None:
    with pytest.raises(RulebookError) as caught:
        read_rulebook(GOOD.replace("value: 8,", "value: eight,").replace("id: '2025-26'\n", ""), "bad.yaml")
    assert len(caught.value.problems) == 2


def test_a_gap_between_two_books_is_refused(tmp_path: Path) -> None:
    for name in ("2024-25.yaml", "2026-27.yaml"):
        (tmp_path / name).write_text((FOLDER / name).read_text("utf-8"), "utf-8")
    with pytest.raises(
        RulebookError, match="2026-27: starts_from is 2026-08-01, but 2024-25 runs until 2025-07-31"
    ):
        load_rulebooks(tmp_path)


def test_a_folder_without_a_rulebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="no rulebook found"):
        load_rulebooks(tmp_path)
