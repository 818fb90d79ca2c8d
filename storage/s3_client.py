"""How a bucket is spoken to: settings, the client, and what it reports in the store's own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from storage.store import NotStored, StoreUnavailable

_building = Lock()
_MISSING = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True)
class S3Settings:
    """Where the bucket is and how to speak to it. Times are in seconds.

    `path_style` puts the bucket into the path, which every server understands. `checksums` is "when_required"
    for servers that do not know the newer checksum trailers. Without keys, boto3 looks in its usual places.
    `staging` is where uploads are written before they are sent, by default a private temporary folder.

    A caller waits `connect_timeout` and `read_timeout` at most `attempts` times, with pauses of a second or two
    between. `read_timeout` is for one silence, not for a whole transfer."""

    bucket: str
    prefix: str = ""
    endpoint_url: str | None = None
    region: str = "eu-west-2"
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    path_style: bool = True
    checksums: Literal["when_required", "when_supported"] = "when_required"
    connect_timeout: float = 3
    read_timeout: float = 10
    attempts: int = 3
    connections: int = 50
    staging: Path | None = None


@cache
def _session() -> Any:
    """Ours alone, and made once: it has read the description of S3, which takes most of the time."""
    return boto3.session.Session()


def make_client(settings: S3Settings) -> Any:
    """A client with these settings. Building one is for one thread at a time, using it for many."""
    with _building:
        return _session().client(
            "s3",
            endpoint_url=settings.endpoint_url,
            region_name=settings.region,
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if settings.path_style else "virtual"},
                connect_timeout=settings.connect_timeout,
                read_timeout=settings.read_timeout,
                retries={"mode": "standard", "total_max_attempts": settings.attempts},
                max_pool_connections=settings.connections,
                request_checksum_calculation=settings.checksums,
                response_checksum_validation=settings.checksums,
            ),
        )


def code_of(error: ClientError) -> str:
    """What S3 calls this failure, such as NoSuchBucket, or the bare status."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def answering(key: str = "") -> Iterator[None]:
    """Turn what boto3 reports into the store's own words, without addresses or signatures."""
    try:
        yield
    except ClientError as error:
        if key and code_of(error) in _MISSING:
            raise NotStored(key) from error
        raise StoreUnavailable(f"the bucket refused: {code_of(error)}") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"the bucket did not answer: {type(error).__name__}") from error
