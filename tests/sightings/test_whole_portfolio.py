"""A whole apprenticeship goes through the gateway without one file: every original stays at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.evidence.models import Evidence, EvidenceFile, EvidenceVersion
from portfolio.gateway.models import GatewayLock
from tests.assessment.steps import review_path, typed
from tests.builders import Cast, commit, latest_version
from tests.client import Browser
from tests.evidence.steps import complete, pages_of, piece_id, send
from tests.gateway.conftest import clock as clock
from tests.gateway.steps import PASSWORD, date_fields, give_passwords
from tests.ledger.steps import check
from tests.sightings.steps import confirm, original_path

Open = Callable[..., Browser]
AT_A_TIME = 9
SIGN = {"agreed": "yes", "password": PASSWORD}


def handfuls(codes: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for first in range(0, len(codes), AT_A_TIME):
        yield codes[first : first + AT_A_TIME]


def records(page: Browser, base: str) -> None:
    """DBS, English and maths, as the provider records them."""
    dbs = {"decision": "satisfactory", "level": "enhanced", "decided_by": "Dana Decider"}
    dbs |= {"original_seen_by": "Rowan Seer"} | date_fields("decided_on", date(2025, 9, 2))
    dbs |= date_fields("original_seen_on", date(2025, 9, 1)) | date_fields(
        "next_check_due_on", date(2028, 9, 1)
    )
    proof = {"qualification": "level_2", "proof": "certificate"}
    proof |= date_fields("proof_seen_on", date(2025, 10, 14))
    for rest, data in (
        ("dbs/record", dbs),
        ("qualifications/english", proof),
        ("qualifications/maths", proof),
    ):
        answer = page.post(f"{base}/{rest}", data=data)
        assert answer.status_code == 303, answer.text


def test_every_statement_and_duty_is_signed_off_and_locked_without_one_file(
    browser: Open, session: Session, database: Database, catalogue: Catalogue, cast: Cast
) -> None:
    give_passwords(session, cast.amina, cast.marek, cast.asha, cast.priya)
    commit(session)
    codes = catalogue.get("ST1030", "1.0").codes
    amina, marek, asha = browser(cast.amina), browser(cast.marek), browser(cast.asha)
    for number, handful in enumerate(handfuls(tuple(codes))):
        form = complete(
            title=f"Piece {number}",
            claim=list(handful),
            confidentiality="original_stays",
            action="submit",
            form_key=f"{number:032}",
        )
        answer = send(amina, pages_of(cast.amina_at), form)
        assert answer.status_code == 303, answer.text
        with database.reading() as fresh:
            piece = fresh.get_one(Evidence, piece_id(answer))
            version = latest_version(fresh, piece.id)
        confirm(marek if number % 2 else asha, original_path(piece), password=PASSWORD)
        fields = typed(version, dict.fromkeys(handful, "covered"), key=f"{number:032}")
        assert asha.post(review_path(piece), data=fields).status_code == 303
    base = f"/apprenticeships/{cast.amina_at.id}/gateway"
    records(browser(cast.priya), base)
    for person, party in ((cast.amina, "apprentice"), (cast.marek, "employer"), (cast.asha, "provider")):
        answer = browser(person).post(f"{base}/declarations/{party}", data=SIGN)
        assert answer.status_code == 303, answer.text
    shown = browser(cast.priya).get(base).text
    assert f"{-(-len(codes) // AT_A_TIME)} pieces that sign-offs rest on have no file" in shown
    assert "Each was seen there and confirmed by signature, by Asha Abbott, Marek Mason." in shown
    assert browser(cast.priya).post(f"{base}/lock", data=SIGN).status_code == 303
    with database.reading() as fresh:
        assert fresh.scalar(select(func.count(EvidenceFile.id))) == 0
        assert fresh.scalar(select(func.count(EvidenceVersion.id))) == -(-len(codes) // AT_A_TIME)
        assert fresh.scalar(select(func.count(GatewayLock.id))) == 1
    assert check(database) == []
