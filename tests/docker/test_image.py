"""Every step of the image, run outside Docker in an empty folder: packages, files, migrate, serve, health, stop."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.postgres import TEST_DATABASE_URL
from tests.serving.running import PATIENCE, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(
    0, str(ROOT / "docker")
)  # scripts of the image, not a package: one of that name may be installed
from runtime_packages import entries, runtime  # noqa: E402

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def steps(word: str) -> list[str]:
    return re.findall(rf"^{word} (.+)$", DOCKERFILE, re.MULTILINE)


@dataclass(frozen=True)
class Built:
    """The image's two places: its files, and its environment."""

    app: Path
    environment: Path

    def variables(self, **more: object) -> dict[str, str]:
        """What the image sets, and the settings of a run; nothing else of this machine but what a shell needs."""
        return {
            "PATH": f"{self.environment / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.app),
            "PYTHONDONTWRITEBYTECODE": "1",
        } | {key: str(value) for key, value in more.items()}

    def command(self, *arguments: str) -> list[str]:
        (entry,) = steps("ENTRYPOINT")
        return [*eval_list(entry), *arguments]


def eval_list(text: str) -> list[str]:
    return [part.strip().strip('"') for part in text.strip("[]").split(",")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """COPY and RUN as the Dockerfile lists them, in its order."""
    app = tmp_path_factory.mktemp("image")
    environment = app.parent / f"{app.name}-environment"
    for line in DOCKERFILE.splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            *sources, target = shlex.split(rest)
            for source in sources:
                copy(ROOT / source, app / target / ("" if (ROOT / source).is_dir() else source))
        elif word == "RUN" and "install.sh" in rest:
            command = shlex.split(rest.replace("/opt/portfolio", str(environment)))
            subprocess.run(
                command,
                cwd=app,
                check=True,
                timeout=600,
                env={
                    **os.environ,
                    "PYTHON": sys.executable,
                    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                },
            )
    yield Built(app, environment)
    shutil.rmtree(environment, ignore_errors=True)


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(
            source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def test_the_image_is_pinned_runs_as_nobody_special_and_every_step_is_a_script() -> None:
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-bookworm", steps("FROM")[0])
    assert steps("USER") == ["portfolio"]
    for run in steps("RUN"):
        script = re.match(r"sh (docker/[a-z-]+\.sh)", run)
        assert script, run
        assert (ROOT / script[1]).is_file()
    for script in sorted((ROOT / "docker").glob("*.sh")):
        assert subprocess.run(["sh", "-n", str(script)], timeout=60).returncode == 0, script
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nCOPY "), (
        "what runs must not be able to change itself"
    )
    assert "docker/health.py" in steps("HEALTHCHECK")[0]


def test_the_image_holds_what_runs_and_nothing_that_tests() -> None:
    pyproject, lock = (ROOT / "pyproject.toml").read_text(), (ROOT / "requirements.lock").read_text()
    names = set(entries(runtime(pyproject, lock)))
    assert {
        "fastapi",
        "starlette",
        "uvicorn",
        "httptools",
        "uvloop",
        "boto3",
        "psycopg-binary",
        "pydantic-core",
    } <= names
    assert not names & {"pytest", "playwright", "moto", "mypy", "ruff", "hypothesis", "flask", "werkzeug"}
    whole = entries(lock)
    assert len(names) < len(whole)
    for name in names:
        assert "--hash=sha256:" in whole[name]


def test_a_name_that_the_lock_lacks_is_refused() -> None:
    pyproject = '[project]\ndependencies = ["no-such-thing==1"]\n'
    with pytest.raises(SystemExit, match="no-such-thing"):
        runtime(pyproject, (ROOT / "requirements.lock").read_text())


def test_it_migrates_serves_is_healthy_and_stops(built: Built, tmp_path: Path) -> None:
    """On PostgreSQL with the two roles that the compose file's script makes there; otherwise on SQLite."""
    if TEST_DATABASE_URL:
        on_postgresql(built, tmp_path)
        return
    data = tmp_path / "data"
    run_through(built, data, f"sqlite:///{data / 'portfolio.db'}")
    assert (data / "portfolio.db").stat().st_mode & 0o077 == 0


def on_postgresql(built: Built, tmp_path: Path) -> None:
    name = f"portfolio_image_{secrets.token_hex(4)}"
    server = make_url(TEST_DATABASE_URL)
    passwords = {
        "PORTFOLIO_DATABASE_OWNER_PASSWORD": 'owner\'s "own" $word',
        "PORTFOLIO_DATABASE_PASSWORD": "application's",
    }
    where = {
        "PGHOST": server.host,
        "PGPORT": server.port or 5432,
        "POSTGRES_USER": server.username,
        "POSTGRES_DB": server.database,
        "PORTFOLIO_OWNER_ROLE": f"{name}_owner",
        "PORTFOLIO_APPLICATION_ROLE": f"{name}_app",
        "PORTFOLIO_DATABASE_NAME": name,
        "PORTFOLIO_ROLES_FILE": built.app / "docker" / "roles.psql",
    } | ({"PGPASSWORD": server.password} if server.password else {})
    subprocess.run(
        ["sh", str(built.app / "docker" / "make-roles.sh")],
        env=built.variables(**where, **passwords),
        check=True,
        timeout=120,
    )
    try:
        address = f"postgresql://{{}}@{server.host}:{server.port or 5432}/{name}"
        run_through(
            built,
            tmp_path / "data",
            address.format(f"{name}_app"),
            migrating={
                "PORTFOLIO_DATABASE_OWNER_URL": address.format(f"{name}_owner"),
                "PGPASSWORD": passwords["PORTFOLIO_DATABASE_OWNER_PASSWORD"],
            },
            serving={"PGPASSWORD": passwords["PORTFOLIO_DATABASE_PASSWORD"]},
        )
    finally:
        drop(name)


def drop(name: str) -> None:
    engine = create_engine(TEST_DATABASE_URL, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        for role in (f"{name}_owner", f"{name}_app"):
            connection.execute(text(f'DROP ROLE IF EXISTS "{role}"'))


def run_through(
    built: Built,
    data: Path,
    database_url: str,
    migrating: dict[str, str] | None = None,
    serving: dict[str, str] | None = None,
) -> None:
    """migrate, serve in two processes, ready, healthy, a page, SIGTERM, exit code 0."""
    port = free_port()
    settings = built.variables(
        PORTFOLIO_SECRET=secrets.token_urlsafe(48),
        PORTFOLIO_DATABASE_URL=database_url,
        PORTFOLIO_STORAGE_URL=f"folder:{data / 'files'}",
        PORTFOLIO_STANDARDS_FOLDER=data / "standards",
        PORTFOLIO_MAIL_FOLDER=data / "mail",
        PORTFOLIO_PUBLIC_URL="https://portfolio.example.org",
        PORTFOLIO_PORT=port,
        PORTFOLIO_PROCESSES=2,
    )
    done = subprocess.run(
        built.command("migrate"),
        cwd=built.app,
        env=settings | (migrating or {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    health = [str(built.environment / "bin" / "python"), "docker/health.py"]
    assert (
        subprocess.run(health, cwd=built.app, env=settings, capture_output=True, timeout=60).returncode == 1
    )
    (command,) = steps("CMD")
    process = subprocess.Popen(
        built.command(*eval_list(command)),
        cwd=built.app,
        env=settings | (serving or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + PATIENCE
        while subprocess.run(health, cwd=built.app, env=settings, capture_output=True, timeout=60).returncode:
            assert process.poll() is None, "it ended by itself"
            assert time.monotonic() < until, "it was never healthy"
        page = httpx2.get(
            f"http://127.0.0.1:{port}/sign-in", headers={"Host": "portfolio.example.org"}, timeout=PATIENCE
        )
        assert page.status_code == 200
        assert "Strict-Transport-Security" in page.headers
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
