"""What is typed into the pages of courses, sessions and bookings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from portfolio.courses.models import Course, CourseSession
from portfolio.courses.moments import clock, moment
from portfolio.web.formats import LONDON
from portfolio.web.forms import Form, RequiredDate, Submitted, filled

LONGEST = 4_000
LONGEST_TITLE = 200
Long = Annotated[str, Field(max_length=LONGEST)]
Short = Annotated[str, Field(max_length=LONGEST_TITLE)]
KINDS = {"workshop": "Workshop", "elearning": "E-learning", "briefing": "Briefing"}
MODES = {"in_person": "In person", "online": "Online, at a set time", "own_pace": "Online, at one’s own pace"}
MOST_MINUTES, MOST_PLACES = 6_000, 10_000


def needed(sentence: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


class CourseForm(Form):
    title: Annotated[str, Field(max_length=LONGEST_TITLE), needed("Give the course a title.")]
    kind: Literal["workshop", "elearning", "briefing"]
    mode: Literal["in_person", "online", "own_pace"]
    minutes: str = ""
    level: Short = ""
    at_level: str = ""
    """ "framework:level", or nothing."""
    about: Long = ""
    audience: Long = ""
    not_for: Long = ""
    outcomes: Long = ""
    statements: Short = ""
    form_key: str = ""


class SessionForm(Form):
    day: RequiredDate
    starts: str = ""
    ends: str = ""
    venue: Short = ""
    capacity: str = ""
    note: Long = ""
    form_key: str = ""


class ReasonForm(Form):
    reason: Long = ""


class KeyForm(Form):
    form_key: str = ""


class ArchiveForm(Form):
    archived: Literal["yes", "no"]


class TakeForm(Form):
    course: str = ""
    form_key: str = ""


class BookForm(Form):
    needs: Long = ""
    form_key: str = ""


class StepForm(Form):
    step: Literal["approve", "refuse", "accept", "cancel", "substitute"]
    reason: Long = ""
    email: Annotated[str, Field(max_length=254)] = ""


class MarksForm(Form):
    """Attendance of several: "mark-<id of the booking>" is full, part or none."""

    reason: Long = ""


def whole(form: Submitted[Any], name: str, typed: str, most: int, what: str) -> int | None:
    """A whole number from 1 on, or None for an empty box; anything else is noted at the box."""
    text = typed.strip()
    if not text:
        return None
    found = whole_number(text, most)
    if found is None:
        form.refuse(name, f"Enter {what} as a whole number from 1 to {most}, or leave it empty.")
    return found


def whole_number(text: str, most: int) -> int | None:
    """A number from 1 to `most` in plain digits, zeros before it or not; None for anything else."""
    digits = text.lstrip("0")
    if not (text.isascii() and digits.isdigit() and len(digits) <= len(str(most))):
        return None
    return int(digits) if int(digits) <= most else None


def times_of(form: Submitted[SessionForm]) -> tuple[datetime, datetime] | None:
    """When a session begins and ends, or None with what is wrong noted at the boxes."""
    said = form.value
    if said is None:
        return None
    found: list[datetime] = []
    for name, typed in (("starts", said.starts), ("ends", said.ends)):
        at = clock(typed)
        if at is None:
            form.refuse(name, f"Enter when it {name} as a time of day, for example 09:30.")
        elif (when := moment(said.day, at)) is None:
            form.refuse(
                name, "The clocks go forward in that hour, so this time does not exist. Choose another."
            )
        else:
            found.append(when)
    if len(found) == 2 and found[1] <= found[0]:
        form.refuse("ends", "The end is not after the start. Check both times.")
        return None
    return (found[0], found[1]) if len(found) == 2 else None


def from_course(course: Course) -> Submitted[CourseForm]:
    return filled(
        title=course.title,
        kind=course.kind,
        mode=course.mode,
        minutes=course.minutes,
        level=course.level,
        at_level=f"{course.framework_id}:{course.level_id}" if course.framework_id else "",
        about=course.about,
        audience=course.audience,
        not_for=course.not_for,
        outcomes=course.outcomes,
        statements=course.statements,
    )


def from_session(one: CourseSession) -> Submitted[SessionForm]:
    starts, ends = one.starts_at.astimezone(LONDON), one.ends_at.astimezone(LONDON)
    return filled(
        day=starts.date(),
        starts=f"{starts:%H:%M}",
        ends=f"{ends:%H:%M}",
        venue=one.venue,
        capacity=one.capacity,
        note=one.note,
    )
