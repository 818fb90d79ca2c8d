"""`python -m portfolio orphaned`: what lies in the store without a name, and its removal when somebody says so."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import select

from portfolio.app import open_store
from portfolio.database import Database
from portfolio.objects import actions, queries
from portfolio.people.models import Provider
from portfolio.safekeeping.opening import open_here
from portfolio.settings import Settings
from storage.store import EvidenceStore

logger = logging.getLogger("portfolio.safekeeping")
AT_A_TIME = 500


def run_orphaned(options: argparse.Namespace) -> int:
    """List them; with --remove, enqueue their removal as they are listed.

    The job that removes looks again whether a row names one by then, and waits while a backup holds the store."""
    settings, now, count = Settings(), datetime.now(UTC), 0
    with open_here(settings) as (database, _):
        found = _orphaned(database, open_store(settings), now)
        while part := list(islice(found, AT_A_TIME)):
            for one in part:
                print(f"{one.key} is there since {one.stored_at:%Y-%m-%d %H:%M} UTC")
            if options.remove:
                with database.writing() as session:
                    actions.remove_later(session, [one.key for one in part], now)
            count += len(part)
    if not count:
        print("No object is without a name.")
    elif options.remove:
        print(f"{count:,} will be removed by the worker; none while a backup is being made.")
        logger.warning("safekeeping.orphaned_removed", extra={"count": count})
    else:
        print(f"{count:,} without a name. Nothing was removed; to do that, run it again with --remove.")
    return 0


def _orphaned(database: Database, store: EvidenceStore, now: datetime) -> Iterator[queries.Unnamed]:
    """Provider by provider: a store may be shared with another installation, whose objects have names there."""
    with database.reading() as session:
        providers = sorted(session.scalars(select(Provider.id)))
    for provider_id in providers:
        with database.reading() as session:
            yield from queries.unnamed(session, store, now, prefix=f"{provider_id}/")
