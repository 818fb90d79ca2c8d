"""The training log of one apprenticeship, with who confirmed what, the plan, and what the rules make of it.

A log is read whole, in a fixed number of queries: totals, months and double entries need all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from kbs.statements import Standard
from portfolio.access import Role
from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Apprenticeship, Progress
from portfolio.apprenticeships.queries import breaks_of
from portfolio.evidence.models import Evidence
from portfolio.evidence.rules import reasons_closed
from portfolio.refusals import NotFound
from portfolio.training.models import HoursConfirmation, HoursPlan, TrainingEntry
from portfolio.training.rules import hours, hours_audit, hours_picture, log
from portfolio.training.rules.hours_facts import Activity, BreakInLearning, Delivery, Entry, Programme
from portfolio.web.formats import london_day

ACTIVITIES = {one.name.lower(): one for one in Activity}
DELIVERIES = {one.name.lower(): one for one in Delivery}
SAYS = (
    "day", "minutes", "what", "objective", "activity", "given_by", "certificate", "framework_id", "level_id",
    "in_paid_hours", "new_learning", "english_maths", "assessment_or_review", "impact", "statements", "counts",
)  # fmt: skip
"""What is confirmed of an entry."""


@dataclass(frozen=True)
class Row:
    """One entry as a page shows it."""

    entry: TrainingEntry
    said: HoursConfirmation | None
    problems: list[hours.Problem]
    state: log.State

    @property
    def sha256(self) -> str:
        return sha256_of(self.entry)

    @property
    def activity(self) -> str:
        found = ACTIVITIES.get(self.entry.activity)
        return found.value if found else ""

    @property
    def said_role(self) -> str:
        return Role(self.said.role).label.lower() if self.said else ""

    @property
    def blocking(self) -> list[hours.Problem]:
        return [one for one in self.problems if one.blocks]


@dataclass(frozen=True)
class Log:
    """Everything on the page of the log. Entries are newest day first."""

    programme: Programme
    plan: HoursPlan | None
    entries: tuple[TrainingEntry, ...]
    said: Mapping[UUID, HoursConfirmation]
    closed: str
    """Why nothing can be written in this portfolio now, or empty."""
    on: date

    @cached_property
    def facts(self) -> list[Entry]:
        """What is claimed as off-the-job hours, as the rules read it."""
        return [fact_of(one, self.said.get(one.id)) for one in self.entries if one.counts]

    @cached_property
    def _by_week(self) -> dict[date, list[Entry]]:
        found: dict[date, list[Entry]] = {}
        for one in self.facts:
            found.setdefault(hours.week_of(one.day), []).append(one)
        return found

    @cached_property
    def picture(self) -> hours_picture.HoursPicture:
        return hours_picture.picture(self.facts, self.programme, self.on)

    @cached_property
    def findings(self) -> list[hours_audit.Finding]:
        return hours_audit.audit(self.facts, self.programme, self.on)

    @cached_property
    def rows(self) -> list[Row]:
        return [self.row(one) for one in self.entries]

    def row(self, entry: TrainingEntry) -> Row:
        said = self.said.get(entry.id)
        found = self._problems(entry, said) if entry.counts else []
        state = log.state_of(counts=entry.counts, problems=found, said=said_of(entry, said))
        return Row(entry, said, found, state)

    def _problems(self, entry: TrainingEntry, said: HoursConfirmation | None) -> list[hours.Problem]:
        """Of entries with the same day and text only the later ones are named: the first counts."""
        near = self._by_week.get(hours.week_of(entry.day), [])
        fact = fact_of(entry, said)
        order = (fact.entered_on, fact.id)
        found = hours.problems(fact, self.programme, self.on, near)
        twin = any(
            one.day == fact.day and hours.same_text(one.what, fact.what) and (one.entered_on, one.id) < order
            for one in near
        )
        return [one for one in found if twin or one.code is not hours.Code.DUPLICATE]

    def in_state(self, *states: log.State) -> list[Row]:
        return [one for one in self.rows if one.state in states]


def sha256_of(entry: TrainingEntry) -> str:
    return log.entry_sha256({name: getattr(entry, name) for name in SAYS})


def said_of(entry: TrainingEntry, said: HoursConfirmation | None) -> log.Said | None:
    return None if said is None else log.Said(said.outcome, said.entry_sha256 == sha256_of(entry))


def fact_of(entry: TrainingEntry, said: HoursConfirmation | None) -> Entry:
    """An entry as the rules read it. Days are London's."""
    confirmed = said if said is not None and said.outcome == "confirmed" else None
    return Entry(
        id=str(entry.id),
        day=entry.day,
        minutes=entry.minutes,
        what=entry.what,
        in_paid_hours=entry.in_paid_hours,
        new_learning=entry.new_learning,
        statements=frozenset(entry.codes),
        entered_on=london_day(entry.entered_at),
        activity=ACTIVITIES.get(entry.activity, Activity.TAUGHT),
        english_maths=entry.english_maths,
        assessment_or_review=entry.assessment_or_review,
        confirmed_on=london_day(confirmed.at) if confirmed else None,
        confirmed_by=str(confirmed.by_id) if confirmed else None,
    )


