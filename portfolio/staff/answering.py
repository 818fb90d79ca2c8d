"""The guards of the staff pages, and one person's page as several routes show it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission
from portfolio.findings import queries as findings
from portfolio.frameworks.answering import names_of
from portfolio.library.queries import frameworks_for
from portfolio.people.guards import NeedsInProvider
from portfolio.staff import queries
from portfolio.staff.models import StaffMember
from portfolio.staff.standing import standing_of
from portfolio.staff.wording import DONE, LEVEL_TAGS, NEED_WORDS, TAGS
from portfolio.training import levels
from portfolio.training.rules.words import length
from portfolio.web.formats import london_day, utc_now
from portfolio.web.page import Page

Seen = Annotated[Membership, Depends(NeedsInProvider(Permission.VIEW_COHORTS))]
"""Whoever sees the training report sees the staff too."""
Keeping = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COHORTS))]
"""Whoever sets what an employer asks for keeps its staff too."""


def member_page(
    page: Page, session: Session, held: Membership, member: StaffMember, *, number: int, done: str
) -> Response:
    """Who it is, what is due by whose rule, what was chosen, and a page of the training."""
    known, today = frameworks_for(session, member.provider_id), london_day(utc_now())
    choices = queries.choices_of(session, member)
    found = queries.learning_page(session, member, number)
    said = {one.id: {"reason": one.reason} for one in choices} | {
        one.id: {"what": one.what} for one in found.rows
    }
    return page(
        "staff/show.html",
        provider=held,
        member=member,
        has_left=member.has_left(today),
        row=standing_of(session, member, today).row,
        choices=choices,
        names=names_of(known, {one.framework_id for one in choices}),
        found=found,
        level_words={one.id: levels.words(known, one.framework_id, one.level_id) for one in found.rows},
        kept=findings.shown_in(session, said),
        length=length,
        tags=TAGS,
        level_tags=LEVEL_TAGS,
        need_words=NEED_WORDS,
        said=DONE.get(done, ""),
    )
