"""One SHA-256 over a portfolio, so that anybody can show later that nothing in it changed. Pure.

How it is made, so that it can be made again by other means:

1. The portfolio is an object with a list for each part: evidence, versions, claims, files, decisions and so on (which
   columns: `portfolio_query.PARTS`). Each list is sorted by the rows' ids.
2. Values: ids as text in lower case, days as 2026-11-18, moments in UTC with six digits of a second and a Z, truth as
   true or false, nothing as null, text as it is (Unicode NFC is not applied: what was stored counts).
3. The object is written as JSON with sorted keys, no spaces, nothing escaped but what JSON must escape, in UTF-8.
4. SHA-256 of these bytes, in lower case hexadecimal.

Files enter by the SHA-256 of their bytes as stored and as received, so the hash covers their content, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

Parts = Mapping[str, Iterable[Mapping[str, Any]]]
"""Part -> rows; every row has an `id`."""


def fingerprint(parts: Parts) -> str:
    """The SHA-256 of a portfolio in hexadecimal. The order of rows and columns does not matter."""
    return hashlib.sha256(canonical(parts)).hexdigest()


def canonical(parts: Parts) -> bytes:
    """The bytes that are hashed. Raises TypeError for a value of another kind than those named above."""
    plain = {
        part: sorted(({name: _plain(value) for name, value in row.items()} for row in rows), key=_id)
        for part, rows in parts.items()
    }
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _id(row: Mapping[str, Any]) -> str:
    return str(row["id"])


def _plain(value: Any) -> str | int | bool | None:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a moment without a time zone has no fingerprint")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a fingerprint")
