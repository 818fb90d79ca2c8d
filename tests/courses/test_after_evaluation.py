"""Evaluation: each form in its window and once, words that are asked about, results in whole groups, evidence, the log."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.courses.after_models import EvaluationAnswer, EvaluationPiece
from portfolio.courses.evaluations_due import due_for_own
from portfolio.database import Database
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.findings.models import KeptFinding
from portfolio.training.models import TrainingEntry
from portfolio.web.formats import london_day
from tests.assessment.steps import locked
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.courses.after_steps import (
    ENDS,
    LATER,
    STARTS,
    TEN_WEEKS,
    TITLE,
    a_booking,
    a_certificate,
    a_material,
    a_session,
    an_answer,
    day_typed,
    held,
    later_typed,
    others,
    own,
)

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def answers(database: Database) -> list[EvaluationAnswer]:
    with database.reading() as fresh:
        return list(fresh.scalars(select(EvaluationAnswer).order_by(EvaluationAnswer.id)))


@pytest.mark.parametrize("htmx", [False, True])
def test_the_form_on_the_day_is_answered_once(
    browser: Open, session: Session, database: Database, cast: Cast, htmx: bool
) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    commit(session)
    path = own(booking, "evaluation/day")
    page = browser(cast.amina, htmx=htmx)
    assert page.post(path, data=day_typed()).status_code == (204 if htmx else 303)
    assert page.post(path, data=day_typed()).status_code == (204 if htmx else 303), (
        "a double tap is one answer"
    )
    again = page.post(path, data=day_typed(useful="1", form_key="a" * 32))
    assert again.status_code == 422
    assert "You have answered this form. Your answer stands." in again.text
    (row,) = answers(database)
    assert (row.useful, row.confidence_before, row.confidence_now, row.may_be_quoted) == (5, 2, 4, True)
    shown = browser(cast.amina).get(own(booking)).text
    assert "Answered" in shown
    assert "This form opens on 11 January 2027." in html.unescape(shown)


def test_the_follow_up_opens_after_ten_weeks_and_closes(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at, "part")
    commit(session)
    path = own(booking, "evaluation/follow_up")
    early = browser(cast.amina).post(path, data=later_typed())
    assert early.status_code == 422
    assert "This form opens on 11 January 2027." in early.text
    assert "the reason for the level" in early.text, "what was typed is shown again"
    with time_machine.travel(TEN_WEEKS + timedelta(days=29), tick=True):
        late = browser(cast.amina).post(path, data=later_typed())
        assert late.status_code == 422
        assert "This form closed on 8 February 2027." in late.text
        assert "This form closed on 16 November 2026." in browser(cast.amina).get(own(booking)).text
    with time_machine.travel(TEN_WEEKS, tick=True):
        assert browser(cast.amina).post(path, data=later_typed()).status_code == 303
    (row,) = answers(database)
    assert (row.form, row.changed, row.confidence_now, row.useful) == ("follow_up", "partly", 4, None)


@pytest.mark.parametrize(
    ("form", "changes", "sentence"),
    [
        ("day", {"useful": ""}, "Say how useful the session was, from 1 to 5."),
        ("day", {"confidence_now": "6"}, "Say how confident you are now, from 1 to 5."),
        ("day", {"words": "x" * 4001}, "Use at most 4000 characters."),
        ("follow_up", {"changed": "maybe"}, "Say whether anything changed in what you do."),
        ("follow_up", {"words": " "}, "Say what changed; if nothing did, say what stood in the way."),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(
    browser: Open, session: Session, database: Database, cast: Cast, form: str, changes: dict[str, str], sentence: str
) -> None:  # fmt: skip
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    commit(session)
    typed = (day_typed if form == "day" else later_typed)(**changes)
    with time_machine.travel(LATER if form == "day" else TEN_WEEKS, tick=True):
        answer = browser(cast.amina).post(own(booking, f"evaluation/{form}"), data=typed)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert typed["words"].strip() in answer.text
    assert answers(database) == []


@pytest.mark.parametrize("state", ["none", "cancelled", "confirmed"])
def test_only_who_attended_is_asked(
    browser: Open, session: Session, database: Database, cast: Cast, state: str
) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at, state)
    commit(session)
    page = browser(cast.amina)
    answer = page.post(own(booking, "evaluation/day"), data=day_typed())
    assert answer.status_code == 422
    assert "This form is for those who attended." in answer.text
    assert "Materials" not in page.get(own(booking)).text
    assert page.get(own(booking, "log")).status_code == 409
    assert answers(database) == []


def test_a_name_in_the_words_is_asked_about_and_kept_with_its_reason(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    commit(session)
    typed = day_typed(words="The family asked me to ring 07700 900123.")
    page = browser(cast.amina)
    asked = page.post(own(booking, "evaluation/day"), data=typed)
    assert asked.status_code == 422
    assert answers(database) == []
    reasons = {
        "kept_field": "words",
        "kept_words": "07700 900123",
        "kept_reason": "An invented number.",
    }
    assert page.post(own(booking, "evaluation/day"), data=typed | reasons).status_code == 303
    with database.reading() as fresh:
        kept = fresh.scalars(select(KeptFinding)).one()
    assert (kept.about, kept.record_id) == ("evaluation_answer", answers(database)[0].id)


def test_answers_are_their_owners_alone(browser: Open, session: Session, cast: Cast) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    an_answer(session, booking, words="Only for me.")
    commit(session)
    path = own(booking, "evaluation/day")
    for who, code in (
        (cast.amina, 200), (cast.marek, 403), (cast.asha, 403), (cast.priya, 403), (cast.ines, 403), (cast.noor, 404),
    ):  # fmt: skip
        page = browser(who)
        assert page.get(path).status_code == code, who.name
        if code != 200:
            assert page.post(path, data=day_typed()).status_code == code, who.name
            assert "Only for me." not in page.get(own(booking)).text


def test_results_appear_from_five_answers_and_quote_only_who_agreed(
    browser: Open, session: Session, cast: Cast
) -> None:
    of = a_session(session, cast)
    every = others(session, cast, of, 7)
    for number, one in enumerate(every[:4]):
        an_answer(session, one, useful=5, words=f"Word {number}", may_be_quoted=number % 2 == 0)
    commit(session)
    path = f"/providers/{cast.provider.id}/courses/{of.course_id}/results"
    page = browser(cast.priya)
    shown = page.get(path).text
    assert "4 answers so far. Results appear from 5" in shown
    assert "5.0" not in shown
    assert "Word" not in shown
    an_answer(session, every[4], useful=3, confidence_before=1, words="Word 4", may_be_quoted=True)
    an_answer(session, every[5], useful=1, words="Word 5", may_be_quoted=True)
    commit(session)
    shown = html.unescape(page.get(path).text)
    assert "From 5 answers of 7 asked. 1 more answer will be added with the next group of 5." in shown
    assert "4.6 on average" in shown
    assert "1.8 on average" in shown
    assert [f"Word {number}" in shown for number in range(6)] == [True, False, True, False, True, False]


def test_results_count_what_changed(browser: Open, session: Session, cast: Cast) -> None:
    of = a_session(session, cast)
    for one, changed in zip(others(session, cast, of, 5), ("yes", "yes", "partly", "no", "yes"), strict=True):
        an_answer(session, one, "follow_up", changed=changed)
    commit(session)
    shown = browser(cast.priya).get(f"/providers/{cast.provider.id}/courses/{of.course_id}/results").text
    for said in (
        "Changed what they do</dt><dd>3 people",
        "Partly</dt><dd>1 person",
        "Nothing changed</dt><dd>1 person",
    ):
        assert said in shown


def test_results_are_for_managers_of_their_provider(browser: Open, session: Session, cast: Cast) -> None:
    of, theirs = a_session(session, cast), a_session(session, cast, other=True)
    commit(session)
    path = f"/providers/{cast.provider.id}/courses/{of.course_id}/results"
    for who, code in ((cast.priya, 200), (cast.amina, 403), (cast.asha, 403), (cast.noor, 404)):
        assert browser(who).get(path).status_code == code, who.name
    assert (
        browser(cast.priya)
        .get(f"/providers/{cast.provider.id}/courses/{theirs.course_id}/results")
        .status_code
        == 404
    )


def test_results_take_the_same_queries_however_many_answer(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    of = a_session(session, cast)
    path = f"/providers/{cast.provider.id}/courses/{of.course_id}/results"
    an_answer(session, others(session, cast, of, 1)[0])
    commit(session)
    page, numbers = browser(cast.priya), []
    for _ in range(2):
        with queries(database) as counted:
            assert page.get(path).status_code == 200
        numbers.append(counted.number)
        for one in others(session, cast, of, 12):
            an_answer(session, one)
        commit(session)
    assert numbers[0] == numbers[1]


def test_an_answer_becomes_a_draft_once_with_the_statements_that_were_ticked(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    an_answer(session, booking, words="Sorting concerns together.")
    an_answer(session, booking, "follow_up", words="I write the reason down.")
    commit(session)
    page = browser(cast.amina)
    path = own(booking, "evaluation/follow_up")
    shown = page.get(path).text
    for code in ("K27", "S27", "K4", "S4"):
        assert f'value="{code}"><label' in shown, "offered, and not ticked"
    made = page.post(f"{path}/evidence", data={"claim": ["K27", "K4", "X9"]})
    assert made.status_code == 303
    assert (
        page.post(f"{path}/evidence", data={"claim": ["S27"]}).headers["location"] == made.headers["location"]
    )
    with database.reading() as fresh:
        piece = fresh.scalars(select(Evidence)).one()
        version = fresh.scalars(select(EvidenceVersion)).one()
        claims = fresh.scalars(select(Claim.item_code)).all()
        link = fresh.scalars(select(EvaluationPiece)).one()
    assert (piece.state, link.evidence_id, link.form) == ("draft", piece.id, "follow_up")
    assert sorted(claims) == ["K27", "K4"]
    assert version.title == TITLE
    assert "Sorting concerns together." in version.what_happened
    assert version.what_i_did == "I write the reason down."
    assert str(piece.id) in page.get(own(booking)).text


def test_without_an_answer_there_is_nothing_to_make_evidence_of(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    commit(session)
    path = own(booking, "evaluation/day/evidence")
    assert browser(cast.amina).post(path).status_code == 409
    assert browser(cast.marek).post(path).status_code == 403
    assert browser(cast.noor).post(path).status_code == 404
    with database.reading() as fresh:
        assert fresh.scalars(select(Evidence)).all() == []


def test_a_locked_portfolio_takes_answers_and_makes_no_evidence(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    page = browser(cast.amina)
    assert page.post(own(booking, "evaluation/day"), data=day_typed()).status_code == 303
    assert page.post(own(booking, "evaluation/day/evidence")).status_code == 409
    assert page.get(own(booking, "log")).status_code == 409
    assert len(answers(database)) == 1


def test_attendance_becomes_an_entry_of_the_training_log_that_its_owner_saves(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    row = a_certificate(session, booking, cast.priya)
    commit(session)
    page = browser(cast.amina)
    shown = page.get(own(booking, "log")).text
    assert TITLE in shown
    assert row.number in shown
    key = f"booking-{booking.id.hex}"
    assert f'name="form_key" value="{key}"' in shown
    with database.reading() as fresh:
        assert fresh.scalars(select(TrainingEntry)).all() == [], "looking saves nothing"
    saved = page.post(
        f"/apprenticeships/{cast.amina_at.id}/training",
        data={
            "what": TITLE, "day_day": "2", "day_month": "11", "day_year": "2026", "hours": "3", "activity": "course",
            "given_by": "Northern Skills", "certificate": row.number, "counts": "yes", "form_key": key,
        },
    )  # fmt: skip
    assert saved.status_code == 303, saved.text
    with database.reading() as fresh:
        entry = fresh.scalars(select(TrainingEntry)).one()
    assert page.get(own(booking, "log")).headers["location"].endswith(str(entry.id)), "only once"
    assert str(entry.id) in page.get(own(booking)).text
    assert browser(cast.marek).get(own(booking, "log")).status_code == 403


def test_materials_are_for_who_attended_and_only_after_the_session(
    browser: Open, session: Session, cast: Cast
) -> None:
    of = a_session(session, cast)
    booking = a_booking(session, of, cast.amina_at)
    a_material(session, of, cast.priya)
    commit(session)
    assert "https://slides.example/one" in browser(cast.amina).get(own(booking)).text
    with time_machine.travel(ENDS - timedelta(minutes=1), tick=True):
        assert "https://slides.example/one" not in browser(cast.amina).get(own(booking)).text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "", "link": "https://a.example"}, "Give it a title."),
        ({"title": "Slides"}, "Give a web address, a note, or both."),
        ({"title": "Slides", "link": "javascript:alert(1)"}, "Enter a whole web address"),
        ({"title": "Slides", "link": "https://me:secret@a.example"}, "Enter a whole web address"),
        ({"title": "Slides", "link": "http://[broken"}, "Enter a whole web address"),
        ({"title": "Slides", "note": "x" * 4001}, "Use at most 4000 characters."),
    ],
)
def test_a_material_that_cannot_be_kept_is_refused_beside_its_field(
    browser: Open, session: Session, cast: Cast, fields: dict[str, str], sentence: str
) -> None:
    of = a_session(session, cast)
    commit(session)
    answer = browser(cast.priya).post(held(of, "materials"), data=fields)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_material_is_added_once_and_can_be_taken_away(browser: Open, session: Session, cast: Cast) -> None:
    of = a_session(session, cast)
    commit(session)
    page = browser(cast.priya)
    fields = {"title": "A guide", "note": "Read page 4 first.", "form_key": "m" * 32}
    for _ in range(2):
        assert page.post(held(of, "materials"), data=fields).status_code == 303
    shown = page.get(held(of)).text
    assert shown.count("Read page 4 first.") == 1
    gone = held(of, "materials/") + shown.split("/materials/")[1].split("/remove")[0] + "/remove"
    assert browser(cast.noor).post(gone).status_code == 404
    assert page.post(gone).status_code == 303
    assert page.post(gone).status_code == 404
    assert "Read page 4 first." not in page.get(held(of)).text


def test_what_is_due_is_listed_for_its_owner_while_a_form_is_open(session: Session, cast: Cast) -> None:
    booking = a_booking(session, a_session(session, cast), cast.amina_at)
    a_booking(session, a_session(session, cast, other=True), cast.other_at)
    commit(session)

    def due(now: object) -> list[tuple[str, str]]:
        lines = due_for_own(session, [cast.amina_at.id], london_day(now), now)  # type: ignore[arg-type]
        return [(one.address.rsplit("/", 1)[1], one.sentence) for one in lines]

    assert due(STARTS) == []
    assert due(LATER) == [("day", "Open until 16 November 2026.")]
    assert due(TEN_WEEKS - timedelta(days=2)) == []
    assert due(TEN_WEEKS) == [("follow_up", "Open until 8 February 2027.")]
    an_answer(session, booking, "follow_up")
    assert due(TEN_WEEKS) == []
