"""A training catalogue: workshops with dated sessions, e-learning, briefings, and the rules of booking.

A dated catalogue stays what it was: its sessions are past, its wording is our summary, and it is shown with
its edition. Trainers stand as roles and no address or number of a person stands in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import combinations

from kbs.framework import FrameworkSource


class CourseKind(StrEnum):
    """What kind of offer a course is."""

    WORKSHOP = "workshop"
    E_LEARNING = "e-learning"
    BRIEFING = "briefing"


class Dates(StrEnum):
    """How a course is dated."""

    REPEATED = "repeated"
    ONCE = "once"
    TO_BE_CONFIRMED = "to be confirmed"
    ANY_TIME = "any time"
    ANNOUNCED = "announced"


class UnknownCourse(LookupError):
    """No course of this id is in the catalogue."""

    def __init__(self, course_id: str, catalogue: str) -> None:
        super().__init__(f"{course_id} is not a course of {catalogue}")
        self.course_id = course_id


@dataclass(frozen=True)
class Venue:
    """Where courses are held: what kind of place it is. `default` is where one is held unless it says otherwise."""

    id: str
    title: str
    default: bool


@dataclass(frozen=True)
class Session:
    """One dated session. Times are None where the catalogue does not give them."""

    course_id: str
    on: date
    starts: time | None
    ends: time | None
    venue: str
    note: str = ""

    @property
    def times_known(self) -> bool:
        return self.starts is not None and self.ends is not None


@dataclass(frozen=True)
class Course:
    """A workshop, an e-learning course or a briefing."""

    id: str
    kind: CourseKind
    title: str
    level_from: str
    duration: str
    dates: Dates
    aim: str
    outcomes: tuple[str, ...]
    trainer_role: str
    awards: str
    not_for: tuple[str, ...]
    suggested: tuple[str, ...]
    sessions: tuple[Session, ...]
    note: str = ""


@dataclass(frozen=True)
class BookingRules:
    """How a place is asked for and given back."""

    ask_first: str
    request_by: str
    confirmed_by: str
    price_gbp: int
    cancel_hours: int
    cancel_is_asked: bool
    substitute: bool
    waiting_list: bool
    additional_needs: bool
    usual_start: time | None
    place: str

    def cancelled_late(self, starts_at: datetime, cancelled_at: datetime) -> bool:
        """Fewer hours before the start than asked for; exactly so many hours before is in time.

        Both moments know their time zone. Hours are hours that pass: when the clocks change in between, the
        time on the wall differs by one.
        """
        return starts_at.astimezone(UTC) - cancelled_at.astimezone(UTC) < timedelta(hours=self.cancel_hours)


@dataclass(frozen=True)
class AfterRules:
    """What follows a session: certificate, materials, evaluation on the day and a later one on impact."""

    certificate: str
    withheld_for: tuple[str, ...]
    materials: str
    evaluation: str
    follow_up_weeks: int
    follow_up: str
    place: str

    def follow_up_on(self, session_on: date) -> date:
        """The day the question about impact is sent."""
        return session_on + timedelta(weeks=self.follow_up_weeks)


@dataclass(frozen=True)
class Clash:
    """Two sessions on one day that one person cannot both attend; not certain where times are not published."""

    first: Session
    second: Session
    certain: bool


@dataclass(frozen=True)
class Period:
    """The programme's first and last day, and where that was read."""

    first_day: date
    last_day: date
    origin: str

    def holds(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True)
class TrainingCatalogue:
    """One catalogue of one edition. `standard` is the one whose statements are suggested, unconfirmed."""

    id: str
    title: str
    publisher: str
    edition: str
    dated: str
    nation: str
    sector: str
    wording: str
    framework: str
    standard: str
    source: FrameworkSource
    period: Period
    venues: tuple[Venue, ...]
    booking: BookingRules
    after: AfterRules
    courses: tuple[Course, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.title}, {self.edition}"

    @cached_property
    def _by_id(self) -> dict[str, Course]:
        return {one.id: one for one in self.courses}

    def course(self, course_id: str) -> Course:
        """Raises UnknownCourse."""
        try:
            return self._by_id[course_id]
        except KeyError:
            raise UnknownCourse(course_id, str(self)) from None

    def of_kind(self, kind: CourseKind) -> tuple[Course, ...]:
        return tuple(one for one in self.courses if one.kind is kind)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Every dated session, earliest first."""
        every = [one for course in self.courses for one in course.sessions]
        return tuple(sorted(every, key=lambda one: (one.on, one.starts or time.max, one.course_id)))

    def outside_period(self) -> tuple[Session, ...]:
        """Sessions dated before or after the programme's period: shown with their note."""
        return tuple(one for one in self.sessions if not self.period.holds(one.on))


def clash(first: Session, second: Session) -> Clash | None:
    """Whether two sessions overlap; one that begins when the other ends does not."""
    if first.on != second.on:
        return None
    if first.starts and first.ends and second.starts and second.ends:
        overlaps = first.starts < second.ends and second.starts < first.ends
        return Clash(first, second, certain=True) if overlaps else None
    return Clash(first, second, certain=False)


def clashes(sessions: Sequence[Session]) -> Iterator[Clash]:
    """Each pair of sessions that one person could not both attend, earliest day first."""
    for first, second in combinations(sorted(sessions, key=lambda one: (one.on, one.course_id)), 2):
        found = clash(first, second)
        if found is not None:
            yield found
