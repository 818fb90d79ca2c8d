"""What can be covered, and how what was typed about each page is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MOST_PAGES, MOST_BOXES = 50, 60
TURNS = (0, 90, 180, 270)
SHOWN = ("pdf", "jpeg", "png", "webp", "heic")
"""Kinds of files whose pages can be shown and covered."""
TOO_MANY_PAGES = f"It has more than {MOST_PAGES} pages. Take out the pages that you do not need, save it, and add that copy."
NOTHING = "Nothing is marked yet: cover, cut, turn or leave out something first."
NO_PAGE = "Every page is left out. Keep one at least, or remove the file."
SUBMITTED_BEFORE = (
    "A version that you submitted before holds this file too. That one is kept as it was: if somebody can be recognised "
    "in it, report the piece, or ask your provider’s confidentiality lead to have it taken away."
)
NUMBER = re.compile(r"\d{1,3}(?:[.,]\d)?")

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Page:
    """What is to become of one page, in thousandths of its width and height as it shows."""

    boxes: tuple[Box, ...] = ()
    cut: Box = (0, 0, 0, 0)
    turn: int = 0
    left_out: bool = False

    @property
    def is_changed(self) -> bool:
        return self != Page()


def why_not(kind: str, *, is_draft: bool, refused: bool) -> str:
    """Why parts of this file cannot be covered here; empty if they can."""
    if not is_draft:
        return "This version is submitted, so its files stay as they are. Change the piece and save a draft first."
    if refused:
        return "This file was refused. Remove it from the piece."
    if kind not in SHOWN:
        return "Only PDF documents and photos can be covered here. Cover it on your own machine and add that copy."
    return ""


def read_pages(number: int, text: Callable[[str], str]) -> tuple[list[Page], dict[str, str]]:
    """The plan for so many pages out of the fields that were typed, and a sentence for each that cannot be read.

    `boxes_1` holds a line for each box: left, top, width, height in per cent; `cut_1` what is cut off the left, top,
    right and bottom side; `turn_1` degrees; `leave_1` whether the page is left out."""
    pages: list[Page] = []
    wrong: dict[str, str] = {}
    for one in range(1, number + 1):
        boxes, problem = _boxes(text(f"boxes_{one}"))
        if problem:
            wrong[f"boxes_{one}"] = f"Page {one}: {problem}"
        cut, problem = _cut(text(f"cut_{one}"))
        if problem:
            wrong[f"cut_{one}"] = f"Page {one}: {problem}"
        turn = text(f"turn_{one}")
        if turn not in ("", *map(str, TURNS)):
            wrong[f"turn_{one}"] = f"Page {one}: choose how far to turn it."
            turn = ""
        pages.append(Page(boxes, cut, int(turn or 0), text(f"leave_{one}") == "yes"))
    if not wrong:
        if not any(page.is_changed for page in pages):
            wrong["boxes_1"] = NOTHING
        elif all(page.left_out for page in pages):
            wrong["leave_1"] = NO_PAGE
    return pages, wrong


def _four(line: str) -> Box | None:
    """Four numbers from 0 to 100 with at most one decimal, as thousandths."""
    words = line.replace("%", " ").replace(";", " ").split()
    if len(words) != 4 or not all(NUMBER.fullmatch(word) for word in words):
        return None
    left, top, width, height = (round(float(word.replace(",", ".")) * 10) for word in words)
    return (left, top, width, height) if max(left, top, width, height) <= 1000 else None


def _boxes(typed: str) -> tuple[tuple[Box, ...], str]:
    lines = [line for line in typed.splitlines() if line.strip()]
    if len(lines) > MOST_BOXES:
        return (), f"use at most {MOST_BOXES} boxes, larger ones."
    boxes: list[Box] = []
    for line in lines:
        box = _four(line)
        if box is None or not box[2] or not box[3]:
            return (
                (),
                f"“{line.strip()[:40]}” is no box. Write four numbers from 0 to 100, such as 10 20 30 5.",
            )
        boxes.append(box)
    return tuple(boxes), ""


def _cut(typed: str) -> tuple[Box, str]:
    if not typed.strip():
        return (0, 0, 0, 0), ""
    cut = _four(typed)
    if cut is None:
        return (
            0,
            0,
            0,
            0,
        ), "write four numbers from 0 to 100 for left, top, right and bottom, such as 0 10 0 0."
    if cut[0] + cut[2] > 950 or cut[1] + cut[3] > 950:
        return (
            0,
            0,
            0,
            0,
        ), "so little of the page would be left that nobody can read it. Leave the page out instead."
    return cut, ""
