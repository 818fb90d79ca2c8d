"""A store on S3 or a server that speaks its language (Ceph, SeaweedFS, RustFS, AWS).

Correctness hangs on nothing that such servers differ in: no conditional writes, no stored checksums. Keys are
random and never used twice; the SHA-256 of a file is kept in the database.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from storage.s3_client import S3Settings, answering, code_of, make_client
from storage.s3_sending import Ask, md5_of, send_file
from storage.staging import StagingOf, in_temporary_folder
from storage.store import (
    CHUNK,
    Altered,
    KeyTaken,
    NotStored,
    StoredObject,
    StoreUnavailable,
    check_key,
    check_prefix,
    check_span,
    is_key,
)
from storage.waiting import WaitingRoom

SEATS = 20
"""Questions that may be with the bucket at a time: half of the threads that serve pages …"""
PATIENCE = 3.0
"""… and seconds of silence after which nobody waits for a seat any more."""

__all__ = ["S3Settings", "S3Store"]

_BEYOND_THE_END = {"416", "InvalidRange"}


class S3Store:
    """Keeps each object at `<prefix>/<key>` in the bucket. The bucket must exist and must not be public."""

    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        self._prefix = f"{settings.prefix}/" if settings.prefix else ""
        self._client = make_client(settings)
        self._waiting = WaitingRoom(SEATS, PATIENCE)
        self._lock = Lock()
        self._staging = StagingOf(settings.staging) if settings.staging else in_temporary_folder()
        self._brief: Any = None

    def staging(self) -> Path:
        with _local():
            self._staging.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return self._staging.folder()

    def adopt(self, key: str, path: Path, sha256: str = "") -> StoredObject:
        place = self._place(key)
        self._refuse_taken(key)
        with _local():
            size = path.stat().st_size
            with self._unless_it_arrived(key, size):
                send_file(self._asker(key), place, path, sha256)
            if (arrived := self.size(key)) != size:
                raise StoreUnavailable(f"of {size} bytes {arrived} arrived in the bucket")
            path.unlink()
        return StoredObject(key, size)

    def put(self, key: str, data: bytes) -> StoredObject:
        place = self._place(key)
        self._refuse_taken(key)
        with self._unless_it_arrived(key, len(data)):
            self._asker(key)("put_object", Body=data, ContentMD5=md5_of(data), **place)
        return StoredObject(key, len(data))

    @contextmanager
    def _unless_it_arrived(self, key: str, size: int) -> Iterator[None]:
        """An answer can get lost after the work was done. The key is ours alone, and an object appears whole or
        not at all: if it is there, it is what we sent."""
        try:
            yield
        except Altered:
            raise
        except (StoreUnavailable, NotStored) as error:
            try:
                if self.size(key) == size:
                    return
            except (StoreUnavailable, NotStored):
                pass
            raise StoreUnavailable(str(error)) from error

    def read(self, key: str, start: int = 0, length: int | None = None) -> Generator[bytes, None, None]:
        check_span(start, length)
        chunks = self._chunks(key, start, length)
        next(chunks)  # sends the request: what is missing is reported now, and closing always works
        return chunks

    def _chunks(self, key: str, start: int, length: int | None) -> Generator[bytes, None, None]:
        if length == 0:
            self.size(key)
            yield b""
            return
        body = self._body(key, start, length)
        at, end, breaks = start, None if length is None else start + length, 0
        yield b""
        while body is not None:
            try:
                with closing(body):
                    while chunk := self._next(body):
                        at += len(chunk)
                        yield chunk
                return
            except (
                StoreUnavailable
            ):  # broken off in the middle: what is stored never changes, so go on from here
                breaks += 1
                if breaks >= self.settings.attempts:
                    raise
            body = self._body(key, at, None if end is None else end - at) if at != end else None

    def _body(self, key: str, start: int, length: int | None) -> Any:
        """The bytes as they come, or None if there are none from here on."""
        try:
            return self._ask(key, "get_object", **self._place(key), **_range(start, length))["Body"]
        except StoreUnavailable as error:
            if isinstance(error.__cause__, ClientError) and code_of(error.__cause__) in _BEYOND_THE_END:
                return None
            raise

    def _next(self, body: Any) -> bytes:
        with self._waiting.seat(), answering():
            chunk: bytes = body.read(CHUNK)
        return chunk

    def size(self, key: str) -> int:
        return int(self._ask(key, "head_object", **self._place(key))["ContentLength"])

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except NotStored:
            return False
        return True

    def delete(self, key: str) -> None:
        self._ask(key, "delete_object", **self._place(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        check_prefix(prefix)
        return self._listed(prefix)

    def _listed(self, prefix: str) -> Iterator[str]:
        place: dict[str, str] = {"Bucket": self.settings.bucket, "Prefix": self._prefix + prefix}
        while place:
            page = self._ask("", "list_objects_v2", **place)
            found = (str(entry["Key"]).removeprefix(self._prefix) for entry in page.get("Contents", ()))
            yield from filter(is_key, found)
            more = page.get("NextContinuationToken") if page.get("IsTruncated") else None
            place = {**place, "ContinuationToken": more} if more else {}

    def modified(self, key: str) -> datetime:
        answered: datetime = self._ask(key, "head_object", **self._place(key))["LastModified"]
        return answered.astimezone(UTC)

    def ready(self) -> None:
        """Asks once, and briefly, whether the bucket is there and is ours."""
        with self._lock:
            if self._brief is None:
                self._brief = make_client(
                    replace(self.settings, connect_timeout=2, read_timeout=3, attempts=1)
                )
        with answering():
            self._brief.head_bucket(Bucket=self.settings.bucket)

    def close(self) -> None:
        """Give its connections back. A process that uses one store all its life need not."""
        self._client.close()
        if self._brief is not None:
            self._brief.close()

    def _ask(self, key: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """One question to the bucket, in a seat of the waiting room; failures in the store's own words."""
        with self._waiting.seat(), answering(key):
            answer: dict[str, Any] = getattr(self._client, operation)(**arguments)
        return answer

    def _asker(self, key: str) -> Ask:
        return partial(self._ask, key)

    def _refuse_taken(self, key: str) -> None:
        if self.exists(key):
            raise KeyTaken("this key is in use")

    def _place(self, key: str) -> dict[str, str]:
        return {"Bucket": self.settings.bucket, "Key": self._prefix + check_key(key)}


def _range(start: int, length: int | None) -> dict[str, str]:
    if length is None:
        return {"Range": f"bytes={start}-"} if start else {}
    return {"Range": f"bytes={start}-{start + length - 1}"}


@contextmanager
def _local() -> Iterator[None]:
    """The staged file is on a disk of this machine, which can fail too."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"the staged file cannot be read: {error.strerror}") from error
