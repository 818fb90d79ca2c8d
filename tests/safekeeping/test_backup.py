"""A backup: one moment of rows and objects, complete or none, and never more than what is new."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.jobs.work import Work
from portfolio.jobs.worker import Worker
from portfolio.objects import actions as objects
from portfolio.objects import jobs, queries
from portfolio.objects.models import ObjectHold
from portfolio.safekeeping.backup import Source, Taken, back_up
from portfolio.safekeeping.manifest import (
    BACKUPS,
    BEGAN,
    MANIFEST,
    OBJECTS,
    NoBackup,
    complete,
    newest,
    read_manifest,
    under,
)
from portfolio.safekeeping.packing import read_list
from portfolio.safekeeping.places import FolderPlace, NotThere, Place, PlaceUnavailable, whole
from portfolio.safekeeping.places_s3 import S3Place
from portfolio.safekeeping.pruning import prune
from portfolio.settings import Settings
from storage.folder import FolderStore
from storage.store import new_key
from tests.builders import Cast
from tests.safekeeping.conftest import moto_settings
from tests.safekeeping.damage import Vandal
from tests.safekeeping.house import furnish, texts


@pytest.fixture
def source(database: Database, store: FolderStore, tmp_path: Path) -> Source:
    return Source(database, store, tmp_path / "standards")


@pytest.fixture(params=["folder", "moto", "real S3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where the backup goes: a folder, moto's bucket, a real bucket."""
    if request.param == "folder":
        return FolderPlace(tmp_path / "elsewhere")
    if request.param == "moto":
        return S3Place(moto_settings(request.getfixturevalue("moto_server"), "backups/here"))
    server = request.getfixturevalue("s3_server")
    return S3Place(server.store(server.new_bucket(), "deep/in").settings)


@pytest.fixture
def folder(tmp_path: Path) -> FolderPlace:
    return FolderPlace(tmp_path / "elsewhere")


def taken(source: Source, place: Place, **options: bool) -> Taken:
    return back_up(source, place, say=lambda line: None, **options)


def things_in(place: Place) -> dict[str, bytes]:
    return {name.removeprefix(OBJECTS): whole(place, name) for name, _ in place.sizes(OBJECTS)}


def test_it_holds_every_row_and_every_object_that_rows_name(
    source: Source, session: Session, cast: Cast, catalogue: Catalogue, place: Place
) -> None:
    things = furnish(session, cast, catalogue, source.store)
    stray = new_key(str(cast.provider.id))
    source.store.put(stray, b"no row names it")
    before = texts(source.database)

    first = taken(source, place)

    assert first.faults == []
    held = things_in(place)
    assert stray not in held
    assert {thing.key: thing.data for thing in things}.items() <= held.items()
    assert first.copied == first.manifest.objects == len(held) == len(list(source.store.keys())) - 1
    assert first.manifest.object_bytes == sum(map(len, held.values()))
    assert read_manifest(place, newest(place)) == first.manifest
    listed = {one.key: (one.size, one.sha256) for one in read_list(place, first.manifest.name)}
    assert {thing.key: (len(thing.data), thing.sha256) for thing in things}.items() <= listed.items()
    for table in first.manifest.tables:
        text = gzip.decompress(whole(place, under(first.manifest.name, f"rows/{table.name}.jsonl.gz")))
        assert text.count(b"\n") == table.rows + 1
        if table.name != "object_hold":
            assert text == before[table.name]
    assert first.manifest.heads[str(cast.provider.id)]["seq"] > 5

    second = taken(source, place)
    assert second.copied == 0
    assert second.manifest.objects == first.manifest.objects
    assert complete(place) == [first.manifest.name, second.manifest.name]


def test_only_what_is_new_is_copied_and_what_went_bad_is_found_when_asked(
    source: Source, session: Session, cast: Cast, catalogue: Catalogue, folder: FolderPlace
) -> None:
    things = furnish(session, cast, catalogue, source.store)
    taken(source, folder)
    bad, half, gone = (folder.folder / "objects" / thing.key for thing in things[:3])
    bad.write_bytes(bytes(len(things[0].data)))
    half.write_bytes(things[1].data[:-1])
    gone.unlink()
    assert taken(source, folder).copied == 2  # the size tells of a half one and a lost one …
    assert bad.read_bytes() != things[0].data
    assert taken(source, folder, rehash=True).copied == 1  # … reading tells of the other
    assert things_in(folder)[things[0].key] == things[0].data


