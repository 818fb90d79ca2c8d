"""Two servers that share nothing but the database and the store, as on two machines."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portfolio.database import Database
from tests.builders import Cast
from tests.evidence.steps import all_files, complete, pages_of
from tests.people.steps import PASSWORD, give_password
from tests.serving.fixtures import Start
from tests.serving.running import Running, client


def test_signed_in_on_one_and_at_work_on_the_other(
    start: Start, database: Database, session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    one, other = start(), start(background="separate")
    with client(one) as here:
        signed = here.post("/sign-in", data={"email": cast.amina.email, "password": PASSWORD})
        assert signed.status_code == 303
        cookie = signed.headers["set-cookie"].partition(";")[0]
    with client(one, cookie) as here, client(other, cookie) as there:
        content = b"what I saw and did\n" * 500
        sent = here.post(pages_of(cast.amina_at), data=complete(), files={"files": ("notes.txt", content)})
        assert sent.status_code == 303
        file = all_files(database)[0]
        path = f"{pages_of(cast.amina_at)}/{file.evidence_id}/files/{file.id}"
        assert there.get(path).content == content
        assert there.get("/").status_code == 200
        assert there.post("/sign-out").status_code == 303
        assert here.get("/account").headers["location"].startswith("/sign-in"), "signed out everywhere"


def test_wrong_passwords_are_counted_over_both(
    start: Start, database: Database, session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    one, other = start(sign_in_attempts=3), start(sign_in_attempts=3)
    wrong = [try_to_sign_in(each, cast.amina.email, "not this one at all") for each in (one, other, one)]
    assert wrong == [422, 422, 422]
    assert [try_to_sign_in(each, cast.amina.email, PASSWORD) for each in (one, other)] == [429, 429]


def try_to_sign_in(running: Running, email: str, password: str) -> int:
    with client(running) as browser:
        return browser.post("/sign-in", data={"email": email, "password": password}).status_code


@pytest.mark.parametrize("trusted", ["", "127.0.0.1"])
def test_the_address_of_a_stranger_counts_only_when_a_trusted_proxy_says_it(
    start: Start, session: Session, cast: Cast, trusted: str
) -> None:
    """Four wrong tries allowed per network: by a forged header nobody gets more, by our own proxy's each has four."""
    give_password(session, cast.amina)
    running = start(sign_in_attempts=1, trusted_proxies=trusted)
    found = []
    with client(running) as browser:
        for number in range(6):
            form = {"email": f"nobody{number}@example.org", "password": "wrong all along"}
            forwarded = {"X-Forwarded-For": f"203.0.113.{number}"}
            found.append(browser.post("/sign-in", data=form, headers=forwarded).status_code)
    assert found == ([422] * 6 if trusted else [422] * 4 + [429] * 2)
