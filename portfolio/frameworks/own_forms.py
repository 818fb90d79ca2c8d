"""The form that carries a framework: a small file, or the text of it that a preview carries along."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from portfolio.access import Permission
from portfolio.database import Database
from portfolio.frameworks.own_file import FILE_LIMIT, Unreadable, decoded
from portfolio.frameworks.own_shape import Fault
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import signed_in
from portfolio.refusals import SignInNeeded
from portfolio.web.forms import Submitted, empty, read_fields
from portfolio.web.staged import Received, StagedFile
from portfolio.web.uploads import is_multipart, read_multipart

TOTAL = 3_000_000
"""A file that is too long is still received, so that the sentence says so."""
TOO_LARGE = Fault("the file", "it is longer than 200 KB; no framework needs that")


@dataclass
class Sent:
    """A framework as text. `faults` say why nothing can be read from it."""

    text: str = ""
    do: str = ""
    checked: str = ""
    name: str = ""
    """Of the file, if one was chosen."""
    faults: list[Fault] = field(default_factory=list)
    form: Submitted[Any] = field(default_factory=empty)

    @property
    def was_checked(self) -> bool:
        """Whether this is letter by letter the text that a preview has shown."""
        return bool(self.checked) and self.checked == sha256_of(self.text)


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


async def read(request: Request, provider_id: UUID) -> AsyncIterator[Sent]:
    """Dependency: first parameter of its routes. Access is checked in a short transaction before the body."""
    try:
        await run_in_threadpool(_may_send, request, provider_id)
    except SignInNeeded:
        request.state.typed = (await _receive(request, keep=False)).fields
        raise
    received = await _receive(request, keep=True)
    try:
        yield await run_in_threadpool(_sent, request, received)
    finally:
        await run_in_threadpool(received.discard)


def _may_send(request: Request, provider_id: UUID) -> None:
    database: Database = request.app.state.database
    with database.session(write=False) as session:
        NeedsInProvider(Permission.MANAGE_FRAMEWORKS)(provider_id, signed_in(request, session))


async def _receive(request: Request, *, keep: bool) -> Received:
    if not is_multipart(request):
        return Received(fields=await read_fields(request))
    into = request.app.state.store.staging() if keep else None
    return await read_multipart(request, into=into, limit=FILE_LIMIT, most=1, total=TOTAL)


def _sent(request: Request, received: Received) -> Sent:
    def typed(name: str) -> str:
        return (received.fields.get(name) or [""])[0]

    sent = Sent(typed("text"), do=typed("do"), checked=typed("checked"))
    file = next((one for one in received.files if one.field == "file"), None)
    if file is not None:
        sent.name = file.name
        try:
            sent.text = _text_of(file)
        except Unreadable as error:
            sent.text, sent.faults = "", error.faults
    sent.form = Submitted(typed={"text": [sent.text]})
    request.state.typed = {"text": [sent.text]}
    return sent


def _text_of(file: StagedFile) -> str:
    """Line ends as a form sends them back, so that the text of a preview is the text of the file."""
    if file.path is None:
        raise Unreadable([TOO_LARGE])
    return decoded(file.path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")
