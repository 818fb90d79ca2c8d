"""Sixty faults, each done to a house by hand, and what verify must say of each: the kind, and what it is about."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from portfolio.apprenticeships.models import Progress
from portfolio.database import Database, new_id
from portfolio.evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion, VersionFile
from portfolio.ledger.models import LedgerEntry, LedgerSalt
from portfolio.preparation.models import FilePreparation
from portfolio.safekeeping.loading import walls_aside
from portfolio.safekeeping.target import owning
from storage.folder import FolderStore
from storage.store import EvidenceStore, new_key
from tests.builders import Cast
from tests.safekeeping.house import Thing

Expected = tuple[str, str]
"""The kind of fault, and the key, row, path or apprenticeship that it is about."""


@dataclass
class Vandal:
    """Does the damage. `database` is opened as the owner of the tables, so that no wall is in the way."""

    database: Database
    store: EvidenceStore
    cast: Cast
    things: list[Thing]
    expected: list[Expected] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(60))

    def do_everything(self) -> None:
        deeds: list[tuple[Callable[[Thing], Expected], int]] = [
            (self.lose, 6), (self.cut, 7), (self.flip, 8), (self.lengthen, 2), (self.name_nothing, 2),
            (self.name_anothers, 2),
        ]  # fmt: skip
        things = iter(self.things)
        for deed, times in deeds:
            self.expected += [deed(next(things)) for _ in range(times)]
        for _ in range(4):
            self.expected += self.exchange(next(things), next(things))
        own, other = str(self.cast.provider.id), str(self.cast.other_provider.id)
        self.expected += [self.leave(own if number % 2 else other, "orphaned") for number in range(8)]
        self.expected += [self.leave(str(new_id()), "foreign") for _ in range(4)]
        self.expected += self.throw_in()
        self.expected += self.spoil_pictures()
        self.expected += self.spoil_rows()
        self.expected += self.spoil_summaries()
        self.expected.append(("ledger", "gap"))
        self.cut_a_link()

    def replace(self, key: str, data: bytes) -> None:
        """What no store does by itself: other bytes under a key."""
        self.store.delete(key)
        self.store.put(key, data)

    def lose(self, thing: Thing) -> Expected:
        self.store.delete(thing.key)
        return "missing", thing.key

    def cut(self, thing: Thing) -> Expected:
        self.replace(thing.key, thing.data[: self.dice.randrange(len(thing.data))])
        return "truncated", thing.key

    def flip(self, thing: Thing) -> Expected:
        data = bytearray(thing.data)
        data[self.dice.choice([0, len(data) // 2, -1])] ^= 1 << self.dice.randrange(8)
        self.replace(thing.key, bytes(data))
        return "altered", thing.key

    def lengthen(self, thing: Thing) -> Expected:
        self.replace(thing.key, thing.data + b"\0")
        return "altered", thing.key

    def exchange(self, one: Thing, other: Thing) -> list[Expected]:
        self.replace(one.key, other.data)
        self.replace(other.key, one.data)
        return [("swapped", one.key), ("swapped", other.key)]

    def name_nothing(self, thing: Thing) -> Expected:
        """The row names a key under which nothing was ever stored."""
        return "missing", self._name(thing, new_key(str(thing.provider)), stored=False)

    def name_anothers(self, thing: Thing) -> Expected:
        provider = self.cast.provider if thing.provider != self.cast.provider.id else self.cast.other_provider
        return "foreign", self._name(thing, new_key(str(provider.id)), stored=True)

    def _name(self, thing: Thing, key: str, *, stored: bool) -> str:
        if stored:
            self.store.put(key, thing.data)
        self.store.delete(thing.key)
        with self.past_the_walls() as connection:
            connection.execute(
                update(EvidenceFile).where(EvidenceFile.id == thing.row).values(storage_key=key)
            )
        return key

    def leave(self, provider: str, kind: str) -> Expected:
        key = new_key(provider)
        self.store.put(key, self.dice.randbytes(50))
        return kind, key

    def throw_in(self) -> list[Expected]:
        """Files that are no objects: only a folder can hold them."""
        if not isinstance(self.store, FolderStore):
            return [self.leave(str(new_id()), "foreign") for _ in range(3)]
        key = self.things[-1].key
        paths = ["notes.txt", f"{self.cast.provider.id}/old/copy.bin", f"{key}.bak"]
        for path in paths:
            place = self.store.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"by hand")
        return [("foreign", path) for path in paths]

    def spoil_pictures(self) -> list[Expected]:
        with self.database.reading() as session:
            rows = session.scalars(
                select(FilePreparation).where(FilePreparation.preview_key != "").order_by(FilePreparation.id)
            ).all()
        self.store.delete(rows[0].preview_key)
        self.store.delete(rows[1].thumbnail_key)
        self.replace(rows[2].preview_key, b"")
        one, other = rows[3].preview_key, rows[4].preview_key
        pictures = [b"".join(self.store.read(key)) for key in (one, other)]
        self.replace(one, pictures[1])
        self.replace(other, pictures[0])
        small = rows[5].thumbnail_key
        self.replace(small, b"another small picture")
        return [
            ("swapped", one),
            ("swapped", other),
            ("altered", small),
            ("missing", rows[0].preview_key),
            ("missing", rows[1].thumbnail_key),
            ("truncated", rows[2].preview_key),
        ]

    def spoil_rows(self) -> list[Expected]:
        drafts = self._drafts()
        with self.past_the_walls() as connection:
            for piece in drafts[:2]:
                connection.execute(
                    update(EvidenceVersion)
                    .where(EvidenceVersion.evidence_id == piece)
                    .values(is_latest=False)
                )
            attached = [self._attachment(connection, piece) for piece in drafts[2:6]]
            for (row, _), (_, file) in zip(attached[:2], attached[2:], strict=True):
                connection.execute(update(VersionFile).where(VersionFile.id == row).values(file_id=file))
            of_draft = self._of_draft(Claim.version_id, drafts[6])
            claim = connection.scalar(select(Claim.id).where(of_draft).limit(1))
            connection.execute(
                update(Claim).where(Claim.id == claim).values(provider_id=self.cast.other_provider.id)
            )
        wrong = [("rows", str(piece)) for piece in drafts[:2]]
        wrong += [("rows", str(row)) for row, _ in attached[:2]]
        return [
            *wrong,
            ("rows", str(claim)),
            ("rows", str(claim)),
        ]  # its version and its apprenticeship say otherwise

    def _drafts(self) -> list[UUID]:
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(Evidence.id)
                    .where(Evidence.state == "draft", Evidence.apprenticeship_id == self.cast.amina_at.id)
                    .order_by(Evidence.id)
                )
            )

    def _of_draft(self, column: Any, piece: UUID) -> Any:
        return column.in_(select(EvidenceVersion.id).where(EvidenceVersion.evidence_id == piece))

    def _attachment(self, connection: Connection, piece: UUID) -> tuple[UUID, UUID]:
        found = connection.execute(
            select(VersionFile.id, VersionFile.file_id).where(self._of_draft(VersionFile.version_id, piece))
        )
        row, file = found.one()
        return row, file

    def spoil_summaries(self) -> list[Expected]:
        wrong = [self.cast.amina_at.id, self.cast.other_at.id]
        with self.past_the_walls() as connection:
            connection.execute(
                update(Progress).where(Progress.apprenticeship_id.in_(wrong)).values(statements_covered=99)
            )
        return [("summary", str(one)) for one in wrong]

    def cut_a_link(self) -> None:
        """The third entry of a chain is gone, with its salts, and no trigger has seen it."""
        link = select(LedgerEntry.id).where(
            LedgerEntry.provider_id == self.cast.provider.id, LedgerEntry.seq == 3
        )
        with self.past_the_walls() as connection:
            connection.execute(delete(LedgerSalt).where(LedgerSalt.entry_id.in_(link)))
            assert connection.execute(delete(LedgerEntry).where(LedgerEntry.id.in_(link))).rowcount == 1

    @contextmanager
    def past_the_walls(self) -> Iterator[Connection]:
        with owning(self.database) as connection, walls_aside(connection):
            yield connection
