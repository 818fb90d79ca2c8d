"""Large files are proved after they are safe: until then their owner alone can open them, and one that turns out to
be something else is refused with its sentence. With a setting of 0 MB every file is a large one."""

from __future__ import annotations

import pytest

from tests.builders import Cast
from tests.evidence.steps import all_files, complete, pages_of, send
from tests.preparation.steps import OpenHouse
from tests.storage.corpus import BAD, GOOD, SECRETS, jpeg_with_location, picture, png

NOT_A_PDF = ("Certificate.pdf", b"%PDF-1.7\nnothing\n%%EOF")
OLD_TEXT = ("Notes.txt", b"plain words " * 8000 + b"caf\xe9 and more words")


def test_a_large_file_is_its_owners_alone_until_it_is_proved(house: OpenHouse, cast: Cast) -> None:
    here = house(large_file_mb=0)
    sent = here.add(GOOD["pdf"])
    assert sent.answer.headers["location"].endswith("?done=submitted")
    assert here.opens(cast.amina, sent) == [200, 404, 404]
    assert "Until it is checked only you can open it." in here.browser(cast.amina).get(sent.piece).text
    for person in here.others:
        assert here.opens(person, sent) == [409, 409, 409]
    shown = here.browser(cast.asha).get(sent.piece + "/review").text
    assert "Until it is checked only the person who added it can open it." in shown
    assert f'href="{sent.address}"' not in shown
    here.work()
    assert [here.opens(person, sent) for person in here.others] == [[200, 200, 200]] * 4
    assert "Checking" not in here.browser(cast.asha).get(sent.piece + "/review").text


@pytest.mark.parametrize("kind", GOOD)
def test_every_kind_that_is_accepted_passes(house: OpenHouse, cast: Cast, kind: str) -> None:
    here = house(large_file_mb=0)
    sent = here.add(GOOD[kind])
    here.work()
    assert here.opens(cast.asha, sent)[0] == 200


@pytest.mark.parametrize(("file", "words"), [
    (NOT_A_PDF, "This file looks like a PDF document, but it is damaged"),
    (OLD_TEXT, "This file is text in an old character set"),
], ids=["pdf", "text"])  # fmt: skip
def test_one_that_is_not_what_it_says_is_refused_with_a_sentence(
    house: OpenHouse, cast: Cast, file: tuple[str, bytes], words: str
) -> None:
    here = house(large_file_mb=0)
    sent = here.add(file)
    here.work()
    assert not [job for job in here.jobs() if job.dead_at or not job.done_at]
    own = here.browser(cast.amina).get(sent.piece).text
    assert "Refused" in own
    assert words in own
    assert "Remove this one from the piece." in own
    assert here.opens(cast.amina, sent) == [200, 404, 404]
    for person in here.others:
        assert here.opens(person, sent) == [409, 409, 409]
    reason = here.browser(cast.asha).get(sent.address).text
    assert words in reason
    history = here.browser(cast.priya).get(f"/apprenticeships/{cast.amina_at.id}/history").text
    assert "File refused when it was checked" in history


def test_a_draft_with_a_refused_file_cannot_be_submitted_until_it_is_removed(
    house: OpenHouse, cast: Cast
) -> None:
    here = house(large_file_mb=0)
    sent = here.add(NOT_A_PDF, action="save")
    here.work()
    page = here.browser(cast.amina)
    refused = send(page, sent.piece + "/edit", complete(action="submit"))
    assert refused.status_code == 422
    assert "Remove “Certificate.pdf”: it was refused when it was checked." in refused.text
    file_id = sent.address.rpartition("/")[2]
    send(page, sent.piece + "/edit", complete(action="save", remove_file=file_id))
    assert "done=submitted" in send(page, sent.piece + "/edit", complete(action="submit")).headers["location"]


def test_no_bad_file_is_ever_open_to_others(house: OpenHouse, cast: Cast) -> None:
    """Each of them is refused at the door, on its beginning, or by the job."""
    here = house(large_file_mb=0)
    asha = here.browser(cast.asha)
    at_the_door = 0
    for what, bad in BAD.items():
        sent = here.add(bad, title=what)
        if not sent.address:
            at_the_door += 1
            continue
        assert sent.answer.status_code == 303, what
        here.work()
        assert asha.get(sent.address).status_code == 409, what
    assert at_the_door > len(BAD) / 2
    assert at_the_door < len(BAD)


def test_photos_lose_their_details_before_they_are_stored_however_large(house: OpenHouse, cast: Cast) -> None:
    here = house(large_file_mb=0)
    here.add(("Visit.jpg", jpeg_with_location()))
    store = here.app.state.store
    kept = b"".join(store.read(all_files(here.database)[0].storage_key))
    assert [secret for secret in SECRETS if secret in kept] == []


def test_a_file_that_needs_too_much_to_be_proved_is_refused_and_says_why(
    house: OpenHouse, cast: Cast
) -> None:
    here = house(large_file_mb=0, preparation_memory_mb=300)
    sent = here.add(("Plan.png", png(picture(9000, 9000, mode="RGBA"))))
    here.work()
    shown = here.browser(cast.amina).get(sent.piece).text
    assert "needs more memory or time to be opened than we can give it" in shown
    assert here.opens(cast.asha, sent) == [409, 409, 409]


def test_small_files_are_proved_at_once(house: OpenHouse, cast: Cast) -> None:
    here = house()
    answer = send(here.browser(cast.amina), pages_of(cast.amina_at), complete(action="submit"), NOT_A_PDF)
    assert answer.status_code == 422
    assert all_files(here.database) == []
