"""`python -m portfolio verify | orphaned | backup | restore | move`: what each takes, what it prints, how it ends.

Results go to standard output, progress to standard error. It ends with 0 if all is well, with 1 if something is
damaged or missing, with 2 if it could not be done.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import OperationalError

from portfolio.safekeeping import command_move, command_orphaned, command_verify
from portfolio.safekeeping.command_backup import run_backup, run_restore
from portfolio.safekeeping.manifest import NoBackup
from portfolio.safekeeping.move import NothingToMove
from portfolio.safekeeping.opening import Mistyped
from portfolio.safekeeping.packing import Spoilt
from portfolio.safekeeping.places import NotThere, PlaceUnavailable
from portfolio.safekeeping.rows import UnknownTable
from portfolio.safekeeping.target import NewerVersion, NotEmpty
from portfolio.walls import NoSuchRole
from portfolio.web import logs
from storage.store import StoreUnavailable

Run = Callable[[argparse.Namespace], int]


def add_to(commands: Any) -> None:
    """Add the five commands to the parser."""
    verify = commands.add_parser("verify", help="is everything there, and is it what it was?")
    verify.add_argument("--quick", action="store_true", help="compare sizes only; do not read what is stored")
    verify.add_argument("--json", action="store_true", help="one JSON object per line, for machines")
    verify.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="[PROVIDER:]POSITION:HASH",
        help="a head of a ledger as it was mailed or printed; the ledger must still lead to it",
    )
    verify.set_defaults(run=_with_care(command_verify.run_verify))
    orphaned = commands.add_parser(
        "orphaned",
        help="objects that no row names: list them, or remove them",
        description="Lists what lies in the store for more than two days although no row names it, no upload is "
        "about to, and no job removes it. Objects of a provider that does not exist here are left alone.",
    )
    orphaned.add_argument("--remove", action="store_true", help="have the worker remove what is listed")
    orphaned.set_defaults(run=_with_care(command_orphaned.run_orphaned))
    backup = commands.add_parser("backup", help="a copy of everything, made while people work")
    backup.add_argument("place", help="a folder on another disk, or s3://bucket/prefix")
    backup.add_argument(
        "--keep-days", type=int, metavar="DAYS", help="afterwards remove backups that are older (35 at most)"
    )
    backup.add_argument(
        "--rehash", action="store_true", help="also read again every object that the place has already"
    )
    backup.set_defaults(run=_with_care(run_backup))
    restore = commands.add_parser("restore", help="bring a backup back into an empty place, and verify it")
    restore.add_argument("place", help="where backups are kept")
    restore.add_argument("--backup", default="", metavar="NAME", help="which one; otherwise the newest")
    restore.add_argument("--list", action="store_true", help="only list the backups that are there")
    restore.set_defaults(run=_with_care(run_restore))
    move = commands.add_parser("move", help="copy everything to another database and another store")
    move.add_argument(
        "--to", required=True, metavar="DATABASE", help="as its owner: postgresql://… or sqlite:///…"
    )
    move.add_argument("--storage", required=True, metavar="STORE", help="s3://bucket/prefix or folder:/path")
    move.add_argument(
        "--role", default="", help="PostgreSQL: the role that will serve, to be given its rights"
    )
    move.add_argument(
        "--despite-faults",
        action="store_true",
        help="finish although objects are missing or damaged here already: each is named, all else is moved",
    )
    move.set_defaults(run=_with_care(command_move.run_move))


def _with_care(run: Run) -> Run:
    """What goes wrong is said in a sentence; what was begun is ended in order, also on SIGTERM."""

    def careful(options: argparse.Namespace) -> int:
        logs.set_up()
        with _ending_in_order():
            try:
                return run(options)
            except (NotEmpty, NoBackup, NewerVersion, NothingToMove, Mistyped, NoSuchRole) as reason:
                return _fail(str(reason))
            except UnknownTable as tables:
                return _fail(
                    f"The database has tables that this version does not know: {tables}. Nothing was copied."
                )
            except Spoilt as file:
                return _fail(
                    f"The backup is damaged: {file} cannot be read or is not what its manifest says."
                )
            except NotThere as name:
                return _fail(f"The backup is damaged: {name} is missing.")
            except (StoreUnavailable, PlaceUnavailable) as error:
                return _fail(f"Not finished: {error}. Run it again; what is done is not done twice.")
            except OperationalError as error:
                return _fail(f"Not finished: the database cannot be reached ({type(error.orig).__name__}).")

    return careful


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """SIGTERM ends it like Ctrl+C: holds are released, half files removed."""

    def end(*_: object) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 2
