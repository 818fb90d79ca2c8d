"""With a scanner set up, nobody but its owner opens a file before a real one has answered for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.jobs.work import Work
from portfolio.preparation.work import Copy, Subject
from tests.builders import Cast
from tests.evidence.steps import all_files
from tests.preparation.clamav import EICAR, STREAM_LIMIT, scanner
from tests.preparation.steps import OpenHouse
from tests.storage.corpus import GOOD

VIRUS = ("Notes.txt", EICAR)
TOO_BIG = ("Long.txt", b"a line of words\n" * (STREAM_LIMIT // 10))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scanner(tmp_path_factory.mktemp("clamd")) as running:
        yield running


def test_a_clean_file_opens_for_others_once_the_scanner_has_answered(
    house: OpenHouse, cast: Cast, address: str
) -> None:
    here = house(clamav_socket=address)
    sent = here.add(GOOD["jpeg"])
    assert here.opens(cast.amina, sent) == [200, 404, 404]
    for person in here.others:
        assert here.opens(person, sent) == [409, 409, 409]
    assert "Checking" in here.browser(cast.amina).get(sent.piece).text
    here.work()
    assert [here.opens(person, sent) for person in here.others] == [[200, 200, 200]] * 4
    assert "The virus scanner found nothing in it." in here.browser(cast.amina).get(sent.piece).text


def test_a_virus_is_opened_by_nobody_and_drawn_by_nobody(house: OpenHouse, cast: Cast, address: str) -> None:
    here = house(clamav_socket=address)
    sent = here.add(VIRUS)
    photo = here.add(
        ("Photo.jpg", GOOD["jpeg"][1] + EICAR)
    )  # behind the end of the picture: cut off on arrival
    pdf = here.add(("Plan.pdf", GOOD["pdf"][1] + b"\n%" + EICAR + b"\n%%EOF\n"))
    here.work()
    for one in (sent, pdf):
        for person in (cast.amina, *here.others):
            assert here.opens(person, one) == [409, 409, 409]
        assert "found something harmful" in here.browser(cast.amina).get(one.piece).text
    assert here.opens(cast.asha, photo) == [200, 200, 200]
    store = here.app.state.store
    assert len(list(store.keys())) == len(all_files(here.database)) + 2  # pictures of the photo alone
    history = here.browser(cast.priya).get(f"/apprenticeships/{cast.amina_at.id}/history").text
    assert history.count("File refused when it was checked") == 2


def test_what_is_too_big_for_the_scanner_is_not_called_clean(
    house: OpenHouse, cast: Cast, address: str
) -> None:
    here = house(clamav_socket=address)
    sent = here.add(TOO_BIG)
    here.work()
    shown = here.browser(cast.asha).get(sent.piece).text
    assert "Not scanned" in shown
    assert "too big for the virus scanner" in shown
    assert here.opens(cast.asha, sent)[0] == 200


def test_a_scanner_that_is_away_opens_nothing_and_is_asked_again_by_itself(
    house: OpenHouse, cast: Cast, tmp_path: Path
) -> None:
    """Down when the file comes, down for so long that the job is given up, then there again: nobody does anything."""
    away = tmp_path / "scanner"
    here = house(clamav_socket=str(away / "clamd.sock"), job_attempts=3)
    sent = here.add(GOOD["pdf"])
    for _ in range(3):
        here.work(minutes=2)
    [job] = here.jobs()
    assert (job.last_error, bool(job.dead_at)) == ("ScannerAway", True)
    own = here.browser(cast.amina).get(sent.piece).text
    assert (
        "The virus scanner does not answer just now. It is asked again by itself; until then only you" in own
    )
    assert here.opens(cast.amina, sent) == [200, 404, 404]
    for person in here.others:
        assert here.opens(person, sent) == [409, 409, 409]
    assert here.prepared().pictures_state == "waiting"  # nothing is drawn of what nobody has looked through
    with scanner(away):
        here.work(hours=2)
    assert here.opens(cast.asha, sent) == [200, 200, 200]


def test_what_came_in_before_there_was_a_scanner_is_scanned_little_by_little(
    house: OpenHouse, cast: Cast, address: str
) -> None:
    before = house()
    good, bad = before.add(GOOD["docx"]), before.add(VIRUS)
    assert before.jobs() == []
    here = house(clamav_socket=address)
    assert "It came in before there was a virus scanner here." in here.browser(cast.asha).get(good.piece).text
    here.work()
    assert here.opens(cast.asha, good)[0] == 200
    assert "found nothing in it" in here.browser(cast.asha).get(good.piece).text
    assert here.opens(cast.asha, bad)[0] == 409


def test_a_scanner_that_stays_away_leaves_one_job_for_each_file(
    house: OpenHouse, cast: Cast, tmp_path: Path
) -> None:
    here = house(clamav_socket=str(tmp_path / "none"), job_attempts=3)
    here.add(GOOD["docx"])
    here.add(GOOD["pdf"])
    for _ in range(12):
        here.work(hours=1)
    assert len(here.jobs()) == 2


def test_a_file_that_cannot_be_scanned_does_not_keep_the_others_from_their_turn(
    house: OpenHouse, cast: Cast, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many that came in before there was a scanner, the store has lost the first ones; one is taken each hour."""
    monkeypatch.setattr("portfolio.preparation.jobs.NOT_YET_SCANNED", 1)
    before = house()
    before.add(GOOD["docx"])
    lost = all_files(before.database)[0]
    whole = before.add(GOOD["docx"])
    before.app.state.store.delete(lost.storage_key)
    here = house(clamav_socket=address)
    for _ in range(40):  # chance takes the lost one forty times running once in a million million
        here.work(hours=1)
        if here.prepared().scan_state == "clean":
            break
    assert "found nothing in it" in here.browser(cast.asha).get(whole.piece).text


def test_what_is_fetched_to_be_looked_at_lies_where_a_killed_process_is_cleared_up_after(
    house: OpenHouse, cast: Cast
) -> None:
    here = house()
    here.add(GOOD["pdf"])
    [file] = all_files(here.database)
    store = here.app.state.store
    work = Work(here.database, store, here.settings, here.app.state.catalogue, here.now())
    subject = Subject(
        file.id, file.provider_id, file.storage_key, file.sha256_stored, file.kind, lambda *_: None
    )
    with Copy(work, subject) as copy:
        path = Path(copy.path())
        assert path.is_relative_to(store.staging())
        assert path.stat().st_size == file.size
    assert not path.exists()


def test_without_a_scanner_nothing_is_said_and_what_waits_for_one_goes_on(
    house: OpenHouse, cast: Cast, tmp_path: Path
) -> None:
    here = house(clamav_socket=str(tmp_path / "none"))
    sent = here.add(GOOD["docx"])
    here.work()
    assert here.opens(cast.asha, sent)[0] == 409
    without = house()
    without.work(minutes=5)
    assert without.opens(cast.asha, sent)[0] == 200
    shown = without.browser(cast.asha).get(sent.piece).text
    assert "scan" not in shown.casefold()
