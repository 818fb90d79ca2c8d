"""Is it ready? Exit code 0 or 1, for HEALTHCHECK. Asks /readyz of this machine; with an address, the figures there,
which a worker shows: its database can be used, and no job waits longer than a living worker would let it.
"""

from __future__ import annotations

import os
import re
import sys
import urllib.error
import urllib.request

LATE_SECONDS = 15 * 60
"""As on /readyz: so long after a job was due, nobody seems to be doing any."""


def main(arguments: list[str]) -> int:
    pages = f"http://127.0.0.1:{os.environ.get('PORTFOLIO_PORT', '8000')}/readyz"
    try:
        with urllib.request.urlopen(arguments[0] if arguments else pages, timeout=8) as answer:
            reason = against(answer.read().decode()) if arguments else ""
    except (urllib.error.URLError, OSError) as error:  # also any status but 200
        reason = str(error)
    if reason:
        print(f"not ready: {reason}")
    return 1 if reason else 0


def against(figures: str) -> str:
    """What these figures say against a worker; empty if nothing does."""
    if figure(figures, 'portfolio_ready{part="database"}') != 1:
        return "the database cannot be used"
    late = figure(figures, "portfolio_jobs_lag_seconds")
    if late is None or late > LATE_SECONDS:
        return "jobs are not being done"
    return ""


def figure(figures: str, name: str) -> float | None:
    found = re.search(rf"^{re.escape(name)} (\S+)$", figures, re.MULTILINE)
    return float(found[1]) if found else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
