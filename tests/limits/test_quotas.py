"""Quotas: the sums are what the files come to, whoever writes them, and no two uploads at once get past them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.evidence import quotas
from portfolio.evidence.models import EvidenceFile
from portfolio.evidence.quotas import StorageUse
from portfolio.migrate import configuration, migrate
from portfolio.settings import Settings
from tests.builders import NOW, Cast, a_cast, a_draft
from tests.client import Browser
from tests.counting import queries
from tests.evidence.steps import all_files, all_pieces, complete, leads_to, pages_of, piece_id, send


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A hundred kilobytes for a person, a hundred and fifty for a provider."""
    return settings.model_copy(update={"person_quota_gb": 0.0001, "provider_quota_gb": 0.00015})


def words(size: int, letter: str = "a") -> bytes:
    """A text file of this size; another letter makes another file."""
    return (letter * 79 + "\n").encode() * (size // 80) + letter.encode() * (size % 80)


def sums(database: Database) -> dict[UUID, tuple[int, int]]:
    with database.reading() as session:
        return {row.holder_id: (row.bytes, row.files) for row in session.scalars(select(StorageUse))}


def test_the_sums_follow_what_is_added_and_removed(
    browser: Callable[..., Browser], database: Database, cast: Cast
) -> None:
    page, address = browser(cast.amina), pages_of(cast.amina_at)
    made = send(page, address, complete(), ("one.txt", words(30_000)), ("two.txt", words(20_000, "b")))
    assert sums(database) == {cast.amina.id: (50_000, 2), cast.provider.id: (50_000, 2)}
    first = all_files(database)[0]
    send(page, f"{address}/{piece_id(made)}/edit", complete(remove_file=str(first.id)))
    left = 50_000 - first.size
    assert sums(database) == {cast.amina.id: (left, 1), cast.provider.id: (left, 1)}
    send(browser(cast.olu), pages_of(cast.other_at), complete(), ("three.txt", words(10_000, "c")))
    assert sums(database)[cast.other_provider.id] == (10_000, 1)
    with database.reading() as session:
        assert quotas.differences(session) == []


def test_what_does_not_fit_is_set_aside_with_a_sentence_and_the_text_is_kept(
    browser: Callable[..., Browser], database: Database, cast: Cast, app: FastAPI
) -> None:
    page, address = browser(cast.amina), pages_of(cast.amina_at)
    assert send(page, address, complete(), ("one.txt", words(70_000))).status_code == 303
    answer = send(
        page, address, complete(title="Kept"), ("big.txt", words(40_000, "b")), ("fits.txt", b"small")
    )
    assert answer.status_code == 422
    assert "“big.txt” was not taken. You have used 70 KB of 100 KB for files." in answer.text
    assert "ask for more room" in answer.text
    assert sorted(file.name for file in all_files(database)) == ["fits.txt", "one.txt"]
    assert "Kept" in page.get(address).text
    assert len(list(app.state.store.keys())) == 2
    assert not list(app.state.store.staging().iterdir())


def test_what_is_announced_too_large_is_not_even_written_down(
    browser: Callable[..., Browser], database: Database, cast: Cast
) -> None:
    """2 MB of text may come with it, so four megabytes cannot fit: by the Content-Length alone."""
    page, address = browser(cast.amina), pages_of(cast.amina_at)
    answer = send(page, address, complete(), ("small.txt", b"small"), ("big.txt", words(4_000_000)))
    assert answer.status_code == 422
    assert "“small.txt” was not taken" in answer.text
    assert all_files(database) == []
    assert len(all_pieces(database)) == 1


def test_a_full_provider_stops_its_people_and_nobody_else(
    browser: Callable[..., Browser], session: Session, database: Database, cast: Cast
) -> None:
    with database.writing() as own:
        own.add(StorageUse(provider_id=cast.provider.id, holder_id=cast.provider.id, bytes=149_000, files=3))
    answer = send(browser(cast.amina), pages_of(cast.amina_at), complete(), ("a.txt", words(2_000)))
    assert "Your training provider has used 149 KB of 150 KB for files" in answer.text
    assert (
        send(browser(cast.olu), pages_of(cast.other_at), complete(), ("a.txt", words(2_000))).status_code
        == 303
    )
    home = browser(cast.priya).get("/").text
    assert "Northern Skills has used 149 KB of 150 KB for files" in home
    assert "for files" not in browser(cast.noor).get("/").text


def test_pages_say_how_much_is_used_from_four_fifths_on(
    browser: Callable[..., Browser], database: Database, cast: Cast
) -> None:
    page, address = browser(cast.amina), pages_of(cast.amina_at)
    send(page, address, complete(), ("one.txt", words(79_000)))
    assert "for files" not in page.get(address).text
    send(page, address, complete(), ("two.txt", words(2_000, "b")))
    assert "You have used 81 KB of 100 KB for files" in page.get(address).text
    assert "for files" not in browser(cast.asha).get(address).text


def test_two_uploads_at_once_do_not_both_get_the_last_room(
    app: FastAPI, browser: Callable[..., Browser], database: Database, cast: Cast
) -> None:
    """Each fits alone; both pass the first look; the transaction lets one in."""
    pages = [browser(cast.amina) for _ in range(4)]
    answers: list[Any] = []
    together = threading.Barrier(4)

    def upload(number: int) -> None:
        together.wait()
        form = complete(title=f"Piece {number}", form_key=f"key{number}")
        answers.append(
            send(pages[number], pages_of(cast.amina_at), form, ("a.txt", words(60_000, "abcd"[number])))
        )

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    assert [file.size for file in all_files(database)] == [60_000]
    assert sums(database) == {cast.amina.id: (60_000, 1), cast.provider.id: (60_000, 1)}
    assert len(all_pieces(database)) == 4, "nobody lost what they had written"


def test_a_refused_transaction_counts_nothing(
    browser: Callable[..., Browser], database: Database, cast: Cast, app: FastAPI
) -> None:
    page = browser(cast.amina)
    answer = send(page, f"{pages_of(cast.amina_at)}/{cast.amina.id}/edit", complete(), ("a.txt", words(900)))
    assert answer.status_code == 404
    assert sums(database).get(cast.amina.id, (0, 0)) == (0, 0)


def test_counting_again_finds_and_mends_every_wrong_sum(
    browser: Callable[..., Browser], database: Database, cast: Cast
) -> None:
    send(browser(cast.amina), pages_of(cast.amina_at), complete(), ("a.txt", words(5_000)))
    with database.writing() as session:
        row = session.scalars(select(StorageUse).where(StorageUse.holder_id == cast.amina.id)).one()
        row.bytes = 1
        session.add(StorageUse(provider_id=cast.provider.id, holder_id=cast.asha.id, bytes=9, files=1))
    with database.writing() as session:
        found = {(one.holder_id, one.kept, one.counted) for one in quotas.recount(session)}
    assert found == {(cast.amina.id, 1, 5_000), (cast.asha.id, 9, 0)}
    with database.reading() as session:
        assert quotas.differences(session) == []


def test_the_size_that_changes_later_is_followed(database: Database, session: Session, cast: Cast) -> None:
    with database.writing() as own:
        own.add(a_file(own, cast, 400))
    with database.writing() as own:
        own.scalars(select(EvidenceFile)).one().size = 250
    assert sums(database) == {cast.amina.id: (250, 1), cast.provider.id: (250, 1)}


def a_file(session: Session, cast: Cast, size: int) -> EvidenceFile:
    piece = a_draft(session, cast.amina_at, "K1")
    return EvidenceFile(
        provider_id=cast.provider.id,
        apprenticeship_id=cast.amina_at.id,
        evidence_id=piece.id,
        storage_key=f"{cast.provider.id}/aa/{'a' * 32}",
        name="a.txt",
        kind="text",
        size=size,
        sha256_received="0" * 64,
        sha256_stored="0" * 64,
        uploaded_at=NOW,
        uploaded_by_id=cast.amina.id,
    )


def test_no_quota_asks_nothing_and_says_nothing(
    app: FastAPI, settings: Settings, browser: Callable[..., Browser], database: Database, cast: Cast
) -> None:
    app.state.settings = settings.model_copy(update={"person_quota_gb": 0, "provider_quota_gb": 0})
    page = browser(cast.amina)
    made = send(page, pages_of(cast.amina_at), complete(), ("a.txt", words(500_000)))
    assert leads_to(made)
    with queries(database) as count:
        assert "for files" not in page.get(pages_of(cast.amina_at)).text
    assert not [one for one in count.statements if "storage_use" in one]


def test_the_migration_counts_what_is_there_already(tmp_path: Path, catalogue: Catalogue) -> None:
    fresh = Database(f"sqlite:///{tmp_path / 'old.db'}")
    migrate(fresh)
    with fresh.session(write=True) as session:
        session.info["database"] = fresh
        cast = a_cast(session)
        session.add(a_file(session, cast, 700))
        fresh.commit(session)
    with fresh.engine.begin() as connection:
        command.downgrade(configuration(connection), "0006")
    migrate(fresh)
    assert sums(fresh) == {cast.amina.id: (700, 1), cast.provider.id: (700, 1)}
    fresh.engine.dispose()
