"""What the entries of some rows say: the rows themselves, and what hangs on them, in a query per table.

Writing an entry and checking it use the same code, so that everything an entry says is compared later.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.assessment.models import Decision, SignOff, SignOffPiece
from portfolio.audit.models import AuditEvent
from portfolio.evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion, VersionFile
from portfolio.feedback.models import Testimony
from portfolio.ledger.chain import Words, plain, several_words, words
from portfolio.ledger.kinds import BY_MODEL, Kind, Row
from portfolio.sightings.models import Sighting

EVERYWHERE = {"across_providers": True}


@dataclass(frozen=True)
class Body:
    """What an entry says, but for its place in the chain; and the texts that it commits to."""

    said: Mapping[str, Any]
    texts: Mapping[str, Words]
    """One by one, so that each can be erased alone."""
    together: Mapping[str, Words]
    """As the first entries committed to the texts that hang on a version: for reading those."""


@dataclass
class Around:
    """What stands around some rows, by id."""

    files: dict[UUID, list[Any]] = field(default_factory=lambda: defaultdict(list))
    """Of a version, in the order of the page."""
    claims: dict[UUID, list[Any]] = field(default_factory=lambda: defaultdict(list))
    pieces: dict[UUID, list[Any]] = field(default_factory=lambda: defaultdict(list))
    """Of a sign-off: the versions on whose strength it was made."""
    decided: dict[UUID, UUID] = field(default_factory=dict)
    """Of a decision, the version."""
    authors: dict[UUID, UUID] = field(default_factory=dict)
    """Of a piece, the person who wrote it."""
    withdrew: dict[UUID, UUID | None] = field(default_factory=dict)
    """Of a withdrawn piece, the person who withdrew it."""


_FILES = (
    select(
        VersionFile.version_id,
        EvidenceFile.id,
        EvidenceFile.sha256_stored,
        EvidenceFile.sha256_received,
        EvidenceFile.size,
        EvidenceFile.kind,
        EvidenceFile.name,
    )
    .join(EvidenceFile, EvidenceFile.id == VersionFile.file_id)
    .where(VersionFile.version_id.in_(bindparam("ids", expanding=True)))
    .order_by(VersionFile.version_id, VersionFile.position, EvidenceFile.id)
    .execution_options(**EVERYWHERE)
)
_CLAIMS = (
    select(Claim.version_id, Claim.id, Claim.item_code, Claim.position, Claim.note)
    .where(Claim.version_id.in_(bindparam("ids", expanding=True)))
    .order_by(Claim.version_id, Claim.position, Claim.id)
    .execution_options(**EVERYWHERE)
)
_PIECES = (
    select(SignOffPiece.sign_off_id, SignOffPiece.id, SignOffPiece.version_id)
    .where(SignOffPiece.sign_off_id.in_(bindparam("ids", expanding=True)))
    .order_by(SignOffPiece.sign_off_id, SignOffPiece.id)
    .execution_options(**EVERYWHERE)
)
_DECIDED = (
    select(Decision.id, Decision.version_id)
    .where(Decision.id.in_(bindparam("ids", expanding=True)))
    .execution_options(**EVERYWHERE)
)
_AUTHORS = (
    select(Evidence.id, Evidence.created_by_id)
    .where(Evidence.id.in_(bindparam("ids", expanding=True)))
    .execution_options(**EVERYWHERE)
)
_WITHDREW = (
    select(AuditEvent.record_id, AuditEvent.by_id)
    .where(
        AuditEvent.record_id.in_(bindparam("ids", expanding=True)), AuditEvent.action == "evidence.withdrawn"
    )
    .order_by(AuditEvent.id)
    .execution_options(**EVERYWHERE)
)
"""Statements that run in every commit are made once: making one costs more than running it."""


def around(session: Session, rows: Iterable[Row]) -> Around:
    """Everything that the entries of these rows need besides them. At most six queries, only those needed."""
    by_model: dict[type[Any], list[Any]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    found = Around()
    found.decided = {row.id: row.version_id for row in by_model[Decision]}
    _of_sign_offs(session, found, by_model[SignOff])
    versions = [row.id for row in by_model[EvidenceVersion]]
    for version_id, *claim in _rows(session, _CLAIMS, versions):
        found.claims[version_id].append(claim)
    found.authors = dict(_rows(session, _AUTHORS, [row.evidence_id for row in by_model[EvidenceVersion]]))
    found.withdrew = dict(_rows(session, _WITHDREW, [row.id for row in by_model[Evidence]]))
    seen = {
        *versions,
        *found.decided.values(),
        *(row.version_id for row in [*by_model[Testimony], *by_model[Sighting]]),
    }
    seen |= {version_id for pieces in found.pieces.values() for _, version_id in pieces}
    for version_id, *file in _rows(session, _FILES, seen):
        found.files[version_id].append(file)
    return found


def _of_sign_offs(session: Session, found: Around, sign_offs: Sequence[SignOff]) -> None:
    for sign_off_id, *piece in _rows(session, _PIECES, [row.id for row in sign_offs]):
        found.pieces[sign_off_id].append(piece)
    others = {row.decision_id for row in sign_offs if row.decision_id is not None} - found.decided.keys()
    found.decided |= dict(_rows(session, _DECIDED, others))


def _rows(session: Session, statement: Any, ids: Iterable[UUID]) -> list[Any]:
    wanted = list(ids)
    return [tuple(row) for row in session.execute(statement, {"ids": wanted})] if wanted else []


def body(row: Row, found: Around) -> Body:
    """What the entry of this row says. `found`: what `around` found for it."""
    kind = BY_MODEL[type(row)]
    facts = {name: plain(getattr(row, name)) for name in kind.clear}
    if hasattr(row, "form_key"):  # comes from outside, so it may hold anything
        facts["form_key_sha256"] = hashlib.sha256(row.form_key.encode()).hexdigest()
    texts = {name: words(getattr(row, name)) for name in kind.texts}
    together: dict[str, Words] = {}
    if isinstance(row, EvidenceVersion):
        for name, hanging in _texts_on(row, found).items():
            texts |= {f"{name}.{place}": words(text) for place, text in enumerate(hanging.values(), start=1)}
            together[name] = several_words(hanging)
    more, versions = _hanging_on(row, found)
    said = {
        "actor": plain(_actor(kind, row, found)),
        "action": kind.action_of(row),
        "subject": str(row.apprenticeship_id),
        "record": {"table": kind.table, "id": str(row.id)},
        "refs": sorted({file[1] for version_id in versions for file in found.files.get(version_id, ())}),
        "outcome": plain(getattr(row, kind.outcome)) if kind.outcome else None,
        "item": plain(getattr(row, kind.item)) if kind.item else None,
        "facts": facts | more,
    }
    return Body(said, texts, together)


def _texts_on(version: EvidenceVersion, found: Around) -> dict[str, dict[UUID, str]]:
    """What somebody wrote that hangs on a version, in the order in which `facts` name what it hangs on."""
    return {
        "notes": {claim[0]: claim[3] for claim in found.claims.get(version.id, [])},
        "file_names": {file[0]: file[5] for file in found.files.get(version.id, [])},
    }


def _hanging_on(row: Row, found: Around) -> tuple[dict[str, Any], list[UUID]]:
    """More facts of a row, and the versions whose files it refers to."""
    if isinstance(row, EvidenceVersion):
        claims, files = found.claims.get(row.id, []), found.files.get(row.id, [])
        shown = [[str(id_), code, position] for id_, code, position, _ in claims]
        kept = [[str(file[0]), *file[1:5]] for file in files]
        return {"claims": shown, "files": kept}, [row.id]
    if isinstance(row, SignOff):
        pieces = found.pieces.get(row.id, [])
        versions = [version_id for _, version_id in pieces]
        if row.decision_id in found.decided:
            versions.append(found.decided[row.decision_id])
        return {"pieces": [[str(id_), str(version_id)] for id_, version_id in pieces]}, versions
    if isinstance(row, Decision | Testimony | Sighting):
        return {}, [row.version_id]
    return {}, []


def _actor(kind: Kind, row: Row, found: Around) -> UUID | None:
    if kind.by:
        actor: UUID = getattr(row, kind.by)
        return actor
    if isinstance(row, EvidenceVersion):
        return found.authors.get(row.evidence_id)
    return found.withdrew.get(row.id)
