"""How often the card shows where it should, and where it should not: `python -m tests.care.measure [--misses]`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from portfolio.demo.texts import texts
from tests.care.reading import signs, the_set
from tests.identities.marked import the_set as accounts_with_names


def figures() -> dict[tuple[str, str], tuple[int, int]]:
    """(half, what the texts are) -> texts for which the card shows, and texts in all."""
    shown: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for half, kind, text in the_set():
        total[half, kind] += 1
        shown[half, kind] += bool(signs(text))
    return {key: (shown[key], total[key]) for key in total}


def ordinary() -> list[str]:
    """Accounts as they usually are: those of the identity check, and the texts of the demonstration."""
    accounts = [one.text for one in accounts_with_names() if not one.is_file_name]
    return accounts + [one for name in ("evidence", "feedback") for one in _long(texts(name))]


def _long(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= 40:
            yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _long(one)


def main() -> None:
    for (half, kind), (shown, total) in figures().items():
        print(f"{half:8} {kind:6} {shown:3} of {total:3}  {shown / total:.0%}")
    accounts = ordinary()
    shown = sum(bool(signs(text)) for text in accounts)
    print(f"ordinary accounts {shown:3} of {len(accounts):3}  {shown / len(accounts):.1%}")
    if "--misses" in sys.argv:
        for _, kind, text in the_set():
            if bool(signs(text)) == (kind == "quiet"):
                print(kind, "|", signs(text), "|", text)


if __name__ == "__main__":
    main()
