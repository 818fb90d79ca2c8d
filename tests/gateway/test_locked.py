"""After the lock nothing in the portfolio changes by any path: every route that writes, and every table by SQL."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from types import ModuleType

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Base, Database, new_id
from portfolio.migrate import MIGRATIONS
from portfolio.settings import Settings
from tests.builders import Cast, a_draft, a_person, commit
from tests.client import Browser
from tests.gateway.leftovers import fill
from tests.gateway.sends import LOCKS_ITSELF, ON_ITS_WAY, REFUSED, SIGN, STILL_DONE
from tests.gateway.steps import give_passwords, the_lock
from tests.gateway.world import Send, World, a_world
from tests.postgres import plain

Open = Callable[..., Browser]
PREFIX = "/apprenticeships/{apprenticeship_id}"
FROZEN = [
    "evidence",
    "evidence_version",
    "evidence_file",
    "version_file",
    "claim",
    "comment",
    "testimony",
    "sighting",
    "decision",
    "sign_off",
    "sign_off_piece",
    "declaration",
    "dbs_record",
    "qualification_record",
    "support_record",
    "break_in_learning",
    "training_entry",
    "hours_confirmation",
    "hours_plan",
]
"""Written out by hand; the migrations must name the same."""
LATER = {
    "sighting": "0020_left_in_place.py",
    "training_entry": "0023_training_hours.py",
    "hours_confirmation": "0023_training_hours.py",
    "hours_plan": "0023_training_hours.py",
}
"""Tables that came after the first migration, each frozen by its own."""
AGREED = (
    "start_on",
    "planned_gateway_on",
    "date_of_birth",
    "cohort_id",
    "standard_reference",
    "standard_version",
)
"""What the check rests on in the apprenticeship's own row."""


def migration() -> ModuleType:
    return loaded("0001_first_tables.py")


