"""The shipped example catalogue, counted from its data, and the rules of booking and clashes."""

import re
from collections import Counter
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kbs.catalogue import load_catalogue
from kbs.frameworks import load_frameworks
from kbs.training_activities import load_activities, suggested_for
from kbs.training_catalogue import CourseKind, Dates, Session, UnknownCourse, clash, clashes
from kbs.training_file import SHIPPED, load_catalogues

STATEMENTS = {
    one.reference: frozenset(item.code for item in one.statements) for one in load_catalogue().all()
}
STANDARD = load_catalogue().default().reference
(CATALOGUE,) = load_catalogues(STATEMENTS, load_frameworks())


def test_ten_workshops_eight_e_learning_courses_and_eight_briefings() -> None:
    assert Counter(one.kind for one in CATALOGUE.courses) == {
        CourseKind.WORKSHOP: 10,
        CourseKind.E_LEARNING: 8,
        CourseKind.BRIEFING: 8,
    }
    assert [one.kind for one in CATALOGUE.of_kind(CourseKind.BRIEFING)] == [CourseKind.BRIEFING] * 8


def test_47_sessions_of_repeated_workshops_one_single_event_and_one_workshop_to_be_confirmed() -> None:
    by_dates = Counter[str]()
    for one in CATALOGUE.of_kind(CourseKind.WORKSHOP):
        by_dates[one.dates] += len(one.sessions)
    assert by_dates == {Dates.REPEATED: 47, Dates.ONCE: 1, Dates.TO_BE_CONFIRMED: 0}
    assert len(CATALOGUE.sessions) == 48
    assert CATALOGUE.course("child-death-review").dates is Dates.ONCE
    assert CATALOGUE.course("harmful-sexual-behaviour").dates is Dates.TO_BE_CONFIRMED


@pytest.mark.parametrize(
    ("course", "level", "duration", "starts", "ends", "sessions", "first", "last"),
    [
        ("attachment", "3", "full day", time(9, 15), time(16, 30), 6, date(2018, 5, 17), date(2019, 3, 15)),
        ("cse", "3", "full day", time(9, 30), time(16, 30), 6, date(2018, 5, 15), date(2019, 3, 20)),
        ("digital-safeguarding", "2", "half day", None, None, 4, date(2018, 6, 18), date(2019, 1, 18)),
        ("gcp2", "3", "full day", time(9, 30), time(16, 30), 8, date(2018, 5, 21), date(2018, 12, 7)),
        ("prevent-wrap", "2", "half day", time(9, 30), time(12, 0), 4, date(2018, 3, 13), date(2019, 2, 5)),
        ("toxic-trio", "3", "full day", time(9, 30), time(16, 30), 4, date(2018, 6, 5), date(2019, 3, 22)),
        (
            "working-together",
            "3",
            "full day",
            time(9, 30),
            time(16, 30),
            11,
            date(2018, 4, 17),
            date(2019, 3, 5),
        ),
        (
            "resistant-families",
            "3",
            "full day",
            time(9, 30),
            time(16, 30),
            4,
            date(2018, 5, 16),
            date(2019, 2, 6),
        ),
        ("child-death-review", "3", "2 hours", time(14), time(16), 1, date(2018, 11, 20), date(2018, 11, 20)),
    ],
)
def test_a_workshop_has_the_level_the_length_and_the_sessions_of_the_prospectus(
    course: str,
    level: str,
    duration: str,
    starts: time | None,
    ends: time | None,
    sessions: int,
    first: date,
    last: date,
) -> None:
    found = CATALOGUE.course(course)
    assert (found.level_from, found.duration, len(found.sessions)) == (level, duration, sessions)
    assert (found.sessions[0].on, found.sessions[-1].on) == (first, last)
    assert {(one.starts, one.ends) for one in found.sessions} == {(starts, ends)}


