"""A catalogue's file: a provider's own goes through the same checks, and every fault is named at once."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from kbs.frameworks import FrameworkError, load_frameworks
from kbs.training_activities import load_activities
from kbs.training_file import CatalogueError, load_training, training_from_text

Data = dict[str, Any]
FRAMEWORKS = load_frameworks()
STATEMENTS = {"AB0001": frozenset({"K1", "K2", "S1"})}
OWN: Data = {
    "schema_version": 1,
    "id": "harbour-2026",
    "title": "Harbour training",
    "publisher": "Harbour Trust",
    "edition": "2026-27",
    "dated": "September 2026",
    "nation": "England",
    "sector": "Supported housing",
    "wording": "own framework",
    "framework": "pa3-2022",
    "standard": "AB0001",
    "source": {"document": "Harbour plan", "published": "2026", "rights": "Our own."},
    "period": {"first_day": date(2026, 9, 1), "last_day": date(2027, 7, 31), "origin": "the plan"},
    "venues": [
        {"id": "hall", "title": "The hall", "default": True},
        {"id": "annex", "title": "The annex", "default": False},
    ],
    "booking": {
        "ask_first": "Line manager",
        "request_by": "form",
        "confirmed_by": "e-mail",
        "price_gbp": 0,
        "cancel_hours": 24,
        "cancel_is_asked": True,
        "substitute": True,
        "waiting_list": True,
        "additional_needs": True,
        "place": "Plan, page 1",
    },
    "after": {
        "certificate": "Certificate",
        "materials": "By e-mail",
        "evaluation": "Form",
        "follow_up_weeks": 6,
        "follow_up": "Survey",
        "place": "Plan, page 2",
    },
    "courses": [
        {
            "id": "recording",
            "kind": "workshop",
            "title": "Recording concerns",
            "level_from": "2",
            "dates": "repeated",
            "starts": "10:00",
            "ends": "12:30",
            "suggested": ["K1", "S1"],
            "sessions": [
                {"on": date(2026, 10, 5)},
                {"on": date(2026, 11, 9), "starts": "13:00", "ends": "15:30", "venue": "annex"},
            ],
        },
        {"id": "online", "kind": "e-learning", "title": "Online safety", "dates": "any time"},
    ],
}


def faults_of(data: object) -> tuple[str, ...]:
    text = data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    with pytest.raises(CatalogueError) as caught:
        training_from_text(text, "own.yaml", STATEMENTS, FRAMEWORKS)
    return caught.value.faults


def test_a_providers_own_catalogue_is_read_with_the_courses_times_unless_a_session_has_its_own() -> None:
    found = training_from_text(yaml.safe_dump(OWN), "own.yaml", STATEMENTS, FRAMEWORKS)
    first, second = found.course("recording").sessions
    assert (first.starts, first.ends, first.venue) == (time(10), time(12, 30), "hall")
    assert (second.starts, second.ends, second.venue) == (time(13), time(15, 30), "annex")
    assert found.booking.usual_start is None


def put(path: str, value: object) -> Callable[[Data], None]:
    """Sets what stands at a path such as courses.0.title; None takes it out."""

    def change(data: Data) -> None:
        *way, last = path.split(".")
        inside: Any = data
        for step in way:
            inside = inside[int(step)] if step.isdigit() else inside[step]
        if value is None:
            del inside[last]
        else:
            inside[int(last) if last.isdigit() else last] = value

    return change


FAULTS: dict[str, tuple[Callable[[Data], None], str]] = {
    "no edition": (put("edition", None), "edition: a text is missing here"),
    "no nation": (put("nation", None), "nation: a text is missing here"),
    "no source": (put("source.document", None), "source.document: a text is missing here"),
    "an unknown framework": (put("framework", "ours"), "framework: there is no framework ours at hand"),
    "no first day": (
        put("period.first_day", None),
        "period.first_day: a date is missing here, such as 2026-04-01",
    ),
    "a period that ends first": (
        put("period.last_day", date(2026, 8, 1)),
        "period.last_day: 2026-08-01 lies before the first day 2026-09-01",
    ),
    "two default venues": (put("venues.1.default", True), "venues: exactly one venue is the default one"),
    "a venue twice": (put("venues.1.id", "hall"), "venues[2].id: hall stands twice"),
    "hours below zero": (
        put("booking.cancel_hours", -1),
        "booking.cancel_hours: -1 is not between 0 and 1000",
    ),
    "no weeks": (put("after.follow_up_weeks", None), "after.follow_up_weeks: a whole number is missing here"),
    "no course": (put("courses", []), "courses: there is no course at all"),
    "a course twice": (put("courses.1.id", "recording"), "courses[2].id: recording stands twice"),
    "a kind nobody knows": (
        put("courses.0.kind", "picnic"),
        "courses[1].kind: 'picnic' is not known here; write one of: workshop, e-learning, briefing",
    ),
    "a level that is not there": (
        put("courses.0.level_from", "9"),
        "courses[1].level_from: 9 is not a level of pa3-2022",
    ),
    "a statement that is not there": (
        put("courses.0.suggested", ["K1", "K9"]),
        "courses[1].suggested: K9 is not a statement of AB0001",
    ),
    "statements of no standard": (
        put("standard", None),
        "courses[1].suggested: name the standard of these statements at the top of the file, as standard:",
    ),
    "a time without quotes": (
        put("courses.0.starts", 600),
        "courses[1].starts: a time in quotes expected here, such as '09:30', not 600",
    ),
    "a time that is none": (
        put("courses.0.starts", "25:00"),
        "courses[1].starts: a time in quotes expected here, such as '09:30', not '25:00'",
    ),
    "an end before the start": (
        put("courses.0.ends", "09:00"),
        "courses[1].sessions[1].ends: 09:00 is not after the start at 10:00",
    ),
    "an end at the start": (
        put("courses.0.ends", "10:00"),
        "courses[1].sessions[1].ends: 10:00 is not after the start at 10:00",
    ),
    "no day": (
        put("courses.0.sessions.0", {"note": "when?"}),
        "courses[1].sessions[1].on: the day of the session is missing, such as 2026-11-18",
    ),
    "a day twice": (
        put("courses.0.sessions.1", {"on": date(2026, 10, 5)}),
        "courses[1].sessions[2].on: 2026-10-05 stands twice",
    ),
    "days out of order": (
        put("courses.0.sessions.1.on", date(2026, 9, 9)),
        (
            "courses[1].sessions[2].on: 2026-09-09 stands after 2026-10-05: "
            "list the sessions from the earliest on"
        ),
    ),
    "a day outside the year": (
        put("courses.0.sessions.1.on", date(2027, 11, 9)),
        (
            "courses[1].sessions[2].on: 2027-11-09 lies outside 2026-09-01 to 2027-07-31: "
            "correct it, or write a note that says why"
        ),
    ),
    "a venue that is not there": (
        put("courses.0.sessions.1.venue", "pub"),
        "courses[1].sessions[2].venue: 'pub' is not known here; write one of: hall, annex",
    ),
    "repeated without a session": (
        put("courses.0.sessions", []),
        "courses[1].sessions: there is none: list them, or write dates: to be confirmed",
    ),
    "once with two sessions": (
        put("courses.0.dates", "once"),
        "courses[1].sessions: a course held once has one session, not 2",
    ),
    "to be confirmed with sessions": (
        put("courses.0.dates", "to be confirmed"),
        "courses[1].dates: sessions stand below, so the dates are not 'to be confirmed'",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_file_place_and_sentence(case: str) -> None:
    change, expected = FAULTS[case]
    data = deepcopy(OWN)
    change(data)
    assert f"own.yaml: {expected}" in faults_of(data)


def test_all_faults_are_named_at_once() -> None:
    data = deepcopy(OWN)
    chosen = ["no edition", "two default venues", "a level that is not there", "a venue that is not there"]
    for case in chosen:
        FAULTS[case][0](data)
    assert set(faults_of(data)) == {f"own.yaml: {FAULTS[case][1]}" for case in chosen}


def test_a_day_outside_the_year_stands_with_a_note() -> None:
    data = deepcopy(OWN)
    data["courses"][0]["sessions"][1].update(on=date(2027, 8, 2), note="Moved because of the flood.")
    found = training_from_text(yaml.safe_dump(data), "own.yaml")
    assert [one.on for one in found.outside_period()] == [date(2027, 8, 2)]


def test_what_is_no_catalogue_at_all_is_said_so(tmp_path: Path) -> None:
    assert faults_of("")[0] == "own.yaml: the file: names and values expected here"
    assert faults_of("a: [b")[0].startswith("own.yaml: line 1: not readable as YAML")
    with pytest.raises(CatalogueError, match=r"^none\.yaml: the file: cannot be read"):
        load_training(tmp_path / "none.yaml")


def test_suggestions_for_the_log_are_checked_too(tmp_path: Path) -> None:
    (tmp_path / "log.yaml").write_text(
        "schema_version: 1\nstandard: AB0001\nactivities:\n"
        "  - {kind: review, title: A review, suggested: [K1, K7]}\n"
        "  - {kind: review, title: Another, suggested: [S1]}\n",
        encoding="utf-8",
    )
    with pytest.raises(FrameworkError) as caught:
        load_activities(STATEMENTS, [tmp_path])
    assert caught.value.faults == (
        "log.yaml: activities[1].suggested: K7 is not a statement of AB0001",
        "log.yaml: activities[2].kind: review stands twice",
    )
