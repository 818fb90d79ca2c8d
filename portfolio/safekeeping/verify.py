"""Is everything there, and is it what it was? `python -m portfolio verify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kbs.catalogue import Catalogue
from portfolio.cohorts import progress
from portfolio.database import Database, mark_changed
from portfolio.evidence import quotas
from portfolio.ledger import checking
from portfolio.ledger.chain import Head
from portfolio.ledger.faults import Name
from portfolio.safekeeping import verify_rows
from portfolio.safekeeping.faults import NOTES, Fault
from portfolio.safekeeping.progress import Say
from portfolio.safekeeping.rows import snapshot_session
from portfolio.safekeeping.verify_objects import Objects
from storage.store import EvidenceStore

REPAIR_AT_ONCE = 100


@dataclass(frozen=True)
class Site:
    """What is verified. `heads`: entries of the ledger as they left the system: mailed, printed or exported."""

    database: Database
    store: EvidenceStore
    catalogue: Catalogue
    heads: Sequence[Head] = ()


@dataclass
class Figures:
    """What was looked at, and how many of each kind were found. Filled while they are read."""

    objects: int = 0
    bytes: int = 0
    on_their_way: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


def verify(site: Site, figures: Figures, *, now: datetime, quick: bool = False, say: Say) -> Iterator[Fault]:
    """Every fault and every note as it is found. `quick` compares sizes and does not read what is stored.

    Raises `StoreUnavailable` when the store is away: then nothing can be said of the objects."""
    for fault in _all(site, figures, now, quick, say):
        (figures.notes if fault.kind in NOTES else figures.faults)[fault.kind] += 1
        yield fault


def _all(site: Site, figures: Figures, now: datetime, quick: bool, say: Say) -> Iterator[Fault]:
    say("rows")
    yield from verify_rows.faults(site.database)
    say("ledger")
    yield from ledger_faults(site.database, site.heads)
    say("summaries")
    yield from summary_faults(site.database, site.catalogue)
    yield from sum_faults(site.database)
    objects = Objects(site.database, site.store, now, quick=quick, say=say)
    yield from objects.faults()
    figures.objects, figures.bytes = objects.checked, objects.bytes
    figures.on_their_way = objects.on_their_way


def ledger_faults(database: Database, heads: Sequence[Head]) -> Iterator[Fault]:
    with snapshot_session(database) as session:
        for fault in checking.find(session, heads=heads):
            about = {"provider": str(fault.provider_id), "entry": str(fault.seq), "name": fault.name.value}
            yield Fault("erased" if fault.name is Name.ERASED else "ledger", str(fault), about)


def summary_faults(database: Database, catalogue: Catalogue) -> Iterator[Fault]:
    with snapshot_session(database) as session:
        for line in progress.verify(session, catalogue):
            apprenticeship, _, what = line.partition(": ")
            yield Fault(
                "summary", f"apprenticeship {apprenticeship}: {what}", {"apprenticeship": apprenticeship}
            )


def sum_faults(database: Database) -> Iterator[Fault]:
    """Sums of files by which quotas go, that are not what the files come to."""
    with snapshot_session(database) as session:
        for one in quotas.differences(session):
            whose = "all" if one.holder_id == one.provider_id else f"person {one.holder_id}"
            line = (
                f"files of {whose} with provider {one.provider_id} come to {one.counted} bytes in {one.counted_files}, "
                f"and the sum says {one.kept} bytes in {one.kept_files}"
            )
            about = {"table": "storage_use", "provider": str(one.provider_id), "holder": str(one.holder_id)}
            yield Fault("summary", line, about)


def repair_sums(database: Database) -> int:
    """Returns how many were wrong."""
    with database.writing() as session:
        return len(quotas.recount(session))


def repair_summaries(database: Database, catalogue: Catalogue) -> int:
    """Compute wrong summaries afresh, as any change would, in writing transactions. Returns how many were wrong."""
    wrong = sorted({UUID(fault.about["apprenticeship"]) for fault in summary_faults(database, catalogue)})
    for start in range(0, len(wrong), REPAIR_AT_ONCE):
        with database.writing() as session:
            for apprenticeship_id in wrong[start : start + REPAIR_AT_ONCE]:
                mark_changed(session, apprenticeship_id)
    return len(wrong)