def test_damage_is_named_and_never_replaces_a_good_copy(
    source: Source,
    as_owner: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    folder: FolderPlace,
) -> None:
    things = furnish(session, cast, catalogue, source.store)
    taken(source, folder)
    vandal = Vandal(as_owner, source.store, cast, things)
    vandal.flip(things[0])
    assert taken(source, folder).faults == []  # the good copy stays, and counts
    fresh = FolderPlace(folder.folder / "fresh")
    vandal.lose(things[1])
    vandal.cut(things[2])
    result = taken(source, fresh)
    bad = {thing.key for thing in things[:3]}
    assert set(result.manifest.damaged) == bad
    assert len(result.faults) == 3
    assert result.manifest.objects == len(things_in(fresh))
    assert not bad & set(things_in(fresh))


class Wrecked(FolderPlace):
    """A place that fails when a name is written that ends so."""

    ends = ""

    def write(self, name: str, chunks: Iterator[bytes]) -> None:  # type: ignore[override]
        if name.endswith(self.ends):
            raise PlaceUnavailable("the disk is full")
        super().write(name, chunks)


@pytest.mark.parametrize("ends", ["evidence.jsonl.gz", "objects.jsonl.gz", MANIFEST])
def test_one_that_was_cut_off_is_no_backup_and_the_one_before_stays(
    source: Source, session: Session, cast: Cast, catalogue: Catalogue, tmp_path: Path, ends: str
) -> None:
    furnish(session, cast, catalogue, source.store)
    place = Wrecked(tmp_path / "elsewhere")
    place.ends = "nothing"
    before = taken(source, place).manifest
    place.ends = ends
    with pytest.raises(PlaceUnavailable):
        taken(source, place)
    assert newest(place) == before.name
    [cut] = {name.split("/")[1] for name, _ in place.sizes(BACKUPS)} - {before.name}
    with pytest.raises(NoBackup, match="never completed"):
        read_manifest(place, cut)
    with source.database.reading() as reading:  # and nothing is held up
        assert reading.scalars(select(ObjectHold)).all() == []


def test_nothing_is_removed_from_the_store_while_it_copies(
    source: Source,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    settings: Settings,
    tmp_path: Path,
) -> None:
    """The draft's file is taken out while the backup is between rows and objects; a worker runs meanwhile."""
    things = furnish(session, cast, catalogue, source.store)

    def meanwhile() -> None:
        now = datetime.now(UTC)
        with source.database.writing() as writing:
            objects.remove_later(writing, [new_key(str(cast.provider.id)), things[0].key], now)
        work = Work(source.database, source.store, settings, catalogue, now)
        Worker(work, jobs.HANDLERS, (), lambda: now).work_off()
        with source.database.reading() as reading:
            assert queries.held_until(reading, now) is not None

    place = Acting(tmp_path / "elsewhere", meanwhile)
    assert taken(source, place).faults == []
    assert place.acted
    assert things_in(place)[things[0].key] == things[0].data
    with source.database.reading() as reading:
        assert queries.held_until(reading, datetime.now(UTC)) is None


@pytest.mark.parametrize("mounted", ["at the folder", "above the folder"])
def test_a_disk_that_goes_away_meanwhile_leaves_no_backup_that_looks_complete(
    source: Source, session: Session, cast: Cast, catalogue: Catalogue, tmp_path: Path, mounted: str
) -> None:
    """Where it was mounted an empty folder is left, and can be written to."""
    furnish(session, cast, catalogue, source.store)
    folder = tmp_path / "disk" / "elsewhere"

    def goes_away() -> None:
        disk = folder if mounted == "at the folder" else folder.parent
        disk.rename(tmp_path / "unplugged")
        disk.mkdir()

    place = Acting(folder, goes_away)
    with pytest.raises(PlaceUnavailable, match=r"was (the|its) disk removed"):
        taken(source, place)
    assert complete(FolderPlace(folder)) == []
    if mounted == "above the folder":
        assert not folder.exists()


def test_an_object_that_the_place_has_lost_again_makes_no_backup(
    source: Source, session: Session, cast: Cast, catalogue: Catalogue, tmp_path: Path
) -> None:
    things = furnish(session, cast, catalogue, source.store)
    for harm in (lambda path: path.unlink(), lambda path: path.write_bytes(b"half")):
        place = Harming(tmp_path / "elsewhere", harm, things[0].key)
        with pytest.raises(PlaceUnavailable, match="does not hold 1 of the objects"):
            taken(source, place)
        assert complete(place) == []


