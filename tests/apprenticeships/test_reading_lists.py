"""Learner lists as they come out of spreadsheets and record systems."""

from __future__ import annotations

import codecs
from datetime import date

import pytest

from portfolio.apprenticeships.lists.answer import bad_rows_csv, inert
from portfolio.apprenticeships.lists.columns import SYNONYMS, Column, meaning, read_heading
from portfolio.apprenticeships.lists.text import MOST_ROWS, decode, lines_of, separator_of
from portfolio.apprenticeships.lists.values import Given, Unreadable, read_date, read_row, read_uln
from portfolio.refusals import Refused

LIST = "name,email\nZoë Zahn,zoe@example.org\n"


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        codecs.BOM_UTF8 + LIST.encode(),
        LIST.encode("utf-16"),
        LIST.encode("utf-16-le"),
        LIST.encode("utf-16-be"),
        codecs.BOM_UTF16_BE + LIST.encode("utf-16-be"),
        LIST.encode("cp1252"),
    ],
)
def test_a_list_is_read_in_the_encodings_that_spreadsheets_write(data: bytes) -> None:
    assert [line.cells for line in lines_of(decode(data))] == [
        ("name", "email"),
        ("Zoë Zahn", "zoe@example.org"),
    ]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"\x89PNG\r\n\x1a\n\x00\x00", b"a\x07b"]
)
def test_a_workbook_or_picture_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(Refused, match="Save as"):
        decode(data)


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b,c\n1;2,3,4", ","),
        ("a;b;c\n1,2;3;4", ";"),
        ("a\tb\tc", "\t"),
        ('"a;b;c;d",e,f', ","),
        ("\n\na;b", ";"),
    ],
)
def test_the_first_line_tells_the_separator(text: str, separator: str) -> None:
    assert separator_of(text) == separator


def test_line_numbers_are_those_of_the_file() -> None:
    text = 'name;email\r\n\r\n"Amina\nArcher";a@example.org\r\n;;\r\nBen;b@example.org\r\n'
    assert [(line.number, line.cells[0]) for line in lines_of(text)] == [
        (1, "name"),
        (3, "Amina\nArcher"),
        (6, "Ben"),
    ]


def test_a_note_of_the_separator_on_top_is_no_row() -> None:
    assert [(line.number, line.cells) for line in lines_of("sep=;\na;b\n1;2")] == [
        (2, ("a", "b")),
        (3, ("1", "2")),
    ]


def test_blanks_and_the_apostrophe_against_formulas_go() -> None:
    assert lines_of("a,b\n\u00a0 x ,'+44 7700 900123\n")[1].cells == ("x", "+44 7700 900123")


def test_a_list_that_is_too_long_is_refused() -> None:
    text = "email\n" + "\n".join(f"p{i}@example.org" for i in range(MOST_ROWS + 1))
    with pytest.raises(Refused, match="Split it"):
        lines_of(text)


def test_a_cell_without_end_is_refused_and_says_where() -> None:
    with pytest.raises(Refused, match="Line 2"):
        lines_of('a,b\n"' + "x" * 140_000)


@pytest.mark.parametrize("column", Column)
def test_every_name_of_a_column_means_that_column(column: Column) -> None:
    for name in (column.value, *SYNONYMS[column].split(", ")):
        for spelled in (name, name.upper(), f" {name}* ", name.replace(" ", "_")):
            assert meaning(spelled) is column, spelled


def test_no_name_means_two_columns() -> None:
    owners: dict[str, set[Column]] = {}
    for column, names in SYNONYMS.items():
        for name in names.split(", "):
            owners.setdefault("".join(sign for sign in name.lower() if sign.isalnum()), set()).add(column)
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", ["TotalPrice", "TNP1", "PriceReducedBy", "notes", ""])
def test_prices_and_strange_columns_are_not_read(name: str) -> None:
    assert meaning(name) is None


def test_a_heading_says_where_each_column_is_and_what_is_not_read() -> None:
    heading = read_heading(["TotalPrice", "E-mail address", "Surname"])
    assert heading.places == {Column.EMAIL: 1, Column.FAMILY_NAME: 2}
    assert heading.unused == ("TotalPrice",)
    assert heading.shown(Column.FAMILY_NAME) == "Surname"
    assert heading.cell(["1"], Column.EMAIL) == ""  # a short row


