"""What a digest says of training, from real rows: to each what their own pages show, and to nobody anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Assignment, Progress
from portfolio.database import Database, narrow
from portfolio.jobs.worker import Worker
from portfolio.people.models import Member, Person
from portfolio.reminders import actions
from portfolio.reminders.queries_training import everything_for, training_for
from portfolio.reminders.rules import Limits, Line, Report, Training
from portfolio.settings import Settings
from tests.builders import NOW, Cast, a_person, an_apprenticeship, an_assignment, commit
from tests.client import Browser
from tests.counting import queries
from tests.courses.steps import a_booking, a_course, a_date
from tests.development.steps import a_supervision, an_override, asks
from tests.development.test_due import PA3, chosen
from tests.reminders.steps import Clock, run_until_idle, sent_to, text_of, with_passwords
from tests.training.steps import an_entry

Open = Callable[..., Browser]
TODAY = NOW.date()
LONG_AGO = date(2020, 1, 10)


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def training_of(session: Session, person: Person) -> Training:
    return training_for(session, [person.id], TODAY)[person.id]


def everybody(cast: Cast) -> list[Person]:
    return [cast.amina, cast.marek, cast.asha, cast.ines, cast.priya, cast.noor, cast.olu, cast.otto]


@pytest.fixture
def overdue(session: Session, cast: Cast) -> None:
    """Amina's refresher and supervision are overdue; an entry of hers and a booking wait for Marek."""
    chosen(session, cast.amina_at, cast.marek)
    asks(session, cast.employer, cast.priya, induction_days=None, supervision_months=2)
    an_entry(session, cast.amina_at, day=LONG_AGO, **PA3)
    an_entry(session, cast.amina_at)
    an_entry(session, cast.amina_at, what="Fractions", english_maths=True)
    a_supervision(session, cast.amina_at, day=date(2026, 8, 1))
    a_booking(session, a_date(session, a_course(session, cast.priya, cast.provider.id)), cast.amina_at)
    commit(session)


def test_each_is_told_what_concerns_them(session: Session, cast: Cast, overdue: None) -> None:
    found = {one.name.split()[0]: training_of(session, one) for one in everybody(cast)}
    assert [(line.what, line.due_on) for line in found["Amina"].own] == [
        ("Refresher training", date(2023, 1, 10)),
        ("Supervision", date(2026, 10, 1)),
    ]
    assert found.pop("Amina") == Training(own=training_of(session, cast.amina).own)
    assert found.pop("Marek") == Training(refreshers=1, entries=1, bookings=1)
    assert found.pop("Priya") == Training(reports=(Report(cast.provider.id, refresher=1, supervision=1),))
    assert set(found.values()) == {Training()}, "assessor, quality assurer, and the other provider"


@pytest.mark.parametrize(
    ("last", "there"),
    [(date(2025, 2, 1), False), (date(2024, 1, 31), True), (date(2023, 11, 10), True), (LONG_AGO, True)],
)
def test_one_s_own_refresher_is_told_from_ninety_days_before_and_the_manager_hears_of_overdue_ones(
    session: Session, cast: Cast, last: date, there: bool
) -> None:
    chosen(session, cast.amina_at, cast.marek)
    an_entry(session, cast.amina_at, day=last, **PA3)
    commit(session)
    assert bool(training_of(session, cast.amina).own) == there
    assert bool(training_of(session, cast.priya).reports) == (last == LONG_AGO)
    assert bool(training_of(session, cast.marek).refreshers) == (last == LONG_AGO)


@pytest.mark.parametrize("stage", ["assessed", "withdrawn"])
def test_who_has_left_is_reminded_of_nothing_nor_is_anybody_else(
    session: Session, cast: Cast, overdue: None, stage: str
) -> None:
    session.execute(update(Progress).values(stage=stage).execution_options(synchronize_session=False))
    session.commit()
    assert training_of(session, cast.amina) == training_of(session, cast.priya) == Training()
    assert training_of(session, cast.marek) == Training(bookings=1), "it stands on the home page, too"


def test_who_lost_the_role_or_the_assignment_is_told_nothing(
    session: Session, cast: Cast, overdue: None
) -> None:
    """Another mentor of the same page still holds theirs."""
    bea = a_person(session, "Bea Birch", cast.provider, "mentor")
    an_assignment(session, cast.amina_at, bea, "mentor")
    ended = session.scalars(select(Assignment).where(Assignment.person_id == cast.marek.id)).one()
    ended.until_at, ended.ended_by_id = NOW, cast.priya.id
    commit(session)
    people = [cast.amina.id, cast.priya.id]
    session.execute(update(Member).where(Member.person_id.in_(people)).values(ended_at=NOW))
    session.commit()
    found = training_for(session, [*people, cast.marek.id, bea.id], TODAY)
    assert found.pop(bea.id) == Training(refreshers=1, entries=1, bookings=1)
    assert set(found.values()) == {Training()}


