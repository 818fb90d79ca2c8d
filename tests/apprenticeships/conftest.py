"""The clock of these tests stands at the moment of the builders: 2 November 2026, 09:30 UTC."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.builders import NOW


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield
