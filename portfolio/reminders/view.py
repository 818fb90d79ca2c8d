"""What each line counts, in the words of the page: to each person only what concerns them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from kbs.refresher import AMBER_DAYS
from portfolio.access import Right, Role, Viewer
from portfolio.reminders.rules import CONCERNS, NEAR_REQUIREMENTS, REPORT, SOON_DAYS, Limits, Line

NEARLY_READY = (
    f"Everything is signed off, at most {NEAR_REQUIREMENTS} other requirements are open (declarations come last and do "
    f"not count), and the earliest date is at most {SOON_DAYS} days away."
)

PLACES = {
    "/": "On your home page",
    "/queue": "In your queue",
    "/apprenticeships": "Among your apprentices",
    "/cohorts": "In the cohort reports",
}
"""Where a sentence leads, for the link behind it."""


def place_of(path: str) -> str:
    """Where this path leads: a provider's training report, or one of the places above."""
    return "In the training report" if path.endswith(REPORT) else PLACES[path]


@dataclass(frozen=True)
class Offered:
    """A line to tick: its value, its name, and what it counts for this person."""

    value: str
    label: str
    hint: str


def lines_for(viewer: Viewer) -> list[Line]:
    """The lines that concern what this person is today."""
    return [line for line in Line if any(viewer.holds(role) for role in CONCERNS[line])]


def described(viewer: Viewer, limits: Limits, gateway: str) -> list[Offered]:
    """`gateway`: the standard's word for it."""
    words = {
        Line.WAITING: ("Evidence waiting for me", _waiting(viewer)),
        Line.RETURNED: (
            "Returned to me",
            "Your own pieces that came back from the assessor, and since when.",
        ),
        Line.REVIEW: ("Review due", _review(viewer, limits)),
        Line.GATEWAY: (f"{gateway.capitalize()} nearly ready", NEARLY_READY),
        Line.ENDED: (
            "Assignment ended",
            "Your assignment to an apprentice was ended since the last digest.",
        ),
        Line.TRAINING: ("Training", _training(viewer)),
    }
    return [Offered(line.value, *words[line]) for line in lines_for(viewer)]


def _waiting(viewer: Viewer) -> str:
    found = []
    if viewer.holds(Role.ASSESSOR):
        found.append("Pieces that wait for your decision, and how long the oldest has waited.")
    if viewer.holds(Role.MENTOR):
        found.append("New pieces of your apprentices about which you have said nothing yet.")
    return " ".join(found)


def _review(viewer: Viewer, limits: Limits) -> str:
    found = []
    if viewer.holds(Role.ASSESSOR) or viewer.managed:
        whose = "of your provider" if viewer.managed else "of yours"
        found.append(f"Apprentices {whose} from whom nothing new has come for {limits.quiet_days} days.")
    if viewer.managed:
        found.append(
            f"Those whose evidence has waited for an assessor for more than {limits.long_wait_days} days."
        )
    if any(Right.DBS in membership.rights for membership in viewer.managed):
        found.append(f"DBS checks that fall due within {SOON_DAYS} days, by the employers' policies.")
    if viewer.holds(Role.APPRENTICE):
        found.append(f"Your own next DBS check, from {SOON_DAYS} days before it falls due.")
    return " ".join(found)


def _training(viewer: Viewer) -> str:
    found = []
    if viewer.holds(Role.APPRENTICE):
        found.append(
            f"Your own refresher training, from {AMBER_DAYS} days before it is due, your supervision and your induction."
        )
    if viewer.holds(Role.MENTOR):
        found.append(
            "Apprentices of yours whose refresher training is overdue, and entries of the training log and bookings of "
            "courses that wait for your answer."
        )
    if viewer.managed:
        found.append("Apprentices of your provider whose refresher training or supervision is overdue.")
    return " ".join(found)
