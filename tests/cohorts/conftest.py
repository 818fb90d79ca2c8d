"""The day on which the crowd is as its summaries say, and the crowd."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy.orm import Session

from tests.builders import NOW, Cast, an_employer, commit
from tests.cohorts.crowd import a_crowd


@pytest.fixture
def on_that_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def crowd(session: Session, cast: Cast, on_that_day: None) -> Cast:
    """Sixty more in the cohort beside Amina, at two employers."""
    a_crowd(session, cast.cohort, [cast.employer, an_employer(session, cast.provider, "City Housing")], 60)
    commit(session)
    return cast
