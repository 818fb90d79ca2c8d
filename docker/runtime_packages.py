"""The part of the lock that the product needs to run: what pyproject.toml names, and what that needs in turn.

The lock says of each package why it is there ("# via …"). Tests and checkers stay out of the image.
Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def normal(name: str) -> str:
    """One spelling for each package, as the lock writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    found = NAME.match(requirement)
    if found is None:
        raise SystemExit(f"not a requirement: {requirement}")
    return normal(found[0])


def entries(lock: str) -> dict[str, str]:
    """Each package's entry in the lock, by its name; a package with two entries for two platforms has both."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        if NAME.match(entry):
            found[name_of(entry)] = found.get(name_of(entry), "") + entry + "\n"
    return found


def needed_by(entry: str) -> set[str]:
    """Which packages brought this one in."""
    comment = entry[entry.rindex("# via") :] if "# via" in entry else ""
    words = comment.replace("# via", "").replace("#", "").split("\n")
    return {name_of(word.strip()) for word in words if word.strip() and "pyproject.toml" not in word}


def runtime(pyproject: str, lock: str) -> str:
    """The entries to install. Raises SystemExit if the lock lacks what pyproject.toml names."""
    wanted = {name_of(one) for one in tomllib.loads(pyproject)["project"]["dependencies"]}
    known = entries(lock)
    if missing := wanted - known.keys():
        raise SystemExit(f"not in the lock: {', '.join(sorted(missing))}. Run: python3 dev.py lock")
    while more := {name for name in known.keys() - wanted if needed_by(known[name]) & wanted}:
        wanted |= more
    return "".join(known[name] for name in sorted(wanted))


if __name__ == "__main__":
    sys.stdout.write(runtime(Path(sys.argv[1]).read_text(), Path(sys.argv[2]).read_text()))
