"""An employer's own list of words: who may write it, what is refused, and what the trail says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.findings.models import EmployerWords
from tests.builders import Cast
from tests.client import Browser

Open = Callable[..., Browser]


def address(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/employers/{cast.employer.id}/words"


def test_a_manager_writes_the_list_and_finds_it_again(browser: Open, cast: Cast, database: Database) -> None:
    priya = browser(cast.priya)
    typed = "Rowan House\n\n  Mill   Lane \nrowan house"
    for _ in range(2):
        answer = priya.post(address(cast), data={"words": typed})
        assert answer.status_code == 303
    assert "Rowan House\nMill Lane</textarea>" in priya.get(f"{address(cast)}?done=saved").text
    with database.reading() as session:
        (row,) = session.scalars(select(EmployerWords))
        assert (row.words, row.changed_by_id) == ("Rowan House\nMill Lane", cast.priya.id)
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "employer.words_set"))
        assert event.detail == {"words": 2}


def test_what_cannot_be_a_list_is_refused_with_everything_still_there(browser: Open, cast: Cast) -> None:
    answer = browser(cast.priya).post(address(cast), data={"words": "Rowan House\nof"})
    assert answer.status_code == 422
    assert "“of” is too short to look for" in answer.text
    assert "Rowan House\nof</textarea>" in answer.text


@pytest.mark.parametrize("who", ["amina", "marek", "asha", "ines", "noor", "otto"])
def test_nobody_else_may_see_or_change_it(browser: Open, cast: Cast, who: str) -> None:
    page = browser(getattr(cast, who))
    assert page.get(address(cast)).status_code in (403, 404)
    assert page.post(address(cast), data={"words": "x"}).status_code in (403, 404)


def test_an_employer_of_another_provider_has_no_list_here(browser: Open, cast: Cast) -> None:
    other = f"/providers/{cast.provider.id}/employers/{cast.other_employer.id}/words"
    assert browser(cast.priya).get(other).status_code == 404
    assert browser(cast.priya).post(other, data={"words": "Rowan House"}).status_code == 404
