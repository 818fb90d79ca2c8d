"""Putting DBS check, English and maths, and support on record: the rules as tables, the pages with real rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.gateway.models import DbsRecord, QualificationRecord, SupportRecord
from portfolio.gateway.record_rules import (
    DbsEntry,
    QualificationEntry,
    SupportEntry,
    dbs_problems,
    qualification_problems,
    support_problems,
)
from tests.builders import Cast, commit
from tests.client import Browser
from tests.gateway.conftest import TODAY
from tests.gateway.steps import a_dbs_record, a_qualification, a_support_record

Open = Callable[..., Browser]
PAST, TOMORROW = date(2026, 9, 1), date(2026, 11, 19)
DECIDED = {"decided_by": "R. Reed, human resources", "decided_on": PAST}

DBS_CASES: dict[str, tuple[dict[str, Any], str]] = {
    "only awaited": ({"decision": "awaiting"}, ""),
    "satisfactory with who and when": ({"decision": "satisfactory", **DECIDED}, ""),
    "satisfactory by nobody": ({"decision": "satisfactory", "decided_on": PAST}, "decided_by"),
    "satisfactory on no day": ({"decision": "satisfactory", "decided_by": "R. Reed"}, "decided_on"),
    "not satisfactory on no day": ({"decision": "not_satisfactory", "decided_by": "R. Reed"}, "decided_on"),
    "awaited, yet dated": ({"decision": "awaiting", "decided_on": PAST}, "decided_on"),
    "decided tomorrow": ({"decision": "satisfactory", "decided_by": "R.", "decided_on": TOMORROW}, "decided_on"),
    "decided today": ({"decision": "satisfactory", "decided_by": "R.", "decided_on": TODAY}, ""),
    "issued tomorrow": ({"decision": "awaiting", "issued_on": TOMORROW}, "issued_on"),
    "seen tomorrow": (
        {"decision": "awaiting", "original_seen_on": TOMORROW, "original_seen_by": "R."}, "original_seen_on",
    ),
    "seen before it was issued": (
        {"decision": "awaiting", "issued_on": date(2026, 9, 2), "original_seen_on": PAST, "original_seen_by": "R."},
        "original_seen_on",
    ),
    "seen the day it was issued": (
        {"decision": "awaiting", "issued_on": PAST, "original_seen_on": PAST, "original_seen_by": "R."}, "",
    ),
    "seen by somebody on no day": ({"decision": "awaiting", "original_seen_by": "R."}, "original_seen_on"),
    "seen by nobody": ({"decision": "awaiting", "original_seen_on": PAST}, "original_seen_by"),
    "next check in the future": ({"decision": "satisfactory", **DECIDED, "next_check_due_on": date(2029, 9, 1)}, ""),
    "next check before this one": (
        {"decision": "satisfactory", **DECIDED, "next_check_due_on": date(2026, 8, 1)}, "next_check_due_on",
    ),
}  # fmt: skip
QUALIFICATION_CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "nothing held": ("maths", {"qualification": "none"}, ""),
    "nothing held, with proof": ("maths", {"qualification": "none", "proof": "certificate"}, "qualification"),
    "level 2, not seen yet": ("maths", {"qualification": "level_2"}, ""),
    "level 2, seen": ("english", {"qualification": "level_2", "proof": "certificate", "proof_seen_on": PAST}, ""),
    "a kind of proof on no day": ("english", {"qualification": "level_2", "proof": "certificate"}, "proof_seen_on"),
    "a day of no proof": ("english", {"qualification": "level_2", "proof_seen_on": PAST}, "proof"),
    "seen tomorrow": (
        "english", {"qualification": "level_2", "proof": "certificate", "proof_seen_on": TOMORROW}, "proof_seen_on",
    ),
    "sign language for English": ("english", {"qualification": "bsl"}, ""),
    "sign language for maths": ("maths", {"qualification": "bsl"}, "qualification"),
    "an attempt by other evidence": (
        "maths", {"qualification": "attempt", "proof": "other", "proof_seen_on": PAST}, "",
    ),
    "level 2 by other evidence": (
        "maths", {"qualification": "level_2", "proof": "other", "proof_seen_on": PAST}, "proof",
    ),
}  # fmt: skip
SUPPORT_CASES: dict[str, tuple[dict[str, Any], str]] = {
    "neither": ({}, ""),
    "a plan that was seen": ({"plan": "education_health_care_plan", "plan_seen_on": PAST}, ""),
    "a plan that nobody saw": ({"plan": "education_health_care_plan"}, "plan_seen_on"),
    "a day of no document": ({"plan_seen_on": PAST}, "plan_seen_on"),
    "a statement seen tomorrow": ({"plan": "legacy_statement", "plan_seen_on": TOMORROW}, "plan_seen_on"),
    "a judgement tomorrow": ({"maths_judgement_on": TOMORROW}, "maths_judgement_on"),
    "judgements and choices": (
        {"english_judgement_on": PAST, "maths_opted_in": True, "primary_bsl_user": True},
        "",
    ),
}


@pytest.mark.parametrize("name", DBS_CASES)
def test_what_a_dbs_record_may_say(name: str) -> None:
    values, wrong = DBS_CASES[name]
    found = dbs_problems(DbsEntry(**values), TODAY)
    assert list(found) == ([wrong] if wrong else [])


@pytest.mark.parametrize("name", QUALIFICATION_CASES)
def test_what_may_be_recorded_of_a_subject(name: str) -> None:
    subject, values, wrong = QUALIFICATION_CASES[name]
    found = qualification_problems(subject, QualificationEntry(**values), TODAY)
    assert list(found) == ([wrong] if wrong else [])


@pytest.mark.parametrize("name", SUPPORT_CASES)
def test_what_may_be_recorded_of_support(name: str) -> None:
    values, wrong = SUPPORT_CASES[name]
    assert list(support_problems(SupportEntry(**values), TODAY)) == ([wrong] if wrong else [])


def address(cast: Cast, rest: str) -> str:
    return f"/apprenticeships/{cast.amina_at.id}/gateway{rest}"


FORMS: dict[str, dict[str, str]] = {
    "/dbs/record": {"decision": "awaiting", "level": "enhanced"},
    "/qualifications/english": {"qualification": "level_2", "title": "GCSE English"},
    "/qualifications/maths": {"qualification": "attempt"},
    "/support": {"plan": "none", "primary_bsl_user": "yes"},
}
WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "/dbs/record": (
        {"decision": "satisfactory", "decided_by": "R. Reed of personnel", "decided_on_day": "31", "decided_on_month": "2",
         "decided_on_year": "2026"},
        "Enter a real date", 'value="R. Reed of personnel"',
    ),
    "/qualifications/english": (
        {"qualification": "level_2", "title": "GCSE English of 2019", "proof_seen_on_day": "3"},
        "The date must include a month and a year", 'value="GCSE English of 2019"',
    ),
    "/qualifications/maths": ({"title": "My certificate"}, "Choose what is held.", 'value="My certificate"'),
    "/support": (
        {"plan": "legacy_statement", "primary_bsl_user": "yes"}, "Enter the day on which the document was seen.",
        'name="primary_bsl_user" value="yes" checked',
    ),
}  # fmt: skip


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("rest", FORMS)
def test_each_save_adds_a_row_and_the_history_names_who(
    browser: Open, database: Database, cast: Cast, rest: str, htmx: bool
) -> None:
    client = browser(cast.priya, htmx=htmx)
    answer = client.post(address(cast, rest), data=FORMS[rest])
    assert answer.status_code == (204 if htmx else 303)
    place = answer.headers["HX-Redirect"] if htmx else answer.headers["location"]
    assert place.startswith(address(cast, "#"))
    client.post(address(cast, rest), data=FORMS[rest])  # the same again by the same person is the same
    changed = dict(FORMS[rest]) | {
        "decision": "awaiting",
        "level": "standard",
        "title": "Another",
        "plan": "none",
    }
    changed.pop("primary_bsl_user", None)
    if rest == "/qualifications/maths":
        changed["qualification"] = "level_2"
    assert client.post(address(cast, rest), data=changed).status_code == (204 if htmx else 303)
    with database.reading() as session:
        model = {"/dbs/record": DbsRecord, "/support": SupportRecord}.get(rest, QualificationRecord)
        assert len(session.scalars(select(model)).all()) == 2
    if rest != "/dbs/record":
        text = browser(cast.priya).get(address(cast, rest)).text
        assert text.count("by Priya Parker") == 2
    else:
        text = browser(cast.priya).post(address(cast, "/dbs/show")).text
        assert text.count("by Priya Parker") == 2
        assert "Before that" in text


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("rest", WRONG)
def test_a_mistake_keeps_what_was_typed(browser: Open, cast: Cast, rest: str, htmx: bool) -> None:
    data, sentence, kept = WRONG[rest]
    answer = browser(cast.priya, htmx=htmx).post(address(cast, rest), data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept in answer.text
    assert ("<!doctype" in answer.text) is not htmx


@pytest.mark.parametrize("rest", FORMS)
def test_strangers_find_no_page_and_insiders_without_the_right_may_not(
    browser: Open, cast: Cast, rest: str
) -> None:
    for stranger in (cast.noor, cast.otto, cast.admin):
        assert browser(stranger).get(address(cast, rest)).status_code == 404
        assert browser(stranger).post(address(cast, rest), data=FORMS[rest]).status_code == 404
    for insider in (cast.amina, cast.marek, cast.asha, cast.ines):
        assert browser(insider).post(address(cast, rest), data=FORMS[rest]).status_code == 403


@pytest.mark.parametrize("typed", ["001234567890", "0012 3456 7890", "12345"])
def test_a_whole_certificate_number_is_refused_and_kept_nowhere(
    browser: Open, database: Database, cast: Cast, typed: str
) -> None:
    data = {"decision": "awaiting", "last_four": typed, "decided_by": ""}
    answer = browser(cast.priya).post(address(cast, "/dbs/record"), data=data)
    assert answer.status_code == 422
    assert "Only the last four digits of the certificate number are kept here" in answer.text
    assert typed not in answer.text
    assert f'value="{typed.replace(" ", "")[-4:]}"' in answer.text
    with database.reading() as session:
        assert session.scalars(select(DbsRecord)).all() == []


@pytest.mark.parametrize("typed", ["123", "12a4", "abcd"])
def test_anything_but_four_digits_is_refused(browser: Open, cast: Cast, typed: str) -> None:
    data = {"decision": "awaiting", "last_four": typed}
    answer = browser(cast.priya).post(address(cast, "/dbs/record"), data=data)
    assert answer.status_code == 422
    assert "Enter the last four digits" in answer.text


def test_there_is_no_field_for_a_file_on_any_page_about_the_dbs_check(browser: Open, cast: Cast) -> None:
    for rest in ("/dbs", "/dbs/record"):
        text = browser(cast.priya).get(address(cast, rest)).text
        assert 'type="file"' not in text
        assert "multipart" not in text


@pytest.mark.parametrize("rest", ["/qualifications/history", "/qualifications/", "/declarations/parent"])
def test_an_address_that_names_nothing_is_no_page(browser: Open, cast: Cast, rest: str) -> None:
    assert browser(cast.priya).get(address(cast, rest)).status_code == 404


def test_maths_offers_no_sign_language(browser: Open, cast: Cast) -> None:
    assert 'value="bsl"' in browser(cast.priya).get(address(cast, "/qualifications/english")).text
    assert 'value="bsl"' not in browser(cast.priya).get(address(cast, "/qualifications/maths")).text


def test_forms_start_from_what_is_on_record(browser: Open, session: Session, cast: Cast) -> None:
    a_qualification(session, cast.amina_at, cast.priya, "maths", title="GCSE maths")
    a_support_record(session, cast.amina_at, cast.priya, maths_judgement_on=date(2025, 11, 4))
    a_dbs_record(session, cast.amina_at, cast.priya)
    commit(session)
    client = browser(cast.priya)
    assert 'value="GCSE maths"' in client.get(address(cast, "/qualifications/maths")).text
    assert 'name="maths_judgement_on_year" value="2025"' in client.get(address(cast, "/support")).text
    assert "Rowan Seer" not in client.get(address(cast, "/dbs/record")).text, "reading it is written down"


def test_the_apprentice_reads_the_own_record_without_a_form(
    browser: Open, session: Session, cast: Cast
) -> None:
    a_support_record(
        session, cast.amina_at, cast.priya, plan="legacy_statement", plan_seen_on=date(2025, 11, 4)
    )
    commit(session)
    text = browser(cast.amina).get(address(cast, "/support")).text
    assert "Legacy statement of special educational needs, seen on 4 November 2025" in text
    assert "<form class" not in text
