"""What follows by itself, and at the same moment: the waiting list in the background, and the last place given once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import open_apprenticeship
from portfolio.courses import actions, jobs
from portfolio.courses.models import Booking, CourseSession
from portfolio.courses.queries import booking_in
from portfolio.courses.queries_due import due_for_own, waiting_for_mentor
from portfolio.database import Database
from portfolio.jobs.work import Work
from portfolio.training.rules.booking import Step, Who
from portfolio.web.formats import london_day, utc_now
from tests.builders import Cast, commit
from tests.client import Browser
from tests.courses.steps import (
    LATER,
    a_booking,
    a_course,
    a_date,
    booking_path,
    bookings,
    says_as_folded,
    steps,
)
from tests.courses.test_pages_booking import a_colleague

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    with time_machine.travel(LATER, tick=True):
        yield


def work(database: Database, days: float) -> Work:
    nothing: object = None
    return Work(database, nothing, nothing, nothing, utc_now() + timedelta(days=days))  # type: ignore[arg-type]


@pytest.fixture
def offered(session: Session, cast: Cast) -> tuple[CourseSession, Booking, Booking]:
    """A session with one place: offered to Amina, and Bea next in line."""
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), capacity=1)
    mine = a_booking(session, one, cast.amina_at, "offered")
    bea = a_booking(session, one, a_colleague(session, cast, "Bea Birch")[1], "waiting")
    commit(session)
    return one, mine, bea


def states(database: Database) -> dict[object, str]:
    return {one.id: one.state for one in bookings(database)}


def test_an_offer_lapses_after_its_time_and_the_next_is_offered_once(
    database: Database, offered: tuple[CourseSession, Booking, Booking]
) -> None:
    _, mine, bea = offered
    jobs.move_on(work(database, 1.9), {})
    assert states(database) == {mine.id: "offered", bea.id: "waiting"}
    for _ in range(3):
        jobs.move_on(work(database, 2.1), {})
    assert states(database) == {mine.id: "lapsed", bea.id: "offered"}
    assert steps(database, mine)[-1] == "lapse"
    assert steps(database, bea) == ["approve", "wait", "offer"]
    assert says_as_folded(database) == 2


def test_two_workers_at_once_do_it_once(
    database: Database, offered: tuple[CourseSession, Booking, Booking]
) -> None:
    _, mine, bea = offered
    together = Barrier(2)

    def run(_: int) -> None:
        together.wait()
        jobs.move_on(work(database, 2.1), {})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert states(database) == {mine.id: "lapsed", bea.id: "offered"}
    assert steps(database, mine).count("lapse") == steps(database, bea).count("offer") == 1


def test_a_worker_that_dies_between_two_sessions_is_made_up_for(
    session: Session, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = a_course(session, cast.priya, cast.provider.id)
    made = [a_booking(session, a_date(session, course, days=5 + n), cast.amina_at, "offered") for n in (0, 1)]
    commit(session)
    real, calls = actions.move_on, []

    def dies(*given: object) -> int:
        calls.append(given)
        if len(calls) == 2:
            raise RuntimeError("the worker died")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "move_on", dies)
    with pytest.raises(RuntimeError):
        jobs.move_on(work(database, 2.1), {})
    assert states(database) == {made[0].id: "lapsed", made[1].id: "offered"}
    monkeypatch.undo()
    jobs.move_on(work(database, 2.1), {})
    assert [steps(database, one).count("lapse") for one in made] == [1, 1]


def test_once_the_session_has_begun_nothing_waits_any_more(
    session: Session, database: Database, cast: Cast
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), days=1)
    held = a_booking(session, one, a_colleague(session, cast, "Bea Birch")[1], "confirmed")
    asked = a_booking(session, one, cast.amina_at)
    commit(session)
    jobs.move_on(work(database, 1.1), {})
    assert states(database) == {held.id: "confirmed", asked.id: "lapsed"}
    jobs.move_on(work(database, 1.1), {})
    assert steps(database, asked) == ["lapse"]


def test_the_last_place_is_given_once(
    session: Session, database: Database, cast: Cast, catalogue: object
) -> None:
    """Two line managers' answers at the same moment, over two connections: one place, one on the waiting list."""
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), capacity=1)
    asked = [
        a_booking(session, one, at) for at in (cast.amina_at, a_colleague(session, cast, "Bea Birch")[1])
    ]
    commit(session)
    viewer = _viewer(cast)
    together, problems = Barrier(2), list[BaseException]()

    def approve(booking: Booking) -> None:
        try:
            together.wait()
            with database.writing() as writing:
                opened = open_apprenticeship(writing, catalogue, viewer, booking.apprenticeship_id)  # type: ignore[arg-type]
                mine = booking_in(writing, opened, booking.id)
                actions.take(writing, opened, mine, Step.APPROVE, Who.MANAGER, now=utc_now())
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=approve, args=(each,)) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(states(database).values()) == ["confirmed", "waiting"]
    assert says_as_folded(database) == 2


def _viewer(cast: Cast) -> object:
    from portfolio.access import Membership, Role, Viewer

    member = Membership(cast.provider.id, cast.provider.name, frozenset({Role.MENTOR}))
    return Viewer(cast.marek.id, cast.marek.name, cast.marek.email, cast.marek.id, memberships=(member,))


def test_what_is_due_for_the_apprentice_and_waits_for_the_line_manager(
    session: Session, database: Database, cast: Cast
) -> None:
    course = a_course(session, cast.priya, cast.provider.id)
    a_booking(session, a_date(session, course, days=13), cast.amina_at, "confirmed")
    a_booking(session, a_date(session, course, days=16), cast.amina_at, "confirmed")
    a_booking(session, a_date(session, course, days=40), cast.amina_at, "offered")
    asked = a_booking(session, a_date(session, course, days=50), cast.amina_at)
    commit(session)
    ids = [cast.amina_at.id]
    with database.session(write=False, across=True) as reading:
        lines = due_for_own(reading, ids, london_day(utc_now()))
        assert [one.what.split(":")[0] for one in lines] == ["Place offered", "Course"]
        assert "5 November 2026" in lines[0].sentence
        waiting = waiting_for_mentor(reading, _viewer(cast))  # type: ignore[arg-type]
        assert [one.id for one in waiting] == [asked.id]


def test_the_page_that_is_due_opens(
    browser: Open, offered: tuple[CourseSession, Booking, Booking], cast: Cast
) -> None:
    assert "Accept the place" in browser(cast.amina).get(booking_path(offered[1])).text
