"""The rows that could not be taken, written back as CSV with the reasons: mend it and send it again. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def bad_rows_csv(names: Sequence[str], rows: Iterable[tuple[int, Sequence[str], str]]) -> bytes:
    """The original columns, then line and reason. UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*(inert(name) for name in names), "Line", "Reason"])
    for number, cells, reason in rows:
        padded = [*cells, *[""] * (len(names) - len(cells))][: len(names)]
        writer.writerow([*(inert(cell) for cell in padded), number, inert(reason)])
    return out.getvalue().encode("utf-8-sig")
