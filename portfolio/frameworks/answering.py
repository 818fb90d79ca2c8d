"""The pages of competencies as several routes show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from kbs.framework import Framework
from kbs.frameworks import Frameworks, UnknownFramework
from kbs.placement import NeedState
from portfolio.access import Permission
from portfolio.apprenticeships.guards import Opened
from portfolio.findings import queries as findings
from portfolio.frameworks import actions, helper, linked, queries
from portfolio.frameworks.links import LinkState, links_for
from portfolio.frameworks.standing import SHOWN, Chosen, Competencies, chosen_for, competencies_of
from portfolio.library.queries import frameworks_for
from portfolio.refusals import NotFound
from portfolio.training.queries import levels_held
from portfolio.training.rules.ratings import Rating
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, empty, new_form_key
from portfolio.web.page import Page
from portfolio.web.paging import PER_PAGE, cut

NOTE = {"note": "Note"}
REASON = {"reason": "Why this framework and this level"}
TAGS = {"not yet": ("a", "Not yet"), "developing": ("b", "Developing"), "competent": ("g", "Competent")}
SIDE_WORDS = {"own": "Own rating", "second": "Mentor’s rating"}
FIRST_GAPS = 5
DONE = {
    "chosen": "The framework is chosen.",
    "rated": "The rating is kept.",
    "several": "The ratings are kept.",
    "same": "Nothing was changed, so nothing was kept.",
    "linked": "Linked.",
    "unlinked": "The link was removed.",
}


@dataclass(frozen=True)
class Named:
    """The titles in one framework."""

    title: str
    levels: Mapping[str, str]
    competencies: Mapping[str, str]

    @classmethod
    def of(cls, framework: Framework) -> Named:
        return cls(
            f"{framework.title} ({framework.edition})",
            {one.id: one.title for one in framework.levels},
            {one.id: one.title for level in framework.levels for one in level.competencies},
        )


def at_hand(session: Session, opened: Opened) -> tuple[Chosen, Competencies]:
    """What was chosen, with the standing for its strand. Raises NotFound where nothing is chosen or at hand."""
    chosen = chosen_for(session, opened.apprenticeship.provider_id, opened.id)
    if chosen is None:
        raise NotFound
    on = london_day(utc_now())
    known = competencies_of(session, chosen, opened.id, chosen.choice.strand, on)
    if known is None:
        raise NotFound
    return chosen, known


def overview_page(
    page: Page,
    session: Session,
    opened: Opened,
    *,
    strand: str,
    level: str,
    show: str,
    number: int,
    done: str,
) -> Response:
    """The framework and level, gaps, and a page of the competencies with both ratings beside each other."""
    chosen = chosen_for(session, opened.apprenticeship.provider_id, opened.id)
    strand = chosen.strand(strand) if chosen else ""
    known = chosen and competencies_of(session, chosen, opened.id, strand, london_day(utc_now()))
    show = show if show in SHOWN else ""
    first = (number - 1) * PER_PAGE
    return page(
        "frameworks/overview.html",
        opened=opened,
        chosen=chosen,
        known=known or None,
        chosen_kept=findings.shown_in(session, {chosen.choice.id: {"reason": chosen.choice.reason}})
        if chosen
        else {},
        found=cut(known.lines(show, level)[first : first + PER_PAGE + 1], number) if known else None,
        first_gaps=known.standing.gaps[:FIRST_GAPS] if known else (),
        strand=strand,
        level=level,
        show=show,
        shown=SHOWN,
        side=actions.side_of(opened),
        chooses=Permission.CHOOSE_FRAMEWORK in opened.may,
        ended=actions.has_ended(session, opened),
        earlier_links=chosen is not None and linked.any_earlier(session, opened.id, chosen.framework),
        tags=TAGS,
        said=DONE.get(done, ""),
    )


def competency_page(
    page: Page,
    session: Session,
    opened: Opened,
    competency_id: str,
    *,
    number: int = 1,
    done: str = "",
    form: Submitted[Any] | None = None,
    status: int = 200,
) -> Response:
    """One competency: what both sides said over time, what is linked, and the form to rate it."""
    chosen, known = at_hand(session, opened)
    if competency_id not in chosen.places:
        raise NotFound
    level, competency = chosen.places[competency_id]
    given = [one for one in reversed(known.rows) if one.competency_id == competency_id]
    first = (number - 1) * PER_PAGE
    statements = links_for(session, opened.apprenticeship.provider_id, opened.standard, known.framework)
    return page(
        "frameworks/competency.html",
        fragment="competency",
        status=status,
        opened=opened,
        framework=known.framework,
        level=level,
        competency=competency,
        line=next((one for one in known.standing.lines if one.competency.id == competency_id), None),
        given=cut(given[first : first + PER_PAGE + 1], number),
        kept=findings.shown_in(
            session, {one.id: {"note": one.note} for one in given[first : first + PER_PAGE]}
        ),
        links=linked.links_page(session, opened.id, known.framework.id, competency_id, number),
        statements=[
            (opened.standard.item(one.code), one)
            for one in statements.get(competency_id, ())
            if one.state is not LinkState.REFUSED and one.code in opened.standard
        ],
        states=LinkState,
        side=actions.side_of(opened),
        why_not_rate=actions.why_not_rate(session, opened),
        ratings=[(one.value, one.value.capitalize()) for one in Rating],
        tags=TAGS,
        side_words=SIDE_WORDS,
        key=new_form_key(),
        said=DONE.get(done, ""),
        form=form or empty(),
    )


def rate_page(
    page: Page,
    session: Session,
    opened: Opened,
    level_id: str,
    *,
    number: int = 1,
    form: Submitted[Any] | None = None,
    status: int = 200,
) -> Response:
    """The competencies of one level with the choices beside each, to rate several without opening them."""
    _, known = at_hand(session, opened)
    levels = [
        one for one in known.framework.levels_asked_at(known.target) if one.competencies_in(known.strand)
    ]
    level = next((one for one in levels if one.id == level_id), levels[0] if levels else None)
    lines = [one for one in known.standing.lines if level is not None and one.level.id == level.id]
    first = (number - 1) * PER_PAGE
    return page(
        "frameworks/rate.html",
        fragment="rate_several",
        status=status,
        opened=opened,
        framework=known.framework,
        levels=levels,
        level=level,
        found=cut(lines[first : first + PER_PAGE + 1], number),
        side=actions.side_of(opened),
        why_not_rate=actions.why_not_rate(session, opened),
        ratings=[(one.value, one.value.capitalize()) for one in Rating],
        key=new_form_key(),
        form=form or empty(),
    )


def choose_page(
    page: Page, session: Session, opened: Opened, form: Submitted[Any], *, status: int = 200
) -> Response:
    """The placement helper and the choice. Shows no rating: a manager may choose without seeing any."""
    known = frameworks_for(session, opened.apprenticeship.provider_id)
    frameworks = known.all()
    before = queries.choices_before(session, opened.id)
    asked = dict(page.request.query_params.items())
    named = asked.get("framework") or (before[0].framework_id if before else "")
    framework = next((one for one in frameworks if one.id == named), frameworks[0])
    helped = helper.helped(
        framework,
        helper.role_from(asked),
        opened.standard.reference,
        levels_held(session, opened.id, framework.id),
        opened.apprenticeship.start_on,
        london_day(utc_now()),
    )
    if not form.typed and helped.answered and helped.advice.level:
        form.typed["level"] = [f"{framework.id}:{helped.advice.level.id}"]
    titles = {
        f"{one.id}:{level.id}": f"{one.title} ({one.edition}): {level.title}"
        for one in frameworks
        for level in one.levels
    }
    return page(
        "frameworks/choose.html",
        fragment="choice_form",
        status=status,
        opened=opened,
        frameworks=frameworks,
        framework=framework,
        asked=asked,
        questions=helper.questions(),
        helped=helped,
        need_states=NeedState,
        levels=list(titles.items()),
        names=names_of(known, {one.framework_id for one in before}),
        strands=[("child", "Children"), ("adult", "Adults"), ("both", "Children and adults")],
        before=before,
        kept=findings.shown_in(session, {one.id: {"reason": one.reason} for one in before}),
        ended=actions.has_ended(session, opened),
        key=new_form_key(),
        form=form,
    )


def history_page(page: Page, session: Session, opened: Opened, number: int) -> Response:
    """Every choice and every rating, also against a framework that was chosen before."""
    frameworks = frameworks_for(session, opened.apprenticeship.provider_id)
    found = queries.ratings_page(session, opened.id, number)
    before = queries.choices_before(session, opened.id)
    ids = {one.framework_id for one in found.rows} | {one.framework_id for one in before}
    return page(
        "frameworks/history.html",
        opened=opened,
        found=found,
        before=before,
        names=names_of(frameworks, ids),
        kept=findings.shown_in(
            session,
            {one.id: {"reason": one.reason} for one in before}
            | {one.id: {"note": one.note} for one in found.rows},
        ),
        tags=TAGS,
        side_words=SIDE_WORDS,
    )


def earlier_links_page(page: Page, session: Session, opened: Opened, *, number: int, done: str) -> Response:
    """What is linked to competencies of a framework that was chosen before."""
    chosen = chosen_for(session, opened.apprenticeship.provider_id, opened.id)
    found = linked.earlier_page(session, opened.id, chosen.framework if chosen else None, number)
    frameworks = frameworks_for(session, opened.apprenticeship.provider_id)
    return page(
        "frameworks/earlier.html",
        opened=opened,
        found=found,
        names=names_of(frameworks, {one.link.framework_id for one in found.rows}),
        why_not_rate=actions.why_not_rate(session, opened),
        said=DONE.get(done, ""),
    )


def names_of(frameworks: Frameworks, ids: Iterable[str]) -> dict[str, Named]:
    """Titles of frameworks, levels and competencies by their ids; what is not at hand any more is called by its id."""
    found = {}
    for one in ids:
        try:
            found[one] = Named.of(frameworks.get(one))
        except UnknownFramework:
            found[one] = Named(one, {}, {})
    return found


def link_page(
    page: Page,
    session: Session,
    opened: Opened,
    competency_id: str,
    *,
    kind: str,
    find: str,
    number: int,
    form: Submitted[Any] | None = None,
    status: int = 200,
) -> Response:
    """Submitted pieces, or entries of the training log, to link to a competency."""
    chosen, known = at_hand(session, opened)
    if competency_id not in chosen.places:
        raise NotFound
    kind = kind if kind in (linked.EVIDENCE, linked.TRAINING) else linked.EVIDENCE
    return page(
        "frameworks/link.html",
        fragment="link_list",
        status=status,
        opened=opened,
        competency=chosen.places[competency_id][1],
        kind=kind,
        find=find,
        found=linked.candidates(
            session, opened.id, known.framework.id, competency_id, kind=kind, find=find, number=number
        ),
        why_not_rate=actions.why_not_rate(session, opened),
        form=form or empty(),
    )
