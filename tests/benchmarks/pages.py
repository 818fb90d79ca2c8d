"""The ratios of design section "Speed" that concern pages, measured in one run.

Without an address: SQLite in a temporary folder. With the address of a PostgreSQL server whose user may create
databases and roles: a database of its own there, dropped at the end, and served as the application's role, so that
row-level security is in every figure. The real application runs behind uvicorn in a thread
of this process and is asked over loopback; every figure is a median. Figures in milliseconds depend on the
machine, ratios hardly do.
"""

from __future__ import annotations

import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kbs.catalogue import load_catalogue
from portfolio.app import create_app
from portfolio.cohorts import progress
from portfolio.cohorts.summary import summaries
from portfolio.database import Database
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.ledger import keeping as ledger
from portfolio.migrate import migrate
from portfolio.settings import Settings
from tests.benchmarks.crowds import Crowd, make
from tests.benchmarks.measuring import Bench, Client, Spent, add_yardstick, serving
from tests.benchmarks.report import Report, ms
from tests.postgres import own_database

RECOMPUTED = 300
"""So many are recomputed from their rows, and the time is scaled to the whole cohort."""
CLIENTS, EACH = 8, 40


@contextmanager
def fresh_database(url: str, folder: Path) -> Iterator[Database]:
    """A migrated database of our own."""
    if not url:
        database = Database(f"sqlite:///{folder / 'benchmark.db'}")
        migrate(database)
        yield database
        database.engine.dispose()
        return
    with own_database("benchmark", on=url) as made:
        database = Database(made.application)
        _superusers[made.application_role] = made.superuser
        without_triggers = f'SET ON PARAMETER session_replication_role {{}} "{made.application_role}"'
        try:
            as_superuser(
                database, f"GRANT {without_triggers.format('TO')}"
            )  # so that crowds are made quickly
            yield database
        finally:
            as_superuser(database, f"REVOKE {without_triggers.format('FROM')}")
            database.engine.dispose()


_superusers: dict[str, str] = {}
"""Who may do what a database does by itself, by the role that serves."""


def settle(database: Database) -> None:
    """What a database does by itself overnight."""
    if not database.is_sqlite:
        as_superuser(database, "VACUUM ANALYZE")
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def as_superuser(database: Database, statement: str) -> None:
    engine = Database(_superusers[database.engine.url.username or ""], pool=1, overflow=0).engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


