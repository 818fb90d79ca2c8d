"""A tiny SMTP server on loopback: takes what smtplib sends, or refuses it where a test says so."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


@dataclass
class SmtpServer:
    port: int
    refuse: str = ""
    """A command (MAIL, RCPT, DATA) that gets a permanent refusal."""
    starttls: bool = False
    """Whether it offers STARTTLS (it never goes through with it), and takes any password."""
    hang_up_after_data: int = 0
    """So many letters are taken, but the connection is closed before that is confirmed."""
    hold: threading.Event | None = None
    """Once a letter is taken, wait for this before confirming it."""
    taken: threading.Event = field(default_factory=threading.Event)
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    over: bool = False
    commands: list[str] = field(default_factory=list)


@contextmanager
def smtp_server(**options: object) -> Iterator[SmtpServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = SmtpServer(port=listener.getsockname()[1], **options)  # type: ignore[arg-type]
        thread = threading.Thread(target=_serve, args=(listener, server))
        thread.start()
        try:
            yield server
        finally:
            server.over = True
            socket.create_connection(("127.0.0.1", server.port)).close()  # so that accept() returns
            thread.join()


def _serve(listener: socket.socket, server: SmtpServer) -> None:
    while True:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            if server.over:
                return
            with suppress(ConnectionError):  # a client that does not like the answer just goes away
                _talk(connection, lines, server)


ANSWERS = {
    "AUTH": b"235 welcome",
    "STARTTLS": b"454 not now",
    "DATA": b"354 go on",
    "QUIT": b"221 bye",
    "EHLO": b"250 here",
}


def _talk(connection: socket.socket, lines: object, server: SmtpServer) -> None:
    """One conversation."""
    sender = ""
    connection.sendall(b"220 here\r\n")
    for raw in lines:  # type: ignore[attr-defined]
        line = raw.decode().strip()
        command = line.split(" ")[0].upper()
        server.commands.append(command)
        refused = command == server.refuse
        answer = b"550 no" if refused else ANSWERS.get(command, b"250 ok")
        if command == "EHLO" and server.starttls:
            answer = b"250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS"
        connection.sendall(answer + b"\r\n")
        sender = line if command == "MAIL" else sender
        if command == "RCPT":
            server.envelopes.append((sender, line))
        if command == "DATA" and not refused:
            server.messages.append(_message(lines))
            server.taken.set()
            if server.hold is not None:
                server.hold.wait(60)
            if server.hang_up_after_data:
                server.hang_up_after_data -= 1
                return
            connection.sendall(b"250 taken\r\n")


def _message(lines: object) -> EmailMessage:
    data = bytearray()
    for raw in lines:  # type: ignore[attr-defined]
        if raw == b".\r\n":
            break
        data += raw[1:] if raw.startswith(b"..") else raw
    return BytesParser(policy=policy.default).parsebytes(bytes(data))  # type: ignore[return-value]
