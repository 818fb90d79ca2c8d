"""What people say of a course: a form on the day, and one on its effect ten weeks later.

The prospectus asks twice: at the end of the session, and again ten weeks on (day 70) about what changed in practice.
When a form closes and when somebody is reminded is this product's choice. Results are shown in whole groups of five
answers only: fewer would show what one person said, and so would a sum that grows by one answer at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction

from kbs.training_catalogue import AfterRules
from portfolio.training.rules.booking import State
from portfolio.training.rules.words import counted, on_screen

GROUP = 5
SCALE = range(1, 6)
ASKED = frozenset({State.FULL, State.PART})
LONGEST_TEXT = 4000


class Form(StrEnum):
    """Which of the two forms."""

    ON_THE_DAY = "on the day"
    FOLLOW_UP = "effect on practice"


class Standing(StrEnum):
    """How one person's form stands."""

    NOT_ASKED = "not asked"
    NOT_OPEN = "not open yet"
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed without an answer"


class Changed(StrEnum):
    """Whether practice changed."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


CLOSES_AFTER = {Form.ON_THE_DAY: 14, Form.FOLLOW_UP: 28}
REMIND_AFTER = {Form.ON_THE_DAY: (0, 3, 7), Form.FOLLOW_UP: (0, 7, 21)}
"""Days after opening; day 0 is the invitation."""


@dataclass(frozen=True)
class Window:
    """When a form is open: from a moment to the end of a day, and the days on which it is asked for."""

    form: Form
    opens_at: datetime
    closes_on: date
    asks_on: tuple[date, ...]

    def is_open(self, now: datetime) -> bool:
        return now >= self.opens_at and self._local(now) <= self.closes_on

    def is_over(self, now: datetime) -> bool:
        return self._local(now) > self.closes_on

    def _local(self, now: datetime) -> date:
        """The day where the session was held."""
        return now.astimezone(self.opens_at.tzinfo).date()


def window(form: Form, ends_at: datetime, rules: AfterRules) -> Window:
    """The form's window for a session that ends at that moment, in the time zone of the place."""
    opens_at = ends_at
    if form is Form.FOLLOW_UP:
        opens_at = datetime.combine(rules.follow_up_on(ends_at.date()), time.min, tzinfo=ends_at.tzinfo)
    first = opens_at.date()
    return Window(
        form=form,
        opens_at=opens_at,
        closes_on=first + timedelta(days=CLOSES_AFTER[form]),
        asks_on=tuple(first + timedelta(days=days) for days in REMIND_AFTER[form]),
    )


def standing(booking: State, answered: bool, frame: Window, now: datetime) -> Standing:
    """How one person's form stands. Only who attended, in full or in part, is asked."""
    if answered:
        return Standing.ANSWERED
    if booking not in ASKED:
        return Standing.NOT_ASKED
    if frame.is_over(now):
        return Standing.CLOSED
    return Standing.OPEN if frame.is_open(now) else Standing.NOT_OPEN


def ask_due(one: Standing, frame: Window, now: datetime, asked_on: Collection[date]) -> bool:
    """Whether to write to somebody now. After days on which nothing was sent one message makes up for all."""
    today = now.astimezone(frame.opens_at.tzinfo).date()
    past = [day for day in frame.asks_on if day <= today]
    return one is Standing.OPEN and bool(past) and not any(day >= past[-1] for day in asked_on)


def refusal_to_answer(one: Standing, frame: Window) -> str | None:
    """Why the form cannot be sent now; None when it can."""
    if one is Standing.NOT_ASKED:
        return "This form is for those who attended. If you did, ask the trainer to correct the attendance."
    if one is Standing.NOT_OPEN:
        return f"This form opens on {on_screen(frame.opens_at.date())}. Come back then."
    if one is Standing.CLOSED:
        return f"This form closed on {on_screen(frame.closes_on)}. Write what changed into your training log instead."
    if one is Standing.ANSWERED:
        return "You have answered this form. Your answer stands."
    return None


@dataclass(frozen=True)
class Answer:
    """One person's form as it is typed. `useful` and the two confidences go from 1 to 5.

    `may_be_quoted`: the words may stand on the course's page, without a name.
    """

    form: Form
    useful: int | None = None
    confidence_before: int | None = None
    confidence_now: int | None = None
    changed: Changed | None = None
    words: str = ""
    may_be_quoted: bool = False


_FIGURES = {
    Form.ON_THE_DAY: ("useful", "confidence_before", "confidence_now"),
    Form.FOLLOW_UP: ("confidence_now",),
}
_ASK = {
    "useful": "Say how useful the session was, from 1 to 5.",
    "confidence_before": "Say how confident you were before, from 1 to 5.",
    "confidence_now": "Say how confident you are now, from 1 to 5.",
}


def missing(answer: Answer) -> Mapping[str, str]:
    """What a form still needs to count as answered: field -> what to do. Words are free on the day; in the follow-up
    they are the point of it, also where nothing changed."""
    found = {name: _ASK[name] for name in _FIGURES[answer.form] if getattr(answer, name) not in SCALE}
    if answer.form is Form.FOLLOW_UP:
        if answer.changed is None:
            found["changed"] = "Say whether anything changed in what you do."
        if not answer.words.strip():
            found["words"] = "Say what changed; if nothing did, say what stood in the way."
    if len(answer.words) > LONGEST_TEXT:
        found["words"] = f"Shorten this to {LONGEST_TEXT} characters; it has {len(answer.words)}."
    return found


@dataclass(frozen=True)
class Results:
    """What a course's page shows of one form. Figures are None while fewer than five have answered."""

    asked: int
    answered: int
    shown: int
    useful: Fraction | None = None
    confidence_before: Fraction | None = None
    confidence_now: Fraction | None = None
    changed: Mapping[Changed, int] = field(default_factory=dict)
    quotes: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """How many answers the figures rest on, and why not on all."""
        if not self.shown:
            return f"{counted(self.answered, 'answer')} so far. Results appear from {GROUP}, so that nobody's is seen alone."
        rest = self.answered - self.shown
        later = (
            f" {counted(rest, 'more answer')} will be added with the next group of {GROUP}." if rest else ""
        )
        return f"From {counted(self.shown, 'answer')} of {self.asked} asked.{later}"


def results(answers: Sequence[Answer], asked: int) -> Results:
    """The results of one form over one or more sessions; answers in the order they came in."""
    shown = answers[: len(answers) - len(answers) % GROUP]
    if not shown:
        return Results(asked, len(answers), 0)
    changed = Counter(one.changed for one in shown if one.changed is not None)
    return Results(
        asked=asked,
        answered=len(answers),
        shown=len(shown),
        useful=_mean([one.useful for one in shown]),
        confidence_before=_mean([one.confidence_before for one in shown]),
        confidence_now=_mean([one.confidence_now for one in shown]),
        changed={one: changed[one] for one in Changed} if changed else {},
        quotes=tuple(sorted(one.words.strip() for one in shown if one.may_be_quoted and one.words.strip())),
    )


def one_decimal(value: Fraction) -> str:
    """4.3; halves go up, as people round."""
    tenths = int(value * 10 + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"


def _mean(values: Sequence[int | None]) -> Fraction | None:
    """The mean of what was answered; None under a whole group, so that a rarely answered question shows nobody."""
    given = [one for one in values if one is not None]
    return Fraction(sum(given), len(given)) if len(given) >= GROUP else None
