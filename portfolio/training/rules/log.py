"""An entry of the training log and what people may do with it: change, remove, confirm, return. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portfolio.training.rules.hours import Problem

LONGEST_WHAT = 4000
LONGEST = 2000
CHANGED = "The entry has been changed since you opened this page. It is shown as it is now: read it, and answer again."


class State(StrEnum):
    """How an entry stands. Derived, never typed in."""

    LOGGED = "in the log, not claimed as hours"
    BLOCKED = "does not count"
    WAITING = "waiting for confirmation"
    RETURNED = "returned"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Said:
    """The newest confirmation or return of an entry, and whether the entry still says what it said then."""

    outcome: str
    same: bool

    @property
    def confirmed(self) -> bool:
        return self.outcome == "confirmed"


def state_of(*, counts: bool, problems: Iterable[Problem], said: Said | None) -> State:
    """Confirmed stands until somebody returns it. What was returned waits again once it was changed."""
    if said is not None and said.confirmed:
        return State.CONFIRMED
    if said is not None and said.same:
        return State.RETURNED
    if not counts:
        return State.LOGGED
    return State.BLOCKED if any(one.blocks for one in problems) else State.WAITING


def why_not_change(*, closed: str, sealed: bool, said: Said | None) -> str:
    """Why its apprentice cannot change an entry now; empty if they can."""
    if closed:
        return closed
    if sealed:
        return "The piece made from this entry was reported, so nothing of it can be changed while that is looked at."
    if said is not None and said.confirmed:
        return "This entry was confirmed, so it stays as it is. Ask the mentor or the assessor to return it if something is wrong."
    return ""


def why_not_remove(*, closed: str, sealed: bool, said: Said | None, has_piece: bool) -> str:
    """Why its apprentice cannot remove an entry now; empty if they can."""
    if reason := why_not_change(closed=closed, sealed=sealed, said=said):
        return reason
    if said is not None:
        return "Somebody returned this entry, so it stays in the log. Change it, or take the tick at “Count these hours” away."
    if has_piece:
        return "A piece of evidence was made from this entry, so it stays in the log. Take the tick at “Count these hours” away instead."
    return ""


def why_not_confirm(*, closed: str, sealed: bool, own: bool, state: State) -> str:
    """Why this person cannot confirm an entry now; empty if they can. Nobody confirms their own hours."""
    if own:
        return "Nobody confirms their own hours. Ask the mentor or the assessor."
    if closed:
        return closed
    if sealed:
        return "The piece made from this entry was reported, so it waits until that has been looked at."
    return {
        State.CONFIRMED: "This entry is confirmed already.",
        State.LOGGED: "This entry is not claimed as off-the-job hours, so there is nothing to confirm.",
        State.BLOCKED: "As it stands this entry does not count, so there are no hours to confirm. Return it and say what to change.",
        State.RETURNED: "This entry was returned and has not been changed since. It can be confirmed once the apprentice has changed it.",
    }.get(state, "")


def why_not_return(*, closed: str, sealed: bool, own: bool, state: State) -> str:
    """Why this person cannot return an entry now; empty if they can. A confirmed one can be returned."""
    if own or closed or sealed:
        return why_not_confirm(closed=closed, sealed=sealed, own=own, state=state)
    if state is State.RETURNED:
        return "This entry was returned already. It is with the apprentice."
    return ""


def entry_sha256(says: Mapping[str, object]) -> str:
    """A fingerprint of what an entry says, so that what is confirmed is what was read."""
    text = json.dumps(says, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def minutes_typed(hours: str, minutes: str) -> int | None:
    """1 and 30, 1.5 and nothing, nothing and 45: so many minutes. None where it is no length."""
    try:
        return round(_number(hours) * 60 + _number(minutes))
    except ValueError:
        return None


def _number(text: str) -> float:
    """A plain number, 0 for nothing. Raises ValueError."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return 0
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit() or len(plain) > 7:
        raise ValueError(text)
    return float(plain)


def offered(held: Sequence[str], known: Iterable[str]) -> list[str]:
    """Statements about one's own learning that are offered beside those of the entry when it becomes evidence."""
    there = set(known)
    return [code for code in ("K27", "S27") if code in there and code not in held]
