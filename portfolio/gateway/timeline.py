"""The record of the assessment as a timeline: what happened in its order, with what was corrected below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portfolio.gateway.assessment_rules import Attempt, StepKind
from portfolio.gateway.history import LockStory, step_of
from portfolio.gateway.models import AssessmentEvent
from portfolio.web.formats import london_day


@dataclass(frozen=True)
class Moment:
    """One place on the timeline: the entry that stands, and the entries it took the place of, newest first."""

    on: date
    title: str
    result: str = ""
    event: AssessmentEvent | None = None
    lock: LockStory | None = None
    is_struck_out: bool = False
    corrected: tuple[AssessmentEvent, ...] = ()


def timeline_of(events: Sequence[AssessmentEvent], locks: Sequence[LockStory]) -> list[Moment]:
    """Oldest first: locks, unlocks and every step, by the day it happened or is planned for."""
    corrected = {event.corrects_id for event in events if event.corrects_id is not None}
    by_id = {event.id: event for event in events}
    moments = [_moment(event, by_id) for event in events if event.id not in corrected]
    for story in locks:
        moments.append(Moment(london_day(story.lock.locked_at), "Portfolio locked", lock=story))
        if story.unlock is not None:
            moments.append(Moment(london_day(story.unlock.approved_at), "Portfolio unlocked", lock=story))
    return sorted(moments, key=_place)


def _moment(event: AssessmentEvent, by_id: dict[UUID, AssessmentEvent]) -> Moment:
    earlier: list[AssessmentEvent] = []
    before = event.corrects_id
    while before is not None:
        earlier.append(by_id[before])
        before = by_id[before].corrects_id
    step = step_of(event)
    if step.is_struck_out:
        replaced = earlier[0]
        on = replaced.on or london_day(replaced.recorded_at)
        return Moment(on, title_of(replaced), event=event, is_struck_out=True, corrected=tuple(earlier))
    on = event.on or london_day(event.recorded_at)
    return Moment(on, title_of(event), event.result, event, corrected=tuple(earlier))


def title_of(event: AssessmentEvent) -> str:
    """What an entry says in a few words, without its result."""
    if event.kind == StepKind.ORGANISATION:
        return f"With {event.organisation}"
    if event.kind == StepKind.PLANNED:
        return f"Planned: {event.component}"
    if event.kind == StepKind.OVERALL:
        return "Overall grade"
    attempt = {Attempt.RESIT: " (resit)", Attempt.RETAKE: " (retake)"}.get(
        Attempt(event.attempt or "first"), ""
    )
    return f"{event.component}{attempt}"


def _place(moment: Moment) -> tuple[date, int, str]:
    """By day; on the same day the lock first and an unlock last, then as recorded."""
    if moment.event is None:
        return (moment.on, 0 if moment.title.endswith(" locked") else 2, "")
    return (moment.on, 1, str(moment.event.id))
