"""A list of courses as rows: what each would write, and what is wrong with which cell, as tables."""

from __future__ import annotations

import codecs
import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from portfolio.apprenticeships.lists.text import MOST_ROWS, decode, lines_of
from portfolio.courses.course_list import COLUMNS, EXAMPLE, Does, Row, decide, rows_of
from portfolio.courses.forms import LONGEST, LONGEST_TITLE, MOST_MINUTES, MOST_PLACES, whole_number
from portfolio.refusals import Refused

HEAD = ",".join(COLUMNS)
GOOD = {"title": "Chairing a meeting", "day": "2027-03-18", "starts": "09:30", "ends": "12:30"}
AT = datetime(2027, 3, 18, 9, 30, tzinfo=UTC)


def listed(text: str) -> list[Row]:
    return rows_of(lines_of(text))


def row(**cells: str) -> Row:
    """The one row of a list with these cells."""
    out = io.StringIO()
    csv.writer(out).writerows([list(cells), list(cells.values())])
    (found,) = listed(out.getvalue())
    return found


def faults(found: Row) -> list[tuple[str, str]]:
    return [(one.column, one.sentence) for one in found.faults]


def test_a_whole_row_is_what_it_would_write() -> None:
    (found,) = listed(f"{HEAD}\n{','.join(EXAMPLE)}\n")
    assert (found.line, faults(found)) == (2, [])
    assert found.course == {
        "title": "Chairing a strategy meeting",
        "kind": "workshop",
        "mode": "in_person",
        "minutes": 180,
        "level": "Level 3",
        "about": "Practice with a case.",
    }
    assert found.date == {
        "starts_at": AT,
        "ends_at": datetime(2027, 3, 18, 12, 30, tzinfo=UTC),
        "venue": "Training room 2",
        "capacity": 16,
        "note": "Bring your notes.",
    }


def test_a_title_alone_is_a_workshop_without_a_date() -> None:
    found = row(title="Chairing a meeting")
    assert (faults(found), found.date) == ([], None)
    assert found.course == {
        "title": "Chairing a meeting", "kind": "workshop", "mode": "in_person", "minutes": None,
        "level": "", "about": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell", "stored", "value"),
    [
        ("kind", "", "kind", "workshop"),
        ("kind", "Workshop", "kind", "workshop"),
        ("kind", "E-Learning", "kind", "elearning"),
        ("kind", "e learning", "kind", "elearning"),
        ("kind", "elearning", "kind", "elearning"),
        ("kind", "e-learning", "mode", "own_pace"),
        ("kind", " BRIEFING ", "kind", "briefing"),
        ("held", "", "mode", "in_person"),
        ("held", "In Person", "mode", "in_person"),
        ("held", "in_person", "mode", "in_person"),
        ("held", "ONLINE", "mode", "online"),
        ("held", "at own pace", "mode", "own_pace"),
        ("minutes", "1", "minutes", 1),
        ("minutes", "090", "minutes", 90),
        ("minutes", str(MOST_MINUTES), "minutes", MOST_MINUTES),
        ("level", "Group C", "level", "Group C"),
        ("level", "any words at all", "level", "any words at all"),
        ("title", "Chairing,\n a   meeting", "title", "Chairing, a meeting"),
        ("title", "x" * LONGEST_TITLE, "title", "x" * LONGEST_TITLE),
        ("title", "'=1+1", "title", "=1+1"),
        ("title", "=HYPERLINK(1)", "title", "=HYPERLINK(1)"),
        ("title", 'The “A” and "B"', "title", 'The “A” and "B"'),
        ("about", "Two\nlines", "about", "Two\nlines"),
        ("about", "x" * LONGEST, "about", "x" * LONGEST),
    ],
)
def test_what_a_good_cell_of_a_course_says(column: str, cell: str, stored: str, value: Any) -> None:
    found = row(**({"title": "A course"} | {column: cell}))
    assert faults(found) == []
    assert found.course[stored] == value


