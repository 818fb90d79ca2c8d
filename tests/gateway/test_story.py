"""The whole way: draft, evidence decided, records, declarations, lock, unlock by two, lock again, assessment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import Traveller

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, Progress
from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.gateway.models import Declaration, GatewayLock
from tests.builders import NOW, Cast, a_draft, commit, latest_version
from tests.client import Browser
from tests.gateway.steps import PASSWORD, a_decision, date_fields, give_passwords, sign_off

Open = Callable[..., Browser]
SIGN = {"agreed": "yes", "password": PASSWORD}


class Story:
    """One step after the other, each followed by a full recomputation of the summary."""

    def __init__(self, browser: Open, database: Database, catalogue: Catalogue, cast: Cast) -> None:
        self.browser, self.database, self.catalogue, self.cast = browser, database, catalogue, cast
        self.base = f"/apprenticeships/{cast.amina_at.id}/gateway"

    def page(self, who: object, rest: str = "") -> str:
        answer = self.browser(who).get(self.base + rest)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def send(self, who: object, rest: str, expect: int = 303, **data: str) -> str:
        answer = self.browser(who).post(self.base + rest, data=data)
        assert answer.status_code == expect, answer.text
        self.check()
        return str(answer.text)

    def check(self) -> Progress:
        with self.database.reading() as session:
            assert list(progress.verify(session, self.catalogue)) == []
            return session.scalars(
                select(Progress).where(Progress.apprenticeship_id == self.cast.amina_at.id)
            ).one()


def test_from_a_draft_to_the_overall_grade(
    browser: Open, session: Session, database: Database, catalogue: Catalogue, cast: Cast, clock: Traveller
) -> None:
    story = Story(browser, database, catalogue, cast)
    give_passwords(session, cast.amina, cast.marek, cast.asha, cast.priya, cast.ines)
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    piece = a_draft(session, at, "K1", "D1")
    commit(session)
    assert story.check().gaps == "dbs,english,maths,statements,duties,evidence_declarations"

    piece = session.get_one(Evidence, piece.id)
    latest_version(session, piece.id).submitted_at = NOW
    piece.state, piece.state_since = "submitted", NOW
    commit(session)
    assert story.check().gaps == "dbs,english,maths,statements,duties"
    a_decision(session, piece, cast.asha, "K1")
    a_decision(session, piece, cast.asha, "D1")
    piece.state = "decided"
    sign_off(session, at, cast.asha, *catalogue.get(at.standard_reference, at.standard_version).codes)
    commit(session)
    assert story.check().gaps == "dbs,english,maths"

    story.send(
        cast.priya,
        "/dbs/record",
        decision="satisfactory",
        level="enhanced",
        decided_by="Dana Decider",
        original_seen_by="Rowan Seer",
        **date_fields("decided_on", date(2025, 9, 2)),
        **date_fields("original_seen_on", date(2025, 9, 1)),
        **date_fields("next_check_due_on", date(2028, 9, 1)),
    )
    row = story.check()
    assert row.gaps == "english,maths"
    assert row.dbs_due_day == date(2028, 9, 1).toordinal()
    proof = {
        "qualification": "level_2",
        "proof": "certificate",
        **date_fields("proof_seen_on", date(2025, 10, 14)),
    }
    story.send(cast.priya, "/qualifications/english", **proof)
    story.send(cast.priya, "/qualifications/maths", **proof)
    assert story.check().gaps == ""
    assert "You are nearly there: only 3 declarations have still to be made." in story.page(cast.amina)

    story.send(cast.amina, "/declarations/apprentice", **SIGN)
    story.send(cast.amina, "/declarations/apprentice", **SIGN)  # a double tap signs once
    story.send(cast.marek, "/declarations/employer", **SIGN)
    refused = story.send(cast.priya, "/lock", 409, **SIGN)
    assert "Provider&#39;s declaration: missing." in refused
    story.send(cast.asha, "/declarations/provider", **SIGN)
    assert story.check().declarations == 3
    assert "Amina Archer is ready: everything is in place" in story.page(cast.priya)

    story.send(cast.priya, "/lock", **SIGN)
    row = story.check()
    assert (row.stage, row.gaps, row.dbs_due_day) == ("through", "", None)
    assert row.through_day == date(2026, 11, 18).toordinal()
    locked = story.page(cast.amina)
    assert (
        "You are through the gateway: the portfolio has been locked since 18 November 2026 at 14:05."
        in locked
    )
    assert "Priya Parker" in locked

    clock.shift(timedelta(days=1))
    story.send(cast.priya, "/unlock/ask", reason="A file turned out to be the wrong one.", password=PASSWORD)
    assert "The person who asked cannot be the one who agrees." in story.send(
        cast.priya, "/unlock/approve", 409, **SIGN
    )
    story.send(cast.ines, "/unlock/approve", **SIGN)
    row = story.check()
    assert (row.stage, row.declarations, row.through_day) == ("active", 0, None)
    again = story.page(cast.marek)
    assert "A file turned out to be the wrong one." in again
    assert "Ines Irwin agreed" in again

    for who, party in ((cast.amina, "apprentice"), (cast.marek, "employer"), (cast.priya, "provider")):
        story.send(who, f"/declarations/{party}", **SIGN)
    story.send(cast.priya, "/lock", **SIGN)
    with database.reading() as reading:
        locks = reading.scalars(select(GatewayLock).order_by(GatewayLock.round)).all()
        assert [lock.round for lock in locks] == [1, 2]
        assert locks[0].portfolio_sha256 == locks[1].portfolio_sha256  # nothing was changed in between
        assert len(reading.scalars(select(Declaration)).all()) == 6

    clock.shift(timedelta(days=30))
    base = "/assessment/record"
    story.send(cast.priya, f"{base}/organisation", organisation="Quay Assessments")
    story.send(cast.priya, f"{base}/planned", component="Interview", **date_fields("on", date(2026, 12, 20)))
    story.send(
        cast.priya,
        f"{base}/result",
        component="Interview",
        attempt="first",
        result="Fail",
        **date_fields("on", date(2026, 12, 1)),
    )
    too_early = story.send(
        cast.priya, f"{base}/overall", 422, result="Pass", **date_fields("on", date(2026, 11, 30))
    )
    assert "The last result is of 1 December 2026" in too_early
    story.send(
        cast.priya,
        f"{base}/result",
        component="interview",
        attempt="resit",
        result="Merit",
        **date_fields("on", date(2026, 12, 15)),
    )
    story.send(cast.priya, f"{base}/overall", result="Merit", **date_fields("on", date(2026, 12, 15)))
    assert story.check().stage == "assessed"
    timeline = story.page(cast.asha, "/assessment")
    told = ["Portfolio locked", "Portfolio unlocked", "With Quay Assessments", "Planned: Interview"]
    assert all(words in timeline for words in told)
    assert timeline.index("Fail") < timeline.index("interview (resit)") < timeline.index("Overall grade")
