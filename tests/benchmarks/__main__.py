"""Every figure of the design's section on speed, on one database, in one run.

    python -m tests.benchmarks [--sizes 100,1000,10000,100000] [--database URL] [--only pages,uploads,memory] [--write FILE]

Without --database: SQLite in a temporary folder. With the address of a PostgreSQL server whose user may create
databases: databases of its own there, dropped at the end. The store is a folder. Figures in milliseconds depend
on the machine, ratios hardly do; nothing else should be running.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tests.benchmarks import memory, pages, uploads
from tests.benchmarks.report import Report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="100,1000,10000,100000", help="cohort sizes, with commas between")
    parser.add_argument("--database", default="", help="a PostgreSQL server; without it SQLite is measured")
    parser.add_argument("--only", default="pages,uploads,memory", help="parts, with commas between")
    parser.add_argument("--upload-mb", type=int, default=1000, help="size of the large upload")
    parser.add_argument("--requests", type=int, default=10_000, help="how many the memory is watched over")
    parser.add_argument("--write", type=Path, help="put the table into this file as well")
    options = parser.parse_args()
    parts = options.only.split(",")
    sizes = [int(size) for size in options.sizes.split(",")]
    report = Report()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    if "pages" in parts:
        pages.run(report, sizes, options.database)
    if "uploads" in parts:
        uploads.run(report, options.database, options.upload_mb * 1_000_000)
    if "memory" in parts:
        memory.run(report, options.database, options.requests, max(sizes))
    print("\n" + report.table())
    if options.write:
        options.write.write_text(report.table() + "\n")


if __name__ == "__main__":
    main()
