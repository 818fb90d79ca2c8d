"""`python -m portfolio verify` and what the other commands verify at their end."""

from __future__ import annotations

import argparse
import json
import logging
from datetime import UTC, datetime
from uuid import UUID

from portfolio.app import open_store
from portfolio.ledger.chain import Head
from portfolio.safekeeping.faults import KINDS
from portfolio.safekeeping.opening import Mistyped, open_here
from portfolio.safekeeping.progress import megabytes, to_terminal
from portfolio.safekeeping.verify import Figures, Site, repair_summaries, summary_faults, verify
from portfolio.settings import Settings

logger = logging.getLogger("portfolio.safekeeping")


def run_verify(options: argparse.Namespace) -> int:
    settings = Settings()
    heads = tuple(head_of(text) for text in options.head)
    with open_here(settings) as (database, catalogue):
        site = Site(database, open_store(settings), catalogue, heads)
        return verify_site(site, quick=options.quick, as_json=options.json)


def head_of(text: str) -> Head:
    """Raises Mistyped."""
    try:
        provider, position, hash_ = text.strip().split(":")
        return Head(UUID(provider), int(position), hash_.lower())
    except ValueError:
        raise Mistyped("A head is written PROVIDER:POSITION:HASH, as it stands in the mail.") from None


def verify_site(site: Site, *, quick: bool = False, as_json: bool = False) -> int:
    """Print each fault as it is found, then how much was looked at. Returns how the command ends."""
    figures = Figures()
    for fault in verify(site, figures, now=datetime.now(UTC), quick=quick, say=to_terminal):
        print(fault.json() if as_json else fault, flush=True)
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
    """Compare every summary with one computed afresh; with --repair put the wrong ones right."""
    wrong = 0
    with open_here(Settings()) as (database, catalogue):
        if options.repair:
            print(f"{repair_summaries(database, catalogue):,} summaries were computed afresh.")
        for fault in summary_faults(database, catalogue):
            wrong += 1
            print(fault.line)
    print("Every summary is right." if not wrong else f"{wrong} differences.")
    return 1 if wrong else 0
