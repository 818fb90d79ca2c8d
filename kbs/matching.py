"""Matching an official file to a standard by wording, never by position in a list.

Anything that does not match exactly (apart from spaces, quotes, dashes and a leading code) is refused,
because evidence already collected was judged against the wording at hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from kbs.official_file import OfficialDuty, OfficialError, OfficialStandard, comparable
from kbs.statements import Item, ItemKind, Standard


@dataclass(frozen=True)
class Matched:
    """The code of each statement id of the file, and the duty of the file for each duty code."""

    codes: dict[str, str]
    duties: dict[str, OfficialDuty]

    def codes_of(self, duty_code: str, kind: ItemKind) -> tuple[str, ...]:
        """The codes that the file gives for a duty and kind; empty if it gives none."""
        return tuple(self.codes[guid] for guid in self.duties[duty_code].mapped[kind])


@dataclass(frozen=True)
class _Entry:
    """One text of the file: its kind, and the code its text began with."""

    kind: ItemKind
    text: str
    code: str | None


def match(standard: Standard, official: OfficialStandard) -> Matched:
    """Which text of the file is which item. Raises OfficialError naming every text without a counterpart."""
    if (official.reference, official.version) != (standard.reference, standard.version):
        raise OfficialError(
            f"The file is for {official.reference} version {official.version}, not for {standard}"
        )
    faults: list[str] = []
    statements = [_Entry(one.kind, one.text, one.code) for one in official.statements]
    numbers = ["" if one.number is None else f"D{one.number}" for one in official.duties]
    duties = [
        _Entry(ItemKind.DUTY, one.text, number or None)
        for one, number in zip(official.duties, numbers, strict=True)
    ]
    statement_codes = _match_all(standard, standard.statements, statements, faults)
    duty_codes = _match_all(standard, standard.duties, duties, faults)
    if faults:
        raise OfficialError(*faults)
    return Matched(
        codes={one.id: code for one, code in zip(official.statements, statement_codes, strict=True)},
        duties={code: one for one, code in zip(official.duties, duty_codes, strict=True)},
    )


def _match_all(
    standard: Standard, items: Iterable[Item], entries: list[_Entry], faults: list[str]
) -> list[str]:
    """The code for each entry, in the order given; "" and a fault where there is none."""
    by_text = {(item.kind, comparable(item.text)): item for item in items}
    found: list[str] = []
    for entry in entries:
        item = by_text.get((entry.kind, comparable(entry.text)))
        if item is None:
            faults.append(_unmatched(entry, [text for kind, text in by_text if kind is entry.kind], by_text))
        elif item.code in found:
            faults.append(f"{item.label} stands twice in the file")
        elif entry.code not in (None, item.code):
            faults.append(f"{item.label} is called {entry.code} in the file: {_quoted(entry.text)}")
        found.append(item.code if item else "")
    faults.extend(
        f"{item.label} of {standard} is not in the file: {_quoted(item.text)}"
        for item in by_text.values()
        if item.code not in found
    )
    return found


def _unmatched(entry: _Entry, texts: list[str], by_text: dict[tuple[ItemKind, str], Item]) -> str:
    what = "duty" if entry.kind is ItemKind.DUTY else f"{entry.kind.value} statement"
    close = get_close_matches(comparable(entry.text), texts, n=1, cutoff=0.75)
    hint = (
        f"; it comes close to {by_text[entry.kind, close[0]].label}, which is worded differently"
        if close
        else ""
    )
    return f"No {what} of the standard is worded {_quoted(entry.text)}{hint}"


def _quoted(text: str) -> str:
    return f"“{text}”"
