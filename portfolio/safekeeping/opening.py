"""From settings and what was typed to the places that a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from kbs.catalogue import Catalogue
from portfolio.app import open_catalogue, open_database, open_store
from portfolio.database import Database
from portfolio.migrate import is_current
from portfolio.safekeeping.mark import reason_against_use
from portfolio.safekeeping.places import FolderPlace, Place
from portfolio.safekeeping.target import Target
from portfolio.settings import Settings


class Mistyped(Exception):
    """An address that cannot be used. The argument is the sentence to show."""


@contextmanager
def open_here(settings: Settings) -> Iterator[tuple[Database, Catalogue]]:
    """The database of the settings and the standards. Raises Mistyped for one that is not up to date, or that is
    being filled."""
    catalogue = open_catalogue(settings)
    database = open_database(settings, catalogue)
    try:
        if reason := reason_against_use(database):
            raise Mistyped(reason)
        if not is_current(database):
            raise Mistyped("The database is not up to date. Run: python -m portfolio migrate")
        yield database, catalogue
    finally:
        database.engine.dispose()


def open_place(address: str, settings: Settings) -> Place:
    """A folder that exists, or s3://bucket/prefix."""
    if address.startswith("s3://"):
        return _bucket(address, settings)
    folder = Path(address)
    if not folder.is_dir():
        raise Mistyped(
            f"There is no folder {folder}. Make it first: a disk that is not there must not be mistaken for one."
        )
    store = settings.storage_url.removeprefix("folder:")
    if store != settings.storage_url and folder.resolve().is_relative_to(Path(store).resolve()):
        raise Mistyped(
            "That folder lies in the store itself. Keep backups on another disk, better another machine."
        )
    return FolderPlace(folder)


def _bucket(address: str, settings: Settings) -> Place:
    from portfolio.safekeeping.places_s3 import S3Place  # boto3 takes a while to import
    from storage.s3_client import S3Settings

    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    if not bucket:
        raise Mistyped("The address names no bucket: s3://bucket/prefix")
    own = bool(settings.backup_s3_access_key)
    secret = settings.backup_s3_secret_key if own else settings.s3_secret_key
    return S3Place(
        S3Settings(
            bucket=bucket,
            prefix=prefix.strip("/"),
            endpoint_url=settings.backup_s3_endpoint or settings.s3_endpoint or None,
            region=settings.backup_s3_region or settings.s3_region,
            access_key_id=(settings.backup_s3_access_key or settings.s3_access_key) or None,
            secret_access_key=secret.get_secret_value() or None,
            path_style=settings.s3_path_style,
        )
    )


@contextmanager
def open_target(settings: Settings) -> Iterator[Target]:
    """Where the settings point, opened as the owner of the tables."""
    owner = settings.database_owner_url or settings.database_url
    with target_at(owner, _role(settings.database_url, owner), settings) as target:
        yield target


@contextmanager
def target_at(owner_url: str, role: str, settings: Settings) -> Iterator[Target]:
    """This database, and store and standards as the settings have them. Raises Mistyped for an address that is none."""
    try:
        url = make_url(owner_url)
        if url.drivername == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        owner = Database(owner_url, pool=2, overflow=1)
        target = Target(owner, role, open_store(settings), settings.standards_folder)
    except (ValueError, ArgumentError) as error:
        raise Mistyped(f"That address cannot be used: {type(error).__name__}.") from None
    try:
        yield target
    finally:
        owner.engine.dispose()


def _role(serving: str, owner: str) -> str:
    """The application's role, where it is not the owner."""
    name = make_url(serving).username or ""
    return "" if name == make_url(owner).username else name


def shown(address: str) -> str:
    """Without its password."""
    url: URL = make_url(address)
    return url.render_as_string(hide_password=True)
