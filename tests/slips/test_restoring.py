"""A backup from before a purge still holds what was purged: restored, it is purged again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.app import open_store
from portfolio.database import Database
from portfolio.evidence.models import EvidenceFile, EvidenceVersion
from portfolio.feedback.models import Comment
from portfolio.jobs.models import Job
from portfolio.objects.actions import REMOVE
from portfolio.safekeeping.backup import Source, back_up
from portfolio.safekeeping.places import FolderPlace
from portfolio.safekeeping.restore import restore
from portfolio.sealing.models import Tombstone
from portfolio.settings import Settings
from storage.folder import FolderStore
from tests.builders import Cast
from tests.safekeeping.house import empty_place
from tests.slips.steps import NAME, REMOVED, Open, a_lead, a_named_piece, answer, report, slip_at
from tests.slips.test_closing import ledger_faults


def test_a_restored_backup_is_purged_again(
    browser: Open, session: Session, cast: Cast, database: Database, settings: Settings, tmp_path: Path
) -> None:
    lead, elsewhere, told = a_lead(session, cast), FolderPlace(tmp_path / "elsewhere"), list[str]()
    piece = a_named_piece(browser, cast)
    (tmp_path / "standards").mkdir(exist_ok=True)
    source = Source(database, open_store(settings), tmp_path / "standards")
    before = back_up(source, elsewhere, say=told.append).manifest
    report(browser, cast, piece, cast.marek)
    assert answer(browser(lead), slip_at(database, cast, piece), "purge").status_code == 303
    back_up(source, elsewhere, say=told.append)
    with empty_place(tmp_path) as place:
        target = place.target(FolderStore(tmp_path / "new-files"), tmp_path / "new")
        restore(elsewhere, before, target, now=datetime.now(UTC), say=told.append)
        with target.owner.reading() as restored:
            titles = set(restored.scalars(select(EvidenceVersion.title)))
            names = set(restored.scalars(select(EvidenceFile.name)))
            comments = set(restored.scalars(select(Comment.text)))
            stones = restored.scalars(select(Tombstone)).all()
            leaving = {
                key
                for one in restored.scalars(select(Job).where(Job.kind == REMOVE))
                for key in one.payload["keys"]
            }
        assert (titles, names, comments) == ({REMOVED}, {REMOVED}, {REMOVED})
        assert [stone.evidence_id for stone in stones] == [piece]
        assert leaving == set(target.store.keys()), (
            "its bytes leave the store with the first work that is done"
        )
        assert ledger_faults(target.owner) == []
        target.owner.engine.dispose()
    assert any("purged again" in line for line in told)
    assert NAME not in " ".join(told)
