"""What was backed up comes back whole into an empty place, or is refused with a reason; half never looks like all."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kbs.catalogue import SHIPPED, Catalogue
from portfolio.commands import reason_against_running
from portfolio.database import Database
from portfolio.migrate import is_current, migrate
from portfolio.objects.models import ObjectHold
from portfolio.people.models import Person, SignedInSession, SingleUseLink
from portfolio.safekeeping.backup import Source, back_up
from portfolio.safekeeping.manifest import MANIFEST, OBJECTS, Manifest, read_manifest, table_file, under
from portfolio.safekeeping.mark import reason_against_use
from portfolio.safekeeping.packing import Spoilt
from portfolio.safekeeping.places import FolderPlace, NotThere
from portfolio.safekeeping.restore import Restored, restore
from portfolio.safekeeping.target import NewerVersion, NotEmpty, Target, has_rows
from portfolio.walls import NoSuchRole
from storage.folder import FolderStore
from storage.store import EvidenceStore, StoreUnavailable, new_key
from tests.builders import NOW, Cast
from tests.safekeeping.house import (
    ON_POSTGRESQL,
    Place,
    Thing,
    contents,
    empty_place,
    found,
    furnish,
    opened,
    texts,
)

ACCESS = ("signed_in_session", "single_use_link", "object_hold")
"""Tables whose rows change in a restore."""


@pytest.fixture
def things(session: Session, cast: Cast, catalogue: Catalogue, store: FolderStore) -> list[Thing]:
    return furnish(session, cast, catalogue, store)


@pytest.fixture
def elsewhere(tmp_path: Path) -> FolderPlace:
    return FolderPlace(tmp_path / "elsewhere")


@pytest.fixture
def backup(
    things: list[Thing], database: Database, store: FolderStore, elsewhere: FolderPlace, tmp_path: Path
) -> Manifest:
    standards = tmp_path / "standards"
    standards.mkdir()
    for path in SHIPPED.glob("*.yaml"):
        (standards / path.name).write_bytes(path.read_bytes())
    return back_up(Source(database, store, standards), elsewhere, say=lambda line: None).manifest


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with empty_place(tmp_path) as place:
        yield place


@pytest.fixture
def target(place: Place, any_store: EvidenceStore, tmp_path: Path) -> Iterator[Target]:
    """Empty, with a store of each sort."""
    target = place.target(any_store, tmp_path / "new")
    yield target
    target.owner.engine.dispose()


@pytest.fixture
def simple(place: Place, tmp_path: Path) -> Iterator[Target]:
    """Empty, with a folder."""
    target = place.target(FolderStore(tmp_path / "new" / "files"), tmp_path / "new")
    yield target
    target.owner.engine.dispose()


def brought(elsewhere: FolderPlace, manifest: Manifest, target: Target) -> Restored:
    return restore(elsewhere, manifest, target, now=datetime.now(UTC), say=lambda line: None)


def test_everything_comes_back_as_it_was(
    backup: Manifest,
    elsewhere: FolderPlace,
    target: Target,
    place: Place,
    things: list[Thing],
    database: Database,
    store: FolderStore,
    catalogue: Catalogue,
) -> None:
    restored = brought(elsewhere, backup, target)
    assert restored.faults == []
    assert (restored.rows, restored.objects) == (backup.rows, backup.objects)
    assert contents(target.store) == contents(store)
    assert texts(target.owner, but=ACCESS) == texts(database, but=ACCESS)
    assert is_current(target.owner)
    assert sorted(path.name for path in target.standards.iterdir()) == sorted(backup.standards)
    serving = opened(place.application, catalogue)  # as the role that serves sees it
    assert found(serving, target.store, catalogue) == []
    serving.engine.dispose()


def test_nobody_is_signed_in_and_no_link_works_after_a_restore(
    backup: Manifest, elsewhere: FolderPlace, simple: Target, session: Session
) -> None:
    assert session.scalars(select(SignedInSession.ended_at)).one() is None
    brought(elsewhere, backup, simple)
    with simple.owner.reading() as reading:
        now = datetime.now(UTC)
        assert all(reading.scalars(select(SignedInSession.ended_at)))
        assert all(one <= now for one in reading.scalars(select(SingleUseLink.expires_at)))
        assert reading.scalars(select(ObjectHold)).all() == []


def test_a_place_that_is_not_empty_is_refused_and_left_alone(
    backup: Manifest, elsewhere: FolderPlace, simple: Target, cast: Cast, catalogue: Catalogue
) -> None:
    stray = new_key(str(cast.provider.id))
    simple.store.put(stray, b"somebody else's")
    with pytest.raises(NotEmpty, match="1 objects that are not of this backup"):
        brought(elsewhere, backup, simple)
    assert list(simple.store.keys()) == [stray]
    simple.store.delete(stray)
    brought(elsewhere, backup, simple)
    before = texts(simple.owner)
    with pytest.raises(NotEmpty, match="holds rows already"):
        brought(elsewhere, backup, simple)
    assert texts(simple.owner) == before


def test_into_a_database_that_was_migrated_but_never_used(
    backup: Manifest, elsewhere: FolderPlace, simple: Target
) -> None:
    migrate(simple.owner)
    assert brought(elsewhere, backup, simple).faults == []


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def lose(path: Path) -> None:
    path.unlink()


def rewrite(path: Path) -> None:
    """A row is gone, and the file is packed as it should be: only the manifest's hash tells."""
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-1])))


