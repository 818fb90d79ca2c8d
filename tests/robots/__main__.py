"""Robots on a bad line: files that are sent from a phone which is killed, cut off, lied to and signed out.

    python -m tests.robots [--rounds 20] [--mb 60] [--kills 4] [--phones 7] [--minutes 40] [--write FILE]

A real Chromium as a phone, a real server process over SQLite and a folder, and between them a line of ours, all on
loopback and in a temporary folder. One more round goes at the true rate of 2G with a small file. Ends with 1 if a
file is lost, doubled or altered, or if anything of it is left where it should not be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.real import chromium
from tests.robots import report
from tests.robots.running import Result, run
from tests.robots.stops import rounds

SMALLER = 1_000
"""Bytes by which each file is smaller than the one before, so that no two have the same size."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--mb", type=float, default=60, help="size of each file")
    parser.add_argument("--kills", type=int, default=4, help="kills in each round")
    parser.add_argument("--phones", type=int, default=7, help="how many send at the same time")
    parser.add_argument("--minutes", type=float, default=40, help="after so long it is given up")
    parser.add_argument(
        "--mb-2g", type=float, default=2, help="size of the file at the rate of 2G; 0 for none"
    )
    parser.add_argument("--write", type=Path, help="put the table into this file as well")
    options = parser.parse_args()
    size = int(options.mb * 1_000_000)
    plans = [
        replace(plan, size=size - SMALLER * plan.number)
        for plan in rounds(options.rounds, size, options.kills)
    ]
    if options.mb_2g:
        at_2g = replace(rounds(8, int(options.mb_2g * 1_000_000), 2)[-1], true_2g=True, lies=True)
        plans.insert(0, at_2g)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        results, due = run(Path(folder), chromium(), plans, options.phones, options.minutes * 60, _say)
    told = f"{report.table(results)}\n\n{report.summary(results, due)}\nminutes by the clock: {(time.monotonic() - began) / 60:.0f}"
    print(f"\n{told}")
    if options.write:
        options.write.write_text(told + "\n")
    return 0 if len(results) == len(plans) and not due and all(result.good for result in results) else 1


def _say(result: Result) -> None:
    print(report.row(result), flush=True)


if __name__ == "__main__":
    sys.exit(main())
