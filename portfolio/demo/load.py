"""Fills an empty database and store with the demonstration: people at every stage of an apprenticeship.

The same day gives the same demonstration; dates are counted back from today, so that it never grows old.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

import storage
from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning, WithdrawalEvent
from portfolio.database import Database
from portfolio.demo import texts
from portfolio.demo.after_courses import followed
from portfolio.demo.attachments import Attacher
from portfolio.demo.courses import booked
from portfolio.demo.development import developed
from portfolio.demo.frameworks import rated
from portfolio.demo.gateways import Gateways
from portfolio.demo.journeys import Journey, Plan, around
from portfolio.demo.own_frameworks import frameworks_of_the_provider
from portfolio.demo.staff import staffed
from portfolio.demo.training import Pace, logged
from portfolio.demo.world import World, an_apprenticeship, make_world, month_start

EVERYTHING = 46
"""Pieces of the whole file: with all of them decided, every statement and duty is covered."""


@dataclass(frozen=True)
class Stage:
    """Where somebody stands. `records`: what of the gateway's paper is on record."""

    cohort: str
    plan: Plan
    records: str = "all"
    months_ago: int | None = None
    """Started so many months ago; None: with the cohort."""
    then: str = ""
    """What came after: declared, locked, assessed, break, back, withdrawn."""
    pace: Pace = Pace.STEADY
    """Of off-the-job hours. With the whole file decided, the plan is fulfilled too."""


FIRST, SECOND, HARBOUR = "northern_first", "northern_second", "harbour"
LITTLE, FAR = Pace.A_LITTLE_BEHIND, Pace.FAR_BEHIND
STORY = Stage(SECOND, Plan(decided=12, waiting=2, returned=1, drafts=1, files_on=12), records="no_english")
"""Amina, whom everybody can follow: about half-way, one piece returned, English not proved yet."""

FIRST_COHORT = (
    [Stage(FIRST, Plan(EVERYTHING, quiet_days=70), then="assessed")] * 3
    + [Stage(FIRST, Plan(EVERYTHING, quiet_days=40), then="locked")] * 3
    + [Stage(FIRST, Plan(EVERYTHING, quiet_days=15), then="declared")]
    + [Stage(FIRST, Plan(EVERYTHING, quiet_days=9))] * 2
    + [Stage(FIRST, Plan(28, waiting=2, quiet_days=2))] * 3
    + [Stage(FIRST, Plan(26, waiting=1, returned=1, quiet_days=5), records="no_maths")] * 2
    + [Stage(FIRST, Plan(20, waiting=1, quiet_days=12), pace=LITTLE)] * 2
    + [Stage(FIRST, Plan(12, returned=2, quiet_days=60), records="no_dbs", pace=FAR)] * 2
    + [Stage(FIRST, Plan(14, quiet_days=90), then="withdrawn", pace=LITTLE)]
    + [Stage(FIRST, Plan(16, quiet_days=50), then="break")]
    + [Stage(FIRST, Plan(24, waiting=2, quiet_days=4), then="back", records="supported")]
)
SECOND_COHORT = (
    [Stage(SECOND, Plan(14, waiting=2, returned=1, quiet_days=2, files_on=3))] * 5
    + [Stage(SECOND, Plan(11, waiting=1, quiet_days=6))] * 4
    + [Stage(SECOND, Plan(8, waiting=2, returned=1, quiet_days=8), records="no_english", pace=LITTLE)] * 3
    + [Stage(SECOND, Plan(3, waiting=1, quiet_days=55), records="no_dbs", pace=LITTLE)]
    + [Stage(SECOND, Plan(3, waiting=1, quiet_days=55), records="no_dbs", pace=FAR)]
    + [Stage(SECOND, Plan(5, quiet_days=30), then="break")]
    + [Stage(SECOND, Plan(2, quiet_days=100), then="withdrawn", pace=LITTLE)]
    + [Stage(SECOND, Plan(0, waiting=1, drafts=1, quiet_days=2), months_ago=1, records="dbs_only")] * 2
    + [Stage(SECOND, Plan(0), months_ago=0, records="none")] * 2
)
HARBOUR_COHORT = (
    [Stage(HARBOUR, Plan(10, waiting=2, quiet_days=3))] * 4
    + [Stage(HARBOUR, Plan(7, waiting=1, returned=1, quiet_days=7), records="no_maths")] * 3
    + [Stage(HARBOUR, Plan(2, quiet_days=50), records="no_dbs", pace=LITTLE)] * 2
    + [Stage(HARBOUR, Plan(0, waiting=1), months_ago=1, records="dbs_only")] * 2
    + [Stage(HARBOUR, Plan(EVERYTHING, quiet_days=20), months_ago=14, then="locked")]
)


