"""The server of the robots: a real process with a few apprentices of one provider, and what it holds in the end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import func, select, update

from kbs.catalogue import SHIPPED, load_catalogue
from portfolio.app import open_store
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.evidence.models import EvidenceFile, VersionFile
from portfolio.jobs.models import Job
from portfolio.migrate import migrate
from portfolio.objects import actions as objects
from portfolio.people.models import Person, SignedInSession
from portfolio.people.passwords import hash_password
from portfolio.settings import Settings
from portfolio.uploads.models import Upload, UploadChunk
from storage.store import EvidenceStore
from tests import builders
from tests.serving.running import environment, free_port, serving


@dataclass(frozen=True)
class Verdict:
    """What the server has of a file in the end. `times`: how often it stands in a draft; `bytes_equal`: what lies in
    the store, read again, is what lay on the phone."""

    times: int
    bytes_equal: bool
    pieces_left: int
    uploads_open: int

    @property
    def good(self) -> bool:
        return self.times == 1 and self.bytes_equal and not self.pieces_left and not self.uploads_open


@dataclass(frozen=True)
class House:
    """The running server, and its database and store seen from behind."""

    port: int
    database: Database
    store: EvidenceStore

    def apprentices(self) -> list[str]:
        """E-mail addresses of people who can add evidence."""
        with self.database.reading() as session:
            emails = select(Person.email).join(Apprenticeship, Apprenticeship.apprentice_id == Person.id)
            return list(session.scalars(emails.order_by(Person.email)))

    def end_sessions(self, email: str) -> None:
        """Wherever they are signed in, they are not any more."""
        with self.database.writing() as session:
            person = select(Person.id).where(Person.email == email).scalar_subquery()
            session.execute(
                update(SignedInSession)
                .where(SignedInSession.person_id == person)
                .values(ended_at=datetime.now(UTC))
            )

    def verdict(self, sha256: str, size: int) -> Verdict:
        with self.database.reading() as session:
            files = session.scalars(select(EvidenceFile).where(EvidenceFile.sha256_received == sha256)).all()
            attached = select(func.count()).select_from(VersionFile)
            times = session.scalar(attached.where(VersionFile.file_id.in_([file.id for file in files]))) or 0
            uploads = select(Upload).where(Upload.size == size).subquery()
            open_ = session.scalar(
                select(func.count()).select_from(uploads).where(uploads.c.state == "sending")
            )
            pieces = session.scalar(
                select(func.count())
                .select_from(UploadChunk)
                .where(UploadChunk.upload_id.in_(select(uploads.c.id)))
            )
        equal = len(files) == 1 and self._hash_of(files[0].storage_key) == sha256
        return Verdict(max(times, len(files)), equal, pieces or 0, open_ or 0)

    def _hash_of(self, key: str) -> str:
        told = hashlib.sha256()
        for block in self.store.read(key):
            told.update(block)
        return told.hexdigest()

    def removals_due(self) -> int:
        """Jobs that still have to take pieces out of the store."""
        with self.database.reading() as session:
            due = select(func.count()).select_from(Job).where(Job.kind == objects.REMOVE)
            return session.scalar(due.where(Job.done_at.is_(None))) or 0


PASSWORD = "three-kind-otters"
PEOPLE = [
    f"{first} {last}"
    for first in ("Ama", "Bea", "Cal", "Dee")
    for last in ("Acker", "Boateng", "Carver", "Dunne")
]


def _people(database: Database) -> None:
    """Apprentices with the same password, and one assessor for all of them."""
    with database.writing() as session:
        provider = builders.a_provider(session)
        employer = builders.an_employer(session, provider)
        cohort = builders.a_cohort(session, provider)
        assessor = builders.a_person(session, "Asha Abbott", provider, "assessor")
        kept = hash_password(PASSWORD)
        for name in PEOPLE:
            person = builders.a_person(session, name, provider, "apprentice", password_hash=kept)
            at = builders.an_apprenticeship(session, person, cohort, employer)
            builders.an_assignment(session, at, assessor, "assessor")


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """Served until the end; nothing outside of this folder is written."""
    folder.mkdir(parents=True, exist_ok=True)
    url, port = f"sqlite:///{folder / 'portfolio.db'}", free_port()
    variables = environment(url, folder, port, sign_in_attempts=1000)
    settings = Settings(
        secret=variables["PORTFOLIO_SECRET"], storage_url=variables["PORTFOLIO_STORAGE_URL"], database_url=url
    )
    catalogue, database, store = load_catalogue(SHIPPED), Database(url), open_store(settings)
    database.keepers.append(partial(progress.keep, catalogue))
    migrate(database)
    _people(database)
    with serving(variables, folder) as running:
        yield House(running.port, database, store)
    database.engine.dispose()
