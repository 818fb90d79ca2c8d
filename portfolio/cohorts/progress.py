"""The progress summaries, kept in the transaction of every change and provable afterwards.

`keep` brings the rows of the changed apprenticeships up to date before a commit; `verify` compares every
stored row with one computed afresh. What a summary holds, and how it is computed, stands in `summary.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, event, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session, object_session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, Cohort, Progress
from portfolio.cohorts.summary import EVERYWHERE, Kept, Summary, activity, sort_name, summaries, with_activity
from portfolio.database import changed_tables, mark_all_changed
from portfolio.people.models import Person

__all__ = ["keep", "sort_name", "summaries", "verify"]

WITHOUT_EFFECT = frozenset(
    {"assignment", "claim", "evidence_file", "sighting", "sign_off_piece", "testimony", "unlock_request"}
    | {"version_file", "withdrawal_event", "draft"}
    | {"competency_rating", "competency_link", "supervision", "review_learnt", "induction"}
    | {"booking", "booking_step", "certificate", "evaluation_answer", "evaluation_asked", "evaluation_piece"}
)
"""Tables that no summary is computed from by themselves. A claim counts from the submission of its piece, and
that changes the piece and its version."""


_HELD = (
    select(Apprenticeship.id)
    .where(Apprenticeship.id.in_(bindparam("ids", expanding=True)))
    .order_by(Apprenticeship.id)
    .with_for_update(key_share=True)
    .execution_options(**EVERYWHERE)
)
_STORED = (
    select(Progress)
    .where(Progress.apprenticeship_id.in_(bindparam("ids", expanding=True)))
    .execution_options(populate_existing=True, **EVERYWHERE)
)


def keep(catalogue: Catalogue, session: Session, ids: set[UUID]) -> None:
    """Before a commit: bring the stored rows of these apprenticeships up to date.

    Two transactions about one apprenticeship would each miss what the other has not committed. So each holds
    the apprenticeship's row from here to its commit, and the second computes from what the first has left.
    (SQLite has one writer at a time and needs no lock.)
    """
    changed = {one: changed_tables(session, one) - WITHOUT_EFFECT for one in ids}
    concerned = {one for one, tables in changed.items() if tables}
    if not concerned:
        return
    session.scalars(_HELD, {"ids": list(concerned)}).all()
    stored = _stored(session, concerned)
    talked = {one for one in concerned if changed[one] == {"comment"} and one in stored}
    for one in sorted(talked):
        _set(stored[one], with_activity(activity(session, one)))
    kept = {one: Kept(row, frozenset(changed[one])) for one, row in stored.items()}
    for summary in summaries(session, catalogue, concerned - talked, kept) if concerned - talked else ():
        row = stored.get(summary.apprenticeship_id)
        if row is None:
            session.add(Progress(**asdict(summary)))
        else:
            _set(row, asdict(summary))


def _stored(session: Session, ids: set[UUID] | list[UUID]) -> dict[UUID, Progress]:
    rows = session.scalars(_STORED, {"ids": list(ids)})
    return {row.apprenticeship_id: row for row in rows}


def _set(row: Progress, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


@event.listens_for(Person, "after_update")
def _renamed(_mapper: Mapper[Any], _connection: Connection, person: Person) -> None:
    """A new name sorts elsewhere in every report that shows this person, in whichever provider."""
    if inspect(person).attrs.name.history.has_changes():
        _mark_all(person, Apprenticeship.apprentice_id == person.id)


@event.listens_for(Cohort, "after_update")
def _ruled_otherwise(_mapper: Mapper[Any], _connection: Connection, cohort: Cohort) -> None:
    """Another policy for English and maths changes what is open at the gateway for everybody in the cohort."""
    if inspect(cohort).attrs.english_maths_policy.history.has_changes():
        _mark_all(cohort, Apprenticeship.cohort_id == cohort.id)


def _mark_all(row: Person | Cohort, whose: Any) -> None:
    session = object_session(row)
    if session is not None and "changed" in session.info:
        mark_all_changed(session, select(Apprenticeship.id).where(whose))


def verify(
    session: Session, catalogue: Catalogue, *, only: Sequence[UUID] | None = None, batch: int = 500
) -> Iterator[str]:
    """Compare every stored summary, or those of `only` these apprenticeships, with one computed afresh; yields a
    line for each column that differs. (A summary without an apprenticeship cannot be: the database refuses it.)
    """
    everybody = select(Apprenticeship.id).order_by(Apprenticeship.id).execution_options(**EVERYWHERE)
    ids = session.scalars(everybody).all() if only is None else only
    for start in range(0, len(ids), batch):
        part = list(ids[start : start + batch])
        stored = _stored(session, part)
        for summary in summaries(session, catalogue, part):
            yield from _differences(summary, stored.get(summary.apprenticeship_id))
        session.expunge_all()


def _differences(summary: Summary, row: Progress | None) -> Iterator[str]:
    if row is None:
        yield f"{summary.apprenticeship_id}: no summary is stored"
        return
    for field in fields(summary):
        stored, computed = getattr(row, field.name), getattr(summary, field.name)
        if stored == computed:
            continue
        if field.name == "sort_name":  # somebody's name has no place in the lines of a command
            yield f"{summary.apprenticeship_id}: sort_name is not the apprentice's name"
        else:
            yield f"{summary.apprenticeship_id}: {field.name} is stored as {stored!r}, computed as {computed!r}"
