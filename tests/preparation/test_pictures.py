"""Pictures are made after the answer: the page says so, comes to them by itself, and a crash leaves no trace."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.evidence.models import EvidenceFile
from portfolio.gateway.models import GatewayLock
from portfolio.objects.queries import unnamed
from portfolio.preparation.models import FilePreparation
from portfolio.web.formats import utc_now
from storage.folder import FolderStore
from storage.store import StoredObject, StoreUnavailable
from tests.builders import Cast
from tests.counting import queries
from tests.evidence.steps import all_files, complete, pages_of, piece_id, send
from tests.preparation.steps import OpenHouse
from tests.safekeeping.house import found as verified
from tests.storage.corpus import GOOD
from tests.storage.corpus_photos import picture, png

POLL = re.compile(r'data-poll hx-get="([^"]+)"')


def test_the_page_says_being_prepared_and_comes_to_the_picture_by_itself(
    house: OpenHouse, cast: Cast
) -> None:
    here = house()
    sent = here.add(GOOD["jpeg"])
    assert here.opens(cast.amina, sent) == [200, 404, 404]  # the file is safe and can be opened at once
    page = here.browser(cast.asha)
    shown = page.get(sent.piece).text
    assert "Being prepared" in shown
    address = POLL.search(shown)[1].replace("&amp;", "&")  # type: ignore[index]
    assert 'hx-trigger="every 2s"' in shown
    assert "<noscript>" in shown
    page.htmx = True
    assert page.get(address).status_code == 204  # nothing has changed: what plays goes on playing
    here.work()
    part = page.get(address)
    assert part.status_code == 200
    assert "/thumbnail" in part.text
    assert "Being prepared" not in part.text
    assert not POLL.search(part.text)  # and it asks no more
    assert [here.opens(person, sent) for person in here.others] == [[200, 200, 200]] * 4


@pytest.mark.parametrize("where", ["/review", "/testimony", "/edit"])
def test_every_page_with_files_waits_for_them(house: OpenHouse, cast: Cast, where: str) -> None:
    here = house()
    sent = here.add(GOOD["pdf"], action="save" if where == "/edit" else "submit")
    person = {"/review": cast.asha, "/testimony": cast.marek, "/edit": cast.amina}[where]
    shown = here.browser(person).get(sent.piece + where).text
    assert "Being prepared" in shown
    address = POLL.search(shown)[1].replace("&amp;", "&")  # type: ignore[index]
    here.work()
    part = here.browser(person, htmx=True).get(address).text
    assert "/thumbnail" in part
    assert ('name="remove_file"' in part) is (where == "/edit")


def test_a_page_gives_up_waiting_after_some_minutes_and_says_so(house: OpenHouse, cast: Cast) -> None:
    here = house()
    sent = here.add(GOOD["jpeg"])
    with here.database.writing() as session:
        row = session.merge(here.prepared())
        row.began_at -= timedelta(minutes=11)
    shown = here.browser(cast.amina).get(sent.piece).text
    assert not POLL.search(shown)
    assert "This takes longer than usual" in shown


def test_the_list_of_files_is_as_closed_as_the_piece(house: OpenHouse, cast: Cast) -> None:
    here = house()
    draft = here.add(GOOD["jpeg"], action="save")
    for person in (*here.others, cast.noor, cast.olu, cast.admin):
        assert here.browser(person, htmx=True).get(draft.piece + "/files").status_code == 404
    plain = here.browser(cast.amina).get(draft.piece + "/files")
    assert (plain.status_code, plain.headers["location"]) == (303, draft.piece)


def test_a_file_that_has_no_picture_needs_no_job(house: OpenHouse, cast: Cast) -> None:
    here = house()
    sent = here.add(GOOD["docx"])
    assert here.jobs() == []
    assert not POLL.search(here.browser(cast.amina).get(sent.piece).text)


def test_a_picture_that_takes_too_much_memory_is_left_out_and_the_file_opens(
    house: OpenHouse, cast: Cast
) -> None:
    here = house(preparation_memory_mb=300)
    sent = here.add(("Plan.png", png(picture(9000, 9000, mode="RGBA"))))
    here.work()
    assert here.prepared().pictures_state == "failed"
    shown = here.browser(cast.asha).get(sent.piece).text
    assert "No picture could be made of it. It opens as usual." in shown
    assert not POLL.search(shown)
    assert here.opens(cast.asha, sent) == [200, 404, 404]


class Moody(FolderStore):
    """A store that takes the first picture and then nothing for a while."""

    puts = 0

    def put(self, key: str, data: bytes) -> StoredObject:
        self.puts += 1
        if self.puts == 2:
            raise StoreUnavailable("no room just now")
        return super().put(key, data)


def test_a_job_that_stopped_between_the_two_pictures_is_done_again_and_leaves_nothing_over(
    house: OpenHouse, cast: Cast
) -> None:
    here = house()
    here.app.state.store = store = Moody(here.app.state.store.folder)
    sent = here.add(GOOD["jpeg"])
    here.work()
    assert here.prepared().pictures_state == "waiting"
    assert [job.last_error for job in here.jobs()] == ["StoreUnavailable"]
    here.work(seconds=11)
    assert here.opens(cast.asha, sent) == [200, 200, 200]
    here.work(days=4)
    row = here.prepared()
    assert set(store.keys()) == {all_files(here.database)[0].storage_key, row.preview_key, row.thumbnail_key}
    with here.database.reading() as session:
        assert list(unnamed(session, store, here.now())) == []


def test_a_picture_that_was_exchanged_for_another_is_not_shown_and_verify_names_it(
    house: OpenHouse, cast: Cast
) -> None:
    """Nobody sees another child's picture because somebody put two objects back in the wrong places."""
    here = house()
    first, second = here.add(GOOD["jpeg"]), here.add(GOOD["png"])
    here.work()
    assert here.opens(cast.asha, first) == [200, 200, 200] == here.opens(cast.asha, second)
    store = here.app.state.store
    with here.database.reading() as session:
        keys = list(session.scalars(select(FilePreparation.preview_key).order_by(FilePreparation.id)))
    pictures = [b"".join(store.read(key)) for key in keys]
    assert pictures[0] != pictures[1]
    for key, data in zip(keys, reversed(pictures), strict=True):
        store.delete(key)
        store.put(key, data)
    assert here.opens(cast.asha, first) == [200, 503, 200]
    faults = verified(here.database, store, here.app.state.catalogue)
    assert {(one.kind, one.about["key"]) for one in faults} == {("swapped", key) for key in keys}


