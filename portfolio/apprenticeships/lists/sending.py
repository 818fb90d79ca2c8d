"""The form that carries a list: pasted text, a small file, or the text that a preview carries along."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from portfolio.access import Permission
from portfolio.apprenticeships.lists.text import decode, tidy_lines
from portfolio.database import Database
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import signed_in
from portfolio.refusals import Refused, SignInNeeded
from portfolio.web.forms import Submitted, empty, read_fields
from portfolio.web.staged import Received, StagedFile
from portfolio.web.uploads import is_multipart, read_multipart

FILE_LIMIT = 2_000_000
TOTAL = 6_000_000
"""A file and a pasted list together, with room for what surrounds them."""


@dataclass
class Sent:
    """The list as text. `problem` says why there is none; `form` keeps what was typed."""

    text: str = ""
    problem: str = ""
    do: str = ""
    checked: str = ""
    form: Submitted[Any] = field(default_factory=empty)

    @property
    def was_checked(self) -> bool:
        """Whether this is letter by letter the list that a preview has shown."""
        return bool(self.checked) and self.checked == mark_of(self.text)


def mark_of(text: str) -> str:
    """Tells one list from another: the preview carries it, so that nothing is written that nobody has seen."""
    return hashlib.sha256(tidy_lines(text).encode()).hexdigest()


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
        NeedsInProvider(Permission.MANAGE_COHORTS)(provider_id, signed_in(request, session))


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
        try:
            sent.text = _text_of(file)
        except Refused as refusal:
            sent.problem = refusal.reason
    sent.text = tidy_lines(sent.text)
    sent.form = Submitted(typed={"text": [sent.text]})
    request.state.typed = {"text": [sent.text]}
    return sent


def _text_of(file: StagedFile) -> str:
    if file.path is None:
        raise Refused(
            "The file is larger than 2 MB. A list of people is smaller than that: save the cells alone, as CSV."
        )
    return decode(file.path.read_bytes())
