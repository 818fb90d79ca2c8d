"""The scripts of the image by themselves: the health of a worker, and what a container tidies up as it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from portfolio.database import Database
from portfolio.jobs.actions import enqueue
from portfolio.web.formats import utc_now
from tests.real import missing
from tests.serving.fixtures import Start
from tests.serving.fixtures import start as start
from tests.serving.running import ROOT, free_port


def health(port: int) -> tuple[int, str]:
    """As the compose file asks after its worker."""
    ended = subprocess.run(
        [sys.executable, "docker/health.py", f"http://127.0.0.1:{port}/metrics"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout


def test_a_worker_is_healthy_while_jobs_get_done_and_its_database_is_there(
    start: Start, database: Database
) -> None:
    port = free_port()
    assert health(port)[0] == 1
    start(metrics_port=port, background="separate")  # nobody does jobs: like a worker that hangs
    with database.writing() as session:
        enqueue(session, "test.waits", now=utc_now(), run_at=utc_now() - timedelta(minutes=14))
    assert health(port) == (0, "")
    with database.writing() as session:
        enqueue(session, "test.late", now=utc_now(), run_at=utc_now() - timedelta(minutes=16))
    assert health(port) == (1, "not ready: jobs are not being done\n")
    if database.is_sqlite:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE alembic_version RENAME TO elsewhere")
        said = ""
        while "database" not in said:  # an answer is given out again for a second
            code, said = health(port)
        assert (code, said) == (1, "not ready: the database cannot be used\n")


@pytest.mark.parametrize("first", [True, False])
def test_a_container_that_starts_again_empties_its_own_temporary_folder(tmp_path: Path, first: bool) -> None:
    """Only as the first process of a container: anywhere else the folder is others', too."""
    (tmp_path / "portfolio-backup-x").mkdir()
    (tmp_path / "portfolio-backup-x" / "whole").write_bytes(b"left by a killed process")
    alone = ["unshare", "--user", "--map-root-user", "--pid", "--fork"]
    if subprocess.run([*alone, "true"], capture_output=True, timeout=60).returncode:
        missing("a process that is the first of its own space (unshare)")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [*(alone if first else ()), "sh", "docker/entrypoint.sh", "--help"],
        cwd=ROOT,
        env={"PATH": path, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout
    assert [entry.name for entry in tmp_path.iterdir()] == ([] if first else ["portfolio-backup-x"])