@pytest.mark.parametrize(
    ("cells", "stored", "value"),
    [
        ({"day": "18/03/2027"}, "starts_at", AT),
        ({"day": "18/3/2027"}, "starts_at", AT),
        ({"day": "2027-3-18"}, "starts_at", AT),
        ({"starts": "9:30"}, "starts_at", AT),
        ({"starts": "09.30"}, "starts_at", AT),
        ({"day": "2027-06-18"}, "starts_at", datetime(2027, 6, 18, 8, 30, tzinfo=UTC)),
        ({"day": "2028-02-29"}, "starts_at", datetime(2028, 2, 29, 9, 30, tzinfo=UTC)),
        ({"ends": "23:59"}, "ends_at", datetime(2027, 3, 18, 23, 59, tzinfo=UTC)),
        ({"places": ""}, "capacity", None),
        ({"places": str(MOST_PLACES)}, "capacity", MOST_PLACES),
        ({"where": "Room 2,\nTown Hall"}, "venue", "Room 2, Town Hall"),
        ({"where": "online"}, "venue", "online"),
        ({"note": "One\nTwo"}, "note", "One\nTwo"),
    ],
)
def test_what_a_good_cell_of_a_date_says(cells: dict[str, str], stored: str, value: Any) -> None:
    found = row(**(GOOD | cells))
    assert faults(found) == []
    assert found.date is not None
    assert found.date[stored] == value