def test_doing_the_job_twice_changes_nothing(house: OpenHouse) -> None:
    here = house()
    here.add(GOOD["pdf"])
    here.work()
    before = here.prepared()
    with here.database.writing() as session:
        job = session.merge(here.jobs()[0])
        job.done_at = None
    assert here.work() == 1
    after = here.prepared()
    assert (after.preview_key, after.thumbnail_key) == (before.preview_key, before.thumbnail_key)
    assert len(list(here.app.state.store.keys())) == 3


def test_a_file_taken_out_before_and_after_its_pictures_leaves_no_bytes(house: OpenHouse, cast: Cast) -> None:
    here = house()
    for early in (True, False):
        sent = here.add(GOOD["jpeg"], action="save")
        if not early:
            here.work()
        file_id = sent.address.rpartition("/")[2]
        page = here.browser(cast.amina)
        gone = send(page, sent.piece + "/edit", {"title": "Gone", "remove_file": file_id})
        assert gone.status_code == 303
        here.work()
        assert list(here.app.state.store.keys()) == []
        assert not [job for job in here.jobs() if job.dead_at or not job.done_at]


def test_bytes_that_were_altered_are_not_drawn_and_the_admin_learns_of_it(house: OpenHouse) -> None:
    here = house()
    here.add(GOOD["pdf"])
    store = here.app.state.store
    (store.folder / all_files(here.database)[0].storage_key).write_bytes(GOOD["pdf"][1] + b"!")
    here.work()
    [job] = here.jobs()
    assert (job.last_error, here.prepared().pictures_state) == ("object_altered", "waiting")
    assert job.dead_at


def test_a_locked_portfolio_still_gets_its_pictures(house: OpenHouse, session: Session, cast: Cast) -> None:
    here = house()
    sent = here.add(GOOD["jpeg"])
    lock_of(session, cast)
    here.work()
    assert here.opens(cast.asha, sent) == [200, 200, 200]


def lock_of(session: Session, cast: Cast) -> None:
    """The gateway lock stands: the database refuses every change of a file's own row."""
    session.add(
        GatewayLock(
            provider_id=cast.amina_at.provider_id,
            apprenticeship_id=cast.amina_at.id,
            locked_by_id=cast.priya.id,
            locked_at=utc_now(),
            check_text="{}",
            portfolio_sha256="0" * 64,
        )
    )
    session.info["database"].commit(session)


def test_a_page_asks_as_often_for_many_files_as_for_one(house: OpenHouse, cast: Cast) -> None:
    here = house()
    page = here.browser(cast.amina)
    numbers = []
    for count in (1, 6):
        files = [(f"Visit {n}.png", png(picture(20 + n, 20))) for n in range(count)]
        answer = send(page, pages_of(cast.amina_at), complete(action="submit", title=f"{count}"), *files)
        address = f"{pages_of(cast.amina_at)}/{piece_id(answer)}"
        page.get(address)
        with queries(here.database) as counted:
            page.get(address)
        with queries(here.database) as polled:
            page.get(address + "/files", headers={"HX-Request": "true"})
        numbers.append((counted.number, polled.number))
    assert numbers[0] == numbers[1]


def test_the_row_of_a_file_is_never_written_again(house: OpenHouse) -> None:
    here = house()
    here.add(GOOD["jpeg"])
    before = {c.name: getattr(all_files(here.database)[0], c.name) for c in EvidenceFile.__table__.columns}
    here.work()
    after = {c.name: getattr(all_files(here.database)[0], c.name) for c in EvidenceFile.__table__.columns}
    assert after == before
