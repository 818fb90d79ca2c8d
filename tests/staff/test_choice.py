"""Framework and target level of a member of staff: chosen with a reason, the newest stands, the helper knows what is
held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.findings.models import KeptFinding
from portfolio.staff.models import StaffChoice, StaffMember
from tests.builders import Cast, commit
from tests.client import Browser
from tests.frameworks.own_steps import an_own
from tests.postgres import plain
from tests.staff.steps import (
    LATER,
    MK,
    PA3,
    WHY,
    a_choice,
    a_member,
    a_training,
    rows,
    staff_path,
    trail,
    typed_choice,
)

Open = Callable[..., Browser]
OWN = "our-own-framework--1"


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def member(session: Session, cast: Cast) -> StaffMember:
    found = a_member(session, cast.employer, cast.priya)
    commit(session)
    return found


@pytest.fixture
def address(cast: Cast, member: StaffMember) -> str:
    return staff_path(cast, member, "/choose")


@pytest.mark.parametrize("htmx", [False, True])
def test_a_manager_chooses_for_the_employer_with_a_reason(
    browser: Open, database: Database, cast: Cast, member: StaffMember, address: str, htmx: bool
) -> None:
    answer = browser(cast.priya, htmx=htmx).post(address, data=typed_choice(lead="yes"))
    assert answer.status_code == (204 if htmx else 303), answer.text
    (row,) = rows(database, StaffChoice)
    assert (row.framework_id, row.level_id, row.strand, row.reason) == (PA3, "3", "child", WHY)
    assert (row.designated_lead, row.chosen_by_id) == (True, cast.priya.id)
    shown = browser(cast.priya).get(staff_path(cast, member)).text
    assert WHY in shown
    assert f"{cast.priya.name}, 3 November 2026" in shown
    assert "This one stands" in shown
    ((action, detail),) = trail(database)
    assert (action, detail["level_id"], detail["designated_lead"]) == ("staff.chosen", "3", True)
    assert WHY not in str(detail)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": " "}, "Say why this framework and this level."),
        ({"level": ""}, "Choose a framework and a level."),
        ({"level": f"{MK}:9"}, "Choose a framework and a level from the list."),
        ({"level": f"{OWN}:everyone"}, "Choose a framework and a level from the list."),
        ({"strand": ""}, "Say whether the role is about children, adults or both."),
        ({"strand": "adult"}, "lists nothing for adults"),
        ({"lead": ""}, "Say whether this is a designated safeguarding lead."),
        ({"reason": "Works at 12 Acacia Avenue with families."}, "12 Acacia Avenue"),
    ],
    ids=[
        "no reason",
        "no level",
        "no such level",
        "another provider's",
        "no strand",
        "no such strand",
        "lead",
        "names",
    ],
)
def test_a_mistake_is_said_and_nothing_typed_is_lost(
    browser: Open,
    session: Session,
    database: Database,
    cast: Cast,
    address: str,
    change: dict[str, str],
    sentence: str,
) -> None:
    an_own(session, cast.other_provider, cast.noor)
    commit(session)
    fields = typed_choice() | change
    answer = browser(cast.priya).post(address + "?contact=main", data=fields)
    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    assert fields["reason"].strip() in answer.text
    assert '<option value="main" selected>' in answer.text, "the answers of the helper stay too"
    assert rows(database, StaffChoice) == []


def test_what_the_identity_check_finds_may_stay_with_a_reason(
    browser: Open, database: Database, cast: Cast, member: StaffMember, address: str
) -> None:
    """The member of staff and whoever writes may be named."""
    reason = "Wanda Whitlow keeps the office at 12 Acacia Avenue, as Priya Parker says."
    kept = {"kept_field": "reason", "kept_words": "12 Acacia Avenue", "kept_reason": "The office itself."}
    answer = browser(cast.priya).post(address, data=typed_choice(reason=reason) | kept)
    assert answer.status_code == 303, answer.text
    (finding,) = rows(database, KeptFinding)
    (row,) = rows(database, StaffChoice)
    assert (finding.about, finding.record_id, finding.reason) == (
        "staff_choice",
        row.id,
        "The office itself.",
    )
    assert "Kept because: The office itself." in browser(cast.priya).get(staff_path(cast, member)).text


def test_the_newest_stands_the_older_are_kept_and_nothing_is_written_twice(
    browser: Open, database: Database, cast: Cast, member: StaffMember, address: str
) -> None:
    page = browser(cast.priya)
    assert page.post(address, data=typed_choice()).status_code == 303
    assert page.post(address, data=typed_choice(form_key="d" * 32)).status_code == 303, "it stands already"
    assert len(rows(database, StaffChoice)) == 1
    other = typed_choice(level=f"{MK}:3", reason="Leads a team now.", form_key="e" * 32)
    for _ in range(2):
        assert page.post(address, data=other).status_code == 303
    again = page.post(address, data=other | {"reason": "Something else."})
    assert (again.status_code, "This page was sent before" in again.text) == (422, True)
    assert [one.framework_id for one in rows(database, StaffChoice)] == [PA3, MK]
    shown = page.get(staff_path(cast, member)).text
    assert shown.index("Leads a team now.") < shown.index(WHY)
    assert shown.count("This one stands") == 1
    back = typed_choice(form_key="f" * 32)
    assert page.post(address, data=back).status_code == 303, "an earlier one may be chosen again"
    assert [one.framework_id for one in rows(database, StaffChoice)] == [PA3, MK, PA3]


def test_the_form_begins_with_what_stands_and_asks_for_another_reason(
    browser: Open, session: Session, cast: Cast, member: StaffMember, address: str
) -> None:
    a_choice(session, member, cast.priya, designated_lead=True)
    commit(session)
    shown = browser(cast.priya).get(address).text
    assert f'value="{PA3}:3" selected' in shown
    assert 'name="lead" value="yes" checked' in shown
    assert WHY not in shown


def test_the_helper_advises_from_the_address_and_knows_what_is_held(
    browser: Open, session: Session, database: Database, cast: Cast, member: StaffMember, address: str
) -> None:
    """Milton Keynes asks for levels 2 and 3 before level 4, which a designated professional's adviser needs."""
    a_training(session, member, cast.priya, date(2026, 1, 20), framework_id=MK, level_id="2")
    commit(session)
    page = browser(cast.priya)
    shown = page.get(f"{address}?framework={MK}&named_professional=yes").text
    assert f'value="{MK}:4" selected' in shown, "the level advised is put into the form"
    assert "held since 20 January 2026" in shown
    assert "was to be held by 31 August 2025" in shown, "the day before the first day in the role"
    assert rows(database, StaffChoice) == [], "nothing of the answers is kept"
    assert "No rule of this source" not in shown


def test_a_framework_of_the_providers_own_can_be_chosen(
    browser: Open, session: Session, database: Database, cast: Cast, member: StaffMember, address: str
) -> None:
    an_own(session, cast.provider, cast.priya)
    commit(session)
    page = browser(cast.priya)
    fields = typed_choice(level=f"{OWN}:leads", strand="both", lead="yes")
    assert page.post(address, data=fields).status_code == 303
    (row,) = rows(database, StaffChoice)
    assert (row.framework_id, row.level_id) == (OWN, "leads")
    shown = page.get(staff_path(cast, member)).text
    assert "Safeguarding leads" in shown
    assert "Leads renew their training every two years." in shown


@pytest.mark.parametrize("statement", ["UPDATE staff_choice SET reason = 'x'", "DELETE FROM staff_choice"])
def test_the_database_keeps_choices_as_they_are(
    session: Session,
    database: Database,
    owner: Database | None,
    cast: Cast,
    member: StaffMember,
    statement: str,
) -> None:
    a_choice(session, member, cast.priya)
    commit(session)
    with (
        plain(owner or database) as connection,
        pytest.raises(DBAPIError, match="staff_choice is append-only"),
    ):
        connection.execute(text(statement))
