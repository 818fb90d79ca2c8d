"""What is purged counts no more against anybody's room; a covered copy counts as what is kept."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pypdf
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.app import open_store
from portfolio.database import Database
from portfolio.evidence import quotas
from portfolio.evidence.models import EvidenceFile
from portfolio.evidence.quotas import StorageUse
from portfolio.safekeeping.backup import Source, back_up
from portfolio.safekeeping.places import FolderPlace
from portfolio.safekeeping.restore import restore
from portfolio.settings import Settings
from storage.folder import FolderStore
from tests.builders import Cast
from tests.evidence.steps import all_files, complete, leads_to, pages_of, piece_id, send, work_off
from tests.redaction import secret
from tests.safekeeping.house import empty_place, found
from tests.slips.steps import Open, a_lead, a_named_piece, address, answer, report, slip_at

Sums = dict[UUID, tuple[int, int]]


def sums(database: Database) -> Sums:
    """The sums as they are kept: bytes and files of each person and provider that has any."""
    with database.reading() as session:
        rows = session.scalars(select(StorageUse)).all()
        return {row.holder_id: (row.bytes, row.files) for row in rows if row.bytes or row.files}


def differences(database: Database) -> list[quotas.Difference]:
    with database.reading() as session:
        return quotas.differences(session)


def in_store(settings: Settings, *keys: str) -> int:
    """How many bytes really lie in the store under these keys."""
    store = open_store(settings)
    return sum(store.size(key) for key in keys if store.exists(key))


def test_purged_files_count_no_more_and_the_others_still_do(
    browser: Open,
    session: Session,
    cast: Cast,
    database: Database,
    settings: Settings,
    catalogue: Catalogue,
) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    other = send(browser(cast.amina), pages_of(cast.amina_at), complete(), ("kept.txt", b"It stays." * 500))
    purged, kept = sorted(all_files(database), key=lambda file: file.evidence_id != piece)
    assert kept.evidence_id == piece_id(other)
    both = (purged.size + kept.size, 2)
    assert sums(database) == {cast.amina.id: both, cast.provider.id: both}

    report(browser, cast, piece, cast.marek)
    assert sums(database) == {cast.amina.id: both, cast.provider.id: both}, "closed is still kept"
    for _ in range(2):  # a double tap takes nothing off twice
        answer(browser(lead), slip_at(database, cast, piece), "purge")
    work_off(browser(lead))
    left = (kept.size, 1)
    assert sums(database) == {cast.amina.id: left, cast.provider.id: left}
    assert in_store(settings, purged.storage_key, kept.storage_key) == kept.size
    assert differences(database) == []
    with database.writing() as fresh:
        assert quotas.recount(fresh) == []
    assert sums(database) == {cast.amina.id: left, cast.provider.id: left}
    assert [one for one in found(database, open_store(settings), catalogue) if one.kind == "summary"] == []


def test_a_sum_that_an_earlier_version_left_is_found_and_mended(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    """Before this, what was purged still counted."""
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast, talked=False)
    [file] = all_files(database)
    report(browser, cast, piece, cast.marek)
    answer(browser(lead), slip_at(database, cast, piece), "purge")
    with database.writing() as fresh:
        for row in fresh.scalars(select(StorageUse)):
            row.bytes, row.files = file.size, 1
    with database.writing() as fresh:
        wrong = {(one.holder_id, one.kept, one.counted) for one in quotas.recount(fresh)}
    assert wrong == {(cast.amina.id, file.size, 0), (cast.provider.id, file.size, 0)}
    assert sums(database) == {}


def test_after_a_restore_the_sums_are_those_of_what_came_back(
    browser: Open,
    session: Session,
    cast: Cast,
    database: Database,
    settings: Settings,
    catalogue: Catalogue,
    tmp_path: Path,
) -> None:
    """The sums of the older backup count the piece; it is purged again, and so are they."""
    lead, elsewhere = a_lead(session, cast), FolderPlace(tmp_path / "elsewhere")
    piece = a_named_piece(browser, cast)
    (tmp_path / "standards").mkdir(exist_ok=True)
    source = Source(database, open_store(settings), tmp_path / "standards")
    before = back_up(source, elsewhere, say=lambda line: None).manifest
    report(browser, cast, piece, cast.marek)
    answer(browser(lead), slip_at(database, cast, piece), "purge")
    back_up(source, elsewhere, say=lambda line: None)
    with empty_place(tmp_path) as place:
        target = place.target(FolderStore(tmp_path / "new-files"), tmp_path / "new")
        restore(elsewhere, before, target, now=datetime.now(UTC), say=lambda line: None)
        assert sums(target.owner) == {}
        assert differences(target.owner) == []
        faults = found(target.owner, target.store, catalogue)
        assert [fault.line for fault in faults] == []
        target.owner.engine.dispose()


def test_a_covered_copy_counts_instead_of_what_it_replaced(
    browser: Open, cast: Cast, database: Database, settings: Settings
) -> None:
    page = browser(cast.amina)
    draft = leads_to(
        send(page, pages_of(cast.amina_at), complete(), ("Plan.pdf", secret.document()))
    ).partition("?")[0]
    [file] = all_files(database)
    assert cover(page, draft, file) == 303
    work_off(page)
    [copy] = all_files(database)
    assert copy.id != file.id
    assert copy.size != file.size
    assert len(pypdf.PdfReader(io.BytesIO(page.get(f"{draft}/files/{copy.id}").content)).pages) == 2
    assert sums(database) == {cast.amina.id: (copy.size, 1), cast.provider.id: (copy.size, 1)}
    assert in_store(settings, file.storage_key, copy.storage_key) == copy.size
    assert differences(database) == []


def test_beside_a_version_that_was_submitted_both_count_until_the_old_one_is_purged(
    browser: Open, session: Session, cast: Cast, database: Database, settings: Settings
) -> None:
    lead, page = a_lead(session, cast), browser(cast.amina)
    sent = send(page, pages_of(cast.amina_at), complete(action="submit"), ("Plan.pdf", secret.document()))
    piece = piece_id(sent)
    draft = address(cast, piece)
    [file] = all_files(database)
    assert page.post(f"{draft}/take-back").status_code == 303
    assert cover(page, draft, file) == 303
    work_off(page)
    old, copy = all_files(database)
    both = (old.size + copy.size, 2)
    assert sums(database) == {cast.amina.id: both, cast.provider.id: both}
    assert in_store(settings, old.storage_key, copy.storage_key) == both[0]

    report(browser, cast, piece, cast.amina)
    answer(browser(lead), slip_at(database, cast, piece), "purge")
    work_off(page)
    assert sums(database) == {}
    assert in_store(settings, old.storage_key, copy.storage_key) == 0
    assert differences(database) == []


def cover(page: object, draft: str, file: EvidenceFile) -> int:
    at = f"{draft}/files/{file.id}/cover"
    return int(page.post(at, data={"boxes_1": "5 2 90 50"}).status_code)  # type: ignore[attr-defined]
