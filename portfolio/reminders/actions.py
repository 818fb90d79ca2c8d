"""Keep what somebody chose, and note what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portfolio.database import new_id
from portfolio.people.mail import Delivery
from portfolio.reminders.models import ReminderChoice, ReminderSent
from portfolio.reminders.queries_people import choice_of
from portfolio.reminders.rules import Choice, Line, Said

KEEP_SENT = timedelta(days=400)


def choose(
    session: Session,
    person_id: UUID,
    *,
    weekly: bool,
    weekday: int,
    wanted: Iterable[Line],
    offered: Iterable[Line],
    now: datetime,
) -> None:
    """Keep what was chosen among the lines that were `offered`; what was muted of others stays muted."""
    before = choice_of(session, person_id)
    muted = (before.muted - {line.value for line in offered}) | (
        {line.value for line in offered} - {line.value for line in wanted}
    )
    _keep(session, person_id, Choice(weekly, weekday, frozenset(muted)), now)


def stop(session: Session, person_id: UUID, now: datetime) -> None:
    """No digest any more, until the person turns it on again; what else they chose stays. Done twice it is done once."""
    before = choice_of(session, person_id)
    if before.weekly:
        _keep(session, person_id, Choice(False, before.weekday, before.muted), now)


def note_sent(
    session: Session, person_id: UUID, week: str, said: Sequence[Said], delivery: Delivery, now: datetime
) -> None:
    """The digest of this week has left. A second note of the same week changes nothing."""
    _insert(
        session,
        ReminderSent,
        ["person_id", "week"],
        id=new_id(),
        person_id=person_id,
        week=week,
        sent_at=now,
        delivery=delivery.value,
        said=[one.sentence for one in said],
    )


def forget_old(session: Session, now: datetime) -> None:
    """What was sent more than a year ago is nobody's need."""
    session.execute(
        delete(ReminderSent)
        .where(ReminderSent.sent_at < now - KEEP_SENT)
        .execution_options(synchronize_session=False)
    )


def _keep(session: Session, person_id: UUID, choice: Choice, now: datetime) -> None:
    values = {
        "weekly": choice.weekly,
        "weekday": choice.weekday,
        "muted": sorted(choice.muted),
        "changed_at": now,
    }
    _insert(session, ReminderChoice, ["person_id"], update=values, id=new_id(), person_id=person_id, **values)


def _insert(
    session: Session, model: Any, unique: list[str], *, update: dict[str, Any] | None = None, **values: Any
) -> None:
    """Insert, or where there is such a row already, update it or leave it: also when two do it at once."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(model).values(**values)
    session.execute(
        statement.on_conflict_do_update(index_elements=unique, set_=update)
        if update
        else statement.on_conflict_do_nothing(index_elements=unique)
    )
