"""Verify names sixty seeded faults, each as what it is, and invents none; on a folder and on S3."""

from __future__ import annotations

import io
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, Progress
from portfolio.assessment.models import Decision
from portfolio.database import Database
from portfolio.evidence.models import EvidenceFile, VersionFile
from portfolio.ledger.chain import Head
from portfolio.ledger.models import LedgerEntry, LedgerSalt
from portfolio.migrate import migrate
from portfolio.objects import actions as objects
from portfolio.preparation.models import FilePreparation
from portfolio.safekeeping.command_verify import verify_site
from portfolio.safekeeping.faults import Fault
from portfolio.safekeeping.verify import Figures, Site, repair_summaries, summary_faults
from storage.folder import FolderStore
from storage.store import EvidenceStore, StoreUnavailable, new_key
from tests.builders import Cast, a_draft
from tests.gateway.steps import a_decision
from tests.safekeeping.damage import Expected, Vandal
from tests.safekeeping.house import found, furnish, texts

IN_THREE_DAYS = timedelta(days=3)


def said(faults: list[Fault]) -> Counter[Expected]:
    """Each fault as its kind and what it is about."""
    return Counter(
        (
            one.kind,
            next(one.about[name] for name in ("key", "path", "row", "apprenticeship") if name in one.about),
        )
        for one in faults
        if one.kind != "ledger"
    )


def test_sixty_faults_are_named_and_none_is_invented(
    database: Database,
    as_owner: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    any_store: EvidenceStore,
) -> None:
    things = furnish(session, cast, catalogue, any_store, files=40)
    assert found(database, any_store, catalogue) == []
    vandal = Vandal(as_owner, any_store, cast, things)
    vandal.do_everything()
    assert len(vandal.expected) >= 60

    faults = found(database, any_store, catalogue, now=datetime.now(UTC) + IN_THREE_DAYS)

    assert said(faults) == Counter(one for one in vandal.expected if one[0] != "ledger")
    ledger = [one for one in faults if one.kind == "ledger"]
    assert ledger
    assert {one.about["provider"] for one in ledger} <= {str(cast.provider.id), "None"}
    assert "missing" in " ".join(one.about["name"] for one in ledger)
    for name in ("Amina", "Archer", "Olu", "Näme", "Piece"):
        assert not any(name in str(one) + one.json() for one in faults)


def test_quick_finds_what_sizes_tell(
    database: Database,
    as_owner: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    store: FolderStore,
) -> None:
    things = furnish(session, cast, catalogue, store)
    vandal = Vandal(as_owner, store, cast, things)
    expected = Counter([vandal.lose(things[0]), vandal.cut(things[1]), vandal.lengthen(things[2])])
    vandal.flip(things[3])  # the size is the same: only reading it would tell
    figures = Figures()
    assert said(found(database, store, catalogue, quick=True, figures=figures)) == expected
    assert figures.bytes == 0


def test_what_is_on_its_way_is_no_fault(
    database: Database, session: Session, cast: Cast, catalogue: Catalogue, store: FolderStore
) -> None:
    """Young objects without a name, reserved ones of any age, and those that a job is about to remove."""
    furnish(session, cast, catalogue, store)
    now = datetime.now(UTC)
    young, reserved, leaving = (new_key(str(cast.provider.id)) for _ in range(3))
    for key in (young, reserved, leaving):
        store.put(key, b"on its way")
    objects.reserve(
        database, cast.provider.id, cast.amina.id, [reserved, new_key(str(cast.provider.id))], now
    )
    with database.writing() as writing:
        objects.remove_later(writing, [leaving], now)
    figures = Figures()
    assert found(database, store, catalogue, figures=figures) == []
    assert figures.on_their_way == 3
    later = found(database, store, catalogue, now=now + IN_THREE_DAYS)
    assert [(one.kind, one.about["key"]) for one in later] == [("orphaned", young)]


class Meanwhile(FolderStore):
    """A store whose listing takes so long that something else happens first."""

    happens: Callable[[], None] = staticmethod(lambda: None)

    def keys(self, prefix: str = "") -> Iterator[str]:
        self.happens()
        return super().keys(prefix)


def test_a_file_that_goes_while_verify_looks_is_no_fault(
    database: Database,
    as_owner: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    store: FolderStore,
) -> None:
    """A draft loses its file, row and object, after the rows were read and before the store is listed."""
    thing = furnish(session, cast, catalogue, store)[0]
    vandal = Vandal(as_owner, store, cast, [thing])

    def happens() -> None:
        with vandal.past_the_walls() as connection:
            for table, column in (
                (VersionFile, "file_id"),
                (FilePreparation, "file_id"),
                (EvidenceFile, "id"),
            ):
                connection.execute(delete(table).where(getattr(table, column) == thing.row))
        store.delete(thing.key)

    slow = Meanwhile(store.folder)
    slow.happens = happens  # type: ignore[method-assign]
    assert found(database, slow, catalogue) == []


