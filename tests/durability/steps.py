"""Named steps on the way of an upload and of a decision, and what a test server does when it reaches one.

Nothing of this is in the product: the test's own server script puts these marks around its seams: the application,
the store, the database. `Trap` kills the process with SIGKILL when a step is reached for the nth time.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portfolio.objects import actions as objects
from storage.s3 import S3Store

UPLOAD = (
    "upload.body_begun",
    "upload.body_half",
    "upload.staged",
    "upload.reserved",
    "upload.object_written",
    "upload.object_named",
    "upload.object_stored",
    "upload.rows_written",
    "upload.committed",
    "upload.answered",
)
DECISION = ("decision.rows_written", "decision.committed", "decision.answered")
STEPS = UPLOAD + DECISION
"""In order: the body on its way, complete in staging, its key reserved, its bytes on disk or about to be sent, under
their own name, safe in the store, the rows written, committed, and the answer sent."""

_doing: ContextVar[str] = ContextVar("doing", default="")
Reached = Callable[[str], None]


class Trap:
    """Ends this process, as a power cut ends it for the operating system's users, at the nth time of one step."""

    def __init__(self, step: str, nth: int) -> None:
        self.step, self.left = step, nth
        self._lock = threading.Lock()

    def __call__(self, step: str) -> None:
        if step != self.step:
            return
        with self._lock:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def mark(app: FastAPI, reached: Reached) -> None:
    """Put the marks around this application's seams. Once per process."""

    def here(step: str) -> None:
        if doing := _doing.get():
            reached(f"{doing}.{step}")

    app.add_middleware(_Around, here=here)
    _around_reserving(here)
    _around_committing(app.state.database, here)
    _around_storing(app.state.store, here)


class _Around:
    """Outermost: what kind of request this is, how much of its body has come, and when its answer has left."""

    def __init__(self, app: ASGIApp, here: Reached) -> None:
        self.app, self.here = app, here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = _kind(scope)
        if not kind:
            await self.app(scope, receive, send)
            return
        _doing.set(kind)
        announced = int(dict(scope["headers"]).get(b"content-length", b"0"))
        came = 0

        async def marked_receive() -> Message:
            nonlocal came
            message = await receive()
            before, came = came, came + len(message.get("body", b""))
            if before == 0 < came:
                self.here("body_begun")
            if before < announced / 2 <= came:
                self.here("body_half")
            return message

        async def marked_send(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.here("answered")

        await self.app(scope, marked_receive, marked_send)


def _kind(scope: Scope) -> str:
    if scope["type"] != "http" or scope["method"] != "POST":
        return ""
    path = scope["path"]
    if path.endswith(("/evidence", "/edit")):
        return "upload"
    return "decision" if path.endswith("/review") else ""


def _around_reserving(here: Reached) -> None:
    reserve = objects.reserve

    def marked(*args: Any) -> None:
        here("staged")
        doing = _doing.get()
        _doing.set("")  # its commit is not the one that the step is named after
        reserve(*args)
        _doing.set(doing)
        here("reserved")

    objects.reserve = marked  # type: ignore[assignment]


def _around_committing(database: Any, here: Reached) -> None:
    commit = database.commit

    def marked(session: Any) -> None:
        session.flush()
        here("rows_written")
        commit(session)
        here("committed")

    database.commit = marked


def _around_storing(store: Any, here: Reached) -> None:
    adopt = store.adopt

    def marked(*args: Any, **more: Any) -> Any:
        stored = adopt(*args, **more)
        here("object_stored")
        return stored

    store.adopt = marked
    if isinstance(store, S3Store):
        events = store._client.meta.events
        for name in ("PutObject", "UploadPart"):
            events.register(f"before-send.s3.{name}", lambda **_: here("object_written"))
        for name in ("PutObject", "CompleteMultipartUpload"):
            events.register(f"after-call.s3.{name}", lambda **_: here("object_named"))
        return
    link = os.link

    def marked_link(*args: Any, **more: Any) -> None:
        here("object_written")
        link(*args, **more)
        here("object_named")

    os.link = marked_link
