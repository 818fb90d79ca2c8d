"""A backup in a bucket: not the product's own, and better with another account that only adds to it."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from portfolio.safekeeping.places import CHUNK, NotThere, PlaceUnavailable
from storage.s3_client import S3Settings, answering, make_client
from storage.s3_sending import send_file
from storage.store import NotStored, StoreUnavailable


class S3Place:
    """Keeps each name at `<prefix>/<name>`. Everything passes through a file of this machine's temporary folder, so
    that it is checked before a byte is sent."""

    def __init__(self, settings: S3Settings) -> None:
        self.bucket = settings.bucket
        self.prefix = f"{settings.prefix}/" if settings.prefix else ""
        self.client = make_client(settings)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        with tempfile.TemporaryDirectory(prefix="portfolio-backup-") as folder:
            path = Path(folder) / "whole"
            with path.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
            with _answering(name):
                send_file(self._ask, self._at(name), path, "")

    def read(self, name: str) -> Generator[bytes, None, None]:
        with _answering(name):
            answer = self._ask("get_object", **self._at(name))
            with closing(answer["Body"]) as body:
                while chunk := body.read(CHUNK):
                    yield chunk

    def sizes(self, under: str) -> Iterator[tuple[str, int]]:
        with _answering(under):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix + under
            )
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield str(entry["Key"]).removeprefix(self.prefix), int(entry["Size"])

    def remove(self, name: str) -> None:
        with _answering(name):
            self._ask("delete_object", **self._at(name))

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + name}

    def _ask(self, operation: str, **values: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.client, operation)(**values)
        return answer


@contextmanager
def _answering(name: str) -> Iterator[None]:
    try:
        with answering(name):
            yield
    except NotStored as error:
        raise NotThere(name) from error
    except StoreUnavailable as error:
        raise PlaceUnavailable(f"the bucket of the backup: {error}") from error
