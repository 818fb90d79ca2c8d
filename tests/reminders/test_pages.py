"""One's own page: what was chosen, what the last digest said, what one would say now; and stopping it by link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.jobs.worker import Worker
from portfolio.people.models import Member
from portfolio.reminders import actions
from portfolio.reminders.models import ReminderChoice
from portfolio.reminders.queries_people import choice_of
from portfolio.reminders.rules import Choice
from portfolio.reminders.tokens import person_in, stop_token
from portfolio.settings import Settings
from tests.builders import NOW, Cast, a_submitted, commit
from tests.client import Browser
from tests.counting import queries
from tests.reminders.steps import Clock, run_until_idle, sent_to, text_of, with_passwords

ADDRESS = "/account/reminders"
OpenBrowser = Callable[..., Browser]


def choice(database: Database, cast: Cast, who: str = "asha") -> Choice:
    with database.reading() as session:
        return choice_of(session, getattr(cast, who).id)


@pytest.mark.parametrize(
    ("who", "shown", "hidden"),
    [
        (
            "amina",
            ["Returned to me", "Your own next DBS check", "Your own refresher"],
            ["Evidence waiting", "Assignment ended"],
        ),
        (
            "marek",
            ["said nothing yet", "Gateway nearly ready", "of the training log"],
            ["Returned to me", "your decision", "DBS"],
        ),
        (
            "asha",
            ["Pieces that wait for your decision", "Apprentices of yours"],
            ["Returned to me", "DBS", "raining"],
        ),
        ("ines", ["Assignment ended"], ["nearly ready", "Review due", "Evidence waiting", "raining"]),
        (
            "priya",
            ["Apprentices of your provider", "DBS checks", "more than 14 days", "supervision is overdue"],
            ["Returned to me"],
        ),
        ("admin", ["Nothing here concerns"], ["Send me", "Save"]),
    ],
)
def test_everybody_is_offered_what_concerns_them(
    browser: OpenBrowser, cast: Cast, who: str, shown: list[str], hidden: list[str]
) -> None:
    page = browser(getattr(cast, who))
    assert ADDRESS in page.get("/account").text
    text = page.get(ADDRESS).text
    assert [one for one in shown if one not in text] == []
    assert [one for one in hidden if one in text] == []


def test_what_is_chosen_is_kept_and_shown_again(browser: OpenBrowser, cast: Cast, database: Database) -> None:
    page = browser(cast.asha)
    assert page.get(ADDRESS).text.count(" checked") == 5, (
        "the digest, and every line that concerns an assessor"
    )
    answer = page.post(ADDRESS, data={"weekly": "yes", "weekday": "4", "lines": ["waiting", "ended"]})
    assert answer.headers["location"] == f"{ADDRESS}?done=saved"
    assert choice(database, cast) == Choice(True, 4, frozenset({"review", "gateway"}))
    text = page.get(answer.headers["location"]).text
    assert "Saved." in text
    assert '<option value="4" selected>Thursday' in text
    assert text.count(" checked") == 3
    page.post(ADDRESS, data={"weekday": "4", "lines": ["waiting", "ended"]})
    assert not choice(database, cast).weekly
    assert "No digest is sent to you." in page.get(ADDRESS).text


def test_what_was_not_offered_stays_as_it_was(
    browser: OpenBrowser, cast: Cast, database: Database, session: Session
) -> None:
    """Asha has muted a line as a manager; saving as an assessor does not bring it back, nor touch new ones."""
    actions.choose(
        session, cast.asha.id, weekly=True, weekday=1, wanted=[], offered=[_line("returned")], now=NOW
    )
    commit(session)
    every = ["waiting", "review", "gateway", "ended"]
    browser(cast.asha).post(ADDRESS, data={"weekly": "yes", "weekday": "1", "lines": every})
    assert choice(database, cast).muted == {"returned"}


def _line(value: str) -> actions.Line:
    return actions.Line(value)


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ({"weekly": "yes", "weekday": "1"}, "Tick at least one"),
        ({"weekly": "yes", "weekday": "1", "lines": ["returned"]}, "Tick at least one"),
        ({"weekly": "yes", "weekday": "8", "lines": ["waiting"]}, "Choose a day of the week."),
        ({"weekly": "yes", "weekday": "", "lines": ["waiting"]}, "Choose a day of the week."),
        ({"weekly": "yes", "weekday": "1", "lines": ["gossip"]}, "Choose one of the answers on the page."),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_mistake_comes_back_with_what_was_typed(
    browser: OpenBrowser, cast: Cast, database: Database, typed: dict[str, object], mistake: str, htmx: bool
) -> None:
    answer = browser(cast.asha, htmx=htmx).post(ADDRESS, data=typed)
    assert answer.status_code == 422
    assert answer.text.count(mistake) == 2, "on top, and beside the field"
    assert ('id="line-waiting" name="lines" value="waiting" checked' in answer.text) == (
        "waiting" in typed.get("lines", [])  # type: ignore[operator]
    )
    assert choice(database, cast) == Choice()


def test_the_page_previews_the_next_one_and_repeats_the_last(
    browser: OpenBrowser,
    cast: Cast,
    session: Session,
    worker: Worker,
    clock: Clock,
) -> None:
    a_submitted(session, cast.amina_at, "K6", days_ago=4)
    commit(session)
    with_passwords(session)
    with time_machine.travel(NOW - timedelta(hours=4), tick=False):
        before = browser(cast.asha).get(ADDRESS).text
    assert "None was sent to you yet." in before
    assert "1 piece of evidence waits for your decision. The oldest has waited 4 days." in before
    assert "The next one goes on Monday, 2 November 2026" in before
    assert "it writes mail to a folder" in before
    run_until_idle(worker, clock)
    a_submitted(session, cast.amina_at, "K7", days_ago=4)
    commit(session)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        after = browser(cast.asha).get(ADDRESS).text
    assert "2 pieces of evidence wait for your decision." in after
    assert "on 2 November 2026 at 09:3" in after
    assert after.count("1 piece of evidence waits for your decision.") == 1
    assert "The next one goes on Monday, 9 November 2026" in after


def test_every_address_in_a_digest_opens_for_whoever_got_it(
    browser: OpenBrowser, cast: Cast, session: Session, worker: Worker, clock: Clock, settings: Settings
) -> None:
    a_submitted(session, cast.amina_at, "K6", days_ago=20)
    commit(session)
    with_passwords(session)
    run_until_idle(worker, clock)
    letters = sent_to(settings)
    for who in (cast.asha, cast.marek, cast.priya):
        page = browser(who)
        lines = text_of(letters[who.email]).splitlines()
        paths = [line.removeprefix("http://testserver") for line in lines if line.startswith("http://")]
        assert len(paths) >= 3
        assert [(path, page.get(path).status_code) for path in paths] == [(path, 200) for path in paths]


def test_the_page_costs_the_same_statements_however_much_waits(
    browser: OpenBrowser, cast: Cast, session: Session, database: Database
) -> None:
    page = browser(cast.asha)
    page.get(ADDRESS)
    with queries(database) as few:
        page.get(ADDRESS)
    for _ in range(10):
        a_submitted(session, cast.amina_at, "K6")
    commit(session)
    with queries(database) as many:
        page.get(ADDRESS)
    assert many.number == few.number


def test_nobody_s_settings_are_shown_to_a_manager(
    browser: OpenBrowser, cast: Cast, session: Session, database: Database
) -> None:
    actions.stop(session, cast.asha.id, NOW)
    commit(session)
    page = browser(cast.priya)
    assert "No digest is sent to you." not in page.get(ADDRESS).text
    person = page.get(f"/providers/{cast.provider.id}/people/{cast.asha.id}")
    assert person.status_code == 200
    assert "digest" not in person.text.lower()
    assert "reminder" not in person.text.lower()


def stop_path(settings: Settings, cast: Cast) -> str:
    return "/reminders/stop/" + stop_token(settings, cast.asha.id)


def test_the_link_stops_it_without_signing_in_but_only_by_its_button(
    browser: OpenBrowser, cast: Cast, settings: Settings, database: Database
) -> None:
    path, nobody = stop_path(settings, cast), browser()
    question = nobody.get(path)
    assert question.status_code == 200
    assert "Asha" not in question.text, "a mail may have been forwarded"
    assert choice(database, cast).weekly, "mail programs open links to look at them"
    assert "is stopped" in nobody.post(path).text
    assert not choice(database, cast).weekly
    assert "is stopped" in nobody.get(path).text
    assert nobody.post(path).status_code == 200, "twice is once"
    browser(cast.asha).post(ADDRESS, data={"weekly": "yes", "weekday": "1", "lines": ["waiting"]})
    assert choice(database, cast).weekly


def test_a_mail_program_presses_the_button_by_itself(
    browser: OpenBrowser, cast: Cast, settings: Settings, database: Database, app: object
) -> None:
    """RFC 8058: a POST from somewhere else, without cookie, Origin or Sec-Fetch-Site; redirects are not followed."""
    body = "List-Unsubscribe=One-Click"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    nobody = browser()
    request = nobody.build_request("POST", stop_path(settings, cast), content=body, headers=headers)
    assert "sec-fetch-site" not in request.headers
    answer = nobody.send(request)
    assert answer.status_code == 200
    assert not choice(database, cast).weekly
    assert choice(database, cast, "marek").weekly


def test_stopping_keeps_the_rest_of_what_was_chosen(
    browser: OpenBrowser, cast: Cast, settings: Settings, database: Database
) -> None:
    page = browser(cast.asha)
    page.post(ADDRESS, data={"weekly": "yes", "weekday": "4", "lines": ["waiting"]})
    browser().post(stop_path(settings, cast))
    assert choice(database, cast) == Choice(False, 4, frozenset({"review", "gateway", "ended"}))


def test_a_link_that_is_not_ours_is_no_page(
    browser: OpenBrowser, cast: Cast, settings: Settings, database: Database
) -> None:
    token = stop_token(settings, cast.asha.id)
    others = settings.model_copy(
        update={"secret": type(settings.secret)("another secret of forty letters or so..")}
    )
    wrong = [
        token[:-2],
        token + "AA",
        ("B" if token[30] != "B" else "C").join((token[:30], token[31:])),
        stop_token(others, cast.asha.id),
        stop_token(settings, cast.marek.id)[:22] + token[22:],
        "ä",
        "",
    ]
    nobody = browser()
    for one in wrong:
        assert person_in(settings, one) is None, one
        if one:
            assert nobody.get(f"/reminders/stop/{one}").status_code == 404
            assert nobody.post(f"/reminders/stop/{one}").status_code == 404
    assert choice(database, cast).weekly
    assert len(token) == 43


def test_somebody_with_no_role_left_can_still_stop_it(
    browser: OpenBrowser, cast: Cast, settings: Settings, session: Session, database: Database
) -> None:
    session.query(Member).filter_by(person_id=cast.asha.id).update({"ended_at": NOW})
    commit(session)
    browser().post(stop_path(settings, cast))
    assert not choice(database, cast).weekly


def test_two_taps_on_save_at_once_leave_one_row(database: Database, cast: Cast) -> None:
    for weekday in (2, 3):
        with database.writing() as session:
            actions.choose(
                session, cast.asha.id, weekly=True, weekday=weekday, wanted=actions.Line, offered=actions.Line, now=NOW
            )  # fmt: skip
    with database.reading() as session:
        assert session.query(ReminderChoice).count() == 1
    assert choice(database, cast).weekday == 3