def test_the_workshop_without_dates_is_not_for_foster_carers() -> None:
    found = CATALOGUE.course("harmful-sexual-behaviour")
    assert (found.level_from, found.duration, found.sessions) == ("3", "full day", ())
    assert found.not_for == ("foster carers",)
    assert [one.id for one in CATALOGUE.courses if one.not_for] == ["harmful-sexual-behaviour"]


def test_the_graded_care_profile_gives_a_licence_and_no_other_workshop_does() -> None:
    assert [one.id for one in CATALOGUE.courses if one.awards] == ["gcp2"]
    assert "GCP2" in CATALOGUE.course("gcp2").awards


def test_sessions_stand_by_day_and_fall_on_working_days() -> None:
    days = [one.on for one in CATALOGUE.sessions]
    assert days == sorted(days)
    assert max(day.weekday() for day in days) <= 4


def test_one_session_lies_before_the_programmes_own_year_and_says_so() -> None:
    (outside,) = CATALOGUE.outside_period()
    assert (outside.course_id, outside.on) == ("prevent-wrap", date(2018, 3, 13))
    assert outside.note


def test_four_days_have_two_courses_and_one_of_them_is_only_possible() -> None:
    found = [
        (one.first.on, one.first.course_id, one.second.course_id, one.certain)
        for one in clashes(CATALOGUE.sessions)
    ]
    assert found == [
        (date(2018, 5, 17), "attachment", "prevent-wrap", True),
        (date(2018, 6, 22), "attachment", "gcp2", True),
        (date(2018, 10, 16), "attachment", "working-together", True),
        (date(2018, 11, 27), "digital-safeguarding", "resistant-families", False),
    ]


def test_only_the_single_event_is_held_elsewhere() -> None:
    (default,) = [one.id for one in CATALOGUE.venues if one.default]
    elsewhere = {one.course_id for one in CATALOGUE.sessions if one.venue != default}
    assert elsewhere == {"child-death-review"}


def test_the_rules_of_booking_are_those_of_the_prospectus() -> None:
    rules = CATALOGUE.booking
    assert (rules.price_gbp, rules.cancel_hours, rules.usual_start) == (0, 48, time(9, 30))
    assert rules.substitute
    assert rules.waiting_list
    assert rules.additional_needs
    assert rules.cancel_is_asked
    assert len(CATALOGUE.after.withheld_for) == 2


LONDON = ZoneInfo("Europe/London")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("starts_at", "cancelled_at", "late"),
    [
        ("2018-05-17 09:15", "2018-05-13 09:15", False),
        ("2018-05-17 09:15", "2018-05-15 09:14", False),
        ("2018-05-17 09:15", "2018-05-15 09:15", False),
        ("2018-05-17 09:15", "2018-05-15 09:16", True),
        ("2018-05-17 09:15", "2018-05-17 09:15", True),
        ("2018-05-17 09:15", "2018-05-17 12:00", True),
        # the clocks go forward on 29 March 2026, and back on 25 October 2026
        ("2026-03-30 09:30", "2026-03-28 08:30", False),
        ("2026-03-30 09:30", "2026-03-28 09:00", True),
        ("2026-10-26 09:30", "2026-10-24 10:30", False),
        ("2026-10-26 09:30", "2026-10-24 10:31", True),
    ],
)
def test_48_hours_before_the_start_is_in_time_and_a_minute_less_is_late(
    starts_at: str, cancelled_at: str, late: bool
) -> None:
    assert CATALOGUE.booking.cancelled_late(moment(starts_at), moment(cancelled_at)) is late


@pytest.mark.parametrize(
    ("session_on", "expected"),
    [
        (date(2018, 5, 17), date(2018, 7, 26)),
        (date(2018, 11, 20), date(2019, 1, 29)),
        (date(2019, 12, 25), date(2020, 3, 4)),
    ],
)
def test_the_question_about_impact_comes_ten_weeks_after_the_day(session_on: date, expected: date) -> None:
    assert CATALOGUE.after.follow_up_on(session_on) == expected


