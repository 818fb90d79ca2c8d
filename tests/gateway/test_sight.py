"""Who sees what of DBS, English, maths and support: as a table, on every page, and by proof that no answer differs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Permission
from portfolio.apprenticeships.models import Apprenticeship, Cohort
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.gateway.sight import Detail, sight_of
from portfolio.people.models import Person
from tests.builders import Cast, a_person, commit
from tests.client import Browser
from tests.gateway.steps import (
    PASSWORD,
    a_dbs_record,
    a_qualification,
    a_support_record,
    date_fields,
    declared,
    everything_but_declarations,
    give_passwords,
)

Open = Callable[..., Browser]

SECRETS = {
    "dbs record": ("Rowan Seer", "8642", "Dana Decider"),
    "dbs sentence": ("Satisfactory enhanced check",),
    "qualification": ("Functional Skills english XQ7",),
    "support": ("an education, health and care plan is recorded", "13 October 2025"),
    "english sentence": ("Entry Level 3 in English is accepted because",),
    "recorded english": ("Recorded: Entry Level 3",),
}
"""What to look for on a page. The records hold exactly these; no rule, hint or heading does."""

SHOW = {
    "amina": {"dbs sentence", "english sentence", "support"},
    "marek": set(),
    "asha": set(),
    "ines": set(),
    "priya": {"dbs sentence", "english sentence", "support"},
    "dora": {"dbs sentence", "recorded english"},
    "mina": {"recorded english"},
}
"""On the gateway page. Dora is a manager with the right to DBS records, Mina one with no named right."""
PAGES: dict[str, dict[str, set[str] | int]] = {
    "": dict(SHOW),
    "/dbs": {"amina": set(), "marek": 403, "asha": 403, "ines": 403, "priya": set(), "dora": set(), "mina": 403},
    "/dbs/record": {
        "amina": 403, "marek": 403, "asha": 403, "ines": 403, "priya": set(), "dora": set(), "mina": 403,
    },
    "/qualifications/english": {
        "amina": 403, "marek": 403, "asha": 403, "ines": 403,
        "priya": {"qualification"}, "dora": {"qualification"}, "mina": {"qualification"},
    },
    "/support": {
        "amina": {"support"}, "marek": 403, "asha": 403, "ines": 403, "priya": {"support"}, "dora": 403, "mina": 403,
    },
    "/declarations/provider": {
        "amina": 403, "marek": 403, "asha": set(), "ines": 403, "priya": set(), "dora": set(), "mina": set(),
    },
    "/lock": {
        "amina": 403, "marek": 403, "asha": 403, "ines": 403, "priya": set(), "dora": set(), "mina": set(),
    },
    "/assessment": {who: set() for who in SHOW},
}  # fmt: skip
"""Page -> who -> what they see of the secrets, or the status they get."""


@pytest.fixture
def people(session: Session, cast: Cast, catalogue: Catalogue) -> dict[str, Person]:
    """Entry Level 3 in English with a plan, so that the sentence on English speaks of it."""
    everything_but_declarations(session, cast, catalogue)
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    a_qualification(session, at, cast.priya, "english", qualification="entry_level_3")
    a_support_record(
        session, at, cast.priya, plan="education_health_care_plan", plan_seen_on=date(2025, 10, 13)
    )
    found = {name: getattr(cast, name) for name in ("amina", "marek", "asha", "ines", "priya")}
    found["dora"] = a_person(session, "Dora Dale", cast.provider, "manager", rights=("dbs",))
    found["mina"] = a_person(session, "Mina Moss", cast.provider, "manager")
    give_passwords(session, *found.values())
    commit(session)
    return found


def seen_in(text: str) -> set[str]:
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}", "", text)  # random ids may hold any four digits
    return {name for name, marks in SECRETS.items() if any(mark in text for mark in marks)}


def address(cast: Cast, rest: str = "") -> str:
    return f"/apprenticeships/{cast.amina_at.id}/gateway{rest}"


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("rest", PAGES)
def test_who_sees_what_on_each_page(
    browser: Open, cast: Cast, people: dict[str, Person], rest: str, htmx: bool
) -> None:
    for who, expected in PAGES[rest].items():
        answer = browser(people[who], htmx=htmx).get(address(cast, rest))
        if isinstance(expected, int):
            assert (who, answer.status_code) == (who, expected)
            assert seen_in(answer.text) == set()
        else:
            assert answer.status_code == 200
            # a plan's sentence also stands in the sentence on English: the table names both
            assert (who, seen_in(answer.text)) == (
                who,
                expected - ({"support"} if htmx and rest == "/support" else set()),
            )


def test_only_those_with_the_right_are_shown_the_dbs_record_and_each_showing_is_written_down(
    browser: Open, database: Database, cast: Cast, people: dict[str, Person]
) -> None:
    expected = {"amina": 200, "marek": 403, "asha": 403, "ines": 403, "priya": 200, "dora": 200, "mina": 403}
    for who, status in expected.items():
        answer = browser(people[who]).post(address(cast, "/dbs/show"))
        assert (who, answer.status_code) == (who, status)
        assert seen_in(answer.text) == ({"dbs record"} if status == 200 else set())
    with database.reading() as session:
        shown = session.scalars(select(AuditEvent).where(AuditEvent.action == "gateway.dbs_shown")).all()
        assert {event.by_id for event in shown} == {people[who].id for who in ("amina", "priya", "dora")}
        assert all(event.about_apprenticeship_id == cast.amina_at.id for event in shown)


def test_the_lock_keeps_the_whole_check_and_shows_it_by_the_same_rights(
    browser: Open, session: Session, cast: Cast, people: dict[str, Person]
) -> None:
    declared(session, cast)
    commit(session)
    sent = browser(people["mina"]).post(address(cast, "/lock"), data={"agreed": "yes", "password": PASSWORD})
    assert sent.status_code == 303
    page = browser(people["priya"]).get(address(cast)).text
    record = "/locks/" + page.split("/gateway/locks/")[1].split('"')[0]
    for rest in ("", record):
        for who, expected in SHOW.items():
            text = browser(people[who]).get(address(cast, rest)).text
            # what was recorded in a subject is not kept apart in the lock, so its readers get the state
            assert (who, seen_in(text) - {"support"}) == (who, expected - {"recorded english", "support"})


def test_nothing_of_the_records_stands_in_the_audit_trail(
    browser: Open, database: Database, cast: Cast, people: dict[str, Person]
) -> None:
    manager = browser(people["priya"])
    manager.post(
        address(cast, "/dbs/record"),
        data={"decision": "not_satisfactory", "decided_by": "Dana Decider"}
        | date_fields("decided_on", date(2026, 11, 3)),
    )
    manager.post(address(cast, "/qualifications/maths"), data={"qualification": "entry_level_3"})
    manager.post(
        address(cast, "/support"),
        data={"plan": "legacy_statement"} | date_fields("plan_seen_on", date(2025, 11, 3)),
    )
    with database.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action.like("gateway.%_recorded"))).all()
        assert {event.action for event in events} == {
            "gateway.dbs_recorded",
            "gateway.qualification_recorded",
            "gateway.support_recorded",
        }
        assert all(event.detail == {} for event in events)


def test_no_page_about_the_apprenticeship_shows_anything_of_it_elsewhere(
    browser: Open, app: FastAPI, cast: Cast, people: dict[str, Person]
) -> None:
    """Every other page of the product with no more than the apprenticeship in its address, the trail included."""
    paths = {
        context.path
        for context in iter_route_contexts(app.routes)
        if context.path
        and "GET" in (context.methods or ())
        and context.path.startswith("/apprenticeships/{appr")
    }
    others = sorted(path for path in paths if "/gateway" not in path and path.count("{") == 1)
    assert others
    for who in SHOW:
        client = browser(people[who])
        for path in (*others, *(f"{{home}}{rest}" for rest in ("/", "/account"))):
            place = path.format(apprenticeship_id=cast.amina_at.id, home="")
            answer = client.get(place)
            assert answer.status_code < 500
            assert (place, who, seen_in(answer.text)) == (place, who, set())


def test_who_may_not_know_of_a_dbs_check_gets_the_same_page_whatever_it_says(
    browser: Open, session: Session, cast: Cast, people: dict[str, Person]
) -> None:
    """Neither a count nor a remedy nor the headline gives it away."""
    before = browser(cast.ines).get(address(cast)).text
    assert "Not shown to you" in before
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    a_dbs_record(session, at, cast.priya, decision="not_satisfactory")
    commit(session)
    assert browser(cast.ines).get(address(cast)).text == before
    assert browser(cast.asha).get(address(cast)).text.count(">Needs action<") == 1


def test_the_other_policy_gives_nothing_away_to_those_who_see_the_state_only(
    browser: Open, session: Session, cast: Cast, people: dict[str, Person]
) -> None:
    """A plan and a judgement both make Entry Level 3 enough by the funding rules, only a plan by the standard's
    sentence: what the other policy would say is what would tell the two apart."""
    session.get_one(Cohort, cast.cohort.id).english_maths_policy = "funding_rules"
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    at.date_of_birth = date(2008, 5, 1)
    commit(session)
    with_plan = {who: browser(people[who]).get(address(cast)).text for who in ("asha", "mina", "amina")}
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    a_support_record(session, at, cast.priya, english_judgement_on=date(2025, 11, 4))
    commit(session)
    with_judgement = {who: browser(people[who]).get(address(cast)).text for who in with_plan}
    assert with_plan["asha"] == with_judgement["asha"]
    assert with_plan["mina"] == with_judgement["mina"]
    assert "The funding rules decided" in with_plan["asha"]
    assert "would say “Needs action”" in with_judgement["amina"]
    assert "would say “In place”" in with_plan["amina"]


@pytest.mark.parametrize(
    ("may", "dbs", "english_maths"),
    [
        (set(), Detail.NOTHING, Detail.STATE),
        ({Permission.VIEW_DBS_STATE}, Detail.STATE, Detail.STATE),
        ({Permission.VIEW_DBS_STATE, Permission.VIEW_DBS_DETAIL}, Detail.FULL, Detail.STATE),
        ({Permission.RECORD_QUALIFICATIONS}, Detail.NOTHING, Detail.RECORDED),
        ({Permission.RECORD_QUALIFICATIONS, Permission.VIEW_SUPPORT_STATUS}, Detail.NOTHING, Detail.FULL),
        ({Permission.VIEW_SUPPORT_STATUS}, Detail.NOTHING, Detail.FULL),
        ({Permission.RECORD_DBS}, Detail.NOTHING, Detail.STATE),
    ],
)
def test_sight_follows_the_rights(may: set[Permission], dbs: Detail, english_maths: Detail) -> None:
    sight = sight_of(may)
    assert (sight.dbs, sight.english_maths) == (dbs, english_maths)
