"""What an entry is, to the byte: canonical JSON, its hash, and commitments in the place of texts. Pure.

`verify_export.py` says the same once more without the product, and a test compares the two.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from portfolio.sealing.rules import REMOVED

VERSION = 1
START = "0" * 64
"""What the first entry names as the hash before it."""
BACK = "back"
"""In the field `clock`: the server's clock said an earlier time than for the entry before."""
CARRIED_OVER = ":carried_over"
"""Ends the action of an entry that was written for a row which was there before the ledger."""
ERASED = "[erased]"
"""Stands where a text was erased for good in a column that may not be empty."""
BLANK = frozenset({"", ERASED, REMOVED})


class Head(NamedTuple):
    """The newest entry of a provider's chain, as it was told to somebody."""

    provider_id: UUID
    seq: int
    hash: str

    @property
    def whole(self) -> str:
        """As `python -m portfolio verify` takes it after --head; the script takes it without the provider."""
        return f"{self.provider_id}:{self.seq}:{self.hash}"


class Words(NamedTuple):
    """A text that enters as a commitment only. `blank`: nothing is written there, or it was erased."""

    text: str
    blank: bool


def canonical(value: Mapping[str, Any]) -> str:
    """JSON after RFC 8785. Keys are ASCII, numbers are whole, so sorting and printing by Python's own are enough."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hash_of(entry: str) -> str:
    """SHA-256 over the entry, with a mark in front so that no other hash of ours can be taken for it."""
    return hashlib.sha256(b"ledger-v1\0" + entry.encode()).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(32)


def commitment(salt: str, text: str) -> str:
    """Shows later that this was the text; without the salt it shows nothing."""
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()


def moment(value: datetime) -> str:
    """In UTC with six digits of a second: such texts sort by time."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value: Any) -> str | int | None:
    """A value of a row as it stands in an entry: strings, whole numbers, nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the ledger")


def words(text: str) -> Words:
    return Words(text, text in BLANK)


def several_words(texts: Mapping[UUID, str]) -> Words:
    """Texts of the same kind under one commitment, as the first entries had the notes of a version's claims."""
    return Words(
        canonical({str(key): text for key, text in texts.items()}),
        all(text in BLANK for text in texts.values()),
    )