def log_of(session: Session, opened: Opened, on: date) -> Log:
    """The whole log, in five queries."""
    rows = session.scalars(
        select(TrainingEntry)
        .where(TrainingEntry.apprenticeship_id == opened.id)
        .order_by(TrainingEntry.day.desc(), TrainingEntry.id.desc())
    )
    said = session.scalars(
        select(HoursConfirmation)
        .where(HoursConfirmation.apprenticeship_id == opened.id)
        .options(joinedload(HoursConfirmation.by))
        .order_by(HoursConfirmation.id)
    )
    entries, newest = tuple(rows), {one.entry_id: one for one in said}
    plan, progress = plan_of(session, opened.id), _progress(session, opened.id)
    return Log(
        programme=programme_of(session, opened.apprenticeship, opened.standard, plan, progress),
        plan=plan,
        entries=entries,
        said=newest,
        closed=" ".join(reasons_closed(progress.stage if progress else "active")),
        on=on,
    )


def plan_of(session: Session, apprenticeship_id: UUID) -> HoursPlan | None:
    """The newest plan: it is the one that stands."""
    return session.scalar(
        select(HoursPlan)
        .where(HoursPlan.apprenticeship_id == apprenticeship_id)
        .options(joinedload(HoursPlan.set_by))
        .order_by(HoursPlan.id.desc())
        .limit(1)
    )


def plans_of(session: Session, apprenticeship_id: UUID, most: int = 20) -> list[HoursPlan]:
    """Every plan that was set, newest first."""
    return list(
        session.scalars(
            select(HoursPlan)
            .where(HoursPlan.apprenticeship_id == apprenticeship_id)
            .options(joinedload(HoursPlan.set_by))
            .order_by(HoursPlan.id.desc())
            .limit(most)
        )
    )


def _progress(session: Session, apprenticeship_id: UUID) -> Progress | None:
    return session.scalar(select(Progress).where(Progress.apprenticeship_id == apprenticeship_id))


def programme_of(
    session: Session,
    at: Apprenticeship,
    standard: Standard,
    plan: HoursPlan | None,
    progress: Progress | None,
) -> Programme:
    """Dates with breaks counted, and what the plan says; without a plan nothing is assumed."""
    through = date.fromordinal(progress.through_day) if progress and progress.through_day else None
    return programme_from(
        at,
        standard,
        plan,
        planned_end=date.fromordinal(progress.planned_gateway_day) if progress else at.planned_gateway_on,
        last_day=at.withdrawn_on or through,
        breaks=[(one.began_on, one.ended_on) for one in breaks_of(session, at.id)],
    )


