"""The compose file, as a real docker-compose reads it. It is not started here: there is no Docker engine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from portfolio.settings import Settings
from tests.real import missing

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIRED = {
    "PORTFOLIO_SECRET": "x" * 48,
    "PORTFOLIO_PUBLIC_URL": "https://portfolio.example.org",
    "PORTFOLIO_DATABASE_ADMIN_PASSWORD": "one",
    "PORTFOLIO_DATABASE_OWNER_PASSWORD": "two",
    "PORTFOLIO_DATABASE_PASSWORD": "three",
    "PORTFOLIO_S3_ACCESS_KEY": "four",
    "PORTFOLIO_S3_SECRET_KEY": "five",
}
MAIL = ("smtp_host", "smtp_port", "smtp_starttls", "smtp_user", "smtp_password", "smtp_catcher")
SERVED = ("application", "worker")


@pytest.fixture
def compose() -> str:
    found = shutil.which("docker-compose")
    if found is None:
        missing("the compose file read by docker-compose (Debian: apt-get install docker-compose)")
    return str(found)


def config(compose: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTFOLIO_")}
    return subprocess.run(
        [compose, "--file", str(ROOT / "docker-compose.yml"), "config"],
        cwd=ROOT,
        env=kept | variables,
        capture_output=True,
        text=True,
        timeout=240,
    )


def services() -> dict[str, Any]:
    """The file with its anchors resolved, variables left as they stand."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def test_docker_compose_accepts_it_and_fills_every_setting(compose: str) -> None:
    read = config(compose, REQUIRED)
    assert read.returncode == 0, read.stderr
    made = yaml.safe_load(read.stdout)["services"]
    assert {"database", "store", "mail", "migrate", "application", "worker"} <= set(made)
    for name in (*SERVED, "migrate"):
        given = {key: str(value) for key, value in made[name]["environment"].items()}
        known = {f"PORTFOLIO_{field.upper()}" for field in Settings.model_fields}
        assert {key for key in given if key.startswith("PORTFOLIO_")} <= known, "a setting nobody reads"
        values = {key.removeprefix("PORTFOLIO_").lower(): value for key, value in given.items()}
        Settings(**{key: value for key, value in values.items() if f"PORTFOLIO_{key.upper()}" in known})


@pytest.mark.parametrize("named", [True, False])
def test_mail_goes_to_the_catcher_in_clear_and_to_a_named_server_encrypted(compose: str, named: bool) -> None:
    own = {
        "PORTFOLIO_SMTP_HOST": "smtp.example.org",
        "PORTFOLIO_SMTP_USER": "us",
        "PORTFOLIO_SMTP_PASSWORD": "words",
    }
    read = config(compose, REQUIRED | (own if named else {}))
    assert read.returncode == 0, read.stderr
    for name in SERVED:
        given = yaml.safe_load(read.stdout)["services"][name]["environment"]
        known = {field: str(given[f"PORTFOLIO_{field.upper()}"]) for field in MAIL}
        settings = Settings(secret=REQUIRED["PORTFOLIO_SECRET"], **known)  # type: ignore[arg-type]
        found = (settings.smtp_host, settings.smtp_port, settings.smtp_starttls, settings.smtp_user)
        assert found == (("smtp.example.org", 587, True, "us") if named else ("mail", 1025, False, ""))


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_it_refuses_to_start_without_a_secret(compose: str, name: str, how: str) -> None:
    variables = {key: value for key, value in REQUIRED.items() if key != name}
    refused = config(compose, variables | ({name: ""} if how == "empty" else {}))
    assert refused.returncode != 0
    assert f"set {name}" in refused.stderr


def test_every_service_is_pinned_watched_and_started_again() -> None:
    for name, service in services().items():
        assert re.search(r":v?\d+\.\d+|\$\{PORTFOLIO_VERSION", service["image"]), f"{name} is not pinned"
        if name == "migrate":
            assert (service["restart"], service["healthcheck"]) == ("no", {"disable": True})
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name


def test_only_the_application_can_be_reached_and_only_from_this_machine() -> None:
    found = services()
    published = {name: service["ports"] for name, service in found.items() if "ports" in service}
    assert list(published) == ["application"]
    assert all(port.startswith("127.0.0.1:") for port in published["application"])
    whole = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert whole["networks"]["inside"]["internal"] is True
    for name in ("database", "store", "mail"):
        assert set(found[name]["networks"]) == {"inside"}, name


def test_the_owner_s_password_is_only_where_migrations_run() -> None:
    for name, service in services().items():
        holds = "PORTFOLIO_DATABASE_OWNER_PASSWORD" in str(service)
        assert holds is (name in ("database", "migrate")), name
        assert ("PORTFOLIO_DATABASE_OWNER_URL" in str(service)) is (name == "migrate"), name
    assert "@" in services()["application"]["environment"]["PORTFOLIO_DATABASE_URL"]
    assert "PASSWORD}@" not in (ROOT / "docker-compose.yml").read_text(), "a password in an address"


def test_nothing_starts_before_what_it_needs() -> None:
    found = services()
    for name in SERVED:
        assert found[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "store": {"condition": "service_healthy"},
        }
        assert found[name]["environment"]["PORTFOLIO_BACKGROUND"] == "separate"
    assert found["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    grace = int(found["application"]["stop_grace_period"].removesuffix("s"))
    assert grace > Settings.model_fields["graceful_seconds"].default + 15, "it would be killed while it stops"


def test_copies_of_files_are_held_on_a_disk_and_not_in_memory() -> None:
    for name in (*SERVED, "migrate"):
        service = services()[name]
        assert service["tmpfs"] == ["/tmp:size=64m"], name  # noqa: S108
        assert service["read_only"] is True
        assert service["environment"]["TMPDIR"] in service["volumes"], "nobody else's, and on a disk"
        assert service["environment"]["PORTFOLIO_S3_STAGING_FOLDER"].startswith("/data/")


def test_what_is_mounted_is_there() -> None:
    for service in services().values():
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                place = ROOT / volume.partition(":")[0]
                assert place.is_file(), volume
                assert volume.endswith(":ro"), volume
                if place.suffix == ".sh":
                    assert place.stat().st_mode & 0o111, "PostgreSQL's image would read it into its own shell"
