"""A valid request for every route of members of staff that writes (tests/web/sends.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from portfolio.staff.models import StaffMember
from tests.gateway.world import Send, World
from tests.staff.steps import (
    a_member,
    a_training,
    boxes,
    staff_path,
    typed_choice,
    typed_learning,
    typed_member,
)


def _a_member(world: World) -> None:
    world.session.info["member"] = a_member(world.session, world.cast.employer, world.cast.priya)


def _a_training(world: World) -> None:
    _a_member(world)
    member: StaffMember = world.session.info["member"]
    world.record_id = a_training(world.session, member, world.cast.priya, date(2026, 10, 20)).id


def _below(rest: Callable[[World], str]) -> Callable[[World], str]:
    """Below the member of staff."""
    return lambda world: staff_path(world.cast, world.session.info["member"], rest(world))


OF_A_PROVIDER: dict[str, Send] = {
    "staff.add": Send("priya", lambda w: staff_path(w.cast), lambda w: typed_member(w.cast.employer)),
    "staff.correct": Send(
        "priya",
        _below(lambda w: "/edit"),
        lambda w: {"name": "Wanda Whitlow-Webb", "title": "Head of year", **boxes("started_on", None)},
        prepare=_a_member,
    ),
    "staff.set_left": Send(
        "priya",
        _below(lambda w: "/left"),
        lambda w: boxes("left_on", date(2026, 10, 30)),
        prepare=_a_member,
    ),
    "staff.choose_now": Send(
        "priya", _below(lambda w: "/choose"), lambda w: typed_choice(), prepare=_a_member
    ),
    "staff.record_training": Send(
        "priya", _below(lambda w: "/training"), lambda w: typed_learning(), prepare=_a_member
    ),
    "staff.remove_training": Send(
        "priya", _below(lambda w: f"/training/{w.record_id}/remove"), prepare=_a_training
    ),
}
