"""Confirming and returning entries: who may, what is bound, what is frozen, one and several."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Assignment
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.training.models import TrainingEntry
from tests.assessment.steps import locked
from tests.builders import NOW, Cast, commit
from tests.client import Browser
from tests.postgres import plain
from tests.training.steps import (
    LATER,
    an_answer,
    an_entry,
    answers,
    entries,
    entry_path,
    log_path,
    say,
    ticks,
    typed,
)

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def entry(session: Session, cast: Cast) -> TrainingEntry:
    entry = an_entry(session, cast.amina_at)
    commit(session)
    return entry


@pytest.mark.parametrize(("who", "role"), [("marek", "mentor"), ("asha", "assessor")])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_mentor_and_an_assessor_confirm(
    browser: Open, database: Database, cast: Cast, entry: TrainingEntry, who: str, role: str, htmx: bool
) -> None:
    person = getattr(cast, who)
    answer = say(browser(person, htmx=htmx), entry, "confirmed")
    assert answer.status_code == (204 if htmx else 303), answer.text
    (row,) = answers(database)
    assert (row.outcome, row.by_id, row.role, row.entry_id) == ("confirmed", person.id, role, entry.id)
    for reader in (cast.amina, cast.marek, cast.asha, cast.ines, cast.priya):
        shown = browser(reader).get(log_path(cast)).text
        assert f"Confirmed by {person.name}" in shown
        assert "<dt>Confirmed</dt><dd>1 hour 30 minutes" in shown


@pytest.mark.parametrize("who", ["noor", "otto", "olu", "admin"])
def test_strangers_find_nothing(browser: Open, cast: Cast, entry: TrainingEntry, who: str) -> None:
    page = browser(getattr(cast, who))
    for rest in ("", "/new", "/audit", "/log.csv", "/plan", f"/{entry.id}", f"/{entry.id}/edit"):
        assert page.get(log_path(cast) + rest).status_code == 404
    for rest in (
        "",
        "/confirm",
        "/plan",
        *(f"/{entry.id}/{one}" for one in ("edit", "remove", "answer", "evidence")),
    ):
        assert page.post(log_path(cast) + rest, data=typed()).status_code == 404


READ = {"amina", "marek", "asha", "ines", "priya"}
MAY = {
    "GET /new": {"amina"},
    "GET /{id}/edit": {"amina"},
    "GET /plan": {"priya"},
    "GET ": READ,
    "GET /audit": READ,
    "GET /log.csv": READ,
    "GET /{id}": READ,
    "POST ": {"amina"},
    "POST /{id}/edit": {"amina"},
    "POST /{id}/evidence": {"amina"},
    "POST /{id}/answer": {"marek", "asha"},
    "POST /confirm": {"marek", "asha"},
    "POST /plan": {"priya"},
    "POST /{id}/remove": {"amina"},
}
"""Row 20 of the access matrix, written out by hand."""


@pytest.mark.parametrize("who", sorted(READ))
def test_each_role_may_what_the_matrix_says(
    browser: Open, cast: Cast, entry: TrainingEntry, who: str
) -> None:
    page = browser(getattr(cast, who))
    for what, allowed in MAY.items():
        method, _, rest = what.partition(" ")
        address = log_path(cast) + rest.format(id=entry.id)
        answer = page.request(method, address, data={} if method == "POST" else None)
        assert (answer.status_code == 403) == (who not in allowed), (what, answer.status_code)


def test_an_entry_of_another_apprenticeship_is_not_found_here(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    other = an_entry(session, cast.other_at)
    commit(session)
    here = f"{log_path(cast)}/{other.id}"
    assert browser(cast.amina).get(here).status_code == 404
    assert browser(cast.marek).post(here + "/answer", data={"outcome": "confirmed"}).status_code == 404
    answer = browser(cast.marek).post(log_path(cast) + "/confirm", data={"chosen": [f"{other.id}.x"]})
    assert answer.status_code in (303, 422)
    assert answers(database) == []


def test_what_was_changed_since_it_was_read_is_not_confirmed(
    browser: Open, session: Session, database: Database, cast: Cast, entry: TrainingEntry
) -> None:
    page = browser(cast.marek)
    one, box = page.get(entry_path(entry)).text, ticks(page.get(log_path(cast)).text)
    assert browser(cast.amina).post(entry_path(entry) + "/edit", data=typed(hours="8")).status_code == 303
    sha256 = one.split('name="sha256" value="')[1].split('"')[0]
    answer = page.post(entry_path(entry) + "/answer", data={"outcome": "confirmed", "sha256": sha256})
    assert (answer.status_code, "has been changed since you opened this page" in answer.text) == (422, True)
    answer = page.post(log_path(cast) + "/confirm", data={"chosen": box})
    assert (answer.status_code, "has been changed since you opened this page" in answer.text) == (422, True)
    assert answers(database) == []


def test_confirmed_twice_is_confirmed_once(
    browser: Open, database: Database, cast: Cast, entry: TrainingEntry
) -> None:
    page = browser(cast.marek)
    box = ticks(page.get(log_path(cast)).text)
    sent = [page.post(log_path(cast) + "/confirm", data={"chosen": box}).status_code for _ in range(2)]
    assert (sent, len(answers(database))) == ([303, 303], 1)
    answer = say(browser(cast.asha), entry, "confirmed")
    assert (answer.status_code, "This entry is confirmed already." in answer.text) == (422, True)


def test_returned_with_a_reason_changed_and_confirmed(
    browser: Open, database: Database, cast: Cast, entry: TrainingEntry
) -> None:
    mentor, apprentice = browser(cast.marek), browser(cast.amina)
    answer = say(mentor, entry, "returned", reason=" ")
    assert (answer.status_code, "Say what is to change" in answer.text) == (422, True)
    assert say(mentor, entry, "returned", reason="That was one hour.").status_code == 303
    assert "That was one hour." in apprentice.get(entry_path(entry)).text
    answer = say(mentor, entry, "confirmed")
    assert (answer.status_code, "has not been changed since" in answer.text) == (422, True)
    assert apprentice.post(entry_path(entry) + "/edit", data=typed(minutes="")).status_code == 303
    assert say(mentor, entry, "confirmed").status_code == 303
    assert say(browser(cast.asha), entry, "returned", reason="It was a review.").status_code == 303
    assert [one.outcome for one in answers(database)] == ["returned", "confirmed", "returned"]
    assert (
        apprentice.post(entry_path(entry) + "/edit", data=typed(assessment_or_review="yes")).status_code
        == 303
    )


def test_a_reason_that_names_somebody_is_asked_about(
    browser: Open, database: Database, cast: Cast, entry: TrainingEntry
) -> None:
    answer = say(browser(cast.marek), entry, "returned", reason="Ring them on 07700 900123.")
    assert answer.status_code == 422
    assert "07700 900123" in answer.text
    assert answers(database) == []
    why = {"kept_field": "reason", "kept_words": "07700 900123", "kept_reason": "An invented number."}
    assert (
        say(browser(cast.marek), entry, "returned", reason="Ring them on 07700 900123.", **why).status_code
        == 303
    )
    assert "An invented number." in browser(cast.amina).get(entry_path(entry)).text


@pytest.mark.parametrize("change", [{"in_paid_hours": False}, {"statements": ""}, {"counts": False}])
def test_what_does_not_count_is_not_confirmed_and_can_be_returned(
    browser: Open, session: Session, database: Database, cast: Cast, change: dict[str, object]
) -> None:
    entry = an_entry(session, cast.amina_at, **change)
    commit(session)
    page = browser(cast.marek)
    assert ticks(page.get(log_path(cast)).text) == []
    assert say(page, entry, "confirmed").status_code == 422
    assert say(page, entry, "returned", reason="Say which statement.").status_code == 303
    assert [one.outcome for one in answers(database)] == ["returned"]


def test_several_are_confirmed_from_the_list_and_those_that_cannot_be_are_named(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    good = [an_entry(session, cast.amina_at, what=f"Lesson {number}.") for number in range(3)]
    commit(session)
    page = browser(cast.marek)
    boxes = ticks(page.get(log_path(cast)).text)
    assert len(boxes) == 3
    say(browser(cast.asha), good[0], "returned", reason="That was shorter.")
    answer = page.post(log_path(cast) + "/confirm", data={"chosen": boxes})
    assert answer.status_code == 422
    assert "2 confirmed. Not confirmed: 2 November 2026: This entry was returned" in answer.text
    assert sorted(one.outcome for one in answers(database)) == ["confirmed", "confirmed", "returned"]
    assert page.post(log_path(cast) + "/confirm", data={}).status_code == 422
    assert page.post(log_path(cast) + "/confirm", data={"chosen": ["nonsense"]}).status_code == 422


def test_when_the_assignment_ends_nothing_more_is_confirmed(
    browser: Open, session: Session, database: Database, cast: Cast, entry: TrainingEntry
) -> None:
    for row in session.query(Assignment).filter_by(person_id=cast.marek.id):
        row.until_at, row.ended_by_id = NOW, cast.priya.id
    commit(session)
    page = browser(cast.marek)
    assert page.get(entry_path(entry)).status_code == 404
    assert page.post(entry_path(entry) + "/answer", data={"outcome": "confirmed"}).status_code == 404
    assert answers(database) == []


def test_a_locked_portfolio_takes_no_confirmation(
    browser: Open, session: Session, database: Database, cast: Cast, entry: TrainingEntry
) -> None:
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    page = browser(cast.marek)
    for outcome in ("confirmed", "returned"):
        answer = page.post(
            entry_path(entry) + "/answer", data={"outcome": outcome, "reason": "So.", "sha256": "x"}
        )
        assert (answer.status_code, "The portfolio is locked" in answer.text) == (422, True)
    assert page.post(log_path(cast) + "/confirm", data={"chosen": [f"{entry.id}.x"]}).status_code == 422
    assert answers(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE training_entry SET minutes = 600",
        "UPDATE training_entry SET what = 'Something else'",
        "UPDATE training_entry SET statements = 'K1'",
        "UPDATE training_entry SET in_paid_hours = NULL",
        "UPDATE training_entry SET counts = NOT counts",
        "DELETE FROM training_entry",
        "UPDATE hours_confirmation SET outcome = 'returned'",
        "UPDATE hours_confirmation SET reason = 'So'",
        "DELETE FROM hours_confirmation",
    ],
)
def test_the_database_keeps_what_was_confirmed(
    session: Session, database: Database, cast: Cast, entry: TrainingEntry, statement: str
) -> None:
    an_answer(session, entry, cast.marek)
    commit(session)
    refused = "frozen|append-only|permission denied|FOREIGN KEY|foreign key"
    with pytest.raises(DBAPIError, match=refused), plain(database) as connection:
        connection.execute(text(statement))
    assert entries(database)[0].minutes == 90


def test_what_was_returned_can_be_changed_in_the_database_again(
    session: Session, database: Database, cast: Cast, entry: TrainingEntry
) -> None:
    an_answer(session, entry, cast.marek)
    an_answer(session, entry, cast.marek, "returned", "That was one hour.")
    commit(session)
    with plain(database) as connection:
        connection.execute(text("UPDATE training_entry SET minutes = 60"))
    assert entries(database)[0].minutes == 60


def test_a_piece_is_made_from_a_confirmed_entry_and_they_know_each_other(
    browser: Open, session: Session, database: Database, cast: Cast, entry: TrainingEntry
) -> None:
    an_answer(session, entry, cast.marek)
    commit(session)
    page = browser(cast.amina)
    shown = page.get(entry_path(entry)).text
    assert 'id="claim-K27" name="claim" value="K27">' in shown, "offered, not forced"
    assert 'id="claim-K7" name="claim" value="K7" checked>' in shown
    made = [page.post(entry_path(entry) + "/evidence", data={"claim": ["K7", "K27"]}) for _ in range(2)]
    assert {one.headers["location"] for one in made} == {made[0].headers["location"]}
    with database.reading() as fresh:
        (piece,) = fresh.query(Evidence).all()
        assert piece.state == "draft"
    assert entries(database)[0].evidence_id == piece.id
    page_of_piece = page.get(made[0].headers["location"]).text
    assert entry.what in page_of_piece
    assert "K27" in page_of_piece
    assert made[0].headers["location"] in page.get(entry_path(entry)).text
    assert entry_path(entry) in page_of_piece
    location = made[0].headers["location"]
    assert location not in browser(cast.marek).get(entry_path(entry)).text, (
        "a draft is its apprentice's alone"
    )
    assert "Make it evidence" not in page.get(entry_path(entry)).text
