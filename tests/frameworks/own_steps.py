"""What the tests of a provider's own frameworks and of links do again and again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.frameworks.links_models import ConfirmedLink
from portfolio.frameworks.own_file import EXAMPLE
from portfolio.frameworks.own_forms import sha256_of
from portfolio.library.models import ProviderFramework
from tests.builders import NOW, Cast
from tests.client import Browser

TEXT = EXAMPLE.read_text(encoding="utf-8")
TITLE = "Safeguarding at our organisation"
MK = "mk-together-2020"
LINKED = "2-child-5"


def edition(name: str, text: str = TEXT) -> str:
    """The example as another edition."""
    return text.replace("edition: First edition, 2026", f"edition: {name}")


def under(cast: Cast, rest: str = "") -> str:
    return f"/providers/{cast.provider.id}/frameworks{rest}"


def send(page: Browser, address: str, text: str | bytes = TEXT, name: str = "our.yaml", **fields: str) -> Any:
    """The form of /add with a file in it."""
    content = text if isinstance(text, bytes) else text.encode()
    return page.post(address, data=fields, files={"file": (name, content)})


def confirm(page: Browser, address: str, text: str = TEXT) -> Any:
    """What the preview's button sends."""
    fields = {"text": text, "checked": sha256_of(text), "do": "write"}
    return page.post(address, data=fields, files={"file": ("", b"")})


def an_own(session: Session, provider: Any, by: Any, text: str = TEXT, number: int = 1) -> ProviderFramework:
    found = re.search(r"^edition: (.+)$", text, re.MULTILINE)
    row = ProviderFramework(
        provider_id=provider.id,
        file_id="our-own-framework",
        number=number,
        title=TITLE,
        edition=found[1] if found else "",
        content=text,
        sha256=sha256_of(text),
        added_by_id=by.id,
        added_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def a_link(
    session: Session, cast: Cast, code: str = "K7", outcome: str = "confirmed", **more: Any
) -> ConfirmedLink:
    values: dict[str, Any] = {
        "provider_id": cast.provider.id,
        "standard_reference": "ST1030",
        "standard_version": "1.0",
        "framework_id": MK,
        "competency_id": LINKED,
        "code": code,
        "outcome": outcome,
        "by_id": cast.asha.id,
        "at": NOW,
    } | more
    row = ConfirmedLink(**values)
    session.add(row)
    session.flush()
    return row


def editions(database: Database) -> Sequence[ProviderFramework]:
    with database.reading() as fresh:
        return fresh.scalars(select(ProviderFramework).order_by(ProviderFramework.id)).all()


def links(database: Database) -> Sequence[ConfirmedLink]:
    with database.reading() as fresh:
        return fresh.scalars(select(ConfirmedLink).order_by(ConfirmedLink.id)).all()
