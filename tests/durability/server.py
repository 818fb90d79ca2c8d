"""A server to be killed: `python -m tests.durability.server`, with the settings in its environment.

It imports everything and makes the application once; for each order on its standard input it forks a child that
serves for real, with the product's own server, until it is killed. A new start so costs a fork instead of seconds.

    {"do": "start", "step": "upload.reserved", "nth": 1}   →   {"pid": 4711}
    {"do": "wait", "pid": 4711}                            →   {"ended": -9}

With `mistake` the child makes one, which the tests must find out: "no_fsync" (of files and folders), "no_sync" (of
the database), "early" (answers before anything is done), "late" (stores what the rows name a little later).
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event
from starlette.types import ASGIApp, Receive, Scope, Send

from portfolio import server
from portfolio.app import create_app
from portfolio.settings import Settings
from storage.store import StoredObject
from tests.durability.steps import Trap, mark


def main() -> int:
    settings = Settings()
    app = create_app(settings)
    gc.freeze()
    _say(ready=os.getpid())
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "start":
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                _serve(app, settings, order)
            _say(pid=child)
        else:
            _, status = os.waitpid(order["pid"], 0)
            _say(ended=os.waitstatus_to_exitcode(status))
    return 0


def _serve(app: FastAPI, settings: Settings, order: dict[str, Any]) -> None:
    """In the child; never returns."""
    code = 1
    try:
        with Path(os.devnull).open("r+b") as nothing:
            os.dup2(nothing.fileno(), 0)
            os.dup2(nothing.fileno(), 1)
        MISTAKES[order.get("mistake", "")](app)
        if order.get("step"):
            mark(app, Trap(order["step"], order["nth"]))
        code = server.run_server(app, settings.host, settings.port)
    finally:
        os._exit(code)


class AnswersEarly:
    """The mistake that must not go unnoticed: says "saved" once the body is there, and saves afterwards."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith("/evidence"):
            await self.app(scope, receive, send)
            return
        body, more = [], True
        while more:
            message = await receive()
            body.append(message)
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", b"/")]})
        await send({"type": "http.response.body", "body": b""})
        body.reverse()

        async def again() -> Any:
            return body.pop() if body else {"type": "http.disconnect"}

        async def nowhere(_message: Any) -> None: ...

        await self.app(scope, again, nowhere)


def _store_late(app: FastAPI) -> None:
    adopt = app.state.store.adopt

    def late(key: str, path: Path, *more: Any) -> Any:
        kept = path.rename(path.with_name(f"{path.name}.late"))
        threading.Timer(2, adopt, (key, kept)).start()
        return StoredObject(key, kept.stat().st_size)

    app.state.store.adopt = late


def _never_sync(app: FastAPI) -> None:
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(app.state.database.engine, "connect", prepare)


def _no_fsync(_app: FastAPI) -> None:
    os.fsync = lambda fd: None


MISTAKES: dict[str, Callable[[FastAPI], object]] = {
    "": lambda _app: None,
    "no_fsync": _no_fsync,
    "no_sync": _never_sync,
    "early": lambda app: app.add_middleware(AnswersEarly),
    "late": _store_late,
}


def _say(**words: int) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    sys.exit(main())
