"""People around an apprenticeship, breaks in learning, withdrawal: what managers do, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import (
    Apprenticeship,
    Assignment,
    BreakInLearning,
    Progress,
    WithdrawalEvent,
)
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.people.models import Member
from tests.apprenticeships.steps import a_break, a_locked_portfolio, boxes
from tests.builders import NOW, Cast, a_person, commit
from tests.client import Browser

Open = Callable[..., Browser]


def base(cast: Cast) -> str:
    return f"/apprenticeships/{cast.amina_at.id}"


def assignment_of(database: Database, person_id: UUID) -> Assignment:
    with database.reading() as session:
        return session.scalars(select(Assignment).where(Assignment.person_id == person_id)).one()


def breaks_of(database: Database) -> list[BreakInLearning]:
    with database.reading() as session:
        return list(session.scalars(select(BreakInLearning).order_by(BreakInLearning.began_on)))


@pytest.mark.parametrize("path", ["/edit", "/people", "/breaks/new", "/withdrawal"])
def test_pages_of_managers_are_theirs_alone(browser: Open, cast: Cast, path: str) -> None:
    for htmx in (False, True):
        assert browser(cast.priya, htmx=htmx).get(base(cast) + path).status_code == 200
    for stranger in (cast.noor, cast.otto, cast.admin):
        assert browser(stranger).get(base(cast) + path).status_code == 404
    for insider in (cast.amina, cast.marek, cast.asha, cast.ines):
        assert browser(insider).get(base(cast) + path).status_code == 403


def test_writes_of_managers_are_theirs_alone(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    row = a_break(session, cast.amina_at, date(2026, 3, 2))
    commit(session)
    assignment = assignment_of(database, cast.marek.id)
    for path in (
        "/edit", "/people", f"/people/{assignment.id}/end", "/breaks", f"/breaks/{row.id}",
        f"/breaks/{row.id}/remove", "/withdrawal", "/withdrawal/undo",
    ):  # fmt: skip
        assert browser(cast.noor).post(base(cast) + path, data={}).status_code == 404, path
        for insider in (cast.amina, cast.marek, cast.asha, cast.ines):
            assert browser(insider).post(base(cast) + path, data={}).status_code == 403, path
    assert len(breaks_of(database)) == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_an_assessor_is_found_and_assigned(
    browser: Open, cast: Cast, session: Session, database: Database, htmx: bool
) -> None:
    ada = a_person(session, "Ada Ash", cast.provider, "assessor")
    commit(session)
    priya = browser(cast.priya, htmx=htmx)
    found = priya.get(base(cast) + "/people?role=assessor&q=ADA").text
    assert str(ada.id) in found
    assert str(cast.asha.id) not in found  # she is assigned already
    answer = priya.post(base(cast) + "/people", data={"role": "assessor", "person_id": str(ada.id)})
    assert answer.status_code == (204 if htmx else 303)
    assert assignment_of(database, ada.id).assigned_by_id == cast.priya.id
    assert browser(ada).get(base(cast) + "/about").status_code == 200
    priya.post(base(cast) + "/people", data={"role": "assessor", "person_id": str(ada.id)})
    assert assignment_of(database, ada.id).until_at is None  # .one(): a second tap made no second row


def test_only_holders_of_the_role_in_the_provider_can_be_assigned(
    browser: Open, cast: Cast, database: Database, session: Session
) -> None:
    amina_too = a_person(session, "Una Upton", cast.provider, "mentor")
    commit(session)
    priya = browser(cast.priya)
    for role, person_id in (
        ("assessor", cast.marek.id),  # a mentor
        ("assessor", cast.otto.id),  # of another provider
        ("mentor", cast.amina.id),
        ("iqa", amina_too.id),
        ("manager", cast.priya.id),
        ("apprentice", cast.amina.id),
        ("assessor", uuid4()),
        ("assessor", ""),
    ):
        answer = priya.post(base(cast) + "/people", data={"role": role, "person_id": str(person_id)})
        assert answer.status_code == 422, (role, person_id)
    with database.reading() as fresh:
        assert len(fresh.scalars(select(Assignment)).all()) == 4


def test_nobody_is_assigned_to_their_own_apprenticeship(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    session.add(
        Member(provider_id=cast.provider.id, person_id=cast.amina.id, role="assessor", created_at=NOW)
    )
    commit(session)
    priya = browser(cast.priya)
    assert str(cast.amina.id) not in priya.get(base(cast) + "/people?role=assessor").text
    answer = priya.post(base(cast) + "/people", data={"role": "assessor", "person_id": str(cast.amina.id)})
    assert answer.status_code == 422
    assert "own apprenticeship" in answer.text


@pytest.mark.parametrize("htmx", [False, True])
def test_ending_an_assignment_counts_from_the_next_request(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    marek = browser(cast.marek)
    assert marek.get(base(cast) + "/about").status_code == 200  # his session is open, and stays so
    row = assignment_of(database, cast.marek.id)
    answer = browser(cast.priya, htmx=htmx).post(f"{base(cast)}/people/{row.id}/end")
    assert answer.status_code == (204 if htmx else 303)
    assert marek.get(base(cast) + "/about").status_code == 404
    assert "Amina Archer" not in marek.get("/apprenticeships").text
    ended = assignment_of(database, cast.marek.id)
    assert ended.ended_by_id == cast.priya.id
    assert (
        browser(cast.priya).post(f"{base(cast)}/people/{row.id}/end").status_code == 303
    )  # twice changes nothing
    assert assignment_of(database, cast.marek.id).until_at == ended.until_at


def test_an_assignment_is_ended_only_where_it_is(browser: Open, cast: Cast, database: Database) -> None:
    row = assignment_of(database, cast.otto.id)
    assert browser(cast.priya).post(f"{base(cast)}/people/{row.id}/end").status_code == 404
    assert assignment_of(database, cast.otto.id).until_at is None


def test_people_change_also_after_the_lock(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    ada = a_person(session, "Ada Ash", cast.provider, "assessor")
    a_locked_portfolio(session, cast)
    priya = browser(cast.priya)
    assert (
        priya.post(base(cast) + "/people", data={"role": "assessor", "person_id": str(ada.id)}).status_code
        == 303
    )
    row = assignment_of(database, cast.asha.id)
    assert priya.post(f"{base(cast)}/people/{row.id}/end").status_code == 303


@pytest.mark.parametrize("htmx", [False, True])
def test_a_break_begins_and_ends_with_the_return(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    priya = browser(cast.priya, htmx=htmx)
    data = {"reason": "Family"} | boxes(
        began_on=date(2026, 9, 1), expected_back_on=date(2026, 10, 15), ended_on=None
    )
    assert priya.post(base(cast) + "/breaks", data=data).status_code == (204 if htmx else 303)
    (row,) = breaks_of(database)
    assert (row.began_on, row.expected_back_on, row.ended_on) == (date(2026, 9, 1), date(2026, 10, 15), None)
    with database.reading() as session:
        assert session.scalars(select(Progress).where(Progress.stage == "break")).one().break_began_day
    assert "Record the return" in browser(cast.priya).get(base(cast) + "/about").text
    assert priya.get(f"{base(cast)}/breaks/{row.id}").status_code == 200
    data |= boxes(ended_on=date(2026, 10, 20))
    assert priya.post(f"{base(cast)}/breaks/{row.id}", data=data).status_code == (204 if htmx else 303)
    with database.reading() as session:
        progress = session.scalars(
            select(Progress).where(Progress.apprenticeship_id == cast.amina_at.id)
        ).one()
        assert (progress.stage, progress.break_days) == ("active", 49)
        actions = session.scalars(
            select(AuditEvent.action).where(AuditEvent.record == "break").order_by(AuditEvent.id)
        )
        assert list(actions) == ["break.recorded", "break.changed"]


@pytest.mark.parametrize("htmx", [False, True])
def test_a_break_that_cannot_be_stays_typed(
    browser: Open, cast: Cast, session: Session, database: Database, htmx: bool
) -> None:
    row = a_break(session, cast.amina_at, date(2026, 3, 2), ended_on=date(2026, 4, 1))
    commit(session)
    priya = browser(cast.priya, htmx=htmx)
    for days, part in (
        (boxes(began_on=date(2025, 10, 5)), "started on 6 October 2025"),
        (
            boxes(began_on=date(2026, 3, 31), ended_on=date(2026, 5, 1)),
            "overlaps the break from 2 March 2026",
        ),
        (boxes(began_on=date(2027, 10, 5)), "at most a month ahead"),
        (boxes(began_on=date(2026, 9, 1), ended_on=date(2026, 9, 1)), "must come after the break began"),
        (boxes(began_on=None), "Enter a date"),
    ):
        answer = priya.post(base(cast) + "/breaks", data={"reason": "Typed reason"} | days)
        assert answer.status_code == 422, part
        assert part in answer.text
        assert "Typed reason" in answer.text
    assert (
        priya.post(f"{base(cast)}/breaks/{row.id}", data=boxes(began_on=date(2025, 1, 1))).status_code == 422
    )
    assert len(breaks_of(database)) == 1


def test_a_break_recorded_by_mistake_is_removed_and_its_dates_stay_on_record(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    row = a_break(session, cast.amina_at, date(2026, 3, 2))
    commit(session)
    assert browser(cast.priya).post(f"{base(cast)}/breaks/{row.id}/remove").status_code == 303
    assert breaks_of(database) == []
    with database.reading() as fresh:
        event = fresh.scalars(select(AuditEvent).where(AuditEvent.action == "break.removed")).one()
        assert event.detail == {"began_on": "2026-03-02"}


def test_a_break_of_somebody_else_is_not_found_here(browser: Open, cast: Cast, session: Session) -> None:
    row = a_break(session, cast.other_at, date(2026, 3, 2))
    commit(session)
    for path in (f"/breaks/{row.id}", f"/breaks/{row.id}/remove"):
        assert (
            browser(cast.priya).post(base(cast) + path, data=boxes(began_on=date(2026, 3, 2))).status_code
            == 404
        )
    assert browser(cast.priya).get(f"{base(cast)}/breaks/{row.id}").status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_breaks_stand_still_while_the_portfolio_is_locked(
    browser: Open, cast: Cast, session: Session, database: Database, htmx: bool
) -> None:
    row = a_break(session, cast.amina_at, date(2026, 3, 2), ended_on=date(2026, 4, 1))
    a_locked_portfolio(session, cast)
    priya = browser(cast.priya, htmx=htmx)
    days = boxes(began_on=date(2026, 9, 1))
    for path in ("/breaks", f"/breaks/{row.id}", f"/breaks/{row.id}/remove"):
        answer = priya.post(base(cast) + path, data=days)
        assert answer.status_code == 409, path
        assert "locked at the gateway" in answer.text
    assert [one.ended_on for one in breaks_of(database)] == [date(2026, 4, 1)]
    assert " disabled" in priya.get(base(cast) + "/breaks/new").text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_withdrawal_is_recorded_and_undone_with_both_reasons_kept(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    priya = browser(cast.priya, htmx=htmx)
    data = {"reason": "Moved to another town"} | boxes(withdrawn_on=date(2026, 10, 30))
    assert priya.post(base(cast) + "/withdrawal", data=data).status_code == (204 if htmx else 303)
    with database.reading() as session:
        at = session.get_one(Apprenticeship, cast.amina_at.id)
        assert (at.withdrawn_on, at.withdrawn_by_id) == (date(2026, 10, 30), cast.priya.id)
        assert (
            session.scalars(select(Progress.stage).where(Progress.apprenticeship_id == at.id)).one()
            == "withdrawn"
        )
    assert "Left the apprenticeship on 30 October 2026" in browser(cast.marek).get(base(cast) + "/about").text
    assert "another town" not in browser(cast.marek).get(base(cast) + "/about").text
    assert priya.post(base(cast) + "/withdrawal", data=data).status_code == 409  # it stands already
    assert priya.post(base(cast) + "/withdrawal/undo", data={"reason": " "}).status_code == 422
    undone = priya.post(base(cast) + "/withdrawal/undo", data={"reason": "She came back"})
    assert undone.status_code == (204 if htmx else 303)
    assert priya.post(base(cast) + "/withdrawal/undo", data={"reason": "again"}).status_code == 409
    with database.reading() as session:
        assert session.get_one(Apprenticeship, cast.amina_at.id).withdrawn_on is None
        events = session.scalars(select(WithdrawalEvent).order_by(WithdrawalEvent.id)).all()
        assert [(one.kind, one.reason) for one in events] == [
            ("withdrawn", "Moved to another town"),
            ("undone", "She came back"),
        ]
    text = browser(cast.amina).get(base(cast) + "/about").text
    assert "Moved to another town" in text
    assert "She came back" in text


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ({"reason": "Left"} | boxes(withdrawn_on=date(2025, 10, 5)), "cannot lie before it"),
        ({"reason": "Left"} | boxes(withdrawn_on=date(2026, 11, 3)), "not ahead"),
        ({"reason": "Left"} | boxes(withdrawn_on=None), "Enter a date"),
        ({"reason": ""} | boxes(withdrawn_on=date(2026, 10, 30)), "Enter something here"),
    ],
)
def test_a_withdrawal_that_cannot_be_stays_typed(
    browser: Open, cast: Cast, data: dict[str, str], part: str
) -> None:
    answer = browser(cast.priya).post(base(cast) + "/withdrawal", data=data)
    assert answer.status_code == 422
    assert part in answer.text
    assert f">\n{data['reason']}</textarea>" in answer.text


def test_the_history_of_withdrawals_cannot_be_altered(browser: Open, cast: Cast, database: Database) -> None:
    data = {"reason": "Moved"} | boxes(withdrawn_on=date(2026, 10, 30))
    browser(cast.priya).post(base(cast) + "/withdrawal", data=data)
    with database.session(write=True, across=True) as session:
        session.scalars(select(WithdrawalEvent)).one().reason = "Something else"
        # PostgreSQL does not even give the application's role the right to; SQLite's trigger refuses
        with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
            session.flush()


def test_somebody_who_left_after_the_gateway_can_be_recorded(
    browser: Open, cast: Cast, session: Session
) -> None:
    a_locked_portfolio(session, cast)
    data = {"reason": "Left"} | boxes(withdrawn_on=date(2026, 10, 30))
    assert browser(cast.priya).post(base(cast) + "/withdrawal", data=data).status_code == 303
