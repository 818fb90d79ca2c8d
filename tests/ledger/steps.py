"""Honest histories of every kind of row, and a hand that reaches past the product into the database."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from portfolio.apprenticeships.models import Apprenticeship, WithdrawalEvent
from portfolio.assessment.models import Decision, SignOff, SignOffPiece
from portfolio.audit import actions as audit
from portfolio.database import Database, new_id
from portfolio.evidence.models import Evidence, EvidenceFile, VersionFile
from portfolio.gateway.models import AssessmentEvent, Declaration, GatewayLock, GatewayUnlock, UnlockRequest
from portfolio.ledger.chain import Head
from portfolio.ledger.checking import find
from portfolio.ledger.faults import Fault, Name
from portfolio.ledger.models import LedgerEntry
from portfolio.people.models import Person
from portfolio.sightings.models import Sighting
from tests.assessment.steps import a_testimony
from tests.builders import NOW, Cast, a_draft, claims_of, commit, latest_version
from tests.postgres import TEST_DATABASE_URL
from tests.training.steps import an_answer, an_entry

ITEMS = ("K1", "K2", "S1", "S7", "B3", "D8")
SECRET = "Child A told Rowan about the stairwell"
"""In every text that somebody writes here: it must be found in no entry and in no export."""


@dataclass
class Player:
    """One apprenticeship with the people around it, and what was done so far. Each step is committed."""

    session: Session
    at: Apprenticeship
    author: Person
    witness: Person
    assessor: Person
    manager: Person
    number: int = 0
    pieces: list[Evidence] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    sign_offs: list[SignOff] = field(default_factory=list)
    lock: GatewayLock | None = None
    round: int = 1
    written: dict[str, Any] = field(default_factory=dict)
    """What every piece says otherwise than the builder's."""

    @property
    def of(self) -> dict[str, Any]:
        return {"provider_id": self.at.provider_id, "apprenticeship_id": self.at.id}

    def key(self) -> str:
        return new_id().hex

    def submit(self) -> None:
        self.number += 1
        item = ITEMS[self.number % len(ITEMS)]
        piece = a_draft(
            self.session, self.at, item, "K31", **{"title": f"{SECRET} {self.number}"} | self.written
        )
        version = latest_version(self.session, piece.id)
        for position in range(self.number % 3):
            file = EvidenceFile(
                **self.of,
                evidence_id=piece.id,
                storage_key=self.key(),
                name=f"{SECRET}.jpg",
                kind="jpeg",
                size=1000 + position,
                sha256_received=new_id().hex * 2,
                sha256_stored=new_id().hex * 2,
                uploaded_at=NOW,
                uploaded_by_id=self.author.id,
            )
            self.session.add(file)
            self.session.flush()
            self.session.add(
                VersionFile(**self.of, version_id=version.id, file_id=file.id, position=position)
            )
        self.session.flush()
        version.submitted_at = NOW
        piece.state = "submitted"
        self.pieces.append(piece)
        commit(self.session)

    def decide(self, outcome: str = "partly") -> None:
        piece = self._piece()
        version = latest_version(self.session, piece.id)
        claim = next(iter(claims_of(self.session, version).values()))
        self._decide(piece, claim.id, version.id, claim.item_code, outcome)

    def _decide(
        self, piece: Evidence, claim: UUID, version: UUID, code: str, outcome: str, **more: Any
    ) -> None:
        row = Decision(
            **self.of,
            evidence_id=piece.id,
            version_id=version,
            claim_id=claim,
            item_code=code,
            outcome=outcome,
            **dict.fromkeys(("valid", "authentic", "current", "reliable"), True),
            sufficient=outcome == "covered",
            missing="" if outcome == "covered" else SECRET,
            decided_by_id=self.assessor.id,
            decided_at=NOW + timedelta(minutes=self.number),
            form_key=self.key(),
            **more,
        )
        self.session.add(row)
        self.session.flush()
        self.decisions.append(row)
        if outcome == "covered":
            self._sign_off(row.item_code, "signed_off", "decision", decision_id=row.id)
        commit(self.session)

    def cover(self) -> None:
        self.decide("covered")

    def supersede(self) -> None:
        if not self.decisions:
            return self.decide()
        old = self.decisions.pop()
        more = {"supersedes_id": old.id, "reason": SECRET}
        piece = self.session.get_one(Evidence, old.evidence_id)
        return self._decide(piece, old.claim_id, old.version_id, old.item_code, "not_yet", **more)

    def _sign_off(self, code: str, kind: str, basis: str, **more: Any) -> SignOff:
        row = SignOff(
            **self.of,
            item_code=code,
            kind=kind,
            basis=basis,
            signed_by_id=self.assessor.id,
            signed_at=NOW,
            form_key=self.key(),
            **more,
        )
        self.session.add(row)
        self.session.flush()
        self.sign_offs.append(row)
        return row

    def sign_off(self) -> None:
        pieces = (self._piece(), *self.pieces[:1])
        row = self._sign_off("S1", "signed_off", "several_pieces", reason=SECRET)
        for piece in pieces:
            version = latest_version(self.session, piece.id)
            self.session.add(SignOffPiece(**self.of, sign_off_id=row.id, version_id=version.id))
        commit(self.session)

    def take_back_sign_off(self) -> None:
        self._sign_off("S1", "withdrawn", "several_pieces", reason=SECRET)
        commit(self.session)

    def testify(self) -> None:
        row = a_testimony(self.session, self._piece(), self.witness)
        assert row.statement
        commit(self.session)

    def see_original(self) -> None:
        self.submit()
        version = latest_version(self.session, self.pieces[-1].id)
        self._add(
            Sighting, evidence_id=version.evidence_id, version_id=version.id, version_number=version.number,
            version_sha256="7" * 64, signed_by_id=self.witness.id, role="mentor", seen_on=NOW.date(),
            seen_where=SECRET, statement=SECRET, signed_at=NOW,
        )  # fmt: skip

    def withdraw_piece(self) -> None:
        piece = self._piece(withdraw=True)
        piece.state, piece.withdrawn_reason = "withdrawn", SECRET
        audit.record(
            self.session, "evidence.withdrawn", by=self.author.id, now=NOW, record="evidence",
            record_id=piece.id, provider_id=piece.provider_id, apprenticeship_id=self.at.id,
        )  # fmt: skip
        commit(self.session)

    def gateway(self) -> None:
        """Declared, locked, asked to unlock, unlocked: each a commit of its own."""
        for party, person in (
            ("apprentice", self.author),
            ("employer", self.witness),
            ("provider", self.assessor),
        ):
            self._add(
                Declaration, round=self.round, party=party, text=SECRET, signed_by_id=person.id, signed_at=NOW
            )
        lock = self._add(
            GatewayLock, round=self.round, check_text=SECRET, portfolio_sha256="5" * 64,
            locked_by_id=self.manager.id, locked_at=NOW,
        )  # fmt: skip
        asked = self._add(
            UnlockRequest, lock_id=lock.id, reason=SECRET, asked_by_id=self.manager.id, asked_at=NOW
        )
        self._add(
            GatewayUnlock,
            lock_id=lock.id,
            request_id=asked.id,
            approved_by_id=self.assessor.id,
            approved_at=NOW,
        )
        self.round += 1

    def leave_and_return(self) -> None:
        for kind in ("withdrawn", "undone"):
            self._add(
                WithdrawalEvent,
                kind=kind,
                effective_on=NOW.date(),
                reason=SECRET,
                by_id=self.manager.id,
                at=NOW,
            )

    def assess(self) -> None:
        """A component's result, which is then corrected."""
        first = self._add(
            AssessmentEvent, kind="result", organisation=SECRET, component=SECRET, attempt="first", on=NOW.date(),
            result=SECRET, recorded_by_id=self.manager.id, recorded_at=NOW,
        )  # fmt: skip
        self._add(
            AssessmentEvent, kind="result", corrects_id=first.id, note=SECRET,
            recorded_by_id=self.manager.id, recorded_at=NOW + timedelta(minutes=1),
        )  # fmt: skip

    def confirm_hours(self) -> None:
        """An entry of the training log is confirmed, and then returned."""
        entry = an_entry(self.session, self.at, what=SECRET)
        an_answer(self.session, entry, self.witness)
        an_answer(self.session, entry, self.assessor, "returned", SECRET, "assessor")
        commit(self.session)

    def change_of_mind(self) -> None:
        """Something is written and rolled back before a commit: nothing of it enters."""
        commit(self.session)
        database: Database = self.session.info["database"]
        with database.session(write=True, across=True) as own:
            other = replace(self, session=own, sign_offs=[])
            other._sign_off("K9", "signed_off", "several_pieces", reason=SECRET)
            own.rollback()
            other._sign_off("K9", "withdrawn", "several_pieces", reason=SECRET)
            database.commit(own)

    def half_a_change_of_mind(self) -> None:
        """The same, but only as far as a savepoint."""
        try:
            with self.session.begin_nested():
                self._sign_off("K9", "signed_off", "several_pieces", reason=SECRET)
                self.sign_offs.pop()
                raise InterruptedError
        except InterruptedError:
            self.take_back_sign_off()

    def _add(self, model: Any, **values: Any) -> Any:
        row = model(**self.of, **values)
        self.session.add(row)
        commit(self.session)
        return row

    def _piece(self, *, withdraw: bool = False) -> Evidence:
        if not self.pieces or (withdraw and self.decisions):
            self.submit()
        return self.pieces.pop() if withdraw else self.pieces[-1]


