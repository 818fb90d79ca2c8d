"""Where bytes live, and what may come in: stores behind one protocol, and the checks on arrival."""

from storage.open import open_store
from storage.store import (
    Altered,
    EvidenceStore,
    KeyTaken,
    NotStored,
    StoredObject,
    StoreUnavailable,
    new_key,
    read_verified,
)

__all__ = [
    "Altered",
    "EvidenceStore",
    "KeyTaken",
    "NotStored",
    "StoreUnavailable",
    "StoredObject",
    "new_key",
    "open_store",
    "read_verified",
]
