"""A form that was kept, as whoever typed it reads it: labels in words, three date boxes as one date, ids left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portfolio.web.formats import date_words

UNSEEN = frozenset({"form_key", "next", "action", "kept_form", "kept_before"})
LABELS = {
    "email": "E-mail address",
    "manager_email": "Manager’s e-mail address",
    "manager_name": "Manager’s name",
    "items": "Statements and duties",
    "uln": "Unique learner number",
    "ukprn": "UKPRN",
    "dbs": "DBS",
    "csv": "Pasted list",
}
IDENTIFIER = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
CODE_WORD = re.compile(r"[a-z]+(_[a-z]+)*")
DATE_PARTS = ("_day", "_month", "_year")


@dataclass(frozen=True)
class Shown:
    """One line of what was typed. Several values of one name (ticked boxes) stand together."""

    label: str
    values: tuple[str, ...]


def shown(fields: Iterable[Iterable[str]]) -> list[Shown]:
    """Pairs of name and value, in the order of the page, as something to read."""
    typed: dict[str, list[str]] = {}
    for name, value in fields:
        typed.setdefault(name, []).append(value)
    lines: dict[str, Shown] = {}
    for name, values in typed.items():
        base = _date_base(name, typed)
        if base:
            lines[base] = Shown(_label(base), (_date(typed, base),))
        elif name not in UNSEEN:
            readable = tuple(_readable(value) for value in values if not IDENTIFIER.fullmatch(value))
            if readable:
                lines[name] = Shown(_label(name), readable)
    return list(lines.values())


def _date_base(name: str, typed: dict[str, list[str]]) -> str:
    """`happened_on` for `happened_on_day`, if there is more of the date or the name can be nothing else."""
    for part in DATE_PARTS:
        base = name.removesuffix(part)
        if base != name and base and sum(f"{base}{other}" in typed for other in DATE_PARTS) > 1:
            return base
    return ""


def _date(typed: dict[str, list[str]], base: str) -> str:
    parts = [typed.get(f"{base}{part}", [""])[0] for part in DATE_PARTS]
    try:
        return date_words(date(int(parts[2]), int(parts[1]), int(parts[0])))
    except ValueError:
        return " ".join(part or "–" for part in parts)


def _label(name: str) -> str:
    if name in LABELS:
        return LABELS[name]
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:].replace(" i ", " I ")


def _readable(value: str) -> str:
    """A tick says Yes; a choice's code (work_product) is written as words; text stays as it was typed."""
    if CODE_WORD.fullmatch(value) and len(value) <= 40 and ("_" in value or value in ("yes", "no")):
        words = value.replace("_", " ")
        return words[:1].upper() + words[1:]
    return value
