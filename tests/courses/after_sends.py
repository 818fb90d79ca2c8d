"""A valid request for every route that writes after a session: below the apprenticeship, and with whole paths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from portfolio.courses.models import Booking, CourseSession
from portfolio.web.formats import utc_now
from tests.courses.after_steps import a_booking, a_material, a_session, an_answer, day_typed
from tests.gateway.world import KEY, Send, World


def _held(world: World) -> CourseSession:
    """A session that was over yesterday."""
    now = utc_now()
    of = a_session(
        world.session, world.cast, starts_at=now - timedelta(days=1, hours=3), ends_at=now - timedelta(days=1)
    )
    world.session.info["held"] = of.id
    return of


def _attended(world: World) -> Booking:
    """Amina attended it."""
    booking = a_booking(world.session, _held(world), world.at)
    world.session.info["attended"] = booking.id
    return booking


def _prepared(world: World) -> None:
    _attended(world)


def _answered(world: World) -> None:
    an_answer(world.session, _attended(world))


def _with_material(world: World) -> None:
    row = a_material(world.session, _held(world), world.cast.priya)
    world.session.info["material"] = row.id


def _own(rest: str) -> Callable[[World], str]:
    return lambda world: f"/bookings/{world.session.info['attended']}/{rest}"


def _session(rest: str) -> Callable[[World], str]:
    def path(world: World) -> str:
        held: UUID = world.session.info["held"]
        named = {name: world.session.info.get(name) for name in ("attended", "material")}
        return f"/providers/{world.cast.provider.id}/sessions/{held}/{rest.format(**named)}"

    return path


REFUSED: dict[str, Send] = {
    "courses.make_evidence": Send(
        "amina", _own("evaluation/day/evidence"), lambda w: {"claim": ["K27"]}, prepare=_answered
    ),
}
"""A piece of evidence is a part of the portfolio, whatever it is made from."""

STILL_DONE: dict[str, Send] = {
    "courses.evaluate": Send(
        "amina", _own("evaluation/day"), lambda w: day_typed(form_key=KEY), prepare=_prepared
    ),
}
"""What somebody says of a course is no part of what is assessed, so the lock leaves it."""

OF_A_PROVIDER: dict[str, Send] = {
    "courses.certify": Send("priya", _session("certificates"), prepare=_prepared),
    "courses.decide_certificate": Send(
        "priya",
        _session("certificates/{attended}"),
        lambda w: {"outcome": "withhold", "reason": "Left at noon."},
        prepare=_prepared,
    ),
    "courses.add_material": Send(
        "priya",
        _session("materials"),
        lambda w: {"title": "Slides", "link": "https://slides.example/one", "form_key": KEY},
        prepare=_prepared,
    ),
    "courses.remove_material": Send("priya", _session("materials/{material}/remove"), prepare=_with_material),
}
"""With whole paths."""
