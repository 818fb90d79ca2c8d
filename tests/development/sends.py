"""A valid request for every route of continuing development that writes to an apprenticeship (tests/gateway/sends.py)."""

from __future__ import annotations

from tests.development.steps import DAY, a_review, a_supervision, typed_review, typed_supervision
from tests.gateway.world import KEY, Send, World


def _a_supervision(world: World) -> None:
    world.record_id = a_supervision(world.session, world.at).id


def _a_review(world: World) -> None:
    world.record_id = a_review(world.session, world.at).id


REFUSED: dict[str, Send] = {
    "development.evidence_of_supervision": Send(
        "amina",
        lambda w: f"/supervision/{w.record_id}/evidence",
        lambda w: {"claim": ["K28"]},
        prepare=_a_supervision,
    ),
    "development.evidence_of_review": Send(
        "amina",
        lambda w: f"/reviews/{w.record_id}/evidence",
        lambda w: {"claim": ["K22"]},
        prepare=_a_review,
    ),
}
"""A piece of evidence is a part of the portfolio, whatever it is made from."""

STILL_DONE: dict[str, Send] = {
    "development.enter_supervision": Send(
        "amina", lambda w: "/supervision", lambda w: typed_supervision(form_key=KEY)
    ),
    "development.change_supervision": Send(
        "amina",
        lambda w: f"/supervision/{w.record_id}/edit",
        lambda w: typed_supervision(taken="Ask earlier."),
        prepare=_a_supervision,
    ),
    "development.remove_supervision": Send(
        "amina", lambda w: f"/supervision/{w.record_id}/remove", prepare=_a_supervision
    ),
    "development.enter_review": Send("amina", lambda w: "/reviews", lambda w: typed_review(form_key=KEY)),
    "development.change_review": Send(
        "amina",
        lambda w: f"/reviews/{w.record_id}/edit",
        lambda w: typed_review(changed="I ask who else knows."),
        prepare=_a_review,
    ),
    "development.remove_review": Send("amina", lambda w: f"/reviews/{w.record_id}/remove", prepare=_a_review),
}
"""Records of somebody's development at work, which goes on: no part of what is assessed, so the lock leaves them."""
STILL_DONE |= {
    "development.record_induction": Send(
        "marek", lambda w: "/development/induction", lambda w: DAY | {"covered": ["procedures", "signs"]}
    ),
    "development.set_refresher": Send(
        "marek",
        lambda w: "/development/refresher",
        lambda w: {"designated_lead": "yes", "months": "12", "reason": "Our policy asks for it."},
    ),
}
