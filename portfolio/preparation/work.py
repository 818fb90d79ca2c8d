"""The job: prove the file, have it scanned, draw it. Each step is written down by itself, so that a repeat after a
crash or with a scanner that was away goes on where it stopped. Nothing is drawn of what was not found clean.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.jobs.work import GiveUp, Work
from portfolio.objects import actions as objects
from portfolio.preparation import actions
from portfolio.preparation.models import FilePreparation
from portfolio.preparation.rules import Standing
from storage import clamav
from storage.kinds import KINDS
from storage.limited import Stopped, in_child
from storage.preparing import LARGE_NAME, MOST_PICTURE, SMALL_NAME, draw, prove
from storage.refusals import TOO_HEAVY, UNREADABLE
from storage.store import NotStored, new_key

logger = logging.getLogger("portfolio.preparation")


class Refusing(Protocol):
    """Told in the same transaction that a file was refused, and with which code: for the audit trail."""

    def __call__(self, session: Session, code: str) -> None: ...


@dataclass(frozen=True)
class Subject:
    """The file to prepare, as its own row describes it."""

    file_id: UUID
    provider_id: UUID
    key: str
    sha256: str
    kind: str
    refusing: Refusing


def prepare(work: Work, subject: Subject) -> None:
    """Do what is left to do. Raises `ScannerAway` or `Stopped` where trying again may help."""
    with work.database.reading() as session:
        row = actions.of_file(session, subject.file_id)
        standing = row.standing if row else None
    if standing is None or standing.is_refused:
        return
    with Copy(work, subject) as copy:
        standing = _prove(work, subject, standing, copy)
        standing = _scan(work, subject, standing)
        if standing is not None and standing.is_open and standing.pictures == "waiting":
            _draw(work, subject, copy)


def _folder(work: Work) -> tempfile.TemporaryDirectory[str]:
    """Below the store's staging folder: on a disk that is made for evidence, and swept if this process is killed."""
    return tempfile.TemporaryDirectory(prefix="prepare-", dir=work.store.staging())


class Copy:
    """The file's bytes on this machine's disk, in a folder of their own: fetched when first asked for."""

    def __init__(self, work: Work, subject: Subject) -> None:
        self.work, self.subject = work, subject
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._path: Path | None = None

    def __enter__(self) -> Copy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def path(self) -> str:
        """Raises `GiveUp` if the store holds something else than what was confirmed: `verify` says more."""
        if self._path is None:
            self._folder = _folder(self.work)
            self._path = Path(self._folder.name) / "file"
            self._fetch(self._path)
        return str(self._path)

    def _fetch(self, path: Path) -> None:
        digest = hashlib.sha256()
        try:
            with path.open("wb") as out:
                for chunk in self.work.store.read(self.subject.key):
                    digest.update(chunk)
                    out.write(chunk)
        except NotStored:
            raise GiveUp("object_missing") from None
        if digest.hexdigest() != self.subject.sha256:
            raise GiveUp("object_altered")


def _note(
    work: Work, subject: Subject, change: Callable[[FilePreparation], object], refused: str = ""
) -> Standing | None:
    """Write one step down, unless the file was taken out or refused meanwhile; how it stands then."""
    with work.database.writing() as session:
        row = actions.of_file(session, subject.file_id, to_change=True)
        if row is None or row.standing.is_refused:
            return None
        change(row)
        if refused:
            subject.refusing(session, refused)
            logger.info("preparation.refused", extra={"file": subject.file_id, "code": refused})
        return row.standing


def _prove(work: Work, subject: Subject, standing: Standing, copy: Copy) -> Standing | None:
    if standing.check != "checking":
        return standing
    try:
        answer = in_child(prove, copy.path(), subject.kind)
    except Stopped as stopped:
        if stopped.cause == "busy":
            raise
        refusal = (UNREADABLE if stopped.cause == "failed" else TOO_HEAVY).about("")
        answer = {"refused": refusal.reason, "code": refusal.code}
    if sentence := answer.get("refused"):
        refuse = lambda row: actions.refuse(row, str(sentence), now=work.now)  # noqa: E731
        _note(work, subject, refuse, refused=str(answer.get("code", "unknown")))
        return None
    return _note(work, subject, lambda row: actions.passed(row, now=work.now))


def _scan(work: Work, subject: Subject, standing: Standing | None) -> Standing | None:
    """Ask the scanner, also about what came in before there was one. One that is away is noted, then tried again."""
    address = work.settings.clamav_socket
    if standing is None or standing.scan in ("clean", "too_big") or (standing.scan == "off" and not address):
        return standing
    state = "off"
    if address:
        try:
            seconds = work.settings.clamav_seconds
            state = clamav.scan(address, work.store.read(subject.key), seconds=seconds)
        except clamav.ScannerAway:
            if standing.scan != "off":  # what others may open already is not closed again
                _note(work, subject, lambda row: actions.scanned(row, "no_answer", now=work.now))
            raise
    code = "virus" if state == "found" else ""
    return _note(work, subject, lambda row: actions.scanned(row, state, now=work.now), refused=code)


def _draw(work: Work, subject: Subject, copy: Copy) -> None:
    """The pictures first, under keys that are reserved, then the row that names them."""
    made = _pictures(work, subject, copy)
    if made is None:
        _note(work, subject, lambda row: actions.drawn(row, (), now=work.now))
        return
    keys = [new_key(str(subject.provider_id)) for _ in made]
    objects.reserve(work.database, subject.provider_id, None, keys, work.now)
    try:
        pictures = [actions.put(work.store, key, data) for key, data in zip(keys, made, strict=True)]
        with work.database.writing() as session:
            row = actions.of_file(session, subject.file_id, to_change=True)
            if row is not None and row.pictures_state == "waiting":
                actions.drawn(row, pictures, now=work.now)
                objects.keep(session, keys)
    finally:
        objects.release(work.database, keys, work.now)  # what was kept is left alone


def _pictures(work: Work, subject: Subject, copy: Copy) -> list[bytes] | None:
    """The large and the small one; None if there are none within the limits."""
    with _folder(work) as folder:
        try:
            answer = in_child(draw, copy.path(), KINDS[subject.kind].id, folder)
        except Stopped as stopped:
            if stopped.cause == "busy":
                raise
            logger.info("preparation.not_drawn", extra={"file": subject.file_id, "cause": stopped.cause})
            return None
        paths = [Path(folder) / name for name in (LARGE_NAME, SMALL_NAME)]
        if not answer.get("drawn") or any(path.stat().st_size > MOST_PICTURE for path in paths):
            return None
        return [path.read_bytes() for path in paths]
