"""What people say of a session: when each form is open to them, answering once, and making it evidence.

When, to whom and what is asked are rules (`portfolio.training.rules.evaluation`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.training_activities import load_activities, suggested_for
from kbs.training_catalogue import AfterRules
from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.courses.after_models import EvaluationAnswer, EvaluationPiece
from portfolio.courses.models import Booking
from portfolio.courses.standing import catalogues, state_of
from portfolio.evidence.queries import stage_of, take_turn
from portfolio.evidence.rules import reasons_closed
from portfolio.refusals import Refused, SentBefore
from portfolio.sealing.queries import is_sealed
from portfolio.training.pieces import draft_from
from portfolio.training.rules import evaluation as rules
from portfolio.training.rules.evaluation import Answer, Changed, Form, Standing, Window
from portfolio.web.formats import LONDON, date_words, london_day

FORMS = {"day": Form.ON_THE_DAY, "follow_up": Form.FOLLOW_UP}
TITLES = {"day": "Evaluation on the day", "follow_up": "What changed, ten weeks later"}
FIGURES = {"day": ("useful", "confidence_before", "confidence_now"), "follow_up": ("confidence_now",)}
ACTIVITY = "cpd-with-impact"
NOT_ANSWERED = "Answer the form first: the piece is made from your answer."
SEALED = (
    "The piece that was made from this is being looked at. Until that is over nothing more is made from it."
)


def after_rules() -> AfterRules:
    """The rules of the shipped example are the ones that hold, as for booking."""
    return catalogues()[0].after


@dataclass(frozen=True)
class One:
    """One form of one booking. The booking comes with its session."""

    key: str
    booking: Booking
    answer: EvaluationAnswer | None
    now: datetime

    @property
    def form(self) -> Form:
        return FORMS[self.key]

    @property
    def title(self) -> str:
        return TITLES[self.key]

    @property
    def window(self) -> Window:
        return window_of(self.key, self.booking.session.ends_at)

    @property
    def standing(self) -> Standing:
        return rules.standing(state_of(self.booking), self.answer is not None, self.window, self.now)

    @property
    def is_open(self) -> bool:
        return self.standing is Standing.OPEN

    @property
    def refusal(self) -> str:
        return rules.refusal_to_answer(self.standing, self.window) or ""

    @property
    def opens_on(self) -> date:
        return self.window.opens_at.date()


def window_of(key: str, ends_at: datetime) -> Window:
    """The session's own clock is London's."""
    return rules.window(FORMS[key], ends_at.astimezone(LONDON), after_rules())


def forms_of(session: Session, booking: Booking, now: datetime) -> list[One]:
    """Both forms of a booking, in one query."""
    given = session.scalars(select(EvaluationAnswer).where(EvaluationAnswer.booking_id == booking.id))
    by_form = {one.form: one for one in given}
    return [One(key, booking, by_form.get(key), now) for key in FORMS]


def form_of(session: Session, booking: Booking, key: str, now: datetime) -> One:
    return next(one for one in forms_of(session, booking, now) if one.key == key)


def pieces_of(session: Session, booking: Booking) -> Mapping[str, UUID]:
    """The pieces that were made from the answers, by form."""
    rows = session.execute(
        select(EvaluationPiece.form, EvaluationPiece.evidence_id).where(
            EvaluationPiece.booking_id == booking.id
        )
    )
    return {one.form: one.evidence_id for one in rows}


def answer(
    session: Session,
    opened: Opened,
    booking: Booking,
    key: str,
    given: Answer,
    *,
    form_key: str,
    now: datetime,
) -> EvaluationAnswer:
    """Keep an answer, once. The same page sent again changes nothing. Raises Refused when the form is not open, and
    SentBefore if this page said something else before."""
    take_turn(session, opened.id)
    session.refresh(booking)
    one = form_of(session, booking, key, now)
    values = {
        "useful": given.useful,
        "confidence_before": given.confidence_before,
        "confidence_now": given.confidence_now,
        "changed": given.changed.value if given.changed else None,
        "words": given.words,
        "may_be_quoted": given.may_be_quoted,
    }
    if one.answer is not None and form_key and one.answer.form_key == form_key[:64]:
        if any(getattr(one.answer, name) != value for name, value in values.items()):
            raise SentBefore
        return one.answer
    if one.refusal:
        raise Refused(one.refusal)
    row = EvaluationAnswer(
        provider_id=booking.provider_id,
        apprenticeship_id=opened.id,
        booking_id=booking.id,
        form=key,
        form_key=form_key[:64],
        at=now,
        **values,
    )
    session.add(row)
    session.flush()
    _note(session, opened, "course.evaluated", "evaluation_answer", row.id, booking, now, form=key)
    return row


def _note(
    session: Session, opened: Opened, action: str, record: str, record_id: UUID, booking: Booking, now: datetime, **more: Any
) -> None:  # fmt: skip
    audit.record(
        session,
        action,
        by=opened.viewer.person_id,
        now=now,
        record=record,
        record_id=record_id,
        provider_id=booking.provider_id,
        apprenticeship_id=opened.id,
        booking_id=str(booking.id),
        **more,
    )


@cache
def _suggested(standard: str) -> tuple[str, ...]:
    return suggested_for(load_activities(), standard, ACTIVITY)


def suggested(opened: Opened) -> tuple[str, ...]:
    """The statements that learning with a note on its impact may show: offered by us, never ticked for anybody."""
    return tuple(code for code in _suggested(opened.standard.reference) if code in opened.standard)


def of_course(opened: Opened, booking: Booking) -> list[str]:
    """The statements that the course suggests, as far as this standard has them."""
    return [code for code in booking.session.course.statements.split() if code in opened.standard]


def make_piece(
    session: Session, opened: Opened, booking: Booking, key: str, codes: Sequence[str], *, most_files: int, now: datetime
) -> UUID:  # fmt: skip
    """A draft of evidence with what its apprentice said of the session, and these statements. Made once for each
    form; what was said on the day stands in both. Raises Refused."""
    take_turn(session, opened.id)
    made = pieces_of(session, booking)
    if key in made:
        return made[key]
    given = {one.key: one.answer for one in forms_of(session, booking, now) if one.answer is not None}
    if key not in given:
        raise Refused(NOT_ANSWERED)
    if closed := " ".join(reasons_closed(stage_of(session, opened.id))):
        raise Refused(closed)
    if any(is_sealed(session, one.id) for one in given.values()):
        raise Refused(SEALED)
    course, day = booking.session.course, london_day(booking.session.starts_at)
    on_the_day = given["day"].words if "day" in given else ""
    evidence_id = draft_from(
        session,
        opened,
        type_id="training_record",
        title=course.title,
        day=day,
        what_happened=(f"I attended “{course.title}” on {date_words(day)}.", on_the_day),
        what_i_did=given[key].words if key == "follow_up" else "",
        codes=codes,
        form_key=f"evaluation-{key}-{booking.id.hex}",
        most_files=most_files,
        now=now,
    )
    row = EvaluationPiece(
        provider_id=booking.provider_id,
        apprenticeship_id=opened.id,
        booking_id=booking.id,
        form=key,
        evidence_id=evidence_id,
        at=now,
    )
    session.add(row)
    session.flush()
    _note(
        session, opened, "course.made_evidence", "evaluation_piece", row.id, booking, now, evidence_id=str(evidence_id)
    )  # fmt: skip
    return evidence_id


def as_answer(row: EvaluationAnswer, words: str | None = None) -> Answer:
    """A stored answer as the rules read it."""
    return Answer(
        FORMS[row.form],
        row.useful,
        row.confidence_before,
        row.confidence_now,
        Changed(row.changed) if row.changed else None,
        row.words if words is None else words,
        row.may_be_quoted,
    )
