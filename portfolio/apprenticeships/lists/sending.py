"""The form that carries a list: pasted text, a small file, or the text that a preview carries along."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request

from portfolio.access import Permission
from portfolio.apprenticeships.lists.text import decode, tidy_lines
from portfolio.people.guards import may_send
from portfolio.refusals import Refused
from portfolio.web.forms import Submitted, empty
from portfolio.web.one_file import Carried, Limits, carried

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


def reads(permission: Permission, too_large: str) -> Callable[..., Awaitable[Sent]]:
    """Dependency: first parameter of its routes. Who has no `permission` sends no body; `too_large` is said of a file
    over the limit."""
    limits = Limits(FILE_LIMIT, TOTAL, too_large)

    async def read(request: Request, provider_id: UUID) -> Sent:
        came = await carried(request, partial(may_send, request, provider_id, permission), limits)
        sent = _sent(came)
        request.state.typed = sent.form.typed
        return sent

    return read


def _sent(came: Carried) -> Sent:
    sent = Sent(came.typed("text"), problem=came.problem, do=came.typed("do"), checked=came.typed("checked"))
    if came.content is not None:
        try:
            sent.text = decode(came.content)
        except Refused as refusal:
            sent.problem = refusal.reason
    sent.text = tidy_lines(sent.text)
    sent.form = Submitted(typed={"text": [sent.text]})
    return sent
