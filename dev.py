"""The two commands of the README, with nothing but Python 3.11 or newer.

    python3 dev.py demo     makes the environment, loads demonstration data, serves it
    python3 dev.py test     runs every test; what follows goes on to pytest

Only the standard library is imported here: the environment in `.venv` is made from the
hash-locked `requirements.lock` on the first call and whenever the lock changes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
VENV = HERE / ".venv"
STAMP = VENV / "lock.sha256"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
UV = "uv==0.13.9"


def main() -> int:
    commands = {"demo": demo, "test": test, "serve": serve, "lint": lint, "lock": lock, "run": run}
    if sys.version_info < (3, 11):  # noqa: UP036  # this file is what tells people on an older Python
        print("This needs Python 3.11 or newer. You have " + sys.version.split()[0] + ".")
        return 2
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        print(__doc__)
        print("Also: serve (for real, settings from the environment), lint (style, types, import contracts),")
        print("      run MODULE … (python -m portfolio MODULE …), lock (resolve requirements.lock anew)")
        return 0 if len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help", "help") else 2
    os.chdir(HERE)
    return commands[sys.argv[1]](sys.argv[2:])


def demo(arguments: list[str]) -> int:
    make_environment()
    return python("-m", "portfolio", "demo", *arguments)


def test(arguments: list[str]) -> int:
    make_environment()
    return python("-m", "pytest", *arguments)


def serve(arguments: list[str]) -> int:
    make_environment()
    return python("-m", "portfolio", "serve", *arguments)


def run(arguments: list[str]) -> int:
    make_environment()
    return python("-m", "portfolio", *arguments)


def lint(arguments: list[str]) -> int:
    """Style, formatting, types and import contracts: every one is run, the worst result is returned."""
    make_environment()
    checks = (
        ("-m", "ruff", "check", "."),
        ("-m", "ruff", "format", "--check", "."),
        ("-m", "mypy"),
        ("-c", "from importlinter.cli import lint_imports_command as c; c()"),
    )
    return max(python(*check) for check in checks)


def lock(arguments: list[str]) -> int:
    """Resolve pyproject.toml into requirements.lock: every version with its hashes, no addresses."""
    make_environment()
    return python(
        *("-m", "uv", "pip", "compile", "pyproject.toml", "--extra", "test", "--universal"),
        *("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header"),
        *("-q", "-o", "requirements.lock", *arguments),
    )


def python(*arguments: str) -> int:
    try:
        return subprocess.call([str(PYTHON), *arguments])
    except KeyboardInterrupt:
        return 130


def make_environment() -> None:
    """Install what the lock names into .venv, unless the stamp says that it is there already."""
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest() if LOCK.exists() else ""
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    started = time.monotonic()
    say("Making the environment in .venv (once; about half a minute, longer on a slow line)")
    venv.create(VENV, with_pip=True, clear=not PYTHON.exists())
    has_uv = quietly(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV) == 0
    if not LOCK.exists():
        return
    count = sum(1 for line in LOCK.read_text().splitlines() if line and line[0].isalnum())
    say(f"Installing {count} packages, each checked against its hash")
    installer = ("uv", "pip") if has_uv else ("pip",)  # uv is five times faster; pip does the same
    result = subprocess.call(
        [str(PYTHON), "-m", *installer, "install", "--no-deps", "--require-hashes", "-r", str(LOCK)],
        env={**os.environ, "VIRTUAL_ENV": str(VENV)},
        stdout=sys.stderr,
    )
    if result:
        raise SystemExit("The packages could not be installed. The lines above say why; then run this again.")
    STAMP.write_text(wanted)
    say(f"Ready after {time.monotonic() - started:.0f} seconds")


def quietly(*command: str) -> int:
    return subprocess.run(command, check=False, capture_output=True).returncode


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
