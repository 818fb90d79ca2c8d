"""Fixtures over a real server process, for the folders whose tests need one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from portfolio.database import Database
from tests.serving.running import Running, environment, free_port, serving

Start = Callable[..., Running]


@pytest.fixture
def start(database: Database, tmp_path: Path) -> Iterator[Start]:
    """`start(form_limit_mb=1)`: a server process over this test's database and a folder, with these settings.
    `start("--processes", "2")` passes arguments. Started twice, the second shares database, store and secret."""
    shared: dict[str, object] = {}
    with ExitStack() as running:

        def start_one(*arguments: str, port: int = 0, **settings: object) -> Running:
            port = port or free_port()
            url = database.engine.url.render_as_string(hide_password=False)
            variables = environment(url, tmp_path, port, **(shared | settings))
            shared.setdefault("secret", variables["PORTFOLIO_SECRET"])
            return running.enter_context(serving(variables, tmp_path / "process", *arguments))

        yield start_one
