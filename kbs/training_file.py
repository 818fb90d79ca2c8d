"""The file format of a training catalogue: data to TrainingCatalogue with every fault named, all at once."""

import re
from collections.abc import Iterable
from datetime import date, time
from pathlib import Path

from kbs.data_checks import Statements, names, one_of, slug, suggested_codes
from kbs.fields import Faults, Fields, read_yaml
from kbs.framework import NATIONS, WORDINGS, FrameworkSource
from kbs.frameworks import Frameworks, UnknownFramework
from kbs.training_catalogue import (
    AfterRules,
    BookingRules,
    Course,
    CourseKind,
    Dates,
    Period,
    Session,
    TrainingCatalogue,
    Venue,
)

SHIPPED = Path(__file__).parent / "training"
"""The folder of the catalogues that come with the product, as dated examples."""
SCHEMA_VERSION = 1
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_SECTIONS = ("schema_version", *names(TrainingCatalogue))
_TEXTS = ("title", "publisher", "edition", "dated", "sector")
_COURSE = (*names(Course), "starts", "ends", "venue")
_SESSION = ("on", "starts", "ends", "venue", "note")
_NO_DATES = (Dates.TO_BE_CONFIRMED, Dates.ANY_TIME, Dates.ANNOUNCED)


class CatalogueError(Exception):
    """A catalogue that cannot be used. `faults` has a line "file: where: what is wrong" for each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def load_training(
    path: Path, statements: Statements | None = None, frameworks: Frameworks | None = None
) -> TrainingCatalogue:
    """The catalogue in one file. Raises CatalogueError with everything that is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError([f"{path.name}: the file: cannot be read: {error}"]) from error
    return training_from_text(text, path.name, statements, frameworks)


def training_from_text(
    text: str, file_name: str, statements: Statements | None = None, frameworks: Frameworks | None = None
) -> TrainingCatalogue:
    """The catalogue in one text, such as a file a provider sends. Raises CatalogueError with every fault."""
    faults = Faults(file_name)
    data = read_yaml(text, faults)
    catalogue = None if faults.found else training_from_data(data, faults, statements, frameworks)
    if catalogue is None or faults.found:
        raise CatalogueError(faults.found)
    return catalogue


def load_catalogues(
    statements: Statements | None = None, frameworks: Frameworks | None = None
) -> tuple[TrainingCatalogue, ...]:
    """The catalogues that ship, by file name. Raises CatalogueError with the faults of all files together."""
    found: list[TrainingCatalogue] = []
    faults: list[str] = []
    for path in sorted(SHIPPED.glob("*.yaml")):
        try:
            found.append(load_training(path, statements, frameworks))
        except CatalogueError as error:
            faults.extend(error.faults)
    if faults:
        raise CatalogueError(faults)
    return tuple(found)


def training_from_data(
    data: object, faults: Faults, statements: Statements | None = None, frameworks: Frameworks | None = None
) -> TrainingCatalogue:
    """The catalogue in the data of one file. Whatever is wrong is added to `faults`; then do not use it.

    With `frameworks` each course's level has to be one of its framework; with `statements` each suggested
    statement has to be one of the standard.
    """
    top = Fields(data, "", faults, _SECTIONS)
    if top.number("schema_version", 1, 99) != SCHEMA_VERSION:
        top.fault("schema_version", f"this program reads schema version {SCHEMA_VERSION}")
    framework, standard = top.optional_text("framework"), top.optional_text("standard")
    period = _period(top.part("period", names(Period)))
    venues = _venues(top)
    courses = _Courses(top, period, venues, _levels(top, framework, frameworks), (standard, statements))
    source = top.part("source", names(FrameworkSource))
    return TrainingCatalogue(
        id=slug(top),
        **{name: top.text(name) for name in _TEXTS},
        nation=one_of(top, "nation", top.text("nation"), NATIONS),
        wording=one_of(top, "wording", top.text("wording"), WORDINGS),
        framework=framework,
        standard=standard,
        source=FrameworkSource(
            document=source.text("document"),
            published=source.text("published"),
            updated=source.optional_text("updated"),
            based_on=source.texts("based_on"),
            rights=source.text("rights"),
            note=source.optional_text("note"),
        ),
        period=period,
        venues=venues,
        booking=_booking(top.part("booking", names(BookingRules))),
        after=_after(top.part("after", names(AfterRules))),
        courses=courses.read(),
    )


