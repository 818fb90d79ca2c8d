"""The training log through its pages: entering, what is wrong with an entry, changing, removing, taking it away."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import BreakInLearning
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.findings.models import KeptFinding
from portfolio.training.models import TrainingEntry
from tests.assessment.steps import locked
from tests.builders import NOW, Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.training.steps import (
    LATER,
    WHAT,
    a_plan,
    an_answer,
    an_entry,
    entries,
    entry_path,
    log_path,
    typed,
)

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.mark.parametrize("htmx", [False, True])
def test_what_when_how_long_and_four_answers_are_an_entry(
    browser: Open, database: Database, cast: Cast, htmx: bool
) -> None:
    page = browser(cast.amina, htmx=htmx)
    assert 'name="day_day" value="3"' in page.get(log_path(cast) + "/new").text, "today stands there already"
    answer = page.post(log_path(cast), data=typed())
    assert answer.status_code == (204 if htmx else 303), answer.text
    (entry,) = entries(database)
    assert (entry.day, entry.minutes, entry.what) == (date(2026, 11, 2), 90, WHAT)
    assert (entry.in_paid_hours, entry.new_learning, entry.english_maths) == (True, True, False)
    assert (entry.codes, entry.counts, entry.evidence_id) == (["K7", "S7"], True, None)
    shown = browser(cast.amina).get(log_path(cast)).text
    assert "1 hour 30 minutes" in shown
    assert "Waiting for confirmation" in shown
    with database.reading() as fresh:
        action = AuditEvent.action == "training.entered"
        assert len(fresh.scalars(select(AuditEvent).where(action)).all()) == 1


def test_the_least_can_be_kept_and_unanswered_is_neither_yes_nor_no(
    browser: Open, database: Database, cast: Cast
) -> None:
    fields = {
        key: value
        for key, value in typed(minutes="").items()
        if key not in ("in_paid_hours", "new_learning", "statements")
    }
    assert browser(cast.amina).post(log_path(cast), data=fields).status_code == 303
    (entry,) = entries(database)
    assert (entry.in_paid_hours, entry.new_learning, entry.codes) == (None, None, [])
    shown = browser(cast.amina).get(log_path(cast)).text
    for sentence in (
        "Say whether this was in your paid",
        "Say whether you learnt something new",
        "Link at least one statement",
    ):
        assert f"Does not count: {sentence}" in shown


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"in_paid_hours": "no"}, "Learning outside paid hours does not count."),
        ({"new_learning": "no"}, "Only new knowledge, skill or behaviour counts."),
        ({"english_maths": "yes"}, "English and maths do not count"),
        ({"assessment_or_review": "yes"}, "Assessment and progress reviews do not count."),
        ({"statements": []}, "Link at least one statement"),
        ({"day_year": "2024"}, "is before the apprenticeship started on 6 October 2025"),
        ({"day_month": "2"}, "lies in a break in learning"),
    ],
    ids=["unpaid", "not new", "maths", "review", "statements", "before", "break"],
)
def test_what_does_not_count_stays_in_the_log_with_the_reason(
    browser: Open, session: Session, database: Database, cast: Cast, change: dict[str, Any], sentence: str
) -> None:
    session.add(
        BreakInLearning(
            provider_id=cast.provider.id,
            apprenticeship_id=cast.amina_at.id,
            began_on=date(2026, 2, 2),
            ended_on=date(2026, 2, 9),
            recorded_by_id=cast.priya.id,
            recorded_at=NOW,
        )
    )
    commit(session)
    page = browser(cast.amina)
    assert page.post(log_path(cast), data=typed(**change)).status_code == 303
    assert len(entries(database)) == 1
    shown = page.get(log_path(cast)).text
    assert "Does not count: " in shown
    assert sentence in shown
    assert "<dt>Entered, but do not count</dt><dd>1 hour 30 minutes" in shown
    assert "<dt>Not confirmed yet</dt><dd>0 hours" in shown


def test_the_first_day_back_from_a_break_counts(browser: Open, session: Session, cast: Cast) -> None:
    session.add(
        BreakInLearning(
            provider_id=cast.provider.id,
            apprenticeship_id=cast.amina_at.id,
            began_on=date(2026, 10, 26),
            ended_on=date(2026, 11, 2),
            recorded_by_id=cast.priya.id,
            recorded_at=NOW,
        )
    )
    an_entry(session, cast.amina_at)
    commit(session)
    assert (
        "Does not count"
        not in browser(cast.amina)
        .get(log_path(cast))
        .text.split('<h2 id="entries-title">')[1]
        .split("</form>", 1)[1]
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"what": " "}, "Say in a few words what you learnt."),
        ({"what": "x" * 4001}, "Use at most 4000 characters."),
        ({"hours": "", "minutes": ""}, "more than 0 minutes and at most 24 hours"),
        ({"hours": "25"}, "more than 0 minutes and at most 24 hours"),
        ({"hours": "one"}, "Give hours and minutes as numbers"),
        ({"hours": "-1"}, "Give hours and minutes as numbers"),
        ({"day_day": ""}, "The date must include a day."),
        ({"day_day": "4"}, "4 November 2026 is still to come."),
        ({"statements": ["K99"]}, "K99: no statement of this standard."),
        ({"statements": ["K7", "D8"]}, "D8: no statement of this standard."),
        ({"level": "nowhere:1"}, "Choose a level from the list."),
    ],
    ids=[
        "nothing",
        "long",
        "no length",
        "a day and more",
        "words",
        "minus",
        "no day",
        "future",
        "code",
        "duty",
        "level",
    ],
)
def test_a_mistake_writes_nothing_and_keeps_what_was_typed(
    browser: Open, database: Database, cast: Cast, change: dict[str, Any], sentence: str
) -> None:
    answer = browser(cast.amina).post(log_path(cast), data=typed(impact="I ask earlier now.") | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "I ask earlier now." in answer.text
    assert entries(database) == []


def test_today_is_londons(browser: Open, database: Database, cast: Cast) -> None:
    """Half past midnight in London's summer is still the day before in UTC."""
    with time_machine.travel(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)):
        page = browser(cast.amina)
        assert 'name="day_day" value="1"' in page.get(log_path(cast) + "/new").text
        fields = typed(day_day="1", day_month="7")
        assert page.post(log_path(cast), data=fields).status_code == 303
    assert entries(database)[0].day == date(2026, 7, 1)


