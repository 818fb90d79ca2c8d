"""Somebody with the whole database in their hands changes something: every time it is found, by its right name.

Triggers are dropped for the deed and put back afterwards, so nothing but the ledger can tell.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import WithdrawalEvent
from portfolio.assessment.models import Decision, SignOff, SignOffPiece
from portfolio.database import Base, Database, new_id
from portfolio.evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion, VersionFile
from portfolio.feedback import models as feedback
from portfolio.gateway.models import AssessmentEvent, Declaration, GatewayLock, GatewayUnlock, UnlockRequest
from portfolio.ledger.chain import START, canonical, hash_of, moment
from portfolio.ledger.faults import Name
from portfolio.ledger.models import LedgerEntry, LedgerSalt
from tests.builders import NOW, Cast
from tests.ledger.steps import Player, a_history, by_hand, chain, check, head_of, names

ENTRIES, SALTS = LedgerEntry.__table__, LedgerSalt.__table__
POSITIONS, ROWS = 5, 3


@pytest.fixture
def honest(session: Session, cast: Cast, database: Database) -> list[Player]:
    found = a_history(session, cast)
    assert check(database) == []
    return found


def rewritten(entry: LedgerEntry, **changes: Any) -> dict[str, Any]:
    """The columns of an entry that says something else, with a hash that fits."""
    said = json.loads(entry.entry) | changes
    text = canonical(said)
    return {"entry": text, "hash": hash_of(text), "prev": said["prev"], "seq": said["seq"]}


def put(connection: Connection, entry_id: UUID, **values: Any) -> None:
    assert connection.execute(update(ENTRIES).where(ENTRIES.c.id == entry_id).values(**values)).rowcount == 1


def rechain(connection: Connection, entries: list[LedgerEntry], start: int, **changes: Any) -> None:
    """From this place on everything is written anew, and fits."""
    prev = entries[start].prev
    for place, entry in enumerate(entries[start:], start=start):
        values = rewritten(entry, prev=prev, **(changes if place == start else {}))
        put(connection, entry.id, **values)
        prev = values["hash"]


def places(count: int, seed: int = 7) -> list[int]:
    """Some places within a chain of this length, with neighbours on both sides."""
    return random.Random(seed).sample(range(2, count - 2), POSITIONS)


# The chain itself


def each_place(
    database: Database,
    provider_id: UUID,
    deed: Callable[[Connection, list[LedgerEntry], int], None],
    expected: set[Name],
    *,
    at: int = 0,
    may: frozenset[Name] = frozenset(),
) -> None:
    """Do it at several places, one after the other, undoing it in between. `at`: the fault's entry, from the place;
    `may`: faults that depend on the place."""
    before = chain(database, provider_id)
    rows = [{c.name: getattr(one, c.name) for c in ENTRIES.columns} for one in before]
    for place in places(len(before)):
        with by_hand(database) as connection:
            deed(connection, before, place)
        found = check(database, provider_id)
        assert expected <= names(found) <= expected | may, f"at {place}: {[str(one) for one in found]}"
        assert before[place].seq + at in {one.seq for one in found}
        with by_hand(database) as connection:
            connection.execute(delete(ENTRIES).where(ENTRIES.c.provider_id == provider_id))
            connection.execute(insert(ENTRIES), rows)
        assert check(database, provider_id) == []


def test_an_entry_edited(honest: list[Player], database: Database) -> None:
    def edit(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        put(connection, entries[place].id, entry=entries[place].entry.replace('"actor":"', '"actor":"0'))

    each_place(database, honest[0].at.provider_id, edit, {Name.ENTRY_ALTERED, Name.ROW_ALTERED})


def test_an_entry_edited_and_hashed_anew(honest: list[Player], database: Database) -> None:
    def edit(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        put(connection, entries[place].id, **rewritten(entries[place], role="manager", actor=None))

    each_place(database, honest[0].at.provider_id, edit, {Name.BROKEN, Name.ROW_ALTERED}, at=1)


def test_an_entry_spelled_otherwise(honest: list[Player], database: Database) -> None:
    def respell(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        text = json.dumps(json.loads(entries[place].entry))
        put(connection, entries[place].id, entry=text, hash=hash_of(text))

    each_place(database, honest[0].at.provider_id, respell, {Name.NOT_CANONICAL, Name.BROKEN})


def test_an_entry_deleted(honest: list[Player], database: Database) -> None:
    def remove(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id == entries[place].id))

    each_place(database, honest[0].at.provider_id, remove, {Name.ENTRY_MISSING, Name.NO_ENTRY}, at=1)


def test_an_entry_deleted_and_the_rest_moved_up(honest: list[Player], database: Database) -> None:
    def close_the_gap(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id == entries[place].id))
        for entry in entries[place + 1 :]:
            put(connection, entry.id, seq=entry.seq - 1)

    expected = {Name.BROKEN, Name.REORDERED, Name.NO_ENTRY}
    each_place(database, honest[0].at.provider_id, close_the_gap, expected)


def test_two_entries_in_each_others_place(honest: list[Player], database: Database) -> None:
    def swap(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        here, there = entries[place], entries[place + 1]
        put(connection, here.id, seq=100_000)
        put(connection, there.id, seq=here.seq)
        put(connection, here.id, seq=there.seq)

    expected = {Name.REORDERED, Name.BROKEN}  # entries of one commit have one time
    each_place(database, honest[0].at.provider_id, swap, expected, may=frozenset({Name.CLOCK}))


def test_an_entry_inserted(honest: list[Player], database: Database) -> None:
    def squeeze_in(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        for entry in reversed(entries[place:]):
            put(connection, entry.id, seq=entry.seq + 1)
        seq, prev = entries[place].seq, entries[place - 1].hash
        record = {"table": "decision", "id": str(new_id())}
        made = rewritten(entries[place - 1], seq=seq, prev=prev, record=record)
        connection.execute(
            insert(ENTRIES).values(
                id=new_id(),
                provider_id=entries[0].provider_id,
                utc=entries[place - 1].utc,
                record="decision",
                record_id=UUID(record["id"]),
                **made,
            )
        )

    expected = {Name.ENTRY_INSERTED, Name.REORDERED, Name.ROW_MISSING}
    each_place(database, honest[0].at.provider_id, squeeze_in, expected)


def test_an_entry_of_another_provider(honest: list[Player], database: Database) -> None:
    theirs = chain(database, honest[1].at.provider_id)

    def move_in(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        values = {name: getattr(theirs[place], name) for name in ("entry", "hash", "prev", "utc")}
        put(connection, entries[place].id, **values)

    before = chain(database, honest[0].at.provider_id)
    for place in places(min(len(before), len(theirs))):
        with by_hand(database) as connection:
            move_in(connection, before, place)
        found = check(database, honest[0].at.provider_id)
        assert Name.FOREIGN in names(found)
        assert before[place].seq in {one.seq for one in found if one.name is Name.FOREIGN}
        with by_hand(database) as connection:
            put(connection, before[place].id, **rewritten(before[place]), utc=before[place].utc)


def test_an_entry_backdated(honest: list[Player], database: Database) -> None:
    def backdate(connection: Connection, entries: list[LedgerEntry], place: int) -> None:
        earlier = entries[place].utc - timedelta(days=400)
        put(connection, entries[place].id, utc=earlier, **rewritten(entries[place], utc=moment(earlier)))

    each_place(database, honest[0].at.provider_id, backdate, {Name.CLOCK, Name.BROKEN})


def test_a_chain_written_anew_from_the_middle_is_found_by_a_head_that_left(
    honest: list[Player], database: Database
) -> None:
    provider_id = honest[0].at.provider_id
    entries, left = chain(database, provider_id), head_of(database, provider_id)
    with by_hand(database) as connection:
        rechain(connection, entries, places(len(entries))[0], role="manager")
    assert check(database, provider_id) == [], "from inside nothing can be seen: that is why heads leave"
    found = check(database, provider_id, [left])
    assert [(one.name, one.seq) for one in found] == [(Name.RECHAINED, left.seq)]


def test_of_two_heads_with_one_number_none_hides_the_other(honest: list[Player], database: Database) -> None:
    """A letter comes although nothing is new, so a number leaves twice; whoever rewrote the chain would have the
    newer one given last."""
    provider_id = honest[0].at.provider_id
    entries, left = chain(database, provider_id), head_of(database, provider_id)
    assert check(database, provider_id, [left, left]) == []
    with by_hand(database) as connection:
        rechain(connection, entries, places(len(entries))[0], role="manager")
    newer = head_of(database, provider_id)
    assert newer.seq == left.seq
    for heads in ([left, newer], [newer, left], [newer, left, newer]):
        found = check(database, provider_id, heads)
        assert [(one.name, one.seq) for one in found] == [
            (Name.HEADS, left.seq),
            (Name.RECHAINED, left.seq),
        ]
        assert left.hash in found[1].detail


def test_a_tail_cut_off_with_its_rows_is_found_by_a_head_that_left(
    honest: list[Player], database: Database
) -> None:
    provider_id = honest[0].at.provider_id
    entries, left = chain(database, provider_id), head_of(database, provider_id)
    last = entries[-1]
    table = Base.metadata.tables[last.record]
    with by_hand(database) as connection:
        connection.execute(delete(SALTS).where(SALTS.c.entry_id == last.id))
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id == last.id))
        connection.execute(delete(table).where(table.c.id == last.record_id))
    found = check(database, provider_id, [left])
    assert Name.CUT in names(found)
    assert left.seq in {one.seq for one in found if one.name is Name.CUT}


def test_a_tail_cut_off_without_its_rows_is_seen_from_inside(
    honest: list[Player], database: Database
) -> None:
    provider_id = honest[0].at.provider_id
    with by_hand(database) as connection:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.provider_id == provider_id, ENTRIES.c.seq > 10))
    assert names(check(database, provider_id)) == {Name.NO_ENTRY}


def test_a_whole_ledger_thrown_away_is_found_by_a_head(honest: list[Player], database: Database) -> None:
    provider_id = honest[0].at.provider_id
    left = head_of(database, provider_id)
    with by_hand(database) as connection:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.provider_id == provider_id))
    found = check(database, None, [left])
    assert {Name.CUT, Name.NO_ENTRY} <= names(found)


def test_an_entry_outside_of_the_row(honest: list[Player], database: Database) -> None:
    """Numbered so that no walk from the first entry meets it. PostgreSQL's own check cannot be switched off."""
    if not database.is_sqlite:
        return
    entry = chain(database, honest[0].at.provider_id)[3]
    values = {column.name: getattr(entry, column.name) for column in ENTRIES.columns}
    with by_hand(database) as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        connection.execute(
            insert(ENTRIES).values(**values | {"id": new_id(), "seq": -4, "record_id": new_id()})
        )
    assert names(check(database)) == {Name.ENTRY_INSERTED}


