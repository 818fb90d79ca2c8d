"""A server process of its own for each bad day, with Amina and Asha signed in and one piece that is confirmed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from portfolio.database import Database
from portfolio.jobs.models import Job
from portfolio.people.models import Person
from tests.bad_day.fault_proxy import FaultProxy
from tests.builders import Cast
from tests.evidence.steps import all_files, complete, newest, pages_of, piece_id, send
from tests.s3 import S3Server
from tests.serving.running import Running, client, environment, free_port, serving, session_for

Serve = Callable[..., "Place"]
TEXT = b"What I saw on that day, written down the same evening.\n" * 60


@dataclass
class Place:
    """A server process, and what its people do with it."""

    running: Running
    database: Database
    cast: Cast
    amina: httpx2.Client
    asha: httpx2.Client

    @property
    def pages(self) -> str:
        return pages_of(self.cast.amina_at)

    def sends(self, title: str, *files: tuple[str, bytes], action: str = "submit", **more: Any) -> Any:
        """Amina sends the form to add a piece."""
        return send(self.amina, self.pages, complete(title=title, action=action, **more), *files)

    def confirmed(self, title: str, *files: tuple[str, bytes]) -> Confirmed:
        """A piece with one file that the product said it has."""
        answer = self.sends(title, *files)
        assert answer.status_code == 303, answer.text
        evidence_id = piece_id(answer)
        (attachment,) = newest(self.database, evidence_id).attachments
        return Confirmed(title, files[0][1], f"{self.pages}/{evidence_id}", str(attachment.file_id))

    def still_has(self, confirmed: Confirmed) -> None:
        """What was confirmed is all there: the piece on its page, and its file byte for byte."""
        assert confirmed.title in self.amina.get(confirmed.page).text
        answer = self.amina.get(confirmed.file)
        assert answer.status_code == 200
        assert answer.content == confirmed.data

    def has_no_job_due(self) -> bool:
        """Nobody works in the background just now: what a job reads or has on disk is not in the way of a test."""
        with self.database.reading() as session:
            due = select(Job.id).where(
                Job.done_at.is_(None), Job.dead_at.is_(None), Job.run_at <= datetime.now(UTC)
            )
            return session.scalar(due) is None

    def stored_names(self) -> list[str]:
        return [file.name for file in all_files(self.database)]

    def log_with(self, event: str) -> list[str]:
        return [line for line in self.running.log if f'"event": "{event}"' in line]


@dataclass(frozen=True)
class Confirmed:
    title: str
    data: bytes
    page: str
    file_id: str

    @property
    def file(self) -> str:
        return f"{self.page}/files/{self.file_id}"


@pytest.fixture
def serve(database: Database, cast: Cast, tmp_path: Path) -> Iterator[Serve]:
    """`serve(smtp_host=…)`: a server process over this test's database, with these settings."""
    with ExitStack() as stack:

        def start(
            *, people: tuple[Person, Person] | None = None, over: Database = database, **settings: Any
        ) -> Place:
            url = settings.pop("database_url", over.engine.url.render_as_string(hide_password=False))
            amina, asha = people or (cast.amina, cast.asha)
            cookies = [session_for(over, person) for person in (amina, asha)]
            variables = environment(url, tmp_path, free_port(), **settings)
            running = stack.enter_context(serving(variables, tmp_path))
            clients = [stack.enter_context(client(running, cookie)) for cookie in cookies]
            return Place(running, database, cast, clients[0], clients[1])

        yield start


@pytest.fixture(scope="session")
def bucket(s3_server: S3Server) -> str:
    return s3_server.new_bucket()


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    with FaultProxy(s3_server.endpoint) as proxy:
        yield proxy


@pytest.fixture
def on_s3(s3_server: S3Server, proxy: FaultProxy, bucket: str) -> dict[str, Any]:
    """Settings of a server whose store is a real S3 server behind the proxy, and whose patience is short."""
    return {
        "storage_url": f"s3://{bucket}/{secrets.token_hex(4)}",
        "s3_endpoint": proxy.endpoint,
        "s3_access_key": s3_server.access_key,
        "s3_secret_key": s3_server.secret_key,
        "s3_connect_timeout_seconds": 1,
        "s3_read_timeout_seconds": 1,
        "s3_attempts": 2,
    }
