"""Declaring, locking and unlocking through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, Cohort
from portfolio.database import Database
from portfolio.gateway.declaration_texts import TEXTS, declaration_text
from portfolio.gateway.declarations import reason_of_person
from portfolio.gateway.facts import Party
from portfolio.gateway.models import Declaration, GatewayLock, GatewayUnlock, UnlockRequest
from portfolio.people.models import Member, Person
from tests.builders import NOW, Cast, a_person, an_assignment, commit
from tests.client import Browser
from tests.gateway.steps import PASSWORD, a_dbs_record, declared, everything_but_declarations, give_passwords

Open = Callable[..., Browser]
SIGN = {"agreed": "yes", "password": PASSWORD}
PARTIES = {"apprentice": "amina", "employer": "marek", "provider": "asha"}


@pytest.fixture
def nearly(session: Session, cast: Cast, catalogue: Catalogue) -> None:
    """Everything in place but the declarations; everybody knows their password."""
    everything_but_declarations(session, cast, catalogue)
    give_passwords(session, cast.amina, cast.marek, cast.asha, cast.ines, cast.priya)
    commit(session)


@pytest.fixture
def ready(session: Session, nearly: None, cast: Cast) -> None:
    declared(session, cast)
    commit(session)


def address(cast: Cast, rest: str = "") -> str:
    return f"/apprenticeships/{cast.amina_at.id}/gateway{rest}"


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("party", PARTIES)
def test_each_party_signs_exactly_what_the_page_shows(
    browser: Open, database: Database, cast: Cast, nearly: None, party: str, htmx: bool
) -> None:
    client = browser(getattr(cast, PARTIES[party]), htmx=htmx)
    page = client.get(address(cast, f"/declarations/{party}")).text
    answer = client.post(address(cast, f"/declarations/{party}"), data=SIGN)
    assert answer.status_code == (204 if htmx else 303)
    with database.reading() as session:
        row = session.scalars(select(Declaration)).one()
    for paragraph in row.text.split("\n\n"):
        assert paragraph.replace("'", "&#39;") in page
    assert "end-point assessment" in row.text
    assert (row.party, row.round, row.signed_by_id) == (party, 1, getattr(cast, PARTIES[party]).id)
    after = browser(cast.priya).get(address(cast)).text
    assert f"The {party} declared on 18 November 2026 that the apprentice is ready." in after


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"password": PASSWORD}, "Tick the box once you have read it."),
        ({"agreed": "yes"}, "Enter your password again"),
        ({"agreed": "yes", "password": "not mine at all"}, "This is not your password."),
    ],
)
@pytest.mark.parametrize("rest", ["/declarations/employer", "/lock", "/unlock/approve"])
def test_nothing_is_signed_without_the_tick_and_the_right_password(
    browser: Open, session: Session, database: Database, cast: Cast, ready: None, rest: str, data: dict[str, str],
    sentence: str, htmx: bool,
) -> None:  # fmt: skip
    who = cast.marek if "employer" in rest else cast.priya
    before = _counts(database)
    answer = browser(who, htmx=htmx).post(address(cast, rest), data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert PASSWORD not in answer.text
    assert "not mine at all" not in answer.text
    assert _counts(database) == before


def _counts(database: Database) -> list[int]:
    with database.reading() as session:
        return [
            len(session.scalars(select(model.id)).all())
            for model in (Declaration, GatewayLock, UnlockRequest, GatewayUnlock)
        ]


def test_the_tick_stays_when_the_password_was_wrong(browser: Open, cast: Cast, nearly: None) -> None:
    answer = browser(cast.amina).post(
        address(cast, "/declarations/apprentice"), data={"agreed": "yes", "password": "wrong"}
    )
    assert 'name="agreed" value="yes" checked' in answer.text


def test_while_a_line_is_open_the_button_is_greyed_with_the_reason_and_the_route_refuses_with_it(
    browser: Open, session: Session, cast: Cast, nearly: None
) -> None:
    a_dbs_record(session, cast.amina_at, cast.priya, decision="awaiting")
    commit(session)
    page = browser(cast.amina).get(address(cast, "/declarations/apprentice")).text
    assert "DBS check: needs action." in page
    assert re.search(r"<button class=\"btn\" disabled", page)
    answer = browser(cast.amina).post(address(cast, "/declarations/apprentice"), data=SIGN)
    assert answer.status_code == 409
    assert "DBS check: needs action." in answer.text


def test_only_the_party_itself_may_declare_for_it(browser: Open, cast: Cast, nearly: None) -> None:
    allowed = {"apprentice": {"amina"}, "employer": {"marek"}, "provider": {"asha", "priya"}}
    for party, people in allowed.items():
        for who in ("amina", "marek", "asha", "ines", "priya"):
            status = browser(getattr(cast, who)).get(address(cast, f"/declarations/{party}")).status_code
            assert (party, who, status) == (party, who, 200 if who in people else 403)
        for stranger in (cast.noor, cast.otto):
            answer = browser(stranger).post(address(cast, f"/declarations/{party}"), data=SIGN)
            assert answer.status_code == 404


def test_nobody_declares_for_two_parties(
    browser: Open, session: Session, database: Database, cast: Cast, nearly: None
) -> None:
    """Marek is made assessor as well: the condition binds the person, not the role."""
    session.add(
        Member(provider_id=cast.provider.id, person_id=cast.marek.id, role="assessor", created_at=NOW)
    )
    an_assignment(session, session.get_one(Apprenticeship, cast.amina_at.id), cast.marek, "assessor")
    commit(session)
    client = browser(cast.marek)
    assert client.post(address(cast, "/declarations/employer"), data=SIGN).status_code == 303
    sentence = "You have already declared for the employer. Somebody else has to declare for the provider."
    assert sentence in client.get(address(cast, "/declarations/provider")).text
    answer = client.post(address(cast, "/declarations/provider"), data=SIGN)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert _counts(database)[0] == 1


def test_a_second_person_of_the_same_party_is_told_that_it_was_declared(
    browser: Open, database: Database, cast: Cast, nearly: None
) -> None:
    assert browser(cast.asha).post(address(cast, "/declarations/provider"), data=SIGN).status_code == 303
    assert (
        "Asha Abbott declared this on"
        in browser(cast.priya).get(address(cast, "/declarations/provider")).text
    )
    answer = browser(cast.priya).post(address(cast, "/declarations/provider"), data=SIGN)
    assert answer.status_code == 409
    assert "The provider has already declared." in answer.text
    assert _counts(database)[0] == 1


def test_each_of_the_three_is_somebody_else() -> None:
    assert reason_of_person(Party.PROVIDER, {Party.EMPLOYER: 1, Party.APPRENTICE: 2}, 3) == []
    assert reason_of_person(Party.PROVIDER, {Party.PROVIDER: 3}, 3) == []
    assert len(reason_of_person(Party.PROVIDER, {Party.EMPLOYER: 3, Party.APPRENTICE: 3}, 3)) == 2


def test_the_texts_take_every_word_from_the_plan() -> None:
    words = dict.fromkeys(
        ("standard", "reference", "version", "apprentice", "employer", "assessment", "assessment_plan",
         "assessment_organisation", "gateway"), "XX",
    )  # fmt: skip
    for party in Party:
        text = declaration_text(party, words | {"apprentice": "A {name} in braces"})
        assert "A {name} in braces" in text
        assert "end-point" not in text
        assert len(text.split("\n\n")) == len(TEXTS[party])
    with pytest.raises(KeyError):
        declaration_text(Party.EMPLOYER, {})


def test_a_plan_with_other_words_is_declared_in_them(browser: Open, session: Session, cast: Cast) -> None:
    cohort = session.get_one(Cohort, cast.cohort.id)
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    cohort.standard_reference = at.standard_reference = "XT0007"
    cohort.standard_version = at.standard_version = "2.3"
    commit(session)
    text = browser(cast.amina).get(address(cast, "/declarations/apprentice")).text
    assert "I am ready for the apprenticeship assessment." in text
    assert "gateway to completion" in text
    shown = browser(cast.amina).get(address(cast)).text
    assert "<h1>Gateway to completion</h1>" in shown
    assert "This standard asks for no DBS check." in shown


def test_locking_keeps_the_check_and_shows_since_when_by_whom_and_the_fingerprint(
    browser: Open, database: Database, cast: Cast, ready: None
) -> None:
    client = browser(cast.priya)
    assert "Go on to lock it" in client.get(address(cast)).text
    assert client.post(address(cast, "/lock"), data=SIGN).status_code == 303
    with database.reading() as session:
        lock = session.scalars(select(GatewayLock)).one()
    assert lock.locked_by_id == cast.priya.id
    for who in (cast.amina, cast.marek, cast.asha, cast.ines, cast.priya):
        text = browser(who).get(address(cast)).text
        assert "18 November 2026 at 14:05" in text
        assert "Priya Parker" in text
        assert lock.portfolio_sha256 in text
        record = browser(who).get(address(cast, f"/locks/{lock.id}")).text
        assert "They match: the portfolio is exactly what was locked." in record
    assert browser(cast.noor).get(address(cast, f"/locks/{lock.id}")).status_code == 404
    assert browser(cast.priya).get(address(cast, f"/locks/{cast.amina.id}")).status_code == 404


def test_only_a_manager_locks(browser: Open, cast: Cast, ready: None) -> None:
    for who in (cast.amina, cast.marek, cast.asha, cast.ines):
        assert browser(who).get(address(cast, "/lock")).status_code == 403
        assert browser(who).post(address(cast, "/lock"), data=SIGN).status_code == 403
    assert browser(cast.noor).post(address(cast, "/lock"), data=SIGN).status_code == 404


def test_a_change_behind_the_lock_would_show(
    browser: Open, session: Session, database: Database, cast: Cast, ready: None
) -> None:
    """Nothing in the product can do it; a lock that is given a wrong fingerprint shows what it would look like."""
    session.add(
        GatewayLock(
            provider_id=cast.provider.id,
            apprenticeship_id=cast.amina_at.id,
            check_text='{"format": 1, "checked_on": "2026-11-18", "rulebook": {"title": "T", "note": "", "address": ""}, '
            '"requirements": []}',
            portfolio_sha256="0" * 64,
            locked_by_id=cast.priya.id,
            locked_at=NOW,
        )
    )
    commit(session)
    with database.reading() as reading:
        lock = reading.scalars(select(GatewayLock)).one()
    assert "They do not match." in browser(cast.ines).get(address(cast, f"/locks/{lock.id}")).text


def test_an_unlock_takes_a_reason_and_a_second_person(
    browser: Open, session: Session, database: Database, cast: Cast, ready: None
) -> None:
    priya, ines = browser(cast.priya), browser(cast.ines)
    early = priya.post(address(cast, "/unlock/ask"), data={"reason": "Why not", "password": PASSWORD})
    assert early.status_code == 409
    assert "The portfolio is not locked." in early.text
    assert priya.post(address(cast, "/lock"), data=SIGN).status_code == 303
    assert priya.post(address(cast, "/unlock/approve"), data=SIGN).status_code == 409  # nobody has asked
    blank = priya.post(address(cast, "/unlock/ask"), data={"reason": "  ", "password": PASSWORD})
    assert blank.status_code == 422
    assert "Say why the portfolio has to be unlocked." in blank.text
    kept = priya.post(address(cast, "/unlock/ask"), data={"reason": "A wrong file.", "password": "nope"})
    assert kept.status_code == 422
    assert "A wrong file." in kept.text
    asked = {"reason": "A wrong file.", "password": PASSWORD}
    assert priya.post(address(cast, "/unlock/ask"), data=asked).status_code == 303
    assert priya.post(address(cast, "/unlock/ask"), data=asked).status_code == 303  # a double tap
    assert "Priya Parker has already asked" in ines.post(address(cast, "/unlock/ask"), data=asked).text
    assert "somebody else has to agree" in priya.get(address(cast, "/unlock")).text
    own = priya.post(address(cast, "/unlock/approve"), data=SIGN)
    assert own.status_code == 409
    assert "The person who asked cannot be the one who agrees." in own.text
    assert "A wrong file." in ines.get(address(cast, "/unlock")).text
    assert ines.post(address(cast, "/unlock/approve"), data=SIGN).status_code == 303
    assert _counts(database) == [3, 1, 1, 1]
    text = browser(cast.amina).get(address(cast)).text
    assert "Priya Parker asked: “A wrong file.” Ines Irwin agreed." in text
    assert "3 declarations have still to be made" in text
    for who in (cast.amina, cast.marek, cast.asha):
        assert browser(who).get(address(cast, "/unlock")).status_code == 403


def test_a_manager_without_the_named_rights_sees_the_reasons_but_no_detail(
    browser: Open, session: Session, cast: Cast, nearly: None
) -> None:
    mina = a_person(session, "Mina Moss", cast.provider, "manager")
    a_dbs_record(session, cast.amina_at, cast.priya, decision="not_satisfactory")
    give_passwords(session, mina)
    commit(session)
    text = browser(mina).get(address(cast)).text
    assert "DBS check: needs action." in text
    assert "does not yet meet" not in text
    refused = browser(mina).post(address(cast, "/lock"), data=SIGN)
    assert refused.status_code == 409
    assert "does not yet meet" not in refused.text


def test_a_withdrawn_apprenticeship_stays_shut(
    browser: Open, session: Session, cast: Cast, ready: None
) -> None:
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    at.withdrawn_on, at.withdrawn_by_id = NOW.date(), session.get_one(Person, cast.priya.id).id
    commit(session)
    assert "the gateway stays shut" in browser(cast.amina).get(address(cast)).text
    refused = browser(cast.priya).post(address(cast, "/lock"), data=SIGN)
    assert refused.status_code == 409
    assert "the gateway stays shut" in refused.text