# The rows behind the entries

CHANGES: list[tuple[type[Base], str, Any, Name]] = [
    (Decision, "outcome", "covered", Name.ROW_ALTERED),
    (Decision, "missing", "Nothing really", Name.ROW_ALTERED),
    (Decision, "sufficient", True, Name.ROW_ALTERED),
    (Decision, "item_code", "K30", Name.ROW_ALTERED),
    (Decision, "form_key", "another", Name.ROW_ALTERED),
    (Decision, "decided_at", timedelta(days=-90), Name.ROW_BACKDATED),
    (SignOff, "kind", "withdrawn", Name.ROW_ALTERED),
    (SignOff, "reason", "Because", Name.ROW_ALTERED),
    (SignOff, "signed_at", timedelta(days=-90), Name.ROW_BACKDATED),
    (SignOffPiece, "version_id", None, Name.ROW_ALTERED),
    (feedback.Testimony, "statement", "I saw nothing", Name.ROW_ALTERED),
    (feedback.Testimony, "relation", "A friend", Name.ROW_ALTERED),
    (feedback.Testimony, "saw_on", timedelta(days=-9), Name.ROW_ALTERED),
    (Declaration, "text", "I am not ready", Name.ROW_ALTERED),
    (Declaration, "signed_at", timedelta(days=-9), Name.ROW_BACKDATED),
    (GatewayLock, "check_text", "{}", Name.ROW_ALTERED),
    (GatewayLock, "portfolio_sha256", "6" * 64, Name.ROW_ALTERED),
    (UnlockRequest, "reason", "For fun", Name.ROW_ALTERED),
    (GatewayUnlock, "approved_at", timedelta(days=-9), Name.ROW_BACKDATED),
    (AssessmentEvent, "result", "Distinction", Name.ROW_ALTERED),
    (AssessmentEvent, "organisation", "Another", Name.ROW_ALTERED),
    (AssessmentEvent, "on", NOW.date() + timedelta(days=-9), Name.ROW_ALTERED),
    (AssessmentEvent, "recorded_at", timedelta(days=-9), Name.ROW_BACKDATED),
    (WithdrawalEvent, "reason", "They left", Name.ROW_ALTERED),
    (WithdrawalEvent, "effective_on", timedelta(days=-9), Name.ROW_ALTERED),
    (EvidenceVersion, "what_i_did", "All of it", Name.ROW_ALTERED),
    (EvidenceVersion, "submitted_at", timedelta(days=-90), Name.ROW_BACKDATED),
    (EvidenceVersion, "own_work", False, Name.ROW_ALTERED),
    (Claim, "item_code", "B2", Name.ROW_ALTERED),
    (Claim, "note", "It shows more", Name.ROW_ALTERED),
    (EvidenceFile, "sha256_stored", "7" * 64, Name.EVIDENCE),
    (EvidenceFile, "sha256_received", "7" * 64, Name.EVIDENCE),
    (EvidenceFile, "size", 5, Name.EVIDENCE),
    (EvidenceFile, "name", "other.jpg", Name.ROW_ALTERED),
    (Evidence, "withdrawn_reason", "Nobody knows", Name.ROW_ALTERED),
]


