"""The frameworks of a provider as its pages show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from kbs.framework import Framework, Level
from kbs.frameworks import Frameworks, UnknownFramework
from portfolio.library.models import ProviderFramework
from portfolio.library.queries import frameworks_for
from portfolio.refusals import NotFound


@dataclass(frozen=True)
class Shown:
    """A framework and, if it is the provider's own, the row it was added as. `offered`: for new choices."""

    framework: Framework
    row: ProviderFramework | None
    offered: bool

    @property
    def counts(self) -> tuple[int, int]:
        """How many levels it has, and how many competencies in all of them."""
        levels = self.framework.levels
        return len(levels), sum(len(one.competencies) for one in levels)


def library_of(session: Session, provider_id: UUID) -> tuple[list[Shown], list[Shown]]:
    """Those that ship, and every edition of the provider's own: in two queries."""
    known = frameworks_for(session, provider_id)
    rows = editions_of(session, provider_id)
    own = {row.framework_id for row in rows}
    shipped = [Shown(one, None, True) for one in known.all() if one.id not in own]
    return shipped, list(_own(known, rows))


def _own(known: Frameworks, rows: list[ProviderFramework]) -> Iterator[Shown]:
    offered = {one.id for one in known.all()}
    for row in rows:
        try:
            yield Shown(known.get(row.framework_id), row, row.framework_id in offered)
        except UnknownFramework:  # this version of the product cannot read it any more; the log says so
            continue


def the_framework(session: Session, provider_id: UUID, framework_id: str) -> Shown:
    """Raises NotFound, also for another provider's own."""
    known = frameworks_for(session, provider_id)
    try:
        framework = known.get(framework_id)
    except UnknownFramework:
        raise NotFound from None
    rows = editions_of(session, provider_id, framework_id.partition("--")[0])
    row = next((one for one in rows if one.framework_id == framework_id), None)
    return Shown(framework, row, framework_id in {one.id for one in known.all()})


def editions_of(session: Session, provider_id: UUID, file_id: str | None = None) -> list[ProviderFramework]:
    """The editions that were added, without their texts, the newest of each framework first; of one framework, if it
    is named."""
    wanted = select(ProviderFramework).where(ProviderFramework.provider_id == provider_id)
    if file_id is not None:
        wanted = wanted.where(ProviderFramework.file_id == file_id)
    return list(
        session.scalars(
            wanted.order_by(ProviderFramework.file_id, ProviderFramework.number.desc()).options(
                defer(ProviderFramework.content),
                joinedload(ProviderFramework.added_by),
                joinedload(ProviderFramework.withdrawn_by),
            )
        )
    )


def text_of(session: Session, row: ProviderFramework) -> str:
    """The file it was added from."""
    return session.scalars(select(ProviderFramework.content).where(ProviderFramework.id == row.id)).one()


def level_named(framework: Framework, level_id: str) -> Level:
    """The level of this id, else the lowest that lists competencies."""
    named = next((one for one in framework.levels if one.id == level_id), None)
    listed = next((one for one in framework.levels if one.competencies), framework.levels[0])
    return named or listed
