"""The frameworks that one provider may choose from: those that ship with the product, and its own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.framework import Framework
from kbs.frameworks import FrameworkError, Frameworks, framework_from_text, load_frameworks
from portfolio.library.models import ProviderFramework, own_id

logger = logging.getLogger("portfolio.frameworks")
_parsed: dict[str, Framework] = {}
"""By the SHA-256 of a file's text: reading one takes longer than a page should."""
MOST_PARSED = 500


@cache
def shipped() -> Frameworks:
    """Those that ship with the product, read once: reading them takes longer than a page should."""
    return load_frameworks()


def frameworks_for(session: Session, provider_id: UUID) -> Frameworks:
    """Those that ship, and the provider's own. `all` gives what is offered now: the newest edition of each of its own
    that was not withdrawn. `get` also knows every edition before, since choices that were made keep theirs."""
    rows = session.execute(
        select(
            ProviderFramework.id,
            ProviderFramework.file_id,
            ProviderFramework.number,
            ProviderFramework.sha256,
            ProviderFramework.withdrawn_at,
        )
        .where(ProviderFramework.provider_id == provider_id)
        .order_by(ProviderFramework.file_id, ProviderFramework.number)
    ).all()
    if not rows:
        return shipped()
    _read(session, [(row.id, row.sha256) for row in rows if row.sha256 not in _parsed])
    newest = {row.file_id: row.number for row in rows}
    offered: list[Framework] = []
    older: list[Framework] = []
    for row in rows:
        if (found := _parsed.get(row.sha256)) is None:
            continue
        own = replace(found, id=own_id(row.file_id, row.number))
        is_offered = row.withdrawn_at is None and newest[row.file_id] == row.number
        (offered if is_offered else older).append(own)
    return shipped().with_own(offered, older)


def _read(session: Session, wanted: Iterable[tuple[UUID, str]]) -> None:
    """One query for all that this process has not read yet. A text that this version of the product cannot read any
    more is left out, and the log says so: the other frameworks go on."""
    ids = [one for one, _ in wanted]
    if not ids:
        return
    if len(_parsed) + len(ids) > MOST_PARSED:
        _parsed.clear()
    texts = select(ProviderFramework.sha256, ProviderFramework.content).where(ProviderFramework.id.in_(ids))
    for sha256, content in session.execute(texts):
        try:
            _parsed[sha256] = framework_from_text(content, "framework.yaml")
        except FrameworkError as error:
            logger.error("framework.unreadable", extra={"sha256": sha256, "faults": len(error.faults)})
