"""The mail server refuses or falls silent: the work is done all the same, and the page says what the mail did not."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import func, select

from portfolio.people.models import Person
from tests.bad_day.conftest import Serve
from tests.bad_day.waiting import until
from tests.builders import Cast
from tests.people.steps import link_in
from tests.serving.running import free_port

NIA = {"name": "Nia Newall", "email": "nia@example.org", "roles": "mentor"}


def invited(place: Any) -> int:
    with place.database.reading() as look:
        return int(
            look.scalar(select(func.count()).select_from(Person).where(Person.email == NIA["email"])) or 0
        )


@pytest.mark.parametrize("way", ["refuses", "is silent"])
def test_a_manager_who_invites_is_told_and_gets_the_link(serve: Serve, cast: Cast, way: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1] if way == "is silent" else free_port()
        place = serve(
            smtp_host="127.0.0.1", smtp_port=port, smtp_starttls=False, people=(cast.priya, cast.asha)
        )
        priya = place.amina
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(priya.post, f"/providers/{cast.provider.id}/people", data=NIA)
            until(lambda: invited(place) == 1)  # committed before the mail is tried
            assert place.asha.get("/").status_code == 200, "others are served meanwhile"
            answer = sending.result(60)
        assert answer.status_code == 200
        assert "Nia Newall is invited" in answer.text
        assert "<b>The mail could not be sent.</b> Pass the link on yourself." in answer.text
        assert place.asha.get(link_in(answer.text)).status_code == 200
        assert place.log_with("mail.not_sent")
        assert NIA["email"] not in "\n".join(place.running.log)
        again = priya.post(f"/providers/{cast.provider.id}/people", data=NIA)
        assert "was invited before" in again.text
        assert invited(place) == 1


def test_a_forgotten_password_is_answered_at_once_whatever_the_mail_does(serve: Serve) -> None:
    """The same answer as for an address that nobody has: it does not wait for the mail, and says where else to turn."""
    place = serve(smtp_host="127.0.0.1", smtp_port=free_port(), smtp_starttls=False)
    known, unknown = (
        place.amina.post("/forgotten-password", data={"email": email})
        for email in (place.cast.marek.email, "nobody@example.org")
    )
    assert known.status_code == unknown.status_code
    assert place.amina.get("/healthz").status_code == 200
    until(lambda: place.log_with("mail.not_sent"))
