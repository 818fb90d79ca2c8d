"""Which apprenticeships a viewer may see: the one select that every list starts from."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.guards import open_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.apprenticeships.queries import is_locked, visible_to
from portfolio.people.models import Member, Person
from portfolio.people.sessions import viewer_for
from portfolio.refusals import NotFound
from tests.apprenticeships.steps import a_locked_portfolio
from tests.builders import NOW, Cast, a_person, an_apprenticeship, an_assignment, commit
from tests.client import Browser

Open = Callable[..., Browser]


def seen_by(session: Session, person: Person) -> set[UUID]:
    viewer = viewer_for(session, person.id, uuid4())
    assert viewer is not None
    return {one.id for one in session.scalars(visible_to(viewer))}


@pytest.fixture
def bea_at(session: Session, cast: Cast) -> Apprenticeship:
    """A second apprenticeship in the same provider, with nobody around it."""
    bea = a_person(session, "Bea Birch", cast.provider, "apprentice")
    at = an_apprenticeship(session, bea, cast.cohort, cast.employer)
    commit(session)
    return at


def test_each_sees_their_own_corner(session: Session, cast: Cast, bea_at: Apprenticeship) -> None:
    amina, other = cast.amina_at.id, cast.other_at.id
    expected = {
        "amina": {amina}, "marek": {amina}, "asha": {amina}, "ines": {amina}, "priya": {amina, bea_at.id},
        "noor": {other}, "olu": {other}, "otto": {other}, "admin": set(),
    }  # fmt: skip
    assert {name: seen_by(session, getattr(cast, name)) for name in expected} == expected


def test_an_ended_assignment_and_an_ended_role_show_nothing(session: Session, cast: Cast) -> None:
    assignment = session.scalars(select(Assignment).where(Assignment.person_id == cast.marek.id)).one()
    assignment.until_at, assignment.ended_by_id = NOW, cast.priya.id
    session.scalars(select(Member).where(Member.person_id == cast.asha.id)).one().ended_at = NOW
    session.flush()
    assert seen_by(session, cast.marek) == seen_by(session, cast.asha) == set()


def test_an_assignment_without_the_role_in_the_provider_shows_nothing(
    session: Session, cast: Cast, bea_at: Apprenticeship
) -> None:
    an_assignment(session, bea_at, cast.marek, "assessor")
    assert seen_by(session, cast.marek) == {cast.amina_at.id}


def test_the_list_and_the_guard_agree_for_everybody(
    session: Session, cast: Cast, catalogue: Catalogue, bea_at: Apprenticeship
) -> None:
    an_assignment(session, bea_at, cast.amina, "mentor")  # Amina is also Bea's mentor …
    session.add(Member(provider_id=cast.provider.id, person_id=cast.amina.id, role="mentor", created_at=NOW))
    an_assignment(session, bea_at, cast.otto, "assessor")  # … and Otto is of another provider
    commit(session)
    for person in session.scalars(select(Person)).all():
        viewer = viewer_for(session, person.id, uuid4())
        assert viewer is not None
        opened = set()
        for one in (cast.amina_at, bea_at, cast.other_at):
            try:
                open_apprenticeship(session, catalogue, viewer, one.id)
            except NotFound:
                continue
            opened.add(one.id)
        assert seen_by(session, person) == opened, person.name


@pytest.mark.parametrize("htmx", [False, True])
def test_the_page_shows_what_the_viewer_is_and_how_far_it_got(browser: Open, cast: Cast, htmx: bool) -> None:
    for person, word in (
        (cast.amina, "Apprentice"),
        (cast.marek, "Workplace mentor"),
        (cast.asha, "Assessor"),
        (cast.ines, "Internal quality assurer"),
        (cast.priya, "Provider manager"),
    ):
        text = browser(person, htmx=htmx).get("/apprenticeships").text
        assert f'data-label="You are">{word}<' in text
        assert "0 of 66 statements, 0 of 15 duties" in text
        assert "Olu Otter" not in text


def test_somebody_with_nobody_around_is_told_what_to_do(browser: Open, cast: Cast, session: Session) -> None:
    nia = a_person(session, "Nia North", cast.provider, "assessor")
    commit(session)
    assert "ask a manager" in browser(nia).get("/apprenticeships").text


def test_a_lock_is_seen_at_once(session: Session, cast: Cast) -> None:
    assert not is_locked(session, cast.amina_at.id)
    a_locked_portfolio(session, cast)
    assert is_locked(session, cast.amina_at.id)
    assert not is_locked(session, cast.other_at.id)
    assert not is_locked(session, uuid4())