STEPS: dict[str, Callable[[Player], None]] = {
    name: getattr(Player, name)
    for name in (
        "submit", "decide", "cover", "supersede", "sign_off", "take_back_sign_off", "testify", "see_original",
        "withdraw_piece", "gateway", "assess", "leave_and_return", "change_of_mind", "half_a_change_of_mind",
        "confirm_hours",
    )
}  # fmt: skip


def players(session: Session, cast: Cast) -> list[Player]:
    """Amina's portfolio, and Olu's at the other provider."""
    return [
        Player(session, cast.amina_at, cast.amina, cast.marek, cast.asha, cast.priya),
        Player(session, cast.other_at, cast.olu, cast.otto, cast.otto, cast.noor),
    ]


def a_history(session: Session, cast: Cast, seed: int = 1, steps: int = 14) -> list[Player]:
    """Every kind of step at least once in both providers, then some more in any order."""
    found, chance = players(session, cast), random.Random(seed)
    for player in found:
        for step in STEPS.values():
            step(player)
    for _ in range(steps):
        chance.choice(list(STEPS.values()))(chance.choice(found))
    commit(session)  # what the last step only read holds nobody up
    return found


def check(database: Database, provider_id: UUID | None = None, heads: Sequence[Head] = ()) -> list[Fault]:
    with database.reading() as session:
        return list(find(session, provider_id, heads))


def names(found: Sequence[Fault]) -> set[Name]:
    return {fault.name for fault in found}


def chain(database: Database, provider_id: UUID) -> list[LedgerEntry]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(LedgerEntry).where(LedgerEntry.provider_id == provider_id).order_by(LedgerEntry.seq)
            )
        )


def head_of(database: Database, provider_id: UUID) -> Head:
    newest = chain(database, provider_id)[-1]
    return Head(provider_id, newest.seq, newest.hash)


@contextmanager
def by_hand(database: Database) -> Iterator[Connection]:
    """As somebody with everything: no trigger, no foreign key, no role holds. Afterwards all of them are back."""
    if database.is_sqlite:
        engine = create_engine(database.engine.url, poolclass=NullPool)
        with engine.begin() as connection:
            triggers = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            yield connection
            for _, sql in triggers:
                connection.exec_driver_sql(sql)
    else:
        superuser = make_url(TEST_DATABASE_URL).set(database=database.engine.url.database)
        engine = create_engine(superuser, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
    engine.dispose()
