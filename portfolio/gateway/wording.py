"""How the gateway's sentences write dates, counts, codes and lists. Pure, and the same on every line."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

KIND_ORDER = "KSBD"  # knowledge, skills, behaviours, duties


def on_screen(day: date) -> str:
    """18 November 2026."""
    return f"{day.day} {day:%B %Y}"


def counted(number: int, thing: str, things: str | None = None) -> str:
    """1 statement, 3 statements, 2 duties."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def in_code_order(codes: Iterable[str]) -> list[str]:
    """K before S before B before D, and K2 before K10."""
    return sorted(codes, key=_code_key)


def item_name(code: str) -> str:
    """K7 stays K7; D8 is shown as Duty 8."""
    return f"Duty {code[1:]}" if code[:1] == "D" and code[1:].isdecimal() else code


def several(names: Collection[str], shown: int = 8) -> str:
    """The first few, then how many more: "K2, K10 and 3 more"."""
    listed = list(names)
    if len(listed) > shown:
        return f"{', '.join(listed[:shown])} and {len(listed) - shown} more"
    return " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def _code_key(code: str) -> tuple[int, int, str]:
    kind = KIND_ORDER.find(code[:1]) if code else -1
    number = int(code[1:]) if code[1:].isdecimal() else 0
    return (kind if kind >= 0 else len(KIND_ORDER), number, code)
