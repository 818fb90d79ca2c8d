"""One contract, four stores: memory, a folder, and S3 over HTTP, to a double and to a real server (Ceph)."""

from __future__ import annotations

import gc
import hashlib
import os
import random
import secrets
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from storage import (
    Altered,
    EvidenceStore,
    KeyTaken,
    NotStored,
    StoredObject,
    new_key,
    open_store,
    read_verified,
)
from storage.folder import FolderStore
from storage.memory import MemoryStore
from storage.s3 import S3Store
from storage.s3_sending import PART
from storage.store import CHUNK
from tests.s3 import S3Server

PROVIDER = "0192f3a4-0000-7000-8000-000000000001"
OTHER = "0192f3a4-0000-7000-8000-000000000002"


@pytest.fixture(scope="module")
def moto_server() -> Iterator[S3Server]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Server(f"http://{host}:{port}", "test", "test", location="eu-west-2")
    server.stop()


@pytest.fixture(scope="module")
def buckets() -> dict[str, str]:
    """One bucket for each server; every test has a prefix of its own in it."""
    return {}


@pytest.fixture(params=["memory", "folder", "moto", "ceph"])
def store(request: pytest.FixtureRequest, tmp_path: Path, buckets: dict[str, str]) -> Iterator[EvidenceStore]:
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "folder":
        yield FolderStore(tmp_path / "store")
    else:
        name = {"moto": "moto_server", "ceph": "s3_server"}[request.param]
        server: S3Server = request.getfixturevalue(name)
        if name not in buckets:
            buckets[name] = server.new_bucket()
        store = server.store(buckets[name], f"evidence-{secrets.token_hex(4)}")
        yield store
        store.close()


def staged(store: EvidenceStore, data: bytes) -> Path:
    path = store.staging() / secrets.token_hex(8)
    path.write_bytes(data)
    return path


def everything(store: EvidenceStore, key: str, *span: int) -> bytes:
    return b"".join(store.read(key, *span))


