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
from portfolio.safekeeping.move import Moved, finish, move
from portfolio.safekeeping.opening import Mistyped, open_here, shown, target_at
from portfolio.safekeeping.progress import to_terminal
from portfolio.safekeeping.verify import Site
from portfolio.settings import Settings

logger = logging.getLogger("portfolio.safekeeping")


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
        ended = verify_site(Site(target.owner, target.store, catalogue))
        if not moved.complete or ended:
            return _not_yet(moved)
        finish(target)
        migrate(target.owner, application_role=options.role)
    logger.info("safekeeping.move_done", extra={"rows": moved.rows, "objects": moved.objects})
    _say_what_to_change(options, settings)
    return 0


def _show(moved: Moved) -> None:
    for line in moved.faults:
        print(line)
    print(
        f"There are now {moved.rows:,} rows and {moved.objects:,} objects; this run copied {moved.copied:,}."
    )


def _not_yet(moved: Moved) -> int:
    if moved.changed:
        print(
            f"Not finished: rows changed here meanwhile ({', '.join(moved.changed)}). Stop serving and the workers, "
            "then run the same command again: it copies only what is new."
        )
    else:
        print("Not finished: see the faults above. Run the same command again when they are put right.")
    return 1


def _say_what_to_change(options: argparse.Namespace, settings: Settings) -> None:
    print("Everything is there. Nothing was changed here. Set on every machine that serves or works:")
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
