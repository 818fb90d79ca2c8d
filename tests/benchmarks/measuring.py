"""The stopwatch: the real application behind uvicorn on loopback, a plain HTTP client, and time spent in SQL."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI
from sqlalchemy import event, select
from starlette.responses import Response

from portfolio.database import Database, ReadSession
from portfolio.people.models import Person
from portfolio.people.sessions import cookie_name, start_session
from portfolio.web.formats import utc_now


@dataclass
class Spent:
    """Medians of one page: seconds in all, seconds of its own SQL, and how many statements it sends."""

    seconds: float
    in_sql: float
    statements: int


class SqlLog:
    """Writes down the statements that are sent, so that they can be asked again without the page around them."""

    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self.sent: list[tuple[str, Any]] = []
        event.listen(database.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.split(" ", 1)[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            self.sent.append((statement, parameters))

    def replay(self) -> Callable[[], None]:
        """A page's own SQL: its statements once more on a pooled connection in one transaction, rows fetched."""
        asked = list(self.sent)
        engine = self.engine.execution_options(portfolio_read=True)

        def again() -> None:
            with engine.connect() as connection:
                for statement, parameters in asked:
                    connection.exec_driver_sql(statement, parameters).fetchall()

        return again


class Client:
    """One kept-alive connection of somebody who is signed in."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}

    def get(self, path: str) -> bytes:
        return self._send("GET", path, None, 200)

    def post(self, path: str, fields: dict[str, str], expected: int = 303) -> bytes:
        return self._send("POST", path, urlencode(fields), expected)

    def _send(self, method: str, path: str, body: str | None, expected: int) -> bytes:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        self.connection.request(method, path, body, self.headers | kind)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status == expected, f"{method} {path} answered {answer.status}: {content[:300]!r}"
        return content

    def stream(self, path: str) -> tuple[float, float, int]:
        """Seconds to the first byte of the body, seconds in all, and bytes."""
        began = time.perf_counter()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, "", self.headers | kind)
        answer = self.connection.getresponse()
        assert answer.status == 200
        size = len(answer.read(1))
        first = time.perf_counter() - began
        while piece := answer.read(1 << 16):
            size += len(piece)
        return first, time.perf_counter() - began, size


class Bench:
    """The application being measured."""

    def __init__(self, app: FastAPI, port: int) -> None:
        self.app, self.port = app, port
        self.database: Database = app.state.database
        self.log = SqlLog(self.database)

    def client(self, person_id: Any) -> Client:
        with self.database.writing() as session:
            token = start_session(
                session, session.get_one(Person, person_id), device="benchmark", now=utc_now()
            )
        return Client(self.port, f"{cookie_name(self.app.state.settings)}={token}")

    def median(self, work: Callable[[], object], *, runs: int = 15, seconds: float = 20.0) -> float:
        """Median seconds of several runs after two to warm up; no more runs begin after so many seconds."""
        work()
        work()
        found: list[float] = []
        end = time.perf_counter() + seconds
        while len(found) < runs and (len(found) < 3 or time.perf_counter() < end):
            began = time.perf_counter()
            work()
            found.append(time.perf_counter() - began)
        return statistics.median(found)

    def page(self, client: Client, path: str, *, runs: int = 15) -> Spent:
        """What a page takes, and what its own SQL does."""
        client.get(path)
        self.log.sent.clear()
        client.get(path)
        sent, again = len(self.log.sent), self.log.replay()
        whole = self.median(lambda: client.get(path), runs=runs)
        return Spent(whole, self.median(again, runs=runs), sent)


def add_yardstick(app: FastAPI) -> None:
    """The request that only does `select 1`: same server, same middleware, same kind of session."""

    @app.get("/benchmark/select-1", name="benchmark.select_1")
    def select_1(session: ReadSession) -> Response:
        return Response(str(session.scalar(select(1))))


@contextmanager
def serving(app: FastAPI) -> Iterator[Bench]:
    """The application behind uvicorn in a thread of this process, on a free port of loopback."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=600,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Bench(app, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(10)
