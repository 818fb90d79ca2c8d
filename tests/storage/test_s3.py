"""What is particular to S3: parts, strangers in the bucket, wrong keys, servers that are not there, memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import StoreUnavailable, new_key
from storage.s3 import S3Settings, S3Store
from tests.s3 import S3Server

PROVIDER = "0192f3a4-0000-7000-8000-000000000001"
NOWHERE = S3Server("http://127.0.0.1:9", "test", "test")


@pytest.fixture(scope="module")
def bucket(s3_server: S3Server) -> str:
    return s3_server.new_bucket()


@pytest.fixture
def store(s3_server: S3Server, bucket: str, tmp_path: Path) -> Iterator[S3Store]:
    store = s3_server.store(bucket, tmp_path.name.replace("_", "-"), staging=tmp_path / "here")
    yield store
    store.close()


def test_a_large_file_goes_up_in_parts(store: S3Store, tmp_path: Path) -> None:
    asked: list[str] = []
    store._client.meta.events.register("before-call.s3", lambda model, **_: asked.append(model.name))
    path = store.staging() / "film"
    path.write_bytes(b"\0" * 20 * 1024 * 1024)
    store.adopt(new_key(PROVIDER), path)
    assert path.is_relative_to(tmp_path / "here")
    assert asked == [
        "HeadObject", "CreateMultipartUpload", "UploadPart", "UploadPart", "UploadPart", "CompleteMultipartUpload",
        "HeadObject",
    ]  # fmt: skip


def test_objects_of_others_in_the_bucket_are_not_ours(store: S3Store, bucket: str) -> None:
    key = new_key(PROVIDER)
    store._client.put_object(Bucket=bucket, Key=key, Body=b"theirs")
    store._client.put_object(Bucket=bucket, Key=f"{store.settings.prefix}/readme.txt", Body=b"a note")
    assert list(store.keys()) == []
    assert not store.exists(key)


def test_more_keys_than_one_page_holds_are_all_listed(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = sorted(new_key(PROVIDER) for _ in range(7))
    for key in keys:
        store.put(key, b"x")

    def small_pages(params: dict[str, object], **_: object) -> None:
        params["MaxKeys"] = 3

    store._client.meta.events.register("provide-client-params.s3.ListObjectsV2", small_pages)
    assert list(store.keys()) == keys


@pytest.mark.parametrize("wrong", ["secret", "access"])
def test_wrong_keys_are_unavailable_whatever_is_asked(s3_server: S3Server, bucket: str, wrong: str) -> None:
    wrong_server = S3Server(
        s3_server.endpoint,
        "nobody" if wrong == "access" else s3_server.access_key,
        "wrong" if wrong == "secret" else s3_server.secret_key,
    )
    store = wrong_server.store(bucket)
    key = new_key(PROVIDER)
    for question in (
        lambda: store.put(key, b"x"),
        lambda: store.read(key),
        lambda: store.exists(key),
        lambda: list(store.keys()),
        store.ready,
    ):
        with pytest.raises(
            StoreUnavailable, match=r"refused: (403|SignatureDoesNotMatch|InvalidAccessKeyId)"
        ):
            question()
    store.close()


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    store = NOWHERE.store("b", attempts=1)
    for question in (lambda: store.exists(new_key(PROVIDER)), store.ready):
        with pytest.raises(StoreUnavailable, match="did not answer: EndpointConnectionError"):
            question()
    store.close()


def test_a_bucket_that_does_not_exist_is_unavailable(s3_server: S3Server) -> None:
    store = s3_server.store("nowhere-at-all")
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        store.put(new_key(PROVIDER), b"x")
    with pytest.raises(StoreUnavailable, match="404"):
        store.ready()
    store.close()


def test_secrets_do_not_show() -> None:
    assert "hush" not in repr(S3Settings(bucket="b", secret_access_key="hush"))


SENDING = """
import hashlib, resource, sys
from pathlib import Path
from storage.s3 import S3Settings, S3Store
from storage.store import new_key, read_verified

endpoint, bucket, access, secret, folder = sys.argv[1:]
store = S3Store(S3Settings(bucket=bucket, endpoint_url=endpoint, access_key_id=access, secret_access_key=secret,
                           staging=Path(folder)))

def through(size):
    path, digest, block = store.staging() / "film", hashlib.sha256(), bytes(range(256)) * 4000
    with path.open("wb") as file:
        for _ in range(size // len(block)):
            digest.update(block)
            file.write(block)
    key = new_key("provider-1")
    store.adopt(key, path, digest.hexdigest())
    return sum(len(chunk) for chunk in read_verified(store, key, digest.hexdigest()))

through(10_240_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = through(153_600_000)
print(size, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""
MOST_GROWTH = 8_000_000
"""Bytes. One part is larger than that, the whole file twenty times."""


def test_a_large_file_is_not_held_in_memory_on_the_way_in_or_out(
    s3_server: S3Server, bucket: str, tmp_path: Path
) -> None:
    place = [s3_server.endpoint, bucket, s3_server.access_key, s3_server.secret_key, str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", SENDING, *place], capture_output=True, text=True, timeout=120, check=True
    )
    size, grown = map(int, done.stdout.split())
    assert size == 153_600_000
    assert grown < MOST_GROWTH, f"grew by {grown / 1e6:.1f} MB"
