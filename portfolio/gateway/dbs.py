"""The DBS line: the standard makes the check an entry requirement, the gateway checks that it stands.

Only the record is known here, never what a certificate says, and no sentence may hint at it.
"""

from __future__ import annotations

from datetime import date

from portfolio.gateway.facts import (
    BarredLists,
    DbsDecision,
    DbsFact,
    DbsLevel,
    DbsWorkforce,
    GatewayFacts,
    happened,
)
from portfolio.gateway.requirements import Answer, State
from portfolio.gateway.wording import on_screen

MANAGER = "provider manager"
MANAGER_AND_EMPLOYER = "provider manager with the employer"

WORKFORCES = {
    DbsWorkforce.CHILD: "child workforce",
    DbsWorkforce.ADULT: "adult workforce",
    DbsWorkforce.CHILD_AND_ADULT: "child and adult workforce",
    DbsWorkforce.OTHER: "other workforce",
}
LISTS = {
    BarredLists.CHILDREN: "children's barred list checked",
    BarredLists.ADULTS: "adults' barred list checked",
    BarredLists.BOTH: "both barred lists checked",
    BarredLists.NONE: "no barred list checked",
}


def dbs_answer(facts: GatewayFacts, on: date) -> Answer:
    """In place: satisfactory, at the level asked for, original seen, not overdue by the employer's own policy."""
    if facts.standard.dbs_sentence is None:
        return Answer(State.NOT_NEEDED, "The standard asks for no DBS check.")
    check, wanted = facts.dbs, facts.standard.dbs_level
    if check is None or check.decision is None:
        return Answer(
            State.MISSING,
            "No decision on a DBS check is recorded.",
            f"The employer confirms a satisfactory {wanted} check whose original was seen, and it is recorded here.",
            MANAGER_AND_EMPLOYER,
        )
    return _undecided(check) or _incomplete(check, wanted, on) or _overdue(check, on) or _stands(check)


def _undecided(check: DbsFact) -> Answer | None:
    if check.decision == DbsDecision.AWAITING:
        return Answer(
            State.NEEDS_ACTION,
            "The employer's decision on the DBS check is awaited.",
            "Ask the employer for the decision and record it.",
            MANAGER_AND_EMPLOYER,
        )
    if check.decision == DbsDecision.NOT_SATISFACTORY:
        return Answer(
            State.NEEDS_ACTION,
            "The DBS check on record does not yet meet the standard's entry requirement.",
            "Speak with the employer and the apprentice in private about what follows; record a new decision when there "
            "is one, and write nothing about the certificate's content anywhere.",
            MANAGER_AND_EMPLOYER,
        )
    return None


def _incomplete(check: DbsFact, wanted: DbsLevel, on: date) -> Answer | None:
    if check.level is None or not DbsLevel(check.level).reaches(wanted):
        held = f"its level is {check.level or 'not recorded'}"
        return _needs_action(
            f"A satisfactory DBS decision is recorded, but {held}; the standard asks for {wanted}.",
            f"Record a satisfactory {wanted} check.",
        )
    if check.original_seen_on is None:
        return _needs_action(
            f"A satisfactory {check.level} check is recorded, but nobody has recorded seeing the original.",
            "Somebody sees the original certificate in person, not a copy, and the day is recorded.",
        )
    return _wrong_dates(check, on)


def _wrong_dates(check: DbsFact, on: date) -> Answer | None:
    dated = {"issued": check.issued_on, "seen": check.original_seen_on, "decided": check.decided_on}
    for what, day in dated.items():
        if day is not None and not happened(day, on):
            return _needs_action(
                f"The record says that the check was {what} on {on_screen(day)}, which is still to come.",
                "Correct that date in the record.",
            )
    if check.issued_on and check.original_seen_on and check.original_seen_on < check.issued_on:
        return _needs_action(
            f"The record says that the original was seen on {on_screen(check.original_seen_on)}, before it was issued "
            f"on {on_screen(check.issued_on)}.",
            "Correct the two dates in the record.",
        )
    return None


def _overdue(check: DbsFact, on: date) -> Answer | None:
    due_on = check.next_check_due_on
    if due_on is None or on <= due_on:
        return None
    return _needs_action(
        f"Expired by policy: by the employer's own policy the next check was due on {on_screen(due_on)}.",
        "Record the new check or the update service's answer, or the later date that the employer has decided on.",
    )


def _stands(check: DbsFact) -> Answer:
    parts = [f"Satisfactory {check.level} check"]
    if check.workforce is not None:
        parts.append(WORKFORCES[check.workforce])
    if check.barred_lists is not None:
        parts.append(LISTS[check.barred_lists])
    dated = [
        ("issued", check.issued_on),
        ("original seen", check.original_seen_on),
        ("decided", check.decided_on),
    ]
    parts += [f"{what} on {on_screen(day)}" for what, day in dated if day is not None]
    return Answer(State.IN_PLACE, f"{', '.join(parts)}.")


def _needs_action(reason: str, put_right: str) -> Answer:
    return Answer(State.NEEDS_ACTION, reason, put_right, MANAGER_AND_EMPLOYER)
