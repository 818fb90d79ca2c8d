"""The three declarations, which come last, and why somebody may not declare, lock or unlock.

Each answer is a list of sentences: empty means yes. The button, the page and the action all ask here. The sentences
name lines and states only, so that they can be shown to a viewer without the right to a line's detail.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import date

from portfolio.gateway.facts import GatewayFacts, Party, happened
from portfolio.gateway.requirements import DECLARATION_IDS, Answer, GatewayCheck, Requirement, State
from portfolio.gateway.wording import counted, on_screen, several

WHO_DECLARES = {
    Party.APPRENTICE: "apprentice",
    Party.EMPLOYER: "workplace mentor or line manager",
    Party.PROVIDER: "assessor or provider manager",
}
LOCKED = "The portfolio is locked; a manager and a second person would have to unlock it first."


def declaration_answer(party: Party, facts: GatewayFacts, on: date, others: Sequence[Requirement]) -> Answer:
    """One party's declaration, possible only when every line that is not a declaration stands."""
    made_on = facts.declarations.made_on(party)
    still_open = [line for line in others if line.is_open]
    names = several([line.name for line in still_open])
    if made_on is None or not happened(made_on, on):
        return _not_made(party, names, len(still_open))
    if still_open:
        return Answer(
            State.NEEDS_ACTION,
            f"The {party} declared on {on_screen(made_on)}, but since then not everything stands.",
            f"Put right first: {names}. The declaration then counts as it was made.",
            still_open[0].who,
        )
    return Answer(
        State.IN_PLACE, f"The {party} declared on {on_screen(made_on)} that the apprentice is ready."
    )


def reasons_not_to_declare(
    check: GatewayCheck, party: Party, already: Collection[Party], *, locked: bool = False
) -> list[str]:
    """Why this party may not declare now. `already`: the parties whose declaration stands."""
    found = _general(check, locked=locked)
    if party in already:
        found.append(f"The {party} has already declared.")
    return found + [_names(line) for line in check.open_requirements if line.id not in DECLARATION_IDS]


def reason_of_person(party: Party, signed: Mapping[Party, Hashable], person: Hashable) -> list[str]:
    """Why this person may not declare for this party: each of the three is somebody else, whatever roles they hold.

    `signed`: who signed for which party in this round. Pass person ids, not accounts or roles.
    """
    return [
        f"You have already declared for the {other}. Somebody else has to declare for the {party}."
        for other, signed_by in signed.items()
        if other is not party and signed_by == person
    ]


def reasons_not_to_lock(check: GatewayCheck, *, locked: bool = False) -> list[str]:
    """Why the portfolio may not be locked now: every line that is open, declarations included."""
    return _general(check, locked=locked) + [_names(line) for line in check.open_requirements]


def reasons_not_to_unlock(
    asked_by: Hashable | None, approved_by: Hashable | None, reason: str, *, locked: bool = True
) -> list[str]:
    """Why a lock may not be opened: it takes a reason, the person who asks and a second person who agrees.

    The two are told apart as persons: pass person ids, not accounts or roles.
    """
    found = [] if locked else ["The portfolio is not locked."]
    if not reason.strip():
        found.append("Say why the portfolio has to be unlocked.")
    if asked_by is None:
        found.append("Nobody has asked to unlock the portfolio.")
    if approved_by is None:
        found.append("A second person has to agree.")
    elif approved_by == asked_by:
        found.append("The person who asked cannot be the one who agrees.")
    return found


def _not_made(party: Party, names: str, open_count: int) -> Answer:
    who = WHO_DECLARES[party]
    reason = f"The {party} has not declared yet."
    if not open_count:
        return Answer(State.MISSING, reason, f"The {who} declares here that the apprentice is ready.", who)
    put_right = f"Declarations come last: first put right {counted(open_count, 'other line')} ({names})."
    return Answer(State.MISSING, reason, put_right, who)


def _general(check: GatewayCheck, *, locked: bool) -> list[str]:
    return [sentence for sentence in (LOCKED if locked else "", check.standing) if sentence]


def _names(line: Requirement) -> str:
    return f"{line.name}: {line.state.lower()}."
