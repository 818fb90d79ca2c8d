"""The demonstration as a whole: every stage is there, the summaries are right, and a lock can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kbs.catalogue import SHIPPED, load_catalogue
from kbs.refresher import DueState
from portfolio.apprenticeships.guards import open_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship, Cohort, Employer, Progress
from portfolio.assessment.models import Decision
from portfolio.cohorts import progress
from portfolio.cohorts.rules import ON_PROGRAMME as HAVE_A_PACE
from portfolio.cohorts.rules import ProgressFacts, behind_with_hours, hours_due
from portfolio.cohorts.standing import facts_of
from portfolio.database import Database, new_id
from portfolio.demo.load import load
from portfolio.development.models import RefresherOverride, ReviewLearnt, Supervision
from portfolio.development.standing import standing_of, standings
from portfolio.evidence.models import EvidenceFile
from portfolio.feedback import models as feedback
from portfolio.frameworks.models import CompetencyLink, CompetencyRating, FrameworkChoice
from portfolio.home.queries import due_for, own_portfolios
from portfolio.people.models import Person, Provider
from portfolio.people.sessions import viewer_for
from portfolio.staff.standing import standings as standings_of_staff
from portfolio.training.models import HoursConfirmation, HoursPlan, TrainingEntry
from portfolio.training.queries import log_of
from portfolio.training.rules.hours import Code
from portfolio.training.rules.report import STILL_LEARNING
from storage.checks import sha256_of
from storage.folder import FolderStore

SETTLING_IN = 28


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> tuple[Database, FolderStore]:
    store = FolderStore(tmp_path / "files")
    load(database, store, load_catalogue(SHIPPED), datetime.now(UTC), lambda _line: None)
    return database, store


def test_every_stage_and_outcome_is_there_and_every_summary_is_right(
    loaded: tuple[Database, FolderStore], tmp_path: Path
) -> None:
    database, store = loaded
    with database.reading() as session:
        counts = {
            model: session.scalar(select(func.count(model.id))) or 0
            for model in (
                Provider,
                Employer,
                Cohort,
                Apprenticeship,
                EvidenceFile,
                feedback.Comment,
                feedback.Testimony,
            )
        }
        assert counts[Provider] == 2
        assert len(set(session.scalars(select(Employer.name)))) == 3
        assert counts[Cohort] == 3
        assert counts[Apprenticeship] >= 40
        assert counts[feedback.Comment] > 100
        assert counts[feedback.Testimony] > 20
        stages = set(session.scalars(select(Progress.stage)))
        assert stages == {"active", "break", "withdrawn", "through", "assessed"}
        assert set(session.scalars(select(Decision.outcome))) == {"covered", "partly", "not_yet"}
        assert list(progress.verify(session, load_catalogue(SHIPPED))) == []
        logs = dict(
            session.execute(
                select(HoursConfirmation.outcome, func.count(HoursConfirmation.id)).group_by(
                    HoursConfirmation.outcome
                )
            ).all()
        )
        assert logs["confirmed"] > 300
        assert logs["returned"] == 5
        assert (session.scalar(select(func.count(HoursPlan.id))) or 0) > 30
        assert session.scalar(select(func.count(TrainingEntry.id)).where(TrainingEntry.english_maths)) == 1
        assert (session.scalar(select(func.count(FrameworkChoice.id))) or 0) > 30
        assert len(set(session.scalars(select(CompetencyRating.apprenticeship_id)))) == 1
        assert set(session.scalars(select(CompetencyRating.side))) == {"own", "second"}
        linked = {
            framework_id: (entries, pieces)
            for framework_id, entries, pieces in session.execute(
                select(
                    CompetencyLink.framework_id,
                    func.count(CompetencyLink.entry_id),
                    func.count(CompetencyLink.evidence_id),
                ).group_by(CompetencyLink.framework_id)
            )
        }
        assert linked == {"mk-together-2020": (6, 6), "pa3-2022": (1, 1)}, (
            "one of each under the earlier choice"
        )
        today = datetime.now(UTC).date()
        providers = set(session.scalars(select(Provider.id)))
        every = [one for provider in providers for one in standings(session, provider, [], today)]
        assert {one.row.refresher_state for one in every} >= {
            "in date",
            "due within 90 days",
            "due within 30 days",
            "overdue",
        }
        staff = [one for provider in providers for one in standings_of_staff(session, provider, [], today)]
        assert {one.row.refresher_state for one in staff} == {
            "in date",
            "due within 90 days",
            "overdue",
            "no rule",
        }
        assert len({one.employer_id for one in staff}) == 2
        assert len([one for one in staff if one.left_on]) == 1
        assert (session.scalar(select(func.count(RefresherOverride.id))) or 0) > 20
        assert (session.scalar(select(func.count(Supervision.id))) or 0) > 100
        assert session.scalar(select(func.count(ReviewLearnt.id))) == 2
        kinds = set(session.scalars(select(EvidenceFile.kind)))
        assert {"jpeg", "pdf", "docx", "wav"} <= kinds
        for file in session.scalars(select(EvidenceFile)):
            copy = tmp_path / "copy"
            copy.write_bytes(b"".join(store.read(file.storage_key)))
            assert sha256_of(copy) == file.sha256_stored
        believable(session, providers, today)
        amina_is_well_on_her_way(session, today)


def believable(session: Session, providers: set[UUID], today: date) -> None:
    """A provider as one might find it: most people are on track, some are not. Said once for everybody, and once for the
    provider that the demonstration is about."""
    large = max(providers, key=lambda one: len(standings(session, one, [], today)))
    for which in (providers, {large}):
        rows = session.scalars(select(Progress).where(Progress.provider_id.in_(which))).all()
        current = {one.apprenticeship_id for one in rows if one.stage in STILL_LEARNING}
        every = [one for each in which for one in standings(session, each, [], today)]
        late = [bool(one.row.overdue) for one in every if one.apprenticeship_id in current]
        assert 0.1 <= sum(late) / len(late) <= 0.35
        supervised = {one.row.supervision.state for one in every}
        assert {
            DueState.IN_DATE,
            DueState.AMBER,
            DueState.RED,
            DueState.OVERDUE,
            DueState.NEVER_DONE,
        } <= supervised
        shares = hours_against_due([facts_of(one) for one in rows], today)
        assert 0.5 <= sum(share >= 1 for share in shares) / len(shares) <= 0.85
        assert 1 <= sum(share < 0.6 for share in shares) <= 4
    entries = func.count(TrainingEntry.id)
    per_person = session.execute(select(entries).group_by(TrainingEntry.apprenticeship_id)).scalars().all()
    assert max(per_person) <= 100
    minutes = select(func.max(TrainingEntry.minutes)).where(TrainingEntry.counts)
    assert (session.scalar(minutes) or 0) <= 7 * 60 + 30


def hours_against_due(every: Iterable[ProgressFacts], today: date) -> list[float]:
    """Of those on programme with a plan: confirmed hours against what an even pace would have brought. In the first weeks
    an hour more or less makes all the difference."""
    found = []
    for facts in every:
        due = hours_due(facts, today.toordinal()) if facts.stage in HAVE_A_PACE else 0
        if due and facts.start_day <= today.toordinal() - SETTLING_IN:
            found.append(facts.hours_confirmed / due)
            assert behind_with_hours(facts, today.toordinal()) == (found[-1] < 1)
    return found


def amina_is_well_on_her_way(session: Session, today: date) -> None:
    """Up to three things to do, none of them overdue, and the log has the faults that an audit is there for."""
    found = session.scalars(
        select(Apprenticeship).join(Apprenticeship.apprentice).where(Person.name == "Amina Archer")
    ).one()
    progress_row = session.scalars(select(Progress).where(Progress.apprenticeship_id == found.id)).one()
    assert not behind_with_hours(facts_of(progress_row), today.toordinal())
    catalogue, viewer = load_catalogue(SHIPPED), viewer_for(session, found.apprentice_id, new_id())
    assert viewer is not None
    lines = due_for(session, own_portfolios(session, catalogue, viewer), datetime.now(UTC))[found.id]
    assert 1 <= len(lines) <= 3
    faults = log_of(session, open_apprenticeship(session, catalogue, viewer, found.id), today).findings
    assert {one.code for one in faults} >= {
        Code.EMPTY_MONTH, Code.ENGLISH_MATHS, Code.NOT_PAID, Code.NEW_UNKNOWN, Code.NO_STATEMENT,
    }  # fmt: skip
    assert not standing_of(session, found, today).row.overdue
    supervised = select(func.count(Supervision.id)).where(Supervision.apprenticeship_id == found.id)
    assert session.scalar(supervised) == 3
