"""Add an edition of a provider's own framework, and stop offering it. Each is noted in the trail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.framework import Framework
from portfolio.audit import actions as audit
from portfolio.frameworks.own_forms import sha256_of
from portfolio.frameworks.own_queries import editions_of
from portfolio.library.models import ProviderFramework
from portfolio.people.models import Provider
from portfolio.refusals import Refused

MOST_EDITIONS = 100
"""Of one provider, all together."""


def why_not_add(before: list[ProviderFramework], framework: Framework) -> str:
    """Why this edition cannot be added beside those of the provider that are there, or nothing."""
    same = [one for one in before if one.file_id == framework.id]
    if any(one.edition.casefold() == framework.edition.casefold() for one in same):
        return (
            f"There is an edition “{framework.edition}” of {framework.id} already, and an edition is never changed. "
            "Write another edition into the file, or another id if it is another framework."
        )
    if len(before) >= MOST_EDITIONS:
        return f"There are {MOST_EDITIONS} editions already: more cannot be kept here."
    return ""


def add(
    session: Session, provider_id: UUID, framework: Framework, text: str, *, by: UUID, now: datetime
) -> ProviderFramework:
    """Add it as the newest edition of its id. The very same text again adds nothing. Raises Refused."""
    session.execute(
        select(Provider.id).where(Provider.id == provider_id).with_for_update()
    )  # one after the other
    before, sha256 = editions_of(session, provider_id), sha256_of(text)
    same = [one for one in before if one.file_id == framework.id]
    for one in same:
        if one.sha256 == sha256 and one.withdrawn_at is None:
            return one
    if reason := why_not_add(before, framework):
        raise Refused(reason)
    row = ProviderFramework(
        provider_id=provider_id,
        file_id=framework.id,
        number=max((one.number for one in same), default=0) + 1,
        title=framework.title,
        edition=framework.edition,
        content=text,
        sha256=sha256,
        added_by_id=by,
        added_at=now,
    )
    session.add(row)
    session.flush()
    _note(session, "framework.added", row, by, now)
    return row


def withdraw(session: Session, row: ProviderFramework, *, by: UUID, now: datetime) -> None:
    """Not offered for new choices from now on; those that were made keep it. Twice does it once."""
    session.refresh(row, ["withdrawn_at"], with_for_update=True)
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at, row.withdrawn_by_id = now, by
    session.flush()
    _note(session, "framework.withdrawn", row, by, now)


def _note(session: Session, action: str, row: ProviderFramework, by: UUID, now: datetime) -> None:
    audit.record(
        session,
        action,
        by=by,
        now=now,
        record="provider_framework",
        record_id=row.id,
        provider_id=row.provider_id,
        framework=row.file_id,
        number=row.number,
    )
