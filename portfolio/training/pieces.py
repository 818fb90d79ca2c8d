"""A draft of evidence from what somebody wrote down of their own development: one step, whatever the record is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.statements import in_order
from portfolio.apprenticeships.guards import Opened
from portfolio.evidence import drafting
from portfolio.evidence.forms import Written
from portfolio.evidence.rules import LONGEST_TITLE


def draft_from(
    session: Session,
    opened: Opened,
    *,
    type_id: str,
    title: str,
    day: date,
    what_happened: Iterable[str],
    what_i_did: str,
    codes: Iterable[str],
    form_key: str,
    most_files: int,
    now: datetime,
) -> UUID:
    """The id of a new draft with these words, that day and those of the statements which the standard has. Raises
    Refused for a portfolio that is closed."""
    made = drafting.start(
        session,
        opened,
        Written(
            type=type_id,
            title=title.split("\n", 1)[0][:LONGEST_TITLE].strip(),
            happened_on=day,
            what_happened="\n\n".join(part for part in what_happened if part),
            what_i_did=what_i_did,
            claims=dict.fromkeys(in_order(code for code in codes if code in opened.standard), ""),
        ),
        [],
        form_key=form_key,
        most_files=most_files,
        now=now,
    )
    return made.evidence.id
