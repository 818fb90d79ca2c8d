"""How bookings are said: the state with its colour, who has it now and what comes next, and the steps as history. Pure."""

from __future__ import annotations

from portfolio.training.rules.booking import State, Step

ATTENDED = {"full": "Attended", "part": "In part", "none": "Did not attend"}
TAGS = {
    "requested": ("b", "Waits for the line manager"),
    "approved": ("b", "Approved by the line manager"),
    "refused": ("r", "Refused by the line manager"),
    "waiting": ("a", "On the waiting list"),
    "offered": ("a", "Place offered"),
    "lapsed": ("n", "Lapsed"),
    "confirmed": ("g", "Confirmed"),
    "substituted": ("n", "Passed to a colleague"),
    "cancelled": ("n", "Cancelled"),
    "cancelled_late": ("a", "Cancelled late"),
    "called_off": ("r", "Session called off"),
    "full": ("g", "Attended"),
    "part": ("a", "Attended in part"),
    "none": ("r", "Did not attend"),
}
"""By what the column says: kind of tag and its word."""
NEXT = {
    State.REQUESTED: "The line manager has it now. Once they say yes, the place is confirmed if one is free, else the booking joins the waiting list.",
    State.APPROVED: "The portfolio looks for a place now.",
    State.REFUSED: "Nothing comes next. For another date, make a new booking.",
    State.WAITING: "Nobody has to do anything now. When a place comes free it is offered in the order of the list.",
    State.OFFERED: "The person booked has it now: accept the place in time, or it goes to the next on the list.",
    State.LAPSED: "Nothing comes next. The place went on, or the session began. For another date, make a new booking.",
    State.CONFIRMED: "The place is held. After the session the provider records who attended.",
    State.SUBSTITUTED: "A colleague has the place. Nothing comes next here.",
    State.CANCELLED: "Nothing comes next. For another date, make a new booking.",
    State.CANCELLED_LATE: "Nothing comes next. It was given back with less notice than asked for.",
    State.CALLED_OFF: "The session does not take place. Look for another date.",
    State.FULL: "Attendance is recorded.",
    State.PART: "Attendance is recorded.",
    State.NONE: "It is recorded that the person did not come.",
}
STEP_WORDS = {
    Step.APPROVE: "Approved by the line manager",
    Step.REFUSE: "Refused by the line manager",
    Step.CONFIRM: "Place confirmed",
    Step.WAIT: "Put on the waiting list",
    Step.OFFER: "Place offered",
    Step.ACCEPT: "Offer accepted",
    Step.LAPSE: "Lapsed",
    Step.CANCEL: "Cancelled",
    Step.SUBSTITUTE: "Passed to a colleague",
    Step.CALL_OFF: "Session called off",
    Step.MARK_FULL: "Attended",
    Step.MARK_PART: "Attended in part",
    Step.MARK_NONE: "Did not attend",
}
SIDE_WORDS = {
    "person": "the person booked",
    "manager": "line manager",
    "organiser": "provider",
    "trainer": "trainer",
    "system": "by itself",
}
