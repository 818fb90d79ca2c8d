"""Mail: an SMTP server if the settings name one, otherwise a folder of .eml files.

**When mail is sent.** Only after the transaction is committed, so that no link goes out for what was rolled
back, and never while the database is held. There is no hook in the session, since a hook runs too late for
the page to say that sending failed. Instead a route has two plain ways:

- `send_now(request, session, letter)`: commits what the request did so far, then sends, and tells how it
  went. For a manager, who must be told, and who gets the link to pass on if the mail did not leave.
- `send_later(response, settings, letter)`: sent after the answer has left, which is after the commit. For
  notices, and for "I have forgotten my password", whose answer must not be slower for an account that exists.
  A failure is logged, with no address in the line.
"""

from __future__ import annotations

import logging
import os
import secrets
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from enum import Enum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.responses import Response

from portfolio.settings import IMPLICIT_TLS_PORT, Settings
from portfolio.web.formats import utc_now
from portfolio.web.limits import is_loopback

logger = logging.getLogger("portfolio.mail")


@dataclass(frozen=True)
class Letter:
    """Plain text to one person."""

    to_name: str
    to_email: str
    subject: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()
    """More headers, such as how to stop it; ASCII, ours, never typed by anybody."""
    message_name: str = ""
    """What stands before the @ of its Message-ID: the same for a letter that is sent again. Empty: a new one."""


class NotSent(Exception):
    """The mail did not leave. The message is a short technical word for the log, never an address."""


class AddressRefused(NotSent):
    """The server says for good that there is no such mailbox: sending again is of no use."""


class Delivery(Enum):
    """How it went. Only SENT reaches the person; otherwise the manager is shown the link to pass on."""

    SENT = "sent"
    FOLDER = "folder"
    FAILED = "failed"


class Mailer(Protocol):
    reached: Delivery
    """What a letter that was sent without complaint has reached."""

    def send(self, letter: Letter, now: datetime) -> None:
        """Send it or raise NotSent."""


class SmtpMailer:
    """A real server: STARTTLS with a checked certificate, or TLS from the start on port 465."""

    reached = Delivery.SENT

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.own_name = urlsplit(settings.public_url).hostname or "localhost"

    def send(self, letter: Letter, now: datetime) -> None:
        message = compose(letter, self.settings.mail_from, now)
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            for_good = all(code >= 500 for code, _ in error.recipients.values())  # 4…: come again later
            raise (AddressRefused if for_good else NotSent)(type(error).__name__) from error
        except (OSError, smtplib.SMTPException) as error:  # ssl.SSLError is an OSError
            raise NotSent(type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        where = (settings.smtp_host, settings.smtp_port, self.own_name)
        seconds = settings.smtp_timeout_seconds
        if settings.smtp_port == IMPLICIT_TLS_PORT:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                *where, timeout=seconds, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(*where, timeout=seconds)
        try:
            if settings.smtp_starttls and settings.smtp_port != IMPLICIT_TLS_PORT:
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                if not (isinstance(server.sock, ssl.SSLSocket) or is_loopback(settings.smtp_host)):
                    raise NotSent("password needs encryption")
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


class FolderMailer:
    """Writes each letter as a file that a mail program opens; readable by the owner of the process only."""

    reached = Delivery.FOLDER

    def __init__(self, folder: Path, sender: str) -> None:
        self.folder, self.sender = folder, sender

    def send(self, letter: Letter, now: datetime) -> None:
        message = compose(letter, self.sender, now, readable=True)
        name = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = self.folder / f"{name}.part"
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message.as_bytes())
            partial.rename(self.folder / f"{name}.eml")
        except OSError as error:
            raise NotSent(type(error).__name__) from error


class NoMailer:
    """Neither a server nor a folder: nothing is ever sent, and every page says so."""

    reached = Delivery.FAILED

    def send(self, letter: Letter, now: datetime) -> None:
        raise NotSent("no mail is set up")


def open_mailer(settings: Settings) -> Mailer:
    """The way mail leaves this installation."""
    if settings.smtp_host:
        return SmtpMailer(settings)
    if settings.mail_folder is not None:
        return FolderMailer(settings.mail_folder, settings.mail_from)
    return NoMailer()


def compose(letter: Letter, sender: str, now: datetime, *, readable: bool = False) -> EmailMessage:
    """The message. `readable` keeps the text as it is, where no old mail server stands in between."""
    # a long address in a header stays on one line: folded, programs that press its button would not find it
    message = EmailMessage(policy=SMTP.clone(max_line_length=998) if letter.headers else SMTP)
    name, address = parseaddr(sender)
    message["From"] = formataddr((name, address))
    message["To"] = formataddr((_one_line(letter.to_name), letter.to_email))
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(now)
    own_name = letter.message_name or secrets.token_hex(16)
    message["Message-ID"] = f"<{own_name}@{address.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's out-of-office note answers it
    for header, value in letter.headers:
        message[header] = value
    message.set_content(letter.text, cte="8bit" if readable else None)
    return message


def send_now(request: Request, session: Session, letter: Letter) -> Delivery:
    """Commit, then send, and say how it went. Nothing may be written in this request afterwards."""
    request.app.state.database.commit(session)
    return send(request.app.state.settings, letter)


def send_later(response: Response, settings: Settings, letter: Letter) -> None:
    """Send after this answer has left (and so after the commit)."""
    response.background = BackgroundTask(send, settings, letter)


def send(settings: Settings, letter: Letter) -> Delivery:
    """Send it now; a failure is logged and told, never raised."""
    mailer = open_mailer(settings)
    try:
        mailer.send(letter, utc_now())
    except NotSent as error:
        logger.warning("mail.not_sent", extra={"kind": str(error).replace(" ", "_")})
        return Delivery.FAILED
    return mailer.reached


def _one_line(text: str) -> str:
    return " ".join(text.split())
