"""What the script is told about an upload: how far it is, and the receipt once it is safe."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from portfolio.evidence.models import EvidenceFile
from portfolio.uploads import queries
from portfolio.uploads.models import Upload
from portfolio.uploads.rules import chunks_of
from portfolio.web.formats import moment_words


def told(session: Session, upload: Upload) -> dict[str, Any]:
    """`have` lists the pieces that are here, counted from 0. `receipt` is there only when the whole file is safe."""
    file = queries.file_of(session, upload) if upload.state == "safe" else None
    sending = upload.state == "sending"
    return {
        "id": str(upload.id),
        "state": upload.state,
        "size": upload.size,
        "chunk_size": upload.chunk_size,
        "chunks": chunks_of(upload.size, upload.chunk_size),
        "have": [chunk.number for chunk in queries.chunks(session, upload.id)] if sending else [],
        "sentence": upload.refusal,
        "receipt": receipt(file) if file else None,
    }


def receipt(file: EvidenceFile) -> dict[str, Any]:
    """What its owner can keep: when it was safe, what arrived and what is kept of it, and a code to ask about it."""
    return {
        "code": file.receipt_code,
        "name": file.name,
        "size": file.size,
        "at": file.uploaded_at.isoformat(),
        "at_words": moment_words(file.uploaded_at),
        "sha256_received": file.sha256_received,
        "sha256_stored": file.sha256_stored,
        "removed": file.removed,
    }