class TestEveryStore:
    def test_what_is_adopted_can_be_read_and_the_staged_file_is_gone(self, store: EvidenceStore) -> None:
        key, path = new_key(PROVIDER), staged(store, b"what I saw")
        assert store.adopt(key, path) == StoredObject(key, 10)
        assert everything(store, key) == b"what I saw"
        assert store.size(key) == 10
        assert store.exists(key)
        assert not path.exists()

    def test_what_is_put_can_be_read(self, store: EvidenceStore) -> None:
        key = new_key(PROVIDER)
        assert store.put(key, b"preview") == StoredObject(key, 7)
        assert everything(store, key) == b"preview"

    def test_an_empty_object_is_an_object(self, store: EvidenceStore) -> None:
        key = new_key(PROVIDER)
        store.put(key, b"")
        assert store.exists(key)
        assert store.size(key) == 0
        assert everything(store, key) == b""
        assert everything(store, key, 0, 5) == b""

    def test_a_key_in_use_is_refused_and_nothing_changes(self, store: EvidenceStore) -> None:
        key = new_key(PROVIDER)
        store.put(key, b"first")
        path = staged(store, b"second")
        with pytest.raises(KeyTaken):
            store.adopt(key, path)
        with pytest.raises(KeyTaken):
            store.put(key, b"third")
        assert everything(store, key) == b"first"
        assert path.read_bytes() == b"second"

    @pytest.mark.parametrize(
        ("start", "length"),
        [
            (0, None),
            (0, 1),
            (1, 3),
            (5, None),
            (9, 1),
            (9, 50),
            (10, None),
            (10, 1),
            (50, 2),
            (0, 0),
            (3, 0),
            (0, 10),
        ],
    )
    def test_any_part_can_be_read(self, store: EvidenceStore, start: int, length: int | None) -> None:
        key, data = new_key(PROVIDER), b"0123456789"
        store.put(key, data)
        expected = data[start:] if length is None else data[start : start + length]
        assert b"".join(store.read(key, start, length)) == expected

    @pytest.mark.parametrize(("start", "length"), [(-1, None), (0, -1)])
    def test_a_negative_part_is_a_mistake(self, store: EvidenceStore, start: int, length: int | None) -> None:
        key = new_key(PROVIDER)
        store.put(key, b"x")
        with pytest.raises(ValueError, match="negative"):
            store.read(key, start, length)

    def test_what_is_missing_is_said_at_once(self, store: EvidenceStore) -> None:
        key = new_key(PROVIDER)
        assert not store.exists(key)
        for question in (store.read, store.size):
            with pytest.raises(NotStored, match=key):
                question(key)
        with pytest.raises(NotStored):
            store.read(key, 0, 0)

    def test_what_is_deleted_is_gone_and_deleting_again_is_no_error(self, store: EvidenceStore) -> None:
        key = new_key(PROVIDER)
        store.put(key, b"x")
        store.delete(key)
        store.delete(key)
        assert not store.exists(key)
        assert list(store.keys()) == []

    def test_keys_are_listed_in_order_and_by_provider(self, store: EvidenceStore) -> None:
        mine = sorted(new_key(PROVIDER) for _ in range(5))
        theirs = sorted(new_key(OTHER) for _ in range(3))
        for key in mine + theirs:
            store.put(key, b"x")
        staged(store, b"not yet adopted")
        assert list(store.keys()) == mine + theirs
        assert list(store.keys(f"{OTHER}/")) == theirs
        assert list(store.keys(mine[2])) == [mine[2]]
        assert list(store.keys(mine[2][:40])) == [key for key in mine if key.startswith(mine[2][:40])]
        assert list(store.keys("nobody/")) == []

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "x",
            "../../etc/passwd",
            f"{PROVIDER}/ab/../../secret",
            f"/{PROVIDER}/ab/{'ab' * 16}",
            f"{PROVIDER}/cd/{'ab' * 16}",
            f"{PROVIDER}/ab/{'ab' * 16}\n",
            f"{PROVIDER}/ab/{'AB' * 16}",
            f"{PROVIDER}/ab/{'ab' * 15}",
            f".staging/ab/{'ab' * 16}",
            f"{PROVIDER}\\ab\\{'ab' * 16}",
            f"{PROVIDER}/ab/{'ab' * 16}.jpg",
        ],
    )
    def test_a_key_that_is_not_ours_goes_nowhere(self, store: EvidenceStore, key: str) -> None:
        path = staged(store, b"x")
        questions: list[Callable[[], object]] = [
            lambda: store.adopt(key, path),
            lambda: store.put(key, b"x"),
            lambda: store.read(key),
            lambda: store.size(key),
            lambda: store.exists(key),
            lambda: store.delete(key),
            lambda: store.modified(key),
        ]
        for question in questions:
            with pytest.raises(ValueError, match="not a storage key"):
                question()
        assert path.exists()

    def test_a_prefix_that_is_not_ours_is_refused(self, store: EvidenceStore) -> None:
        with pytest.raises(ValueError, match="not the beginning"):
            store.keys("../")

    def test_twenty_megabytes_pass_through_in_small_pieces(self, store: EvidenceStore) -> None:
        data = secrets.token_bytes(1024 * 1024) * 20
        key = new_key(PROVIDER)
        assert store.adopt(key, staged(store, data)).size == len(data)
        whole = hashlib.sha256()
        for chunk in store.read(key):
            assert 0 < len(chunk) <= CHUNK
            whole.update(chunk)
        assert whole.digest() == hashlib.sha256(data).digest()
        assert everything(store, key, 19_000_000, 5) == data[19_000_000:19_000_005]

    @pytest.mark.parametrize("size", [PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 4_321_987])
    def test_sizes_round_a_part_of_a_large_upload(self, store: EvidenceStore, size: int) -> None:
        data = random.Random(size).randbytes(size)
        sha256 = hashlib.sha256(data).hexdigest()
        key = new_key(PROVIDER)
        assert store.adopt(key, staged(store, data), sha256) == StoredObject(key, size)
        assert store.size(key) == size
        assert hashlib.sha256(b"".join(read_verified(store, key, sha256))).hexdigest() == sha256
        assert everything(store, key, PART - 3, 6) == data[PART - 3 : PART + 3]

    def test_many_can_read_at_once(self, store: EvidenceStore) -> None:
        data = random.Random(1).randbytes(3 * CHUNK + 17)
        key = new_key(PROVIDER)
        store.put(key, data)

        def read(number: int) -> bool:
            start = number * 1000
            return everything(store, key, start) == data[start:]

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(read, range(24)))

    def test_it_says_when_it_stored_something(self, store: EvidenceStore) -> None:
        before = datetime.now(UTC)
        one, other = new_key(PROVIDER), new_key(PROVIDER)
        path = staged(store, b"staged long ago")
        os.utime(path, (0, 0))
        store.adopt(one, path)
        store.put(other, b"x")
        after = datetime.now(UTC)
        rounding = timedelta(seconds=1)  # S3 gives whole seconds
        for key in (one, other):
            assert before - rounding <= store.modified(key) <= after + rounding
            assert store.modified(key).utcoffset() == timedelta(0)
        with pytest.raises(NotStored):
            store.modified(new_key(PROVIDER))

    def test_it_is_ready_and_that_leaves_nothing(self, store: EvidenceStore) -> None:
        store.ready()
        assert list(store.keys()) == []
        assert list(store.staging().iterdir()) == []

    def test_what_was_altered_is_not_given_out_as_whole(self, store: EvidenceStore) -> None:
        key, expected = new_key(PROVIDER), hashlib.sha256(b"another").hexdigest()
        store.put(key, b"x" * (CHUNK + 5))
        given: list[int] = []
        with pytest.raises(Altered):
            given.extend(len(chunk) for chunk in read_verified(store, key, expected))
        assert sum(given) < CHUNK + 5
        with pytest.raises(NotStored):
            read_verified(store, new_key(PROVIDER), expected)
        read_verified(store, key, expected).close()

    def test_an_empty_object_is_verified_too(self, store: EvidenceStore) -> None:
        key = new_key(PROVIDER)
        store.put(key, b"")
        assert list(read_verified(store, key, hashlib.sha256().hexdigest())) == []
        with pytest.raises(Altered):
            list(read_verified(store, key, hashlib.sha256(b"x").hexdigest()))

    def test_reading_can_be_given_up_at_any_moment_without_a_trace(self, store: EvidenceStore) -> None:
        key = new_key(PROVIDER)
        store.put(key, b"x" * (3 * CHUNK))
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a file left open would warn
            store.read(key)
            next(store.read(key))
            begun = store.read(key)
            next(begun)
            begun.close()
            gc.collect()