def _levels(top: Fields, framework: str, frameworks: Frameworks | None) -> tuple[str, ...] | None:
    """The levels a course may name; None where nothing is at hand to look them up in."""
    if not framework or frameworks is None:
        return None
    try:
        return tuple(level.id for level in frameworks.get(framework).levels)
    except UnknownFramework:
        top.fault("framework", f"there is no framework {framework} at hand")
        return None


def _period(part: Fields) -> Period:
    first, last = part.optional_date("first_day"), part.optional_date("last_day")
    for name, day in (("first_day", first), ("last_day", last)):
        if day is None:
            part.fault(name, "a date is missing here, such as 2026-04-01")
    if first and last and last < first:
        part.fault("last_day", f"{last} lies before the first day {first}")
    return Period(first or date.min, last or date.max, part.text("origin"))


def _venues(top: Fields) -> tuple[Venue, ...]:
    venues: list[Venue] = []
    for part in top.parts("venues", names(Venue)):
        venue = Venue(part.text("id"), part.text("title"), part.yes_or_no("default"))
        if venue.id in {one.id for one in venues}:
            part.fault("id", f"{venue.id} stands twice")
        venues.append(venue)
    if sum(venue.default for venue in venues) != 1:
        top.fault("venues", "exactly one venue is the default one")
    return tuple(venues)


def clock_time(part: Fields, name: str) -> time | None:
    """A time such as '09:30'; None where the file has none. Without quotes YAML reads 16:30 as a number."""
    value = part.data.get(name)
    if value is None:
        return None
    if isinstance(value, str) and CLOCK.fullmatch(value):
        return time.fromisoformat(value)
    part.fault(name, f"a time in quotes expected here, such as '09:30', not {value!r}")
    return None


def _booking(part: Fields) -> BookingRules:
    return BookingRules(
        ask_first=part.text("ask_first"),
        request_by=part.text("request_by"),
        confirmed_by=part.text("confirmed_by"),
        price_gbp=part.number("price_gbp", 0, 10_000),
        cancel_hours=part.number("cancel_hours", 0, 1_000),
        cancel_is_asked=part.yes_or_no("cancel_is_asked"),
        substitute=part.yes_or_no("substitute"),
        waiting_list=part.yes_or_no("waiting_list"),
        additional_needs=part.yes_or_no("additional_needs"),
        usual_start=clock_time(part, "usual_start"),
        place=part.text("place"),
    )


def _after(part: Fields) -> AfterRules:
    return AfterRules(
        certificate=part.text("certificate"),
        withheld_for=part.texts("withheld_for"),
        materials=part.text("materials"),
        evaluation=part.text("evaluation"),
        follow_up_weeks=part.number("follow_up_weeks", 1, 104),
        follow_up=part.text("follow_up"),
        place=part.text("place"),
    )


