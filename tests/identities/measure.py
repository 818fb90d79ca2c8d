"""python -m tests.identities.measure: what the identity check finds in the set, as the table of README.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.identities.marked import Marked, false_alarms, is_found, the_set

PAGE = 500
"""Words on a page."""
KINDS = {
    "nhs": "NHS numbers",
    "ni": "National Insurance numbers",
    "upn": "unique pupil numbers",
    "phone": "phone numbers",
    "email": "email addresses",
    "postcode": "postcodes",
    "address": "addresses",
    "birth": "dates of birth",
    "reference": "case and reference numbers",
    "plate": "car registrations",
    "initials": "initials with a date",
    "handle": "social-media accounts",
    "word": "words on the employer’s list",
    "name": "names of people",
    "title": "names with a title",
    "place": "names of schools and homes",
}
NAMES = ("name", "title", "place")
STRUCTURED = tuple(kind for kind in KINDS if kind not in NAMES)


@dataclass
class Measured:
    """Counts by kind, and false alarms with the words they were found in."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    alarms: int = 0
    words: int = 0
    clean_alarms: int = 0
    clean_words: int = 0

    def recall(self, kinds: Sequence[str]) -> float:
        return sum(self.found[kind] for kind in kinds) / sum(self.planted[kind] for kind in kinds)

    def per_page(self) -> float:
        return self.alarms * PAGE / self.words

    def per_clean_page(self) -> float:
        return self.clean_alarms * PAGE / self.clean_words


def measure(texts: Iterable[Marked]) -> Measured:
    total = Measured()
    for text in texts:
        findings = text.findings()
        for planted in text.planted:
            total.planted[planted.kind] += 1
            total.found[planted.kind] += is_found(planted, findings)
        alarms, words = len(false_alarms(text, findings)), len(text.text.split())
        total.alarms += alarms
        total.words += words
        if not text.planted:
            total.clean_alarms += alarms
            total.clean_words += words
    return total


def table(texts: Sequence[Marked]) -> str:
    halves = [measure(text for text in texts if text.half == half) for half in ("develop", "held")]
    lines = [
        "| Planted | tuned on: found of planted | recall | held out: found of planted | recall |",
        "| --- | --: | --: | --: | --: |",
    ]
    rows = [(label, (kind,)) for kind, label in KINDS.items()]
    rows += [("**all numbers, addresses and accounts**", STRUCTURED), ("**all names**", NAMES)]
    for label, kinds in rows:
        cells = [cell for half in halves for cell in row(half, kinds)]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    for label, alarms in (
        ("false alarms a page (500 words), clean texts", [half.per_clean_page() for half in halves]),
        ("false alarms a page, all texts", [half.per_page() for half in halves]),
    ):
        lines.append(f"| {label} | {alarms[0]:.2f} | | {alarms[1]:.2f} | |")
    return "\n".join(lines)


def row(half: Measured, kinds: Sequence[str]) -> tuple[str, str]:
    found, planted = (sum(counts[kind] for kind in kinds) for counts in (half.found, half.planted))
    return (f"{found} of {planted}", f"{half.recall(kinds):.3f}") if planted else ("–", "–")


if __name__ == "__main__":
    print(table(the_set()))
