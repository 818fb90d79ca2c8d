"""Files on their way in: from the staging folder, through the checks, into the store. No row of theirs is written here.

It happens before the database transaction begins, since it can take a while. The order is: reserve the keys and
commit that, the objects, and only then the rows (portfolio.evidence.attaching), with which the keys are kept. Whatever happens in between, nothing shows half a file: what no row came to name is let go, here
or, if the server died, by the sweep (portfolio.objects).
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from portfolio.access import Permission
from portfolio.apprenticeships.guards import submitted_with_files
from portfolio.database import Database
from portfolio.evidence import quotas
from portfolio.evidence.forms import PieceForm
from portfolio.objects import actions as objects
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted
from portfolio.web.staged import Received, StagedFile, not_stored
from storage.arriving import CleanedDocument, clean_on_arrival
from storage.checks import (
    FileKind,
    Unacceptable,
    clean_photo,
    detect,
    fitting_name,
    glance,
    needs_proof,
    safe_name,
    sha256_of,
)
from storage.cleaning import NotCleaned
from storage.recordings import clean_recording
from storage.store import EvidenceStore, StoreUnavailable, new_key

logger = logging.getLogger("portfolio.evidence")


@dataclass
class TakenFile:
    """A file that is safe in the store, with what its row and its receipt say. `kept`: a row names it now."""

    key: str
    name: str
    kind: FileKind
    size: int
    sha256_received: str
    sha256_stored: str
    removed: tuple[str, ...] = ()
    not_cleaned: str = ""
    """Why nothing could be taken out of it; "" if it was cleaned or needed none. Its owner decides about it."""
    still_holds: tuple[str, ...] = ()
    """Sentences about what a cleaned document still has inside."""
    proved: bool = True
    """Decoded on arrival; a large file is proved by a job, and checked on its beginning only."""
    scanned: bool = False
    """A virus scanner is to be asked about it."""
    kept: bool = False


@dataclass
class Arrived:
    """What came with one form: files taken in, and a sentence for each that was not."""

    files: list[TakenFile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    reserved: list[str] = field(default_factory=list)
    """Every key that was reserved for this form, used or not."""
    not_stored: bool = False
    """The store, or the disk before it, did not take one of them: sent again it may come in."""
    store_silent: bool = False
    """The store did not take one file and is not ready for another: nobody waits for it once more."""

    @property
    def any(self) -> bool:
        return bool(self.files or self.problems)

    def unused_keys(self) -> list[str]:
        kept = {file.key for file in self.files if file.kept}
        return [key for key in self.reserved if key not in kept]


@dataclass(frozen=True)
class Sent:
    """A form to add or edit a piece, as it arrived."""

    form: Submitted[PieceForm]
    arrived: Arrived


async def piece_sent(
    request: Request,
    read: Annotated[
        tuple[Submitted[PieceForm], Received],
        Depends(submitted_with_files(PieceForm, Permission.ADD_EVIDENCE, room_for=quotas.room_for)),
    ],
) -> AsyncIterator[Sent]:
    """Dependency, first parameter of its route: reads the form and takes its files in."""
    form, received = read
    state, opened = request.app.state, request.state.uploading_to
    intake = Intake(
        state.database,
        state.store,
        opened.apprenticeship.provider_id,
        opened.viewer.person_id,
        utc_now(),
        large=state.settings.large_file_bytes,
        scans=bool(state.settings.clamav_socket),
        remove_comments=form.has("remove_comments", "yes"),
    )
    arrived: Arrived = await state.turns.intake(intake.take_in, received.files)
    try:
        yield Sent(form, arrived)
    except Exception:  # nothing was committed, or it is not known: letting go is safe in either case
        await run_in_threadpool(intake.let_go, arrived.reserved)
        raise
    await run_in_threadpool(intake.let_go, arrived.unused_keys())


SentPiece = Annotated[Sent, Depends(piece_sent)]


@dataclass(frozen=True)
class Intake:
    """Takes the files of one form in, for one apprentice of one provider. `large`: over so many bytes a file is
    proved later (portfolio.preparation); `scans`: a virus scanner is set up; `remove_comments`: its owner said that
    documents may lose their comments and tracked changes."""

    database: Database
    store: EvidenceStore
    provider_id: UUID
    person_id: UUID
    now: datetime
    large: int
    scans: bool
    remove_comments: bool = False

    def take_in(self, staged: Sequence[StagedFile]) -> Arrived:
        """Check, clean and store each file. One that cannot come in leaves a sentence and does not stop the rest."""
        arrived = Arrived()
        owner = str(self.provider_id)
        places = {id(file): new_key(owner) for file in staged if file.path is not None and not file.problem}
        arrived.reserved = list(places.values())
        objects.reserve(self.database, self.provider_id, self.person_id, arrived.reserved, self.now)
        try:
            for file in staged:
                self._take(arrived, file, places.get(id(file), ""))
        except BaseException:
            self.let_go(arrived.reserved)
            raise
        return arrived

    def let_go(self, keys: list[str]) -> None:
        """Have what no row names removed. If even that cannot be written now, the sweep will find it."""
        try:
            objects.release(self.database, keys, self.now)
        except Exception:  # the first fault is the one to answer: this must not take its place
            logger.exception("evidence.leftover_objects", extra={"count": len(keys)})

    def _take(self, arrived: Arrived, file: StagedFile, key: str) -> None:
        if arrived.store_silent:
            arrived.problems.append(not_stored(file.name))
            arrived.not_stored = True
            return
        try:
            arrived.files.append(_take(self, key, file))
        except Unacceptable as refusal:
            logger.info("evidence.file_refused", extra={"code": refusal.code, "size": file.size})
            arrived.problems.append(refusal.reason)
        except (StoreUnavailable, OSError):  # or no room is left to clean a photo in
            logger.exception("evidence.store_unavailable")
            arrived.problems.append(not_stored(file.name))
            arrived.not_stored = True
            arrived.store_silent = not self._is_ready()

    def _is_ready(self) -> bool:
        try:
            self.store.ready()
        except StoreUnavailable:
            return False
        return True


def _take(intake: Intake, key: str, staged: StagedFile) -> TakenFile:
    """Check and clean the file as far as can be done now, then into the store with it."""
    if staged.problem or staged.path is None:
        raise Unacceptable(staged.problem or f"“{safe_name(staged.name)}” did not arrive.", "not-taken")
    later = staged.size > intake.large
    kind = (glance if later else detect)(staged.path, staged.name)
    taken = TakenFile(
        key=key,
        name=fitting_name(safe_name(staged.name), kind),
        kind=kind,
        size=staged.size,
        sha256_received=staged.sha256,
        sha256_stored=staged.sha256,
        proved=not later or not needs_proof(kind),
        scanned=intake.scans,
    )
    if kind.family == "photo":
        return _cleaned(intake.store, staged, staged.path, taken)
    if kind.family == "document":
        return _cleaned_document(intake, staged, staged.path, taken)
    if kind.family in ("audio", "video"):
        _clean_in_place(staged.path, taken)
    taken.size = intake.store.adopt(key, staged.path, taken.sha256_stored).size
    return taken


def _cleaned_document(intake: Intake, staged: StagedFile, path: Path, taken: TakenFile) -> TakenFile:
    """A document without authors, paths and the like. One that cannot be cleaned stays as it came. Raises
    `Unacceptable` for one with comments or tracked changes, until its owner says that they may go."""
    with tempfile.TemporaryDirectory(prefix="document-", dir=path.parent) as folder:
        clean = Path(folder) / "clean"
        try:
            cleaned = clean_on_arrival(
                path, taken.kind, staged.name, clean, remove_comments=intake.remove_comments
            )
        except NotCleaned as fault:
            _not_cleaned(taken, fault)
            clean = path
        else:
            taken.removed, taken.sha256_stored = cleaned.removed, sha256_of(clean)
            taken.still_holds = still_holding(cleaned)
        taken.size = intake.store.adopt(taken.key, clean, taken.sha256_stored).size
        return taken


def _not_cleaned(taken: TakenFile, fault: NotCleaned) -> None:
    """It is kept as it came until its owner has decided; a piece with it is not submitted before."""
    logger.info("evidence.not_cleaned", extra={"kind": taken.kind.id, "size": taken.size})
    taken.not_cleaned = fault.sentence


def still_holding(cleaned: CleanedDocument) -> tuple[str, ...]:
    """What its owner should look at in a document that was cleaned, in sentences."""
    if not cleaned.also:
        return cleaned.left
    return (*cleaned.left, f"It also holds, though it may not show: {', '.join(cleaned.also)}.")


def _clean_in_place(path: Path, taken: TakenFile) -> None:
    """A recording without location and personal details. One that cannot be followed to its end stays as it came."""
    try:
        taken.removed = clean_recording(path, taken.kind)
    except NotCleaned as fault:
        _not_cleaned(taken, fault)
        return
    if taken.removed:
        taken.sha256_stored = sha256_of(path)


def _cleaned(store: EvidenceStore, staged: StagedFile, path: Path, taken: TakenFile) -> TakenFile:
    """A photo without location and personal details; the one that came is left to be thrown away."""
    cleaned = clean_photo(path, taken.kind, staged.name)
    try:
        removed = cleaned.removed
        if cleaned.converted_from:
            removed += (
                f"the {cleaned.converted_from.label} form (kept as {cleaned.kind.label}, which every browser shows)",
            )
        taken.kind, taken.removed = cleaned.kind, removed
        taken.name, taken.sha256_stored = fitting_name(taken.name, cleaned.kind), sha256_of(cleaned.path)
        taken.size = store.adopt(taken.key, cleaned.path, taken.sha256_stored).size
        return taken
    finally:
        cleaned.path.unlink(missing_ok=True)
