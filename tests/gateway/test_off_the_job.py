"""The line on off-the-job hours: what is in place, what is missing, and what nobody here can know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.gateway.facts import HoursFact
from portfolio.gateway.hours_query import hours_of
from portfolio.gateway.rulebooks import rulebook_for, rulebooks
from portfolio.gateway.rules import State, check, reasons_not_to_lock
from portfolio.training.rules.hours_year import years
from tests.builders import Cast
from tests.gateway.examples import READY, TODAY
from tests.training.steps import a_plan, an_answer, an_entry

BY_PLAN = "20 % of 30 hours for each week."
UNKNOWN = "The minimum published for this version of the standard is not known here."
NO_PLAN = "The minimum cannot be worked out: give the paid hours of a week."
MORE = "of learning in the training log, confirmed by the mentor or the assessor."

CASES = {
    "reached to the minute": (HoursFact(600, 600, BY_PLAN), State.IN_PLACE, "10 hours confirmed. The minimum is 10 hours.", ""),
    "more than asked, less than planned": (
        HoursFact(660, 600, BY_PLAN, planned=720), State.IN_PLACE,
        "11 hours confirmed of 12 hours planned. The minimum is 10 hours.", "",
    ),
    "a minute short": (
        HoursFact(599, 600, BY_PLAN, planned=600), State.NEEDS_ACTION,
        "9 hours 59 minutes confirmed of 10 hours planned. The minimum is 10 hours.", f"Another 1 minute {MORE}",
    ),
    "nothing confirmed": (
        HoursFact(0, 600, BY_PLAN), State.MISSING, "0 hours confirmed. The minimum is 10 hours.", f"Another 10 hours {MORE}",
    ),
    "a minimum of nothing": (HoursFact(0, 0, BY_PLAN), State.IN_PLACE, "0 hours confirmed. The minimum is 0 hours.", ""),
    "not published here": (
        HoursFact(600, None, UNKNOWN, planned=720), State.NOT_KNOWN, f"{UNKNOWN} 10 hours confirmed of 12 hours planned.",
        "Look the minimum up and hold the confirmed hours against it before the portfolio is locked.",
    ),
    "not published here, nothing logged": (
        HoursFact(0, None, UNKNOWN), State.NOT_KNOWN, f"{UNKNOWN} 0 hours confirmed.",
        "Look the minimum up and hold the confirmed hours against it before the portfolio is locked.",
    ),
    "a plan is wanting": (
        HoursFact(600, None, NO_PLAN, plan_needed=True), State.NEEDS_ACTION, f"{NO_PLAN} 10 hours confirmed.",
        "Set the plan of hours in the training log.",
    ),
    "never asked": (
        None, State.NOT_KNOWN, "Nothing is known of the off-the-job hours.", "Look the minimum up and hold the log against it.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("hours", "state", "reason", "put_right"), CASES.values(), ids=CASES.keys())
def test_how_the_hours_stand(hours: HoursFact | None, state: State, reason: str, put_right: str) -> None:
    found = check(replace(READY, hours=hours), TODAY)
    line = found["off_the_job"]
    assert (line.state, line.reason, line.put_right) == (state, reason, put_right)
    assert bool(line.who) is bool(put_right)
    shut = state in (State.MISSING, State.NEEDS_ACTION)
    assert found.ready_to_lock is not shut
    assert found.ready_to_declare is not shut
    assert bool(reasons_not_to_lock(found)) is shut


def test_a_rulebook_without_the_rule_has_no_line() -> None:
    book = rulebook_for(READY.start_on)
    without = replace(book, lines=tuple(one for one in book.lines if one.id != "off_the_job"))
    found = check(replace(READY, hours=HoursFact(0, 600, BY_PLAN)), TODAY, without)
    assert len(found.requirements) == 10
    assert found.ready_to_lock


@pytest.mark.parametrize(
    ("book_id", "paragraphs"),
    [("2024-25", "84"), ("2025-26", "81, 81.2 and 84"), ("2026-27", "85 to 89 and 86.2")],
)
def test_the_books_say_what_the_rules_of_the_log_reckon_with(book_id: str, paragraphs: str) -> None:
    book = next(one for one in rulebooks() if one.id == book_id)
    year = next(one for one in years() if one.id == book_id)
    line = book.line("off_the_job")
    assert (year.document, year.minimum_at) == (book.document, paragraphs)
    assert f"{paragraphs} (" in line.cited
    assert (book.starts_from, book.starts_until) == (year.starts_from, year.starts_until)
    values = {one.name: one.value for one in line.values}
    by_weeks = {"per_cent": year.per_cent, "week_cap": year.week_cap // 60}
    assert values == (by_weeks if year.per_cent else {"floor": year.floor // 60})


def test_confirmed_hours_are_counted_as_the_log_counts_them(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    standard = catalogue.get(at.standard_reference, at.standard_version)
    assert hours_of(session, at, standard, []).confirmed == 0
    an_answer(session, an_entry(session, at), cast.marek)
    an_answer(session, an_entry(session, at), cast.marek)  # says the same again
    an_entry(session, at, what="Nobody confirmed this.")
    returned = an_entry(session, at, what="Returned since.")
    an_answer(session, returned, cast.marek)
    an_answer(session, returned, cast.asha, "returned", "Not new.", "assessor")
    own = an_entry(session, at, what="Confirmed by themselves.")
    an_answer(session, own, cast.amina)
    an_answer(session, an_entry(session, at, what="Not claimed.", counts=False), cast.marek)
    away = an_entry(session, at, what="In a break.", day=date(2026, 3, 3))
    an_answer(session, away, cast.marek)
    an_answer(session, an_entry(session, cast.other_at), cast.asha)
    assert hours_of(session, at, standard, []).confirmed == 180
    assert hours_of(session, at, standard, [(date(2026, 3, 1), date(2026, 3, 9))]).confirmed == 90


def test_the_minimum_comes_from_the_start_date_the_plan_and_the_breaks(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    standard = catalogue.get(at.standard_reference, at.standard_version)
    published = hours_of(session, at, standard, [])
    assert (published.minimum, published.plan_needed) == (None, False)
    at.start_on, at.planned_gateway_on = date(2025, 1, 6), date(2026, 1, 4)  # 52 weeks
    assert hours_of(session, at, standard, []).plan_needed
    a_plan(session, at, cast.priya)
    for breaks in ([], [(date(2025, 3, 3), date(2025, 4, 7))]):  # the planned end moves on by the break
        found = hours_of(session, at, standard, breaks)
        assert (found.minimum, found.planned, found.plan_needed) == (52 * 6 * 60, 400 * 60, False)
