"""Mail: through a real conversation with a server, into a folder, after the commit, and never silently lost."""

from __future__ import annotations

import logging
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people import letters, mail
from portfolio.people.mail import Delivery, FolderMailer, Letter, NoMailer, NotSent, SmtpMailer, open_mailer
from portfolio.people.models import Person
from portfolio.settings import Settings
from portfolio.web.logs import JsonLines
from tests.builders import NOW, Cast
from tests.client import Browser
from tests.people.smtp import smtp_server
from tests.people.steps import link_in, mails

LETTER = Letter(
    "Zoë Żak", "zoe@example.org", "Your account at Übung", "Dear Zoë,\n\n.a line with a dot\nBye\n"
)


def with_smtp(settings: Settings, port: int, **more: object) -> Settings:
    values = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_starttls": False} | more
    return settings.model_copy(update=values)


def test_a_letter_arrives_at_the_server_as_it_was_written(settings: Settings) -> None:
    with smtp_server() as server:
        SmtpMailer(with_smtp(settings, server.port)).send(LETTER, NOW)
    (message,) = server.messages
    assert message["To"] == "Zoë Żak <zoe@example.org>"
    assert message["Subject"] == "Your account at Übung"
    assert message["From"] == "KSB Portfolio <no-reply@portfolio.invalid>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 02 Nov 2026 09:30:00 +0000"
    assert message["Message-ID"].endswith("@portfolio.invalid>")
    assert message.get_content().replace("\r\n", "\n") == LETTER.text
    assert message.get_content_type() == "text/plain"
    assert "zoe@example.org" in server.envelopes[0][1]


