"""What is on record for the gateway of one apprenticeship, and how it stands.

`facts_for` and `standing_for` run inside the commit of whoever changed something, so they look across providers and
send a constant number of small queries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased, joinedload

from kbs.coverage import CoverageMap
from kbs.statements import Standard
from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.gateway.facts import Declarations, GatewayFacts
from portfolio.gateway.from_records import OnRecord, facts_from
from portfolio.gateway.hours_query import hours_of
from portfolio.gateway.models import (
    AssessmentEvent,
    DbsRecord,
    Declaration,
    GatewayLock,
    GatewayUnlock,
    QualificationRecord,
    SupportRecord,
)
from portfolio.gateway.rules import check, gap_codes
from portfolio.web.formats import london_day

END_OF_TIME = date(9000, 1, 1)
"""The day on which a summary is computed: see `standing_for`."""
EVERYWHERE = {"across_providers": True}
LATER = aliased(AssessmentEvent)
"""An event that corrects another. Made once: making an alias costs more than the query."""


@dataclass(frozen=True)
class GatewayStanding:
    """What the progress summary keeps of the gateway."""

    gaps: tuple[str, ...]
    dbs_due_on: date | None
    earliest_on: date | None
    declarations: int
    locked_on: date | None
    assessed: bool
    hours_confirmed: int
    hours_planned: int
    """Minutes; 0: no plan is set."""


def standing_for(
    session: Session,
    apprenticeship: Apprenticeship,
    standard: Standard,
    coverage: CoverageMap,
    *,
    hours_confirmed: int | None = None,
) -> GatewayStanding:
    """Gaps of the check, the earliest date, declarations of this round, and whether it is locked or assessed.
    `hours_confirmed`: minutes, where they are known already.

    What is stored must stay right overnight, without a write. So the check is asked as of the end of time, where
    every recorded day has happened (the forms refuse days to come for what has happened), and with the DBS record's
    next due date taken out: that date is stored instead, and whoever reads the summary adds the gap "dbs" from the
    day after it. The earliest date likewise: a break without an end leaves it open, whenever it begins.
    Once the portfolio is locked there are no gaps left, whatever falls due later.
    """
    round_, locked_at = _lock_state(session, apprenticeship.id)
    assessed = _is_assessed(session, apprenticeship.id)
    facts = facts_for(
        session, apprenticeship, standard, coverage, round_=round_, hours_confirmed=hours_confirmed
    )
    declared = facts.declarations
    checked = check(_without_due_date(facts), END_OF_TIME)
    gaps = gap_codes(checked) if locked_at is None else ()
    return GatewayStanding(
        gaps=gaps,
        dbs_due_on=_dbs_due_on(facts) if locked_at is None and "dbs" not in gaps else None,
        earliest_on=checked.earliest_on,
        declarations=sum(
            day is not None for day in (declared.apprentice, declared.employer, declared.provider)
        ),
        locked_on=london_day(locked_at) if locked_at else None,
        assessed=assessed,
        hours_confirmed=facts.hours.confirmed if facts.hours else 0,
        hours_planned=facts.hours.planned if facts.hours else 0,
    )


def _without_due_date(facts: GatewayFacts) -> GatewayFacts:
    return facts if facts.dbs is None else replace(facts, dbs=replace(facts.dbs, next_check_due_on=None))


def _dbs_due_on(facts: GatewayFacts) -> date | None:
    if facts.dbs is None or facts.standard.dbs_sentence is None:
        return None
    return facts.dbs.next_check_due_on


def facts_for(
    session: Session,
    apprenticeship: Apprenticeship,
    standard: Standard,
    coverage: CoverageMap,
    *,
    round_: int | None = None,
    hours_confirmed: int | None = None,
) -> GatewayFacts:
    """Everything the check asks for. The apprenticeship comes with its cohort loaded. Eight queries, nine without
    `round_` (the round of declarations that counts now); one fewer with `hours_confirmed` (minutes)."""
    if round_ is None:
        round_ = current_round(session, apprenticeship)
    qualifications = _newest_qualifications(session, apprenticeship.id)
    pieces, undeclared = _evidence(session, apprenticeship.id)
    found = OnRecord(
        dbs=newest_dbs(session, apprenticeship.id),
        english=qualifications.get("english"),
        maths=qualifications.get("maths"),
        support=newest_support(session, apprenticeship.id),
        breaks=_breaks(session, apprenticeship.id),
        evidence_pieces=pieces,
        undeclared_pieces=undeclared,
        declarations=_declared(session, apprenticeship.id, round_),
    )
    hours = hours_of(session, apprenticeship, standard, found.breaks, confirmed=hours_confirmed)
    found = replace(found, hours=hours)
    return facts_from(found, apprenticeship, standard, coverage)


# These run in every commit that concerns somebody. They are made once: making one costs more than running it.
_DBS = (
    select(DbsRecord)
    .where(DbsRecord.apprenticeship_id == bindparam("one"))
    .order_by(DbsRecord.id.desc())
    .limit(1)
    .execution_options(**EVERYWHERE)
)


def newest_dbs(session: Session, apprenticeship_id: UUID) -> DbsRecord | None:
    """The DBS record that stands."""
    return session.scalar(_DBS, {"one": apprenticeship_id})


_SUPPORT = (
    select(SupportRecord)
    .where(SupportRecord.apprenticeship_id == bindparam("one"))
    .order_by(SupportRecord.id.desc())
    .limit(1)
    .execution_options(**EVERYWHERE)
)


def newest_support(session: Session, apprenticeship_id: UUID) -> SupportRecord | None:
    """The record of plan, statement and judgements that stands."""
    return session.scalar(_SUPPORT, {"one": apprenticeship_id})


_QUALIFICATIONS = (
    select(QualificationRecord)
    .where(QualificationRecord.apprenticeship_id == bindparam("one"))
    .order_by(QualificationRecord.id)
    .execution_options(**EVERYWHERE)
)


def _newest_qualifications(session: Session, apprenticeship_id: UUID) -> dict[str, QualificationRecord]:
    rows = session.scalars(_QUALIFICATIONS, {"one": apprenticeship_id})
    return {row.subject: row for row in rows}  # the last row of a subject wins


_BREAKS = (
    select(BreakInLearning.began_on, BreakInLearning.ended_on)
    .where(BreakInLearning.apprenticeship_id == bindparam("one"))
    .order_by(BreakInLearning.began_on, BreakInLearning.id)
    .execution_options(**EVERYWHERE)
)


def _breaks(session: Session, apprenticeship_id: UUID) -> list[tuple[date, date | None]]:
    rows = session.execute(_BREAKS, {"one": apprenticeship_id})
    return [(began_on, back_on) for began_on, back_on in rows]


_EVIDENCE = (
    select(
        EvidenceVersion.evidence_id,
        EvidenceVersion.title,
        EvidenceVersion.nobody_identifiable,
        EvidenceVersion.own_work,
        EvidenceVersion.confidentiality,
    )
    .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
    .where(
        EvidenceVersion.apprenticeship_id == bindparam("one"),
        EvidenceVersion.submitted_at.is_not(None),
        Evidence.state.notin_(("draft", "withdrawn")),
    )
    .order_by(EvidenceVersion.evidence_id, EvidenceVersion.number)
    .execution_options(**EVERYWHERE)
)


def _evidence(session: Session, apprenticeship_id: UUID) -> tuple[int, tuple[str, ...]]:
    """How many pieces were ever submitted and not withdrawn, and the titles of those that lack a declaration.

    What counts is the newest version that was handed in: a draft begun on a returned piece changes nothing yet.
    """
    rows = session.execute(_EVIDENCE, {"one": apprenticeship_id})
    newest = {evidence_id: (title, all(declared)) for evidence_id, title, *declared in rows}
    return len(newest), tuple(title for title, declared in newest.values() if not declared)


_DECLARED = (
    select(Declaration.party, Declaration.signed_at)
    .where(Declaration.apprenticeship_id == bindparam("one"), Declaration.round == bindparam("round"))
    .order_by(Declaration.id)
    .execution_options(**EVERYWHERE)
)


def _declared(session: Session, apprenticeship_id: UUID, round_: int) -> Declarations:
    rows = session.execute(_DECLARED, {"one": apprenticeship_id, "round": round_})
    return Declarations(**{party: london_day(signed_at) for party, signed_at in rows})


_ASSESSED = (
    select(AssessmentEvent.id)
    .outerjoin(LATER, LATER.corrects_id == AssessmentEvent.id)
    .where(
        AssessmentEvent.apprenticeship_id == bindparam("one"),
        AssessmentEvent.kind == "overall",
        AssessmentEvent.result != "",
        LATER.id.is_(None),
    )
    .limit(1)
    .execution_options(**EVERYWHERE)
)


def _is_assessed(session: Session, apprenticeship_id: UUID) -> bool:
    """An overall grade stands: recorded, and neither corrected nor struck out since."""
    found = session.scalar(_ASSESSED, {"one": apprenticeship_id})
    return found is not None


_LOCKS = (
    select(GatewayLock.locked_at, GatewayUnlock.id)
    .outerjoin(GatewayUnlock, GatewayUnlock.lock_id == GatewayLock.id)
    .where(GatewayLock.apprenticeship_id == bindparam("one"))
    .order_by(GatewayLock.round)
    .execution_options(**EVERYWHERE)
)


def _lock_state(session: Session, apprenticeship_id: UUID) -> tuple[int, datetime | None]:
    """The round that runs, and since when the portfolio is locked in it."""
    rows = session.execute(_LOCKS, {"one": apprenticeship_id}).all()
    opened = sum(unlock_id is not None for _, unlock_id in rows)
    standing = [locked_at for locked_at, unlock_id in rows if unlock_id is None]
    return opened + 1, standing[-1] if standing else None


def standing_lock(session: Session, apprenticeship: Apprenticeship) -> GatewayLock | None:
    """The lock that no unlock has opened, with who locked, if there is one."""
    return session.scalar(
        select(GatewayLock)
        .outerjoin(GatewayUnlock, GatewayUnlock.lock_id == GatewayLock.id)
        .where(GatewayLock.apprenticeship_id == apprenticeship.id, GatewayUnlock.id.is_(None))
        .options(joinedload(GatewayLock.locked_by))
        .execution_options(**EVERYWHERE)
    )


def current_round(session: Session, apprenticeship: Apprenticeship) -> int:
    """Declarations and locks count by rounds: an unlock starts the next."""
    return _lock_state(session, apprenticeship.id)[0]