def load(
    database: Database,
    store: storage.EvidenceStore,
    catalogue: Catalogue,
    now: datetime,
    said: Callable[[str], None] = print,
) -> None:
    """Write the demonstration into an empty, migrated database. `said` is told how far it is."""
    attach = Attacher(store)
    with database.writing() as session:
        world = make_world(session, catalogue, now)
        frameworks_of_the_provider(session, world)
    names = [
        entry["name"] for entry in texts.texts("people")["apprentices"] if entry["provider"] == "northern"
    ]
    others = [
        entry["name"] for entry in texts.texts("people")["apprentices"] if entry["provider"] == "harbour"
    ]
    stages = [STORY, *_shuffled([*FIRST_COHORT, *SECOND_COHORT])]
    pairs = [*zip(names, stages, strict=False), *zip(others, HARBOUR_COHORT, strict=False)]
    for number, (name, stage) in enumerate(pairs):
        if number % 9 == 0:
            said(f"{number} of {len(pairs)} apprentices")
        with database.writing() as session:
            _one(session, world, attach, name, stage, number)
    with database.writing() as session:
        booked(session, world)
        followed(session, world)
        staffed(session, world)


def _shuffled(stages: list[Stage]) -> list[Stage]:
    """Another order, always the same: so that names do not sort by progress."""
    return [stages[place] for place in sorted(range(len(stages)), key=lambda place: place * 17 % 41)]


def _one(session: Session, world: World, attach: Attacher, name: str, stage: Stage, number: int) -> None:
    at = an_apprenticeship(session, world, name, stage.cohort, start=_start(world, stage), number=number)
    mentor, assessor = around(session, at, "mentor"), around(session, at, "assessor")
    journey = Journey(session, world, at, number, mentor, assessor, attach, world.setting_of(name))
    gateways = Gateways(session, world, at, number, mentor, assessor)
    gateways.record(stage.records)
    if stage.then == "back":
        _break(session, world, at, number, days_ago=200, length=42)
    journey.walk(stage.plan)
    logged(
        session,
        world,
        at,
        number,
        mentor_id=mentor,
        assessor_id=assessor,
        quiet_days=stage.plan.quiet_days,
        pace=Pace.FINISHED if stage.plan.decided == EVERYTHING else stage.pace,
    )
    rated(session, world, at, number, mentor_id=mentor)
    developed(session, world, at, number, mentor_id=mentor)
    session.flush()
    if stage.then in ("declared", "locked", "assessed"):
        gateways.declare(stage.plan.quiet_days)
    if stage.then in ("locked", "assessed"):
        gateways.lock(stage.plan.quiet_days)
    if stage.then == "assessed":
        gateways.assess(stage.plan.quiet_days)
    if stage.then == "break":
        _break(session, world, at, number, days_ago=stage.plan.quiet_days - 3, length=None)
    if stage.then == "withdrawn":
        _withdraw(session, world, at, number, days_ago=stage.plan.quiet_days - 10)


def _start(world: World, stage: Stage) -> date:
    months = (
        {FIRST: 19, SECOND: 9, HARBOUR: 7}[stage.cohort] if stage.months_ago is None else stage.months_ago
    )
    return min(month_start(world.today, months), world.today - timedelta(days=2))


def _break(
    session: Session, world: World, at: Apprenticeship, number: int, *, days_ago: int, length: int | None
) -> None:
    began = world.today - timedelta(days=days_ago)
    manager = world.of("managers", "northern")[0]
    session.add(
        BreakInLearning(
            provider_id=at.provider_id,
            apprenticeship_id=at.id,
            began_on=began,
            expected_back_on=began + timedelta(days=length or 120),
            ended_on=began + timedelta(days=length) if length else None,
            reason=texts.line("break_reasons", number),
            recorded_by_id=manager.id,
            recorded_at=world.now - timedelta(days=days_ago),
        )
    )
    session.flush()


def _withdraw(session: Session, world: World, at: Apprenticeship, number: int, *, days_ago: int) -> None:
    manager = world.of("managers", "northern")[0]
    at.withdrawn_on = world.today - timedelta(days=days_ago)
    at.withdrawn_by_id = manager.id
    at.withdrawn_reason = texts.line("withdrawal_reasons", number)
    session.add(
        WithdrawalEvent(
            provider_id=at.provider_id,
            apprenticeship_id=at.id,
            kind="withdrawn",
            effective_on=at.withdrawn_on,
            reason=at.withdrawn_reason,
            by_id=manager.id,
            at=world.now - timedelta(days=days_ago),
        )
    )
    session.flush()
