"""What waits for a line manager stands on their home page, and only on theirs."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from tests.builders import Cast, commit
from tests.client import Browser
from tests.courses.steps import TITLE, a_booking, a_course, a_date, booking_path

Open = Callable[..., Browser]
HEADING = "Bookings that wait for your answer"


def test_a_booking_that_waits_is_on_the_line_managers_home(
    browser: Open, session: Session, cast: Cast
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id))
    mine = a_booking(session, one, cast.amina_at)
    commit(session)
    home = browser(cast.marek).get("/").text
    assert HEADING in home
    assert TITLE in home
    assert booking_path(mine) in home
    for person in (cast.amina, cast.asha, cast.priya, cast.otto):
        assert HEADING not in browser(person).get("/").text, person.name
    browser(cast.marek).post(booking_path(mine, "/answer"), data={"step": "approve"})
    assert HEADING not in browser(cast.marek).get("/").text
