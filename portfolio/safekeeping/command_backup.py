"""`python -m portfolio backup` and `restore`."""

from __future__ import annotations

import argparse
import logging
from datetime import UTC, datetime

from portfolio.app import open_store
from portfolio.audit import actions as audit
from portfolio.database import Database
from portfolio.safekeeping.backup import Source, Taken, back_up
from portfolio.safekeeping.command_verify import verify_site
from portfolio.safekeeping.manifest import complete, newest, read_manifest
from portfolio.safekeeping.opening import Mistyped, open_here, open_place, open_target
from portfolio.safekeeping.places import Place
from portfolio.safekeeping.progress import megabytes, to_terminal
from portfolio.safekeeping.pruning import prune
from portfolio.safekeeping.restore import restore
from portfolio.safekeeping.verify import Site
from portfolio.settings import Settings
from portfolio.slips.rules import BACKED_UP

logger = logging.getLogger("portfolio.safekeeping")
LONGEST_KEPT_DAYS = 35
"""What was erased must be gone from every copy after so many days."""


def run_backup(options: argparse.Namespace) -> int:
    settings = Settings()
    if options.keep_days is not None and not 1 <= options.keep_days <= LONGEST_KEPT_DAYS:
        raise Mistyped(
            f"--keep-days takes 1 to {LONGEST_KEPT_DAYS}: what was erased must not live on in backups."
        )
    place = open_place(options.place, settings)
    logger.info("safekeeping.backup_began")
    with open_here(settings) as (database, _):
        source = Source(database, open_store(settings), settings.standards_folder)
        taken = back_up(source, place, say=to_terminal, rehash=options.rehash)
        _note(database, taken)
    _show(taken)
    if options.keep_days is not None:
        _prune(place, options.keep_days)
    return 1 if taken.faults else 0


def _note(database: Database, taken: Taken) -> None:
    """In the trail of the installation: pages of purges say whether a backup was made since."""
    with database.writing() as session:
        audit.record(
            session,
            BACKED_UP,
            by=None,
            now=datetime.now(UTC),
            record="backup",
            began_at=taken.manifest.began_at,
            faults=len(taken.faults),
        )


def _show(taken: Taken) -> None:
    manifest = taken.manifest
    for line in taken.faults:
        print(line)
    print(
        f"Backup {manifest.name} is complete: {manifest.rows:,} rows, {manifest.objects:,} objects "
        f"({megabytes(manifest.object_bytes)}), {taken.copied:,} of them new in this place."
    )
    for provider, head in manifest.heads.items():
        print(f"Ledger of provider {provider} ends at {head['seq']}: {head['hash']}")
    if taken.faults:
        print(
            f"{len(taken.faults)} objects could not be copied: they are missing or damaged where they are stored. "
            "An earlier backup may have them. Run: python -m portfolio verify"
        )
    logger.info(
        "safekeeping.backup_done",
        extra={
            "backup": manifest.name,
            "rows": manifest.rows,
            "objects": manifest.objects,
            "faults": len(taken.faults),
        },
    )


def _prune(place: Place, keep_days: int) -> None:
    pruned = prune(place, keep_days=keep_days, now=datetime.now(UTC))
    if pruned.waits:
        print("Old backups stay for now: another backup is being made in the same place.")
    else:
        print(
            f"Removed: {pruned.backups} old backups, {pruned.objects:,} objects that no backup names any more."
        )


def run_restore(options: argparse.Namespace) -> int:
    settings = Settings()
    place = open_place(options.place, settings)
    if options.list:
        return _list(place)
    manifest = read_manifest(place, options.backup or newest(place))
    to_terminal(f"backup {manifest.name}, of {manifest.began_at}")
    logger.info("safekeeping.restore_began", extra={"backup": manifest.name})
    with open_target(settings) as target:
        restored = restore(place, manifest, target, now=datetime.now(UTC), say=to_terminal)
    for line in restored.faults:
        print(line)
    print(f"Restored from {manifest.name}: {restored.rows:,} rows, {restored.objects:,} objects.")
    print("Everybody signs in anew, and links that were sent by mail before no longer work: send new ones.")
    with open_here(settings) as (database, catalogue):
        ended = verify_site(Site(database, target.store, catalogue))
    logger.info("safekeeping.restore_done", extra={"backup": manifest.name, "faults": len(restored.faults)})
    return 1 if restored.faults else ended


def _list(place: Place) -> int:
    for name in complete(place):
        one = read_manifest(place, name)
        damaged = f", {len(one.damaged)} objects missing" if one.damaged else ""
        print(
            f"{name}  {one.began_at[:16]} UTC  {one.rows:,} rows, {one.objects:,} objects "
            f"({megabytes(one.object_bytes)}){damaged}"
        )
    return 0