def test_a_row_edited(honest: list[Player], database: Database) -> None:
    """Each column in turn, each time in several rows of the table, and put back."""
    for model, column, value, name in CHANGES:
        where = model.__table__.c.provider_id == honest[0].at.provider_id
        if model is Evidence:
            where &= model.__table__.c.state == "withdrawn"
        if model is SignOff and column == "kind":
            where &= model.__table__.c.kind == "signed_off"
        if model is Decision and column in ("outcome", "sufficient", "missing"):
            where &= model.__table__.c.outcome != "covered"
        edited(database, model.__table__, column, value, where, name)


def edited(database: Database, table: Any, column: str, value: Any, where: Any, name: Name) -> None:
    with by_hand(database) as connection:
        rows = connection.execute(select(table.c.id, table.c[column]).where(where)).all()
        versions = connection.scalars(select(EvidenceVersion.__table__.c.id)).all()
    chance = random.Random(3)
    also = {Name.EVIDENCE} if table is SignOffPiece.__table__ else set()  # its piece has other files
    for row_id, before in chance.sample(rows, min(ROWS, len(rows))):
        others = [one for one in versions if one != before]
        after = before + value if isinstance(value, timedelta) else value
        after = chance.choice(others) if value is None else after
        with by_hand(database) as connection:
            connection.execute(update(table).where(table.c.id == row_id).values({column: after}))
        found = check(database)
        assert name in names(found), f"{table}.{column} of {row_id}: {[str(one) for one in found]}"
        assert names(found) <= {name, Name.ROW_ALTERED} | also, f"{table}.{column}"
        with by_hand(database) as connection:
            connection.execute(update(table).where(table.c.id == row_id).values({column: before}))
    assert rows, f"no {table} to edit"
    assert check(database) == []


