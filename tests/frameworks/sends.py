"""A plausible, valid request for every route that chooses a framework, rates, or links, by route name."""

from __future__ import annotations

from tests.frameworks.steps import FIRST, a_choice, a_link, chosen, rating, several
from tests.gateway.world import KEY, Send, World


def _a_choice(world: World) -> None:
    a_choice(world.session, world.at, world.cast.marek)


def _a_link(world: World) -> None:
    """Of the apprentice, to a piece that was decided on."""
    _a_choice(world)
    world.link_id = a_link(world.session, world.at, world.cast.amina, world.decided).id


OF_DEVELOPMENT: dict[str, Send] = {
    "frameworks.choose_now": Send("marek", lambda w: "/competencies/choose", lambda w: chosen(form_key=KEY)),
    "frameworks.rate": Send(
        "amina", lambda w: "/competencies/one", lambda w: rating(form_key=KEY), prepare=_a_choice
    ),
    "frameworks.rate_several": Send(
        "marek",
        lambda w: "/competencies/rate",
        lambda w: several((FIRST, "", "competent"), form_key=KEY),
        prepare=_a_choice,
    ),
    "frameworks.link": Send(
        "amina",
        lambda w: "/competencies/link",
        lambda w: {"id": FIRST, "kind": "evidence", "record": str(w.decided.id)},
        prepare=_a_choice,
    ),
    "frameworks.unlink": Send("amina", lambda w: f"/competencies/links/{w.link_id}/remove", prepare=_a_link),
}
"""A portfolio that is locked stops none of it: it is about somebody's development, no part of what is assessed."""
