"""What the tests of every writing form send, and the apprenticeship that they send it to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, Assignment, BreakInLearning
from portfolio.assessment.models import Decision
from portfolio.evidence.models import Evidence
from portfolio.gateway.models import Declaration, GatewayLock, UnlockRequest
from tests.builders import NOW, Cast, a_draft, a_submitted, latest_version
from tests.client import Browser
from tests.gateway.steps import everything_but_declarations, give_passwords

KEY = "k" * 32


@dataclass
class World:
    """Amina's apprenticeship, in place but for the provider's declaration, with one of everything around it."""

    session: Session
    cast: Cast
    decided: Evidence
    decision: Decision
    draft: Evidence
    draft_version_id: UUID
    waiting: Evidence
    break_: BreakInLearning
    assignment: Assignment
    at: Apprenticeship
    event_id: str = ""
    upload_id: UUID | None = None
    file_id: UUID | None = None
    entry_id: UUID | None = None
    entry_sha256: str = ""
    link_id: UUID | None = None
    record_id: UUID | None = None

    def lock(self) -> None:
        """A standing lock with a request to open it and a first step of the assessment."""
        common = {"provider_id": self.at.provider_id, "apprenticeship_id": self.at.id}
        lock = GatewayLock(
            **common,
            round=1,
            check_text="{}",
            portfolio_sha256="0" * 64,
            locked_by_id=self.cast.priya.id,
            locked_at=NOW,
        )
        self.session.add(lock)
        self.session.flush()

    def ask(self, lock: GatewayLock) -> None:
        """Ines asks for the lock to be opened."""
        self.session.add(
            UnlockRequest(
                provider_id=self.at.provider_id,
                apprenticeship_id=self.at.id,
                lock_id=lock.id,
                reason="One file is the wrong one.",
                asked_by_id=self.cast.ines.id,
                asked_at=NOW,
            )
        )
        self.session.flush()


def a_world(session: Session, cast: Cast, catalogue: Catalogue) -> World:
    give_passwords(session, cast.amina, cast.marek, cast.asha, cast.ines, cast.priya)
    decided = everything_but_declarations(session, cast, catalogue)
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    common = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    for party, person in (("apprentice", cast.amina), ("employer", cast.marek)):
        session.add(Declaration(**common, party=party, text="Ready.", signed_by_id=person.id, signed_at=NOW))
    break_ = BreakInLearning(
        **common,
        began_on=date(2026, 2, 2),
        ended_on=date(2026, 2, 9),
        recorded_by_id=cast.priya.id,
        recorded_at=NOW,
    )
    session.add(break_)
    session.flush()
    draft = a_draft(session, at, "K2", title="A draft")
    return World(
        session=session,
        cast=cast,
        decided=decided,
        decision=session.query(Decision).filter_by(item_code="K1").one(),
        draft=draft,
        draft_version_id=latest_version(session, draft.id).id,
        waiting=a_submitted(session, at, "K3", title="With the assessor"),
        break_=break_,
        assignment=session.query(Assignment).filter_by(apprenticeship_id=at.id, role="mentor").one(),
        at=at,
    )


@dataclass(frozen=True)
class Send:
    """`who` sends `data` to `path` (below the apprenticeship). `read`: a page whose hidden fields go along."""

    who: str
    path: Callable[[World], str]
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    prepare: Callable[[World], None] = lambda world: None
    read: Callable[[World], str] | None = None
    files: tuple[tuple[str, tuple[str, bytes]], ...] = ()
    raw: bytes = b""
    """The body itself, where no form is sent: its SHA-256 goes along."""

    def post(self, browser: Browser, address: str, data: dict[str, Any]) -> Any:
        if self.raw:
            headers = {"X-Chunk-SHA256": hashlib.sha256(self.raw).hexdigest()}
            return browser.post(address, content=self.raw, headers=headers)
        return browser.post(address, data=data, files=list(self.files) or None)

    def hidden(self, browser: Browser, world: World) -> dict[str, str]:
        """What the page of the form sends along by itself."""
        if self.read is None:
            return {}
        text = browser.get(f"/apprenticeships/{world.at.id}{self.read(world)}").text
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text)
        assert found, "the page of the form has no hidden fields"
        return dict(found)