@pytest.mark.parametrize("refuse", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_refuses_is_told_of(settings: Settings, refuse: str) -> None:
    with smtp_server(refuse=refuse) as server, pytest.raises(NotSent):
        SmtpMailer(with_smtp(settings, server.port)).send(LETTER, NOW)


@pytest.mark.parametrize("offers", [False, True])
def test_without_encryption_nothing_is_sent_unless_the_settings_say_so(
    settings: Settings, offers: bool
) -> None:
    """Neither a server that does not know STARTTLS nor one that breaks it off gets a letter or a password."""
    with smtp_server(starttls=offers) as server:
        secret = SecretStr("never sent")
        careful = with_smtp(settings, server.port, smtp_starttls=True, smtp_user="us", smtp_password=secret)
        with pytest.raises(NotSent):
            SmtpMailer(careful).send(LETTER, NOW)
    assert "AUTH" not in server.commands
    assert server.messages == []


@pytest.mark.parametrize(("host", "sent"), [("0.0.0.0", False), ("127.0.0.1", True)])  # noqa: S104
def test_a_password_leaves_this_machine_encrypted_or_not_at_all(
    settings: Settings, caplog: pytest.LogCaptureFixture, host: str, sent: bool
) -> None:
    """Also where the settings ask for no encryption. 0.0.0.0 reaches the same server, but is not its own number."""
    with smtp_server(starttls=True) as server:
        more = {"smtp_host": host, "smtp_user": "us", "smtp_password": SecretStr("never sent in clear")}
        mail.send(with_smtp(settings, server.port, **more), LETTER)
    assert ("AUTH" in server.commands) is sent
    assert len(server.messages) == sent
    said = "".join(JsonLines().format(record) for record in caplog.records)
    assert ("password_needs_encryption" in said) is not sent


def test_a_mail_catcher_stands_in_until_a_server_is_named(settings: Settings) -> None:
    more = {"smtp_catcher": "mail:1025", "smtp_port": 587, "smtp_starttls": "true", "smtp_user": "us"}
    given = {"secret": settings.secret, "smtp_password": "words"} | more
    caught = Settings(**given, smtp_host="")
    assert (caught.smtp_host, caught.smtp_port, caught.smtp_starttls) == ("mail", 1025, False)
    assert (caught.smtp_user, caught.smtp_password.get_secret_value()) == ("", "")
    sent = Settings(**given, smtp_host="smtp.example.org")
    assert (sent.smtp_host, sent.smtp_port, sent.smtp_starttls) == ("smtp.example.org", 587, True)
    assert sent.smtp_password.get_secret_value() == "words"


def test_no_server_there_is_told_of(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent, match="ConnectionRefusedError"):
        SmtpMailer(with_smtp(settings, port)).send(LETTER, NOW)


def test_the_folder_keeps_letters_that_a_person_can_read(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    link = "http://testserver/set-password/" + "a" * 43
    letter = Letter("Amina Archer", "amina@example.org", "Hello", f"Dear Zoë,\n\n{link}\n")
    FolderMailer(folder, settings.mail_from).send(letter, NOW)
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert "amina" not in file.name.lower()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert link in file.read_text(encoding="utf-8")  # whole, on one line
    assert mails(folder)[0].get_content().replace("\r\n", "\n") == letter.text


def test_a_folder_that_cannot_be_written_is_told_of(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotSent):
        FolderMailer(tmp_path / "file" / "mail", settings.mail_from).send(LETTER, NOW)


@pytest.mark.parametrize(
    ("more", "kind", "reached"),
    [
        ({"smtp_host": "mail.example"}, SmtpMailer, Delivery.SENT),
        ({}, FolderMailer, Delivery.FOLDER),
        ({"mail_folder": None}, NoMailer, Delivery.FAILED),
    ],
)
def test_the_settings_choose_how(
    settings: Settings, more: dict[str, object], kind: type, reached: Delivery
) -> None:
    mailer = open_mailer(settings.model_copy(update=more))
    assert isinstance(mailer, kind)
    assert mailer.reached is reached


def test_nothing_typed_can_add_a_header(settings: Settings, tmp_path: Path) -> None:
    evil = Letter("Eve\r\nBcc: all@example.org", "eve@example.org", "Hi\nBcc: x@example.org", "text\n")
    FolderMailer(tmp_path, settings.mail_from).send(evil, NOW)
    (message,) = mails(tmp_path)
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Bcc: x@example.org"


def test_a_failure_is_logged_without_an_address(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="portfolio"):
        assert mail.send(settings.model_copy(update={"mail_folder": None}), LETTER) is Delivery.FAILED
    (line,) = [JsonLines().format(record) for record in caplog.records]
    assert '"mail.not_sent"' in line
    assert "zoe" not in line.lower()


def test_every_letter_is_plain_and_leads_here(settings: Settings) -> None:
    person = Person(name="Amina Archer", email="amina@example.org")
    link = letters.address(
        settings.model_copy(update={"public_url": "https://p.example/"}), "/set-password/x"
    )
    assert link == "https://p.example/set-password/x"
    written = [
        letters.invitation(person, "Northern Skills", "Priya Parker", link, NOW),
        letters.added(person, "Northern Skills", "Priya Parker", link, link),
        letters.reset(person, link, NOW),
        letters.password_changed(person, NOW, link),
    ]
    for letter in written:
        assert letter.text.startswith("Dear Amina Archer,\n\n")
        assert f"\n{link}\n" in letter.text
        assert "<" not in letter.text
    assert "until 2 November 2026 at 09:30" in written[0].text


def invite(page: Browser, cast: Cast, **more: object) -> object:
    typed = {"name": "Nia Newall", "email": "nia@example.org", "roles": "mentor"} | more
    return page.post(f"/providers/{cast.provider.id}/people", data=typed)


def test_the_link_stands_in_the_answer_only_if_no_mail_brought_it(
    app: FastAPI, browser: Callable[..., Browser], cast: Cast, settings: Settings
) -> None:
    in_folder = invite(browser(cast.priya), cast)
    assert "does not send mail" in in_folder.text  # type: ignore[attr-defined]
    written = mails(settings.mail_folder or Path())[0].get_content()
    assert link_in(written) == link_in(in_folder.text)  # type: ignore[attr-defined]
    with smtp_server() as server:
        app.state.settings = with_smtp(settings, server.port)
        sent = invite(browser(cast.priya), cast, email="second@example.org")
    assert "A mail went to <b>second@example.org</b>" in sent.text  # type: ignore[attr-defined]
    assert "/set-password/" not in sent.text  # type: ignore[attr-defined]
    assert link_in(server.messages[0].get_content())


@pytest.mark.parametrize("htmx", [False, True])
def test_a_mail_that_could_not_be_sent_is_said_and_the_link_shown(
    app: FastAPI,
    browser: Callable[..., Browser],
    cast: Cast,
    settings: Settings,
    database: Database,
    htmx: bool,
) -> None:
    with smtp_server(refuse="RCPT") as server:
        app.state.settings = with_smtp(settings, server.port)
        answer = invite(browser(cast.priya, htmx=htmx), cast)
    assert "The mail could not be sent." in answer.text  # type: ignore[attr-defined]
    assert browser().get(link_in(answer.text)).status_code == 200  # type: ignore[attr-defined]


def test_when_mail_goes_out_the_account_is_committed_already(
    app: FastAPI,
    browser: Callable[..., Browser],
    cast: Cast,
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []

    def look(self: FolderMailer, letter: Letter, now: object) -> None:
        with database.writing() as other:  # and nothing is locked meanwhile
            statement = select(func.count()).select_from(Person).where(Person.email == letter.to_email)
            seen.append(other.scalar(statement) or 0)

    monkeypatch.setattr(FolderMailer, "send", look)
    invite(browser(cast.priya), cast)
    browser().post("/forgotten-password", data={"email": cast.amina.email})
    assert seen == [1, 1]


def test_nothing_is_sent_for_what_was_refused(
    browser: Callable[..., Browser], cast: Cast, settings: Settings, session: Session
) -> None:
    page = browser(cast.priya)
    assert invite(page, cast, email=cast.admin.email).status_code == 422  # type: ignore[attr-defined]
    assert invite(page, cast, roles="").status_code == 422  # type: ignore[attr-defined]
    assert page.post(f"/providers/{cast.provider.id}/people/{cast.priya.id}/link").status_code == 409
    assert settings.mail_folder is not None
    assert not settings.mail_folder.exists()
