"""Where the ledger holds a row, for the pages that show the row. The ledger stands above all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.web.page import Page


class Mark(NamedTuple):
    """An entry of the provider's ledger. Noted somewhere else, it shows later that nothing before it was changed."""

    seq: int
    hash: str

    @property
    def short(self) -> str:
        """As it is read out: 1,234, 3f9a…c2."""
        return f"{self.seq:,}, {self.hash[:4]}…{self.hash[-2:]}"

    @property
    def whole(self) -> str:
        """As the script that checks an export takes it after --head; `verify` takes it, too."""
        return f"{self.seq}:{self.hash}"


def ledger_marks(page: Page, session: Session, record: str, ids: Iterable[UUID]) -> Mapping[UUID, Mark]:
    """The entry of each of these rows of the table `record`. At most one query."""
    found: Mapping[UUID, Mark] = page.request.app.state.ledger_marks(session, record, list(ids))
    return found
