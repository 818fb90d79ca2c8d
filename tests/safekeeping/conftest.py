"""Stores of every sort that a house may have, and the owner's way into its database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from portfolio.database import Database
from storage.folder import FolderStore
from storage.s3 import S3Settings, S3Store
from storage.store import EvidenceStore

MOTO = {"region": "eu-west-2", "access_key_id": "test", "secret_access_key": "test", "attempts": 1}


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    """S3 as moto speaks it, over HTTP on loopback: for the quick run."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def moto_settings(endpoint: str, prefix: str = "") -> S3Settings:
    """A new bucket on it."""
    settings = S3Settings(bucket=f"b-{secrets.token_hex(6)}", prefix=prefix, endpoint_url=endpoint, **MOTO)
    store = S3Store(settings)
    store._client.create_bucket(
        Bucket=settings.bucket, CreateBucketConfiguration={"LocationConstraint": settings.region}
    )
    store.close()
    return settings


@pytest.fixture(params=["folder", "moto", "real S3"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EvidenceStore]:
    """The same test on a folder, on moto and on a real S3 server."""
    if request.param == "folder":
        yield FolderStore(tmp_path / "any-store")
        return
    if request.param == "moto":
        store = S3Store(moto_settings(request.getfixturevalue("moto_server"), "evidence"))
    else:
        server = request.getfixturevalue("s3_server")
        store = server.store(server.new_bucket(), "evidence")
    yield store
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


@pytest.fixture
def as_owner(database: Database, owner: Database | None) -> Database:
    """The same database for whoever owns its tables: on SQLite everybody does."""
    return owner or database
