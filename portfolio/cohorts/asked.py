"""What somebody asked a report for: filters, order and page, out of the query of the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from portfolio.cohorts.rules import Standing
from portfolio.gateway.rules import GAP_LABELS
from portfolio.web.paging import PageNumber

COLUMNS: Mapping[str, str] = {
    "name": "Apprentice",
    "employer": "Employer",
    "signed": "Signed off",
    "pace": "Pace",
    "hours": "Off-the-job hours",
    "activity": "Last activity",
    "waiting": "Waiting for feedback",
    "gaps": "Other gaps",
    "forecast": "Forecast",
    "standing": "Standing",
}
"""What the table can be sorted by, and its headings."""
LARGEST_FIRST = ("waiting", "gaps")
"""Columns whose first tap shows the largest first."""
LONGEST_SEARCH = 100
BEHIND = "behind"
OVERDUE = "overdue"


@dataclass(frozen=True)
class Asked:
    """Unknown values are taken as not asked: an old link still shows the report."""

    standing: Standing | None = None
    employer: UUID | None = None
    gap: str = ""
    q: str = ""
    hours_behind: bool = False
    """Only those with fewer confirmed hours than an even pace would have brought."""
    refresher_overdue: bool = False
    """Only those whose refresher training is past its last day in time."""
    sort: str = "name"
    descending: bool = False
    number: int = 1

    @property
    def words(self) -> list[str]:
        """The words searched for, in lower case."""
        return self.q.lower().split()[:5]

    @property
    def filters(self) -> bool:
        """Whether anything but the standing narrows the list (those counts are known already)."""
        return bool(self.employer or self.gap or self.q or self.hours_behind or self.refresher_overdue)

    @property
    def order(self) -> str:
        """As the address writes it: "name", or "-name" for the other way round."""
        return f"-{self.sort}" if self.descending else self.sort

    def order_after(self, column: str) -> str:
        """What a heading links to: this column, or if it is the one already, the other way round."""
        descending = not self.descending if column == self.sort else column in LARGEST_FIRST
        return f"-{column}" if descending else column

    def direction(self, column: str) -> str:
        """For aria-sort."""
        if column != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"


def asked(
    number: PageNumber = 1,
    standing: str = "",
    employer: str = "",
    gap: str = "",
    q: str = "",
    hours: str = "",
    refresher: str = "",
    sort: str = "",
) -> Asked:
    """Dependency: read the query."""
    column = sort.removeprefix("-")
    return Asked(
        standing=Standing(standing) if standing in set(Standing) else None,
        employer=_uuid(employer),
        gap=gap if gap in GAP_LABELS else "",
        q=" ".join(q.replace("\x00", "").split())[:LONGEST_SEARCH],
        hours_behind=hours == BEHIND,
        refresher_overdue=refresher == OVERDUE,
        sort=column if column in COLUMNS else "name",
        descending=column in COLUMNS and sort.startswith("-"),
        number=number,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


AskedFor = Annotated[Asked, Depends(asked)]
