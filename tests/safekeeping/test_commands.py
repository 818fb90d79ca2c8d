"""What an operator types and reads: mistakes are answered with a sentence and the exit code 2, never with a trace."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.__main__ import main
from portfolio.apprenticeships.models import Progress
from portfolio.database import Base, Database, new_id
from portfolio.evidence.quotas import StorageUse
from portfolio.jobs.work import Work
from portfolio.jobs.worker import Worker
from portfolio.objects import jobs as objects
from portfolio.objects.queries import naming_columns
from portfolio.safekeeping.register import MEASURES
from portfolio.settings import Settings
from storage.folder import FolderStore
from storage.store import new_key
from tests.builders import Cast
from tests.safekeeping.commands import Ended
from tests.safekeeping.damage import Vandal
from tests.safekeeping.house import furnish
from tests.serving.running import environment, free_port

Run = Callable[..., Ended]


@pytest.fixture
def run(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """A command in this process: the others of this folder start real ones, and each start takes seconds."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    logger, root = logging.getLogger("portfolio"), logging.getLogger()
    before = root.handlers[:], root.level, logger.level

    def in_this_process(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(arguments)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    yield in_this_process
    root.handlers[:], root.level, logger.level = before


@pytest.fixture
def variables(
    database: Database, session: Session, cast: Cast, catalogue: Catalogue, store: FolderStore, tmp_path: Path
) -> dict[str, str]:
    """The settings of a lived-in installation."""
    furnish(session, cast, catalogue, store)
    return environment(database.engine.url.render_as_string(hide_password=False), tmp_path, free_port())


def refused(ended: Ended) -> str:
    assert ended.code == 2, ended.out + ended.err
    assert "Traceback" not in ended.err
    return ended.err.splitlines()[-1]


def test_mistakes_are_answered_with_a_sentence(variables: dict[str, str], run: Run, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert "There is no folder" in refused(run("backup", str(elsewhere)))
    elsewhere.mkdir()
    assert "lies in the store itself" in refused(run("backup", str(tmp_path / "files")))
    assert "--keep-days takes 1 to 35" in refused(run("backup", str(elsewhere), "--keep-days", "90"))
    assert "no complete backup" in refused(run("restore", str(elsewhere)))
    assert "PROVIDER:POSITION:HASH" in refused(run("verify", "--head", "7"))
    same = ("--to", variables["PORTFOLIO_DATABASE_URL"], "--storage", "folder:/tmp/x")
    assert "another database" in refused(run("move", *same))
    assert list(elsewhere.iterdir()) == []


def test_a_backup_says_what_it_wrote_and_is_listed(
    variables: dict[str, str], run: Run, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    made = run("backup", str(elsewhere), "--keep-days", "35")
    assert made.code == 0, made.err
    first, *_, last = made.out.splitlines()
    name = first.split()[1]
    assert first.startswith(f"Backup {name} is complete: ")
    assert "20 of them new in this place." in first
    assert last == "Removed: 0 old backups, 0 objects that no backup names any more."
    assert '"event": "safekeeping.backup_done"' in made.err
    listed = run("restore", str(elsewhere), "--list")
    assert listed.code == 0
    assert listed.out.startswith(name)
    assert "20 objects" in listed.out


def test_what_no_row_names_is_listed_and_removed_only_when_somebody_says_so(
    variables: dict[str, str],
    run: Run,
    database: Database,
    settings: Settings,
    cast: Cast,
    catalogue: Catalogue,
) -> None:
    store = FolderStore(Path(variables["PORTFOLIO_STORAGE_URL"][7:]))
    named = set(store.keys())
    old, young, elsewhere = (new_key(str(one)) for one in (cast.provider.id, cast.provider.id, new_id()))
    for key in (old, young, elsewhere):
        store.put(key, b"nobody's")
    for key in named | {old, elsewhere}:
        set_age(store.folder / key, days=3)
    listed = run("orphaned")
    assert listed.code == 0, listed.err
    *lines, last = listed.out.splitlines()
    assert [line.split()[0] for line in lines] == [old]
    assert last.startswith("1 without a name. Nothing was removed")
    removed = run("orphaned", "--remove")
    assert removed.code == 0, removed.err
    assert "1 will be removed by the worker" in removed.out
    now = datetime.now(UTC)
    Worker(Work(database, store, settings, catalogue, now), objects.HANDLERS, (), lambda: now).work_off()
    assert set(store.keys()) == named | {young, elsewhere}
    assert run("orphaned").out == "No object is without a name.\n"


def set_age(path: Path, days: int) -> None:
    then = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def test_wrong_summaries_are_put_right_by_the_command(
    variables: dict[str, str], run: Run, as_owner: Database, cast: Cast
) -> None:
    with Vandal(
        as_owner, FolderStore(Path(variables["PORTFOLIO_STORAGE_URL"][7:])), cast, []
    ).past_the_walls() as rows:
        rows.execute(update(Progress).values(pieces=99))
    wrong = run("verify-progress")
    assert (wrong.code, wrong.out.splitlines()[-1]) == (1, "2 differences.")
    right = run("verify-progress", "--repair")
    assert right.code == 0
    assert right.out.splitlines() == ["2 summaries were computed afresh.", "Every summary is right."]


def test_wrong_sums_of_files_are_said_and_put_right(
    variables: dict[str, str], run: Run, as_owner: Database, cast: Cast
) -> None:
    store = FolderStore(Path(variables["PORTFOLIO_STORAGE_URL"][7:]))
    with Vandal(as_owner, store, cast, []).past_the_walls() as rows:
        person = StorageUse.holder_id == cast.amina.id
        assert rows.execute(update(StorageUse).where(person).values(bytes=1)).rowcount == 1
        provider = StorageUse.holder_id == cast.provider.id
        assert rows.execute(update(StorageUse).where(provider).values(files=99)).rowcount == 1
    verified = run("verify", "--quick")
    assert verified.code == 1
    assert verified.out.splitlines()[-1] == "2 faults: 2 summary."
    assert f"summary: files of person {cast.amina.id} with provider" in verified.out
    assert "and the sum says 1 bytes" in verified.out
    wrong = run("verify-progress")
    assert (wrong.code, wrong.out.splitlines()[-1]) == (1, "2 differences.")
    right = run("verify-progress", "--repair")
    assert (right.code, right.out.splitlines()[1:]) == (
        0,
        ["2 sums of files were counted afresh.", "Every summary is right."],
    )
    assert run("verify", "--quick").code == 0


def test_every_column_that_names_an_object_is_known_to_verify() -> None:
    """What a row says of its object is compared; a new column with a size and a hash beside it belongs in MEASURES."""
    naming = {(column.table.name, column.name) for column in naming_columns()}
    assert set(MEASURES) <= naming
    for table, columns in MEASURES.items():
        assert set(columns) - {None} <= set(Base.metadata.tables[table[0]].columns.keys())
    for table in Base.metadata.tables.values():
        hashes = {column.name for column in table.columns if "sha256" in column.name}
        if any(name == table.name for name, _ in naming):
            known = {sha256 for (name, _), (_, sha256) in MEASURES.items() if name == table.name}
            assert hashes - {"sha256_received"} <= known, table.name
