"""A valid request for every route of courses and bookings that writes (tests/gateway/sends.py, tests/web/sends.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portfolio.apprenticeships.lists.sending import mark_of
from portfolio.courses.standing import catalogues
from tests.courses.steps import a_booking, a_course, a_date, typed_course, typed_date
from tests.gateway.world import KEY, Send, World

LIST = "title,day,starts,ends,places\nChairing a meeting,2027-03-18,09:30,12:30,16\n"
REASON = {"reason": "The room is flooded."}


def _a_date(world: World, **more: Any) -> None:
    provider = world.cast.provider
    one = a_date(world.session, a_course(world.session, world.cast.priya, provider.id), **more)
    world.session.info["date"] = one


def _booked(state: str, **more: Any) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        _a_date(world, **more)
        world.record_id = a_booking(world.session, world.session.info["date"], world.at, state).id

    return prepare


def _one(world: World) -> str:
    one = world.session.info["date"]
    return f"/{one.course_id}/sessions/{one.id}"


def _of_provider(rest: Callable[[World], str]) -> Callable[[World], str]:
    return lambda world: f"/providers/{world.cast.provider.id}/courses{rest(world)}"


STILL_DONE: dict[str, Send] = {
    "courses.book": Send(
        "amina",
        lambda w: f"/courses{_one(w)}",
        lambda w: {"needs": "Step-free access", "form_key": KEY},
        prepare=_a_date,
    ),
    "courses.own_step": Send(
        "amina",
        lambda w: f"/bookings/{w.record_id}/own",
        lambda w: {"step": "cancel", "reason": "I am on leave."},
        prepare=_booked("confirmed"),
    ),
    "courses.answer": Send(
        "marek",
        lambda w: f"/bookings/{w.record_id}/answer",
        lambda w: {"step": "approve"},
        prepare=_booked("requested"),
    ),
    "courses.organise": Send(
        "priya",
        lambda w: f"/bookings/{w.record_id}/organise",
        lambda w: {"step": "cancel", "reason": "Booked twice."},
        prepare=_booked("requested"),
    ),
}
"""A course that somebody attends is no part of what is assessed: bookings go on while the portfolio is locked."""

OF_A_PROVIDER: dict[str, Send] = {
    "courses.add": Send("priya", _of_provider(lambda w: ""), lambda w: typed_course()),
    "courses.change": Send(
        "priya",
        _of_provider(lambda w: f"/{w.session.info['date'].course_id}/edit"),
        lambda w: typed_course(title="Chairing"),
        prepare=_a_date,
    ),
    "courses.archive": Send(
        "priya",
        _of_provider(lambda w: f"/{w.session.info['date'].course_id}/archive"),
        lambda w: {"archived": "yes"},
        prepare=_a_date,
    ),
    "courses.add_session": Send(
        "priya",
        _of_provider(lambda w: f"/{w.session.info['date'].course_id}/sessions"),
        lambda w: typed_date(),
        prepare=_a_date,
    ),
    "courses.change_session": Send(
        "priya", _of_provider(lambda w: _one(w) + "/edit"), lambda w: typed_date(), prepare=_a_date
    ),
    "courses.call_off": Send(
        "priya", _of_provider(lambda w: _one(w) + "/call-off"), lambda w: REASON, prepare=_booked("confirmed")
    ),
    "courses.attendance": Send(
        "priya",
        _of_provider(lambda w: _one(w) + "/attendance"),
        lambda w: {f"mark-{w.record_id}": "full"},
        prepare=_booked("confirmed", days=-1),
    ),
    "courses.take_over": Send(
        "priya",
        _of_provider(lambda w: "/examples"),
        lambda w: {"course": f"{catalogues()[0].id}:{catalogues()[0].courses[0].id}"},
    ),
    "courses.import_now": Send(
        "priya",
        _of_provider(lambda w: "/import"),
        lambda w: {"text": LIST, "do": "write", "checked": mark_of(LIST)},
    ),
}
