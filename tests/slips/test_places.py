"""Nothing that is written about a piece is forgotten when it is closed: each column of words is sealed, or said why not."""

from __future__ import annotations

import importlib
import pkgutil

import sqlalchemy as sa

import portfolio
from portfolio.database import Base
from portfolio.slips.places import BY_NAME

OF_A_PIECE = {
    "evidence",
    "evidence_version",
    "evidence_file",
    "comment",
    "testimony",
    "decision",
    "upload",
    "sign_off",
}
CODES = {
    "state", "type", "confidentiality", "form_key", "key", "kind", "role", "what", "part", "page", "device", "item_code", "outcome",
    "basis", "about", "field", "record", "record_id", "mark", "action", "delivery", "words",
}  # fmt: skip
"""Columns that hold a word of ours, a code or a fingerprint, whatever their table. `words` are those under the seal."""
NO_WORDS = {
    "audit_event": {"detail": "names of columns and counts, never what was written"},
    "evidence_file": {"removed": "what was taken out, in words of ours", "storage_key": "random"},
    "file_preparation": {"refusal": "goes with the file; its pictures are closed with it"},
    "file_reading": {"found": "kinds and counts, never words"},
    "ledger_entry": {"entry": "codes, ids and salted fingerprints", "prev": "a hash", "hash": "a hash"},
    "competency_link": {"framework_id": "an id of a framework", "competency_id": "an id in it"},
    "evaluation_answer": {"changed": "a word of ours", "form": "a word of ours"},
    "evaluation_piece": {"form": "a word of ours"},
    "review_learnt": {"link": "the address of a published page"},
    "supervision": {
        "kind": "a word of ours",
        "with_role": "a word of ours",
        "wellbeing": "read by its apprentice alone, and never part of a piece",
    },
    "training_entry": {
        "activity": "a word of ours",
        "framework_id": "an id of a framework",
        "level_id": "an id of its level",
        "statements": "codes",
    },
    "slip": {"note": "about the report, read by the two leads alone"},
    "slip_event": {"reason": "why the leads decided as they did, read by them alone"},
}


def test_every_column_of_words_about_a_piece_can_be_sealed() -> None:
    for module in pkgutil.walk_packages(portfolio.__path__, "portfolio."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    left = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if _is_about_a_piece(table)
        for column in table.columns
        if isinstance(column.type, sa.String | sa.JSON) and not _is_known(table.name, column.name)
    }
    assert left == set()


def test_the_list_names_nothing_that_is_not_there() -> None:
    for place in BY_NAME.values():
        assert set(place.columns) <= set(place.table.columns.keys()), place.name


def _is_about_a_piece(table: sa.Table) -> bool:
    leads_to = {key.column.table.name for column in table.columns for key in column.foreign_keys}
    return bool(({table.name} | leads_to) & OF_A_PIECE) or "record_id" in table.columns


def _is_known(table: str, column: str) -> bool:
    if column in CODES or column.endswith(("_key", "_state")) or "sha256" in column:
        return True
    sealed = BY_NAME[table].columns if table in BY_NAME else ()
    return column in sealed or column in NO_WORDS.get(table, {})
