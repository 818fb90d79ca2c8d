"""How days, lengths and lists are written in the sentences of these rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


def on_screen(day: date) -> str:
    """18 November 2026"""
    return f"{day.day} {day:%B %Y}"


def month_words(day: date) -> str:
    """November 2026"""
    return f"{day:%B %Y}"


def counted(number: int, thing: str, things: str = "") -> str:
    """1 hour, 2 hours"""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def length(minutes: int) -> str:
    """1 hour 30 minutes; 45 minutes; 0 hours"""
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour")] if hours or not rest else []
    return " ".join(parts + ([counted(rest, "minute")] if rest else []))


def several(names: Sequence[str]) -> str:
    """a; a and b; a, b and c"""
    return " and ".join([part for part in (", ".join(names[:-1]), *names[-1:]) if part])
