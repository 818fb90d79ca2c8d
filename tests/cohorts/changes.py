"""Every kind of change that a summary must follow, made as people make it, with the columns that it moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Membership, Role, Viewer
from portfolio.apprenticeships import actions_time
from portfolio.apprenticeships.guards import Opened, open_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning, Cohort
from portfolio.apprenticeships.rules import Away
from portfolio.assessment import actions as assessing
from portfolio.assessment import actions_items, actions_supersede
from portfolio.assessment.models import Decision
from portfolio.database import new_id
from portfolio.evidence import actions as writing
from portfolio.evidence.models import Evidence
from portfolio.feedback import actions as talking
from portfolio.gateway import actions_assessment, actions_lock
from portfolio.gateway.assessment_rules import Step, StepKind
from portfolio.gateway.facts import Party
from portfolio.people.models import Person
from portfolio.training.models import TrainingEntry
from tests.assessment.steps import answer, answers, resubmitted
from tests.builders import (
    NOW,
    Cast,
    a_draft,
    a_submitted,
    a_version,
    an_assignment,
    an_employer,
    latest_version,
)
from tests.gateway.steps import (
    a_dbs_record,
    a_qualification,
    a_support_record,
    declared,
    everything_but_declarations,
)
from tests.training.steps import a_plan, an_answer, an_entry

LATER = NOW + timedelta(days=3)
WAITING = frozenset({"pieces_waiting", "waiting_since", "waiting_day"})
ACTIVE = frozenset({"last_activity_at", "last_activity_day"})
HOW_FAR = frozenset({"signed_share", "earned"})
SIGNED = frozenset({"map", "statements_covered", "duties_covered"}) | HOW_FAR


@dataclass
class World:
    """Where the changes happen."""

    session: Session
    cast: Cast
    catalogue: Catalogue

    @property
    def at(self) -> Apprenticeship:
        return self.session.get_one(Apprenticeship, self.cast.amina_at.id)

    @property
    def piece(self) -> Evidence:
        return self.session.scalars(select(Evidence).order_by(Evidence.id.desc()).limit(1)).one()

    def opened(self, who: Person, *roles: Role) -> Opened:
        home = Membership(self.cast.provider.id, self.cast.provider.name, frozenset(roles))
        viewer = Viewer(who.id, who.name, who.email, new_id(), memberships=(home,))
        return open_apprenticeship(self.session, self.catalogue, viewer, self.cast.amina_at.id)

    @property
    def amina(self) -> Opened:
        return self.opened(self.cast.amina, Role.APPRENTICE)

    @property
    def asha(self) -> Opened:
        return self.opened(self.cast.asha, Role.ASSESSOR)

    @property
    def priya(self) -> Opened:
        return self.opened(self.cast.priya, Role.MANAGER)

    def decide(self, **outcomes: str) -> None:
        assessing.decide(
            self.session, self.asha, self.piece, version_id=str(latest_version(self.session, self.piece.id).id),
            answers=answers(**outcomes), form_key=new_id().hex, now=LATER,
        )  # fmt: skip

    def break_(self) -> BreakInLearning:
        return self.session.scalars(select(BreakInLearning)).one()


def logged(w: World) -> None:
    an_entry(w.session, w.at)


def confirmed(w: World) -> None:
    an_answer(w.session, w.session.scalars(select(TrainingEntry)).one(), w.cast.marek)


def nothing(w: World) -> None:
    """No preparation."""


def submitted(w: World) -> None:
    a_submitted(w.session, w.at, "K1", "S1", "D8")


def decided(w: World) -> None:
    submitted(w)
    w.decide(K1="covered", S1="covered", D8="partly")


def submit(w: World) -> None:
    piece = a_draft(w.session, w.at, "K1", "D8")
    writing.submit(w.session, w.amina, piece, now=NOW, today=NOW.date())


def not_declared(w: World) -> None:
    piece = a_draft(w.session, w.at, "K1", own_work=False)
    version = latest_version(w.session, piece.id)
    version.submitted_at, piece.state, piece.state_since = NOW, "submitted", NOW


def edit_a_draft(w: World) -> None:
    latest_version(w.session, w.piece.id).title = "Said better"


def new_draft_of_returned(w: World) -> None:
    latest_version(w.session, w.piece.id).is_latest = False
    w.session.flush()
    a_version(w.session, w.piece, "K1", number=2)


def supersede(w: World) -> None:
    decision = w.session.scalars(select(Decision).where(Decision.item_code == "K1")).one()
    actions_supersede.supersede(
        w.session, w.asha, w.piece, decision, answer("K1", "not_yet"), reason="It shows another pathway.",
        form_key=new_id().hex, now=LATER,
    )  # fmt: skip


def sign_off_item(w: World) -> None:
    version = latest_version(w.session, w.piece.id)
    actions_items.sign_off_item(
        w.session, w.asha, "D8", version_ids=[str(version.id)], reason="Two pieces together.",
        form_key=new_id().hex, now=LATER,
    )  # fmt: skip


def withdraw_sign_off(w: World) -> None:
    actions_items.withdraw_sign_off(
        w.session, w.asha, "K1", reason="Seen again.", form_key=new_id().hex, now=LATER
    )


def comment(w: World) -> None:
    talking.write_comment(w.session, w.asha, w.piece, text="Well observed.", form_key=new_id().hex, now=LATER)


def on_break(w: World) -> None:
    away = Away(date(2026, 10, 1), None, date(2026, 12, 1))
    actions_time.record_break(w.session, w.at, away, "Family", by=w.cast.priya.id, now=NOW)


def back_again(w: World) -> None:
    away = Away(date(2026, 10, 1), date(2026, 10, 31), None)
    actions_time.change_break(w.session, w.at, w.break_(), away, "Family", by=w.cast.priya.id, now=NOW)


def away_and_back(w: World) -> None:
    on_break(w)
    back_again(w)


def leaves(w: World) -> None:
    actions_time.withdraw(w.session, w.at, date(2026, 10, 30), "Moved away", by=w.cast.priya.id, now=NOW)


def everything(w: World) -> None:
    everything_but_declarations(w.session, w.cast, w.catalogue)


def everything_declared(w: World) -> None:
    everything(w)
    declared(w.session, w.cast)


def lock(w: World) -> None:
    actions_lock.lock(w.session, w.priya, now=LATER)


def locked(w: World) -> None:
    everything_declared(w)
    w.session.flush()
    lock(w)


def unlock(w: World) -> None:
    actions_lock.ask_to_unlock(w.session, w.priya, "A certificate was mistaken.", now=LATER)
    actions_lock.approve_unlock(w.session, w.opened(w.cast.ines, Role.IQA), now=LATER)


def grade(w: World) -> None:
    result = Step(
        None, StepKind.RESULT, component="Interview", attempt="first", on=LATER.date(), result="Pass"
    )
    actions_assessment.record_step(w.session, w.priya, result, now=LATER + timedelta(days=1))
    step = Step(None, StepKind.OVERALL, on=LATER.date(), result="Pass")
    actions_assessment.record_step(w.session, w.priya, step, now=LATER + timedelta(days=1))


@dataclass(frozen=True)
class Change:
    """What happens, and exactly which columns of the summary it moves."""

    name: str
    do: Callable[[World], object]
    moves: frozenset[str]
    before: Callable[[World], None] = nothing


def moved(*names: str) -> frozenset[str]:
    return frozenset(names)


CHANGES = [
    Change("a draft is begun", lambda w: a_draft(w.session, w.at, "K1"), moved()),
    Change("a draft is edited", edit_a_draft, moved(), lambda w: a_draft(w.session, w.at, "K1") and None),
    Change("a piece is submitted", submit, moved("map", "with_assessor", "pieces", "gaps") | WAITING | ACTIVE),
    Change("a piece lacks a declaration", not_declared, moved("map", "with_assessor", "pieces") | WAITING | ACTIVE),
    Change("a piece is taken back", lambda w: writing.take_back(w.session, w.amina, w.piece, now=LATER), moved("map", "with_assessor", "pieces", "gaps") | WAITING | ACTIVE, submitted),
    Change("a piece is withdrawn", lambda w: writing.withdraw(w.session, w.amina, w.piece, reason="Wrong one", now=LATER), moved("map", "with_assessor", "pieces", "gaps") | WAITING | ACTIVE, submitted),
    Change("everything is covered", lambda w: w.decide(K1="covered", S1="covered", D8="covered"), moved("with_assessor") | SIGNED | WAITING | ACTIVE, submitted),
    Change("something is returned", lambda w: w.decide(K1="covered", S1="not_yet", D8="partly"), moved("map", "statements_covered", "with_assessor", "returned", "partly") | HOW_FAR | WAITING | ACTIVE, submitted),
    Change("a returned piece gets a new draft", new_draft_of_returned, moved(), decided),
    Change("a returned piece is submitted again", lambda w: resubmitted(w.session, w.piece, "K1", "S1", "D8"), moved("map", "with_assessor", "partly") | WAITING | ACTIVE, decided),
    Change("a decision is superseded", supersede, moved("map", "statements_covered", "returned") | HOW_FAR, decided),
    Change("a duty is signed off from its page", sign_off_item, moved("map", "duties_covered", "partly") | HOW_FAR, decided),
    Change("a sign-off is withdrawn", withdraw_sign_off, moved("map", "statements_covered", "partly") | HOW_FAR, decided),
    Change("somebody comments", comment, ACTIVE, submitted),
    Change("a mentor is assigned", lambda w: an_assignment(w.session, w.at, w.cast.marek, "mentor"), moved()),
    Change("a break begins", on_break, moved("stage", "break_began_day", "earliest_gateway_day")),
    Change("a break ends", back_again, moved("stage", "break_began_day", "break_days", "back_day", "planned_gateway_day", "earliest_gateway_day"), on_break),
    Change("a break never was", lambda w: actions_time.remove_break(w.session, w.at, w.break_(), by=w.cast.priya.id, now=NOW), moved("break_days", "back_day", "planned_gateway_day"), away_and_back),
    Change("the start is moved", lambda w: setattr(w.at, "start_on", date(2025, 11, 3)), moved("start_day", "earliest_gateway_day")),
    Change("the planned gateway is moved", lambda w: setattr(w.at, "planned_gateway_on", date(2027, 8, 2)), moved("planned_gateway_day")),
    Change("the employer changes", lambda w: setattr(w.at, "employer_id", an_employer(w.session, w.cast.provider, "City Housing").id), moved("employer_id")),
    Change("the apprentice is renamed", lambda w: setattr(w.session.get_one(Person, w.cast.amina.id), "name", "Amina Zander"), moved("sort_name")),
    Change("the apprentice leaves", leaves, moved("stage")),
    Change("the apprentice comes back", lambda w: actions_time.undo_withdrawal(w.session, w.at, "A mistake", by=w.cast.priya.id, now=NOW), moved("stage"), leaves),
    Change("a DBS check is recorded", lambda w: a_dbs_record(w.session, w.at, w.cast.priya, next_check_due_on=date(2028, 1, 1)), moved("gaps", "dbs_due_day")),
    Change("English is proved", lambda w: a_qualification(w.session, w.at, w.cast.priya, "english"), moved("gaps")),
    Change("maths is proved", lambda w: a_qualification(w.session, w.at, w.cast.priya, "maths"), moved("gaps")),
    Change("a plan makes Entry Level 3 enough", lambda w: a_support_record(w.session, w.at, w.cast.priya, plan="education_health_care_plan", plan_seen_on=date(2026, 9, 1)), moved("gaps"), lambda w: a_qualification(w.session, w.at, w.cast.priya, "maths", qualification="entry_level_3") and None),
    Change("the cohort goes by the funding rules", lambda w: setattr(w.session.get_one(Cohort, w.cast.cohort.id), "english_maths_policy", "funding_rules"), moved("gaps")),
    Change("learning is entered", logged, moved()),
    Change("learning is confirmed", confirmed, moved("hours_confirmed"), logged),
    Change("hours are planned", lambda w: a_plan(w.session, w.at, w.cast.priya), moved("hours_planned")),
    Change("somebody declares", lambda w: actions_lock.declare(w.session, w.priya, Party.PROVIDER, now=LATER), moved("declarations"), everything),
    Change("the portfolio is locked", lock, moved("stage", "through_day"), everything_declared),
    Change("the lock is opened", unlock, moved("stage", "through_day", "declarations"), locked),
    Change("the grade is recorded", grade, moved("stage"), locked),
]  # fmt: skip
