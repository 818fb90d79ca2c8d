"""The move: from SQLite and a folder to PostgreSQL and S3 and back, killed at any point and begun again.

On SQLite alone it moves to another file; where there is a server, to PostgreSQL as a role that owns the tables.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Progress
from portfolio.commands import reason_against_running
from portfolio.database import Database
from portfolio.migrate import is_current, migrate
from portfolio.people.models import KeptForm
from portfolio.safekeeping.backup import Source, back_up
from portfolio.safekeeping.mark import MOVING_IN, reason_against_use
from portfolio.safekeeping.move import Moved, NothingToMove, finish, move
from portfolio.safekeeping.places import FolderPlace
from portfolio.safekeeping.target import NotEmpty, Target
from portfolio.walls import NoSuchRole
from storage.folder import FolderStore
from storage.store import EvidenceStore, StoreUnavailable, new_key
from tests.builders import NOW, Cast
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
        return sa.inspect(connection).has_table(MOVING_IN)


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


def test_a_place_with_something_else_in_it_is_refused(source: Source, simple: Target, cast: Cast) -> None:
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


def a_form(path: str, cast: Cast) -> KeptForm:
    return KeptForm(person_id=cast.amina.id, path=path, fields=[], kept_at=NOW)


@pytest.mark.parametrize("finished", [True, False])
def test_rows_that_somebody_wrote_there_are_never_taken_away(
    source: Source, simple: Target, cast: Cast, finished: bool
) -> None:
    """Between two runs, before the move was finished or after."""
    assert moved(source, simple).complete
    if finished:
        finish(simple)
    for database, path in ((source.database, "/here"), (simple.owner, "/there")):
        with database.writing() as session:
            session.add(a_form(path, cast))
    before = texts(simple.owner)
    with pytest.raises(NotEmpty, match="was written to since"):
        moved(source, simple)
    assert texts(simple.owner) == before
    assert is_marked(simple) == (not finished), "what was refused has changed nothing"


def test_what_the_source_confirmed_after_the_move_is_brought_by_a_further_run(
    source: Source, simple: Target, cast: Cast
) -> None:
    assert moved(source, simple).complete
    finish(simple)
    migrate(simple.owner, application_role=simple.role)
    with source.database.writing() as session:
        session.add(a_form("/late", cast))
    assert moved(source, simple).complete
    assert is_marked(simple)
    finish(simple)
    assert texts(simple.owner) == texts(source.database)


def test_a_table_that_a_finished_move_left_behind_is_in_nobodys_way(
    source: Source, simple: Target, tmp_path: Path
) -> None:
    moved(source, simple)
    finish(simple)
    (tmp_path / "elsewhere").mkdir()
    taken = back_up(
        Source(simple.owner, simple.store, tmp_path / "none"),
        FolderPlace(tmp_path / "elsewhere"),
        say=lambda line: None,
    )
    assert taken.faults == []
    assert {table.name for table in taken.manifest.tables} == set(texts(source.database))


def test_nothing_serves_from_or_writes_to_a_database_that_is_being_moved_into(
    source: Source, simple: Target, place: Place, catalogue: Catalogue, tmp_path: Path
) -> None:
    """As the role that serves, which has its rights already, as the commands ask it."""
    migrate(simple.owner, application_role=simple.role)
    moved(source, simple)
    serving = opened(place.application, catalogue)
    assert "still being moved into" in reason_against_running(serving)
    variables = environment(place.application, tmp_path, free_port(), database_owner_url=place.owner)
    invited = ("create-provider", "New", "--manager-name", "N. N.", "--manager-email", "n@example.org")
    (tmp_path / "elsewhere").mkdir()
    commands = (("serve",), ("worker",), invited, ("backup", str(tmp_path / "elsewhere")), ("orphaned",))
    for arguments in commands:
        ended = run(variables, *arguments)
        assert (ended.code, "still being moved into" in ended.err) == (2, True), (arguments, ended)
    finish(simple)
    migrate(simple.owner, application_role=simple.role)
    assert "moved into" not in reason_against_running(serving)
    assert reason_against_use(serving) == ""
    serving.engine.dispose()


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


def test_what_is_lost_at_the_source_for_good_keeps_nobody_from_moving(
    source: Source,
    as_owner: Database,
    place: Place,
    cast: Cast,
    things: list[Thing],
    catalogue: Catalogue,
    tmp_path: Path,
) -> None:
    """Lost, damaged, unreadable (a folder in the place of a file) and a draft without a version to read."""
    assert isinstance(source.store, FolderStore)
    vandal = Vandal(as_owner, source.store, cast, things)
    vandal.lose(things[0])
    vandal.flip(things[1])
    source.store.delete(things[2].key)
    (source.store.folder / things[2].key).mkdir()
    with vandal.past_the_walls() as connection:
        connection.execute(sa.update(Progress).values(pieces=99))
    url = source.database.engine.url.render_as_string(hide_password=False)
    here = environment(url, tmp_path, free_port(), database_owner_url=url)
    goal = f"folder:{tmp_path / 'goal'}"
    arguments = ("move", "--to", place.owner, "--storage", goal, "--role", place.role)
    refused = run(here, *arguments)
    assert refused.code == 1, refused.err
    assert "--despite-faults" in refused.out.splitlines()[-1]
    serving = opened(place.application, catalogue)
    assert "still being moved into" in reason_against_use(serving)

    ended = run(here, *arguments, "--despite-faults")

    assert ended.code == 1, ended.err
    closing = ended.out[ended.out.index("Not there, since") :]
    assert "3 objects" in closing.splitlines()[0]
    for thing, why in zip(things[:3], ("missing", "damaged", "cannot be read"), strict=True):
        assert any(thing.key in line and why in line for line in closing.splitlines()), (why, closing)
    assert "Rows that contradict each other were moved as they are" in closing
    assert "The rows were read at 20" in closing
    assert "stop it and run the same command once more before you switch" in closing
    assert texts(serving) == texts(source.database)
    assert reason_against_running(serving) == ""
    serving.engine.dispose()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    there = here | {"PORTFOLIO_DATABASE_URL": place.application, "PORTFOLIO_STORAGE_URL": goal}
    backup = run(there, "backup", str(elsewhere))
    assert "is complete" in backup.out, backup.err


def test_faults_of_the_copy_alone_are_never_passed_over(
    source: Source, place: Place, things: list[Thing], tmp_path: Path
) -> None:
    """Half an object, of the right size, lies there already from elsewhere."""
    goal = FolderStore(tmp_path / "goal")
    goal.put(things[0].key, bytes(len(things[0].data)))
    url = source.database.engine.url.render_as_string(hide_password=False)
    here = environment(url, tmp_path, free_port(), database_owner_url=url)
    storage = f"folder:{tmp_path / 'goal'}"
    arguments = ("move", "--to", place.owner, "--storage", storage, "--role", place.role)
    ended = run(here, *arguments, "--despite-faults")
    assert ended.code == 1
    assert ended.out.splitlines()[-1].startswith("Not finished: see the faults above")


def test_a_role_that_is_not_there_is_said_before_anything_is_copied(source: Source, simple: Target) -> None:
    if not ON_POSTGRESQL:
        return
    with pytest.raises(NoSuchRole, match="no_such_role"):
        moved(source, replace(simple, role="no_such_role"))
    assert not is_marked(simple)
    assert list(simple.store.keys()) == []


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
    assert f"The rows were read at {datetime.now(UTC):%Y-%m-%d}" in ended.out
    assert "run the same command once more before you switch" in ended.out
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
