"""`python3 dev.py demo`: the whole product with demonstration data, in one folder, on this machine only."""

from __future__ import annotations

import secrets
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from portfolio.app import create_app, open_catalogue, open_database, open_store
from portfolio.demo.load import load
from portfolio.demo.world import PASSWORD
from portfolio.ledger.carrying import after_migrating
from portfolio.migrate import migrate
from portfolio.settings import Settings

SIGN_INS = (
    ("Apprentice", "amina.archer@northside-school.example"),
    ("Workplace mentor", "marek.mason@northside-school.example"),
    ("Assessor", "asha.abbott@northern-skills.example"),
    ("Internal quality assurer", "ines.irwin@northern-skills.example"),
    ("Provider manager", "priya.parker@northern-skills.example"),
    ("Manager, other provider", "noor.naylor@harbour-training.example"),
    ("Installation admin", "alex.adair@installation.example"),
)
"""One person per role, to sign in as."""


def demo(folder: Path, port: int, *, fresh: bool = False) -> FastAPI:
    """Make the demonstration in this folder unless it is there, say how to sign in, and return the application.

    A folder whose loading was interrupted has no mark of completeness and is made anew.
    """
    complete = folder / "complete"
    if fresh or (folder.exists() and not complete.exists()):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    settings = demo_settings(folder, port)
    catalogue = open_catalogue(settings)
    database, store = open_database(settings, catalogue), open_store(settings)
    migrate(database, then=after_migrating)
    if not complete.exists():
        started = time.monotonic()
        say("Writing the demonstration: two providers, 54 apprentices, their evidence and decisions")
        load(database, store, catalogue, datetime.now(UTC), say)
        complete.write_text(datetime.now(UTC).isoformat())
        say(f"Done after {time.monotonic() - started:.0f} seconds")
    print(
        f"\n  KSB Portfolio, demonstration: {settings.public_url}\n\n  Sign in with the password  {PASSWORD}  as"
    )
    for role, email in SIGN_INS:
        print(f"    {role:<26}{email}")
    print("\n  Stop it with Ctrl+C. Start over with --fresh.\n", flush=True)
    return create_app(settings, catalogue=catalogue, database=database, store=store)


def demo_settings(folder: Path, port: int) -> Settings:
    """Everything in one folder, with a secret of its own that stays the same between starts."""
    key = folder / "secret"
    if not key.exists():
        key.write_text(secrets.token_urlsafe(48))
        key.chmod(0o600)
    place = folder.resolve()
    return Settings(
        secret=key.read_text(),
        database_url=f"sqlite:///{place / 'portfolio.db'}",
        storage_url=f"folder:{place / 'files'}",
        standards_folder=place / "standards",
        mail_folder=place / "mail",
        public_url=f"http://127.0.0.1:{port}",
        port=port,
    )


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)
