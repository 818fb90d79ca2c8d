"""A sender who disappears in the middle of an upload leaves nothing: no row, no object, no temporary file."""

from __future__ import annotations

import socket
import time

import pytest
from sqlalchemy import select

from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.objects.models import PendingObject
from tests.durability.clients import form_of, multipart
from tests.durability.conftest import Running
from tests.durability.test_twice import a_small_piece, raw_request
from tests.working import work_off

POINTS = 20
PATIENCE = 20.0


@pytest.mark.parametrize("abruptly", [False, True], ids=["closed", "reset"])
def test_an_upload_that_is_cut_off_at_any_point_leaves_nothing(running: Running, abruptly: bool) -> None:
    piece = a_small_piece(running, 5)
    content = [(file.name, file.content * 20) for file in piece.files]
    body, kind = multipart(form_of(piece), content)
    whole = raw_request(running, piece.at, body, kind) + body
    for point in range(POINTS):
        line = socket.create_connection(("127.0.0.1", running.server.port), timeout=30)
        if abruptly:  # with a reset instead of a polite end
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        with line:
            line.sendall(whole[: (len(whole) - 1) * (point + 1) // POINTS])
            if point % 3 == 0:
                time.sleep(0.05)  # some of it has been written by then
    nothing_is_left(running, piece.key)


def nothing_is_left(running: Running, key: str) -> None:
    until = time.monotonic() + PATIENCE
    while (left := temporary_files(running)) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []
    work_off(running.app)
    with running.app.state.database.reading() as session:
        assert session.scalars(select(Evidence.id).where(Evidence.form_key == key)).all() == []
        assert session.scalars(select(PendingObject.id)).all() == []
        named = set(session.scalars(select(EvidenceFile.storage_key)))
    assert set(running.app.state.store.keys()) == named


def temporary_files(running: Running) -> list[str]:
    return [str(path) for path in running.staging.rglob("*") if path.is_file()]
