"""What people do with findings, for the tests of this folder."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.findings.models import EmployerWords, KeptFinding
from tests.builders import NOW, Cast

PHONE, NAME = "07700 900123", "Mrs Oyelaran"
WHY = "It is the public number of the council."


def kept(field: str, words: str, reason: str = WHY) -> dict[str, Any]:
    """The three fields with which a finding is kept."""
    return {"kept_field": [field], "kept_words": [words], "kept_reason": [reason]}


def all_kept(database: Database) -> list[KeptFinding]:
    with database.reading() as session:
        return list(session.scalars(select(KeptFinding).order_by(KeptFinding.field, KeptFinding.starts)))


def words_of(session: Session, cast: Cast, *words: str, other: bool = False) -> None:
    """The employer's own list, of this provider or the other."""
    employer = cast.other_employer if other else cast.employer
    by = cast.noor if other else cast.priya
    session.add(
        EmployerWords(
            provider_id=employer.provider_id,
            employer_id=employer.id,
            words="\n".join(words),
            changed_by_id=by.id,
            changed_at=NOW,
        )
    )
    session.flush()