def test_bytes_that_cannot_be_read_are_a_fault_and_a_store_that_is_away_is_not(
    database: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    store: FolderStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A folder in the place of a file stands for a bad sector: it is there, and reading it is an error."""
    monkeypatch.setattr("portfolio.safekeeping.copying.WAITS", (0.0,))
    things = furnish(session, cast, catalogue, store, files=24)
    for thing in things[:2]:
        store.delete(thing.key)
        (store.folder / thing.key).mkdir()
    faults = found(database, store, catalogue)
    assert said(faults) == Counter(("unreadable", thing.key) for thing in things[:2])
    for key in [key for key in store.keys() if (store.folder / key).is_file()]:  # noqa: SIM118
        store.delete(key)
        (store.folder / key).mkdir()
    with pytest.raises(StoreUnavailable):
        found(database, store, catalogue)


def test_a_head_that_left_the_system_shows_a_cut_tail(
    database: Database,
    as_owner: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    store: FolderStore,
) -> None:
    furnish(session, cast, catalogue, store)
    newest = session.execute(
        select(LedgerEntry.seq, LedgerEntry.hash)
        .where(LedgerEntry.provider_id == cast.provider.id)
        .order_by(LedgerEntry.seq.desc())
    ).first()
    assert newest is not None
    head = Head(cast.provider.id, *newest)
    wrong = Head(cast.provider.id, head.seq + 1, "f" * 64)
    assert printed(Site(database, store, catalogue, (head,)))[0] == 0
    code, lines = printed(Site(database, store, catalogue, (head, wrong)))
    assert code == 1
    assert f"entry {wrong.seq}" in lines[0]
    assert "tail cut off" in lines[0]


def printed(site: Site, **options: bool) -> tuple[int, list[str]]:
    """How the command ends, and what it prints."""
    with redirect_stdout(io.StringIO()) as out:
        code = verify_site(site, **options)
    return code, out.getvalue().splitlines()


def test_the_command_prints_a_line_per_fault_counts_them_and_speaks_json(
    database: Database, session: Session, cast: Cast, catalogue: Catalogue, store: FolderStore
) -> None:
    things = furnish(session, cast, catalogue, store)
    site = Site(database, store, catalogue)
    code, lines = printed(site)
    assert (code, lines[-1]) == (0, "No fault.")
    vandal = Vandal(database, store, cast, things)
    vandal.lose(things[0])
    vandal.flip(things[1])
    vandal.flip(things[2])
    code, lines = printed(site)
    assert code == 1
    assert len(lines) == 5
    assert lines[-1] == "3 faults: 1 missing, 2 altered."
    assert lines[0].startswith(f"missing: {things[0].key} is not there (evidence_file {things[0].row}")
    code, lines = printed(site, as_json=True)
    *faults, summary = [json.loads(line) for line in lines]
    assert code == 1
    assert {one["key"] for one in faults} == {thing.key for thing in things[:3]}
    assert summary["faults"] == {"missing": 1, "altered": 2}
    assert summary["objects"] == 19


def test_a_text_that_was_erased_with_its_salt_is_told_and_is_no_fault(
    database: Database,
    as_owner: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    store: FolderStore,
) -> None:
    piece = a_draft(session, session.get_one(Apprenticeship, cast.amina_at.id), "K7")
    decision = a_decision(session, piece, cast.asha, "K7", "partly")
    furnish(session, cast, catalogue, store)
    site = Site(database, store, catalogue)
    assert printed(site)[1][-1] == "No fault."
    with Vandal(as_owner, store, cast, []).past_the_walls() as connection:
        connection.execute(update(Decision).where(Decision.id == decision.id).values(missing="[erased]"))
    assert printed(site)[0] == 1, "its salt is still there: somebody altered it"
    with database.writing() as writing:
        entry = select(LedgerEntry.id).where(LedgerEntry.record_id == decision.id)
        salts = delete(LedgerSalt).where(LedgerSalt.entry_id.in_(entry), LedgerSalt.field == "missing")
        writing.execute(salts.execution_options(synchronize_session=False))
    code, lines = printed(site)
    assert (code, lines[-1]) == (0, "No fault.")
    assert lines[0].startswith("erased: ")
    assert "Texts that were erased: 1;" in lines[-2]
    assert json.loads(printed(site, as_json=True)[1][-1])["notes"] == {"erased": 1}


def test_repairing_puts_wrong_summaries_right_and_touches_no_other(
    database: Database,
    as_owner: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    store: FolderStore,
) -> None:
    furnish(session, cast, catalogue, store)
    before = texts(database)["progress"]
    vandal = Vandal(as_owner, store, cast, [])
    with vandal.past_the_walls() as connection:
        connection.execute(
            update(Progress)
            .where(Progress.apprenticeship_id == cast.amina_at.id)
            .values(statements_covered=99, sort_name="somebody else")
        )
    lines = [fault.line for fault in summary_faults(database, catalogue)]
    assert len(lines) == 2
    assert not any("somebody" in line or "archer" in line for line in lines)
    assert repair_summaries(database, catalogue) == 1
    assert list(summary_faults(database, catalogue)) == []
    assert texts(database)["progress"] == before
    assert repair_summaries(database, catalogue) == 0


def test_a_damaged_file_of_sqlite_is_said(tmp_path: Path, catalogue: Catalogue, store: FolderStore) -> None:
    """A row that refers to nothing: SQLite does not look again by itself."""
    database = Database(f"sqlite:///{tmp_path / 'damaged.db'}")
    migrate(database)
    with sqlite3.connect(tmp_path / "damaged.db") as raw:
        raw.execute(
            "INSERT INTO kept_form (id, person_id, path, fields, had_files, kept_at) "
            "VALUES (?, ?, '/', '[]', 0, '2026-11-02 09:30:00.000000')",
            ("0" * 32, "1" * 32),
        )
    raw.close()
    faults = found(database, store, catalogue)
    assert [str(one) for one in faults] == [
        "database: a row of kept_form refers to a row of person that is not there"
    ]
    database.engine.dispose()
