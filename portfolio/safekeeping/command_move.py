"""`python -m portfolio move`."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from sqlalchemy import make_url

from portfolio.app import open_store
from portfolio.migrate import migrate
from portfolio.safekeeping.backup import Source
from portfolio.safekeeping.command_verify import verify_site
from portfolio.safekeeping.faults import NOTES, Fault
from portfolio.safekeeping.move import Moved, finish, move
from portfolio.safekeeping.opening import Mistyped, open_here, shown, target_at
from portfolio.safekeeping.progress import to_terminal
from portfolio.safekeeping.verify import Site
from portfolio.settings import Settings

logger = logging.getLogger("portfolio.safekeeping")
OF_ROWS = frozenset({"rows", "summary", "ledger"})
"""Kinds of faults that rows have among themselves, whatever the store holds."""


def run_move(options: argparse.Namespace) -> int:
    settings = Settings()
    if make_url(options.to) == make_url(settings.database_url) or options.storage == settings.storage_url:
        raise Mistyped("It must move to another database and another store than those in the settings.")
    there = settings.model_copy(update={"storage_url": options.storage})
    logger.info("safekeeping.move_began")
    with open_here(settings) as (database, catalogue), target_at(options.to, options.role, there) as target:
        moved = move(
            Source(database, open_store(settings), settings.standards_folder), target, say=to_terminal
        )
        _show(moved)
        found = _Found(moved)
        verify_site(Site(target.owner, target.store, catalogue), each=found.note)
        if moved.changed or found.new or (found.any and not options.despite_faults):
            return _not_yet(moved, found)
        finish(target)
        migrate(target.owner, application_role=options.role)
    logger.info("safekeeping.move_done", extra={"rows": moved.rows, "objects": moved.objects})
    _say_what_is_there(moved, found)
    _say_what_to_change(options, settings)
    return 1 if found.any else 0


class _Found:
    """Counts faults of the copy: those that it has from the source, and new ones."""

    def __init__(self, moved: Moved) -> None:
        self.moved = moved
        self.old = self.new = 0

    def note(self, fault: Fault) -> None:
        if fault.kind in NOTES:
            return
        if self._is_old(fault):
            self.old += 1
        else:
            self.new += 1

    def _is_old(self, fault: Fault) -> bool:
        """Rows were compared and are the same, so they contradict each other at the source too."""
        of_rows = fault.kind in OF_ROWS or (fault.kind == "foreign" and "row" in fault.about)
        return of_rows or fault.about.get("key") in self.moved.lost

    @property
    def any(self) -> bool:
        return bool(self.old or self.new or self.moved.faults)


def _show(moved: Moved) -> None:
    for line in moved.faults:
        print(line)
    print(
        f"There are now {moved.rows:,} rows and {moved.objects:,} objects; this run copied {moved.copied:,}."
    )


def _not_yet(moved: Moved, found: _Found) -> int:
    if moved.changed:
        print(
            f"Not finished: rows changed here meanwhile ({', '.join(moved.changed)}). Stop serving and the workers, "
            "then run the same command again: it copies only what is new."
        )
    elif found.new:
        print("Not finished: see the faults above. Run the same command again when they are put right.")
    else:
        print(
            "Not finished: the faults above are here too, where it is moved from. Bring back from a backup what is "
            "missing or damaged here, and run the same command again. If no backup has it, run it with "
            "--despite-faults: then all else is moved, and “verify” goes on naming these faults there."
        )
    return 1


def _say_what_is_there(moved: Moved, found: _Found) -> None:
    if moved.faults:
        print(f"Not there, since they were missing or damaged here already: {len(moved.faults):,} objects:")
        for line in moved.faults:
            print(f"  {line}")
        print("Everything else is there. Nothing was changed here.")
    else:
        print("Everything is there. Nothing was changed here.")
    if found.old > len(moved.faults):
        print("Rows that contradict each other were moved as they are: see the faults above.")
    print(
        f"The rows were read at {moved.read_at:%Y-%m-%d %H:%M:%S} UTC: what is confirmed here later is not in the "
        "copy. If anything still serves or works here, stop it and run the same command once more before you switch."
    )


def _say_what_to_change(options: argparse.Namespace, settings: Settings) -> None:
    print("To switch, set on every machine that serves or works:")
    if make_url(options.to).drivername.startswith("postgresql"):
        print(f"  PORTFOLIO_DATABASE_OWNER_URL={shown(options.to)}   (for migrate only)")
        served = make_url(options.to).set(username=options.role or "ROLE")
        print(f"  PORTFOLIO_DATABASE_URL={served.render_as_string(hide_password=True)}")
    else:
        print(f"  PORTFOLIO_DATABASE_URL={shown(options.to)}")
    print(f"  PORTFOLIO_STORAGE_URL={options.storage}")
    print("  PORTFOLIO_SECRET and all others as they are")
    if list(Path(settings.standards_folder).glob("*.yaml")):
        print(f"Copy {settings.standards_folder} as well: the standards that were imported here.")
    print("Then run: python -m portfolio migrate, and: python -m portfolio verify")
