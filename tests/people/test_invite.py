"""Inviting people and creating providers: one account per address, safe to repeat, never for oneself."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.access import Right, Role
from portfolio.audit.models import AuditEvent
from portfolio.people import actions, links, queries
from portfolio.people.models import Member, Person, Provider, SingleUseLink
from portfolio.refusals import Refused
from tests.builders import NOW, Cast, a_person, commit


def invite(session: Session, cast: Cast, **more: object) -> actions.Invited:
    values: dict[str, object] = {
        "provider_id": cast.provider.id,
        "name": "Nia Newall",
        "email": "nia.newall@example.org",
        "roles": [Role.MENTOR],
        "rights": [],
        "by": cast.priya.id,
        "now": NOW,
    } | more
    return actions.invite(session, **values)  # type: ignore[arg-type]


def test_a_new_person_gets_an_account_a_role_and_a_link(session: Session, cast: Cast) -> None:
    invited = invite(session, cast, email="  Nia.Newall@Example.ORG ", name=" Nia   Newall ")
    assert (invited.person.email, invited.person.name) == ("nia.newall@example.org", "Nia Newall")
    assert invited.is_new
    assert invited.given == (Role.MENTOR,)
    assert invited.token is not None
    assert links.person_of(session, invited.token, NOW) is invited.person
    stored = session.scalars(select(SingleUseLink)).one()
    assert invited.token not in stored.token_hash
    assert len(stored.token_hash) == 64


def test_inviting_again_changes_nothing_and_keeps_the_first_link(session: Session, cast: Cast) -> None:
    first = invite(session, cast)
    before = session.scalar(select(func.count()).select_from(AuditEvent))
    second = invite(session, cast, name="Somebody Else")
    assert second.person is first.person
    assert second.person.name == "Nia Newall"
    assert (second.token, second.given, second.is_new) == (None, (), False)
    assert first.token is not None
    assert links.person_of(session, first.token, NOW) is first.person
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == before


def test_an_account_of_another_provider_becomes_a_member_and_gets_no_link(
    session: Session, cast: Cast
) -> None:
    invited = invite(session, cast, email=cast.otto.email, name="Typed Otherwise", roles=[Role.ASSESSOR])
    assert invited.person.id == cast.otto.id
    assert invited.person.name == "Otto Owens"
    assert invited.token is None
    assert (
        session.scalar(select(func.count()).select_from(Person).where(Person.email == cast.otto.email)) == 1
    )
    assert [p.id for p in queries.people_with_role(session, cast.provider.id, "assessor")] == [
        cast.asha.id,
        cast.otto.id,
    ]


def test_a_second_provider_voids_a_link_that_the_first_may_still_hold(session: Session, cast: Cast) -> None:
    first = invite(session, cast)
    second = invite(session, cast, provider_id=cast.other_provider.id, by=cast.noor.id)
    assert first.token is not None
    assert second.token is None
    assert links.person_of(session, first.token, NOW) is None


def test_an_ended_role_is_opened_again_in_its_row(session: Session, cast: Cast) -> None:
    row = session.scalars(select(Member).where(Member.person_id == cast.marek.id)).one()
    row.ended_at = NOW
    assert invite(session, cast, email=cast.marek.email).given == (Role.MENTOR,)
    assert row.ended_at is None


def test_rights_are_added_to_those_held(session: Session, cast: Cast) -> None:
    dora = a_person(session, "Dora Dean", cast.provider, "manager", rights=("dbs",))
    invite(session, cast, email=dora.email, roles=["manager"], rights=["support"])
    row = session.scalars(select(Member).where(Member.person_id == dora.id)).one()
    assert sorted(row.rights) == ["dbs", "support"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"email": "nobody"}, "e-mail address"),
        ({"email": "a@b..example"}, "e-mail address"),
        ({"email": "a@b.example\nbcc: c@d.example"}, "e-mail address"),
        ({"name": "  "}, "name"),
        ({"name": "N" * 201}, "200"),
        ({"roles": []}, "at least one role"),
        ({"roles": ["admin"]}, "roles on the page"),
        ({"roles": ["president"]}, "roles on the page"),
        ({"rights": [Right.DBS]}, "provider manager"),
        ({"roles": ["manager"], "rights": ["everything"]}, "rights on the page"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    session: Session, cast: Cast, more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        invite(session, cast, **more)


def test_nobody_invites_themselves_to_more(session: Session, cast: Cast) -> None:
    with pytest.raises(Refused, match="their own roles"):
        invite(session, cast, email=cast.priya.email, roles=[Role.ASSESSOR])


def test_the_installation_admin_is_in_no_provider(session: Session, cast: Cast) -> None:
    with pytest.raises(Refused, match="installation admin"):
        invite(session, cast, email=cast.admin.email)


def test_a_provider_comes_with_a_manager_who_holds_every_right(session: Session, cast: Cast) -> None:
    made = actions.create_provider(
        session,
        name="Riverside  College",
        ukprn="10000007",
        manager_name="Rae Rivers",
        manager_email="rae.rivers@example.org",
        by=None,
        now=NOW,
    )
    commit(session)
    member = session.scalars(select(Member).where(Member.provider_id == made.provider.id)).one()
    assert (made.provider.name, member.role, sorted(member.rights)) == (
        "Riverside College",
        "manager",
        ["confidentiality", "dbs", "support"],
    )
    assert made.invited.token
    written = session.scalars(
        select(AuditEvent).where(AuditEvent.provider_id == made.provider.id).order_by(AuditEvent.id)
    ).all()
    assert [event.action for event in written] == [
        "provider.created",
        "role.given",
        "right.given",
        "right.given",
        "right.given",
        "person.invited",
    ]
    assert "Rivers" not in str([event.detail for event in written])


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": "NORTHERN SKILLS"}, "of this name"),
        ({"name": " "}, "provider’s name"),
        ({"ukprn": "1234"}, "eight digits"),
        ({"ukprn": "١٢٣٤٥٦٧٨"}, "eight digits"),
        ({"manager_email": "alex.adair@example.org"}, "installation admin"),
    ],
)
def test_a_provider_that_cannot_be_is_refused(
    session: Session, cast: Cast, more: dict[str, str], sentence: str
) -> None:
    values = {
        "name": "Riverside College",
        "ukprn": "",
        "manager_name": "Rae Rivers",
        "manager_email": "rae@example.org",
    } | more
    with pytest.raises(Refused, match=sentence):
        actions.create_provider(session, by=None, now=NOW, **values)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Provider)) == 2


def test_people_with_a_role_come_by_name_and_only_while_they_hold_it(session: Session, cast: Cast) -> None:
    zoe = a_person(session, "zoe Zimmer", cast.provider, "mentor")
    abe = a_person(session, "Abe Ames", cast.provider, "mentor")
    gone = a_person(session, "Gil Gone", cast.provider, "mentor")
    session.scalars(select(Member).where(Member.person_id == gone.id)).one().ended_at = NOW
    found = queries.people_with_role(session, cast.provider.id, Role.MENTOR)
    assert [person.id for person in found] == [abe.id, cast.marek.id, zoe.id]