def test_a_row_deleted(honest: list[Player], database: Database) -> None:
    for model in (
        Decision,
        SignOff,
        feedback.Testimony,
        Declaration,
        GatewayLock,
        UnlockRequest,
        WithdrawalEvent,
    ):
        table = model.__table__
        with by_hand(database) as connection:
            gone = connection.execute(select(table).limit(1)).mappings().one()
            connection.execute(delete(table).where(table.c.id == gone["id"]))
        found = check(database)
        assert names(found) >= {Name.ROW_MISSING}
        assert any(str(gone["id"]) in one.detail for one in found if one.name is Name.ROW_MISSING)
        with by_hand(database) as connection:
            connection.execute(insert(table).values(**gone))
        assert check(database) == []


def test_a_row_written_past_the_product(honest: list[Player], database: Database) -> None:
    table = Decision.__table__
    with by_hand(database) as connection:
        row = dict(connection.execute(select(table).limit(1)).mappings().one())
        row |= {"id": new_id(), "form_key": "forged", "supersedes_id": None}
        connection.execute(insert(table).values(**row))
    found = check(database)
    assert [(one.name, str(row["id"]) in one.detail) for one in found] == [(Name.NO_ENTRY, True)]


def test_a_piece_put_under_a_sign_off_later(honest: list[Player], database: Database) -> None:
    table = SignOffPiece.__table__
    with by_hand(database) as connection:
        row = dict(connection.execute(select(table).limit(1)).mappings().one())
        connection.execute(insert(table).values(**row | {"id": new_id()}))
    assert Name.ROW_ALTERED in names(check(database))


