"""Sending twice is sending once: one after another, twenty at the same moment, and after an answer that was lost.
The same key with other content is refused, and what was sent first stands."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from uuid import UUID

from sqlalchemy import func, select

from portfolio.assessment.models import Decision, SignOff
from portfolio.audit.models import AuditEvent
from portfolio.evidence.models import Evidence, EvidenceFile, EvidenceVersion
from tests.durability.clients import (
    Answer,
    Client,
    Piece,
    SentFile,
    a_verdict,
    fields_of,
    form_of,
    headers_for,
    multipart,
    send_piece,
    send_verdict,
)
from tests.durability.conftest import Running
from tests.working import work_off

AT_ONCE = 20
LOST = 60


def a_small_piece(running: Running, seed: int, *, submits: bool = True) -> Piece:
    random = Random(seed)
    files = tuple(SentFile(f"{seed}-{place}.wav", random.getrandbits(64), 20_000) for place in range(2))
    key = f"{random.getrandbits(128):032x}"
    return Piece(running.world.people.at[0], key, f"Piece {seed}", ("K1", "K7"), files, submits)


def apprentice(running: Running) -> Client:
    return running.world.apprentices[0]


def at_once(do: Callable[[int], Answer]) -> list[Answer]:
    """Twenty times at the same moment, each with a connection of its own."""
    together = Barrier(AT_ONCE)

    def one(number: int) -> Answer:
        together.wait()
        return do(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def upload(running: Running, piece: Piece, **changes: str) -> Answer:
    files = [(file.name, file.content) for file in piece.files]
    path = f"/apprenticeships/{piece.at}/evidence"
    return apprentice(running).post_files(path, form_of(piece) | changes, files)


def made_with(running: Running, key: str) -> list[Evidence]:
    with running.app.state.database.reading() as session:
        return list(session.scalars(select(Evidence).where(Evidence.form_key == key)))


def events(running: Running, action: str, record_id: UUID) -> int:
    with running.app.state.database.reading() as session:
        return session.scalar(
            select(func.count(AuditEvent.id)).where(
                AuditEvent.action == action, AuditEvent.record_id == record_id
            )
        )


def test_twenty_sends_of_one_upload_at_the_same_moment_make_one_piece(running: Running) -> None:
    piece = a_small_piece(running, 1)
    answers = at_once(lambda _: upload(running, piece))
    assert Counter(answer.status for answer in answers) == {303: AT_ONCE}
    assert len({answer.location.partition("?")[0] for answer in answers}) == 1
    [made] = made_with(running, piece.key)
    assert events(running, "evidence.submitted", made.id) == 1
    with running.app.state.database.reading() as session:
        kept = session.scalars(select(EvidenceFile).where(EvidenceFile.evidence_id == made.id)).all()
        assert {file.sha256_received for file in kept} == {file.sha256 for file in piece.files}
        assert len(kept) == len(piece.files)
        named = set(session.scalars(select(EvidenceFile.storage_key)))
    work_off(running.app)
    assert set(running.app.state.store.keys()) == named, "the copies of the others are gone"


def test_of_twenty_with_one_key_and_other_content_one_is_kept_and_the_others_are_told(
    running: Running,
) -> None:
    piece = a_small_piece(running, 2)
    answers = at_once(lambda number: upload(running, piece, why=f"Reason {number}."))
    assert Counter(answer.status for answer in answers) == {303: 1, 409: AT_ONCE - 1}
    [made] = made_with(running, piece.key)
    with running.app.state.database.reading() as session:
        version = session.scalars(select(EvidenceVersion).where(EvidenceVersion.evidence_id == made.id)).one()
    [kept] = [number for number, answer in enumerate(answers) if answer.status == 303]
    assert version.why == f"Reason {kept}."
    for number, answer in enumerate(answers):
        if answer.status == 409:
            assert "This page was sent before" in answer.text
            assert f"Reason {number}." in answer.text
            assert "Choose the files again" in answer.text


def test_a_draft_that_is_submitted_twenty_times_at_once_is_submitted_once(running: Running) -> None:
    piece = a_small_piece(running, 3, submits=False)
    send_piece(apprentice(running), piece)
    path = f"/apprenticeships/{piece.at}/evidence/{piece.evidence_id}/submit"
    answers = at_once(lambda _: apprentice(running).post(path, {}))
    assert Counter(answer.status for answer in answers) == {303: AT_ONCE}
    assert events(running, "evidence.submitted", UUID(piece.evidence_id)) == 1


def test_twenty_decisions_at_once_are_one_and_other_answers_with_its_key_are_refused(
    running: Running,
) -> None:
    piece = a_small_piece(running, 4)
    send_piece(apprentice(running), piece)
    assessor = running.world.assessor
    verdict = a_verdict(assessor, Random(4), piece)
    verdict.outcomes = {"K1": "covered", "K7": "partly"}
    path = f"/apprenticeships/{piece.at}/evidence/{piece.evidence_id}/review"
    answers = at_once(lambda _: assessor.post(path, fields_of(verdict)))
    assert Counter(answer.status for answer in answers) == {303: AT_ONCE}
    assert decided(running, piece) == (["covered", "partly"], 1)
    send_verdict(assessor, verdict)
    verdict.outcomes = {"K1": "covered", "K7": "not_yet"}
    other = assessor.post(path, fields_of(verdict))
    assert other.status == 409
    assert "This page was sent before, with something else in it" in other.text
    assert decided(running, piece) == (["covered", "partly"], 1)


def decided(running: Running, piece: Piece) -> tuple[list[str], int]:
    """The outcomes on record, and how many sign-offs followed."""
    with running.app.state.database.reading() as session:
        rows = session.scalars(
            select(Decision).where(Decision.evidence_id == UUID(piece.evidence_id)).order_by(Decision.id)
        ).all()
        signed = session.scalars(
            select(SignOff.id).where(SignOff.decision_id.in_([row.id for row in rows]))
        ).all()
    return [row.outcome for row in sorted(rows, key=lambda row: row.item_code)], len(signed)


def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_made_twice(running: Running) -> None:
    for number in range(LOST):
        piece = a_small_piece(running, 1000 + number, submits=number % 2 == 0)
        send_and_hang_up(running, piece)
        send_piece(apprentice(running), piece)
        [made] = made_with(running, piece.key)
        assert str(made.id) == piece.evidence_id


def send_and_hang_up(running: Running, piece: Piece) -> None:
    """The whole request; then the line is cut before its answer."""
    files = [(file.name, file.content) for file in piece.files]
    body, kind = multipart(form_of(piece), files)
    with socket.create_connection(("127.0.0.1", running.server.port), timeout=30) as line:
        line.sendall(raw_request(running, piece.at, body, kind) + body)


def raw_request(running: Running, at: str, body: bytes, kind: str) -> bytes:
    headers = headers_for(apprentice(running).cookie, kind)
    lines = [f"POST /apprenticeships/{at}/evidence HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
