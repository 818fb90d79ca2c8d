"""Who may open a file while it is being prepared, and how its state is said. Pure.

A file is *checking* until it was proved to be what it says and, where a virus scanner is set up, until that has
answered. Until then it can be opened by whoever added it and by nobody else. A file too big for the scanner is
*not scanned*, for good: it can be opened, and that is said. A scanner that does not answer opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

KEEP_LOOKING = timedelta(minutes=10)
"""How long after its arrival a page looks by itself whether a file is ready."""

WAITS_FOR_SCAN = frozenset({"waiting", "no_answer"})
VIRUS = "The virus scanner found something harmful in it. Nobody can open it here."
NOT_PREPARED = "It could not be read within the limits that every file has."


class Said(NamedTuple):
    """A state in words: the colour of its tag (as in shared/parts.html), the word, and a sentence."""

    tag: Literal["g", "a", "r", "b", "n"]
    word: str
    sentence: str


@dataclass(frozen=True)
class Standing:
    """Check: checking, passed, refused. Scan: waiting, clean, found, too_big, no_answer, off.
    Pictures: waiting, ready, none, failed."""

    check: str
    scan: str
    pictures: str
    refusal: str
    began_at: datetime

    @property
    def is_refused(self) -> bool:
        return self.check == "refused" or self.scan == "found"

    @property
    def is_open(self) -> bool:
        """Whether everybody who may see the piece may open the file."""
        return self.check == "passed" and self.scan not in WAITS_FOR_SCAN and self.scan != "found"

    @property
    def is_waiting(self) -> bool:
        """Whether something of it will still change by itself."""
        if self.is_refused:
            return False
        return self.check == "checking" or self.scan in WAITS_FOR_SCAN or self.pictures == "waiting"

    @property
    def code(self) -> str:
        """Changes whenever what a page shows of it changes."""
        return f"{self.check[0]}{self.scan[0]}{self.pictures[0]}"

    def looks_again(self, now: datetime) -> bool:
        """Whether a page should look by itself whether it is ready. After a while it says so instead."""
        return self.is_waiting and now - self.began_at < KEEP_LOOKING

    def why_closed(self, *, own: bool) -> str:
        return why_closed(self, own=own)

    def said(self, *, own: bool, scanner: bool) -> Said | None:
        return said(self, own=own, scanner=scanner)


def why_closed(standing: Standing, *, own: bool) -> str:
    """Why this file cannot be opened by this person now; "" if it can. `own`: they added it."""
    if standing.is_open or (own and standing.scan != "found"):
        return ""
    if standing.scan == "found":
        return VIRUS
    if standing.check == "refused":
        return f"This file was refused after it came in, so it cannot be opened. {standing.refusal}"
    return "This file is still being checked. Until that is done only the person who added it can open it."


def said(standing: Standing, *, own: bool, scanner: bool) -> Said | None:
    """The state of a file in words; None where nothing needs saying. `scanner`: one is set up here."""
    if standing.scan == "found":
        return Said("r", "Refused", VIRUS + _to_do(own))
    if standing.check == "refused":
        return Said("r", "Refused", standing.refusal + ("" if own else " It cannot be opened.") + _to_do(own))
    only = "you" if own else "the person who added it"
    if standing.scan == "no_answer":
        return Said(
            "a",
            "Not scanned yet",
            f"The virus scanner does not answer just now. It is asked again by itself; until then only {only} "
            "can open this file.",
        )
    if standing.check == "checking" or standing.scan == "waiting":
        return Said("b", "Checking", f"It is stored safely. Until it is checked only {only} can open it.")
    return _scanned(standing, scanner=scanner)


def _scanned(standing: Standing, *, scanner: bool) -> Said | None:
    if standing.scan == "too_big":
        return Said("a", "Not scanned", "It is too big for the virus scanner.")
    if standing.scan == "clean":
        return Said("g", "Clean", "The virus scanner found nothing in it.")
    if scanner:
        return Said("n", "Not scanned", "It came in before there was a virus scanner here.")
    return None


def _to_do(own: bool) -> str:
    return " Remove this one from the piece." if own else ""
