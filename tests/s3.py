"""A real S3 server for tests, and for server processes that tests start.

    with real_s3() as s3:                        # reported as not run (a failure in CI) where Ceph is missing
        bucket = s3.new_bucket()
        store = s3.store(bucket)                 # a store of this process
        environment = s3.environment(bucket)     # PORTFOLIO_… for a process of its own

In tests the fixture `s3_server` is one such server for the whole run of a worker; take a new bucket per test.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from storage.s3 import S3Settings, S3Store
from tests import real
from tests.storage.ceph import Ceph

REGION = "eu-west-2"


@dataclass(frozen=True)
class S3Server:
    """Where it listens and who may use it. `through` another endpoint (a fault proxy) everything else stays."""

    endpoint: str
    access_key: str
    secret_key: str
    location: str = ""
    """What a new bucket is told of its place: moto wants it, Ceph does not know it."""

    def through(self, endpoint: str) -> S3Server:
        """The same server by way of a proxy."""
        return replace(self, endpoint=endpoint)

    def new_bucket(self) -> str:
        """An empty bucket of a fresh name."""
        bucket = f"test-{secrets.token_hex(8)}"
        store = self.store(bucket)
        place = {"CreateBucketConfiguration": {"LocationConstraint": self.location}} if self.location else {}
        store._client.create_bucket(Bucket=bucket, **place)
        store.close()
        return bucket

    def store(self, bucket: str, prefix: str = "", **options: Any) -> S3Store:
        """A store over this bucket; the options are fields of S3Settings. `close()` it, or let go of it."""
        values: dict[str, Any] = {
            "endpoint_url": self.endpoint,
            "region": REGION,
            "access_key_id": self.access_key,
            "secret_access_key": self.secret_key,
        } | options
        return S3Store(S3Settings(bucket=bucket, prefix=prefix, **values))

    def environment(self, bucket: str, prefix: str = "") -> dict[str, str]:
        """The settings with which `python -m portfolio` uses this bucket."""
        return {
            "PORTFOLIO_STORAGE_URL": f"s3://{bucket}/{prefix}".rstrip("/"),
            "PORTFOLIO_S3_ENDPOINT": self.endpoint,
            "PORTFOLIO_S3_REGION": REGION,
            "PORTFOLIO_S3_ACCESS_KEY": self.access_key,
            "PORTFOLIO_S3_SECRET_KEY": self.secret_key,
        }


@contextmanager
def real_s3() -> Iterator[S3Server]:
    """Ceph's gateway, started for this block and stopped after it. Needs no pytest run around it."""
    real.ceph()
    with tempfile.TemporaryDirectory(prefix="portfolio-ceph-") as folder, Ceph(Path(folder)) as ceph:
        yield S3Server(ceph.endpoint, ceph.access_key, ceph.secret_key)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One real S3 server for all tests of this worker."""
    with real_s3() as server:
        yield server
