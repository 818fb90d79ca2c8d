"""Frameworks in the demonstration: the first provider has one of its own, and its assessors answered some links."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portfolio.demo.world import World
from portfolio.frameworks.links_actions import CONFIRM, REFUSE, say
from portfolio.frameworks.own_actions import add
from portfolio.frameworks.own_file import EXAMPLE, own_framework
from portfolio.library.queries import frameworks_for

PROVIDER = "northern"
SHIPPED = "mk-together-2020"
ANSWERS = (
    ("1-child-4", ("K7", "S9"), CONFIRM),
    ("2-child-5", ("K7", "K8", "S8", "S9"), CONFIRM),
    ("2-child-5", ("K13",), REFUSE),
    ("2-adult-10", ("K1", "S10"), CONFIRM),
    ("4-child-3", ("S24",), CONFIRM),
)
"""Competency, statements, and what was said of its links to them."""


def frameworks_of_the_provider(session: Session, world: World) -> None:
    """The example as a framework of its own, and answers of one assessor. The other provider has neither."""
    provider = world.providers[PROVIDER]
    manager, assessor = world.of("managers", PROVIDER)[0], world.of("assessors", PROVIDER)[0]
    text = (
        EXAMPLE.read_text(encoding="utf-8")
        .replace("Our organisation", "Northern Skills")
        .replace("Safeguarding at our organisation", "Safeguarding with our employers")
    )
    framework = own_framework(text, world.catalogue)
    add(session, provider.id, framework, text, by=manager.id, now=world.now - timedelta(days=120))
    shipped = frameworks_for(session, provider.id).get(SHIPPED)
    for number, (competency, codes, outcome) in enumerate(ANSWERS):
        when = world.now - timedelta(days=60 - number)
        say(
            session,
            provider.id,
            world.standard,
            shipped,
            competency,
            codes,
            outcome,
            by=assessor.id,
            now=when,
        )
