"""Slow senders and slow readers are ended, and nobody else waits for them."""

from __future__ import annotations

import contextlib
import json
import socket
import time

from portfolio.database import Database
from tests.builders import Cast
from tests.evidence.steps import all_files, all_pieces, complete, pages_of
from tests.limits.raw import Bystander, connect, head, is_open, read_all, statuses
from tests.serving.fixtures import Start
from tests.serving.running import Running, client, session_for, wait_until

SLOW = {"header_seconds": 15, "body_window_seconds": 15}
TRIES = 10


def test_two_hundred_slow_senders_hold_up_nobody_and_are_ended(
    start: Start, database: Database, cast: Cast
) -> None:
    running = start(**SLOW)
    before = running.memory()
    bystander = Bystander(running)
    for _ in range(TRIES):  # a busy machine may be too slow to have them all at once the first time
        slow = two_hundred(running, session_for(database, cast.amina), cast)
        try:
            served = served_meanwhile(slow, bystander)
            kinds = drip_until_ended(slow, bystander)
        finally:
            for connection, _, _ in slow:
                connection.close()
        assert kinds == [{408}, {0}, {408}, {408}]
        if served:
            break
    assert served, "never were more than a hundred open while somebody else was served"
    assert set(bystander.got) == {200}
    assert running.memory() - before < 256 * 1024 * 1024
    wait_until(lambda: "limits.slow_body" in running.said.read_text(), "a line in the log")
    assert all_pieces(database) == []
    assert not any(json.loads(line)["level"] == "error" for line in running.log)


def two_hundred(running: Running, cookie: str, cast: Cast) -> list[tuple[socket.socket, bytes, bytes]]:
    """Slow senders of four kinds that have begun: each with what it goes on with."""
    form = head(
        running, "POST", "/sign-in", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 9000"
    )
    upload = head(
        running,
        "POST",
        pages_of(cast.amina_at),
        f"Cookie: {cookie}",
        "Sec-Fetch-Site: same-origin",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Length: 90000",
    )
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    begins: list[tuple[bytes, bytes]] = [
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ", b"a"),  # a head that never ends
        (b"", b""),  # a connection without a word
        (form + b"email=", b"a"),  # a form, a byte at a time
        (upload + part, b"a"),  # a file, a byte at a time
    ]
    slow = []
    for number in range(200):
        slow.append((connect(running), *begins[number % 4]))
        slow[-1][0].sendall(begins[number % 4][0])
    return slow


def served_meanwhile(slow: list[tuple[socket.socket, bytes, bytes]], bystander: Bystander) -> bool:
    """Whether somebody else got a page while more than a hundred of them were open all the time."""
    bystander.ask()
    dribble(slow)
    return still_open([connection for connection, _, _ in slow]) > 100


def dribble(slow: list[tuple[socket.socket, bytes, bytes]]) -> None:
    for connection, _, drop in slow:
        if drop and is_open(connection):
            with contextlib.suppress(ConnectionError):
                connection.sendall(drop)


def drip_until_ended(slow: list[tuple[socket.socket, bytes, bytes]], bystander: Bystander) -> list[set[int]]:
    """Go on sending drops until every one was answered or closed; the last status of each of the four kinds, 0 for
    none. All the while the bystander asks."""

    def one_more_round() -> bool:
        dribble(slow)
        bystander.ask()
        return not any(is_open(connection) for connection, _, _ in slow)

    wait_until(one_more_round, "all slow senders are ended")
    found: list[set[int]] = [set(), set(), set(), set()]
    for number, (connection, _, _) in enumerate(slow):
        found[number % 4] |= set(statuses(read_all(connection))) or {0}
    return found


def test_a_phone_with_a_weak_signal_is_not_a_slow_sender(
    start: Start, database: Database, cast: Cast
) -> None:
    """Pauses of a tenth of the window, and just above the least rate: 256 kbit/s would be sixty times as fast. What
    is left of the window is for a machine that is busy."""
    running = start(body_window_seconds=30, body_least_kb=0.25)
    cookie = session_for(database, cast.amina)
    fields = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in complete(claim="K7").items()
    )
    file = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + "word " * 3_000
    body = (fields + file + "\r\n--x--\r\n").encode()
    with connect(running) as phone:
        phone.sendall(
            head(
                running,
                "POST",
                pages_of(cast.amina_at),
                f"Cookie: {cookie}",
                "Sec-Fetch-Site: same-origin",
                "Connection: close",
                "Content-Type: multipart/form-data; boundary=x",
                f"Content-Length: {len(body)}",
            )
        )
        step = 1_500  # every three seconds: 0.5 KB a second, for longer than a window
        for begin in range(0, len(body), step):
            phone.sendall(body[begin : begin + step])
            time.sleep(3)
        assert statuses(read_all(phone)) == [303]
    assert [file.size for file in all_files(database)] == [15_000]