def dated(course: str, starts: str = "", ends: str = "", day: int = 1) -> Session:
    return Session(
        course,
        date(2026, 12, day),
        time.fromisoformat(starts) if starts else None,
        time.fromisoformat(ends) if ends else None,
        "room",
    )


@pytest.mark.parametrize(
    ("first", "second", "certain"),
    [
        (dated("a", "09:30", "16:30"), dated("b", "09:30", "12:00"), True),
        (dated("a", "09:30", "12:00"), dated("b", "11:59", "13:00"), True),
        (dated("a", "09:30", "12:00"), dated("b", "12:00", "13:00"), None),
        (dated("a", "12:00", "13:00"), dated("b", "09:30", "12:00"), None),
        (dated("a", "09:30", "16:30"), dated("b", "09:30", "16:30", day=2), None),
        (dated("a", "09:30", "16:30"), dated("b"), False),
        (dated("a"), dated("b"), False),
        (dated("a"), dated("b", day=2), None),
        (dated("a", "09:30"), dated("b", "14:00", "16:00"), False),
    ],
)
def test_two_sessions_clash_when_they_overlap_and_perhaps_when_times_are_missing(
    first: Session, second: Session, certain: bool | None
) -> None:
    found = clash(first, second)
    assert (found.certain if found else None) is certain


@pytest.mark.parametrize(
    ("course", "statements"),
    [
        ("attachment", "K5 K17 K20 S18 S21"),
        ("cse", "K1 K13 K14 K15 S1 S5"),
        ("digital-safeguarding", "K1 K13 K16"),
        ("gcp2", "K4 K15 K17 S4 S18"),
        ("prevent-wrap", "K1 K13 K14 K16"),
        ("toxic-trio", "K4 K14 K17 S18"),
        ("harmful-sexual-behaviour", "K1 K4 K17"),
        ("working-together", "K15 K16 K19 K22 S16 S20"),
        ("resistant-families", "K5 K20 K21 K29 S21"),
        ("child-death-review", "K22 K24 K25"),
        ("br-lado", "K7 S8 B3"),
        ("br-thresholds", "K4 K6 K12 K14 S4 S5"),
        ("br-early-help", "K4 K6 K12 K14 S4 S5"),
        ("br-serious-case-reviews", "K22 S23"),
    ],
)
def test_the_suggested_statements_of_a_course(course: str, statements: str) -> None:
    assert CATALOGUE.course(course).suggested == tuple(statements.split())


def test_no_other_course_has_suggested_statements() -> None:
    linked = [one.id for one in CATALOGUE.courses if one.suggested]
    assert len(linked) == 14
    assert not any(one.suggested for one in CATALOGUE.of_kind(CourseKind.E_LEARNING))


@pytest.mark.parametrize(
    ("kind", "statements"),
    [
        ("supervision", ("K21", "K28", "K29", "K31", "S22", "S28")),
        ("cpd-with-impact", ("K27", "S27")),
        ("review", ("K22", "S23")),
        ("lunch", ()),
    ],
)
def test_what_an_entry_of_the_log_may_show(kind: str, statements: tuple[str, ...]) -> None:
    activities = load_activities(STATEMENTS)
    assert suggested_for(activities, STANDARD, kind) == statements
    assert suggested_for(activities, "XX0001", kind) == ()


@pytest.mark.parametrize("path", sorted(SHIPPED.rglob("*.yaml")), ids=lambda path: path.stem)
def test_no_contact_detail_stands_in_the_data(path: Path) -> None:
    assert not re.search(r"@|https?://|\b0\d{4} ?\d{6}\b", path.read_text("utf-8"))


def test_a_course_that_is_not_there_is_named() -> None:
    with pytest.raises(
        UnknownCourse, match="juggling is not a course of Learning and development prospectus"
    ):
        CATALOGUE.course("juggling")
