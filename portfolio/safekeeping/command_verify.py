"""`python -m portfolio verify` and what the other commands verify at their end."""

from __future__ import annotations

import argparse
import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from uuid import UUID

from sqlalchemy import select

from portfolio.app import open_store
from portfolio.database import Database
from portfolio.ledger.chain import Head
from portfolio.ledger.models import LedgerEntry
from portfolio.safekeeping.faults import KINDS, Fault
from portfolio.safekeeping.opening import Mistyped, open_here
from portfolio.safekeeping.progress import megabytes, to_terminal
from portfolio.safekeeping.verify import (
    Figures,
    Site,
    repair_summaries,
    repair_sums,
    sum_faults,
    summary_faults,
    verify,
)
from portfolio.settings import Settings

logger = logging.getLogger("portfolio.safekeeping")
HEAD = re.compile("(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):)?([1-9][0-9]{0,8}):([0-9a-f]{64})")


def run_verify(options: argparse.Namespace) -> int:
    settings = Settings()
    told = [head_of(text) for text in options.head]
    with open_here(settings) as (database, catalogue):
        heads = tuple(head for one in told for head in whose(database, *one))
        site = Site(database, open_store(settings), catalogue, heads)
        return verify_site(site, quick=options.quick, as_json=options.json)


def head_of(text: str) -> tuple[UUID | None, int, str]:
    """The provider if it is named, the position and the whole hash: a shortened one would be called wrong.

    Raises Mistyped."""
    found = HEAD.fullmatch(text.strip().lower())
    if found is None:
        raise Mistyped(
            "A head is written PROVIDER:POSITION:HASH or POSITION:HASH, with all 64 digits of the hash, as it stands "
            "in the mail and on the pages."
        )
    return UUID(found[1]) if found[1] else None, int(found[2]), found[3]


def whose(database: Database, provider_id: UUID | None, seq: int, hash_: str) -> list[Head]:
    """Without a provider it is the head of the one whose ledger leads to it. If none does, none is spared."""
    if provider_id is not None:
        return [Head(provider_id, seq, hash_)]
    with database.reading() as session:
        here = (LedgerEntry.seq == seq) & (LedgerEntry.hash == hash_)
        found = session.scalars(select(LedgerEntry.provider_id).where(here)).all()
        found = found or session.scalars(select(LedgerEntry.provider_id).distinct()).all()
    if not found:
        raise Mistyped("There is no entry in any ledger: name the provider, as PROVIDER:POSITION:HASH.")
    return [Head(one, seq, hash_) for one in sorted(found)]


def verify_site(
    site: Site,
    *,
    quick: bool = False,
    as_json: bool = False,
    each: Callable[[Fault], object] = lambda fault: None,
) -> int:
    """Print each fault as it is found, and give it to `each`; then how much was looked at. Returns how the command
    ends."""
    figures = Figures()
    for fault in verify(site, figures, now=datetime.now(UTC), quick=quick, say=to_terminal):
        print(fault.json() if as_json else fault, flush=True)
        each(fault)
    total = sum(figures.faults.values())
    print(_as_json(figures) if as_json else _in_words(figures, quick))
    logger.info(
        "safekeeping.verified", extra={"objects": figures.objects, "bytes": figures.bytes, "faults": total}
    )
    return 1 if total else 0


def _in_words(figures: Figures, quick: bool) -> str:
    how = "sizes compared" if quick else f"{megabytes(figures.bytes)} read"
    looked = f"Looked at {figures.objects:,} objects ({how}), all rows, ledgers and summaries."
    if figures.on_their_way:
        looked += f" {figures.on_their_way:,} objects are on their way in or out."
    if erased := figures.notes["erased"]:
        looked += f" Texts that were erased: {erased:,}; compare that with your record of erasures."
    if not figures.faults:
        return f"{looked}\nNo fault."
    counts = ", ".join(f"{figures.faults[kind]} {kind}" for kind in KINDS if figures.faults[kind])
    total = sum(figures.faults.values())
    return f"{looked}\n{total} {'fault' if total == 1 else 'faults'}: {counts}."


def _as_json(figures: Figures) -> str:
    return json.dumps(
        {
            "faults": dict(figures.faults),
            "notes": dict(figures.notes),
            "objects": figures.objects,
            "bytes": figures.bytes,
            "on_their_way": figures.on_their_way,
        }
    )


def run_verify_progress(options: argparse.Namespace) -> int:
    """Compare every summary, and the sums of files that quotas go by, with what is computed afresh; with --repair put
    the wrong ones right."""
    wrong = 0
    with open_here(Settings()) as (database, catalogue):
        if options.repair:
            print(f"{repair_summaries(database, catalogue):,} summaries were computed afresh.")
            if sums := repair_sums(database):
                print(f"{sums:,} sums of files were counted afresh.")
        for fault in chain(summary_faults(database, catalogue), sum_faults(database)):
            wrong += 1
            print(fault.line)
    print("Every summary is right." if not wrong else f"{wrong} differences.")
    return 1 if wrong else 0
