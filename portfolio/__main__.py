"""python -m portfolio COMMAND: everything that is done from a terminal. Each command has --help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from portfolio import commands


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m portfolio", description=__doc__)
    parser.set_defaults(run=None)
    commands.add_to(parser.add_subparsers(metavar="COMMAND"))
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] | None = options.run
    if run is None:
        parser.print_help()
        return 2
    try:
        return run(options)
    except ValidationError as error:
        for problem in error.errors():
            name = "PORTFOLIO_" + "_".join(str(part) for part in problem["loc"]).upper()
            sentence = (
                "must be set"
                if problem["type"] == "missing"
                else problem["msg"].removeprefix("Value error, ")
            )
            print(f"{name}: {sentence}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
