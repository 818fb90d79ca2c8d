"""A provider with apprentices and an assessor who work while the server is killed, and everything they were told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, Queue
from random import Random

from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people.passwords import hash_password
from tests.builders import (
    a_cohort,
    a_person,
    a_provider,
    an_apprenticeship,
    an_assignment,
    an_employer,
)
from tests.durability.clients import (
    Broken,
    Client,
    Piece,
    Verdict,
    a_piece,
    a_verdict,
    compare_bytes,
    read_receipts,
    send_piece,
    send_verdict,
)

PASSWORD = "river stone lantern 42"
APPRENTICES = 3
AGAIN = 0.75
"""How many of the pieces that broke off are sent again; the others are given up."""


@dataclass
class People:
    """E-mail addresses, and the apprenticeships in the same order."""

    apprentices: list[str]
    at: list[str]
    assessor: str


def make_people(session: Session) -> People:
    provider = a_provider(session)
    employer, cohort = an_employer(session, provider), a_cohort(session, provider)
    word = hash_password(PASSWORD)
    assessor = a_person(session, "Asha Abbott", provider, "assessor", password_hash=word)
    people = People([], [], assessor.email)
    for name in ("Amina Archer", "Ben Bolt", "Cleo Carr")[:APPRENTICES]:
        person = a_person(session, name, provider, "apprentice", password_hash=word)
        apprenticeship = an_apprenticeship(session, person, cohort, employer)
        an_assignment(session, apprenticeship, assessor, "assessor")
        people.apprentices.append(person.email)
        people.at.append(str(apprenticeship.id))
    return people


@dataclass
class World:
    """Clients in threads. `work` lets them work until the server is gone; `told` compares what it serves."""

    port: int
    seed: int
    people: People
    pieces: list[Piece] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    compared: int = 0
    confirmed: int = 0
    """In this life of the server."""

    def __post_init__(self) -> None:
        random = Random(self.seed)
        self.sending = threading.Event()
        self.apprentices = [Client(self.port, Random(random.getrandbits(64))) for _ in self.people.at]
        self.assessor = Client(self.port, Random(random.getrandbits(64)))
        self._waiting: Queue[Piece] = Queue()
        self._fresh: list[tuple[Client, Piece]] = []
        self._unfinished: dict[int, Piece] = {}
        self._verdict: Verdict | None = None

    def sign_in(self) -> None:
        for client, email in zip(self.apprentices, self.people.apprentices, strict=True):
            client.sign_in(email, PASSWORD)
        self.assessor.sign_in(self.people.assessor, PASSWORD)

    def work(self, kill: Callable[[], bool]) -> bool:
        """Everybody works while `kill` ends the server, then stops. Returns what `kill` says."""
        over = threading.Event()
        self.sending.clear()
        self.confirmed = 0
        jobs = [(self._upload, number) for number in range(len(self.apprentices))] + [(self._decide, 0)]
        threads = [threading.Thread(target=self._go, args=(job, number, over)) for job, number in jobs]
        for thread in threads:
            thread.start()
        try:
            said = kill()
        finally:
            over.set()
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive()
        if self.faults:
            raise self.faults[0]
        return said

    def told(self) -> None:
        """After a restart: what was confirmed since the last one is there, byte for byte."""
        fresh, self._fresh = self._fresh, []
        for client, piece in fresh:
            if not piece.receipts:
                read_receipts(client, piece)
            self.compared += compare_bytes(client, piece)

    def told_everything(self) -> None:
        """At the very end: all of it once more."""
        for client, at in zip(self.apprentices, self.people.at, strict=True):
            for piece in self.pieces:
                if piece.confirmed and piece.at == at:
                    self.compared += compare_bytes(client, piece)

    def _go(self, job: Callable[[int], None], number: int, over: threading.Event) -> None:
        while not over.is_set():
            try:
                job(number)
            except Broken:
                over.wait(0.01)
            except BaseException as fault:  # for the test's own thread to raise
                self.faults.append(fault)
                return

    def _upload(self, number: int) -> None:
        client = self.apprentices[number]
        piece = self._unfinished.pop(number, None)
        if piece is None or client.random.random() > AGAIN:
            piece = a_piece(client.random, self.people.at[number])
            self.pieces.append(piece)
        self._unfinished[number] = piece
        send_piece(client, piece, self.sending.set)
        del self._unfinished[number]
        self.confirmed += 1
        self._fresh.append((client, piece))
        if piece.submits:
            self._waiting.put(piece)
        read_receipts(client, piece)

    def _decide(self, _number: int) -> None:
        if self._verdict is None:
            try:
                piece = self._waiting.get(timeout=0.02)
            except Empty:
                return
            try:
                self._verdict = a_verdict(self.assessor, self.assessor.random, piece)
            except Broken:
                self._waiting.put(piece)
                raise
            self.verdicts.append(self._verdict)
        self.sending.set()
        send_verdict(self.assessor, self._verdict)
        self.confirmed += 1
        self._verdict = None


def people_in(database: Database) -> People:
    with database.writing() as session:
        return make_people(session)
