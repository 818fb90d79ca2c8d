"""The gateway page in one sentence: how this person stands, and what comes next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portfolio.gateway.requirements import DECLARATION_IDS, GatewayCheck
from portfolio.gateway.sight import Line
from portfolio.gateway.wording import counted, on_screen
from portfolio.web.formats import moment_words


def locked_headline(name: str, *, gateway: str, locked_at: datetime) -> str:
    """The sentence once the portfolio is locked. `name` and `gateway` as below."""
    return (
        f"{_who(name)} through the {gateway}: the portfolio has been locked since {moment_words(locked_at)}."
    )


def headline(checked: GatewayCheck, lines: Sequence[Line], name: str) -> str:
    """ "Amina Archer is not ready: 3 of 10 requirements are open. Earliest date 6 June 2026."

    `name` is "" where the page speaks to the apprentice. Counts only the lines that this viewer is shown.
    """
    who = _who(name)
    if checked.standing:
        return checked.standing
    shown = [line.requirement for line in lines if line.shown]
    still_open = [requirement for requirement in shown if requirement.is_open]
    if len(shown) < len(lines):  # nothing may be concluded from what is not shown
        asked = counted(len(shown), "requirement")
        return f"Of the {asked} shown to you, {len(still_open)} {_are(len(still_open))} open. {_earliest(checked)}"
    if not still_open:
        return f"{who} ready: everything is in place, and a manager can lock the portfolio now."
    if all(requirement.id in DECLARATION_IDS for requirement in still_open):
        missing = counted(len(still_open), "declaration")
        return f"{who} nearly there: only {missing} {'has' if len(still_open) == 1 else 'have'} still to be made."
    total = counted(len(shown), "requirement")
    return f"{who} not ready: {len(still_open)} of {total} {_are(len(still_open))} open. {_earliest(checked)}"


def _who(name: str) -> str:
    return f"{name} is" if name else "You are"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _earliest(checked: GatewayCheck) -> str:
    if checked.earliest_on is None:
        return "The earliest date cannot be said while a break is open or its dates are wrong."
    return f"Earliest date {on_screen(checked.earliest_on)}."
