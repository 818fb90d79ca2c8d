"""How often the card shows where it should, and where it should not: `python -m tests.care.measure [--misses]`."""

from __future__ import annotations

import sys
from collections import Counter

from tests.care.reading import signs, the_set


def figures() -> dict[tuple[str, str], tuple[int, int]]:
    """(half, what the texts are) -> texts for which the card shows, and texts in all."""
    shown: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for half, kind, text in the_set():
        total[half, kind] += 1
        shown[half, kind] += bool(signs(text))
    return {key: (shown[key], total[key]) for key in total}


def main() -> None:
    for (half, kind), (shown, total) in figures().items():
        print(f"{half:8} {kind:6} {shown:3} of {total:3}  {shown / total:.0%}")
    if "--misses" in sys.argv:
        for _, kind, text in the_set():
            if bool(signs(text)) == (kind == "quiet"):
                print(kind, "|", signs(text), "|", text)


if __name__ == "__main__":
    main()
