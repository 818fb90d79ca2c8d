"""The note on wellbeing is its owner's alone: nobody else's page, file, search or trail holds a word of it, and no
query that is made for anybody else so much as names it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import inspect, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.development.models import Supervision
from portfolio.people.models import Member
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.development.steps import WELLBEING, a_supervision, path, typed_supervision
from tests.test_architecture import routes
from tests.training.steps import LATER

Open = Callable[..., Browser]
WORD = "Sleeping badly"
"""A part of the note which stands nowhere else."""


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def addresses(app: FastAPI, cast: Cast, supervision: Supervision) -> Iterator[tuple[str, str]]:
    """Every page and file that is read, as far as these ids lead to it; files of cohorts are taken with POST."""
    gaps = {
        "apprenticeship_id": cast.amina_at.id,
        "supervision_id": supervision.id,
        "provider_id": cast.provider.id,
        "cohort_id": cast.cohort.id,
        "employer_id": cast.employer.id,
        "person_id": cast.amina.id,
        "code": "K28",
        "subject": "english",
    }
    for route in routes(app):
        method = "GET" if "GET" in route.methods else "POST" if "export" in route.name else ""
        known = all(gap in gaps for gap in re.findall(r"{([^}]+)}", route.path))
        if method and known:
            yield method, route.path.format_map(gaps)


def words(content: bytes) -> str:
    """What a page or a file says; a workbook is unpacked."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return "".join(file.read(name).decode(errors="replace") for name in file.namelist())


@pytest.mark.parametrize("who", ["marek", "asha", "ines", "priya", "noor", "olu", "admin"])
def test_nobody_elses_page_or_file_holds_it_and_no_query_of_theirs_names_it(
    app: FastAPI, browser: Open, session: Session, database: Database, cast: Cast, who: str
) -> None:
    amina = browser(cast.amina)
    supervision = a_supervision(session, cast.amina_at)
    commit(session)
    amina.post(f"{path(cast, 'supervision')}/{supervision.id}/evidence", data={"claim": ["K28"]})
    amina.post(f"{path(cast, 'supervision')}/{supervision.id}/edit", data=typed_supervision(taken="Else."))
    page = browser(getattr(cast, who))
    found = 0
    with queries(database) as made:
        for method, address in addresses(app, cast, supervision):
            answer = page.request(method, address)
            assert WORD not in words(answer.content), address
            found += answer.status_code == 200
    assert found >= 5, "too few pages were looked at"
    assert [one for one in made.statements if "wellbeing" in one] == []


def test_its_owner_reads_and_changes_it(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    supervision = a_supervision(session, cast.amina_at)
    commit(session)
    page, address = browser(cast.amina), f"{path(cast, 'supervision')}/{supervision.id}"
    assert WELLBEING in page.get(address).text
    assert "Only you see this" in page.get(address).text
    assert WELLBEING not in page.get(path(cast, "supervision")).text, "on no list"
    assert page.post(address + "/edit", data=typed_supervision(wellbeing="Better.")).status_code == 303
    assert "Better." in page.get(address).text


def test_an_apprentice_who_manages_besides_reads_no_other_apprentices_note(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    session.add(
        Member(provider_id=cast.other_provider.id, person_id=cast.amina.id, role="manager", created_at=LATER)
    )
    other = a_supervision(session, cast.other_at)
    commit(session)
    answer = browser(cast.amina).get(f"/apprenticeships/{cast.other_at.id}/supervision/{other.id}")
    assert (answer.status_code, WORD in answer.text) == (403, False)


def test_the_trail_names_the_day_and_no_word(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    page = browser(cast.amina)
    page.post(path(cast, "supervision"), data=typed_supervision())
    with database.reading() as fresh:
        (event,) = fresh.scalars(select(AuditEvent).where(AuditEvent.action == "supervision.entered"))
        assert event.detail == {"day": "2026-11-02"}


def test_reading_it_in_passing_is_an_error(session: Session, database: Database, cast: Cast) -> None:
    a_supervision(session, cast.amina_at)
    commit(session)
    with database.reading() as fresh:
        (row,) = fresh.scalars(select(Supervision))
        assert "wellbeing" in inspect(row).unloaded
        with pytest.raises(InvalidRequestError):
            _ = row.wellbeing
