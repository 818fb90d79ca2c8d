"""The database of the compose file has room for everything that connects to it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from portfolio.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OTHERS = 10
"""`migrate`, a backup, and what PostgreSQL keeps free for its administrator."""


def test_max_connections_are_enough_for_the_processes_and_the_worker() -> None:
    made = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    processes = int(re.findall(r":-(\d+)}", made["x-settings"]["PORTFOLIO_PROCESSES"])[0])
    fields = Settings.model_fields
    each = fields["database_pool"].default + fields["database_pool_overflow"].default
    command = made["services"]["database"]["command"]
    assert command[:2] == ["postgres", "-c"]
    assert int(command[2].removeprefix("max_connections=")) >= (processes + 1) * each + OTHERS


def test_readme_reckons_with_the_same_numbers() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    fields = Settings.model_fields
    each = fields["database_pool"].default + fields["database_pool_overflow"].default
    assert f"at least {each} (the two `database_pool` settings)" in readme
    assert f"{5 * each + OTHERS} for `serve --processes 4` and a worker" in readme
