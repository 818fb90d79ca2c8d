"""A process that serves for a long time stays as large as it is: its memory over thousands of requests."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from kbs.catalogue import load_catalogue
from portfolio.cohorts import progress
from portfolio.ledger import keeping as ledger
from tests.benchmarks.crowds import make
from tests.benchmarks.pages import fresh_database, settle
from tests.benchmarks.processes import Process, process
from tests.benchmarks.report import Report

PEOPLE = 8
MOST_GROWTH_MB = 16
"""Between the first quarter of the requests, when everything is warm, and the last."""


def run(report: Report, url: str, requests: int, size: int) -> None:
    """`size`: apprentices of the cohort whose pages a manager reads meanwhile, and takes away as a file."""
    catalogue = load_catalogue()
    with tempfile.TemporaryDirectory() as name, fresh_database(url, Path(name)) as database:
        database.keepers.append(partial(progress.keep, catalogue))
        ledger.join(database)
        crowd = make(database, catalogue, 100)
        large = make(database, catalogue, size) if size > crowd.size else crowd
        settle(database)
        with process(database, Path(name)) as served:
            at = crowd.apprenticeships[-1]
            everybody = [
                (crowd.apprentices[-1], f"/apprenticeships/{at}/statements"),
                (crowd.apprentices[-1], f"/apprenticeships/{at}/evidence"),
                (crowd.apprentices[-1], f"/apprenticeships/{at}/gateway"),
                (crowd.apprentices[-1], "/"),
                (crowd.assessor.id, "/queue"),
                (crowd.assessor.id, f"/apprenticeships/{at}/items/K1"),
                (large.manager.id, f"/cohorts/{large.cohort.id}"),
                (large.manager.id, f"/cohorts/{large.cohort.id}?q=ar"),
            ]
            sizes = []
            for quarter in range(4):
                ask(served, everybody, requests // 4)
                served.client(large.manager.id).stream(f"/cohorts/{large.cohort.id}/export.csv")
                sizes.append(served.memory())
                print(
                    f"memory after {(quarter + 1) * requests // 4} requests: {sizes[-1] / 1e6:.1f} MB",
                    flush=True,
                )
    growth = (sizes[-1] - sizes[0]) / 1e6
    note = f"{sizes[0] / 1e6:.0f} MB to {sizes[-1] / 1e6:.0f} MB"
    report.at_most(f"growth of a process over {requests} requests, MB", growth, MOST_GROWTH_MB, 4, note)


def ask(served: Process, everybody: Sequence[tuple[object, str]], requests: int) -> None:
    """Several people at once, each their page."""

    def one(person: object, path: str) -> None:
        client = served.client(person)
        for _ in range(requests // PEOPLE):
            client.get(path)
        client.connection.close()

    threads = [threading.Thread(target=one, args=pair) for pair in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
