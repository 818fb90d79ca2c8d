"""What may be said of reviews, and numbers as they are typed, as tables."""

from __future__ import annotations

import pytest

from portfolio.development.rules import number_typed, why_not_link, year_typed


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://www.example.org/review.pdf",
        "http://example.org",
        "https://example.org/a?b=c#d",
    ],
)
def test_the_address_of_a_page_or_nothing_will_do(link: str) -> None:
    assert why_not_link(link) == ""


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "//example.org",
        "example.org",
        "https://",
        "https://localhost",
        "https://example.org/a b",
        "https://[::1",
        "https://somebody:secret@example.org",
    ],
)
def test_what_is_no_address_of_a_page_is_refused_with_a_sentence(link: str) -> None:
    assert why_not_link(link).endswith(".")


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2022", 2022),
        (" 1945 ", 1945),
        ("2026", 2026),
        ("2027", None),
        ("1944", None),
        ("22", None),
        ("", None),
        ("two", None),
        ("²⁰²²", None),
        ("-2022", None),
    ],
)
def test_a_year_of_publication_is_not_to_come(text: str, year: int | None) -> None:
    assert year_typed(text, 2026) == year


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("24", 24), (" 6 ", 6), ("0", None), ("25", None), ("1.5", None), ("six", None), ("", None)],
)
def test_a_whole_number_between_two_others(text: str, number: int | None) -> None:
    assert number_typed(text, 1, 24) == number
