"""What may be said and signed now, what exactly is signed, and when a signature is void. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


def why_no_comment(*, state: str, closed: str) -> str:
    """Why nobody can comment on this piece now; empty if they can. `state` is that of the piece, `closed` why
    nothing at all can be written in this portfolio (locked, withdrawn), or empty."""
    if closed:
        return closed
    return {
        "draft": "This is still a draft. Comments are possible once it is submitted.",
        "withdrawn": "This piece was withdrawn. What was said stays here; nothing can be added.",
    }.get(state, "")


@dataclass(frozen=True)
class WitnessFacts:
    """What decides whether somebody can sign that they saw this."""

    state: str
    closed: str
    """Why nothing at all can be written in this portfolio, or empty."""
    is_own: bool
    has_signed: bool
    """They have signed a testimony on this very version."""


def why_no_testimony(facts: WitnessFacts) -> str:
    """Why this person cannot sign a testimony on this piece now; empty if they can."""
    if facts.is_own:
        return "Nobody can bear witness to their own work."
    if facts.closed:
        return facts.closed
    if facts.state == "draft":
        return "This is still a draft. A testimony binds to what was submitted."
    if facts.state == "withdrawn":
        return "This piece was withdrawn, so there is nothing to bear witness to."
    if facts.has_signed:
        return "You have already signed a testimony on this version."
    return ""


def why_not_seen_on(saw_on: date, *, today: date) -> str:
    """Why this cannot be the day on which it was seen; empty if it can."""
    return "The day you saw it cannot be in the future." if saw_on > today else ""


@dataclass(frozen=True)
class SignedContent:
    """All that a testimony vouches for in one version of a piece."""

    number: int
    type: str
    title: str
    happened_on: date | None
    what_happened: str
    what_i_did: str
    why: str
    original_kept_at: str
    original_seen_by: str
    confidentiality: str
    nobody_identifiable: bool
    own_work: bool
    claims: Sequence[tuple[str, str]]
    """Item code and note of each claim."""
    files: Sequence[str]
    """SHA-256 of each file as it is stored."""
    original_what: str = ""
    original_seen_on: date | None = None


def canonical_text(content: SignedContent) -> str:
    """The content as the one text that is hashed, so that anybody can compute the same hash again.

    JSON in UTF-8 (nothing escaped that need not be), keys sorted, no spaces. `happened_on` is YYYY-MM-DD or
    null; `claims` is a list of [code, note] sorted by code; `files` a sorted list of SHA-256 in lower case.
    `original_what` and `original_seen_on` (YYYY-MM-DD) stand in it only where something was said, so that what was
    signed before these were asked for still has its hash.
    """
    fields: dict[str, object] = {
        "number": content.number,
        "type": content.type,
        "title": content.title,
        "happened_on": content.happened_on.isoformat() if content.happened_on else None,
        "what_happened": content.what_happened,
        "what_i_did": content.what_i_did,
        "why": content.why,
        "original_kept_at": content.original_kept_at,
        "original_seen_by": content.original_seen_by,
        "confidentiality": content.confidentiality,
        "nobody_identifiable": content.nobody_identifiable,
        "own_work": content.own_work,
        "claims": sorted([code, note] for code, note in content.claims),
        "files": sorted(sha256.lower() for sha256 in content.files),
    }
    if content.original_what:
        fields["original_what"] = content.original_what
    if content.original_seen_on:
        fields["original_seen_on"] = content.original_seen_on.isoformat()
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def version_sha256(content: SignedContent) -> str:
    """The hash that a testimony keeps of what was signed: SHA-256 of `canonical_text`, in hexadecimal."""
    return hashlib.sha256(canonical_text(content).encode("utf-8")).hexdigest()


def why_void(*, signed_number: int, newest_number: int, signed_sha256: str, sha256_now: str) -> str:
    """Why a testimony no longer counts; empty while it does. Numbers are those of submitted versions."""
    if newest_number > signed_number:
        return (
            f"It was signed on version {signed_number}. Version {newest_number} has been submitted since, "
            "so it does not speak for what is here now."
        )
    if signed_sha256 != sha256_now:
        return "What was signed does not match what is stored, so it does not count."
    return ""