NUMBER = "Write a whole number from 1 to {}, or leave it empty."


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"title": ""}, "title", "Give the course a title."),
        ({"title": "x" * 201}, "title", "Use at most 200 characters."),
        ({"kind": "seminar"}, "kind", "Write workshop, e-learning or briefing."),
        ({"held": "by post"}, "held", "Write in person, online or own pace."),
        ({"level": "x" * 201}, "level", "Use at most 200 characters."),
        ({"about": "x" * 4001}, "about", "Use at most 4000 characters."),
        ({"where": "x" * 201}, "where", "Use at most 200 characters."),
        ({"note": "x" * 4001}, "note", "Use at most 4000 characters."),
        *(({"minutes": one}, "minutes", NUMBER.format(6000)) for one in ("long", "0", "-5", "1.5", "6001", "3h")),
        *(
            ({"places": one}, "places", NUMBER.format(10000))
            for one in ("0", "00", "ten", "-1", "16.0", "10,000", "10001", "1e3", "١٦", "²", "1" * 5000)
        ),
        ({"places": "0000000169999"}, "places", NUMBER.format(10000)),
        ({"day": "30/02/2027"}, "day", "“30/02/2027” is no day. Write it as 2027-03-18 or 18/03/2027."),
        ({"day": "03/18/2027"}, "day", "“03/18/2027” is no day. Write it as 2027-03-18 or 18/03/2027."),
        ({"day": "18/03/27"}, "day", "“18/03/27” is no day. Write it as 2027-03-18 or 18/03/2027."),
        ({"day": "18 March 2027"}, "day", "“18 March 2027” is no day. Write it as 2027-03-18 or 18/03/2027."),
        ({"day": "46464"}, "day", "“46464” is no day. Write it as 2027-03-18 or 18/03/2027."),
        ({"day": "1999-12-31"}, "day", "“1999-12-31” is no day. Write it as 2027-03-18 or 18/03/2027."),
        ({"day": "2101-01-01"}, "day", "“2101-01-01” is no day. Write it as 2027-03-18 or 18/03/2027."),
        ({"starts": ""}, "starts", "Write when it starts as a time of day, for example 09:30."),
        ({"starts": "9"}, "starts", "Write when it starts as a time of day, for example 09:30."),
        ({"starts": "9.30am"}, "starts", "Write when it starts as a time of day, for example 09:30."),
        ({"starts": "24:00"}, "starts", "Write when it starts as a time of day, for example 09:30."),
        ({"ends": ""}, "ends", "Write when it ends as a time of day, for example 09:30."),
        ({"ends": "12:60"}, "ends", "Write when it ends as a time of day, for example 09:30."),
        ({"ends": "09:30"}, "ends", "The end is not after the start. Check both times."),
        ({"ends": "08:00"}, "ends", "The end is not after the start. Check both times."),
        (
            {"day": "2027-03-28", "starts": "01:30"},
            "starts",
            "The clocks go forward in that hour, so this time does not exist. Choose another.",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_column_with_what_to_do(
    cells: dict[str, str], column: str, sentence: str
) -> None:
    found = row(**(GOOD | cells))
    assert faults(found) == [(column, sentence)]
    decide([found], {})
    assert found.does is Does.BAD


def test_every_fault_of_a_row_is_named_at_once() -> None:
    found = row(
        **(GOOD | {"title": "", "kind": "seminar", "minutes": "long", "day": "soon", "places": "few"})
    )
    assert [column for column, _ in faults(found)] == ["title", "kind", "minutes", "day", "places"]


@pytest.mark.parametrize("column", ["starts", "ends", "where", "places", "note"])
def test_what_is_said_of_a_date_needs_its_day(column: str) -> None:
    found = row(title="A course", **{column: "9"})
    assert faults(found) == [
        ("day", f"Give the day of this date, since the column {column} says something of it.")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "day,title,ends,starts\n2027-03-18,Chairing a meeting,12:30,09:30\n",
        "TITLE,Day, Starts ,ends\nChairing a meeting,2027-03-18,09:30,12:30\n",
        "title;day;starts;ends\nChairing a meeting;18/03/2027;09:30;12:30\n",
        "title\tday\tstarts\tends\nChairing a meeting\t2027-03-18\t9:30\t12:30\n",
        "\ufefftitle,day,starts,ends\r\nChairing a meeting,2027-03-18,09:30,12:30\r\n",
        "sep=;\ntitle;day;starts;ends\nChairing a meeting;2027-03-18;09:30;12:30\n",
        '"title","day","starts","ends"\n"Chairing a meeting","2027-03-18","09:30","12:30"\n',
        "title,day,starts,ends,,\nChairing a meeting,2027-03-18,09:30,12:30,,\n",
        "\n\ntitle,day,starts,ends\n,,,\nChairing a meeting,2027-03-18,09:30,12:30\n\n",
    ],
    ids=["order", "case", "semicolons", "tabs", "mark", "sep", "quotes", "empty columns", "empty rows"],
)
def test_the_same_list_in_other_forms_is_the_same_list(text: str) -> None:
    (found,) = listed(text)
    assert faults(found) == []
    assert found.title == "Chairing a meeting"
    assert found.date is not None
    assert found.date["starts_at"] == AT


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "title\nFürsorge – “now”\n".encode(),
        "title\nFürsorge – “now”\n".encode("utf-16"),
        "title\nFürsorge – “now”\n".encode("cp1252"),
    ],
    ids=["utf-8", "utf-16", "windows"],
)
def test_a_file_of_a_spreadsheet_keeps_its_letters(data: bytes) -> None:
    (found,) = listed(decode(data))
    assert found.title == "Fürsorge – “now”"


COLUMNS_SENTENCE = "The first line has to name the columns: " + ", ".join(COLUMNS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The list is empty."),
        ("\ufeff\n\n , ,\n", "The list is empty."),
        ("Chairing a meeting,2027-03-18\n", COLUMNS_SENTENCE),
        ("kind,day\nworkshop,2027-03-18\n", COLUMNS_SENTENCE),
        ("title,price\nA,10\n", "“price” is none of them."),
        (f"title,{'x' * 90}\nA,10\n", f"“{'x' * 40}” is none of them."),
        ("title,note,note\nA,one,two\n", "The first line names the column note twice."),
        ("title,Title\nA,B\n", "The first line names the column title twice."),
        ("title\n" + "A\n" * (MOST_ROWS + 1), f"The list has more than {MOST_ROWS} rows."),
    ],
    ids=["empty", "blank", "no heading", "no title", "unknown", "unknown and long", "twice", "twice in other case",
         "too many rows"],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_refused_with_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        listed(text)
    assert sentence in refused.value.reason


