"""What is unread, for whom, and that counting it stays cheap."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.database import Database, new_id
from portfolio.evidence.models import Evidence
from portfolio.feedback.models import Comment, ThreadRead
from portfolio.feedback.queries import find_piece, unread_counts, unread_threads
from portfolio.feedback.queries_thread import conversation
from portfolio.people.models import Person
from tests.assessment.steps import a_testimony, resubmitted
from tests.builders import NOW, Cast, a_person, a_submitted, an_apprenticeship, an_assignment, commit
from tests.counting import queries
from tests.feedback.steps import opened_by, seen_by


def a_comment(
    session: Session, piece: Evidence, by: Person, at: datetime = NOW, text: str = "Well done."
) -> None:
    row = Comment(
        provider_id=piece.provider_id,
        apprenticeship_id=piece.apprenticeship_id,
        evidence_id=piece.id,
        author_id=by.id,
        role="mentor",
        text=text,
        written_at=at,
        form_key=new_id().hex,
    )
    session.add(row)
    session.flush()


def read(session: Session, piece: Evidence, by: Person, until: datetime) -> None:
    row = ThreadRead(provider_id=piece.provider_id, evidence_id=piece.id, person_id=by.id, read_until=until)
    session.add(row)
    session.flush()


def test_only_what_others_said_after_the_mark_is_unread(session: Session, cast: Cast) -> None:
    one, two, silent = (a_submitted(session, cast.amina_at, "K7", title=name) for name in ("A", "B", "C"))
    a_comment(session, one, cast.marek)
    a_comment(session, one, cast.asha, NOW + timedelta(hours=1))
    a_comment(session, one, cast.amina, NOW + timedelta(hours=2))
    a_comment(session, two, cast.marek)
    read(session, one, cast.amina, NOW)
    ids = [one.id, two.id, silent.id]
    assert unread_counts(session, cast.amina.id, ids) == {one.id: 1, two.id: 1}
    assert unread_counts(session, cast.marek.id, ids) == {one.id: 2}
    assert unread_counts(session, cast.asha.id, ids) == {one.id: 2, two.id: 1}
    assert unread_counts(session, cast.amina.id, []) == {}


def test_the_home_page_names_the_threads_with_news_the_newest_first(session: Session, cast: Cast) -> None:
    old, new = (a_submitted(session, cast.amina_at, "K7", title=name) for name in ("Old", "New"))
    a_comment(session, old, cast.marek)
    a_comment(session, old, cast.marek)
    a_comment(session, new, cast.marek, NOW + timedelta(hours=1))
    shown = unread_threads(session, seen_by(session, cast.amina)).rows
    assert [(one.title, one.unread, one.is_own, one.apprentice) for one in shown] == [
        ("New", 1, True, "Amina Archer"),
        ("Old", 2, True, "Amina Archer"),
    ]
    assert [one.title for one in unread_threads(session, seen_by(session, cast.asha)).rows] == ["New", "Old"]
    assert unread_threads(session, seen_by(session, cast.marek)).rows == []


@pytest.mark.parametrize("who", ["priya", "noor", "otto", "olu", "admin"])
def test_threads_of_apprenticeships_i_do_not_stand_around_are_not_mine_to_read_up(
    session: Session, cast: Cast, who: str
) -> None:
    a_comment(session, a_submitted(session, cast.amina_at, "K7"), cast.marek)
    assert unread_threads(session, seen_by(session, getattr(cast, who))).rows == []


def test_an_assignment_that_ended_ends_the_news(session: Session, cast: Cast) -> None:
    a_comment(session, a_submitted(session, cast.amina_at, "K7"), cast.marek)
    assert len(unread_threads(session, seen_by(session, cast.asha)).rows) == 1
    for assignment in session.query(Assignment).filter_by(person_id=cast.asha.id):
        assignment.until_at, assignment.ended_by_id = NOW, cast.priya.id
    session.flush()
    assert unread_threads(session, seen_by(session, cast.asha)).rows == []


def test_the_title_is_that_of_the_submitted_version_not_of_a_draft_in_the_making(
    session: Session, cast: Cast
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7", title="As submitted")
    a_comment(session, piece, cast.amina)
    version = resubmitted(session, piece, "K7")
    assert unread_threads(session, seen_by(session, cast.asha)).rows[0].title == version.title
    draft = a_submitted(session, cast.amina_at, "K7", title="Another")
    a_comment(session, draft, cast.amina)
    assert {one.title for one in unread_threads(session, seen_by(session, cast.asha)).rows} == {
        version.title,
        "Another",
    }


def test_threads_are_paged_and_withdrawn_pieces_are_left_out(session: Session, cast: Cast) -> None:
    for number in range(5):
        piece = a_submitted(session, cast.amina_at, "K7", title=f"Piece {number}")
        a_comment(session, piece, cast.marek, NOW + timedelta(minutes=number))
    piece.state = "withdrawn"
    session.flush()
    viewer = seen_by(session, cast.amina)
    first = unread_threads(session, viewer, per_page=3)
    assert [one.title for one in first.rows] == ["Piece 3", "Piece 2", "Piece 1"]
    assert first.has_next
    second = unread_threads(session, viewer, page=2, per_page=3)
    assert [one.title for one in second.rows] == ["Piece 0"]
    assert not second.has_next


def another_apprenticeship(session: Session, cast: Cast, number: int) -> Apprenticeship:
    person = a_person(session, f"Person {number}", cast.provider, "apprentice")
    at = an_apprenticeship(session, person, cast.cohort, cast.employer)
    an_assignment(session, at, cast.asha, "assessor")
    return at


def test_more_threads_and_comments_send_no_more_queries(
    session: Session, database: Database, catalogue: Catalogue, cast: Cast
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    a_comment(session, piece, cast.marek)
    a_testimony(session, piece, cast.marek)
    commit(session)

    def measured() -> tuple[int, int]:
        with database.reading() as fresh:
            viewer = seen_by(fresh, cast.asha)
            opened = opened_by(fresh, catalogue, cast.asha, cast.amina_at)
            with queries(database) as home:
                unread_threads(fresh, viewer)
            evidence = find_piece(fresh, opened, piece.id)
            with queries(database) as thread:
                conversation(fresh, opened, evidence)
            return home.number, thread.number

    before = measured()
    for number in range(8):
        other = a_submitted(session, another_apprenticeship(session, cast, number), "K7")
        a_comment(session, other, cast.marek)
        a_comment(session, piece, cast.marek, NOW + timedelta(minutes=number))
        a_testimony(session, piece, a_person(session, f"Witness {number}", cast.provider, "mentor"))
    commit(session)
    assert measured() == before
    assert before[0] == 1
