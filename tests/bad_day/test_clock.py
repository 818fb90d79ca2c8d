"""The clock jumps back: what came last stays last, sessions neither end nor live for ever, jobs are still done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.coverage import ItemState
from portfolio import clock
from portfolio import database as ids
from portfolio.assessment.models import Decision, SignOff
from portfolio.audit import actions as audit
from portfolio.audit.models import AuditEvent
from portfolio.database import Database, new_id
from portfolio.gateway import history
from portfolio.gateway.models import DbsRecord
from portfolio.jobs import actions as jobs
from tests.assessment.steps import decisions_path, item_path, review_path, states, typed
from tests.builders import Cast, a_submitted, commit, latest_version
from tests.client import Browser
from tests.counting import queries
from tests.gateway.steps import a_dbs_record
from tests.serving.running import ROOT

Open = Callable[..., Browser]
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEN_SECONDS = timedelta(seconds=10)


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


class TwoProcesses:
    """Each with its own clock and its own last id, over one database: `ahead` is at noon, `behind` ten seconds
    before, and both have been running for a while."""

    def __init__(self) -> None:
        self.lasts = dict.fromkeys((NOON, NOON - TEN_SECONDS), 0)

    @contextmanager
    def at(self, clock: datetime) -> Iterator[None]:
        ids._uuid_last = self.lasts[clock]
        with time_machine.travel(clock, tick=False):
            yield
        self.lasts[clock] = ids._uuid_last

    def ahead(self) -> AbstractContextManager[None]:
        return self.at(NOON)

    def behind(self) -> AbstractContextManager[None]:
        return self.at(NOON - TEN_SECONDS)


@pytest.fixture
def two() -> Iterator[TwoProcesses]:
    before = ids._uuid_last
    yield TwoProcesses()
    ids._uuid_last = before


def test_a_withdrawal_taken_by_a_process_whose_clock_is_behind_counts(
    browser: Open, cast: Cast, session: Session, database: Database, catalogue: Catalogue, two: TwoProcesses
) -> None:
    at = cast.amina_at.id
    with two.behind():
        page = browser(cast.asha)
        new_id()  # it has been running
        piece = a_submitted(session, cast.amina_at, "K7")
        version = latest_version(session, piece.id)
        commit(session)
    with two.ahead():
        signed = page.post(review_path(piece), data=typed(version, {"K7": "covered"}))
        assert signed.status_code == 303
    assert states(database, catalogue, at, "K7")["K7"] is ItemState.COVERED
    with two.behind():
        form = {"reason": "Seen again with the mentor", "form_key": "6" * 32}
        assert page.post(item_path(at, "K7", "withdraw"), data=form).status_code == 303
    assert states(database, catalogue, at, "K7")["K7"] is not ItemState.COVERED
    with two.behind():
        form = {"reason": "And again", "form_key": "7" * 32}
        assert page.post(item_path(at, "K7", "withdraw"), data=form).status_code == 409, "it is withdrawn"


def test_a_superseding_decision_by_a_process_whose_clock_is_behind_counts(
    browser: Open, cast: Cast, session: Session, database: Database, catalogue: Catalogue, two: TwoProcesses
) -> None:
    at = cast.amina_at.id
    with two.behind():
        page = browser(cast.asha)
        piece = a_submitted(session, cast.amina_at, "K7")
        version = latest_version(session, piece.id)
        commit(session)
    with two.ahead():
        assert page.post(review_path(piece), data=typed(version, {"K7": "covered"})).status_code == 303
    with database.reading() as fresh:
        first = fresh.scalars(select(Decision)).one()
    with two.behind():
        form = typed(version, {"K7": "not_yet"}, key="9" * 32) | {
            "reason": "I had overlooked the second file."
        }
        answer = page.post(f"{decisions_path(piece)}/{first.id}/supersede", data=form)
        assert answer.status_code == 303
    with database.reading() as fresh:
        newest = fresh.scalars(select(Decision).order_by(Decision.id.desc())).first()
        assert newest is not None
        assert newest.supersedes_id == first.id
    assert states(database, catalogue, at, "K7")["K7"] is not ItemState.COVERED


def test_a_dbs_record_of_a_process_whose_clock_is_behind_is_the_newest(
    browser: Open, cast: Cast, database: Database, two: TwoProcesses
) -> None:
    address = f"/apprenticeships/{cast.amina_at.id}/gateway/dbs/record"
    good = {"decision": "awaiting", "level": "enhanced"}
    with two.ahead():
        page = browser(cast.priya)
        assert page.post(address, data=good).status_code == 303
    with two.behind():
        assert page.post(address, data=good | {"level": "standard"}).status_code == 303
    with database.reading() as fresh:
        found = history.records(fresh, DbsRecord, cast.amina_at.id)
    assert [one.level for one in found] == ["standard", "enhanced"]


def test_following_what_was_written_costs_one_statement(
    browser: Open, cast: Cast, database: Database
) -> None:
    page, address = browser(cast.priya), f"/apprenticeships/{cast.amina_at.id}/gateway/dbs/record"
    with queries(database) as count:
        assert page.post(address, data={"decision": "awaiting", "level": "enhanced"}).status_code == 303
    asked = [one for one in count.statements if one.startswith("SELECT") and "FROM audit_event" in one]
    assert len(asked) == 1


def test_ids_of_events_follow_those_of_the_rows_that_they_are_about(
    session: Session, cast: Cast, database: Database
) -> None:
    """In one flush, too, and whatever order they were added in: the newest event tells what came last."""
    at = cast.amina_at
    audit.record(
        session, "gateway.dbs_recorded", by=cast.priya.id, now=NOON, record="dbs_record",
        provider_id=at.provider_id, apprenticeship_id=at.id,
    )  # fmt: skip
    row = a_dbs_record(session, at, cast.priya)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "gateway.dbs_recorded")).one()
    assert event.id > row.id


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
