"""Houses: applications with settings of their own over this test's database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.settings import Settings
from tests.builders import Cast
from tests.preparation.steps import OpenHouse, houses


@pytest.fixture
def house(settings: Settings, database: Database, catalogue: Catalogue, cast: Cast) -> Iterator[OpenHouse]:
    with houses(settings, database, catalogue, cast) as open_house:
        yield open_house