@pytest.mark.parametrize("names", [["first name", "start"], ["Amina", "Archer"], [""]])
def test_a_list_that_tells_nobody_apart_is_refused(names: list[str]) -> None:
    with pytest.raises(Refused, match="none of them"):
        read_heading(names)


def test_two_columns_with_one_meaning_are_refused() -> None:
    with pytest.raises(Refused, match="“Email” and “Work email” mean the same"):
        read_heading(["Email", "Work email"])


@pytest.mark.parametrize(
    "text",
    ["2026-11-08", "08/11/2026", "8/11/2026", "8.11.2026", "08-11-2026", "8 November 2026", "8 nov 2026",
     "2026/11/08", "2026-11-08T00:00:00", "08/11/2026 00:00", "2026-11-08 00:00:00.000"],
)  # fmt: skip
def test_dates_are_read_as_people_here_write_them(text: str) -> None:
    assert read_date(text) == date(2026, 11, 8)


def test_no_date_is_no_date() -> None:
    assert read_date("") is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("45945", "number that a spreadsheet keeps behind a date"),
        ("45945.5", "number that a spreadsheet keeps"),
        ("########", "too narrow"),
        ("11/18/2026", "the day comes before the month"),
        ("31/02/2026", "no day of the calendar"),
        ("08/11/26", "four digits"),
        ("soon", "is no date"),
        ("1/1/1066", "Check the year"),
        ("=1+1", "is no date"),
    ],
)
def test_a_date_that_cannot_be_read_says_why(text: str, part: str) -> None:
    with pytest.raises(Unreadable, match=part):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "uln"),
    [("9100000001", "9100000001"), ("910 000 0001", "9100000001"), ("'9100000001", "9100000001"),
     ("9100000001.0", "9100000001"), ("", ""), ("-2", ""), ("9999999999", "")],
)  # fmt: skip
def test_ulns_are_read_with_what_spreadsheets_add(text: str, uln: str) -> None:
    assert read_uln(text) == uln


@pytest.mark.parametrize("text", ["9.1E+09", "9,1e9", "9.10000E+9"])
def test_a_shortened_uln_is_told_as_the_damage_it_is(text: str) -> None:
    with pytest.raises(Unreadable, match="shortened this number"):
        read_uln(text)


def row(**cells: str) -> Given:
    heading = read_heading(list(cells))
    return read_row(heading, lines_of("\t".join(cells) + "\n" + "\t".join(cells.values()))[1])


@pytest.mark.parametrize(
    "cells",
    [
        {"given_names": "Amina  Jane", "family_name": "Archer"},
        {"name": "Amina Jane Archer"},
        {"name": "Archer, Amina Jane"},
        {"name": "ignored", "first name": "Amina Jane", "surname": "Archer"},
    ],
)
def test_names_come_together(cells: dict[str, str]) -> None:
    assert row(email="a@example.org", **cells).name == "Amina Jane Archer"


def test_a_row_names_every_cell_that_cannot_be_read() -> None:
    given = row(email="nobody", uln="1.2E+09", DOB="45945", employer="Northside School")
    assert [problem.column for problem in given.problems] == ["uln", "email", "DOB"]
    assert given.employer == "Northside School"


def test_bad_rows_come_back_with_reasons_and_without_formulas() -> None:
    text = bad_rows_csv(
        ["name", "=cmd"], [(3, ["=1+1", "x", "too many"], "-1 is no date"), (4, [], "empty")]
    ).decode("utf-8-sig")
    assert text.splitlines() == ["name,'=cmd,Line,Reason", "'=1+1,x,3,'-1 is no date", ",,4,empty"]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_cells_that_begin_like_a_formula_are_made_inert(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


def test_rows_that_come_back_can_be_sent_again() -> None:
    sent = bad_rows_csv(["email", "name"], [(2, ["a@example.org", "-Anna"], "why")]).decode("utf-8-sig")
    lines = lines_of(sent)
    assert read_row(read_heading(lines[0].cells), lines[1]).name == "-Anna"