def test_the_subject_swapped(honest: list[Player], database: Database) -> None:
    """Somebody else's work is put down to another apprentice, or to another provider's."""
    for model in (Decision, SignOff, feedback.Testimony, EvidenceVersion):
        table = model.__table__
        mine, theirs = honest[0].at, honest[1].at
        with by_hand(database) as connection:
            row_id = connection.scalar(
                select(table.c.id).where(table.c.apprenticeship_id == mine.id).limit(1)
            )
            change = update(table).where(table.c.id == row_id)
            connection.execute(change.values(apprenticeship_id=theirs.id, provider_id=theirs.provider_id))
        found = check(database)
        assert names(found) == {Name.SUBJECT}, [str(one) for one in found]
        with by_hand(database) as connection:
            connection.execute(change.values(apprenticeship_id=mine.id, provider_id=mine.provider_id))
        assert check(database) == []


def test_the_evidence_swapped(honest: list[Player], database: Database) -> None:
    """A version gets another version's file, loses one, or gets one more."""
    table = VersionFile.__table__
    with by_hand(database) as connection:
        rows = connection.execute(select(table).where(table.c.position == 0)).mappings().all()
    one, other = rows[0], rows[1]
    deeds: list[tuple[Any, Any]] = [
        (
            update(table).where(table.c.id == one["id"]).values(file_id=other["file_id"]),
            update(table).where(table.c.id == one["id"]).values(file_id=one["file_id"]),
        ),
        (delete(table).where(table.c.id == one["id"]), insert(table).values(**one)),
        (
            insert(table).values(**dict(one) | {"id": new_id(), "file_id": other["file_id"], "position": 9}),
            delete(table).where(table.c.position == 9),
        ),
    ]
    for deed, undo in deeds:
        with by_hand(database) as connection:
            connection.execute(deed)
        found = names(check(database))
        assert Name.EVIDENCE in found
        assert found <= {Name.EVIDENCE, Name.ROW_ALTERED}  # the names of the files are no longer those either
        with by_hand(database) as connection:
            connection.execute(undo)
        assert check(database) == []


def test_a_salt_changed_or_taken_away_does_not_hide_a_changed_text(
    honest: list[Player], database: Database
) -> None:
    table = Decision.__table__
    with by_hand(database) as connection:
        entry_id, row_id = connection.execute(
            select(ENTRIES.c.id, ENTRIES.c.record_id)
            .join(SALTS, SALTS.c.entry_id == ENTRIES.c.id)
            .where(ENTRIES.c.record == "decision", SALTS.c.field == "missing")
            .limit(1)
        ).one()
        connection.execute(update(table).where(table.c.id == row_id).values(missing="Nothing"))
        connection.execute(update(SALTS).where(SALTS.c.entry_id == entry_id).values(salt="8" * 64))
    assert names(check(database)) == {Name.ROW_ALTERED}
    with by_hand(database) as connection:
        connection.execute(delete(SALTS).where(SALTS.c.entry_id == entry_id))
    assert names(check(database)) == {Name.ROW_ALTERED}


def test_the_start_of_a_chain_is_no_special_place(honest: list[Player], database: Database) -> None:
    provider_id = honest[0].at.provider_id
    first = chain(database, provider_id)[0]
    assert first.prev == START
    with by_hand(database) as connection:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id == first.id))
    found = check(database, provider_id)
    assert names(found) == {Name.ENTRY_MISSING, Name.NO_ENTRY}
