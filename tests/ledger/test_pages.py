"""The page of the ledger, who sees it, the address for its head, the file to take away, and the lines on other pages."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.audit.marks import Mark
from portfolio.audit.models import AuditEvent
from portfolio.background import make_worker
from portfolio.database import Database
from portfolio.ledger.models import LedgerAddress, LedgerEntry
from portfolio.settings import Settings
from tests.assessment.steps import decisions_path, item_path, review_path, typed
from tests.builders import Cast, a_submitted, commit, latest_version
from tests.gateway.sends import SIGN
from tests.gateway.steps import declared, everything_but_declarations, give_passwords
from tests.ledger.steps import Player, a_history, by_hand, chain, head_of, players

Open = Callable[..., Any]


@pytest.fixture
def address(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/ledger"


def mark_of(database: Database, record_id: Any) -> Mark:
    with database.reading() as session:
        row = session.execute(
            select(LedgerEntry.seq, LedgerEntry.hash).where(LedgerEntry.record_id == record_id)
        ).one()
    return Mark(*row)


def test_managers_and_internal_quality_assurers_see_it_and_nobody_else(
    browser: Open, cast: Cast, address: str
) -> None:
    expected = {
        cast.priya: 200, cast.ines: 200, cast.asha: 403, cast.marek: 403, cast.amina: 403,
        cast.noor: 404, cast.otto: 404, cast.admin: 404,
    }  # fmt: skip
    for person, status in expected.items():
        client = browser(person)
        assert client.get(address).status_code == status, person.name
        assert client.get(f"{address}/verify_export.py").status_code == status
        if status != 200:
            assert client.post(f"{address}/export.json").status_code == status
        if person is not cast.priya:
            answer = client.post(f"{address}/address", data={"email": "x@example.org"})
            assert answer.status_code == (404 if status == 404 else 403), person.name
    assert browser().get(address).status_code == 303


def test_an_empty_ledger_says_so(browser: Open, cast: Cast, address: str) -> None:
    text = browser(cast.priya).get(address).text
    assert "There is no entry yet" in text
    assert browser(cast.priya).post(f"{address}/export.json").status_code == 409


def test_the_page_shows_the_head_and_every_entry_newest_first(
    browser: Open, cast: Cast, session: Session, database: Database, address: str
) -> None:
    a_history(session, cast)
    entries, client = chain(database, cast.provider.id), browser(cast.ines)
    assert len(entries) > 25
    first, second = client.get(address).text, client.get(f"{address}?page=2").text
    assert f"{entries[-1].seq}:{entries[-1].hash}" in first
    assert f"verify --head {cast.provider.id}:{entries[-1].seq}:{entries[-1].hash}" in first
    both = first + second + client.get(f"{address}?page=3").text
    for one in entries:
        assert f"{one.seq}:{one.hash}" in both
    assert first.index(entries[-2].hash) < first.index(entries[-3].hash)
    assert both.count("were hashed anew just now") >= 2
    assert "Something is wrong" not in both
    assert entries[-1].hash not in browser(cast.noor).get(f"/providers/{cast.other_provider.id}/ledger").text
    assert client.get(f"{address}?page=90").status_code == 200


def test_the_page_shows_an_entry_that_was_changed(
    browser: Open, cast: Cast, session: Session, database: Database, address: str
) -> None:
    a_history(session, cast)
    table, one = LedgerEntry.__table__, chain(database, cast.provider.id)[-3]
    with by_hand(database) as connection:
        connection.execute(
            update(table).where(table.c.id == one.id).values(entry=one.entry.replace("1", "2"))
        )
    text = browser(cast.priya).get(address).text
    assert "Something is wrong on this page" in text
    assert "Entry altered" in text


def test_the_file_is_taken_away_and_checked_with_the_script_from_the_page(
    browser: Open, cast: Cast, session: Session, database: Database, address: str, tmp_path: Path
) -> None:
    a_history(session, cast)
    client, head = browser(cast.ines), head_of(database, cast.provider.id)
    answer = client.post(f"{address}/export.json")
    assert answer.headers["content-type"] == "application/json"
    assert f"entry-{head.seq}.json" in answer.headers["content-disposition"]
    (tmp_path / "export.json").write_bytes(answer.content)
    (tmp_path / "check.py").write_bytes(client.get(f"{address}/verify_export.py").content)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "check.py", "export.json", "--head", f"{head.seq}:{head.hash}"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert {json.loads(link["entry"])["provider"] for link in answer.json()["entries"]} == {
        str(cast.provider.id)
    }
    with database.reading() as fresh:
        event = fresh.scalars(select(AuditEvent).where(AuditEvent.action == "ledger.exported")).one()
        assert (event.by_id, event.detail) == (cast.ines.id, {"entry": head.seq})


def test_an_address_is_set_changed_and_removed_and_the_old_one_is_told(
    browser: Open, cast: Cast, database: Database, address: str, settings: Settings, app: FastAPI
) -> None:
    client, worker = browser(cast.priya), make_worker(app)

    def send(email: str) -> Any:
        answer = client.post(f"{address}/address", data={"email": email})
        worker.work_off()
        return answer

    def stored() -> list[str]:
        with database.reading() as fresh:
            return list(fresh.scalars(select(LedgerAddress.email)))

    bad = send("not an address")
    assert (bad.status_code, stored()) == (422, [])
    assert "not an address" in bad.text, "what was typed is still there"
    assert send(" Heads@Example.org ").status_code == 303
    assert stored() == ["heads@example.org"]
    assert letters(settings) == []
    send("heads@example.org")
    send("audit@example.org")
    assert stored() == ["audit@example.org"]
    told = [one for one in letters(settings) if "no longer comes here" in one]
    assert len(told) == 1
    assert "To: heads@example.org" in told[0]
    assert cast.priya.name in told[0]
    send("")
    assert stored() == []
    assert "To: audit@example.org" in letters(settings)[-1]
    with database.reading() as fresh:
        events = fresh.scalars(
            select(AuditEvent).where(AuditEvent.record == "ledger").order_by(AuditEvent.id)
        ).all()
        assert [one.action for one in events] == ["ledger.address_set"] * 2 + ["ledger.address_removed"]
        assert all(one.detail == {} for one in events), "no address in the audit trail"


def letters(settings: Settings) -> list[str]:
    assert settings.mail_folder is not None
    found = sorted(settings.mail_folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [path.read_text() for path in found]


def test_after_deciding_the_page_says_where_the_ledger_holds_it(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    piece = a_submitted(session, cast.amina_at, "K1", "S7")
    version = latest_version(session, piece.id)
    commit(session)
    client = browser(cast.asha)
    answer = client.post(review_path(piece), data=typed(version, {"K1": "covered", "S7": "partly"}))
    after = client.get(answer.headers["location"]).text
    entries = {json.loads(one.entry)["action"]: one for one in chain(database, cast.provider.id)}
    assert set(entries) == {"submitted", "decided", "signed_off"}
    mark = mark_of(database, entries["decided"].record_id)
    assert mark.whole in after
    assert f"entry {mark.short}" in after
    shown = client.get(decisions_path(piece)).text
    history = browser(cast.amina).get(item_path(cast.amina_at.id, "K1", "history")).text
    item = browser(cast.marek).get(f"/apprenticeships/{cast.amina_at.id}/items/K1").text
    signed = mark_of(database, entries["signed_off"].record_id)
    assert mark.whole in shown
    assert signed.whole in history
    assert signed.whole in item


def test_testimonies_and_locks_say_where_the_ledger_holds_them(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    player: Player = players(session, cast)[0]
    player.submit()
    player.testify()
    entries = {json.loads(one.entry)["action"]: one for one in chain(database, cast.provider.id)}
    base = f"/apprenticeships/{cast.amina_at.id}"
    talk = browser(cast.marek).get(f"{base}/evidence/{player.pieces[0].id}/comments").text
    assert mark_of(database, entries["testified"].record_id).whole in talk


def test_the_record_of_a_lock_says_where_the_ledger_holds_it(
    browser: Open, cast: Cast, session: Session, database: Database, catalogue: Catalogue
) -> None:
    everything_but_declarations(session, cast, catalogue)
    declared(session, cast)
    give_passwords(session, cast.priya)
    commit(session)
    base, client = f"/apprenticeships/{cast.amina_at.id}/gateway", browser(cast.priya)
    assert client.post(f"{base}/lock", data=SIGN).status_code == 303
    lock = chain(database, cast.provider.id)[-1]
    assert lock.record == "gateway_lock"
    assert Mark(lock.seq, lock.hash).whole in client.get(f"{base}/locks/{lock.record_id}").text


@pytest.mark.parametrize("together", [False, True])
def test_exports_of_a_cohort_end_with_the_head(
    browser: Open, cast: Cast, session: Session, database: Database, together: bool
) -> None:
    """The CSV with its last line, the workbook with the last line of the sheet that explains it."""
    a_history(session, cast)
    head = head_of(database, cast.provider.id)
    said = f"Ledger of {cast.provider.name}: entry {head.seq}:{head.hash}"
    client = browser(cast.priya)
    base = f"/providers/{cast.provider.id}/cohorts-together" if together else f"/cohorts/{cast.cohort.id}"
    body = client.post(f"{base}/export.csv").text
    assert body.rstrip().endswith(said)
    book = load_workbook(BytesIO(client.post(f"{base}/export.xlsx").content))
    assert [cell.value for cell in book["What this says"]["A"]][-1] == said
    rows = [row for row in book["Apprentices"].iter_rows(values_only=True) if "Ledger of" in str(row)]
    assert rows == [], "among the apprentices there is nothing but apprentices"
