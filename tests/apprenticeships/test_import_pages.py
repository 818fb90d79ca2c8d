"""A cohort from a list: looked at first, the good rows written, safe to repeat."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.lists.sending import mark_of
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Employer
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.people.models import KeptForm, Person, SignedInSession
from portfolio.settings import Settings
from tests.apprenticeships.steps import a_break, a_locked_portfolio, the_apprenticeship_of
from tests.builders import NOW, Cast, a_cohort, a_person, an_apprenticeship, commit
from tests.client import Browser
from tests.counting import queries

Open = Callable[..., Browser]
HEAD = "given_names;family_name;email;uln;start_date;planned_end;employer;mentor_name;mentor_email;assessor_email;dsl;dsl phone;dsl email\n"
BEA = "Bea;Birch;bea@example.org;9100000001;2026-10-05;05/04/2028;Northside School;Mo Marsh;mo@example.org;asha.abbott@example.org\n"
CAL = "Cal;Crane;cal@example.org;;5 October 2026;2028-04-05;Eastgate Nursery;;;;Lee Lane;01632 960333;lee@eastgate.example\n"
BAD = "Dee;Drake;dee@example.org;9.1E+09;45945;2028-04-05;Northside School;;;\n"


def path(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/cohorts/{cast.cohort.id}/import"


def send(page: Browser, cast: Cast, text: str, *, write: bool = False, to: str = "") -> Any:
    """As the page does: multipart, with the mark of the list that was looked at."""
    fields = {"text": (None, text)}
    if write:
        fields |= {"do": (None, "write"), "checked": (None, mark_of(text))}
    return page.post(path(cast) + to, files=fields)


def count(database: Database, model: Any) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(model.id))) or 0


@pytest.mark.parametrize("htmx", [False, True])
def test_the_preview_says_what_each_row_would_do_and_writes_nothing(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    before = [count(database, model) for model in (Apprenticeship, Person, Employer, AuditEvent)]
    answer = send(browser(cast.priya, htmx=htmx), cast, HEAD + BEA + CAL + BAD)
    assert answer.status_code == 200
    for part in (
        "<b>2</b>will be added", "<b>1</b>cannot be taken", "Mo Marsh is invited as workplace mentor",
        "Asha Abbott becomes assessor", "1 employer is new", "<li>Eastgate Nursery</li>", "Add 2 apprentices",
        "5 October 2026 to 5 April 2028", "shortened this number", "keeps behind a date",
        'data-label="Line" class="n">4<', ">uln<", ">start_date<",
    ):  # fmt: skip
        assert part in answer.text, part
    assert [count(database, model) for model in (Apprenticeship, Person, Employer, AuditEvent)] == before


@pytest.mark.parametrize("htmx", [False, True])
def test_confirming_writes_the_good_rows_and_shows_the_links(
    browser: Open, cast: Cast, database: Database, settings: Settings, htmx: bool
) -> None:
    answer = send(browser(cast.priya, htmx=htmx), cast, HEAD + BEA + CAL + BAD, write=True)
    assert answer.status_code == 200
    assert "2 apprentices added, 0 changed, 1 employer new" in answer.text
    assert "1 row left out" in answer.text
    assert answer.text.count("/set-password/") == 3  # Bea, Mo and Cal
    bea = the_apprenticeship_of(database, "bea@example.org")
    assert (bea.apprentice.name, bea.uln, bea.start_on) == ("Bea Birch", "9100000001", date(2026, 10, 5))
    assert the_apprenticeship_of(database, "cal@example.org").employer.name == "Eastgate Nursery"
    with database.reading() as session:
        roles = session.scalars(select(Assignment.role).where(Assignment.apprenticeship_id == bea.id))
        assert set(roles) == {"mentor", "assessor"}
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "cohort.imported")).one()
        assert event.detail == {"added": 2, "changed": 0, "employers": 1, "refused": 1}
        assert session.scalar(select(Person.id).where(Person.email == "dee@example.org")) is None
    assert settings.mail_folder is not None
    assert len(list(Path(settings.mail_folder).glob("*.eml"))) == 3


def test_the_same_list_again_changes_nothing(browser: Open, cast: Cast, database: Database) -> None:
    priya = browser(cast.priya)
    text = HEAD + BEA + CAL
    send(priya, cast, text, write=True)
    before = [count(database, model) for model in (Apprenticeship, Person, Employer, AuditEvent, Assignment)]
    preview = send(priya, cast, text).text
    assert "<b>2</b>already there" in preview
    assert "Nothing in this list needs to be written" in preview
    again = send(priya, cast, text, write=True).text
    assert "0 apprentices added, 0 changed, 2 there already" in again
    assert [count(database, m) for m in (Apprenticeship, Person, Employer, AuditEvent, Assignment)] == before


@pytest.mark.parametrize(
    ("head", "key"), [("uln", "9100000009"), ("ProviderRef", "L-9"), ("E-mail", "AMINA.ARCHER@example.org")]
)
def test_people_are_recognised_by_uln_reference_or_address(
    browser: Open, cast: Cast, session: Session, database: Database, head: str, key: str
) -> None:
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    at.uln, at.provider_reference = "9100000009", "L-9"
    commit(session)
    text = f"{head},planned_end,TotalPrice\n{key},2027-05-06,9000\n"
    preview = send(browser(cast.priya), cast, text).text
    assert "planned end: 6 April 2027 becomes 6 May 2027" in preview
    assert "Columns that are not read: TotalPrice" in preview
    assert "Change 1 apprentice" in preview
    send(browser(cast.priya), cast, text, write=True)
    with database.reading() as fresh:
        changed = fresh.get_one(Apprenticeship, at.id)
        assert changed.planned_gateway_on == date(2027, 5, 6)
        assert (changed.start_on, changed.uln) == (
            date(2025, 10, 6),
            "9100000009",
        )  # empty cells erase nothing


def test_an_account_keeps_its_name_and_address(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    session.get_one(Apprenticeship, cast.amina_at.id).uln = "9100000009"
    commit(session)
    text = "uln,name,email\n9100000009,Amina Anders,amina@new.example\n"
    preview = send(browser(cast.priya), cast, text).text
    assert "The account keeps the name Amina Archer." in preview
    assert "The account keeps the address amina.archer@example.org." in preview
    assert "<b>1</b>already there" in preview


BAD_ROWS = [
    ("Bea;Birch;;;2026-10-05;2028-04-05;Northside School;;;", "no e-mail address: whose is it?"),
    (
        "Bea;Birch;;9100000001;2026-10-05;2028-04-05;Northside School;;;",
        "Somebody new needs an e-mail address.",
    ),
    (";;bea@example.org;;;;;;;", "Somebody new needs a name."),
    ("Bea;Birch;bea@example.org;;;2028-04-05;Northside School;;;", "Somebody new needs a start date."),
    ("Bea;Birch;bea@example.org;;2026-10-05;;;;;", "Somebody new needs an employer."),
    ("Bea;Birch;bea@example.org;;2024-01-01;2028-04-05;X;;;", "open for starts from 16 October 2024"),
    ("Bea;Birch;bea@example.org;;2026-10-05;2026-10-05;X;;;", "must come after the start"),
    ("Bea;Birch;bea@example.org;;2026-10-05;2028-04-05;X;;mo@example.org;", "This mentor is new"),
    ("Bea;Birch;bea@example.org;;2026-10-05;2028-04-05;X;;bea@example.org;", "of their own apprenticeship"),
    (
        "Bea;Birch;bea@example.org;;2026-10-05;2028-04-05;X;;;marek.mason@example.org",
        "Invite them under People",
    ),
    (
        "Bea;Birch;bea@example.org;;2026-10-05;2028-04-05;X;;;nobody@example.org",
        "Nobody with the role of assessor",
    ),
    (
        "Bea;Birch;bea@example.org;;2026-10-05;2028-04-05;X;;;otto.owens@example.org",
        "Nobody with the role of assessor",
    ),
    ("Alex;Adair;alex.adair@example.org;;2026-10-05;2028-04-05;X;;;", "installation admin"),
    ('Bea;"Birch;bea@example.org;;;;;;;\nmore;and more', "quotation mark"),
]


@pytest.mark.parametrize(("line", "part"), BAD_ROWS)
def test_a_bad_row_is_named_and_the_good_ones_are_kept(
    browser: Open, cast: Cast, line: str, part: str
) -> None:
    preview = send(browser(cast.priya), cast, HEAD + CAL + line + "\n").text
    assert part in preview
    assert "<b>1</b>will be added" in preview
    assert 'data-label="Line" class="n">3<' in preview


def test_a_row_that_repeats_another_is_bad(browser: Open, cast: Cast) -> None:
    preview = send(browser(cast.priya), cast, HEAD + BEA + BEA.replace("bea@", "bee@")).text
    assert "Line 2 has the same “9100000001”" in preview
    assert "<b>1</b>will be added" in preview


def test_rows_for_another_standard_are_bad(browser: Open, cast: Cast) -> None:
    rows = [
        "a@example.org,ST9999,1.0", "b@example.org,ST1030,2.0", "amina.archer@example.org,st1030,v1.0",
    ]  # fmt: skip
    preview = send(browser(cast.priya), cast, "email,StdCode,version\n" + "\n".join(rows)).text
    assert "This row is for ST9999" in preview
    assert "This row is for version 2.0" in preview
    assert "<b>1</b>already there" in preview


def test_numbers_of_somebody_else_are_named(browser: Open, cast: Cast, session: Session) -> None:
    session.get_one(Apprenticeship, cast.amina_at.id).uln = "9100000001"
    bea = a_person(session, "Bea Birch", cast.provider, "apprentice")
    at = an_apprenticeship(session, bea, cast.cohort, cast.employer)
    at.provider_reference = "L-2"
    commit(session)
    text = "uln,reference,email\n9100000001,L-2,amina.archer@example.org\n"
    assert "This reference is recorded for Bea Birch" in send(browser(cast.priya), cast, text).text
    text = "uln,email\n9100000001,bea.birch@example.org\n"
    assert "This e-mail address is recorded for Bea Birch" in send(browser(cast.priya), cast, text).text


def test_a_number_of_another_provider_means_nobody_here(browser: Open, cast: Cast, session: Session) -> None:
    session.get_one(Apprenticeship, cast.other_at.id).uln = "9100000001"
    commit(session)
    preview = send(browser(cast.priya), cast, HEAD + BEA).text
    assert "<b>1</b>will be added" in preview
    assert "Olu" not in preview


def test_somebody_in_another_cohort_is_not_moved_by_a_list(
    browser: Open, cast: Cast, session: Session
) -> None:
    cohort = a_cohort(session, cast.provider, "January 2026")
    bea = a_person(session, "Bea Birch", cast.provider, "apprentice", email="bea@example.org")
    at = an_apprenticeship(session, bea, cohort, cast.employer)
    commit(session)
    assert "Bea Birch is in the cohort January 2026" in send(browser(cast.priya), cast, HEAD + BEA).text
    at.withdrawn_on, at.withdrawn_by_id = date(2026, 9, 1), cast.priya.id
    commit(session)
    assert "<b>1</b>will be added" in send(browser(cast.priya), cast, HEAD + BEA).text  # a new beginning
    same_start = BEA.replace("2026-10-05", "2025-10-06")
    assert "Bea Birch began on this day already" in send(browser(cast.priya), cast, HEAD + same_start).text


def test_what_the_gateway_rests_on_is_not_changed_by_a_list(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    a_locked_portfolio(session, cast)
    priya = browser(cast.priya)
    text = "email,planned_end\namina.archer@example.org,2027-05-06\n"
    assert "locked at the gateway" in send(priya, cast, text).text
    send(priya, cast, text, write=True)
    text = "email,uln\namina.archer@example.org,9100000001\n"
    assert "ULN: nothing becomes 9100000001" in send(priya, cast, text).text
    send(priya, cast, text, write=True)
    with database.reading() as fresh:
        at = fresh.get_one(Apprenticeship, cast.amina_at.id)
        assert (at.planned_gateway_on, at.uln) == (date(2027, 4, 6), "9100000001")


def test_a_start_is_not_moved_past_a_break(browser: Open, cast: Cast, session: Session) -> None:
    a_break(session, cast.amina_at, date(2026, 3, 2), ended_on=date(2026, 4, 1))
    commit(session)
    text = "email,start_date\namina.archer@example.org,2026-03-03\n"
    assert "Correct the break first" in send(browser(cast.priya), cast, text).text


def test_a_list_that_was_altered_after_the_check_is_shown_again(
    browser: Open, cast: Cast, database: Database
) -> None:
    fields = {"text": (None, HEAD + BEA + CAL), "do": (None, "write"), "checked": (None, mark_of(HEAD + BEA))}
    answer = browser(cast.priya).post(path(cast), files=fields)
    assert "was changed after it was checked" in answer.text
    assert count(database, Apprenticeship) == 2


def test_the_mark_survives_the_way_through_a_browser(browser: Open, cast: Cast, database: Database) -> None:
    """A text box gives back other line ends than it was given."""
    text = HEAD + BEA
    fields = {
        "text": (None, text.replace("\n", "\r\n")),
        "do": (None, "write"),
        "checked": (None, mark_of(text)),
    }
    assert "1 apprentice added" in browser(cast.priya).post(path(cast), files=fields).text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "nothing in the list yet"),
        ("   \n\n", "nothing in the list yet"),
        ("email,name", "no row"),
        ("first name,start\nBea,2026-10-05", "none of them"),
        ("email,E-Mail\na,b", "mean the same"),
        ("Amina Archer came by", "none of them"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_list_that_cannot_be_read_stays_typed(
    browser: Open, cast: Cast, text: str, part: str, htmx: bool
) -> None:
    answer = send(browser(cast.priya, htmx=htmx), cast, text)
    assert answer.status_code == 422
    assert part in answer.text
    assert text.strip().split("\n")[0] in answer.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_its_encoding(browser: Open, cast: Cast, encoding: str) -> None:
    data = (HEAD + BEA.replace("Bea", "Zoë")).encode(encoding)
    answer = browser(cast.priya).post(
        path(cast), data={"text": ""}, files={"file": ("list.csv", data, "text/csv")}
    )
    assert "<b>Zoë Birch</b>" in answer.text
    assert "bea@example.org" in answer.text


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"PK\x03\x04" + b"x" * 100, "Save as"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "Save as"),
        (b"x" * 2_000_001, "larger than 2 MB"),
        (b"", "nothing in the list yet"),
    ],
)
def test_a_file_that_is_no_list_is_refused(browser: Open, cast: Cast, data: bytes, part: str) -> None:
    answer = browser(cast.priya).post(path(cast), files={"file": ("list.xlsx", data)})
    assert answer.status_code == 422
    assert part in answer.text


def test_the_bad_rows_come_as_a_file_to_mend(browser: Open, cast: Cast) -> None:
    odd = "=cmd;Echo;echo@example.org;;soon;2028-04-05;Northside School;;;\n"
    answer = send(browser(cast.priya), cast, HEAD + BEA + BAD + odd, to="/bad-rows")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Line"] for row in rows] == ["3", "4"]
    assert "uln: A spreadsheet has shortened" in rows[0]["Reason"]
    assert rows[1]["given_names"] == "'=cmd"
    mended = answer.content.decode("utf-8-sig").replace("soon", "2026-10-05").replace("'=cmd", "Eve")
    assert "<b>1</b>will be added" in send(browser(cast.priya), cast, mended).text


def test_who_may_not_add_may_not_send_either(browser: Open, cast: Cast, database: Database) -> None:
    for to in ("", "/bad-rows"):
        assert send(browser(cast.noor), cast, HEAD + BEA, write=True, to=to).status_code == 404
        for insider in (cast.amina, cast.marek, cast.asha, cast.ines):
            assert send(browser(insider), cast, HEAD + BEA, write=True, to=to).status_code == 403
    assert count(database, Apprenticeship) == 2


def test_a_list_sent_after_the_session_ended_is_kept(browser: Open, cast: Cast, session: Session) -> None:
    priya = browser(cast.priya)
    for row in session.scalars(select(SignedInSession)):
        row.ended_at = NOW
    commit(session)
    assert send(priya, cast, HEAD + BEA).status_code == 303
    kept = session.scalars(select(KeptForm)).one()
    assert "bea@example.org" in str(kept.fields)


def a_long_list(rows: int, start: int = 0) -> str:
    lines = (
        f"Row{i};Person;row{i}@example.org;{9100000100 + i};2026-10-05;2028-04-05;Employer {i % 7};"
        f"Mentor {i % 5};mentor{i % 5}@example.org;asha.abbott@example.org;Lee Lane;01632 960333;lee@eastgate.example\n"
        for i in range(start, start + rows)
    )
    return HEAD + "".join(lines)


def test_the_preview_asks_as_often_for_many_rows_as_for_one(
    browser: Open, cast: Cast, database: Database
) -> None:
    priya = browser(cast.priya)
    send(priya, cast, a_long_list(2), write=True)
    with queries(database) as few:
        send(priya, cast, a_long_list(1))
    with queries(database) as many:
        assert "<b>398</b>will be added" in send(priya, cast, a_long_list(400)).text
    assert many.number == few.number


def test_five_hundred_rows_are_written_in_one_go(browser: Open, cast: Cast, database: Database) -> None:
    answer = send(browser(cast.priya), cast, a_long_list(500), write=True)
    assert "500 apprentices added, 0 changed, 7 employers new" in answer.text
    assert count(database, Apprenticeship) == 502
    with database.reading() as session:
        assert session.scalar(select(func.count(Assignment.id))) == 4 + 1000
    again = send(browser(cast.priya), cast, a_long_list(500), write=True).text
    assert "0 apprentices added, 0 changed, 500 there already" in again
