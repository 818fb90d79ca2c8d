"""Figures for Prometheus and lines for the log, of a real process: complete, and nothing personal in them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from portfolio.database import Database
from tests.builders import Cast
from tests.evidence.steps import all_files, complete, pages_of
from tests.people.steps import PASSWORD, give_password
from tests.serving.fixtures import Start
from tests.serving.running import PATIENCE, ROOT, Running, client, environment, free_port, wait_until
from tests.serving.test_stop import workers_of

PERSONAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-|@|Amina|amina|notes|Northern")


def scrape(port: int) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every figure by name and labels, read by Prometheus' own reader."""
    text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    assert not PERSONAL.search(text), PERSONAL.search(text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figure(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    """The sum of all figures of this name that have these labels."""
    return sum(
        value for (one, has), value in found.items() if one == name and set(labels.items()) <= set(has)
    )


def a_day(running: Running, database: Database, cast: Cast) -> None:
    """Signing in, adding a piece with a file, reading it, and asking for what is not there."""
    with client(running) as browser:
        signed = browser.post("/sign-in", data={"email": cast.amina.email, "password": PASSWORD})
        browser.post("/sign-in", data={"email": cast.amina.email, "password": "something else"})
    with client(running, signed.headers["set-cookie"].partition(";")[0]) as browser:
        sent = browser.post(
            pages_of(cast.amina_at),
            data=complete(),
            files={"files": ("notes.txt", b"a line of it\n" * 1_000)},
        )
        assert sent.status_code == 303
        file = all_files(database)[0]
        browser.get(f"{pages_of(cast.amina_at)}/{file.evidence_id}/files/{file.id}")
        browser.get("/")
        browser.get("/amina.archer@example.org")
        browser.request("TRACE", "/")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_day_shows_in_the_figures_and_nobody_in_them(
    start: Start, database: Database, session: Session, cast: Cast, processes: int
) -> None:
    give_password(session, cast.amina)
    port = free_port()
    running = start(metrics_port=port, processes=processes)
    a_day(running, database, cast)
    wait_until(lambda: figure(scrape(port), "portfolio_jobs_total", outcome="done") > 0, "a job is done")
    found = scrape(port)
    create = "/apprenticeships/{apprenticeship_id}/evidence"
    assert figure(found, "portfolio_requests_total", route=create, method="POST", status="303") == 1
    assert figure(found, "portfolio_requests_total", route="/sign-in", method="POST", status="422") == 1
    assert figure(found, "portfolio_requests_total", route="-", status="404") == 1
    assert figure(found, "portfolio_request_seconds_count", route=create) == 1
    assert figure(found, "portfolio_upload_bytes_total") == 13_000
    assert figure(found, "portfolio_uploads_in_flight") == 0
    assert figure(found, "portfolio_ready", part="database") == 1
    assert figure(found, "portfolio_ready", part="store") == 1
    assert figure(found, "portfolio_jobs_dead") == 0
    assert ("portfolio_database_connections_in_use", frozenset()) in found
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"http://127.0.0.2:{port}/metrics", timeout=5)  # bound to one address only
    with client(running) as browser:
        assert browser.get("/metrics").status_code == 404
    if processes == 2:
        os.kill(workers_of(running)[0], signal.SIGKILL)
        wait_until(lambda: "serving.process_ended" in running.said.read_text(), "it is noticed")
        assert figure(scrape(port), "portfolio_requests_total", route=create, status="303") == 1


def test_every_line_is_json_from_the_start_to_the_stop_and_when_something_breaks(
    start: Start, database: Database, session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    running = start(processes=2)
    a_day(running, database, cast)
    with client(running) as browser:
        forged = browser.get("/sign-in", headers={"X-Request-Id": "forged-by-a-client"})
        assert forged.headers["x-request-id"] != "forged-by-a-client"
        with database.engine.begin() as connection:  # a fault of ours: a table is gone
            if database.is_sqlite:
                connection.exec_driver_sql("DROP TABLE sign_in_count")
        broken = browser.post("/sign-in", data={"email": cast.amina.email, "password": PASSWORD})
    assert running.stop() == 0
    lines = [json.loads(line) for line in running.log]
    assert {"serving.listening", "serving.process_started", "request", "jobs.done"} <= {
        line["event"] for line in lines
    }
    if database.is_sqlite:
        assert broken.status_code >= 500
        assert [line for line in lines if line["level"] == "error" and line.get("where")]
    assert "forged-by-a-client" not in running.said.read_text()
    assert not re.search(r"@|Amina|amina|notes\.txt", running.said.read_text())
    done = next(line for line in lines if line["event"] == "jobs.done")
    assert done["job"]
    ids = [line["request"] for line in lines if line["event"] == "request"]
    assert len(set(ids)) == len(ids) > 5


def test_a_port_that_is_taken_is_said_in_one_line(
    start: Start, database: Database, cast: Cast, tmp_path: Path
) -> None:
    running = start()
    url = database.engine.url.render_as_string(hide_password=False)
    for more in ({}, {"processes": 2}):
        ended = subprocess.run(
            [sys.executable, "-m", "portfolio", "serve"],
            cwd=ROOT,
            env=environment(url, tmp_path, running.port, **more),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert ended.returncode == 1
        assert ended.stderr == f"127.0.0.1 port {running.port} cannot be used: Address already in use.\n"