def loaded(name: str) -> ModuleType:
    path = MIGRATIONS / "versions" / name
    spec = importlib.util.spec_from_file_location("first_tables", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(name: str) -> Table:
    return Base.metadata.tables[name]


def dump(database: Database) -> bytes:
    """Every row of every frozen table, and what was agreed of each apprenticeship, byte for byte."""
    lines = []
    with database.reading() as session:
        for name in FROZEN:
            rows = session.connection().execute(select(table(name)).order_by(table(name).c.id))
            lines += [f"{name} {tuple(row)!r}" for row in rows]
        own = table("apprenticeship")
        rows = session.connection().execute(select(*(own.c[name] for name in AGREED)).order_by(own.c.id))
        lines += [f"apprenticeship {tuple(row)!r}" for row in rows]
    return "\n".join(lines).encode()


def writing_routes(app: FastAPI) -> set[str]:
    found = {
        str(context.name)
        for context in iter_route_contexts(app.routes)
        if "POST" in (context.methods or ()) and (context.path or "").startswith(PREFIX)
    }
    assert len(found) >= 12, "the routes were not found, so nothing would be proved"
    return found


def test_every_writing_route_has_an_entry(app: FastAPI) -> None:
    """A new route fails here until somebody has said what the lock means for it."""
    assert writing_routes(app) == set(REFUSED) | set(STILL_DONE) | {LOCKS_ITSELF}


def test_the_migration_freezes_exactly_these_tables() -> None:
    assert set(migration().FROZEN_WHEN_LOCKED) == set(FROZEN) - set(LATER)
    for name, file in LATER.items():
        assert f"{name}_locked_insert" in [rule[0] for rule in loaded(file).rules()]


@pytest.fixture
def world(session: Session, cast: Cast, catalogue: Catalogue, settings: Settings) -> World:
    session.info["settings"] = settings
    return a_world(session, cast, catalogue)


def post(
    browser: Open, world: World, send: Send, *, lock: bool = False, ask: bool = False
) -> tuple[int, str]:
    """Send it as the person who has the right; the form is opened before the portfolio is locked, if at all."""
    commit(world.session)
    client = browser(getattr(world.cast, send.who))
    data = send.data(world) | send.hidden(client, world)
    address = f"/apprenticeships/{world.at.id}{send.path(world)}"
    world.session.rollback()  # reading alone would hold the one writer's place on SQLite
    if lock:
        world.lock()
        if ask:
            world.ask(the_lock(world.session, world.at.id))
        commit(world.session)
    before = dump(world.session.info["database"])
    answer = send.post(client, address, data)
    world.session.info["same"] = dump(world.session.info["database"]) == before
    return answer.status_code, str(answer.text)


@pytest.mark.parametrize("name", REFUSED)
def test_the_request_would_be_done_while_the_portfolio_is_open(
    browser: Open, world: World, name: str
) -> None:
    """Or its refusal below would prove nothing."""
    send = REFUSED[name]
    send.prepare(world)
    status, answer = post(browser, world, send)
    assert status in (200, 201, 204, 303), answer
    assert world.session.info["same"] == (name in ON_ITS_WAY), "it changed nothing even on an open portfolio"


@pytest.mark.parametrize("name", REFUSED)
def test_the_lock_refuses_it_with_a_sentence_and_nothing_changes(
    browser: Open, world: World, name: str
) -> None:
    send = REFUSED[name]
    send.prepare(world)
    status, answer = post(browser, world, send, lock=True)
    assert world.session.info["same"], f"{name} changed a locked portfolio"
    assert status in (409, 422), answer
    assert "portfolio is locked" in answer


@pytest.mark.parametrize("name", STILL_DONE)
def test_what_may_still_be_done_leaves_the_portfolio_as_it_is(browser: Open, world: World, name: str) -> None:
    send = STILL_DONE[name]
    send.prepare(world)
    status, answer = post(browser, world, send, lock=True, ask=name == "gateway.approve_unlock")
    assert status in (200, 204, 303), answer
    out_of_sight = (
        name == "slips.send_report"
    )  # tests/slips/test_locked.py: words are sealed, and nothing else
    assert world.session.info["same"] != out_of_sight, f"{name} changed a locked portfolio"


def test_locking_twice_is_locking_once_and_a_second_manager_is_told(browser: Open, world: World) -> None:
    again = Send("priya", lambda w: "/gateway/lock", lambda w: SIGN)
    assert post(browser, world, again, lock=True)[0] == 303
    assert world.session.info["same"]
    petra = a_person(world.session, "Petra Pool", world.cast.provider, "manager")
    give_passwords(world.session, petra)
    world.cast.priya = petra
    status, answer = post(browser, world, again)
    assert status == 409
    assert "already locked" in answer
    assert world.session.info["same"]


@pytest.mark.parametrize("name", FROZEN)
def test_the_database_refuses_every_change_of_a_locked_portfolio(
    database: Database, world: World, name: str
) -> None:
    """Insert, update and delete by plain SQL, as no page would send them."""
    fill(world)
    world.lock()
    commit(world.session)
    before = dump(database)
    for statement in ("insert", "update", "delete"):
        with (
            pytest.raises(DBAPIError, match=r"portfolio is locked|append-only|permission denied"),
            plain(database) as connection,
        ):
            _change(connection, table(name), statement, world)
    assert dump(database) == before


@pytest.mark.parametrize("name", FROZEN)
def test_another_apprenticeship_can_still_be_written_to(database: Database, world: World, name: str) -> None:
    """The lock is of one portfolio, not of the provider: the same rows go in under another apprenticeship."""
    fill(world)
    world.lock()
    commit(world.session)
    with plain(database) as connection:
        row = _a_row(connection, table(name), world)
        row |= {"id": new_id(), "apprenticeship_id": world.cast.other_at.id} | _unique(name)
        if name == "sighting":  # a person confirms a version once
            row["signed_by_id"] = world.cast.olu.id
        if name == "version_file":  # a version holds a file once
            file = _a_row(connection, table("evidence_file"), world) | {
                "id": row["id"],
                "storage_key": "another",
            }
            file["apprenticeship_id"] = row["apprenticeship_id"]
            connection.execute(table("evidence_file").insert().values(**file))
            row["file_id"] = file["id"]
        connection.execute(table(name).insert().values(**row))
        connection.rollback()


def test_a_row_cannot_be_moved_into_a_locked_portfolio(database: Database, world: World, cast: Cast) -> None:
    """By plain SQL, from an open portfolio: the triggers look at both ends."""
    elsewhere = a_draft(world.session, world.session.get_one(Apprenticeship, cast.other_at.id), "K1")
    world.lock()
    commit(world.session)
    moved = table("evidence").update().where(table("evidence").c.id == elsewhere.id)
    with pytest.raises(DBAPIError, match="the portfolio is locked"), plain(database) as connection:
        connection.execute(moved.values(apprenticeship_id=world.at.id))


def _a_row(connection: Connection, one: Table, world: World) -> dict[str, object]:
    """A row of the locked portfolio: of its draft where there is one, so that no other trigger refuses first."""
    rows = connection.execute(select(one).where(one.c.apprenticeship_id == world.at.id)).mappings().all()
    assert rows, f"the world has no row of {one.name} to copy"
    of_draft = [row for row in rows if world.draft_version_id in (row["id"], row.get("version_id"))]
    return dict((of_draft or rows)[0])


def _unique(name: str) -> dict[str, object]:
    """New values where a table allows a value once, and parents that are not handed in yet."""
    return {
        "evidence_version": {"number": 99, "submitted_at": None},
        "evidence_file": {"storage_key": "another"},
        "comment": {"form_key": "another"},
        "decision": {"form_key": "another"},
        "sign_off": {"form_key": "another"},
        "declaration": {"round": 99},
        "claim": {"item_code": "S9"},
    }.get(name, {})


def _change(connection: Connection, one: Table, statement: str, world: World) -> None:
    row = _a_row(connection, one, world)
    if statement == "insert":
        connection.execute(one.insert().values(**row | {"id": new_id()} | _unique(one.name)))
    elif statement == "update":
        connection.execute(one.update().where(one.c.id == row["id"]).values(provider_id=row["provider_id"]))
    else:
        connection.execute(one.delete().where(one.c.id == row["id"]))