def test_as_many_rows_as_may_be_are_read() -> None:
    assert len(listed("title\n" + "A\n" * MOST_ROWS)) == MOST_ROWS
    assert listed("title,day\n") == []


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("title,about", "A,Practice, with a case"),
        ("title,,about", "A,lost,Practice"),
        ("title", "A,,,x"),
    ],
)
def test_a_cell_under_no_column_is_not_lost_in_silence(heading: str, line: str) -> None:
    (found,) = listed(f"{heading}\n{line}\n")
    assert faults(found) == [
        ("", "The row has more cells than the first line names. Put text with commas into quotation marks.")
    ]


@pytest.mark.parametrize(
    "text",
    [
        'title,about\nA,x\n"B,y\nC,z\n',
        'title,about\nA,x\nB,"y\nC,z\nD,v',
        'sep=;\ntitle;about\nA;x\nB;"y\n',
    ],
)
def test_rows_are_not_lost_in_a_quotation_mark_that_stays_open(text: str) -> None:
    first, second = listed(text)
    assert faults(first) == []
    assert faults(second) == [
        ("", "A quotation mark that is opened in this row is not closed, so the rows below are lost in it.")
    ]
    decide([first, second], {})
    assert (first.does, second.does) == (Does.COURSE, Does.BAD)


def test_a_short_row_has_empty_cells_and_lines_are_counted_as_in_the_file() -> None:
    first, second = listed('title,about,note\n"A","two\nlines"\n\nB\n')
    assert (first.line, first.course["about"]) == (2, "two\nlines")
    assert (second.line, second.course["about"], faults(second)) == (5, "", [])


def test_rows_of_one_list_count_for_those_below_them() -> None:
    text = (
        "title,day,starts,ends\n"
        "Chairing,,,\n"
        "chairing ,2027-03-18,09:30,12:30\n"
        "CHAIRING,18/03/2027,9:30,13:00\n"
        "Chairing,2027-03-19,09:30,12:30\n"
        "Chairing,,,\n"
        "Other,2027-03-18,09:30,12:30\n"
        "Third,2027-03-18,12:30,09:30\n"
        "Third,2027-03-18,09:30,12:30\n"
    )
    rows = listed(text)
    decide(rows, {})
    assert [one.does for one in rows] == [
        Does.COURSE, Does.DATE, Does.SAME, Does.DATE, Does.SAME, Does.COURSE_AND_DATE, Does.BAD, Does.COURSE_AND_DATE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "cells", "does"),
    [
        ({}, {}, Does.COURSE_AND_DATE),
        ({}, {"day": "", "starts": "", "ends": ""}, Does.COURSE),
        ({"chairing a meeting": []}, {}, Does.DATE),
        ({"chairing a meeting": [AT]}, {}, Does.SAME),
        ({"chairing a meeting": [AT]}, {"starts": "10:00"}, Does.DATE),
        ({"chairing a meeting": [AT]}, {"title": "CHAIRING  a Meeting"}, Does.SAME),
        ({"chairing a meeting": [AT]}, {"day": "", "starts": "", "ends": ""}, Does.SAME),
    ],
)
def test_what_is_there_already_is_recognised(
    known: dict[str, list[datetime]], cells: dict[str, str], does: Does
) -> None:
    found = row(**(GOOD | cells))
    decide([found], known)
    assert found.does is does


@pytest.mark.parametrize("offered", [False, True])
def test_a_course_that_is_not_offered_any_more_takes_no_date(offered: bool) -> None:
    """Unless another of the same title is offered."""
    found = row(**GOOD)
    decide([found], {found.key: []} if offered else {}, frozenset({found.key}))
    assert found.does is (Does.DATE if offered else Does.BAD)
    assert bool(faults(found)) is not offered


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("007", 7), ("10", 10), ("11", None), ("0", None), ("", None), ("000000000999", None), ("+5", None),
     ("5 ", None), ("５", None)],
)  # fmt: skip
def test_a_number_in_plain_digits(text: str, number: int | None) -> None:
    assert whole_number(text, 10) == number