def test_a_browser_that_stops_reading_is_let_go(start: Start, database: Database, cast: Cast) -> None:
    running = start(body_window_seconds=2)
    cookie = session_for(database, cast.amina)
    with client(running, cookie) as browser:
        sent = browser.post(
            pages_of(cast.amina_at),
            data=complete(),
            files={"files": ("long.txt", b"a line of it\n" * 1_500_000)},
        )
        assert sent.status_code == 303
    file = all_files(database)[0]
    path = f"{pages_of(cast.amina_at)}/{file.evidence_id}/files/{file.id}"
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", running.port))
        reader.sendall(head(running, "GET", path, f"Cookie: {cookie}"))
        assert reader.recv(12) == b"HTTP/1.1 200"
        wait_until(lambda: "connections.slow_reader" in running.said.read_text(), "it is let go")
        assert len(read_all(reader)) < file.size
    assert Bystander(running).ask() == 200


def test_silent_connections_make_room_for_people(start: Start, cast: Cast) -> None:
    """Three times as many as the process takes: the oldest silent ones go, and whoever asks is answered."""
    running = start(connections_at_once=50, header_seconds=600)
    silent = [connect(running) for _ in range(150)]
    try:
        for connection in silent:
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\n")
        bystander = Bystander(running)
        assert [bystander.ask() for _ in range(5)] == [200] * 5
        wait_until(lambda: still_open(silent) <= 50, "the oldest are closed")
        assert still_open(silent) > 30, "not more are closed than need be"
        assert is_open(silent[-1])
        assert not is_open(silent[0])
    finally:
        for connection in silent:
            connection.close()


def still_open(connections: list[socket.socket]) -> int:
    return sum(is_open(connection) for connection in connections)


def test_one_person_s_many_uploads_leave_places_for_others(
    start: Start, database: Database, cast: Cast
) -> None:
    """The text of one too many is kept as a draft, its file is asked for again."""
    running = start(uploads_per_person=2, uploads_at_once=3)
    cookies = {name: session_for(database, getattr(cast, name)) for name in ("amina", "olu")}
    held = [hold_upload(running, pages_of(cast.amina_at), cookies["amina"]) for _ in range(2)]
    wait_until(lambda: staged(running) == 2, "two are under way")
    try:
        with client(running, cookies["amina"]) as browser:
            third = send_small(browser, pages_of(cast.amina_at))
        assert third.status_code == 422
        assert "Other uploads of yours are still running" in third.text
        assert len(all_pieces(database)) == 1
        assert all_files(database) == []
        held.append(hold_upload(running, pages_of(cast.other_at), cookies["olu"]))
        wait_until(lambda: staged(running) == 3, "another person's goes ahead")
        with client(running, cookies["olu"]) as browser:
            fourth = send_small(browser, pages_of(cast.other_at))
        assert "Many uploads are running" in fourth.text
        assert "Try again in a minute" in fourth.text
    finally:
        for connection in held:
            connection.close()
    wait_until(lambda: staged(running) == 0, "what they left is removed")
    with client(running, cookies["amina"]) as browser:
        wait_until(lambda: send_small(browser, pages_of(cast.amina_at)).status_code == 303, "places are free")


def send_small(browser: object, path: str) -> object:
    return browser.post(path, data=complete(), files={"files": ("a.txt", b"some words")})  # type: ignore[attr-defined]


def hold_upload(running: Running, path: str, cookie: str) -> socket.socket:
    """An upload that has begun and goes no further."""
    connection = connect(running)
    request = head(
        running,
        "POST",
        path,
        f"Cookie: {cookie}",
        "Sec-Fetch-Site: same-origin",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Length: 9000000",
    )
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    connection.sendall(request + part + b"a" * 2_000_000)
    return connection


def staged(running: Running) -> int:
    return len(list((running.said.parent.parent / "files" / ".staging").rglob("*.part")))
