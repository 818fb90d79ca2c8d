"""The form that carries a framework: a small file, or the text of it that a preview carries along."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request

from portfolio.access import Permission
from portfolio.frameworks.own_file import FILE_LIMIT, TOO_LONG, Unreadable, decoded
from portfolio.frameworks.own_shape import Fault
from portfolio.people.guards import may_send
from portfolio.web.forms import Submitted, empty
from portfolio.web.one_file import Carried, Limits, carried

LIMITS = Limits(FILE_LIMIT, 3_000_000, TOO_LONG)


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


async def read(request: Request, provider_id: UUID) -> Sent:
    """Dependency: first parameter of its routes."""
    came = await carried(
        request, partial(may_send, request, provider_id, Permission.MANAGE_FRAMEWORKS), LIMITS
    )
    sent = _sent(came)
    request.state.typed = sent.form.typed
    return sent


def _sent(came: Carried) -> Sent:
    """Line ends as a form sends them back, so that the text of a preview is the text of the file. What stood in the box
    stays there if the file cannot be taken."""
    sent = Sent(came.typed("text"), do=came.typed("do"), checked=came.typed("checked"), name=came.name)
    if came.problem:
        sent.faults = [Fault("the file", came.problem)]
    elif came.content is not None:
        try:
            sent.text = decoded(came.content).replace("\r\n", "\n").replace("\r", "\n")
        except Unreadable as error:
            sent.faults = error.faults
    sent.form = Submitted(typed={"text": [sent.text]})
    return sent
