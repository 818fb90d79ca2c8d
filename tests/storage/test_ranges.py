"""Range headers: one range is answered, several are not, and none raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ranges import ByteRange, Unsatisfiable, parse_range

SIZE = 1000
TABLE = {
    "bytes=0-": (0, 999),
    "bytes=0-0": (0, 0),
    "bytes=0-1": (0, 1),
    "bytes=500-999": (500, 999),
    "bytes=500-5000": (500, 999),
    "bytes=999-": (999, 999),
    "bytes=-1": (999, 999),
    "bytes=-500": (500, 999),
    "bytes=-5000": (0, 999),
    "Bytes = 5 - 9 ": (5, 9),
    "bytes=000-0007": (0, 7),
    f"bytes=0-{'9' * 5000}": (0, 999),
    "bytes=1000-": Unsatisfiable(1000),
    "bytes=1000-2000": Unsatisfiable(1000),
    "bytes=-0": Unsatisfiable(1000),
    f"bytes={'9' * 5000}-": Unsatisfiable(1000),
    None: None,
    "": None,
    "bytes": None,
    "bytes=": None,
    "bytes=-": None,
    "bytes=a-b": None,
    "bytes=9-5": None,
    "bytes=0-1,5-9": None,
    "bytes=-1-5": None,
    "bytes=+1-5": None,
    "bytes=٣-٤": None,
    "items=0-5": None,
    "bytes=0-5\r\nX: y": None,
}


@pytest.mark.parametrize("header", TABLE)
def test_a_range_header_is_read_as_the_rfc_says(header: str | None) -> None:
    assert parse_range(header, SIZE) == TABLE[header]


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1", "bytes=0-0"])
def test_no_range_fits_an_empty_file(header: str) -> None:
    assert parse_range(header, 0) == Unsatisfiable(0)


def test_the_headers_of_the_answers() -> None:
    part = ByteRange(5, 9)
    assert (part.length, part.content_range(1000)) == (5, "bytes 5-9/1000")
    assert Unsatisfiable(1000).content_range == "bytes */1000"


@given(st.one_of(st.none(), st.text(), st.from_regex(r"bytes=[0-9,\- ]{0,30}")), st.integers(0, 2**40))
def test_no_header_raises_and_every_range_lies_within_the_file(header: str | None, size: int) -> None:
    answer = parse_range(header, size)
    if isinstance(answer, ByteRange):
        assert 0 <= answer.start <= answer.end < size
    else:
        assert answer is None or answer == Unsatisfiable(size)
