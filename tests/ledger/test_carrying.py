"""Rows of a release without a ledger enter it while the database is brought up to date, and only then."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.assessment.models import Decision
from portfolio.cohorts import progress
from portfolio.database import Database, new_id
from portfolio.demo.load import load
from portfolio.gateway.models import AssessmentEvent
from portfolio.ledger import keeping, verify_export
from portfolio.ledger.carrying import after_migrating, carry_over
from portfolio.ledger.exporting import export
from portfolio.ledger.faults import Name
from portfolio.migrate import configuration, migrate
from storage import open_store
from tests.builders import NOW, Cast
from tests.ledger.steps import a_history, by_hand, chain, check, head_of, names, players
from tests.postgres import TwoRoles


@pytest.fixture
def without_ledger(database: Database, catalogue: Catalogue) -> Database:
    """As an earlier release kept it."""
    database.watchers.clear()
    database.keepers[:] = [partial(progress.keep, catalogue)]
    return database


def back_and_up(
    database: Database, owner: Database | None, two_roles: TwoRoles | None, to: str = "0004"
) -> None:
    """Down to the release before the ledger, with the rows in it, and up again. `to`: or to another."""
    as_owner = owner or database
    with as_owner.engine.begin() as connection:
        if owner is not None:
            connection.execute(text("SELECT set_config('portfolio.across', 'on', true)"))
        command.downgrade(configuration(connection), to)
    role = two_roles.application_role if two_roles else ""
    assert migrate(as_owner, application_role=role, then=after_migrating).before == to


def test_rows_of_an_earlier_release_are_carried_over_in_order_of_time(
    without_ledger: Database,
    session: Session,
    cast: Cast,
    owner: Database | None,
    two_roles: TwoRoles | None,
) -> None:
    a_history(session, cast)
    assert names(check(without_ledger)) == {Name.NO_ENTRY}
    session.close()
    back_and_up(without_ledger, owner, two_roles)
    assert check(without_ledger) == []
    for provider in (cast.provider, cast.other_provider):
        said = [json.loads(one.entry) for one in chain(without_ledger, provider.id)]
        assert len(said) > 20
        assert all(one["action"].endswith(":carried_over") for one in said)
        moments = [next(value for name, value in one["facts"].items() if name in MOMENTS) for one in said]
        assert moments == sorted(moments)
    with without_ledger.writing() as own:
        assert carry_over(own) == 0, "once is enough"


MOMENTS = (
    "submitted_at",
    "state_since",
    "signed_at",
    "decided_at",
    "locked_at",
    "asked_at",
    "approved_at",
    "recorded_at",
    "at",
)


def test_later_rows_follow_and_what_is_forged_later_is_not_carried_over(
    session: Session,
    cast: Cast,
    database: Database,
    owner: Database | None,
    two_roles: TwoRoles | None,
) -> None:
    player = players(session, cast)[0]
    player.decide()
    table = Decision.__table__
    with by_hand(database) as connection:
        row = dict(connection.execute(select(table).limit(1)).mappings().one())
        connection.execute(insert(table).values(**row | {"id": new_id(), "form_key": "forged"}))
    role = two_roles.application_role if two_roles else ""
    migrate(owner or database, application_role=role, then=after_migrating)
    assert names(check(database)) == {Name.NO_ENTRY}
    with database.writing() as own:
        carry_over(own)
    assert names(check(database)) == {Name.LATE}, "and one that was carried over by hand shows"


def test_a_kind_that_entered_later_is_carried_over_behind_what_entered_before(
    session: Session,
    cast: Cast,
    database: Database,
    catalogue: Catalogue,
    owner: Database | None,
    two_roles: TwoRoles | None,
    tmp_path: Path,
) -> None:
    """Results that an earlier release recorded beside its ledger enter, and nothing else does that was forged."""
    first = players(session, cast)[0]
    first.written = {"original_what": "", "original_seen_on": None}  # nobody was asked for them then
    first.decide()
    watchers, keepers = database.watchers[:], database.keepers[:]
    database.watchers.clear()
    database.keepers[:] = [partial(progress.keep, catalogue)]
    with database.session(write=True, across=True) as earlier:
        earlier.info["database"] = database
        for player in players(earlier, cast):
            player.assess()
    database.watchers[:], database.keepers[:] = watchers, keepers
    session.close()
    back_and_up(database, owner, two_roles, to="0008")
    assert check(database) == []
    entries = chain(database, cast.provider.id)
    assert [json.loads(each.entry)["action"] for each in entries] == [
        "submitted",
        "decided",
        *["assessment_recorded:carried_over"] * 2,
    ]
    export_ = json.loads(b"".join(export(database, head_of(database, cast.provider.id), NOW)))
    assert list(verify_export.check(export_, [])) == []
    with database.session(write=True, across=True) as later:
        later.info["database"] = database
        players(later, cast)[0].assess()
    append_forged(database)
    assert names(check(database)) == {Name.LATE}, "and one that is carried over once the kind enters shows"


def append_forged(database: Database) -> None:
    """One more that nothing but the hand wrote, carried over."""
    table = AssessmentEvent.__table__
    with by_hand(database) as connection:
        row = dict(connection.execute(select(table).limit(1)).mappings().one())
        connection.execute(insert(table).values(**row | {"id": new_id(), "corrects_id": None}))
    with database.writing() as own:
        assert carry_over(own) == 1


def test_the_ledger_of_the_demonstration_is_sound(
    database: Database, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Everything it writes goes through sessions, so everything enters, in both providers."""
    load(database, open_store(f"folder:{tmp_path / 'files'}"), catalogue, NOW, lambda _: None)
    assert keeping.keep in database.keepers
    assert [str(one) for one in check(database)] == []
    with database.reading() as session:
        providers = session.execute(text("SELECT DISTINCT provider_id FROM ledger_entry")).all()
    assert len(providers) == 2
