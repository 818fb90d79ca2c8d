"""Supervision and reviews through their pages: kept, changed, removed, made evidence, by their apprentice alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.development.models import ReviewLearnt, Supervision
from portfolio.evidence.models import Claim, EvidenceVersion
from portfolio.findings.models import KeptFinding
from tests.assessment.steps import locked
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.development.steps import (
    FOUND,
    TAKEN,
    WELLBEING,
    a_review,
    a_supervision,
    path,
    typed_review,
    typed_supervision,
)
from tests.training.steps import LATER

Open = Callable[..., Browser]
TYPED: dict[str, Callable[..., dict[str, Any]]] = {"supervision": typed_supervision, "reviews": typed_review}
MODELS: dict[str, Any] = {"supervision": Supervision, "reviews": ReviewLearnt}
PARTS = list(TYPED)


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def rows(database: Database, part: str) -> Sequence[Any]:
    model = MODELS[part]
    query = select(model).order_by(model.id)
    if model is Supervision:
        query = query.options(undefer(Supervision.wellbeing))
    with database.reading() as fresh:
        return fresh.scalars(query).all()


def a_record(session: Session, cast: Cast, part: str, **more: Any) -> Any:
    made = (a_supervision if part == "supervision" else a_review)(session, cast.amina_at, **more)
    commit(session)
    return made


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("part", PARTS)
def test_a_record_is_kept_once_and_stands_on_its_pages(
    browser: Open, database: Database, cast: Cast, part: str, htmx: bool
) -> None:
    page, typed = browser(cast.amina, htmx=htmx), TYPED[part]
    assert "is recorded yet" in page.get(path(cast, part)).text
    for _ in range(2):
        assert page.post(path(cast, part), data=typed()).status_code == (204 if htmx else 303)
    (row,) = rows(database, part)
    whole = browser(cast.amina)
    assert "2 November 2026" in whole.get(path(cast, part)).text
    shown = whole.get(f"{path(cast, part)}/{row.id}").text
    assert (TAKEN if part == "supervision" else FOUND) in shown
    answer = page.post(path(cast, part), data=typed(taken="Else.", found="Else."))
    assert (answer.status_code, "This page was sent before" in answer.text) == (422, True)
    assert len(rows(database, part)) == 1


@pytest.mark.parametrize(
    ("part", "change", "sentence"),
    [
        ("supervision", {"taken": " "}, "Say in a sentence what you took from it."),
        ("supervision", {"kind": ""}, "Choose what kind of supervision it was."),
        ("supervision", {"kind": "secret"}, "Choose what kind of supervision it was."),
        ("supervision", {"with_role": "Lee Lane"}, "Choose with whom, by their role."),
        ("supervision", {"day_year": "2027"}, "2 November 2027 is still to come. Today is 3 November 2026."),
        ("supervision", {"day_day": ""}, "The date must include a day."),
        ("supervision", {"taken": "x" * 4001}, "Use at most 4000 characters."),
        ("supervision", {"taken": "Rang them on 07700 900123."}, "07700 900123"),
        ("reviews", {"title": ""}, "Give the title of the review."),
        ("reviews", {"publisher": ""}, "Say who published it."),
        ("reviews", {"year": "22"}, "Give the year in which it was published, for example 2026."),
        ("reviews", {"year": "2027"}, "Give the year in which it was published"),
        ("reviews", {"link": "javascript:alert(1)"}, "Give the address of a page that begins with https://"),
        ("reviews", {"found": ""}, "Say in your own words what the review found."),
        ("reviews", {"changed": "I rang 07700 900123."}, "07700 900123"),
    ],
)
def test_a_mistake_keeps_nothing_and_loses_nothing(
    browser: Open, database: Database, cast: Cast, part: str, change: dict[str, str], sentence: str
) -> None:
    answer = browser(cast.amina).post(path(cast, part), data=TYPED[part](**change))
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = WELLBEING if part == "supervision" else "A safeguarding partnership"
    assert kept in answer.text or "publisher" in change
    assert rows(database, part) == []


def test_what_may_identify_somebody_is_kept_with_a_reason(
    browser: Open, database: Database, cast: Cast
) -> None:
    typed = typed_review(changed="I rang 07700 900123.")
    page = browser(cast.amina)
    asked = page.post(path(cast, "reviews"), data=typed)
    assert asked.status_code == 422
    words = re.findall(r'name="kept_words" value="([^"]+)"', asked.text)
    fields = re.findall(r'name="kept_field" value="([^"]+)"', asked.text)
    reasons = {"kept_field": fields, "kept_words": words, "kept_reason": ["A colleague."] * len(words)}
    assert page.post(path(cast, "reviews"), data=typed | reasons).status_code == 303
    with database.reading() as fresh:
        assert {one.about for one in fresh.scalars(select(KeptFinding))} == {"review_learnt"}
    (row,) = rows(database, "reviews")
    assert "A colleague." in page.get(f"{path(cast, 'reviews')}/{row.id}").text
    assert page.post(f"{path(cast, 'reviews')}/{row.id}/remove").status_code == 303
    with database.reading() as fresh:
        assert fresh.scalars(select(KeptFinding)).all() == []


@pytest.mark.parametrize("part", PARTS)
def test_its_apprentice_changes_and_removes_it(
    browser: Open, session: Session, database: Database, cast: Cast, part: str
) -> None:
    row, page = a_record(session, cast, part), browser(cast.amina)
    address = f"{path(cast, part)}/{row.id}"
    edit = page.get(address + "/edit").text
    assert (WELLBEING if part == "supervision" else FOUND) in edit
    words = {"taken": "Something else.", "changed": "Something else."}
    for _ in range(2):
        assert page.post(address + "/edit", data=TYPED[part](**words)).status_code == 303
    (changed,) = rows(database, part)
    assert "Something else." in (changed.taken if part == "supervision" else changed.changed)
    assert page.post(address + "/remove").status_code == 303
    assert rows(database, part) == []
    assert page.post(address + "/remove").status_code == 404
    with database.reading() as fresh:
        done = [one.action.split(".")[1] for one in fresh.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    assert done == ["changed", "removed"]


@pytest.mark.parametrize("part", PARTS)
def test_who_may_read_and_who_may_write(
    browser: Open, session: Session, database: Database, cast: Cast, part: str
) -> None:
    row = a_record(session, cast, part)
    address = f"{path(cast, part)}/{row.id}"
    for who, read, write in (
        (cast.amina, 200, 303),
        (cast.marek, 200, 403),
        (cast.asha, 403, 403),
        (cast.ines, 403, 403),
        (cast.priya, 403, 403),
        (cast.noor, 404, 404),
        (cast.olu, 404, 404),
    ):
        page = browser(who)
        assert page.get(path(cast, part)).status_code == read, who.name
        assert page.get(address).status_code == read, who.name
        for send in (path(cast, part), address + "/edit"):
            assert page.post(send, data=TYPED[part](form_key="")).status_code == write, who.name
        if who is not cast.amina:
            assert page.get(path(cast, part) + "/new").status_code == write
            assert page.get(address + "/edit").status_code == write
            assert page.post(address + "/remove").status_code == write
            assert page.post(address + "/evidence", data={"claim": ["K28"]}).status_code == write
    assert len(rows(database, part)) == 2, "the apprentice's own, and the one that she added"


@pytest.mark.parametrize("part", PARTS)
def test_a_record_of_somebody_else_is_not_found_under_ones_own(
    browser: Open, session: Session, cast: Cast, part: str
) -> None:
    other = (a_supervision if part == "supervision" else a_review)(session, cast.other_at)
    commit(session)
    page = browser(cast.amina)
    for address in ("", "/edit"):
        assert page.get(f"{path(cast, part)}/{other.id}{address}").status_code == 404


@pytest.mark.parametrize(
    ("part", "codes"), [("supervision", ["K28", "K29", "S28"]), ("reviews", ["K22", "S23"])]
)
def test_a_record_becomes_a_draft_with_the_statements_that_were_ticked(
    browser: Open, session: Session, database: Database, cast: Cast, part: str, codes: list[str]
) -> None:
    row, page = a_record(session, cast, part), browser(cast.amina)
    address = f"{path(cast, part)}/{row.id}"
    shown = page.get(address).text
    assert all(f'value="{code}"' in shown for code in codes)
    assert "checked" not in shown, "offered, never forced"
    first = page.post(address + "/evidence", data={"claim": [codes[0], "K1"]})
    again = page.post(address + "/evidence", data={"claim": codes})
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    with database.reading() as fresh:
        (version,) = fresh.scalars(select(EvidenceVersion))
        assert (version.happened_on, version.type) == (row.day, "reflective_account")
        assert (TAKEN if part == "supervision" else FOUND) in version.what_happened
        assert WELLBEING not in str([getattr(version, one.key) for one in EvidenceVersion.__table__.columns])
        assert set(fresh.scalars(select(Claim.item_code))) == {codes[0]}, "only what is offered"
    assert "The piece made from this" in page.get(address).text
    assert "The piece made from this" not in browser(cast.marek).get(address).text, "a draft is hers alone"


@pytest.mark.parametrize("part", PARTS)
def test_the_lock_lets_records_go_on_and_makes_no_evidence(
    browser: Open, session: Session, database: Database, cast: Cast, part: str
) -> None:
    row = a_record(session, cast, part)
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    page = browser(cast.amina)
    assert page.post(path(cast, part), data=TYPED[part]()).status_code == 303
    assert len(rows(database, part)) == 2
    refused = page.post(f"{path(cast, part)}/{row.id}/evidence", data={})
    assert (refused.status_code, "portfolio is locked" in refused.text) == (409, True)


@pytest.mark.parametrize("part", PARTS)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    browser: Open, session: Session, database: Database, cast: Cast, part: str
) -> None:
    a_record(session, cast, part)
    page = browser(cast.marek)
    page.get(path(cast, part))
    with queries(database) as few:
        page.get(path(cast, part))
    for _ in range(30):
        a_record(session, cast, part)
    with queries(database) as many:
        assert "Next page" in page.get(path(cast, part)).text
    assert many.number == few.number


def test_a_link_of_a_review_opens_without_telling_where_from(
    browser: Open, session: Session, cast: Cast
) -> None:
    row = a_record(session, cast, "reviews", link="https://example.org/review")
    shown = browser(cast.marek).get(f"{path(cast, 'reviews')}/{row.id}").text
    assert '<a href="https://example.org/review" rel="noopener noreferrer external">' in shown
