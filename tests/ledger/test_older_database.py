"""The whole database is put back as it was some time ago: found with a head that left in between, and only so.

An older database is honest in itself: every entry fits, every row has its entry. Whatever was confirmed after it is
gone without a trace inside, and what is done in it from then on fits as well. That is why heads leave the system.
"""

from __future__ import annotations

import os
import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from kbs.catalogue import Catalogue
from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.ledger import keeping as ledger
from portfolio.ledger.chain import Head
from portfolio.ledger.faults import Name
from tests.builders import Cast, a_cast
from tests.ledger.steps import Player, a_history, chain, check, head_of, names, players
from tests.postgres import TEST_DATABASE_URL, own_database

LATER: tuple[Callable[[Player], None], ...] = (
    Player.submit,
    Player.decide,
    Player.testify,
    Player.cover,
    Player.sign_off,
    Player.take_back_sign_off,
)


@dataclass
class Place(ABC):
    """One database that can be copied as a whole, and put back from its copy, while nobody is connected."""

    address: str
    catalogue: Catalogue
    opened: list[Database] = field(default_factory=list)

    def open(self) -> Database:
        """As the application opens it."""
        database = Database(self.address)
        database.keepers.append(partial(progress.keep, self.catalogue))
        ledger.join(database)
        self.opened.append(database)
        return database

    def leave(self) -> None:
        while self.opened:
            self.opened.pop().engine.dispose()

    @abstractmethod
    def copy(self) -> None: ...

    @abstractmethod
    def put_back(self) -> None: ...


class FilePlace(Place):
    """SQLite: one file. With the last connection gone, everything is in it."""

    @property
    def path(self) -> Path:
        return Path(str(make_url(self.address).database))

    def copy(self) -> None:
        self.leave()
        shutil.copyfile(self.path, f"{self.path}.older")

    def put_back(self) -> None:
        self.leave()
        for ending in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.unlink(f"{self.path}{ending}")  # noqa: PTH108  # the name is the file's with an ending
        shutil.copyfile(f"{self.path}.older", self.path)


class ServerPlace(Place):
    """PostgreSQL: a second database made from the first, which later takes its name."""

    def copy(self) -> None:
        self.leave()
        self.do(f'CREATE DATABASE "{self.older}" TEMPLATE "{self.name}"')

    def put_back(self) -> None:
        self.leave()
        self.do(
            f'DROP DATABASE "{self.name}" WITH (FORCE)',
            f'ALTER DATABASE "{self.older}" RENAME TO "{self.name}"',
        )

    @property
    def name(self) -> str:
        return str(make_url(self.address).database)

    @property
    def older(self) -> str:
        return f"{self.name}_older"

    def do(self, *statements: str) -> None:
        server = create_engine(TEST_DATABASE_URL, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with server.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture
def place(tmp_path: Path, empty_database: str, catalogue: Catalogue) -> Iterator[Place]:
    """A database of this test's own: other tests of this worker keep the shared one open."""
    if not TEST_DATABASE_URL:
        path = tmp_path / f"{secrets.token_hex(4)}.db"
        shutil.copyfile(empty_database, path)
        alone: Place = FilePlace(f"sqlite:///{path}", catalogue)
        yield alone
        alone.leave()
        return
    with own_database("older") as made:
        shared = ServerPlace(made.application, catalogue)
        yield shared
        shared.leave()
        shared.do(f'DROP DATABASE IF EXISTS "{shared.older}" WITH (FORCE)')


@dataclass
class Story:
    """An honest history that was copied, and what was done after the copy was taken."""

    place: Place
    cast: Cast
    before: Head
    left: Head
    gone: set[str]
    """Rows that were confirmed after the copy."""


@pytest.fixture
def story(place: Place) -> Story:
    database = place.open()
    with writing(database) as session:
        cast = a_cast(session)
        a_history(session, cast, steps=4)
    assert check(database) == []
    before = head_of(database, cast.provider.id)
    place.copy()
    database = place.open()
    work(database, cast, len(LATER))
    assert check(database) == []
    later = [one for one in chain(database, cast.provider.id) if one.seq > before.seq]
    assert len(later) >= len(LATER)
    return Story(
        place,
        cast,
        before,
        head_of(database, cast.provider.id),
        {f"{one.record} {one.record_id}" for one in later},
    )


def writing(database: Database) -> Session:
    session = database.session(write=True, across=True)
    session.info["database"] = database
    return session


def work(database: Database, cast: Cast, steps: int) -> None:
    """So many steps on Amina's portfolio, each committed."""
    with writing(database) as session:
        player = players(session, cast)[0]
        for number in range(steps):
            LATER[number % len(LATER)](player)


def rows_of(database: Database, provider: Head) -> set[str]:
    return {f"{one.record} {one.record_id}" for one in chain(database, provider.provider_id)}


def test_an_older_database_is_found_by_a_head_that_left_since(story: Story) -> None:
    """From inside nothing can be seen: the older database was whole when it was copied, and is whole again. The
    head that left names the first thing that cannot be: an entry beyond the end."""
    story.place.put_back()
    database = story.place.open()
    assert head_of(database, story.cast.provider.id) == story.before
    assert not story.gone & rows_of(database, story.before), "what was confirmed since is gone"
    assert check(database) == [], "from inside nothing can be seen: that is why heads leave"
    assert check(database, None, [story.before]) == [], "a head from before the copy still fits"
    [found] = check(database, None, [story.before, story.left])
    assert (found.name, found.seq, found.provider_id) == (
        Name.CUT,
        story.left.seq,
        story.cast.provider.id,
    )
    assert f"ends at entry {story.before.seq}" in found.detail


@pytest.mark.parametrize("beyond", [0, 3], ids=["as long", "longer"])
def test_an_older_database_in_which_work_went_on_is_found_as_written_anew(story: Story, beyond: int) -> None:
    """Once the chain is as long again there is an entry with the number that left, but not with its hash. Without a
    head it is an honest chain, and in a way it is one: only not the one that people were shown."""
    story.place.put_back()
    database = story.place.open()
    provider_id = story.cast.provider.id
    while head_of(database, provider_id).seq < story.left.seq + beyond:
        work(database, story.cast, 1)
    end = head_of(database, provider_id).seq
    assert end == story.left.seq + beyond, "a step of work is one entry"
    assert check(database) == []
    assert check(database, None, [story.before]) == []
    [found] = check(database, None, [story.before, story.left])
    assert (found.name, found.seq, found.provider_id) == (Name.RECHAINED, story.left.seq, provider_id)
    assert story.left.hash in found.detail


def test_the_same_database_put_back_at_once_is_not_called_older(story: Story) -> None:
    """Or a restore of a good backup would be reported: the head that left is the one that is there."""
    database = story.place.open()
    assert names(check(database, None, [story.before, story.left])) == set()
