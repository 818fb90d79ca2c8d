"""What lies in a store and is none of its objects: put there by hand, by another program, or by a mistake."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from storage.folder import STAGING, FolderStore
from storage.store import EvidenceStore, is_key


def strangers(store: EvidenceStore) -> Iterator[str]:
    """Paths within a folder store. Of a bucket nothing is said: it may hold other things under other names."""
    if not isinstance(store, FolderStore):
        return
    for folder, folders, files in os.walk(store.folder):
        here = Path(folder).relative_to(store.folder)
        if here == Path():
            folders[:] = [name for name in folders if name != STAGING]
        folders.sort()
        for name in sorted(files):
            path = (here / name).as_posix()
            if not is_key(path):
                yield path