class TestOpening:
    def test_an_address_names_a_store(self, tmp_path: Path) -> None:
        assert isinstance(open_store("memory:"), MemoryStore)
        folder = open_store(f"folder:{tmp_path / 'a b'}")
        assert isinstance(folder, FolderStore)
        assert folder.folder == tmp_path / "a b"
        s3 = open_store("s3://bucket/some/prefix/", endpoint_url="http://127.0.0.1:9")
        assert isinstance(s3, S3Store)
        assert (s3.settings.bucket, s3.settings.prefix) == ("bucket", "some/prefix")

    @pytest.mark.parametrize("url", ["", "folder:", "memory:x", "s3:bucket", "s3://", "ftp://x", "/data"])
    def test_any_other_address_is_a_mistake(self, url: str) -> None:
        with pytest.raises(ValueError, match="storage address"):
            open_store(url)

    def test_a_new_key_is_random_and_belongs_to_its_provider(self) -> None:
        keys = {new_key(PROVIDER) for _ in range(100)}
        assert len(keys) == 100
        assert all(key.startswith(f"{PROVIDER}/") for key in keys)

    @pytest.mark.parametrize("provider", ["", "..", "A", "a/b", ".staging", "x" * 65])
    def test_a_provider_that_cannot_be_in_a_key_is_refused(self, provider: str) -> None:
        with pytest.raises(ValueError, match="provider id"):
            new_key(provider)
