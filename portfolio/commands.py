"""The commands of `python -m portfolio`: what each takes, and what it does."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError, ProgrammingError

from kbs.official import OfficialError, import_standard
from portfolio.app import create_app, open_catalogue, open_database
from portfolio.database import Database
from portfolio.ledger.carrying import after_migrating
from portfolio.migrate import is_current, migrate_with
from portfolio.people import actions as people
from portfolio.people import correcting
from portfolio.refusals import Refused
from portfolio.safekeeping import command as safekeeping
from portfolio.safekeeping import mark
from portfolio.safekeeping.command_verify import run_verify_progress
from portfolio.serving.self_check import reasons_against
from portfolio.settings import Settings
from portfolio.walls import NoSuchRole, faults


def add_to(commands: Any) -> None:
    """Add every command to the parser."""
    serve_parser = commands.add_parser("serve", help="serve it for real, with settings from the environment")
    serve_parser.add_argument("--host", help="instead of PORTFOLIO_HOST")
    serve_parser.add_argument("--port", type=int, help="instead of PORTFOLIO_PORT")
    serve_parser.add_argument("--processes", type=int, help="instead of PORTFOLIO_PROCESSES")
    serve_parser.set_defaults(run=serve)
    worker_parser = commands.add_parser("worker", help="do background jobs, where serving does not do them")
    worker_parser.set_defaults(run=run_worker)
    demo_parser = commands.add_parser(
        "demo", help="the whole product with demonstration data, on this machine"
    )
    demo_parser.add_argument("--port", type=int, default=8000)
    demo_parser.add_argument(
        "--fresh", action="store_true", help="throw the demonstration's data away and start over"
    )
    demo_parser.add_argument("--folder", type=Path, default=Path("demo-data"), help="where its data lives")
    demo_parser.add_argument("--load-only", action="store_true", help="make the data, do not serve")
    demo_parser.set_defaults(run=run_demo)
    provider_parser = commands.add_parser("create-provider", help="a training provider and its first manager")
    provider_parser.add_argument("name", help="for example: Northern Skills")
    provider_parser.add_argument("--ukprn", default="", help="eight digits, if you have it at hand")
    provider_parser.add_argument("--manager-name", required=True)
    provider_parser.add_argument("--manager-email", required=True)
    provider_parser.add_argument(
        "--admin", action="store_true", help="the manager is the installation admin too"
    )
    provider_parser.set_defaults(run=run_create_provider)
    email_parser = commands.add_parser(
        "correct-email",
        help="change the address of somebody who lost both password and mailbox",
        description="Be sure who asks: whoever reads the mail of the new address can choose the password. "
        "Every device is signed out, links end, and both addresses are told.",
    )
    email_parser.add_argument("old", help="the address that signs in now")
    email_parser.add_argument("new", help="the address that signs in from now on")
    email_parser.set_defaults(run=run_correct_email)
    migrate_parser = commands.add_parser("migrate", help="bring the database up to date")
    migrate_parser.set_defaults(run=run_migrate)
    import_parser = commands.add_parser(
        "import-standard",
        help="take in the official JSON of a standard",
        description="Shows what the official file would change. Nothing is written without --yes. "
        "Statements are matched by their wording; anything that does not match is refused.",
    )
    import_parser.add_argument("file", type=Path, help="the JSON as it was downloaded")
    import_parser.add_argument("--yes", action="store_true", help="write it, after you have read the changes")
    import_parser.set_defaults(run=run_import_standard)
    verify_parser = commands.add_parser(
        "verify-progress", help="compare every progress summary with one computed afresh"
    )
    verify_parser.add_argument("--repair", action="store_true", help="compute those that differ afresh")
    verify_parser.set_defaults(run=run_verify_progress)
    safekeeping.add_to(commands)


def serve(options: argparse.Namespace) -> int:
    """Pages, from one process or several. Refuses what would expose people, with a sentence for each reason."""
    from portfolio import server  # the other commands start faster without it

    given = {name: getattr(options, name) for name in ("host", "port", "processes")}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    if reasons := reasons_against(settings):
        return fail("\n".join(reasons))
    database = open_database(settings, open_catalogue(settings))
    try:
        if reason := reason_against_running(database):
            return fail(reason)
    finally:
        database.engine.dispose()
    if settings.processes > 1:
        return server.run_processes(settings)
    return server.run_server(create_app(settings), settings.host, settings.port)


def reason_against_running(database: Database) -> str:
    """Why pages must not be served and jobs not be done with this database; empty if they may."""
    try:
        if reason := mark.reason_against_use(database):
            return reason
        if not is_current(database):
            return "The database is not up to date. Run: python -m portfolio migrate"
        return "\n".join(faults(database))
    except ProgrammingError:  # it is there, and this role may not even ask
        return "\n".join(faults(database))
    except OperationalError as error:
        return f"The database cannot be reached ({type(error.orig).__name__}). Check PORTFOLIO_DATABASE_URL and the server."


def run_worker(options: argparse.Namespace) -> int:
    """Do jobs until SIGTERM or Ctrl+C; the job at hand is finished first."""
    from portfolio import server

    settings = Settings()
    app = create_app(settings)
    if reason := reason_against_running(app.state.database):
        return fail(reason)
    return server.run_worker(app)


def run_migrate(options: argparse.Namespace) -> int:
    settings = Settings()
    _make_folder(settings.database_url)
    try:
        done, lines = migrate_with(settings, then=after_migrating)
    except NoSuchRole as missing:
        return fail(str(missing))
    for line in lines:
        print(line)
    print(
        f"The database is at {done.after}."
        if done.before == done.after
        else f"The database went from {done.before or 'nothing'} to {done.after}."
    )
    return 0


def run_demo(options: argparse.Namespace) -> int:
    from portfolio import server
    from portfolio.demo.serve import demo  # only this command needs it

    app = demo(options.folder, options.port, fresh=options.fresh)
    return 0 if options.load_only else server.run_server(app, "127.0.0.1", options.port)


def run_create_provider(options: argparse.Namespace) -> int:
    settings = Settings()
    database = open_database(settings, open_catalogue(settings))
    if reason := mark.reason_against_use(database):
        return fail(reason)
    try:
        with database.writing() as session:
            created = people.create_provider(
                session,
                name=options.name,
                ukprn=options.ukprn,
                manager_name=options.manager_name,
                manager_email=options.manager_email,
                by=None,
                now=utc_now(),
            )
            if options.admin:
                created.invited.person.is_admin = True
    except Refused as refusal:
        return fail(refusal.reason)
    print(f"{options.name} is there. Its first manager: {options.manager_name} <{options.manager_email}>.")
    if created.invited.token:
        print(f"To set a password, open: {settings.public_url}/set-password/{created.invited.token}")
    return 0


def run_correct_email(options: argparse.Namespace) -> int:
    settings = Settings()
    database = open_database(settings, open_catalogue(settings))
    if reason := mark.reason_against_use(database):
        return fail(reason)
    try:
        with database.writing() as session:
            changed = correcting.change_from_terminal(session, options.old, options.new, now=utc_now())
    except Refused as refusal:
        return fail(refusal.reason)
    finally:
        database.engine.dispose()
    if not changed:
        return fail("The two addresses are the same. Nothing was changed.")
    print(f"{options.new} signs in now, and {options.old} no longer does. Every device was signed out.")
    print(
        "With “I have forgotten my password” on the sign-in page they choose a new one. The worker tells both."
    )
    return 0


def run_import_standard(options: argparse.Namespace) -> int:
    settings = Settings()
    try:
        report = import_standard(
            open_catalogue(settings),
            options.file.read_bytes(),
            options.file.name,
            utc_now().date(),
            settings.standards_folder,
            write=options.yes,
        )
    except OSError as error:
        return fail(f"{options.file} cannot be read: {error.strerror}")
    except OfficialError as error:
        return fail(
            "The file was refused, nothing was changed:\n" + "\n".join(f"- {fault}" for fault in error.faults)
        )
    print("\n".join(report.lines))
    if report.written_to:
        print(
            f"Written to {report.written_to}. Restart the server, then run: python -m portfolio verify-progress"
        )
    elif report.has_changes:
        print("Nothing was written yet. Run it again with --yes to write this.")
    return 0


def _make_folder(database_url: str) -> None:
    """For SQLite: a folder and a file that nobody else on this machine can read."""
    if database_url.startswith("sqlite:///"):
        file = Path(database_url.removeprefix("sqlite:///"))
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def utc_now() -> datetime:
    return datetime.now(UTC)
