"""Which statements a competency is linked to: our suggestions, and what the provider's assessors said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kbs.framework import UNCONFIRMED, Framework
from kbs.statements import Standard
from portfolio.frameworks.links_models import ConfirmedLink
from portfolio.people.models import Person


class LinkState(StrEnum):
    """How a link stands. A confirmation that was withdrawn leaves what was there before it."""

    SUGGESTED = UNCONFIRMED
    CONFIRMED = "Confirmed"
    REFUSED = "Refused"


@dataclass(frozen=True)
class Link:
    """One competency and one statement. `by` and `at`: who confirmed or refused it; nobody for a suggestion."""

    code: str
    state: LinkState
    by: str = ""
    at: datetime | None = None


def links_for(
    session: Session, provider_id: UUID, standard: Standard, framework: Framework
) -> Mapping[str, tuple[Link, ...]]:
    """Competency -> its links, in the standard's order, in one query. One without any is not in it."""
    place = func.row_number().over(
        partition_by=(ConfirmedLink.competency_id, ConfirmedLink.code), order_by=ConfirmedLink.id.desc()
    )
    newest = (
        select(ConfirmedLink.id, place.label("place"))
        .where(
            ConfirmedLink.provider_id == provider_id,
            ConfirmedLink.framework_id == framework.id,
            ConfirmedLink.standard_reference == standard.reference,
            ConfirmedLink.standard_version == standard.version,
        )
        .subquery()
    )
    rows = session.execute(
        select(
            ConfirmedLink.competency_id,
            ConfirmedLink.code,
            ConfirmedLink.outcome,
            ConfirmedLink.at,
            Person.name,
        )
        .join(newest, newest.c.id == ConfirmedLink.id)
        .join(Person, Person.id == ConfirmedLink.by_id)
        .where(newest.c.place == 1)
    ).all()
    found = _suggested(standard, framework)
    for row in rows:
        links = found.setdefault(row.competency_id, {})
        if row.outcome != "withdrawn":
            links[row.code] = Link(row.code, LinkState[row.outcome.upper()], row.name, row.at)
    order = {code: place for place, code in enumerate(standard.codes)}
    return {
        competency: tuple(sorted(links.values(), key=lambda one: order.get(one.code, len(order))))
        for competency, links in found.items()
        if links
    }


def _suggested(standard: Standard, framework: Framework) -> dict[str, dict[str, Link]]:
    """Ours, as far as this version of the standard has the statements."""
    found: dict[str, dict[str, Link]] = {}
    codes = frozenset(standard.codes)
    for one in framework.suggestions:
        if one.standard == standard.reference:
            for competency in one.competencies:
                links = found.setdefault(competency, {})
                links.update(
                    {code: Link(code, LinkState.SUGGESTED) for code in one.statements if code in codes}
                )
    return found


def confirmed(links: Iterable[Link]) -> tuple[str, ...]:
    """The codes that an assessor confirmed."""
    return tuple(one.code for one in links if one.state is LinkState.CONFIRMED)
