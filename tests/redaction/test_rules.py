"""What was typed about each page, and what can be covered at all."""

from __future__ import annotations

import pytest

from portfolio.redaction.rules import NO_PAGE, NOTHING, Page, read_pages, why_not


def read(number: int = 1, **typed: str) -> tuple[list[Page], dict[str, str]]:
    return read_pages(number, lambda name: typed.get(name, ""))


def test_boxes_cuts_turns_and_pages_left_out_are_read_page_by_page() -> None:
    pages, wrong = read(
        3, boxes_1="10 20 30 5\n\n0 0 100 12,5 ", turn_2="90", cut_2="0 10 0 2.5", leave_3="yes"
    )
    assert wrong == {}
    assert pages == [
        Page(boxes=((100, 200, 300, 50), (0, 0, 1000, 125))),
        Page(cut=(0, 100, 0, 25), turn=90),
        Page(left_out=True),
    ]


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({}, "boxes_1", NOTHING),
        ({"leave_1": "yes", "leave_2": "yes"}, "leave_1", NO_PAGE),
        ({"boxes_2": "10 20 30"}, "boxes_2", "Page 2: “10 20 30” is no box."),
        ({"boxes_1": "10 20 0 5"}, "boxes_1", "is no box"),
        ({"boxes_1": "10 20 300 5"}, "boxes_1", "is no box"),
        ({"boxes_1": "a b c d"}, "boxes_1", "is no box"),
        ({"boxes_1": "-1 0 5 5"}, "boxes_1", "is no box"),
        ({"boxes_1": "1 1 1 1\n" * 61}, "boxes_1", "at most 60 boxes"),
        ({"cut_1": "10"}, "cut_1", "write four numbers"),
        ({"cut_1": "50 0 50 0"}, "cut_1", "so little of the page would be left"),
        ({"turn_1": "45"}, "turn_1", "choose how far"),
    ],
)
def test_a_mistake_is_named_at_its_field(typed: dict[str, str], field: str, says: str) -> None:
    _, wrong = read(2, **typed)
    assert says in wrong[field]


@pytest.mark.parametrize(
    ("kind", "is_draft", "refused", "says"),
    [
        ("pdf", True, False, ""),
        ("heic", True, False, ""),
        ("pdf", False, False, "is submitted"),
        ("pdf", True, True, "was refused"),
        ("docx", True, False, "Only PDF documents and photos"),
        ("mp4", True, False, "Only PDF documents and photos"),
    ],
)
def test_what_cannot_be_covered_says_why(kind: str, is_draft: bool, refused: bool, says: str) -> None:
    reason = why_not(kind, is_draft=is_draft, refused=refused)
    assert says in reason
    assert bool(reason) == bool(says)
