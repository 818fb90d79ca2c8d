"""Real, small files for the demonstration, taken in as uploads are: checked, cleaned, drawn, stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

import storage
from portfolio.demo.files import demo_file
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.preparation import actions as preparation
from storage import checks, previews


@dataclass(frozen=True)
class Taken:
    """One kind of file, made and cleaned once; every piece gets an object of its own with these bytes."""

    name: str
    kind: str
    stored: bytes
    received_sha256: str
    stored_sha256: str
    removed: str
    pictures: tuple[bytes, bytes] | None


@dataclass
class Attacher:
    store: storage.EvidenceStore
    made: dict[tuple[str, int], Taken] = field(default_factory=dict)

    def __call__(
        self, session: Session, piece: Evidence, kind: str, title: str, moment: datetime, *, seed: int
    ) -> EvidenceFile:
        """A file of this kind for this piece: objects first, then the row."""
        taken = self.made.get((kind, seed))
        if taken is None:
            taken = self.made[kind, seed] = self._take_in(kind, seed, title)
        row = EvidenceFile(
            provider_id=piece.provider_id,
            apprenticeship_id=piece.apprenticeship_id,
            evidence_id=piece.id,
            name=taken.name,
            kind=taken.kind,
            size=len(taken.stored),
            sha256_received=taken.received_sha256,
            sha256_stored=taken.stored_sha256,
            removed=taken.removed,
            uploaded_at=moment,
            uploaded_by_id=piece.created_by_id,
            storage_key=self.store.put(self._key(piece), taken.stored).key,
        )
        session.add(row)
        session.flush()
        self._prepared(session, piece, row, taken.pictures)
        return row

    def _key(self, piece: Evidence) -> str:
        return storage.new_key(str(piece.provider_id))

    def _prepared(
        self, session: Session, piece: Evidence, row: EvidenceFile, pictures: tuple[bytes, bytes] | None
    ) -> None:
        """As after its job: there are so many files that drawing each anew would keep a newcomer waiting."""
        begun = preparation.begin(
            session,
            provider_id=row.provider_id,
            file_id=row.id,
            proved=True,
            scanned=False,
            drawn=False,
            now=row.uploaded_at,
        )
        if pictures is not None:
            stored = [preparation.put(self.store, self._key(piece), data) for data in pictures]
            preparation.drawn(begun, stored, now=row.uploaded_at)
            session.flush()

    def _take_in(self, kind: str, seed: int, title: str) -> Taken:
        made = demo_file(kind, seed, title)
        path = self.store.staging() / f"{secrets.token_hex(8)}.demo"
        path.write_bytes(made.data)
        try:
            return self._checked(path, made.name)
        finally:
            path.unlink(missing_ok=True)

    def _checked(self, path: Path, name: str) -> Taken:
        found = checks.detect(path, name)
        received = checks.sha256_of(path)
        removed: tuple[str, ...] = ()
        kept = path
        if found.cleaned_on_arrival:
            cleaned = checks.clean_photo(path, found, name)
            kept, found, removed = cleaned.path, cleaned.kind, cleaned.removed
        pictures = previews.pictures(kept, found)
        stored = kept.read_bytes()
        digest = checks.sha256_of(kept)
        if kept != path:
            kept.unlink()
        return Taken(checks.safe_name(name), found.id, stored, received, digest, ", ".join(removed), pictures)
