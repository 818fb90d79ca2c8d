"""Pages are asked on a fixed day, a fortnight after the rows of the builders were made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

ON = datetime(2026, 11, 18, 14, 5, tzinfo=UTC)
TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """18 November 2026, five past two in London; a test may move on."""
    with time_machine.travel(ON, tick=False) as traveller:
        yield traveller