def test_sent_twice_it_is_one_entry_and_said_otherwise_it_is_refused(
    browser: Open, database: Database, cast: Cast
) -> None:
    page = browser(cast.amina)
    assert [page.post(log_path(cast), data=typed()).status_code for _ in range(2)] == [303, 303]
    other = page.post(log_path(cast), data=typed(hours="2"))
    assert other.status_code == 422
    assert "This page was sent before" in other.text
    assert len(entries(database)) == 1


def test_a_name_is_asked_about_and_the_reason_is_kept_and_shown(
    browser: Open, database: Database, cast: Cast
) -> None:
    page = browser(cast.amina)
    named = typed(what="A talk with the family of Child Oliver Smithson, 07700 900123.")
    answer = page.post(log_path(cast), data=named)
    assert answer.status_code == 422
    assert "07700 900123" in answer.text
    assert entries(database) == []
    reasons: dict[str, list[str]] = {"kept_field": [], "kept_words": [], "kept_reason": []}
    for field, words in re.findall(
        r'name="kept_field" value="(\w+)"><input type="hidden" name="kept_words" value="([^"]+)"', answer.text
    ):
        reasons["kept_field"].append(field)
        reasons["kept_words"].append(words)
        reasons["kept_reason"].append("An invented case of the course.")
    assert page.post(log_path(cast), data=named | reasons).status_code == 303
    (entry,) = entries(database)
    with database.reading() as fresh:
        kept = fresh.scalars(select(KeptFinding)).all()
        assert {(one.about, one.record_id, one.field) for one in kept} == {
            ("training_entry", entry.id, "what")
        }
    assert "An invented case of the course." in browser(cast.asha).get(entry_path(entry)).text
    assert "An invented case of the course." in page.get(entry_path(entry) + "/edit").text
    assert page.post(entry_path(entry) + "/remove").status_code == 303
    with database.reading() as fresh:
        assert fresh.scalars(select(KeptFinding)).all() == []


