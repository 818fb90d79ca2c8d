"""A pasted or uploaded list as text, and the text as rows: encodings, separators, line numbers. Pure."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from portfolio.refusals import Refused

MOST_ROWS = 500
"""A list is written in one transaction, and on the embedded database nobody else can write meanwhile."""
SEPARATORS = ",;\t"
END = "\x1e"
"""A row of its own after the last, unless a quotation mark before it is still open. A blank sign, so no cell keeps it."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How an .xlsx (a zip) and an old .xls begin."""
NOT_A_LIST = (
    "This file is not a text list. In the spreadsheet choose “Save as” and “CSV UTF-8”, and send that file, "
    "or copy the cells and paste them into the box."
)


@dataclass(frozen=True)
class Line:
    """One row and the line of the file on which it begins, counted from 1."""

    number: int
    cells: tuple[str, ...]
    left_open: bool = False
    """A quotation mark that is opened in it is not closed: the rest of the list stands in its last cell."""


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8 with or without its mark, UTF-16, else the encoding of Western spreadsheets.

    Raises Refused for a workbook and for anything else that is no text.
    """
    if data.startswith(WORKBOOKS):
        raise Refused(NOT_A_LIST)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    elif b"\x00" in data[:400]:
        text = data.decode("utf-16-be" if data[:1] == b"\x00" else "utf-16-le", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if any(ord(sign) < 32 and sign not in "\t\n\r\f" for sign in text):
        raise Refused(NOT_A_LIST)
    return text


def tidy_lines(text: str) -> str:
    """The same text with one kind of line end and nothing around it: what a page carries and compares."""
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").strip("\n")


def lines_of(text: str) -> list[Line]:
    """The rows that are not blank. Raises Refused if it cannot be taken apart or is too long."""
    text = tidy_lines(text)
    first, _, rest = text.partition("\n")
    offset = 0
    if (
        first.strip().lower().startswith("sep=") and len(first.strip()) <= 5
    ):  # a note of one spreadsheet to itself
        text, offset = rest, 1
    reader = csv.reader(io.StringIO(f"{text}\n{END}", newline=""), delimiter=separator_of(text))
    found: list[Line] = []
    began = 1
    try:
        for cells in reader:
            if cells == [END]:
                break
            tidy = tuple(_tidy(cell) for cell in cells)
            if any(tidy):
                found.append(Line(began + offset, tidy, left_open=cells[-1].endswith(END)))
            began = reader.line_num + 1
            if len(found) > MOST_ROWS + 1:
                raise Refused(
                    f"The list has more than {MOST_ROWS} rows. Split it and send the parts one by one."
                )
    except csv.Error:
        raise Refused(
            f"Line {began + offset} cannot be taken apart. Look for a quotation mark that is opened and not closed."
        ) from None
    return found


def separator_of(text: str) -> str:
    """Comma, semicolon or tab: whichever the first line has most of, outside of quotation marks."""
    heading = next((line for line in text.split("\n") if line.strip()), "")
    bare = "".join(heading.split('"')[::2])
    return max(SEPARATORS, key=bare.count)


def _tidy(cell: str) -> str:
    """Blanks around it go, and the apostrophe that keeps a spreadsheet from calculating."""
    cell = cell.replace("\u00a0", " ").strip()
    if cell[:1] == "'" and cell[1:2] in tuple("=+-@\t"):
        cell = cell[1:].strip()
    return cell
