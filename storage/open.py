"""From one setting to a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from storage.folder import FolderStore
from storage.memory import MemoryStore
from storage.store import EvidenceStore


def open_store(url: str, **s3_options: Any) -> EvidenceStore:
    """The store that this address names: `folder:/path`, `memory:` or `s3://bucket/prefix`.

    The options are the fields of `storage.s3.S3Settings` and count for S3 only. Raises `ValueError` for an
    address of another form."""
    scheme, _, rest = url.partition(":")
    if scheme == "folder" and rest:
        return FolderStore(Path(unquote(rest.removeprefix("//"))))
    if scheme == "memory" and not rest:
        return MemoryStore()
    if scheme == "s3" and rest.startswith("//"):
        return _s3(rest[2:], s3_options)
    raise ValueError("the storage address must be folder:/path, memory: or s3://bucket/prefix")


def _s3(place: str, options: dict[str, Any]) -> EvidenceStore:
    from storage.s3 import S3Settings, S3Store  # boto3 takes a while to import: only for those who use it

    bucket, _, prefix = place.partition("/")
    if not bucket:
        raise ValueError("the storage address names no bucket: s3://bucket/prefix")
    return S3Store(S3Settings(bucket=bucket, prefix=prefix.strip("/"), **options))
