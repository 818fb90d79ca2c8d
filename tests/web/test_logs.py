"""A log line holds an event, ids and numbers, and never anything that somebody wrote or is called."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portfolio.web import logs
from portfolio.web.logs import JsonLines, plain
from tests.builders import Cast
from tests.client import Browser
from tests.people.steps import PASSWORD, give_password, link_in, sign_in

ID = UUID("018f0000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, True),
        (12, 12),
        (1.5, 1.5),
        (ID, str(ID)),
        ("submitted", "submitted"),
        ("/apprenticeships/{apprenticeship_id}/evidence", "/apprenticeships/{apprenticeship_id}/evidence"),
        ("Amina Archer", "(left out)"),
        ("amina.archer@example.org", "(left out)"),
        ("Escalated a concern.", "(left out)"),
        ("two\nlines", "(left out)"),
        ("a" * 81, "(left out)"),
        (["Amina"], "(left out)"),
        ({"name": "Amina"}, "(left out)"),
        (b"bytes", "(left out)"),
        (ValueError("Amina"), "(left out)"),
    ],
)
def test_only_ids_numbers_and_single_words_pass(value: object, written: object) -> None:
    assert plain(value) == written


def line_of(record: logging.LogRecord) -> dict[str, object]:
    text = JsonLines().format(record)
    assert "\n" not in text
    parsed: dict[str, object] = json.loads(text)
    return parsed


def test_a_fault_names_its_kind_and_places_but_not_its_words() -> None:
    try:
        raise ValueError("Child A lives in Harbour Lane")
    except ValueError:
        record = logging.LogRecord("portfolio", logging.ERROR, "", 1, "unexpected", (), sys.exc_info())
    line = line_of(record)
    assert line["error"] == "ValueError"
    assert any("test_a_fault_names_its_kind" in str(place) for place in line["where"])  # type: ignore[attr-defined]
    assert "Harbour" not in json.dumps(line)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Everything that our loggers write while a test runs, as it would stand in the file."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    handler.setFormatter(JsonLines())
    root, ours = logging.getLogger(), logging.getLogger("portfolio")
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    ours.setLevel(before)


def test_a_day_of_signing_in_and_inviting_leaves_nothing_personal(
    browser: Callable[..., Browser], session: Session, cast: Cast, lines: list[str]
) -> None:
    give_password(session, cast.priya, cast.amina)
    page = browser()
    sign_in(page, cast.priya.email, "not the password at all")
    sign_in(page, cast.priya.email)
    people = f"/providers/{cast.provider.id}/people"
    page.get(f"{people}?search=Amina+Archer")
    invited = page.post(people, data={"name": "Nia Newall", "email": "nia@example.org", "roles": "mentor"})
    link = link_in(invited.text)
    page.get(link)
    page.get("/people/Amina Archer/nowhere")
    browser().post("/forgotten-password", data={"email": cast.amina.email})
    browser().post("/somewhere?email=amina@example.org", data={"text": "Child A"})
    text = "\n".join(lines)
    assert len(lines) >= 9
    assert all(json.loads(line)["event"] for line in lines)
    token = link.rsplit("/", 1)[1]
    for personal in ("Amina", "amina", "Archer", "Priya", "priya", "Nia", "nia@", "Child A", token, PASSWORD):
        assert personal not in text, personal
    assert "/providers/{provider_id}/people" in text
    assert "/set-password/{token}" in text


def test_set_up_writes_json_and_silences_the_server_s_own_access_log() -> None:
    root = logging.getLogger()
    names = ("portfolio", "uvicorn", "uvicorn.error", "uvicorn.access")
    kept = root.handlers[:], root.level
    levels = {n: (logging.getLogger(n).level, logging.getLogger(n).propagate) for n in names}
    try:
        logs.set_up()
        assert [type(handler.formatter) for handler in root.handlers] == [JsonLines]
        assert not logging.getLogger("uvicorn.access").propagate
    finally:
        root.handlers[:], root.level = kept
        for name, (level, propagate) in levels.items():
            logging.getLogger(name).setLevel(level)
            logging.getLogger(name).propagate = propagate
