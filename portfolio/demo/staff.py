"""Staff who are no apprentices in the demonstration: at two employers, with refreshers in every state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from kbs.framework import BOTH, CHILD
from portfolio.database import new_id
from portfolio.demo.world import World
from portfolio.staff.models import StaffChoice, StaffLearning, StaffMember

PROVIDER = "northern"
PA3, ROTHERHAM, MK = "pa3-2022", "rotherham-2018-19", "mk-together-2020"
AT = "In contact with families every day and plans with other services."
STAFF: tuple[tuple[str, str, str, tuple[str, str, str, bool] | None, tuple[tuple[str, int], ...]], ...] = (
    ("northside", "Philippa Penrose", "Deputy head, designated safeguarding lead", (PA3, "4", CHILD, True),
     (("3", 900), ("4", 690))),
    ("northside", "Quentin Quayle", "Class teacher", (PA3, "3", CHILD, False), (("3", 400),)),
    ("northside", "Rosalind Rudge", "Teaching assistant", (PA3, "2", CHILD, False), (("2", 1150),)),
    ("northside", "Silas Sedge", "School counsellor", (PA3, "3", CHILD, False), ()),
    ("harbour_care", "Tabitha Thwaite", "Team leader", (ROTHERHAM, "1", CHILD, False), (("1", 280),)),
    ("harbour_care", "Ulric Upton", "Support worker", (MK, "2", BOTH, False), (("2", 220),)),
    ("harbour_care", "Verity Vane", "Night worker", None, ()),
)  # fmt: skip
"""Employer, name, role at work, what was chosen, and levels trained at so many days ago."""
HAS_LEFT = ("northside", "Winifred Wragg", "Lunchtime supervisor", 60)
"""Who left so many days ago."""


def staffed(session: Session, world: World) -> None:
    """The other provider has recorded nobody yet."""
    by = world.of("managers", PROVIDER)[0].id
    for number, (employer, name, title, choice, trained) in enumerate(STAFF):
        member = _member(session, world, employer, name, title, by, number=number)
        if choice is not None:
            _chosen(session, world, member, choice, trained, by, number=number)
    employer, name, title, days_ago = HAS_LEFT
    left_on = world.today - timedelta(days=days_ago)
    _member(session, world, employer, name, title, by, number=len(STAFF), left_on=left_on)


def _member(
    session: Session, world: World, employer: str, name: str, title: str, by: Any, *, number: int, **more: Any
) -> StaffMember:
    at = world.employers[PROVIDER, employer]
    member = StaffMember(
        provider_id=at.provider_id,
        employer_id=at.id,
        name=name,
        title=title,
        started_on=world.today - timedelta(days=1300 + 40 * number),
        recorded_by_id=by,
        form_key=new_id().hex,
        recorded_at=world.now - timedelta(days=90, minutes=number),
        **more,
    )
    session.add(member)
    session.flush()
    return member


def _chosen(
    session: Session,
    world: World,
    member: StaffMember,
    choice: tuple[str, str, str, bool],
    trained: tuple[tuple[str, int], ...],
    by: Any,
    *,
    number: int,
) -> None:
    framework_id, level_id, strand, lead = choice
    owner = {"provider_id": member.provider_id, "staff_member_id": member.id}
    when = world.now - timedelta(days=89, minutes=number)
    session.add(
        StaffChoice(
            **owner,
            framework_id=framework_id,
            level_id=level_id,
            strand=strand,
            designated_lead=lead,
            reason=AT,
            chosen_by_id=by,
            form_key=new_id().hex,
            chosen_at=when,
        )
    )
    for level, days_ago in trained:
        session.add(
            StaffLearning(
                **owner,
                day=world.today - timedelta(days=days_ago),
                minutes=180,
                what=f"Safeguarding training at level {level}",
                framework_id=framework_id,
                level_id=level,
                recorded_by_id=by,
                form_key=new_id().hex,
                at=when,
            )
        )
    session.flush()
