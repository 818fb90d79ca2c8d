"""What the form of a date says, as the columns of a session."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio.courses.forms import MOST_PLACES, SessionForm, times_of, whole
from portfolio.web.forms import Submitted


def says_session(form: Submitted[SessionForm], now: datetime) -> dict[str, Any] | None:
    """None if anything is wrong; what is, stands at its box. A date that is past may be added: its attendance is
    recorded afterwards."""
    typed, times = form.value, times_of(form)
    if typed is None:
        return None
    capacity = whole(form, "capacity", typed.capacity, MOST_PLACES, "the number of places")
    if form.errors or times is None:
        return None
    return {
        "starts_at": times[0],
        "ends_at": times[1],
        "venue": typed.venue,
        "capacity": capacity,
        "note": typed.note,
    }
