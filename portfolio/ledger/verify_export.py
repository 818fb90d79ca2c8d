#!/usr/bin/env python3
"""Check an exported ledger without the product: Python 3.9 or newer, its standard library, and this file.

    python3 verify_export.py export.json [--head SEQ:HASH] [--head SEQ:HASH] …

An export is JSON: {"format": "ksb-ledger-export-1", "provider": id, "head": {"seq", "hash"}, "entries": [{"hash",
"entry"}, …]}. Each `entry` is a text: the canonical JSON (RFC 8785) of what was done, with `seq` counting from 1 and
`prev`, the hash of the entry before (of the first: 64 zeros). A hash is SHA-256("ledger-v1" + one zero byte + entry).

Whoever can write to the database can also compute all hashes anew. What they cannot do is change a hash that has
left: one that was mailed, printed or noted. Give such heads with --head; without one, a chain that was cut off at its
end or written anew as a whole looks sound. Prints what is wrong, a line each. Exit status: 0 sound, 1 not, 2 no export.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START = "0" * 64
FIELDS = {
    "v",
    "provider",
    "seq",
    "prev",
    "utc",
    "clock",
    "actor",
    "role",
    "action",
    "subject",
    "record",
    "refs",
}
FIELDS |= {"outcome", "item", "facts", "commitments"}


def hash_of(entry: str) -> str:
    return hashlib.sha256(b"ledger-v1\0" + entry.encode("utf-8")).hexdigest()


def understood(entry: str) -> dict[str, Any] | None:
    """The entry's fields, or None if its text is not the canonical JSON of an entry."""
    try:
        said = json.loads(entry)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or set(said) != FIELDS or not isinstance(said["seq"], int):
        return None
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return said if canonical == entry else None


def check(export: dict[str, Any], heads: dict[int, str]) -> Iterator[str]:
    """Yield a line for each fault. `heads`: {seq: hash} as they left the system."""
    before: dict[str, Any] | None = None
    before_hash, seen = START, dict[int, str]()
    for place, link in enumerate(export["entries"], start=1):
        entry, stored = link["entry"], link["hash"]
        if hash_of(entry) != stored:
            yield f"entry altered: at place {place}, the text does not have the hash beside it"
        said = understood(entry)
        if said is None:
            yield f"entry not canonical: at place {place}, the text is not the canonical JSON of an entry"
            continue
        seq = said["seq"]
        if said["provider"] != export["provider"]:
            yield f"entry of another provider: {seq}, written for {said['provider']}"
        if seq in seen:
            yield f"entry inserted: {seq} is there twice"
        yield from in_its_place(before, before_hash, said)
        before, before_hash, seen[seq] = said, stored, stored
    yield from missing(seen)
    yield from against_heads(seen, heads, export["head"])


def in_its_place(before: dict[str, Any] | None, before_hash: str, said: dict[str, Any]) -> Iterator[str]:
    """One entry against the one before it."""
    seq, expected = said["seq"], before["seq"] + 1 if before else 1
    if seq < expected:
        yield f"entry in another place: {seq} stands after {expected - 1}"
    if seq == expected and said["prev"] != before_hash:
        yield f"chain broken: {seq} does not follow {seq - 1} as that stands; one of them was written anew"
    if before and said["utc"] < before["utc"] and said["clock"] != "back":
        yield f"entry backdated: {seq} has an earlier time than the entry before"
    if before and said["action"].endswith(":carried_over") and not before["action"].endswith(":carried_over"):
        yield f"carried over late: {seq}"


def missing(seen: dict[int, str]) -> Iterator[str]:
    last = 0
    for seq in sorted(seen):
        if seq > last + 1:
            yield f"entry missing: {last + 1}" + (f" to {seq - 1}" if seq > last + 2 else "")
        last = seq


def against_heads(seen: dict[int, str], heads: dict[int, str], own: dict[str, Any]) -> Iterator[str]:
    """The chain against what left the system, and against what the export says its end is."""
    end = max(seen, default=0)
    for seq, known in sorted({**heads, own["seq"]: heads.get(own["seq"], own["hash"])}.items()):
        if seq > end:
            yield f"tail cut off: the chain ends at {end}, but entry {seq} has left"
        elif seq and seen.get(seq, known) != known:
            yield f"chain written anew: entry {seq} had the hash {known} when it left"
    if end > own["seq"]:
        yield f"entry inserted: the export ends at {own['seq']}, but holds entry {end}"


def head(text: str) -> tuple[int, str]:
    seq, _, known = text.partition(":")
    if not seq.isdigit() or len(known) != 64 or set(known) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError("a head is written SEQ:HASH, with all 64 digits of the hash")
    return int(seq), known


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Check an exported ledger without the product that wrote it."
    )
    parser.add_argument("export", help="the JSON file, or - to read it from standard input")
    parser.add_argument(
        "--head", type=head, action="append", default=[], help="SEQ:HASH as it left the system"
    )
    options = parser.parse_args()
    try:
        export = json.loads(
            sys.stdin.read() if options.export == "-" else Path(options.export).read_text("utf-8")
        )
        faults = list(check(export, dict(options.head)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"This is not a ledger export: {error!r}")
        return 2
    for fault in faults:
        print(fault)
    if faults:
        return 1
    end = export["head"]
    print(f"Sound: {end['seq']} entries of provider {export['provider']}, head {end['seq']}:{end['hash']}")
    if not options.head:
        print(
            "No --head was given: compare this head with one that was mailed or noted, or the end may be missing."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
