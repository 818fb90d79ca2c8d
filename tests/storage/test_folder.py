"""The folder store keeps its promise through a power cut: in which order names and bytes reach the disk."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage import KeyTaken, StoreUnavailable, new_key
from storage.folder import FolderStore

PROVIDER = "provider-1"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def staged(store: FolderStore, name: str = "upload") -> Path:
    path = store.staging() / name
    path.write_bytes(b"what I saw")
    return path


@pytest.fixture
def recorded(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the operating system, in order: `fsync <name>`, `link <from> <to>`."""
    calls: list[str] = []
    fsync, link, mkdir, open_file = os.fsync, os.link, Path.mkdir, os.open
    handles: dict[int, Path] = {}

    def name_of(place: Path) -> str:
        inside = str(place.relative_to(store.folder))
        return inside.replace(str(store.staging().relative_to(store.folder)), ".staging")

    def record_open(path: Path, flags: int) -> int:
        handle = open_file(path, flags)
        handles[handle] = Path(path)
        return handle

    def record_fsync(handle: int) -> None:
        calls.append(f"fsync {name_of(handles[handle])}")
        fsync(handle)

    def record_link(source: Path, target: Path) -> None:
        calls.append(f"link {name_of(source)} {name_of(target)}")
        link(source, target)

    def record_mkdir(path: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        calls.append(f"mkdir {name_of(path)}")
        mkdir(path, mode, parents, exist_ok)

    monkeypatch.setattr(os, "open", record_open)
    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(os, "link", record_link)
    monkeypatch.setattr(Path, "mkdir", record_mkdir)
    return calls


def test_bytes_reach_the_disk_before_the_name_and_the_name_before_the_receipt(
    store: FolderStore, recorded: list[str]
) -> None:
    key = new_key(PROVIDER)
    spread = key.rpartition("/")[0]
    store.adopt(key, staged(store))
    assert recorded == [
        "fsync .staging/upload",
        f"mkdir {PROVIDER}",
        "fsync .",
        f"mkdir {spread}",
        f"fsync {PROVIDER}",
        f"link .staging/upload {key}",
        f"fsync {spread}",
        "fsync .staging",
    ]


def test_a_removal_reaches_the_disk_too(store: FolderStore, recorded: list[str]) -> None:
    key = new_key(PROVIDER)
    store.put(key, b"x")
    recorded.clear()
    store.delete(key)
    assert recorded == [f"fsync {key.rpartition('/')[0]}"]


def test_adopting_renames_and_does_not_copy(store: FolderStore) -> None:
    key, path = new_key(PROVIDER), staged(store)
    before = path.stat().st_ino
    store.adopt(key, path)
    kept = (store.folder / key).stat()
    assert (kept.st_ino, kept.st_nlink) == (before, 1)
    assert list(store.staging().iterdir()) == []


def test_nobody_else_on_the_machine_can_read(store: FolderStore) -> None:
    key = new_key(PROVIDER)
    store.put(key, b"x")
    path = store.folder / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent, store.staging(), store.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_of_many_who_want_one_key_one_gets_it(store: FolderStore) -> None:
    key = new_key(PROVIDER)

    def adopt(number: int) -> bool:
        try:
            store.adopt(key, staged(store, f"upload-{number}"))
        except KeyTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(adopt, range(8))) == 1


def test_a_file_system_without_hard_links_will_do(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    key = new_key(PROVIDER)
    store.adopt(key, staged(store))
    assert b"".join(store.read(key)) == b"what I saw"
    with pytest.raises(KeyTaken):
        store.adopt(key, staged(store))


def test_a_full_disk_is_said_in_the_stores_words_and_leaves_nothing(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    key = new_key(PROVIDER)
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        store.put(key, b"x")
    assert not store.exists(key)
    assert list(store.staging().iterdir()) == []


def test_a_staged_file_that_is_gone_is_said_so(store: FolderStore) -> None:
    with pytest.raises(StoreUnavailable, match="gone"):
        store.adopt(new_key(PROVIDER), store.staging() / "nothing")


def test_the_store_can_be_opened_again_and_strange_files_in_it_are_no_keys(store: FolderStore) -> None:
    key = new_key(PROVIDER)
    store.put(key, b"x")
    (store.folder / key).with_name("notes.txt").write_text("left by a person")
    (store.folder / "readme.txt").write_text("left by a person")
    assert list(FolderStore(store.folder).keys()) == [key]
