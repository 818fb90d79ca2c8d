"""What a report is about: one cohort, or all cohorts of a provider together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement

from portfolio.access import Permission
from portfolio.apprenticeships.models import Cohort, Progress


@dataclass(frozen=True)
class Scope:
    """One cohort of a provider, or with `cohort` None all of them."""

    provider_id: UUID
    provider_name: str
    cohort: Cohort | None = None
    may: frozenset[Permission] = frozenset()
    """What the viewer may do towards the provider."""

    @property
    def title(self) -> str:
        return self.cohort.name if self.cohort else "All cohorts together"

    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """Which summary rows belong to it."""
        own = Progress.provider_id == self.provider_id
        return (own, Progress.cohort_id == self.cohort.id) if self.cohort else (own,)

    @property
    def record_id(self) -> UUID:
        return self.cohort.id if self.cohort else self.provider_id

    def file_name(self, today: date, ending: str) -> str:
        """Plain letters and the date: cohort-october-2025-2026-11-18.csv."""
        words = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")[:60]
        return f"cohort-{words or 'report'}-{today.isoformat()}.{ending}"
