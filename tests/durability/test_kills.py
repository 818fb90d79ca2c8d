"""The server is killed with SIGKILL at random moments and at each named step, while people upload and decide.
Restarted over the same data, it serves every byte that it ever confirmed, and shows nothing of the rest by halves.

A killed process leaves the operating system's caches alone: this finds mistakes in the order of things. That each
step has reached the disk is shown by the trace of system calls (test_trace.py).

PORTFOLIO_KILLS=500 kills more often, PORTFOLIO_KILL_SEED=… repeats a run; the seed is printed with whatever fails.
"""

from __future__ import annotations

import os
import secrets
import time
from functools import partial
from pathlib import Path
from random import Random

import pytest

from kbs.catalogue import Catalogue
from storage.store import NotStored
from tests.durability.audit import Found, whole_and_nothing_lost
from tests.durability.clients import a_piece, send_piece
from tests.durability.places import application, data
from tests.durability.process import ServerProcess
from tests.durability.steps import STEPS
from tests.durability.world import World, people_in
from tests.postgres import TEST_DATABASE_URL

KILLS = int(os.environ.get("PORTFOLIO_KILLS") or (40 if TEST_DATABASE_URL else 100))
PER_WORLD = 50
"""Kills over one set of data; then everything is audited and a fresh one begins."""
SEED = int(os.environ.get("PORTFOLIO_KILL_SEED") or secrets.randbits(32))
PATIENCE = 6.0
"""Seconds to wait for a step to be reached; then the kill happens where the server is."""
WORLDS = [(number, min(PER_WORLD, KILLS - number * PER_WORLD)) for number in range(-(-KILLS // PER_WORLD))]


@pytest.mark.parametrize(("number", "kills"), WORLDS, ids=[f"world-{number}" for number, _ in WORLDS])
def test_nothing_confirmed_is_lost_and_nothing_else_is_there_by_halves(
    tmp_path: Path, request: pytest.FixtureRequest, catalogue: Catalogue, number: int, kills: int
) -> None:
    print(f"PORTFOLIO_KILL_SEED={SEED}, world {number}")
    random = Random(SEED + number)
    with data(tmp_path, request) as settings, application(settings, catalogue) as app:
        people = people_in(app.state.database)
        with ServerProcess(settings, tmp_path / "server.log") as server:
            world = World(server.port, random.getrandbits(64), people)
            at_steps = _live_and_die(server, world, random, kills, first=number * PER_WORLD)
            server.start()
            world.told()
            world.told_everything()
            assert server.stop() == 0
        found = whole_and_nothing_lost(app, world)
    print(f"{kills} kills, {at_steps} at a step, {world.compared} files compared, {found}")
    _worth_it(found, kills)


def _live_and_die(server: ServerProcess, world: World, random: Random, kills: int, *, first: int) -> int:
    """Kill it so many times, in turn at the next named step and at a random moment; returns how many at a step."""
    at_steps = 0
    for kill in range(first, first + kills):
        step = STEPS[kill // 2 % len(STEPS)] if kill % 2 == 0 else ""
        server.start(step, random.randint(1, 5))
        if kill == first:
            world.sign_in()
        world.told()
        moment = (0, PATIENCE) if step else (random.randint(0, 5), random.uniform(0.0, 0.3))
        at_steps += world.work(partial(_kill, server, world, *moment))
    return at_steps


def _kill(server: ServerProcess, world: World, confirmed: int, seconds: float) -> bool:
    """End it after so many things were confirmed and so many seconds more; True if it ended before, at its step."""
    until = time.monotonic() + PATIENCE
    while world.confirmed < confirmed and time.monotonic() < until:
        time.sleep(0.002)
    world.sending.wait(PATIENCE)
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.is_alive():
        time.sleep(0.002)
    by_itself = not server.is_alive()
    assert server.kill() == -9
    return by_itself


def _worth_it(found: Found, kills: int) -> None:
    """A run in which hardly anything was confirmed would prove nothing."""
    assert found.confirmed >= kills // 2
    assert found.verdicts >= kills // 10
    assert found.pending or kills < 10, "no kill ever left a reservation behind"


def test_a_server_that_stores_too_late_is_found_out(
    tmp_path: Path, request: pytest.FixtureRequest, catalogue: Catalogue
) -> None:
    """Or the test above would prove nothing: here rows are committed before what they name is stored."""
    with data(tmp_path, request) as settings, application(settings, catalogue) as app:
        people = people_in(app.state.database)
        with ServerProcess(settings, tmp_path / "server.log") as server:
            server.start(mistake="late")
            world = World(server.port, 1, people)
            world.sign_in()
            piece = a_piece(Random(1), people.at[0])
            world.pieces.append(piece)
            send_piece(world.apprentices[0], piece)
            server.kill()
            with pytest.raises((AssertionError, NotStored)):
                whole_and_nothing_lost(app, world)
