"""The move: from SQLite and a folder to PostgreSQL and S3 and back, killed at any point and begun again.

On SQLite alone it moves to another file; where there is a server, to PostgreSQL as a role that owns the tables.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.migrate import is_current, migrate
from portfolio.people.models import KeptForm
from portfolio.safekeeping.backup import Source
from portfolio.safekeeping.move import MARK, Moved, NothingToMove, finish, move
from portfolio.safekeeping.target import NotEmpty, Target
from storage.folder import FolderStore
from storage.store import EvidenceStore, StoreUnavailable, new_key
from tests.builders import NOW, Cast, commit
from tests.safekeeping.commands import begun, run
from tests.safekeeping.damage import Vandal
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
from tests.serving.running import PATIENCE, environment, free_port


@pytest.fixture
def things(session: Session, cast: Cast, catalogue: Catalogue, store: FolderStore) -> list[Thing]:
    return furnish(session, cast, catalogue, store)


@pytest.fixture
def source(database: Database, store: FolderStore, things: list[Thing], tmp_path: Path) -> Source:
    return Source(database, store, tmp_path / "standards")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with empty_place(tmp_path) as place:
        yield place


@pytest.fixture
def target(place: Place, any_store: EvidenceStore, tmp_path: Path) -> Iterator[Target]:
    target = place.target(any_store, tmp_path / "new")
    yield target
    target.owner.engine.dispose()


@pytest.fixture
def simple(place: Place, tmp_path: Path) -> Iterator[Target]:
    target = place.target(FolderStore(tmp_path / "new" / "files"), tmp_path / "new")
    yield target
    target.owner.engine.dispose()


def moved(source: Source, target: Target) -> Moved:
    return move(source, target, say=lambda line: None)


def is_marked(target: Target) -> bool:
    with target.owner.engine.connect() as connection:
        return sa.inspect(connection).has_table(MARK)


def test_everything_is_there_afterwards_and_the_source_is_as_it_was(
    source: Source, target: Target, place: Place, catalogue: Catalogue
) -> None:
    before, files = texts(source.database), contents(source.store)

    result = moved(source, target)

    assert result.complete
    assert is_marked(target)
    finish(target)
    migrate(target.owner, application_role=target.role)
    assert not is_marked(target)
    assert is_current(target.owner)
    assert texts(target.owner) == texts(source.database) == before
    assert contents(target.store) == contents(source.store) == files
    assert (result.objects, result.copied) == (len(files), len(files))
    serving = opened(place.application, catalogue)
    assert found(serving, target.store, catalogue) == []
    serving.engine.dispose()
    again = moved(source, target)  # nothing to do, and it is seen
    assert (again.complete, again.copied) == (True, 0)


def test_and_back_again(source: Source, simple: Target, tmp_path: Path, catalogue: Catalogue) -> None:
    """What has been moved moves on, to a file of SQLite, and is still the same."""
    moved(source, simple)
    finish(simple)
    with empty_place(tmp_path / "new", postgresql=False) as last:
        home = last.target(FolderStore(tmp_path / "home"), tmp_path)
        result = moved(Source(simple.owner, simple.store, tmp_path / "none"), home)
        assert result.complete
        assert texts(home.owner, but=("object_hold",)) == texts(source.database, but=("object_hold",))
        assert contents(home.store) == contents(source.store)
        finish(home)
        home.owner.engine.dispose()
        serving = opened(last.application, catalogue)
        assert found(serving, home.store, catalogue) == []
        serving.engine.dispose()


def test_a_place_with_something_else_in_it_is_refused(
    source: Source, simple: Target, session: Session, cast: Cast
) -> None:
    stray = new_key(str(cast.provider.id))
    simple.store.put(stray, b"somebody else's")
    for _ in range(2):
        with pytest.raises(NotEmpty, match="1 objects that are not from here"):
            moved(source, simple)
    assert list(simple.store.keys()) == [stray]
    assert not is_marked(simple)
    simple.store.delete(stray)
    assert moved(source, simple).complete
    finish(simple)
    session.add(KeptForm(person_id=cast.amina.id, path="/", fields=[], kept_at=NOW))
    commit(session)  # the source went on, and so may the target have: it is in use now
    before = texts(simple.owner)
    with pytest.raises(NotEmpty, match="other rows"):
        moved(source, simple)
    assert texts(simple.owner) == before


def test_an_installation_without_a_provider_has_nothing_to_move(
    database: Database, store: FolderStore, simple: Target, tmp_path: Path
) -> None:
    with pytest.raises(NothingToMove):
        moved(Source(database, store, tmp_path), simple)


class Acting(FolderStore):
    """Does something when it is asked for the first object."""

    def act(self) -> None: ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> object:  # type: ignore[override]
        act, self.act = self.act, lambda: None  # type: ignore[method-assign]
        act()
        return super().read(key, start, length)


def test_what_changes_at_the_source_meanwhile_is_said_and_the_next_run_brings_it(
    source: Source, simple: Target, cast: Cast
) -> None:
    def act() -> None:
        with source.database.writing() as session:
            session.add(KeptForm(person_id=cast.amina.id, path="/late", fields=[], kept_at=NOW))

    assert isinstance(source.store, FolderStore)
    slow = Acting(source.store.folder)
    slow.act = act  # type: ignore[method-assign]
    first = moved(Source(source.database, slow, source.standards), simple)
    assert first.changed == ["kept_form"]
    assert not first.complete
    second = moved(source, simple)
    assert second.complete
    assert second.copied == 0
    assert texts(simple.owner) == texts(source.database)


def test_damage_at_the_source_is_named_and_never_carried_along(
    source: Source, as_owner: Database, simple: Target, cast: Cast, things: list[Thing]
) -> None:
    vandal = Vandal(as_owner, source.store, cast, things)
    vandal.flip(things[0])
    vandal.lose(things[1])
    result = moved(source, simple)
    assert not result.complete
    assert sorted(line.partition(" ")[0] for line in result.faults) == ["damaged", "missing"]
    assert not simple.store.exists(things[0].key)
    vandal.replace(things[0].key, things[0].data)  # put right from a backup
    source.store.put(things[1].key, things[1].data)
    again = moved(source, simple)
    assert (again.complete, again.copied) == (True, 2)


class Dying(FolderStore):
    """Goes away after a number of objects."""

    left = 0

    def adopt(self, key: str, path: Path, sha256: str = "") -> object:  # type: ignore[override]
        if self.left == 0:
            raise StoreUnavailable("the disk is full")
        self.left -= 1
        return super().adopt(key, path, sha256)


def test_after_a_breakdown_it_goes_on_with_what_is_missing(
    source: Source, simple: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolio.safekeeping.copying.WAITS", ())
    assert isinstance(simple.store, FolderStore)
    dying = Dying(simple.store.folder)
    dying.left = 4
    with pytest.raises(StoreUnavailable):
        moved(source, Target(simple.owner, simple.role, dying, simple.standards))
    result = moved(source, simple)
    assert result.complete
    assert result.copied == result.objects - 4
    assert contents(simple.store) == contents(source.store)


def test_the_command_killed_at_random_points_and_begun_again_arrives(
    request: pytest.FixtureRequest,
    database: Database,
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    store: FolderStore,
    place: Place,
    tmp_path: Path,
) -> None:
    """SIGKILL, six times, at moments that lie anywhere from the first connection to the last object. To PostgreSQL
    it goes into a real S3 server, otherwise into a folder."""
    furnish(session, cast, catalogue, store, files=60)
    url = database.engine.url.render_as_string(hide_password=False)
    here = environment(url, tmp_path, free_port(), database_owner_url=url)
    goal, there = _goal(request, tmp_path)
    arguments = ("move", "--to", place.owner, "--storage", goal, "--role", place.role)
    before = texts(database)
    dice = random.Random(datetime.now(UTC).microsecond)
    for kill in range(6):
        with begun(here | there, *arguments) as process:
            _wait_until_it_works(process)
            try:
                process.wait(dice.uniform(0, 0.25 * kill))
            except subprocess.TimeoutExpired:
                process.kill()
            process.communicate(timeout=PATIENCE)
    ended = run(here | there, *arguments)
    assert ended.code == 0, ended.out + ended.err
    assert "No fault." in ended.out
    assert f"PORTFOLIO_STORAGE_URL={goal}" in ended.out
    assert "Amina" not in ended.out + ended.err
    arrived = opened(place.application, catalogue)
    assert texts(arrived) == texts(database) == before
    arrived.engine.dispose()
    verified = run(
        here | there | {"PORTFOLIO_DATABASE_URL": place.application, "PORTFOLIO_STORAGE_URL": goal}, "verify"
    )
    assert (verified.code, verified.out.splitlines()[-1]) == (0, "No fault.")
    assert f"Looked at {len(list(store.keys()))} objects" in verified.out


def _goal(request: pytest.FixtureRequest, folder: Path) -> tuple[str, dict[str, str]]:
    if not ON_POSTGRESQL:
        return f"folder:{folder / 'goal'}", {}
    server = request.getfixturevalue("s3_server")
    variables = server.environment(server.new_bucket(), "evidence")
    return variables.pop("PORTFOLIO_STORAGE_URL"), variables


def _wait_until_it_works(process: subprocess.Popen[bytes]) -> None:
    """Its first line on standard error says that it has begun."""
    assert process.stderr is not None
    assert process.stderr.readline()
