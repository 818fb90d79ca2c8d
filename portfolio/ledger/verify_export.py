#!/usr/bin/env python3
"""Check an exported ledger without the product: Python 3.9 or newer, its standard library, and this file.

    python3 verify_export.py export.json [--head SEQ:HASH] [--head SEQ:HASH] …

An export is JSON: {"format": "ksb-ledger-export-1", "provider": id, "head": {"seq", "hash"}, "entries": [{"hash",
"entry"}, …]}. Each `entry` is a text: the canonical JSON (RFC 8785) of what was done, with `seq` counting from 1 and
`prev`, the hash of the entry before (of the first: 64 zeros). A hash is SHA-256("ledger-v1" + one zero byte + entry).

Whoever can write to the database can also compute all hashes anew. What they cannot do is change a hash that has
left: one that was mailed, printed or noted. Give all such heads with --head; without one, a chain that was cut off at
its end or written anew as a whole looks sound. Prints each fault. Exit status: 0 sound, 1 not, 2 no export.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIELDS = {"v", "provider", "seq", "prev", "utc", "clock", "actor", "role", "action", "subject"}
FIELDS |= {"record", "refs", "outcome", "item", "facts", "commitments"}
LATER = {"assessment_event", "sighting", "slip_event", "hours_confirmation"}
"""Tables that entered with a later release: what was there is carried over when that came, not at the start."""


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


def check(export: dict[str, Any], heads: list[tuple[int, str]]) -> Iterator[str]:
    """Yield a line for each fault. `heads`: number and hash as they left the system, any number of them."""
    last: dict[str, Any] = {"seq": 0, "utc": ""}
    last_hash, seen, begun = "0" * 64, dict[int, str](), set[str]()
    for place, link in enumerate(export["entries"], start=1):
        if hash_of(link["entry"]) != link["hash"]:
            yield f"entry altered: at place {place}, the text does not have the hash beside it"
        said = understood(link["entry"])
        if said is None:
            yield f"entry not canonical: at place {place}, the text is not the canonical JSON of an entry"
            continue
        if said["provider"] != export["provider"]:
            yield f"entry of another provider: {said['seq']}, written for {said['provider']}"
        if said["seq"] in seen:
            yield f"entry inserted: {said['seq']} is there twice"
        yield from in_its_place(last, last_hash, said, begun)
        last, last_hash, seen[said["seq"]] = said, link["hash"], link["hash"]
    before = 0
    for seq in sorted(seen):
        if seq > before + 1:
            yield f"entry missing: {before + 1}" + (f" to {seq - 1}" if seq > before + 2 else "")
        before = seq
    yield from against_heads(seen, heads, export["head"])


def in_its_place(
    last: dict[str, Any], last_hash: str, said: dict[str, Any], begun: set[str]
) -> Iterator[str]:
    """One entry against the one before it. `begun`: kinds of which something entered as it was done."""
    seq, group = said["seq"], next((table for table in LATER if table == said["record"]["table"]), "")
    if seq <= last["seq"]:
        yield f"entry in another place: {seq} stands after {last['seq']}"
    if seq == last["seq"] + 1 and said["prev"] != last_hash:
        yield f"chain broken: {seq} does not follow {seq - 1} as that stands; one of them was written anew"
    if said["utc"] < last["utc"] and said["clock"] != "back":
        yield f"entry backdated: {seq} has an earlier time than the entry before"
    if not said["action"].endswith(":carried_over"):
        begun.add(group)
    elif group in begun:
        yield f"carried over late: {seq}"


def against_heads(seen: dict[int, str], heads: list[tuple[int, str]], own: dict[str, Any]) -> Iterator[str]:
    """The chain against everything that left the system, and against what the export says its end is."""
    end, numbers = max(seen, default=0), [seq for seq, _ in set(heads)]
    for seq, known in sorted({*heads, (own["seq"], own["hash"])}):
        if seq > end:
            yield f"tail cut off: the chain ends at {end}, but entry {seq} has left"
        elif seen.get(seq, known) != known:
            yield f"chain written anew: entry {seq} had the hash {known} when it left"
    for seq in sorted({seq for seq in numbers if numbers.count(seq) > 1}):
        yield f"heads contradict each other: entry {seq} left with {numbers.count(seq)} hashes"
    if end > own["seq"]:
        yield f"entry inserted: the export ends at {own['seq']}, but holds entry {end}"


def head(text: str) -> tuple[int, str]:
    if not re.fullmatch("[1-9][0-9]*:[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError("a head is written SEQ:HASH, with all 64 digits of the hash")
    return int(text.split(":")[0]), text.split(":")[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Check an exported ledger without the product.")
    parser.add_argument("export", help="the JSON file, or - to read it from standard input")
    parser.add_argument("--head", type=head, action="append", default=[], help="as it left the system")
    options = parser.parse_args()
    try:
        text = sys.stdin.read() if options.export == "-" else Path(options.export).read_text("utf-8")
        export = json.loads(text)
        faults = list(check(export, options.head))
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
        print("No --head was given: compare this head with one that was mailed, or the end may be missing.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
