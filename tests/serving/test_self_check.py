"""What would expose everybody is refused before the first page, each with a sentence that says what to do."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from portfolio.serving.self_check import reasons_against
from portfolio.settings import Settings
from tests.serving.running import ROOT, environment


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that everybody on the machine can get to; the ones around it are opened for the test, too."""
    changed = [folder for folder in (tmp_path, *tmp_path.parents) if folder.stat().st_mode & 0o005 != 0o005]
    modes = [(folder, folder.stat().st_mode) for folder in changed]
    for folder in changed:
        folder.chmod(0o755)
    yield tmp_path
    for folder, mode in modes:
        folder.chmod(mode)


def settings(folder: Path, **more: object) -> Settings:
    values = {
        "secret": secrets.token_urlsafe(48),
        "database_url": f"sqlite:///{folder / 'portfolio.db'}",
        "storage_url": f"folder:{folder / 'files'}",
        "mail_folder": folder / "mail",
    } | more
    return Settings(**values)


@pytest.mark.parametrize(
    ("url", "more", "refused"),
    [
        ("https://portfolio.example.org", {}, False),
        ("http://127.0.0.1:8000", {}, False),
        ("http://localhost", {}, False),
        ("http://[::1]:8000", {}, False),
        ("http://portfolio.example.org", {}, True),
        ("http://192.168.1.4", {}, True),
        ("http://portfolio.example.org", {"allow_plain_http": True}, False),
        ("http://localhost.example.org", {}, True),
        ("portfolio.example.org", {}, True),
        ("ftp://portfolio.example.org", {"allow_plain_http": True}, True),
    ],
)
def test_plain_http_is_for_this_machine_only(
    tmp_path: Path, url: str, more: dict[str, bool], refused: bool
) -> None:
    reasons = reasons_against(settings(tmp_path, public_url=url, **more))
    assert bool(reasons) is refused
    assert all("PORTFOLIO_PUBLIC_URL" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"smtp_host": "smtp.example.org"}, False),
        ({"smtp_host": "smtp.example.org", "smtp_starttls": False}, True),
        ({"smtp_host": "smtp.example.org", "smtp_starttls": False, "smtp_port": 465}, False),
        ({"smtp_host": "smtp.example.org", "smtp_starttls": False, "smtp_user": ""}, False),
        ({"smtp_host": "127.0.0.1", "smtp_starttls": False}, False),
        ({"smtp_starttls": False}, False),
    ],
)
def test_a_mail_password_in_clear_is_for_this_machine_only(
    tmp_path: Path, more: dict[str, object], refused: bool
) -> None:
    reasons = reasons_against(settings(tmp_path, **{"smtp_user": "us", "smtp_password": "words"} | more))
    assert bool(reasons) is refused
    assert all("set PORTFOLIO_SMTP_STARTTLS=true" in reason.replace("Set", "set") for reason in reasons)


@pytest.mark.parametrize("name", ["portfolio.db", "files", "mail"])
def test_what_everybody_on_the_machine_can_read_is_refused(open_folder: Path, name: str) -> None:
    place = open_folder / name
    if name.endswith(".db"):
        place.touch()
    else:
        place.mkdir()
    place.chmod(0o755)
    (reason,) = reasons_against(settings(open_folder))
    assert str(place) in reason
    assert "chmod" in reason
    place.chmod(0o700)
    assert reasons_against(settings(open_folder)) == []
    place.chmod(0o755)
    open_folder.chmod(0o700)  # the folder around it keeps everybody out: good enough
    assert reasons_against(settings(open_folder)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret": "changeme"}, "PORTFOLIO_SECRET must be at least 32 characters"),
        ({"public_url": "http://portfolio.example.org"}, "PORTFOLIO_ALLOW_PLAIN_HTTP"),
        ({}, "python -m portfolio migrate"),
        ({"processes": 0}, "PORTFOLIO_PROCESSES"),
    ],
)
def test_serve_says_why_it_does_not_start(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    variables = environment(f"sqlite:///{tmp_path / 'portfolio.db'}", tmp_path, 1, **changes)
    ended = subprocess.run(
        [sys.executable, "-m", "portfolio", "serve"],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "files").exists(), "nothing was opened before the check"


def test_a_new_database_is_its_owner_s_alone(open_folder: Path) -> None:
    variables = environment(f"sqlite:///{open_folder / 'data' / 'portfolio.db'}", open_folder, 1)
    subprocess.run(
        [sys.executable, "-m", "portfolio", "migrate"], cwd=ROOT, env=variables, check=True, timeout=240
    )
    assert (open_folder / "data" / "portfolio.db").stat().st_mode & 0o077 == 0
    assert (open_folder / "data").stat().st_mode & 0o077 == 0
