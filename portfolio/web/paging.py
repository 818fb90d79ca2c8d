"""Every list is paged: a page of rows, and whether there is one before and one after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Query

Row = TypeVar("Row")
PER_PAGE = 25

PageNumber = Annotated[int, Query(alias="page", ge=1, le=100_000)]


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """Rows of one page. `total` is None where counting would cost more than it tells."""

    rows: Sequence[Row]
    number: int
    has_next: bool
    per_page: int = PER_PAGE
    total: int | None = None

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def first(self) -> int:
        """Number of the first row shown, counted from 1."""
        return (self.number - 1) * self.per_page + 1


def cut(
    rows: Sequence[Row], number: int, *, per_page: int = PER_PAGE, total: int | None = None
) -> Slice[Row]:
    """From `per_page + 1` rows fetched at offset `(number - 1) * per_page`: the page, and whether more follow."""
    return Slice(rows[:per_page], number, len(rows) > per_page, per_page, total)
