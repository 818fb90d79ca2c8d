"""The clock jumps back: what came last stays last, sessions neither end nor live for ever, jobs are still done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import time_machine
from sqlalchemy.orm import Session

from kbs.coverage import ItemState
from portfolio import clock
from portfolio import database as ids
from portfolio.assessment.models import SignOff
from portfolio.database import Database, new_id
from portfolio.jobs import actions as jobs
from tests.assessment.steps import review_path, states, typed
from tests.builders import Cast, a_submitted, commit, latest_version
from tests.client import Browser
from tests.serving.running import ROOT

Open = Callable[..., Browser]
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def forget_the_time() -> None:
    """As a process that has just started: it knows of no id yet."""
    ids._uuid_last = 0


def test_ids_never_go_back_within_a_process() -> None:
    with time_machine.travel(NOON, tick=False):
        before = [new_id() for _ in range(100)]
    with time_machine.travel(NOON - HOUR, tick=False):
        after = [new_id() for _ in range(100)]
    assert sorted(before + after) == before + after
    assert len(set(before + after)) == 200


def test_what_a_process_started_after_the_jump_writes_is_still_the_newest(
    browser: Open, cast: Cast, session: Session, database: Database, catalogue: object
) -> None:
    """Signed off at noon; the machine restarts an hour back; the withdrawal then written must be what counts."""
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    version = latest_version(session, piece.id)
    commit(session)
    try:
        with time_machine.travel(NOON):
            assert (
                browser(cast.asha)
                .post(review_path(piece), data=typed(version, {"K7": "covered"}))
                .status_code
                == 303
            )
        assert states(database, catalogue, cast.amina_at.id, "K7")["K7"] is ItemState.COVERED
        with time_machine.travel(NOON - HOUR):
            forget_the_time()
            clock.go_on(database)
            with database.writing() as later:
                stood = later.query(SignOff).one()
                withdrawal = SignOff(
                    provider_id=stood.provider_id,
                    apprenticeship_id=stood.apprenticeship_id,
                    item_code="K7",
                    kind="withdrawn",
                    basis="superseded",
                    decision_id=stood.decision_id,
                    reason="Seen again with the mentor",
                    signed_by_id=cast.asha.id,
                    signed_at=datetime.now(UTC),
                    form_key="w" * 32,
                )
                later.add(withdrawal)
                later.flush()
                assert withdrawal.id > stood.id
        assert states(database, catalogue, cast.amina_at.id, "K7")["K7"] is not ItemState.COVERED
    finally:
        forget_the_time()


def test_a_process_that_starts_says_that_its_clock_is_behind(
    session: Session, cast: Cast, database: Database, tmp_path: Path
) -> None:
    """A real process of its own, which meets a row of tomorrow; ids that are not of time are left aside."""
    try:
        with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
            forget_the_time()
            newest = a_submitted(session, cast.amina_at, "K7").id
            commit(session)
    finally:
        forget_the_time()
    url = database.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", STARTS, url], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert UUID(done.stdout.strip()) > newest
    assert "clock.behind" in done.stderr
    seconds = clock.made_at(newest) - datetime.now(UTC).timestamp()
    assert seconds > 80_000


STARTS = """
import logging, sys
from portfolio import app
from portfolio.clock import go_on
from portfolio.database import Database, new_id
logging.basicConfig()
database = Database(sys.argv[1])
go_on(database)
print(new_id())
database.engine.dispose()
"""


def test_a_session_goes_on_and_still_ends(browser: Open, cast: Cast) -> None:
    page = browser()
    with time_machine.travel(NOON):
        page.sign_in_as(cast.amina)
        assert page.get("/").status_code == 200
    with time_machine.travel(NOON - HOUR):
        assert page.get("/").status_code == 200, "nobody is thrown out"
    with time_machine.travel(NOON + timedelta(hours=3)):
        answer = page.get("/")
        assert answer.status_code == 303, "idle for longer than an hour"
        assert answer.headers["location"].startswith("/sign-in")


def test_a_job_waits_for_its_time_and_is_done_once(session: Session, database: Database) -> None:
    """Due at noon; at the jump to eleven it is early, not lost; nobody has it twice."""
    with time_machine.travel(NOON):
        jobs.enqueue(session, "upkeep.nothing", now=NOON)
        commit(session)

    def claimed(now: datetime) -> bool:
        with database.writing() as one:
            return jobs.claim(one, worker="w", now=now, lease=timedelta(minutes=2)) is not None

    assert not claimed(NOON - HOUR)
    assert claimed(NOON + timedelta(seconds=1))
    assert not claimed(NOON - HOUR)
    assert not claimed(NOON + timedelta(seconds=2))
