"""One server over data of its own, for tests that do not kill it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI

from kbs.catalogue import Catalogue
from tests.durability.places import application, data
from tests.durability.process import ServerProcess
from tests.durability.world import World, people_in


@dataclass
class Running:
    """A server process with people who are signed in, and the same application here to look at the rows."""

    server: ServerProcess
    world: World
    app: FastAPI
    staging: Path


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, catalogue: Catalogue
) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("running")
    with data(folder, request) as settings:
        settings |= {"PORTFOLIO_UPLOADS_PER_PERSON": "20", "PORTFOLIO_UPLOADS_AT_ONCE": "40"}
        staging = Path(settings.get("PORTFOLIO_S3_STAGING_FOLDER", folder / "files" / ".staging"))
        with application(settings, catalogue) as app:
            people = people_in(app.state.database)
            with ServerProcess(settings, folder / "server.log") as server:
                server.start()
                world = World(server.port, 11, people)
                world.sign_in()
                yield Running(server, world, app, staging)
                assert server.stop() == 0
