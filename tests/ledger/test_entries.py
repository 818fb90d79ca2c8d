"""Rows enter the ledger in the transaction in which they are written, in order, with nothing personal in clear."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.assessment.models import Decision, SignOff
from portfolio.database import Database, new_id
from portfolio.evidence.models import EvidenceFile, EvidenceVersion, VersionFile
from portfolio.ledger.chain import START, canonical, commitment, hash_of
from portfolio.ledger.checking import faults
from portfolio.ledger.faults import Name
from portfolio.ledger.gathering import around, body
from portfolio.ledger.kinds import ACTIONS, ALL
from portfolio.ledger.models import LedgerEntry, LedgerSalt
from portfolio.ledger.queries import WORDS
from tests.builders import Cast, a_cohort, a_person, an_apprenticeship, commit, latest_version
from tests.ledger.steps import SECRET, STEPS, Player, a_history, by_hand, chain, check, names, players


def said_of(entry: LedgerEntry) -> dict[str, Any]:
    found = json.loads(entry.entry)
    assert isinstance(found, dict)
    return found


def test_everything_that_a_qualification_rests_on_enters(
    session: Session, cast: Cast, database: Database
) -> None:
    a_history(session, cast)
    for provider in (cast.provider, cast.other_provider):
        entries = chain(database, provider.id)
        about_slips = {action for action in ACTIONS if action.startswith("slip_")}  # tests/slips has those
        assert {said_of(one)["action"] for one in entries} == ACTIONS - about_slips
        assert [one.seq for one in entries] == list(range(1, len(entries) + 1))
        assert [one.prev for one in entries] == [START, *(one.hash for one in entries[:-1])]
        for one in entries:
            assert one.entry == canonical(said_of(one))
            assert one.hash == hash_of(one.entry)
    with database.reading() as fresh:
        for kind in ALL:
            model: Any = kind.model
            rows = select(model.id).where(kind.where()) if kind.where else select(model.id)
            entered = select(LedgerEntry.record_id).where(LedgerEntry.record == kind.table)
            assert set(fresh.scalars(rows)) == set(fresh.scalars(entered)), kind.table


def test_no_name_and_nothing_that_anybody_wrote_stands_in_an_entry(
    session: Session, cast: Cast, database: Database
) -> None:
    a_history(session, cast)
    names_of_people = [
        one.name.split()[0] for one in (cast.amina, cast.marek, cast.asha, cast.priya, cast.olu)
    ]
    entries = chain(database, cast.provider.id) + chain(database, cast.other_provider.id)
    for one in entries:
        for word in (SECRET, "Child A", "pathway", "Declared", "room", "jpg", *names_of_people):
            assert word not in one.entry
    committed = [value for one in entries for value in said_of(one)["commitments"].values() if value]
    assert len(committed) == len(set(committed)), "the same text twice does not look the same"


def test_every_column_of_a_row_is_in_its_entry_or_left_out_on_purpose() -> None:
    for kind in ALL:
        model: Any = kind.model
        columns = {column.name for column in model.__table__.columns}
        given_otherwise = {
            "id",
            "provider_id",
            "apprenticeship_id",
            "form_key",
            kind.by,
            kind.outcome,
            kind.item,
        }
        known = {*kind.clear, *kind.texts, *kind.left_out} | given_otherwise
        assert columns <= known, f"{kind.table}: say in kinds.py how {columns - known} enters"
        assert {*kind.clear, *kind.texts, *kind.left_out, kind.at} <= columns
    assert set(WORDS) == ACTIONS


def test_what_an_entry_of_a_decision_says(session: Session, cast: Cast, database: Database) -> None:
    player = players(session, cast)[0]
    player.submit()
    player.submit()
    player.decide("partly")
    submitted, decided = (said_of(one) for one in chain(database, cast.provider.id)[1:])
    decision = player.decisions[-1]
    files = [file[1] for file in submitted["facts"]["files"]]
    assert len(files) == 2
    assert decided["record"] == {"table": "decision", "id": str(decision.id)}
    assert decided["refs"] == submitted["refs"] == sorted(files)
    assert (decided["actor"], decided["role"]) == (str(cast.asha.id), "assessor")
    assert (submitted["actor"], submitted["role"]) == (str(cast.amina.id), "apprentice")
    assert decided["subject"] == str(cast.amina_at.id)
    assert (decided["outcome"], decided["item"], decided["clock"]) == ("partly", decision.item_code, None)
    assert decided["facts"]["sufficient"] == "no"
    assert decided["facts"]["valid"] == "yes"
    assert decided["commitments"]["reason"] is None, "nothing was written there"
    assert len(decided["commitments"]["missing"]) == 64


def test_who_did_what_several_roles_may_do(session: Session, cast: Cast, database: Database) -> None:
    player = players(session, cast)[0]
    player.gateway()
    player.withdraw_piece()
    roles = [(said["action"], said["role"]) for said in map(said_of, chain(database, cast.provider.id))]
    assert roles == [
        ("declared", "apprentice"),
        ("declared", "mentor"),
        ("declared", "assessor"),
        ("locked", "manager"),
        ("unlock_asked", "manager"),
        ("unlocked", "manager"),
        ("submitted", "apprentice"),
        ("piece_withdrawn", "apprentice"),
    ]


def test_a_clock_that_goes_back_is_flagged_and_nothing_is_put_in_another_order(
    session: Session, cast: Cast, database: Database
) -> None:
    player = players(session, cast)[0]
    for day in (3, 2, 4):
        with time_machine.travel(datetime(2026, 11, day, tzinfo=UTC), tick=False):
            player.submit()
    said = [said_of(one) for one in chain(database, cast.provider.id)]
    assert [one["clock"] for one in said] == [None, "back", None]
    assert [one["utc"][:10] for one in said] == ["2026-11-03", "2026-11-02", "2026-11-04"]
    assert check(database) == []


Moves = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.booleans(), st.integers(0, 3)), min_size=1, max_size=8
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(moves=Moves)
def test_an_honest_ledger_gives_no_false_alarm(
    moves: list[tuple[str, bool, int]], session: Session, cast: Cast, database: Database
) -> None:
    """Any steps in any order in two providers, at any time of a clock that jumps. The examples add up."""
    both = session.info.setdefault("players", players(session, cast))
    for name, first, hours in moves:
        with time_machine.travel(datetime(2026, 11, 3, 9 + hours, tzinfo=UTC), tick=True):
            STEPS[name](both[0 if first else 1])
    commit(session)
    assert [str(one) for one in check(database)] == []


def test_eight_threads_deciding_make_one_chain_without_gaps(
    session: Session, cast: Cast, database: Database
) -> None:
    cohort = a_cohort(session, cast.provider, "Many")
    people = [a_person(session, f"Person {number}", cast.provider, "apprentice") for number in range(8)]
    places = [an_apprenticeship(session, one, cohort, cast.employer) for one in people]
    commit(session)
    went_wrong: list[BaseException] = []

    def work(at: Any, assessor: Any) -> None:
        try:
            with database.session(write=True, across=True) as own:
                own.info["database"] = database
                player = Player(own, at, assessor, assessor, assessor, assessor)
                for _ in range(4):
                    player.take_back_sign_off()
        except BaseException as error:
            went_wrong.append(error)

    pairs = [(at, cast.asha) for at in places] + [(cast.other_at, cast.otto)]
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert went_wrong == []
    assert [one.seq for one in chain(database, cast.provider.id)] == list(range(1, 33))
    assert [one.seq for one in chain(database, cast.other_provider.id)] == [1, 2, 3, 4], (
        "chains are independent"
    )
    assert check(database) == []


def test_an_entry_is_not_changed_deleted_or_replaced(
    session: Session, cast: Cast, database: Database
) -> None:
    players(session, cast)[0].decide()
    entry, salt = LedgerEntry.__table__, LedgerSalt.__table__
    forbidden: list[Any] = [
        update(entry).values(hash="0" * 64),
        delete(entry),
        update(salt).values(salt="0" * 64),
    ]
    if database.is_sqlite:
        with database.reading() as fresh:
            row = dict(fresh.execute(select(entry).limit(1)).mappings().one())
        again = entry.insert().prefix_with("OR REPLACE")
        forbidden += [
            again.values(**row),
            again.values(**row | {"id": cast.amina.id}),
        ]  # by its id, by its place
    for statement in forbidden:
        with (
            database.writing() as own,
            pytest.raises(DBAPIError, match=r"append-only|never changed|permission"),
        ):
            own.execute(statement)
    assert check(database) == []


def test_erasing_a_text_and_its_salt_is_told_from_altering_it(
    session: Session, cast: Cast, database: Database
) -> None:
    a_history(session, cast)
    table, salts = Decision.__table__, LedgerSalt.__table__
    with database.reading() as fresh:
        entry_id, row_id = fresh.execute(
            select(LedgerEntry.id, LedgerEntry.record_id)
            .join(LedgerSalt, LedgerSalt.entry_id == LedgerEntry.id)
            .where(LedgerEntry.record == "decision", LedgerSalt.field == "missing")
            .limit(1)
        ).one()
    with by_hand(database) as connection:
        connection.execute(update(table).where(table.c.id == row_id).values(missing="[erased]"))
    assert names(check(database)) == {Name.ROW_ALTERED}, "the salt still says that something else stood there"
    with database.writing() as own:  # the product itself may take a salt away
        own.execute(delete(salts).where(salts.c.entry_id == entry_id, salts.c.field == "missing"))
    found = check(database)
    assert [(one.name, "missing" in one.detail) for one in found] == [(Name.ERASED, True)]
    with database.reading() as fresh:
        assert list(faults(fresh, rows=False)) == [], "the chain does not notice"


def test_one_of_several_texts_can_be_erased_alone(session: Session, cast: Cast, database: Database) -> None:
    """One of two file names, one of two notes: the others are still shown to be what they were."""
    player = players(session, cast)[0]
    player.submit()
    player.submit()
    version = latest_version(session, player.pieces[-1].id)
    entry_id = next(one.id for one in chain(database, cast.provider.id) if one.record_id == version.id)
    names_of = select(VersionFile.file_id).where(VersionFile.version_id == version.id)
    first, second = session.scalars(names_of.order_by(VersionFile.position)).all()
    commit(session)
    files, salts = EvidenceFile.__table__, LedgerSalt.__table__
    of_entry = salts.c.entry_id == entry_id
    with by_hand(database) as connection:
        assert set(connection.scalars(select(salts.c.field).where(of_entry))) >= {
            "file_names.1",
            "file_names.2",
        }
        connection.execute(update(files).where(files.c.id == second).values(name="[erased]"))
        connection.execute(delete(salts).where(of_entry, salts.c.field == "file_names.2"))
    found = check(database)
    assert [(one.name, one.detail.endswith(": file_names.2")) for one in found] == [(Name.ERASED, True)]
    with by_hand(database) as connection:
        connection.execute(update(files).where(files.c.id == first).values(name="other.jpg"))
    found = check(database)
    assert [(one.name, one.detail.partition(": ")[2]) for one in found] == [
        (Name.ROW_ALTERED, "file_names.1"),
        (Name.ERASED, "file_names.2"),
    ]


def test_an_entry_that_commits_to_all_names_together_is_read(
    session: Session, cast: Cast, database: Database
) -> None:
    """As the first entries were written."""
    player = players(session, cast)[0]
    player.submit()
    player.submit()
    one = chain(database, cast.provider.id)[-1]
    with database.reading() as fresh:
        version = fresh.get_one(EvidenceVersion, one.record_id)
        hanging = body(version, around(fresh, [version])).together
    assert set(hanging) == {"notes", "file_names"}
    said, salt = said_of(one), "9" * 64
    kept = {name: value for name, value in said["commitments"].items() if "." not in name}
    as_first = {name: commitment(salt, text.text) for name, text in hanging.items()}
    text = canonical(said | {"commitments": kept | as_first})
    entries, salts = LedgerEntry.__table__, LedgerSalt.__table__
    with by_hand(database) as connection:
        connection.execute(
            update(entries).where(entries.c.id == one.id).values(entry=text, hash=hash_of(text))
        )
        for name in hanging:
            connection.execute(
                insert(salts).values(
                    id=new_id(), provider_id=one.provider_id, entry_id=one.id, field=name, salt=salt
                )
            )
    assert check(database) == []
    files = EvidenceFile.__table__
    with by_hand(database) as connection:
        connection.execute(
            update(files).where(files.c.evidence_id == player.pieces[-1].id).values(name="other")
        )
    assert [(each.name, "file_names" in each.detail) for each in check(database)] == [
        (Name.ROW_ALTERED, True)
    ]


def test_a_trigger_that_is_missing_or_says_nothing_is_found(
    session: Session, cast: Cast, database: Database, owner: Database | None
) -> None:
    a_history(session, cast)
    engine = (owner or database).engine
    cut = "{}" if database.is_sqlite else "{} ON {}"
    for name, table in (
        ("decision_only_sealed", "decision"),
        ("ledger_entry_no_delete", "ledger_entry"),
        ("evidence_version_frozen", "evidence_version"),
        ("claim_frozen_insert", "claim"),
    ):
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP TRIGGER {cut.format(name, table)}")
            found = check_on(connection)
            assert len(found) == 1
            assert "trigger missing" in found[0]
            assert name in found[0]
            if database.is_sqlite:
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END"
                )
            connection.rollback()
    assert check(database) == []


def check_on(connection: Any) -> list[str]:
    """Within the transaction in which the trigger is gone."""
    with Session(connection) as own:
        return [line for line in faults(own, rows=False) if "trigger" in line]


def test_a_trigger_switched_off_or_made_harmless_is_found(
    session: Session, cast: Cast, database: Database, owner: Database | None
) -> None:
    engine = (owner or database).engine
    with engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER sign_off_only_sealed")
            connection.exec_driver_sql(
                "CREATE TRIGGER sign_off_only_sealed BEFORE UPDATE ON sign_off WHEN 1 = 0 "
                "BEGIN SELECT RAISE(ABORT, 'sign_off is append-only'); END"
            )
        else:
            connection.exec_driver_sql("ALTER TABLE sign_off DISABLE TRIGGER sign_off_only_sealed")
        found = check_on(connection)
        connection.rollback()
    assert len(found) == 1
    assert "sign_off_only_sealed" in found[0]


def test_what_is_rolled_back_does_not_enter_later(session: Session, cast: Cast, database: Database) -> None:
    player = players(session, cast)[0]
    player.change_of_mind()
    player.half_a_change_of_mind()
    said = [said_of(one)["action"] for one in chain(database, cast.provider.id)]
    assert said == ["sign_off_withdrawn", "sign_off_withdrawn"]
    with database.reading() as fresh:
        assert len(fresh.scalars(select(SignOff.id)).all()) == 2