def programme_from(
    at: Apprenticeship,
    standard: Standard,
    plan: HoursPlan | None,
    *,
    planned_end: date,
    last_day: date | None,
    breaks: Iterable[tuple[date, date | None]],
) -> Programme:
    """The same from rows that are there already. `breaks`: first day, and the first day back."""
    published = standard.minimum_off_the_job_hours
    return Programme(
        apprentice=str(at.apprentice_id),
        start_on=at.start_on,
        planned_end=planned_end,
        weekly_paid=plan.weekly_paid_minutes if plan else 0,
        planned=plan.planned_minutes if plan else 0,
        last_day=last_day,
        breaks=tuple(_breaks(breaks)),
        delivery=DELIVERIES[plan.delivery] if plan else Delivery.SPREAD,
        published_minimum=None if published is None else published * 60,
        prior_learning=plan.prior_learning_minutes if plan else 0,
        leave_weeks=plan.leave_weeks if plan else 0,
    )


def _breaks(rows: Iterable[tuple[date, date | None]]) -> list[BreakInLearning]:
    """Here the last day is the one before the first day back; a break that ended on its first day was none."""
    return [
        BreakInLearning(began_on, back_on - timedelta(days=1) if back_on else None)
        for began_on, back_on in rows
        if back_on != began_on
    ]


def entry_in(session: Session, opened: Opened, entry_id: UUID) -> TrainingEntry:
    """One entry of this apprenticeship's log. Raises NotFound."""
    found = session.scalar(
        select(TrainingEntry).where(
            TrainingEntry.id == entry_id, TrainingEntry.apprenticeship_id == opened.id
        )
    )
    if found is None:
        raise NotFound
    return found


def said_about(session: Session, entry_id: UUID) -> list[HoursConfirmation]:
    """Everything that was said of one entry, newest first."""
    return list(
        session.scalars(
            select(HoursConfirmation)
            .where(HoursConfirmation.entry_id == entry_id)
            .options(joinedload(HoursConfirmation.by))
            .order_by(HoursConfirmation.id.desc())
        )
    )


def made_with_key(session: Session, opened: Opened, form_key: str) -> TrainingEntry | None:
    """The entry that this page made before; an empty key makes none."""
    if not form_key:
        return None
    return session.scalar(
        select(TrainingEntry).where(
            TrainingEntry.apprenticeship_id == opened.id, TrainingEntry.form_key == form_key[:64]
        )
    )


def entry_behind(session: Session, evidence_id: UUID) -> UUID | None:
    """The entry that this piece was made from."""
    return session.scalar(select(TrainingEntry.id).where(TrainingEntry.evidence_id == evidence_id).limit(1))


def sees_piece(session: Session, opened: Opened, entry: TrainingEntry) -> bool:
    """Whether this viewer may open the piece made from it: a draft is its apprentice's alone."""
    if entry.evidence_id is None:
        return False
    state = session.scalar(select(Evidence.state).where(Evidence.id == entry.evidence_id))
    return opened.is_own or state != "draft"


def answered(*outcomes: str) -> ColumnElement[bool]:
    """Whether an entry of the training log was answered so, and not changed since."""
    said = select(HoursConfirmation.id).where(
        HoursConfirmation.entry_id == TrainingEntry.id,
        HoursConfirmation.outcome.in_(outcomes),
        HoursConfirmation.at >= TrainingEntry.edited_at,
    )
    return said.exists()


def levels_held(session: Session, apprenticeship_id: UUID, framework_id: str) -> dict[str, date]:
    """Each level of a framework that entries name, with the first day of one, in one query. What stands returned
    does not count."""
    rows = session.execute(
        select(TrainingEntry.level_id, func.min(TrainingEntry.day))
        .where(
            TrainingEntry.apprenticeship_id == apprenticeship_id,
            TrainingEntry.framework_id == framework_id,
            TrainingEntry.level_id.is_not(None),
            ~answered("returned"),
        )
        .group_by(TrainingEntry.level_id)
    )
    return {level_id: day for level_id, day in rows if level_id}