def test_a_manager_s_own_is_not_counted_as_another_s(session: Session, cast: Cast) -> None:
    session.add(
        Member(
            provider_id=cast.provider.id,
            person_id=cast.priya.id,
            role="apprentice",
            rights=[],
            created_at=NOW,
        )
    )
    session.add(
        Member(
            provider_id=cast.provider.id, person_id=cast.priya.id, role="mentor", rights=[], created_at=NOW
        )
    )
    own = an_apprenticeship(session, cast.priya, cast.cohort, cast.employer)
    an_assignment(session, own, cast.priya, "mentor")
    chosen(session, own, cast.marek)
    an_entry(session, own, day=LONG_AGO, **PA3)
    an_entry(session, own)
    commit(session)
    found = training_of(session, cast.priya)
    assert [line.what for line in found.own] == ["Refresher training"]
    assert found == Training(own=found.own)
    other = a_person(session, "Mo Murray", cast.provider, "manager")
    commit(session)
    assert training_of(session, other).reports == (Report(cast.provider.id, refresher=1),)


def test_who_manages_two_providers_hears_of_each_and_sees_only_what_the_session_may(
    session: Session, cast: Cast, overdue: None
) -> None:
    session.add(
        Member(
            provider_id=cast.other_provider.id, person_id=cast.priya.id, role="manager", rights=[], created_at=NOW
        )
    )  # fmt: skip
    chosen(session, cast.other_at, cast.otto)
    an_entry(session, cast.other_at, day=LONG_AGO, **PA3)
    commit(session)
    both = {Report(cast.provider.id, 1, 1), Report(cast.other_provider.id, 1)}
    assert set(training_of(session, cast.priya).reports) == both
    narrow(session, [cast.provider.id])
    assert training_of(session, cast.priya).reports == (Report(cast.provider.id, 1, 1),)


def test_many_at_once_are_told_what_each_alone_is_told(session: Session, cast: Cast, overdue: None) -> None:
    chosen(session, cast.other_at, cast.otto)
    commit(session)
    ids = [one.id for one in everybody(cast)]
    together = training_for(session, ids, TODAY)
    assert [together[one] for one in ids] == [training_of(session, one) for one in everybody(cast)]


def test_the_statements_are_constant_however_many_people_and_records(
    session: Session, cast: Cast, database: Database, overdue: None
) -> None:
    def count(people: list[Person]) -> int:
        with database.reading() as reading, queries(database) as found:
            narrow(reading, [cast.provider.id])
            training_for(reading, [person.id for person in people], TODAY)
        return found.number

    few = count([cast.marek])
    people = [cast.amina, cast.marek, cast.asha, cast.ines, cast.priya]
    for number in range(12):
        somebody = a_person(session, f"Bea Birch{number}", cast.provider, "apprentice")
        at = an_apprenticeship(session, somebody, cast.cohort, cast.employer)
        mentor = a_person(session, f"Mentor {number}", cast.provider, "mentor")
        for one in (mentor, cast.marek):
            an_assignment(session, at, one, "mentor")
        chosen(session, at, cast.marek)
        an_entry(session, at, **PA3)
        a_supervision(session, at)
        an_override(session, at, cast.marek)
        people += [somebody, mentor]
    commit(session)
    told = 0 if database.is_sqlite else 2  # whose rows may be seen: as it begins, and as it is narrowed
    assert count(people) == few <= 14 + told


def test_it_is_mailed_as_the_only_thing_to_say_without_a_name_and_may_be_muted(
    session: Session,
    cast: Cast,
    overdue: None,
    worker: Worker,
    clock: Clock,
    settings: Settings,
) -> None:
    with_passwords(session)
    session.execute(update(Progress).values(last_activity_day=TODAY.toordinal()))
    actions.choose(
        session,
        cast.marek.id,
        weekly=True,
        weekday=1,
        wanted=[line for line in Line if line is not Line.TRAINING],
        offered=Line,
        now=NOW,
    )
    commit(session)
    run_until_idle(worker, clock)
    letters = sent_to(settings)
    assert set(letters) == {cast.amina.email, cast.priya.email}
    amina, priya = text_of(letters[cast.amina.email]), text_of(letters[cast.priya.email])
    assert letters[cast.amina.email]["Subject"] == "Your refresher training is overdue, and 1 other thing"
    assert "Your supervision was due by 1 October 2026." in amina
    assert "The refresher training of 1 apprentice is overdue." in priya
    assert f"/providers/{cast.provider.id}/training-report" in priya
    for word in (
        "Amina", "Marek", cast.employer.name, cast.provider.name, str(cast.amina_at.id), "Fractions", "PA3",
    ):  # fmt: skip
        assert word not in priya + letters[cast.priya.email].as_string()
        assert word == "Amina" or word not in amina + letters[cast.amina.email].as_string()


def test_every_address_opens_for_whoever_got_it_and_stands_on_their_page(
    browser: Open, session: Session, cast: Cast, overdue: None
) -> None:
    page = browser(cast.priya)
    shown = page.get("/account/reminders").text
    path = f"/providers/{cast.provider.id}/training-report"
    assert f'The supervision of 1 apprentice is overdue. <a href="{path}">In the training report</a>' in shown
    assert page.get(path).status_code == 200
    mine = browser(cast.marek).get("/account/reminders").text
    assert "1 entry waits for your confirmation in the training logs of your apprentices." in mine
    assert "1 booking waits for your yes or no, from your apprentices." in mine


def test_everything_is_the_facts_of_before_and_training(
    session: Session, cast: Cast, catalogue: Catalogue, overdue: None
) -> None:
    limits = Limits(quiet_days=42, long_wait_days=14)
    found = everything_for(session, catalogue, [cast.marek.id, cast.priya.id], limits, NOW)
    assert found[cast.marek.id].training == training_of(session, cast.marek)
    assert found[cast.priya.id].is_manager
