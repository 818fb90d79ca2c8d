"""A form that carries a text: a small file, or the same text in a box, as a preview carries it along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from portfolio.refusals import SignInNeeded
from portfolio.web.forms import read_fields
from portfolio.web.staged import Received, too_large
from portfolio.web.uploads import is_multipart, read_multipart

FIELD = "file"


@dataclass(frozen=True)
class Limits:
    """Bytes of the file, and of the whole form: a file over its limit is still received, so that a sentence says so."""

    file: int
    total: int
    too_large: str
    """The sentence for a file over the limit: what is smaller than that, or what to do."""


@dataclass(frozen=True)
class Carried:
    """What came. `content` is None if no file was chosen, or if it was not taken: `problem` says why."""

    fields: Mapping[str, Sequence[str]]
    name: str = ""
    content: bytes | None = None
    problem: str = ""

    def typed(self, name: str) -> str:
        return (self.fields.get(name) or [""])[0]


async def carried(request: Request, may_send: Callable[[], object], limits: Limits) -> Carried:
    """Access first (`may_send` raises), in a thread and before the body is read. Nothing stays in the staging folder."""
    try:
        await run_in_threadpool(may_send)
    except SignInNeeded:
        request.state.typed = (await _receive(request, limits, keep=False)).fields
        raise
    received = await _receive(request, limits, keep=True)
    try:
        return await run_in_threadpool(_read, received, limits)
    finally:
        await run_in_threadpool(received.discard)


async def _receive(request: Request, limits: Limits, *, keep: bool) -> Received:
    if not is_multipart(request):
        return Received(fields=await read_fields(request))
    into = request.app.state.store.staging() if keep else None
    return await read_multipart(request, into=into, limit=limits.file, most=1, total=limits.total)


def _read(received: Received, limits: Limits) -> Carried:
    file = next((one for one in received.files if one.field == FIELD), None)
    if file is None:
        return Carried(received.fields)
    if file.path is None:
        over = file.problem == too_large(file.name, limits.file)
        return Carried(received.fields, file.name, problem=limits.too_large if over else file.problem)
    return Carried(received.fields, file.name, file.path.read_bytes())
