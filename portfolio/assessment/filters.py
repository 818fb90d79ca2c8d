"""What the queue is narrowed to: read from the address, and hung on to the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query


@dataclass(frozen=True)
class Filters:
    """What the queue is narrowed to. Kept in the address from page to page."""

    apprentice: str = ""
    """Id of an apprenticeship."""
    item: str = ""
    type: str = ""

    @property
    def query(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}

    @property
    def suffix(self) -> str:
        """To hang on to an address, so that the next page is narrowed likewise."""
        return f"?{urlencode(self.query)}" if self.query else ""


def read_filters(
    apprentice: str = "", item: str = "", type_: Annotated[str, Query(alias="type")] = ""
) -> Filters:
    return Filters(apprentice[:40], item[:10], type_[:30])


FiltersInAddress = Annotated[Filters, Depends(read_filters)]
