"""An apprentice's own records, one by one and in pages. The note on wellbeing is loaded for its owner alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from portfolio.apprenticeships.guards import Opened
from portfolio.development.models import Supervision
from portfolio.development.records import Kind, Record
from portfolio.evidence.models import Evidence
from portfolio.refusals import NotFound
from portfolio.web.paging import PER_PAGE, Slice, cut


def records_of(session: Session, opened: Opened, kind: Kind, number: int) -> Slice[Record]:
    """A page of them, newest day first, without any note on wellbeing."""
    model: Any = kind.model
    rows = session.scalars(
        select(model)
        .where(model.apprenticeship_id == opened.id)
        .order_by(model.day.desc(), model.id.desc())
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    ).all()
    return cut(rows, number)


def record_in(session: Session, opened: Opened, kind: Kind, record_id: UUID) -> Record:
    """One record, as it stands in the database now; with its note on wellbeing for its owner and nobody else.
    Raises NotFound."""
    model: Any = kind.model
    query = select(model).where(model.id == record_id, model.apprenticeship_id == opened.id)
    if model is Supervision and opened.is_own:
        query = query.options(undefer(Supervision.wellbeing))
    found: Record | None = session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound
    return found


def made_with_key(session: Session, opened: Opened, kind: Kind, form_key: str) -> Record | None:
    """The record that this page made before; an empty key makes none."""
    if not form_key:
        return None
    model: Any = kind.model
    found = session.scalar(
        select(model.id).where(model.apprenticeship_id == opened.id, model.form_key == form_key[:64])
    )
    return record_in(session, opened, kind, found) if found is not None else None


def sees_piece(session: Session, opened: Opened, record: Record) -> bool:
    """Whether this viewer may open the piece made from it: a draft is its apprentice's alone."""
    if record.evidence_id is None:
        return False
    state = session.scalar(select(Evidence.state).where(Evidence.id == record.evidence_id))
    return opened.is_own or state != "draft"
