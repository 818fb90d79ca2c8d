"""The demonstration as a whole: every stage is there, the summaries are right, and a lock can be trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kbs.catalogue import SHIPPED, load_catalogue
from portfolio.apprenticeships.models import Apprenticeship, Cohort, Employer, Progress
from portfolio.assessment.models import Decision
from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.demo.load import load
from portfolio.development.models import RefresherOverride, ReviewLearnt, Supervision
from portfolio.development.standing import standings
from portfolio.evidence.models import EvidenceFile
from portfolio.feedback import models as feedback
from portfolio.frameworks.models import CompetencyLink, CompetencyRating, FrameworkChoice
from portfolio.people.models import Provider
from portfolio.staff.standing import standings as standings_of_staff
from portfolio.training.models import HoursConfirmation, HoursPlan, TrainingEntry
from storage.checks import sha256_of
from storage.folder import FolderStore


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
        assert logs["returned"] == 1
        assert (session.scalar(select(func.count(HoursPlan.id))) or 0) > 30
        assert session.scalar(select(func.count(TrainingEntry.id)).where(TrainingEntry.english_maths)) == 1
        assert (session.scalar(select(func.count(FrameworkChoice.id))) or 0) > 30
        assert len(set(session.scalars(select(CompetencyRating.apprenticeship_id)))) == 1
        assert set(session.scalars(select(CompetencyRating.side))) == {"own", "second"}
        assert session.scalar(select(func.count(CompetencyLink.entry_id))) == 6
        assert session.scalar(select(func.count(CompetencyLink.evidence_id))) == 6
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
        assert session.scalar(select(func.count(RefresherOverride.id))) == 1
        assert session.scalar(select(func.count(Supervision.id))) == 3
        assert session.scalar(select(func.count(ReviewLearnt.id))) == 2
        kinds = set(session.scalars(select(EvidenceFile.kind)))
        assert {"jpeg", "pdf", "docx", "wav"} <= kinds
        for file in session.scalars(select(EvidenceFile)):
            copy = tmp_path / "copy"
            copy.write_bytes(b"".join(store.read(file.storage_key)))
            assert sha256_of(copy) == file.sha256_stored
