"""The conversation about a piece, as each role meets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.feedback.models import Comment, ThreadRead
from portfolio.feedback.queries import unread_counts
from tests.builders import NOW, Cast, a_draft, a_submitted, commit
from tests.client import Browser
from tests.feedback.steps import comments_path, field_of

Open = Callable[..., Browser]


@pytest.fixture
def piece(session: Session, cast: Cast) -> Evidence:
    piece = a_submitted(session, cast.amina_at, "K7", "D8")
    commit(session)
    return piece


@pytest.mark.parametrize("who", ["amina", "marek", "asha", "ines", "priya"])
def test_everybody_around_the_portfolio_reads_the_thread(
    browser: Open, cast: Cast, piece: Evidence, who: str
) -> None:
    answer = browser(getattr(cast, who)).get(comments_path(piece))
    assert answer.status_code == 200
    assert "Nobody has written anything here yet." in answer.text


def test_htmx_gets_the_conversation_alone(browser: Open, cast: Cast, piece: Evidence) -> None:
    answer = browser(cast.amina, htmx=True).get(comments_path(piece))
    assert answer.text.lstrip().startswith('<section id="conversation"')


@pytest.mark.parametrize("who", ["noor", "otto", "olu", "admin"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_for_strangers_there_is_no_thread(
    browser: Open, cast: Cast, piece: Evidence, who: str, method: str
) -> None:
    page = browser(getattr(cast, who))
    answer = (
        page.get(comments_path(piece))
        if method == "get"
        else page.post(comments_path(piece), data={"text": "Hello"})
    )
    assert answer.status_code == 404
    assert page.post(comments_path(piece) + "/read").status_code == 404


@pytest.mark.parametrize("who", ["ines", "priya"])
def test_those_who_only_read_do_not_comment(
    browser: Open, database: Database, cast: Cast, piece: Evidence, who: str
) -> None:
    page = browser(getattr(cast, who))
    assert "Write a comment" not in page.get(comments_path(piece)).text
    assert page.post(comments_path(piece), data={"text": "Hello"}).status_code == 403
    with database.reading() as fresh:
        assert fresh.scalar(select(func.count(Comment.id))) == 0


@pytest.mark.parametrize(
    ("who", "role"), [("amina", "apprentice"), ("marek", "workplace mentor"), ("asha", "assessor")]
)
def test_a_comment_is_dated_and_named_with_the_role(
    browser: Open, database: Database, cast: Cast, piece: Evidence, who: str, role: str
) -> None:
    page = browser(getattr(cast, who))
    key = field_of(page.get(comments_path(piece)).text, "form_key")
    answer = page.post(comments_path(piece), data={"text": "Well recorded.\r\nThank you.", "form_key": key})
    assert answer.status_code == 303
    shown = page.get(answer.headers["location"].split("#")[0]).text
    assert getattr(cast, who).name in shown
    assert f"{role} · <time" in shown
    with database.reading() as fresh:
        said = fresh.scalars(select(Comment)).one()
        assert (said.text, said.author_id) == ("Well recorded.\nThank you.", getattr(cast, who).id)
        assert fresh.scalars(
            select(AuditEvent.record_id).where(AuditEvent.action == "feedback.commented")
        ).one()


def test_htmx_gets_the_thread_with_the_new_comment_and_an_empty_box(
    browser: Open, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek, htmx=True)
    answer = page.post(comments_path(piece), data={"text": "I was there.", "form_key": "k" * 32})
    assert answer.status_code == 200
    assert answer.text.count("I was there.") == 1
    assert field_of(answer.text, "form_key") != "k" * 32


@pytest.mark.parametrize("htmx", [False, True])
def test_sending_the_same_form_twice_says_it_once(
    browser: Open, database: Database, cast: Cast, piece: Evidence, htmx: bool
) -> None:
    page = browser(cast.marek, htmx=htmx)
    for _ in range(2):
        page.post(comments_path(piece), data={"text": "I was there.", "form_key": "k" * 32})
    with database.reading() as fresh:
        assert fresh.scalar(select(func.count(Comment.id))) == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_an_empty_comment_is_a_mistake_and_a_long_one_keeps_its_text(
    browser: Open, cast: Cast, piece: Evidence, htmx: bool
) -> None:
    page = browser(cast.marek, htmx=htmx)
    empty = page.post(comments_path(piece), data={"text": "   ", "form_key": "k" * 32})
    assert empty.status_code == 422
    assert "Write your comment first." in empty.text
    long = page.post(comments_path(piece), data={"text": "never lost " * 600, "form_key": "k" * 32})
    assert long.status_code == 422
    assert "never lost never lost" in long.text
    assert 'value="' + "k" * 32 in long.text  # the same form still


@pytest.mark.parametrize("state", ["withdrawn"])
def test_a_withdrawn_piece_says_why_there_is_no_box_and_refuses(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence, state: str
) -> None:
    row = session.get_one(Evidence, piece.id)
    row.state, row.withdrawn_reason = state, "The wrong file"
    commit(session)
    page = browser(cast.asha)
    shown = page.get(comments_path(piece)).text
    assert "This piece was withdrawn." in shown
    assert "Write a comment" not in shown
    answer = page.post(comments_path(piece), data={"text": "Too late, but kept.", "form_key": "k" * 32})
    assert answer.status_code == 422
    assert "Too late, but kept." in answer.text
    with database.reading() as fresh:
        assert fresh.scalar(select(func.count(Comment.id))) == 0


def test_a_draft_is_its_authors_alone_and_cannot_be_commented(
    browser: Open, session: Session, cast: Cast
) -> None:
    draft = a_draft(session, cast.amina_at, "K7")
    commit(session)
    assert browser(cast.asha).get(comments_path(draft)).status_code == 404
    assert browser(cast.marek).post(comments_path(draft), data={"text": "Hm"}).status_code == 404
    own = browser(cast.amina)
    assert "This is still a draft." in own.get(comments_path(draft)).text
    assert own.post(comments_path(draft), data={"text": "Note to self"}).status_code == 422


def test_a_piece_of_another_apprenticeship_is_not_found_under_this_one(
    browser: Open, session: Session, cast: Cast
) -> None:
    theirs = a_submitted(session, cast.other_at, "K7")
    commit(session)
    path = f"/apprenticeships/{cast.amina_at.id}/evidence/{theirs.id}/comments"
    assert browser(cast.asha).get(path).status_code == 404
    assert browser(cast.asha).post(path, data={"text": "Hm"}).status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_reading_the_thread_marks_what_was_on_the_page_as_read(
    browser: Open, database: Database, cast: Cast, piece: Evidence, htmx: bool
) -> None:
    mentor, apprentice = browser(cast.marek), browser(cast.amina, htmx=htmx)
    mentor.post(comments_path(piece), data={"text": "First", "form_key": "1" * 32})
    shown = apprentice.get(comments_path(piece)).text
    assert shown.count(">New</span>") == 1
    mentor.post(comments_path(piece), data={"text": "Came meanwhile", "form_key": "2" * 32})
    answer = apprentice.post(comments_path(piece) + "/read", data={"until": field_of(shown, "until")})
    assert answer.status_code == (200 if htmx else 303)
    if htmx:
        assert "1 comment came in meanwhile" in answer.text
    with database.reading() as fresh:
        assert unread_counts(fresh, cast.amina.id, [piece.id]) == {piece.id: 1}
        assert unread_counts(fresh, cast.asha.id, [piece.id]) == {piece.id: 2}
        assert unread_counts(fresh, cast.marek.id, [piece.id]) == {}


def test_marking_as_read_twice_keeps_one_mark_and_never_moves_back(
    browser: Open, database: Database, cast: Cast, piece: Evidence
) -> None:
    mentor, apprentice = browser(cast.marek), browser(cast.amina)
    mentor.post(comments_path(piece), data={"text": "First", "form_key": "1" * 32})
    first = field_of(apprentice.get(comments_path(piece)).text, "until")
    mentor.post(comments_path(piece), data={"text": "Second", "form_key": "2" * 32})
    second = field_of(apprentice.get(comments_path(piece)).text, "until")
    for until in (second, first, second, "nonsense"):
        apprentice.post(comments_path(piece) + "/read", data={"until": until})
    with database.reading() as fresh:
        assert fresh.scalar(select(func.count(ThreadRead.id))) == 1
        assert unread_counts(fresh, cast.amina.id, [piece.id]) == {}
        marks = select(func.count(AuditEvent.id)).where(AuditEvent.action == "feedback.read")
        assert fresh.scalar(marks) == 1


def test_answering_counts_as_having_read(
    browser: Open, database: Database, cast: Cast, piece: Evidence
) -> None:
    browser(cast.marek).post(comments_path(piece), data={"text": "First", "form_key": "1" * 32})
    apprentice = browser(cast.amina)
    until = field_of(apprentice.get(comments_path(piece)).text, "until")
    apprentice.post(comments_path(piece), data={"text": "Thanks", "form_key": "2" * 32, "until": until})
    with database.reading() as fresh:
        assert unread_counts(fresh, cast.amina.id, [piece.id]) == {}


def test_a_long_thread_is_paged_with_the_newest_first_to_hand(
    browser: Open, session: Session, cast: Cast, piece: Evidence
) -> None:
    for number in range(60):
        session.add(
            Comment(
                provider_id=piece.provider_id,
                apprenticeship_id=piece.apprenticeship_id,
                evidence_id=piece.id,
                author_id=cast.marek.id,
                role="mentor",
                text=f"Remark {number}.",
                written_at=NOW,
                form_key=f"{number:032}",
            )
        )
        session.flush()
    commit(session)
    page = browser(cast.amina)
    first = page.get(comments_path(piece)).text
    assert "Remark 59." in first
    assert "Remark 9." not in first
    assert "Remark 9." in page.get(comments_path(piece) + "?page=2").text


def test_what_is_typed_while_the_piece_is_taken_back_is_given_back(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    row = session.get_one(Evidence, piece.id)
    row.state = "draft"
    commit(session)
    page = browser(cast.asha)
    assert page.get(comments_path(piece)).status_code == 404
    answer = page.post(comments_path(piece), data={"text": "Half a page of advice.", "form_key": "k" * 32})
    assert answer.status_code == 422
    assert "Half a page of advice." in answer.text
    assert "This is still a draft." in answer.text
    with database.reading() as fresh:
        assert fresh.scalar(select(func.count(Comment.id))) == 0
