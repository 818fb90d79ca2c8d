"""A lived-in installation for these tests: two providers, pieces with files and pictures, decisions, a locked
portfolio; and the ways to look at two of them side by side."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.evidence.models import Evidence, EvidenceFile, VersionFile
from portfolio.gateway.models import GatewayLock
from portfolio.ledger import keeping as ledger
from portfolio.openings.models import FileOpening
from portfolio.people.models import Person, SingleUseLink
from portfolio.people.sessions import start_session
from portfolio.preparation.models import FilePreparation
from portfolio.safekeeping import rows
from portfolio.safekeeping.faults import Fault
from portfolio.safekeeping.target import Target
from portfolio.safekeeping.verify import Figures, Site, verify
from storage.store import EvidenceStore, new_key
from tests.builders import NOW, Cast, a_draft, commit, latest_version
from tests.gateway.steps import a_decision, everything_but_declarations
from tests.postgres import TEST_DATABASE_URL, own_database

ON_POSTGRESQL = bool(TEST_DATABASE_URL)


@dataclass(frozen=True)
class Thing:
    """A file that is kept: its row, its key, its bytes."""

    row: UUID
    key: str
    data: bytes
    provider: UUID

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def a_file(
    session: Session,
    store: EvidenceStore,
    piece: Evidence,
    by: Person,
    data: bytes,
    *,
    pictures: bool = False,
) -> Thing:
    """A file of the piece's newest version, stored and named by rows, as an upload leaves it."""
    key = new_key(str(piece.provider_id))
    store.put(key, data)
    digest = hashlib.sha256(data).hexdigest()
    common = {"provider_id": piece.provider_id, "apprenticeship_id": piece.apprenticeship_id}
    row = EvidenceFile(
        **common,
        evidence_id=piece.id,
        storage_key=key,
        name="Näme with “quotes”.pdf",
        kind="pdf",
        size=len(data),
        sha256_received=digest,
        sha256_stored=digest,
        uploaded_at=NOW,
        uploaded_by_id=by.id,
    )
    session.add(row)
    session.flush()
    session.add(VersionFile(**common, version_id=latest_version(session, piece.id).id, file_id=row.id))
    prepared = FilePreparation(
        provider_id=piece.provider_id,
        file_id=row.id,
        check_state="passed",
        scan_state="off",
        pictures_state="ready" if pictures else "none",
        began_at=NOW,
        done_at=NOW,
    )
    if pictures:
        prepared.preview_key, prepared.thumbnail_key = (
            new_key(str(piece.provider_id)),
            new_key(str(piece.provider_id)),
        )
        large, small = b"large picture of " + data[:40], b"small picture of " + data[:40]
        store.put(prepared.preview_key, large)
        store.put(prepared.thumbnail_key, small)
        prepared.preview_sha256 = hashlib.sha256(large).hexdigest()
        prepared.thumbnail_sha256 = hashlib.sha256(small).hexdigest()
    session.add(prepared)
    session.add(
        FileOpening(
            **common,
            evidence_id=piece.id,
            file_id=row.id,
            person_id=by.id,
            role="apprentice",
            what="file",
            page="piece",
            half_hour=int(NOW.timestamp()) // 1800,
            at=NOW,
            last_at=NOW + timedelta(minutes=9),
            times=3,
        )
    )
    session.flush()
    return Thing(row.id, key, data, piece.provider_id)


def furnish(
    session: Session, cast: Cast, catalogue: Catalogue, store: EvidenceStore, files: int = 12, seed: int = 7
) -> list[Thing]:
    """Drafts, submitted and decided pieces of Amina and Olu with so many files between them, every third with
    pictures; then Olu's portfolio is locked, so that rows stand behind every trigger there is."""
    dice = random.Random(seed)
    things = []
    for number in range(files):
        at, by = ((cast.amina_at, cast.amina), (cast.other_at, cast.olu))[number % 2]
        piece = a_draft(
            session, session.get_one(Apprenticeship, at.id), "K7", "S1", title=f"Piece {number} – “a”"
        )
        data = dice.randbytes(dice.randrange(1, 400_000))
        things.append(a_file(session, store, piece, by, data, pictures=number % 3 == 0))
        if number % 4 > 1:
            version = latest_version(session, piece.id)
            version.submitted_at = NOW - timedelta(days=number)
            piece.state, piece.state_since = "submitted", version.submitted_at
            session.flush()
            if number % 4 == 3:
                a_decision(session, piece, cast.otto if at is cast.other_at else cast.asha, "K7")
                piece.state = "decided"
    everything_but_declarations(session, cast, catalogue)
    start_session(session, cast.amina, device="test", now=NOW)
    session.add(
        SingleUseLink(
            person_id=cast.marek.id,
            purpose="invitation",
            token_hash=secrets.token_hex(32),
            created_at=NOW,
            created_by_id=cast.priya.id,
            expires_at=datetime.now(UTC) + timedelta(days=9),
        )
    )
    commit(session)
    session.add(
        GatewayLock(
            provider_id=cast.other_at.provider_id,
            apprenticeship_id=cast.other_at.id,
            check_text='{"as": "it stood"}',
            portfolio_sha256="0" * 64,
            locked_by_id=cast.noor.id,
            locked_at=NOW,
        )
    )
    commit(session)
    return things


def found(
    database: Database,
    store: EvidenceStore,
    catalogue: Catalogue,
    *,
    quick: bool = False,
    now: datetime | None = None,
    figures: Figures | None = None,
) -> list[Fault]:
    """What verify finds."""
    site = Site(database, store, catalogue)
    return list(
        verify(site, figures or Figures(), now=now or datetime.now(UTC), quick=quick, say=lambda line: None)
    )


def texts(database: Database, *, but: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Every table as text, by name: two databases hold the same rows when this is equal."""
    with rows.snapshot(database) as connection:
        return {
            shape.name: b"".join(rows.lines(connection, shape, rows.Measured()))
            for shape in rows.shapes()
            if shape.name not in but
        }


def contents(store: EvidenceStore) -> dict[str, bytes]:
    keys = list(store.keys())
    return {key: b"".join(store.read(key)) for key in keys}


def opened(url: str, catalogue: Catalogue) -> Database:
    """As the application opens it."""
    database = Database(url)
    database.keepers.append(partial(progress.keep, catalogue))
    ledger.join(database)
    return database


@dataclass(frozen=True)
class Place:
    """An empty database: for its owner and for the role that serves."""

    owner: str
    application: str
    role: str

    def target(self, store: EvidenceStore, folder: Path) -> Target:
        return Target(Database(self.owner, pool=1, overflow=1), self.role, store, folder / "standards")


@contextmanager
def empty_place(folder: Path, *, postgresql: bool = ON_POSTGRESQL) -> Iterator[Place]:
    """Without tables, on the database under test unless said otherwise."""
    if not postgresql:
        url = f"sqlite:///{folder / secrets.token_hex(4)}.db"
        yield Place(url, url, "")
        return
    with own_database("restore", migrated=False) as made:
        yield Place(made.owner, made.application, made.application_role)
