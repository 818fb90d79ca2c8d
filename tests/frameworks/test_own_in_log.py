"""A provider's own framework where learning is written down: the training log and the course catalogue."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.training.models import TrainingEntry
from tests.builders import NOW, Cast, commit
from tests.client import Browser
from tests.frameworks.own_steps import TITLE, an_own, edition
from tests.training.steps import entry_path, log_path, typed

Open = Callable[..., Browser]
OWN = "our-own-framework--1:everyone"


def test_an_entry_names_a_level_of_the_providers_own_framework(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    an_own(session, cast.provider, cast.priya)
    commit(session)
    page = browser(cast.amina)
    assert f'value="{OWN}"' in page.get(log_path(cast) + "/new").text
    assert page.post(log_path(cast), data=typed(level=OWN)).status_code == 303
    with database.reading() as fresh:
        (entry,) = fresh.scalars(select(TrainingEntry))
    assert (entry.framework_id, entry.level_id) == ("our-own-framework--1", "everyone")
    assert TITLE in page.get(entry_path(entry)).text
    assert TITLE in page.get(log_path(cast) + "/log.csv").text


def test_an_entry_keeps_a_level_of_an_edition_that_is_not_offered_any_more(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    an_own(session, cast.provider, cast.priya)
    commit(session)
    page = browser(cast.amina)
    page.post(log_path(cast), data=typed(level=OWN))
    an_own(session, cast.provider, cast.priya, edition("Second edition, 2027"), 2).added_at = NOW
    commit(session)
    assert f'value="{OWN}"' not in page.get(log_path(cast) + "/new").text
    with database.reading() as fresh:
        (entry,) = fresh.scalars(select(TrainingEntry))
    edit = entry_path(entry) + "/edit"
    assert f'value="{OWN}" selected' in page.get(edit).text
    assert page.post(edit, data=typed(level=OWN, what="Said otherwise.")).status_code == 303
    assert "First edition, 2026" in page.get(entry_path(entry)).text
    refused = page.post(log_path(cast), data=typed(level=OWN))
    assert refused.status_code == 422
    assert "Choose a level from the list." in refused.text


def test_another_providers_framework_is_neither_offered_nor_taken(
    browser: Open, session: Session, cast: Cast
) -> None:
    an_own(session, cast.other_provider, cast.noor)
    commit(session)
    page = browser(cast.amina)
    assert f'value="{OWN}"' not in page.get(log_path(cast) + "/new").text
    assert page.post(log_path(cast), data=typed(level=OWN)).status_code == 422