class _Courses:
    """Reads the courses: ids once, sessions in order and inside the period unless a note says why not."""

    def __init__(
        self,
        top: Fields,
        period: Period,
        venues: tuple[Venue, ...],
        levels: tuple[str, ...] | None,
        suggested_of: tuple[str, Statements | None],
    ) -> None:
        self.top, self.period, self.venues, self.levels = top, period, venues, levels
        self.standard, self.statements = suggested_of
        self.default_venue = next((one.id for one in venues if one.default), "")

    def read(self) -> tuple[Course, ...]:
        found: dict[str, Course] = {}
        for part in self.top.parts("courses", _COURSE):
            course = self._course(part)
            if course.id in found:
                part.fault("id", f"{course.id} stands twice")
            found[course.id] = course
        if not found:
            self.top.fault("courses", "there is no course at all")
        return tuple(found.values())

    def _course(self, part: Fields) -> Course:
        course_id = part.text("id")
        kind = one_of(part, "kind", part.text("kind"), (one.value for one in CourseKind))
        dates = one_of(part, "dates", part.text("dates"), (one.value for one in Dates))
        level_from = part.optional_text("level_from")
        if level_from and self.levels is not None and level_from not in self.levels:
            part.fault("level_from", f"{level_from} is not a level of {self.top.data.get('framework')}")
        sessions = self._sessions(part, course_id)
        self._check_dates(part, dates, sessions)
        return Course(
            id=course_id,
            kind=CourseKind(kind) if kind in set(CourseKind) else CourseKind.WORKSHOP,
            title=part.text("title"),
            level_from=level_from,
            duration=part.optional_text("duration"),
            dates=Dates(dates) if dates in set(Dates) else Dates.TO_BE_CONFIRMED,
            aim=part.optional_text("aim"),
            outcomes=part.texts("outcomes"),
            trainer_role=part.optional_text("trainer_role"),
            awards=part.optional_text("awards"),
            not_for=part.texts("not_for"),
            suggested=self._suggested(part),
            sessions=sessions,
            note=part.optional_text("note"),
        )

    def _suggested(self, part: Fields) -> tuple[str, ...]:
        codes = suggested_codes(part, "suggested", self.standard, self.statements)
        if codes and not self.standard:
            part.fault(
                "suggested", "name the standard of these statements at the top of the file, as standard:"
            )
        return codes

    @staticmethod
    def _check_dates(part: Fields, dates: str, sessions: tuple[Session, ...]) -> None:
        if dates in _NO_DATES and sessions:
            part.fault("dates", f"sessions stand below, so the dates are not {dates!r}")
        if dates == Dates.REPEATED and not sessions:
            part.fault("sessions", "there is none: list them, or write dates: to be confirmed")
        if dates == Dates.ONCE and len(sessions) != 1:
            part.fault("sessions", f"a course held once has one session, not {len(sessions)}")

    def _venue(self, part: Fields, usual: str) -> str:
        venue = part.optional_text("venue") or usual
        return one_of(part, "venue", venue, (one.id for one in self.venues))

    def _sessions(self, course: Fields, course_id: str) -> tuple[Session, ...]:
        starts, ends = clock_time(course, "starts"), clock_time(course, "ends")
        venue = self._venue(course, self.default_venue)
        found: list[Session] = []
        for part in course.parts("sessions", _SESSION):
            session = Session(
                course_id=course_id,
                on=part.optional_date("on") or self.period.first_day,
                starts=clock_time(part, "starts") or starts,
                ends=clock_time(part, "ends") or ends,
                venue=self._venue(part, venue),
                note=part.optional_text("note"),
            )
            if part.data.get("on") is None:
                part.fault("on", "the day of the session is missing, such as 2026-11-18")
            self._check_session(part, session, found)
            found.append(session)
        return tuple(found)

    def _check_session(self, part: Fields, session: Session, before: list[Session]) -> None:
        if before and session.on < before[-1].on:
            part.fault(
                "on", f"{session.on} stands after {before[-1].on}: list the sessions from the earliest on"
            )
        if any((one.on, one.starts) == (session.on, session.starts) for one in before):
            part.fault("on", f"{session.on} stands twice")
        if session.starts and session.ends and session.ends <= session.starts:
            part.fault("ends", f"{session.ends:%H:%M} is not after the start at {session.starts:%H:%M}")
        if not self.period.holds(session.on) and not session.note:
            part.fault(
                "on",
                f"{session.on} lies outside {self.period.first_day} to {self.period.last_day}: "
                "correct it, or write a note that says why",
            )
