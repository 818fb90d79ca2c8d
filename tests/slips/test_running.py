"""A download that is under way ends when the piece is closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portfolio.database import Database
from portfolio.evidence import while_open as running
from portfolio.evidence.while_open import BrokenOff, while_open
from tests.builders import Cast
from tests.evidence.steps import all_files
from tests.slips.steps import Open, a_named_piece, report

PART = 256 * 1024


def parts(handed_out: list[int]) -> Iterator[bytes]:
    for number in range(1_000):
        handed_out.append(number)
        yield b"x" * PART


def test_no_more_than_what_is_between_two_questions_still_leaves(
    browser: Open, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "ASK_AGAIN_SECONDS", 3_600.0)  # by bytes alone: no clock decides this test
    piece = a_named_piece(browser, cast, talked=False)
    file, handed_out = all_files(database)[0].id, list[int]()
    download = while_open(database, file, parts(handed_out))
    for _ in range(40):
        next(download)
    report(browser, cast, piece, cast.marek)
    with pytest.raises(BrokenOff):
        for _ in download:
            pass
    assert len(handed_out) - 40 <= running.ASK_AGAIN_BYTES // PART + 1


def test_a_download_that_begins_after_the_report_gets_nothing(
    browser: Open, cast: Cast, database: Database
) -> None:
    piece = a_named_piece(browser, cast, talked=False)
    report(browser, cast, piece, cast.marek)
    with pytest.raises(BrokenOff):
        next(while_open(database, all_files(database)[0].id, parts([])))