@pytest.mark.parametrize("damage", [flip, cut, lose, rewrite])
@pytest.mark.parametrize("what", ["rows/decision.jsonl.gz", "rows/person.jsonl.gz", "objects.jsonl.gz"])
def test_damage_in_the_backup_is_found_before_a_row_is_written(
    backup: Manifest, elsewhere: FolderPlace, simple: Target, damage: object, what: str
) -> None:
    damage(elsewhere.folder / under(backup.name, what))  # type: ignore[operator]
    with pytest.raises((Spoilt, NotThere)):
        brought(elsewhere, backup, simple)
    assert not has_rows(simple.owner)


def test_an_object_that_is_damaged_in_the_backup_is_named_and_the_rest_comes_back(
    backup: Manifest,
    elsewhere: FolderPlace,
    simple: Target,
    place: Place,
    things: list[Thing],
    catalogue: Catalogue,
) -> None:
    flip(elsewhere.folder / OBJECTS / things[0].key)
    lose(elsewhere.folder / OBJECTS / things[1].key)
    restored = brought(elsewhere, backup, simple)
    assert sorted(line.partition(" ")[0] for line in restored.faults) == ["damaged", "missing"]
    assert {things[0].key, things[1].key} == {line.rpartition(" ")[2] for line in restored.faults}
    assert restored.objects == backup.objects - 2
    serving = opened(place.application, catalogue)
    faults = found(serving, simple.store, catalogue)
    serving.engine.dispose()
    assert {(one.kind, one.about["key"]) for one in faults} == {
        ("missing", things[0].key),
        ("missing", things[1].key),
    }


class Dying(FolderStore):
    """Goes away after so many objects."""

    left = 5

    def adopt(self, key: str, path: Path, sha256: str = "") -> object:  # type: ignore[override]
        if self.left == 0:
            raise StoreUnavailable("the disk is full")
        self.left -= 1
        return super().adopt(key, path, sha256)