def test_an_entry_is_changed_and_removed_until_somebody_answered(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    entry = an_entry(session, cast.amina_at)
    commit(session)
    page = browser(cast.amina)
    form = page.get(entry_path(entry) + "/edit").text
    assert WHAT in form
    assert 'id="statement-K7" name="statements" value="K7" checked' in form
    assert page.post(entry_path(entry) + "/edit", data=typed(hours="3", minutes="")).status_code == 303
    assert entries(database)[0].minutes == 180
    assert page.post(entry_path(entry) + "/remove").status_code == 303
    assert entries(database) == []
    assert page.post(entry_path(entry) + "/remove").status_code == 404


def test_a_confirmed_entry_is_neither_changed_nor_removed(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    entry = an_entry(session, cast.amina_at)
    an_answer(session, entry, cast.marek)
    commit(session)
    page = browser(cast.amina)
    assert page.get(entry_path(entry) + "/edit").status_code == 409
    changed = page.post(entry_path(entry) + "/edit", data=typed(hours="9", what="Something else."))
    assert changed.status_code == 422
    assert "This entry was confirmed, so it stays as it is." in changed.text
    assert "Something else." in changed.text, "what was typed is given back"
    assert page.post(entry_path(entry) + "/remove").status_code == 409
    assert [(one.minutes, one.what) for one in entries(database)] == [(90, WHAT)]


def test_a_returned_entry_is_changed_and_stays_on_record(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    entry = an_entry(session, cast.amina_at)
    an_answer(session, entry, cast.marek, "returned", "That was one hour.")
    commit(session)
    page = browser(cast.amina)
    assert "That was one hour." in page.get(log_path(cast)).text
    assert page.post(entry_path(entry) + "/remove").status_code == 409
    assert page.post(entry_path(entry) + "/edit", data=typed(minutes="")).status_code == 303
    assert entries(database)[0].minutes == 60
    assert "Waiting for confirmation</span>" in page.get(entry_path(entry)).text


def test_totals_months_plan_and_minimum(browser: Open, session: Session, cast: Cast) -> None:
    confirmed = an_entry(session, cast.amina_at, day=date(2026, 10, 20), minutes=600)
    an_answer(session, confirmed, cast.marek)
    an_entry(session, cast.amina_at, minutes=300)
    commit(session)
    page = browser(cast.amina)
    shown = page.get(log_path(cast)).text
    assert "<dt>Confirmed</dt><dd>10 hours" in shown
    assert "<dt>Not confirmed yet</dt><dd>5 hours" in shown
    assert "Not known: no plan is set" in shown
    assert "<dt>Minimum</dt><dd>Not known" in shown
    assert "<b>October 2026</b>: 10 hours" in shown
    assert '<b>September 2026</b>: <span class="tag a">No learning</span>' in shown
    a_plan(session, cast.amina_at, cast.priya, planned_minutes=30 * 60)
    commit(session)
    assert "30 hours, 50 % of it done" in page.get(log_path(cast)).text


def test_the_same_text_on_the_same_day_counts_once_and_the_later_is_named(
    browser: Open, session: Session, cast: Cast
) -> None:
    first = an_entry(session, cast.amina_at)
    second = an_entry(session, cast.amina_at, what=WHAT.upper())
    commit(session)
    page = browser(cast.amina)
    assert "The same text stands on 2 November 2026 already" in page.get(entry_path(second)).text
    assert "The same text stands on" not in page.get(entry_path(first)).text
    assert "<dt>Not confirmed yet</dt><dd>1 hour 30 minutes" in page.get(log_path(cast)).text


def test_the_audit_names_faults_with_links(browser: Open, session: Session, cast: Cast) -> None:
    entry = an_entry(session, cast.amina_at, in_paid_hours=False)
    commit(session)
    for who in (cast.marek, cast.asha, cast.ines, cast.priya):
        shown = browser(who).get(log_path(cast) + "/audit").text
        assert "Learning outside paid hours does not count." in shown
        assert entry_path(entry) in shown
        assert "September 2026 shows no off-the-job learning" in shown


def test_the_certificate_is_named_on_the_entry_and_in_the_file(
    browser: Open, session: Session, cast: Cast
) -> None:
    page = browser(cast.amina)
    page.post(log_path(cast), data=typed(certificate="Number 4711, in the blue folder"))
    (entry,) = session.scalars(select(TrainingEntry)).all()
    assert "Number 4711, in the blue folder" in page.get(entry_path(entry)).text
    assert "Number 4711, in the blue folder" in page.get(entry_path(entry) + "/edit").text
    (line,) = csv.DictReader(io.StringIO(page.get(log_path(cast) + "/log.csv").text.removeprefix("\ufeff")))
    assert line["Certificate"] == "Number 4711, in the blue folder"
    assert line["Framework and level"] == ""


def test_the_file_holds_the_log_and_no_formula(browser: Open, session: Session, cast: Cast) -> None:
    entry = an_entry(session, cast.amina_at, what="=HYPERLINK(1)")
    an_answer(session, entry, cast.marek)
    an_entry(session, cast.amina_at, day=date(2026, 10, 1), counts=False)
    commit(session)
    answer = browser(cast.asha).get(log_path(cast) + "/log.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, second = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (first["Day"], first["Minutes"], first["What"]) == ("2026-11-02", "90", "'=HYPERLINK(1)")
    assert (first["State"], first["Confirmed or returned by"], first["Statements"]) == (
        "confirmed",
        "Marek Mason",
        "K7 S7",
    )
    assert (second["State"], second["Counted as off-the-job hours"]) == (
        "in the log, not claimed as hours",
        "no",
    )


def test_a_long_log_is_paged_and_costs_no_more_queries(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    page = browser(cast.marek)
    numbers = []
    for count in (2, 60):
        for number in range(count):
            entry = an_entry(
                session, cast.amina_at, day=date(2026, 9, 1 + number % 28), what=f"{count} thing {number}."
            )
            if number % 2:
                an_answer(session, entry, cast.asha, role="assessor")
        commit(session)
        for address in ("", "/audit", f"/{entry.id}", "/log.csv"):
            page.get(log_path(cast) + address)
        with queries(database) as found:
            shown = page.get(log_path(cast)).text
            page.get(log_path(cast) + "/audit")
            page.get(log_path(cast) + "/log.csv")
            page.get(entry_path(entry))
        numbers.append(found.number)
    assert numbers[0] == numbers[1]
    assert shown.count('id="entry-') == 25
    assert "Next page" in shown
    assert "Next page" in page.get(log_path(cast) + "/audit").text
    assert page.get(log_path(cast) + "?page=3").text.count('id="entry-') == 12


def test_a_locked_log_says_so_and_takes_nothing(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    entry = an_entry(session, cast.amina_at)
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    page = browser(cast.amina)
    assert "The portfolio is locked" in page.get(log_path(cast)).text
    assert page.get(log_path(cast) + "/new").status_code == 409
    answer = page.post(log_path(cast), data=typed(what="Too late."))
    assert (answer.status_code, "The portfolio is locked" in answer.text, "Too late." in answer.text) == (
        422,
        True,
        True,
    )
    assert page.post(entry_path(entry) + "/remove").status_code == 409
    assert len(entries(database)) == 1
