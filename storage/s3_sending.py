"""One file into a bucket: in one piece, or in parts that are put together at the end.

Every piece goes with its MD5, which the server compares (whatever else servers differ in, they do this), and
while the MD5s are taken so is our own SHA-256 of the whole: what was sent is what was received.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from storage.store import Altered, StoreUnavailable

PART = 8 * 1024 * 1024
"""Bytes per part of a large upload. Real servers refuse parts below 5 MiB …"""
MOST_PARTS = 10_000
"""… and more parts than this."""
_PIECE = 1024 * 1024

logger = logging.getLogger("storage.s3")
Ask = Callable[..., dict[str, Any]]
"""Calls an operation of the client by its name; failures come in the store's own words."""


class _Span:
    """Some bytes of an open file, as boto3 wants a body: it reads a little at a time and can begin again."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self.file, self.start, self.size, self.at = file, start, size, 0

    def __len__(self) -> int:
        return self.size

    def read(self, amount: int = -1) -> bytes:
        left = self.size - self.at
        self.file.seek(self.start + self.at)
        data = self.file.read(left if amount is None or amount < 0 else min(left, amount))
        self.at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self.at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.size}[whence]
        return self.at

    def tell(self) -> int:
        return self.at


def md5_of(data: bytes) -> str:
    """As the Content-MD5 header has it. Against accidents on the way, not against malice."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def send_file(ask: Ask, place: dict[str, str], path: Path, sha256: str) -> None:
    """Send the file; `sha256` is what its bytes must hash to, or empty. Raises `StoreUnavailable`, `Altered`."""
    size = path.stat().st_size
    whole = hashlib.sha256()
    with path.open("rb") as file:
        if size <= PART:
            span = _Span(file, 0, size)
            md5 = _taken(span, whole)
            _check(whole.hexdigest(), sha256)
            ask("put_object", Body=span, ContentMD5=md5, **place)
        else:
            _send_parts(ask, place, file, size, whole, sha256)


def _send_parts(ask: Ask, place: dict[str, str], file: BinaryIO, size: int, whole: Any, sha256: str) -> None:
    upload = {**place, "UploadId": ask("create_multipart_upload", **place)["UploadId"]}
    part_size = max(PART, -(-size // MOST_PARTS))
    try:
        parts = []
        for number, start in enumerate(range(0, size, part_size), 1):
            span = _Span(file, start, min(part_size, size - start))
            md5 = _taken(span, whole)
            sent = ask("upload_part", Body=span, ContentMD5=md5, PartNumber=number, **upload)
            parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        _check(whole.hexdigest(), sha256)
        ask("complete_multipart_upload", MultipartUpload={"Parts": parts}, **upload)
    except BaseException:
        _abort(ask, upload)
        raise


def _taken(span: _Span, whole: Any) -> str:
    """The MD5 of this span, for the header; the whole's SHA-256 goes on by it."""
    digest = hashlib.md5(usedforsecurity=False)
    while piece := span.read(_PIECE):
        digest.update(piece)
        whole.update(piece)
    span.seek(0)
    return base64.b64encode(digest.digest()).decode()


def _check(found: str, expected: str) -> None:
    if expected and found != expected:
        raise Altered("the file changed between its arrival and its sending")


def _abort(ask: Ask, upload: dict[str, str]) -> None:
    """Parts that were sent take up space until they are thrown away; a lifecycle rule of the bucket does it too."""
    try:
        ask("abort_multipart_upload", **upload)
    except (StoreUnavailable, KeyError):
        logger.warning("s3.parts_left")