def test_an_interrupted_restore_goes_on_where_it_stopped(
    backup: Manifest,
    elsewhere: FolderPlace,
    simple: Target,
    store: FolderStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portfolio.safekeeping.copying.WAITS", ())
    assert isinstance(simple.store, FolderStore)
    dying = Target(simple.owner, simple.role, Dying(simple.store.folder), simple.standards)
    with pytest.raises(StoreUnavailable):
        brought(elsewhere, backup, dying)
    assert not has_rows(simple.owner)
    assert len(list(simple.store.keys())) == 5
    lose(elsewhere.folder / OBJECTS / next(iter(simple.store.keys())))  # what is there is not fetched again
    assert brought(elsewhere, backup, simple).faults == []
    assert contents(simple.store) == contents(store)
    assert list(simple.store.staging().iterdir()) == []


def test_a_role_that_is_not_there_is_said_before_anything_is_written(
    backup: Manifest, elsewhere: FolderPlace, simple: Target
) -> None:
    if not ON_POSTGRESQL:
        return
    with pytest.raises(NoSuchRole, match="no_such_role"):
        brought(elsewhere, backup, replace(simple, role="no_such_role"))
    assert not has_rows(simple.owner)
    assert list(simple.store.keys()) == []


def test_one_that_breaks_off_after_its_rows_goes_on_and_nothing_serves_meanwhile(
    backup: Manifest,
    elsewhere: FolderPlace,
    simple: Target,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks_off(*_: object, **__: object) -> None:
        raise OperationalError("the server went away", None, Exception())

    with monkeypatch.context() as patch:
        patch.setattr("portfolio.safekeeping.restore.migrate", breaks_off)
        with pytest.raises(OperationalError):
            brought(elsewhere, backup, simple)
    assert has_rows(simple.owner)
    assert "still being restored" in reason_against_running(simple.owner)
    other = Manifest(**{**vars(backup), "name": "another"})
    with pytest.raises(NotEmpty, match=f"Go on with: --backup {backup.name}"):
        brought(elsewhere, other, simple)
    assert brought(elsewhere, backup, simple).faults == []
    assert reason_against_use(simple.owner) == ""
    assert texts(simple.owner, but=ACCESS) == texts(database, but=ACCESS)
    with pytest.raises(NotEmpty, match="holds rows already"):
        brought(elsewhere, backup, simple)


class Used(FolderStore):
    """Somebody makes an account in the database while the first object comes."""

    owner: Database
    one_at_a_time = threading.Lock()

    def adopt(self, key: str, path: Path, sha256: str = "") -> object:  # type: ignore[override]
        with self.one_at_a_time, self.owner.writing() as session:
            if not session.scalars(select(Person.id)).first():
                session.add(Person(name="N. N.", email="n@example.org", created_at=NOW))
        return super().adopt(key, path, sha256)


def test_rows_that_are_written_while_objects_come_are_not_taken_away(
    backup: Manifest, elsewhere: FolderPlace, simple: Target
) -> None:
    migrate(simple.owner)
    assert isinstance(simple.store, FolderStore)
    used = Used(simple.store.folder)
    used.owner = simple.owner
    with pytest.raises(NotEmpty, match="written to the database meanwhile"):
        brought(elsewhere, backup, replace(simple, store=used))
    with simple.owner.reading() as session:
        assert session.scalars(select(Person.email)).all() == ["n@example.org"]


def rewritten(elsewhere: FolderPlace, manifest: Manifest, **changes: object) -> Manifest:
    path = elsewhere.folder / under(manifest.name, MANIFEST)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return read_manifest(elsewhere, manifest.name)


def test_a_backup_of_a_newer_version_is_refused(
    backup: Manifest, elsewhere: FolderPlace, simple: Target
) -> None:
    newer = rewritten(elsewhere, backup, schema_revision="9999")
    with pytest.raises(NewerVersion, match="9999"):
        brought(elsewhere, newer, simple)
    assert not has_rows(simple.owner)


def test_rows_that_contradict_the_manifest_are_rolled_back(
    backup: Manifest, elsewhere: FolderPlace, simple: Target
) -> None:
    """The file of a table is sound and says something else: a value that no column of this kind can hold so."""
    path = elsewhere.folder / table_file(backup.name, "provider")
    text = gzip.decompress(path.read_bytes()).replace(b'"ukprn","text"', b'"ukprn","date"')
    path.write_bytes(gzip.compress(text.replace(b'"10000001"', b"null")))
    tables = json.loads(backup.text())["tables"]
    for table in tables:
        if table["name"] == "provider":
            table["sha256"] = hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()
    with pytest.raises(Exception, match=r"NOT NULL|null value"):
        brought(elsewhere, rewritten(elsewhere, backup, tables=tables), simple)
    assert not has_rows(simple.owner)


def test_a_backup_of_one_engine_comes_back_on_the_other(
    backup: Manifest,
    elsewhere: FolderPlace,
    tmp_path: Path,
    database: Database,
    store: FolderStore,
    catalogue: Catalogue,
) -> None:
    """From PostgreSQL to SQLite, where there is a server; the other way round is in the tests of the move."""
    if not ON_POSTGRESQL:
        assert backup.engine == "sqlite"
        return
    assert backup.engine == "postgresql"
    with empty_place(tmp_path, postgresql=False) as place:
        target = place.target(FolderStore(tmp_path / "small"), tmp_path / "small-standards")
        assert brought(elsewhere, backup, target).faults == []
        assert texts(target.owner, but=ACCESS) == texts(database, but=ACCESS)
        target.owner.engine.dispose()
        serving = opened(place.application, catalogue)
        assert found(serving, target.store, catalogue) == []
        serving.engine.dispose()