class Pages:
    """The measurements, in the order of the table."""

    def __init__(self, bench: Bench, crowds: dict[int, Crowd], report: Report) -> None:
        self.bench, self.crowds, self.report = bench, crowds, report
        self.small = crowds[min(crowds)]
        self.at = self.small.apprenticeships[-1]
        self.manager = bench.client(self.small.manager.id)
        self.assessor = bench.client(self.small.assessor.id)
        self.apprentice = bench.client(self.small.apprentices[-1])
        self.yardstick = bench.median(lambda: self.manager.get("/benchmark/select-1"), runs=60)

    def single_pages(self) -> None:
        """Every page of one person, against its own SQL and against a request that only does `select 1`."""
        print(f"A request that only does select 1: {ms(self.yardstick)}")
        at, cohort = f"/apprenticeships/{self.at}", f"/cohorts/{self.small.cohort.id}"
        pages: dict[str, tuple[Client, str]] = {
            "coverage page": (self.apprentice, f"{at}/statements"),
            "item page": (self.apprentice, f"{at}/items/K1"),
            "evidence list": (self.apprentice, f"{at}/evidence"),
            "gateway page": (self.apprentice, f"{at}/gateway"),
            "apprentice's home": (self.apprentice, "/"),
            "assessor's queue": (self.assessor, "/queue"),
            "manager's home": (self.manager, "/"),
            "list of cohorts": (self.manager, "/cohorts"),
            "cohort page": (self.manager, cohort),
            "picture of coverage": (self.manager, f"{cohort}/coverage"),
        }
        for name, (client, path) in pages.items():
            spent = self.bench.page(client, path, runs=40)
            note = f"{ms(spent.seconds)}, {ms(spent.in_sql)} in {spent.statements} statements"
            if name == "coverage page":
                self.report.at_most(
                    "coverage page / its own SQL", spent.seconds / spent.in_sql, 3.0, 2.5, note
                )
            rest = (spent.seconds - spent.in_sql) / self.yardstick
            self.report.at_most(f"{name} minus its SQL / select 1", rest, 4, 3, note)

    def growth(self) -> None:
        """The cohort page, the list and the picture as the cohort grows."""
        found: dict[str, dict[int, Spent]] = {}
        for size, crowd in self.crowds.items():
            client = self.bench.client(crowd.manager.id)
            for name, path in {
                "cohort page": f"/cohorts/{crowd.cohort.id}",
                "cohort page, at risk by forecast": f"/cohorts/{crowd.cohort.id}?standing=at_risk&sort=-forecast",
                "cohort page, search by name": f"/cohorts/{crowd.cohort.id}?q=ar",
                "cohort page, last page": f"/cohorts/{crowd.cohort.id}?page={-(-size // 25)}",
                "all cohorts together": f"/providers/{crowd.provider.id}/cohorts-together",
                "list of cohorts": "/cohorts",
                "picture of coverage": f"/cohorts/{crowd.cohort.id}/coverage",
            }.items():
                found.setdefault(name, {})[size] = self.bench.page(client, path)
        first = min(self.crowds)
        for name, by_size in found.items():
            print(
                f"{name}: " + ", ".join(f"{ms(spent.seconds)} at {size}" for size, spent in by_size.items())
            )
            self.report.constant(f"queries of {name}", {size: s.statements for size, s in by_size.items()})
            for size, must, stretch in ((10_000, 3, 1.5), (100_000, 10, 2)):
                if name.startswith("cohort page") and size in by_size and size != first:
                    ratio = by_size[size].seconds / by_size[first].seconds
                    self.report.at_most(
                        f"{name}, {size} / {first} apprentices",
                        ratio,
                        must,
                        stretch,
                        ms(by_size[size].seconds),
                    )
        self.recomputation(found["cohort page"])

    def recomputation(self, page: dict[int, Spent]) -> None:
        """What the cohort page would cost without summaries: every apprenticeship computed from its rows."""
        crowd = self.crowds.get(10_000)
        if crowd is None:
            return
        catalogue = self.bench.app.state.catalogue
        chosen = crowd.apprenticeships[:: len(crowd.apprenticeships) // RECOMPUTED][:RECOMPUTED]
        with self.bench.database.reading() as session:
            list(summaries(session, catalogue, chosen[:20]))
            began = time.perf_counter()
            assert len(list(summaries(session, catalogue, chosen))) == RECOMPUTED
            whole = (time.perf_counter() - began) / RECOMPUTED * crowd.size
        note = f"{whole:.0f} s from {RECOMPUTED} of them / {ms(page[10_000].seconds)}"
        self.report.at_least(
            "raw recomputation / summary page at 10,000", whole / page[10_000].seconds, 150, 300, note
        )

    def many_clients(self) -> None:
        """The coverage page asked by several people at once."""
        waits: list[float] = []
        clients = [self.bench.client(one) for one in self.small.apprentices[-CLIENTS:]]
        paths = [f"/apprenticeships/{one}/statements" for one in self.small.apprenticeships[-CLIENTS:]]

        def work(client: Client, path: str) -> None:
            for _ in range(EACH):
                began = time.perf_counter()
                client.get(path)
                waits.append(time.perf_counter() - began)

        for client, path in zip(clients, paths, strict=True):
            client.get(path)
        threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, paths, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cuts = statistics.quantiles(waits, n=100)
        note = f"{ms(cuts[94])} / {ms(cuts[49])}"
        self.report.at_most(
            f"coverage page, {CLIENTS} clients, p95 / p50", cuts[94] / cuts[49], 2.5, 1.8, note
        )

    def csv(self) -> None:
        """Time to the first byte of the largest cohort's CSV."""
        crowd = self.crowds[max(self.crowds)]
        client = self.bench.client(crowd.manager.id)
        found = [client.stream(f"/cohorts/{crowd.cohort.id}/export.csv") for _ in range(3)]
        first, total = statistics.median(f for f, _, _ in found), statistics.median(t for _, t, _ in found)
        note = f"{ms(first)} / {ms(total)}, {found[0][2] / 1e6:.1f} MB"
        if crowd.size < 100_000:
            print(f"CSV of {crowd.size} rows: {note}")
            return
        self.report.at_most(f"CSV of {crowd.size} rows, first byte / all", first / total, 0.1, 1 / 30, note)

    def xlsx(self) -> None:
        """A workbook cannot begin before its last row is known; so what counts is that a row costs the same."""
        per_row: dict[int, float] = {}
        for size in (min(self.crowds), max(self.crowds)):
            crowd = self.crowds[size]
            client = self.bench.client(crowd.manager.id)
            found = [client.stream(f"/cohorts/{crowd.cohort.id}/export.xlsx") for _ in range(3)]
            total = statistics.median(t for _, t, _ in found)
            per_row[size] = total / size
            print(f"XLSX of {size} rows: {ms(total)}, {found[0][2] / 1e6:.1f} MB", flush=True)
        first, last = min(per_row), max(per_row)
        note = f"{ms(per_row[last])} / {ms(per_row[first])}"
        if last > first:
            ratio = per_row[last] / per_row[first]
            self.report.at_most(f"XLSX, time of a row at {last} / at {first}", ratio, 1.5, 1, note)

    def sign_off(self) -> None:
        """The assessor signs an item off, with the summary kept and without. Last: some summaries are stale after."""
        keepers = list(self.bench.database.keepers)
        times: dict[bool, list[float]] = {True: [], False: []}
        for number in range(64):  # in turn, so that neither has the quieter moments
            kept = number % 2 == 0
            self.bench.database.keepers[:] = keepers if kept else []
            began = time.perf_counter()
            self.one_sign_off()
            if number > 3:
                times[kept].append(time.perf_counter() - began)
        self.bench.database.keepers[:] = keepers
        spent = {kept: statistics.median(found) for kept, found in times.items()}
        note = f"{ms(spent[True])} / {ms(spent[False])}"
        ratio = spent[True] / spent[False]
        self.report.at_most("sign-off with / without keeping the summary", ratio, 1.6, 1.3, note)

    signed = 0

    def one_sign_off(self) -> None:
        """On the strength of the piece that waits, one item of one apprentice after another."""
        if not hasattr(self, "waiting"):
            with self.bench.database.reading() as session:
                self.waiting: list[Any] = list(
                    session.execute(
                        select(Claim.apprenticeship_id, Claim.item_code, Claim.version_id)
                        .join(EvidenceVersion, EvidenceVersion.id == Claim.version_id)
                        .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
                        .where(Evidence.state == "submitted", Evidence.provider_id == self.small.provider.id)
                        .order_by(Claim.position, Claim.id)
                    )
                )
        at_id, code, version_id = self.waiting[self.signed]
        self.signed += 1
        self.assessor.post(
            f"/apprenticeships/{at_id}/items/{code}/sign-off",
            {"pieces": str(version_id), "reason": "It shows it.", "form_key": secrets.token_hex(16)},
        )


def check_the_rows(bench: Bench, crowds: dict[int, Crowd]) -> None:
    """The copied summaries are what the product would have written."""
    with bench.database.reading() as session:
        for crowd in crowds.values():
            chosen = crowd.apprenticeships[:60] if crowd.size <= 10_000 else crowd.apprenticeships[:40]
            wrong = list(progress.verify(session, bench.app.state.catalogue, only=chosen))
            assert not wrong, wrong[:3]


def run(report: Report, sizes: list[int], url: str) -> None:
    """Make cohorts of these sizes and measure the pages on them."""
    catalogue = load_catalogue()
    with tempfile.TemporaryDirectory() as name, fresh_database(url, Path(name)) as database:
        database.keepers.append(partial(progress.keep, catalogue))
        ledger.join(database)  # as the product has it: "keeping the summary" includes the ledger
        crowds = {}
        for size in sizes:
            began = time.perf_counter()
            crowds[size] = make(database, catalogue, size)
            print(f"{size} apprentices made in {time.perf_counter() - began:.0f} s", flush=True)
        settle(database)
        settings = Settings(
            secret=secrets.token_urlsafe(48), storage_url=f"folder:{name}/files", mail_folder=None,
            standards_folder=Path(name) / "standards", public_url="http://127.0.0.1",
        )  # fmt: skip
        app = create_app(settings, catalogue=catalogue, database=database)
        add_yardstick(app)
        with serving(app) as bench:
            check_the_rows(bench, crowds)
            pages = Pages(bench, crowds, report)
            for measure in (
                pages.single_pages,
                pages.growth,
                pages.many_clients,
                pages.csv,
                pages.xlsx,
                pages.sign_off,
            ):
                measure()
