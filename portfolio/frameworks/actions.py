"""Choose a framework, rate competencies, link to them and remove a link.

Each takes its turn in the portfolio, writes, notes it in the trail, and flushes; the request commits. A portfolio that
is locked stops none of it: development goes on. Only the end of an apprenticeship does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.access import Permission, Role
from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.evidence.queries import stage_of, take_turn
from portfolio.frameworks import linked, queries
from portfolio.frameworks.models import CompetencyLink, CompetencyRating, FrameworkChoice
from portfolio.refusals import Forbidden, Refused, SentBefore
from portfolio.training.rules.ratings import Side, refusal

ENDED = ("withdrawn", "assessed")
"""Stages after which nothing is chosen, rated or linked any more."""
HAS_ENDED = "This apprenticeship has ended, so the framework that was chosen stays as it is."
NOT_YOURS = "Only who linked it may remove it."
NOT_LINKABLE = "This cannot be linked. Choose a submitted piece of evidence or an entry of the training log from the list."


def has_ended(session: Session, opened: Opened) -> bool:
    return stage_of(session, opened.id) in ENDED


def side_of(opened: Opened) -> str:
    """Which of the two ratings this viewer gives: own, second, or none."""
    if Permission.RATE_SELF in opened.may:
        return "own"
    return "second" if Permission.GIVE_SECOND_RATING in opened.may else ""


def choose(
    session: Session, opened: Opened, says: Mapping[str, str], *, form_key: str, now: datetime
) -> FrameworkChoice:
    """Another choice; the newest stands. What stands already is not written again.

    Raises Refused after the end, and SentBefore if the same page said something else before."""
    take_turn(session, opened.id)
    before = queries.choices_before(session, opened.id)
    by = opened.viewer.person_id
    mine = [one for one in before if form_key and (one.chosen_by_id, one.form_key) == (by, form_key[:64])]
    made = mine[0] if mine else None
    if made is not None:
        if any(getattr(made, name) != value for name, value in says.items()):
            raise SentBefore
        return made
    if before and all(getattr(before[0], name) == value for name, value in says.items()):
        return before[0]
    if has_ended(session, opened):
        raise Refused(HAS_ENDED)
    row = FrameworkChoice(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        chosen_by_id=by,
        role=(Role.MENTOR if Role.MENTOR in opened.roles else Role.MANAGER).value,
        form_key=form_key[:64],
        chosen_at=now,
        **says,
    )
    session.add(row)
    session.flush()
    detail = {"framework_id": row.framework_id, "level_id": row.level_id, "strand": row.strand}
    _note(session, opened, "frameworks.chosen", "framework_choice", row.id, now, **detail)
    return row


def why_not_rate(session: Session, opened: Opened, *, known: bool = True) -> str:
    """Why this viewer cannot rate now; empty if they can."""
    side = Side.OWN if side_of(opened) == "own" else Side.SECOND
    return refusal(side, own=opened.is_own, known=known, finished=has_ended(session, opened)) or ""


def rate(
    session: Session,
    opened: Opened,
    framework_id: str,
    ratings: Mapping[str, str],
    *,
    known: frozenset[str],
    note: str = "",
    form_key: str,
    now: datetime,
    again: bool = False,
) -> list[CompetencyRating]:
    """Give these ratings, once per `form_key`. What stands already is not given again, except where it is said
    on purpose (`again`). Raises Refused, and SentBefore if the same page said something else before."""
    side = side_of(opened)
    if not side:
        raise Forbidden
    take_turn(session, opened.id)
    stands = {
        one.competency_id: one.rating
        for one in queries.ratings_of(session, opened.id, framework_id)
        if one.side == side
    }
    if made := queries.made_with_key(session, opened.id, opened.viewer.person_id, form_key):
        _refuse_other(made, ratings, note, stands)
        return made
    if reason := why_not_rate(session, opened, known=known.issuperset(ratings)):
        raise Refused(reason)
    rows = [
        CompetencyRating(
            provider_id=opened.apprenticeship.provider_id,
            apprenticeship_id=opened.id,
            framework_id=framework_id,
            competency_id=competency_id,
            side=side,
            rating=rating,
            note=note,
            by_id=opened.viewer.person_id,
            form_key=form_key[:64],
            at=now,
        )
        for competency_id, rating in ratings.items()
        if again or stands.get(competency_id) != rating
    ]
    session.add_all(rows)
    session.flush()
    for row in rows:
        _note(session, opened, f"frameworks.rated_{side}", "competency_rating", row.id, now)
    return rows


def _refuse_other(
    made: list[CompetencyRating], ratings: Mapping[str, str], note: str, stands: Mapping[str, str]
) -> None:
    """A page that was sent before may come again as it was, and not with something else in it."""
    first = {one.competency_id: one.rating for one in made}
    more = {key: value for key, value in ratings.items() if key not in first and stands.get(key) != value}
    if (
        more
        or any(ratings.get(key) != value for key, value in first.items())
        or any(one.note != note for one in made)
    ):
        raise SentBefore


def link(
    session: Session,
    opened: Opened,
    framework_id: str,
    competency_id: str,
    *,
    kind: str,
    record_id: UUID,
    now: datetime,
) -> CompetencyLink:
    """Link a piece or an entry of the log to a competency. What is linked already stays linked."""
    if not side_of(opened):
        raise Forbidden
    take_turn(session, opened.id)
    there = linked.link_to(session, opened.id, framework_id, competency_id, kind, record_id)
    if there is not None:
        return there
    if reason := why_not_rate(session, opened):
        raise Refused(reason)
    if not linked.linkable(session, opened.id, kind, record_id):
        raise Refused(NOT_LINKABLE)
    row = CompetencyLink(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        framework_id=framework_id,
        competency_id=competency_id,
        evidence_id=None if kind == linked.TRAINING else record_id,
        entry_id=record_id if kind == linked.TRAINING else None,
        by_id=opened.viewer.person_id,
        at=now,
    )
    session.add(row)
    session.flush()
    _note(session, opened, "frameworks.linked", "competency_link", row.id, now, kind=kind)
    return row


def remove_link(session: Session, opened: Opened, row: CompetencyLink, *, now: datetime) -> None:
    """Take one's own link away. Raises Forbidden for somebody else's, and Refused after the end."""
    if row.by_id != opened.viewer.person_id:
        raise Forbidden(NOT_YOURS)
    take_turn(session, opened.id)
    if reason := why_not_rate(session, opened):
        raise Refused(reason)
    _note(session, opened, "frameworks.unlinked", "competency_link", row.id, now)
    session.delete(row)
    session.flush()


def _note(
    session: Session, opened: Opened, action: str, record: str, record_id: UUID, now: datetime, **detail: Any
) -> None:
    audit.record(
        session,
        action,
        by=opened.viewer.person_id,
        now=now,
        record=record,
        record_id=record_id,
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        **detail,
    )
