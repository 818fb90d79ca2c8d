"""Is it ready? Exit code 0 or 1, for HEALTHCHECK. Asks /readyz of this machine, or the address that is given."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request


def main(arguments: list[str]) -> int:
    address = (
        arguments[0] if arguments else f"http://127.0.0.1:{os.environ.get('PORTFOLIO_PORT', '8000')}/readyz"
    )
    try:
        with urllib.request.urlopen(address, timeout=8) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError) as error:
        print(f"not ready: {error}")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
