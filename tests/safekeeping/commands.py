"""`python -m portfolio …` as a process of its own, as an operator runs it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from tests.serving.running import PATIENCE, ROOT


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def run(variables: dict[str, str], *arguments: str) -> Ended:
    with begun(variables, *arguments) as process:
        out, err = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out.decode(), err.decode())


def begun(variables: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    """Running; whoever began it ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "portfolio", *arguments],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
