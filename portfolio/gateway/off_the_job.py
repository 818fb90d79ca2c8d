"""The line on off-the-job hours: confirmed hours against the least that the start date asks for. Pure.

A minimum that nobody here can know stays unknown and shuts no gateway: it would shut everybody's for good. The line
says so, is kept with the lock, and names who looks it up. One that is unknown for want of a plan is put right here, so
it keeps the gateway shut until the plan is set. Only confirmed hours count: the others are somebody's own word.
"""

from __future__ import annotations

from portfolio.gateway.facts import HoursFact
from portfolio.gateway.requirements import Answer, State
from portfolio.training.rules.words import length

MANAGER = "provider manager"


def hours_answer(hours: HoursFact | None) -> Answer:
    """How the hours stand against the minimum."""
    if hours is None:
        return Answer(
            State.NOT_KNOWN,
            "Nothing is known of the off-the-job hours.",
            "Look the minimum up and hold the log against it.",
            MANAGER,
        )
    done = f"{length(hours.confirmed)} confirmed{_of_plan(hours)}."
    if hours.minimum is None and hours.plan_needed:
        return Answer(
            State.NEEDS_ACTION, f"{hours.how} {done}", "Set the plan of hours in the training log.", MANAGER
        )
    if hours.minimum is None:
        return Answer(
            State.NOT_KNOWN,
            f"{hours.how} {done}",
            "Look the minimum up and hold the confirmed hours against it before the portfolio is locked.",
            MANAGER,
        )
    if hours.confirmed >= hours.minimum:
        return Answer(State.IN_PLACE, f"{done} The minimum is {length(hours.minimum)}.")
    return Answer(
        State.NEEDS_ACTION if hours.confirmed else State.MISSING,
        f"{done} The minimum is {length(hours.minimum)}.",
        f"Another {length(hours.minimum - hours.confirmed)} of learning in the training log, confirmed by the mentor or "
        "the assessor.",
        "apprentice, then mentor or assessor",
    )


def _of_plan(hours: HoursFact) -> str:
    return f" of {length(hours.planned)} planned" if hours.planned else ""
