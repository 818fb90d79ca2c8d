"""What the page "Who opened this" shows, and the count on the page of a piece."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from portfolio.access import Role
from portfolio.openings.models import FileOpening
from portfolio.openings.rules import SMALL, WAYS, came_from
from portfolio.people.models import Person
from portfolio.web.paging import PER_PAGE, Slice, cut


@dataclass(frozen=True)
class Line:
    """One row with the name of who it was."""

    opening: FileOpening
    name: str

    @property
    def role(self) -> str:
        return Role(self.opening.role).label

    @property
    def way(self) -> str:
        return WAYS[self.opening.what]

    @property
    def came_from(self) -> str:
        return came_from(self.opening.page)


@dataclass(frozen=True)
class Counted:
    """How many people opened something, how often in all, and how many saw no more than small pictures."""

    people: int = 0
    times: int = 0
    only_small: int = 0

    @property
    def nobody(self) -> bool:
        return not self.people and not self.only_small


def _counts() -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    """People who opened more than a small picture, how often they did, and all who saw anything."""
    larger = FileOpening.what != SMALL
    return (
        func.count(case((larger, FileOpening.person_id)).distinct()),
        func.coalesce(func.sum(case((larger, FileOpening.times), else_=0)), 0),
        func.count(FileOpening.person_id.distinct()),
    )


def by_others(session: Session, evidence_id: UUID, owner_id: UUID) -> Counted:
    """Of all files of a piece, but for what its owner opened."""
    people, times, everybody = session.execute(
        select(*_counts()).where(FileOpening.evidence_id == evidence_id, FileOpening.person_id != owner_id)
    ).one()
    return Counted(people, times, everybody - people)


def by_file(session: Session, evidence_id: UUID) -> dict[UUID, Counted]:
    """Of each file that anybody opened, its owner too."""
    rows = session.execute(
        select(FileOpening.file_id, *_counts())
        .where(FileOpening.evidence_id == evidence_id)
        .group_by(FileOpening.file_id)
    )
    return {file_id: Counted(people, times, all_ - people) for file_id, people, times, all_ in rows}


def of_piece(
    session: Session, evidence_id: UUID, *, but: Collection[UUID], page: int, without_small: bool
) -> Slice[Line]:
    """File by file, each with the newest opening first. `but`: files of which nothing is shown."""
    statement = (
        select(FileOpening, Person.name)
        .join(Person, Person.id == FileOpening.person_id)
        .where(FileOpening.evidence_id == evidence_id)
        .order_by(FileOpening.file_id, FileOpening.last_at.desc(), FileOpening.id.desc())
        .limit(PER_PAGE + 1)
        .offset((page - 1) * PER_PAGE)
    )
    if but:
        statement = statement.where(FileOpening.file_id.not_in(but))
    if without_small:
        statement = statement.where(FileOpening.what != SMALL)
    rows: Sequence[Line] = [Line(opening, name) for opening, name in session.execute(statement)]
    return cut(rows, page)