class Harming(FolderPlace):
    """Loses an object when everything has been copied and the list of it is written."""

    def __init__(self, folder: Path, harm: Callable[[Path], object], key: str) -> None:
        super().__init__(folder)
        self.harm, self.key = harm, key

    def write(self, name: str, chunks: Iterator[bytes]) -> None:  # type: ignore[override]
        super().write(name, chunks)
        if name.endswith("objects.jsonl.gz"):
            self.harm(self.folder / OBJECTS / self.key)


class Acting(FolderPlace):
    """Does something once, when the first object is about to be written."""

    def __init__(self, folder: Path, act: Callable[[], None]) -> None:
        super().__init__(folder)
        self.act, self.acted, self.lock = act, False, threading.Lock()

    def write(self, name: str, chunks: Iterator[bytes]) -> None:  # type: ignore[override]
        with self.lock:
            if name.startswith(OBJECTS) and not self.acted:
                self.acted = True
                self.act()
        super().write(name, chunks)


def test_old_ones_go_with_what_only_they_named(
    source: Source, as_owner: Database, session: Session, cast: Cast, catalogue: Catalogue, place: Place
) -> None:
    things = furnish(session, cast, catalogue, source.store)
    first = taken(source, place).manifest
    vandal = Vandal(as_owner, source.store, cast, things)
    vandal.name_nothing(things[0])  # its object is named no more
    assert len(taken(source, place).faults) == 1
    now = datetime.now(UTC)
    assert prune(place, keep_days=30, now=now + timedelta(days=29)).backups == 0
    assert things[0].key in things_in(place)
    pruned = prune(place, keep_days=30, now=now + timedelta(days=31))
    assert (pruned.backups, pruned.objects) == (1, 1)
    assert first.name not in complete(place)
    assert set(things_in(place)) == {one.key for one in read_list(place, newest(place))}
    assert prune(place, keep_days=1, now=now + timedelta(days=400)).backups == 0  # the newest always stays


def test_nothing_is_removed_while_another_backup_is_being_made(
    source: Source, session: Session, cast: Cast, catalogue: Catalogue, folder: FolderPlace
) -> None:
    furnish(session, cast, catalogue, source.store)
    taken(source, folder)
    now = datetime.now(UTC)
    folder.write(under("20261121T000000Z-aaaa", BEGAN), [now.isoformat().encode()])
    folder.write(OBJECTS + new_key(str(cast.provider.id)), [b"copied by the other one"])
    assert prune(folder, keep_days=1, now=now).waits
    pruned = prune(folder, keep_days=1, now=now + timedelta(days=3))  # that one is dead
    assert (pruned.backups, pruned.objects) == (0, 1)
    assert len(complete(folder)) == 1


def test_a_place_keeps_all_of_a_file_or_nothing(place: Place) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("the sender died")

    with pytest.raises(RuntimeError):
        place.write("a/one", broken())
    with pytest.raises(NotThere):
        whole(place, "a/one")
    place.write("a/one", [b"first ", b"second"])
    place.write("b/two", [])
    assert whole(place, "a/one") == b"first second"
    assert list(place.sizes("")) == [("a/one", 12), ("b/two", 0)]
    assert list(place.sizes("a/")) == [("a/one", 12)]
    place.write("a/one", [b"new"])
    assert whole(place, "a/one") == b"new"
    place.remove("a/one")
    place.remove("a/one")
    assert list(place.sizes("a/")) == []


def test_a_folder_is_for_its_owner_alone(folder: FolderPlace) -> None:
    folder.write("a/one", [b"x"])
    assert (folder.folder / "a/one").stat().st_mode & 0o777 == 0o600
    assert (folder.folder / "a").stat().st_mode & 0o777 == 0o700
    with pytest.raises(ValueError, match="not a name"):
        folder.write("../out", [b"x"])


def test_a_large_object_goes_to_a_bucket_in_parts_and_comes_back(moto_server: str) -> None:
    place = S3Place(moto_settings(moto_server))
    data = os.urandom(9 * 1024 * 1024 + 7)
    place.write("large", (data[at : at + 100_000] for at in range(0, len(data), 100_000)))
    assert whole(place, "large") == data


def test_the_manifest_is_readable_by_anybody(
    source: Source, session: Session, cast: Cast, catalogue: Catalogue, folder: FolderPlace
) -> None:
    furnish(session, cast, catalogue, source.store)
    name = taken(source, folder).manifest.name
    read = json.loads((folder.folder / under(name, MANIFEST)).read_text())
    assert read["form"] == 1
    assert read["schema_revision"]
    assert {table["name"] for table in read["tables"]} >= {"evidence", "decision", "ledger_entry", "person"}
    text = json.dumps(read)
    assert not any(word in text for word in ("Amina", "example.org", "Näme"))
