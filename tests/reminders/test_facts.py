"""What counts for whom, from real rows: the same that their pages show, of their own provider and role alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Role
from portfolio.apprenticeships.models import Assignment, Progress
from portfolio.assessment.queries_queue import queue_summary
from portfolio.database import Database, narrow
from portfolio.feedback.models import Comment
from portfolio.home.queries import new_to_mentor
from portfolio.people.models import Member, Person
from portfolio.people.sessions import viewer_for
from portfolio.reminders import actions
from portfolio.reminders.queries import facts_for
from portfolio.reminders.rules import Facts, Limits
from tests.builders import (
    NOW,
    Cast,
    a_person,
    a_submitted,
    an_apprenticeship,
    an_assignment,
    commit,
)
from tests.cohorts.crowd import a_crowd
from tests.counting import queries
from tests.people.steps import hashed
from tests.reminders.steps import NEARLY, set_summary

LIMITS = Limits(quiet_days=42, long_wait_days=14)
TODAY = NOW.date().toordinal()


def everybody(cast: Cast) -> list[Person]:
    return [
        cast.amina,
        cast.marek,
        cast.asha,
        cast.ines,
        cast.priya,
        cast.noor,
        cast.olu,
        cast.otto,
        cast.admin,
    ]


def facts_of(session: Session, catalogue: Catalogue, person: Person) -> Facts:
    return facts_for(session, catalogue, [person.id], LIMITS, NOW)[person.id]


def quiet_since(session: Session, cast: Cast, day: int) -> None:
    set_summary(session, cast, last_activity_day=day, back_day=None, gaps="dbs,statements,duties")


@pytest.fixture(autouse=True)
def recent(session: Session, cast: Cast) -> None:
    """Nobody has been quiet for long, unless a test says so."""
    session.execute(update(Progress).values(last_activity_day=TODAY))
    session.commit()


def test_pieces_wait_for_the_assessor_as_their_queue_shows_and_are_new_to_the_mentor(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    for days in (4, 12):
        a_submitted(session, cast.amina_at, "K6", days_ago=days)
    commit(session)
    asha, marek = (facts_of(session, catalogue, one) for one in (cast.asha, cast.marek))
    assert (asha.to_assess, asha.oldest_to_assess) == (2, NOW.date() - timedelta(days=12))
    assert (asha.new_to_mentor, marek.to_assess, marek.new_to_mentor) == (0, 0, 2)
    for person in everybody(cast):
        viewer = viewer_for(session, person.id, person.id)
        assert viewer is not None
        facts = facts_of(session, catalogue, person)
        assert facts.to_assess == queue_summary(session, viewer).waiting
        assert facts.new_to_mentor == len(new_to_mentor(session, viewer))


def test_a_comment_makes_a_piece_old_news_to_the_mentor_only(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    piece = a_submitted(session, cast.amina_at, "K6")
    session.add(
        Comment(
            provider_id=piece.provider_id, apprenticeship_id=piece.apprenticeship_id, evidence_id=piece.id,
            author_id=cast.marek.id, role="mentor", text="Seen", written_at=NOW, form_key="k",
        )
    )  # fmt: skip
    commit(session)
    assert facts_of(session, catalogue, cast.marek) == Facts()
    assert facts_of(session, catalogue, cast.asha).to_assess == 1


def test_what_was_returned_is_the_apprentice_s_alone(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    piece = a_submitted(session, cast.amina_at, "K6")
    piece.state, piece.state_since = "returned", NOW - timedelta(days=5)
    commit(session)
    amina = facts_of(session, catalogue, cast.amina)
    assert (amina.returned, amina.oldest_returned) == (1, NOW.date() - timedelta(days=5))
    assert all(facts_of(session, catalogue, one).returned == 0 for one in everybody(cast)[1:])


@pytest.mark.parametrize(("days", "counted"), [(41, 0), (42, 1)])
def test_quiet_is_counted_for_assessor_and_manager(
    session: Session, cast: Cast, catalogue: Catalogue, days: int, counted: int
) -> None:
    quiet_since(session, cast, TODAY - days)
    found = {one.name: facts_of(session, catalogue, one).quiet for one in everybody(cast)}
    expected = {"Asha Abbott": counted, "Priya Parker": counted}
    assert found == {one.name: expected.get(one.name, 0) for one in everybody(cast)}


def test_long_waits_are_the_manager_s_to_know(session: Session, cast: Cast, catalogue: Catalogue) -> None:
    a_submitted(session, cast.amina_at, "K6", days_ago=15)
    commit(session)
    assert [one for one in everybody(cast) if facts_of(session, catalogue, one).waits_long] == [cast.priya]


def test_a_dbs_check_due_soon_is_told_to_those_who_may_see_the_record(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    set_summary(session, cast, gaps="statements,duties", dbs_due_day=TODAY + 30)
    assert facts_of(session, catalogue, cast.priya).dbs_due == 1
    assert facts_of(session, catalogue, cast.amina).own_dbs_due
    others = [one for one in everybody(cast) if one not in (cast.priya, cast.amina)]
    assert not any(f.dbs_due or f.own_dbs_due for f in (facts_of(session, catalogue, o) for o in others))
    session.execute(update(Member).where(Member.person_id == cast.priya.id).values(rights=["support"]))
    session.commit()
    assert facts_of(session, catalogue, cast.priya).dbs_due == 0


def test_nearly_ready_is_told_to_all_around_but_the_quality_assurer(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    set_summary(session, cast, **NEARLY)
    for one in (cast.asha, cast.marek, cast.priya):
        assert facts_of(session, catalogue, one).nearly_ready == {"gateway": 1}
    assert facts_of(session, catalogue, cast.amina).own_nearly_ready == ("gateway",)
    for one in (cast.ines, cast.noor, cast.otto, cast.olu, cast.admin):
        assert facts_of(session, catalogue, one) == Facts(is_manager=one is cast.noor)


def test_an_assignment_that_ended_is_told_once_unless_it_was_given_again(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    ended = session.scalars(select(Assignment).where(Assignment.person_id == cast.asha.id)).one()
    ended.until_at, ended.ended_by_id = NOW - timedelta(days=2), cast.priya.id
    commit(session)
    assert facts_of(session, catalogue, cast.asha).ended == 1
    again = an_assignment(session, cast.amina_at, cast.asha, "assessor")
    commit(session)
    assert facts_of(session, catalogue, cast.asha).ended == 0
    again.until_at, again.ended_by_id = NOW - timedelta(days=1), cast.priya.id
    commit(session)
    assert facts_of(session, catalogue, cast.asha).ended == 1, "one apprentice, however often"
    actions.note_sent(session, cast.asha.id, "2026-W45", [], _folder(), NOW - timedelta(hours=1))
    commit(session)
    assert facts_of(session, catalogue, cast.asha).ended == 0


def _folder() -> actions.Delivery:
    return actions.Delivery.FOLDER


def test_who_lost_the_role_or_the_provider_is_told_nothing(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    a_submitted(session, cast.amina_at, "K6", days_ago=20)
    quiet_since(session, cast, TODAY - 50)
    ended = session.scalars(select(Assignment).where(Assignment.person_id == cast.marek.id)).one()
    ended.until_at, ended.ended_by_id = NOW - timedelta(days=2), cast.priya.id
    commit(session)
    people = (cast.asha, cast.marek, cast.priya)
    assert all(facts_of(session, catalogue, one) != Facts(is_manager=one is cast.priya) for one in people)
    session.execute(
        update(Member).where(Member.person_id.in_([one.id for one in people])).values(ended_at=NOW)
    )
    session.commit()
    assert all(facts_of(session, catalogue, one) == Facts() for one in people)


def test_nobody_is_told_of_their_own_apprenticeship_as_if_it_were_another_s(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    """Priya is manager and apprentice of the same provider, and was made her own assessor by mistake."""
    session.add(Member(provider_id=cast.provider.id, person_id=cast.priya.id, role="apprentice", rights=[], created_at=NOW))  # fmt: skip
    session.add(Member(provider_id=cast.provider.id, person_id=cast.priya.id, role="assessor", rights=[], created_at=NOW))  # fmt: skip
    own = an_apprenticeship(session, cast.priya, cast.cohort, cast.employer)
    an_assignment(session, own, cast.priya, "assessor")
    a_submitted(session, own, "K6", days_ago=20)
    commit(session)
    session.execute(
        update(Progress)
        .where(Progress.apprenticeship_id == own.id)
        .values(**(NEARLY | {"dbs_due_day": TODAY, "last_activity_day": TODAY}))
    )
    session.commit()
    found = facts_of(session, catalogue, cast.priya)
    assert found == Facts(own_dbs_due=True, own_nearly_ready=("gateway",), is_manager=True)
    other = a_person(session, "Mo Murray", cast.provider, "manager", rights=("dbs",))
    commit(session)
    found = facts_of(session, catalogue, other)
    assert (found.waits_long, found.dbs_due, found.nearly_ready) == (1, 1, {"gateway": 1})


def test_a_manager_who_also_assesses_counts_everybody_once(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    session.execute(
        update(Member).where(Member.person_id == cast.priya.id, Member.role == "manager").values(rights=[])
    )
    session.add(Member(provider_id=cast.provider.id, person_id=cast.priya.id, role="assessor", rights=[], created_at=NOW))  # fmt: skip
    an_assignment(session, cast.amina_at, cast.priya, "assessor")
    commit(session)
    quiet_since(session, cast, TODAY - 50)
    assert facts_of(session, catalogue, cast.priya).quiet == 1


def test_who_works_in_two_providers_hears_of_both_and_nobody_else_of_the_other(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    a_submitted(session, cast.amina_at, "K6")
    for _ in range(2):
        a_submitted(session, cast.other_at, "K6")
    session.add(Member(provider_id=cast.other_provider.id, person_id=cast.asha.id, role="assessor", rights=[], created_at=NOW))  # fmt: skip
    an_assignment(session, cast.other_at, cast.asha, "assessor")
    commit(session)
    assert facts_of(session, catalogue, cast.asha).to_assess == 3
    assert facts_of(session, catalogue, cast.otto).to_assess == 2
    narrow(session, [cast.provider.id])
    assert facts_of(session, catalogue, cast.asha).to_assess == 1
    assert facts_of(session, catalogue, cast.otto).to_assess == 0


def test_many_at_once_are_told_what_each_alone_is_told(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    a_submitted(session, cast.amina_at, "K6", days_ago=15)
    a_submitted(session, cast.other_at, "K6", days_ago=3)
    set_summary(session, cast, **NEARLY)
    ids = [person.id for person in everybody(cast)]
    together = facts_for(session, catalogue, ids, LIMITS, NOW)
    assert [together[one] for one in ids] == [facts_of(session, catalogue, one) for one in everybody(cast)]
    assert sum(facts != Facts(is_manager=facts.is_manager) for facts in together.values()) == 5


def test_the_statements_are_constant_however_many_people_and_pieces(
    session: Session, cast: Cast, catalogue: Catalogue, database: Database
) -> None:
    def count(people: list[Person]) -> int:
        with database.reading() as reading, queries(database) as found:
            facts_for(reading, catalogue, [person.id for person in people], LIMITS, NOW)
        return found.number

    few = count([cast.asha])
    a_crowd(session, cast.cohort, [cast.employer], 40)
    for number in range(8):
        person = a_person(session, f"Assessor {number}", cast.provider, "assessor", password_hash=hashed())
        an_assignment(session, cast.amina_at, person, Role.ASSESSOR.value)
        a_submitted(session, cast.amina_at, "K6")
    commit(session)
    everyone = list(session.scalars(select(Person)))
    assert len(everyone) > 50
    told = 0 if database.is_sqlite else 1  # a transaction on PostgreSQL is told first whose rows it may see
    assert count(everyone) == few == 9 + told


def test_the_days_of_a_summary_are_london_s(session: Session, cast: Cast, catalogue: Catalogue) -> None:
    """Half past eleven at night in UTC is the next day in London's summer."""
    piece = a_submitted(session, cast.amina_at, "K6")
    piece.state_since = NOW.replace(month=7, day=1, hour=23, minute=30)
    commit(session)
    assert facts_of(session, catalogue, cast.asha).oldest_to_assess == date(2026, 7, 2)
