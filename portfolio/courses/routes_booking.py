"""One booking: how it stands, who has it now, what comes next, and the steps that each side may take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.courses import actions, queries
from portfolio.courses.forms import StepForm
from portfolio.courses.models import Booking
from portfolio.courses.standing import STEPS, rules, state_of
from portfolio.courses.words import NEXT, SIDE_WORDS, STEP_WORDS, TAGS
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.findings import queries as findings
from portfolio.refusals import Refused
from portfolio.training.rules import booking as booking_rules
from portfolio.training.rules.booking import Facts, State, Step, Who
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/bookings/{booking_id}")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_BOOKINGS))]
Own = Annotated[Opened, Depends(Needs(Permission.BOOK_TRAINING))]
Answering = Annotated[Opened, Depends(Needs(Permission.APPROVE_BOOKING))]
Organising = Annotated[Opened, Depends(Needs(Permission.MANAGE_COURSES))]
Said = Annotated[Submitted[StepForm], Depends(submitted(StepForm))]
DONE = {
    "booked": "Your booking is made. Your line manager says yes or no next.",
    "approve": "You said yes. The place is confirmed, or the booking is on the waiting list: see below.",
    "refuse": "You said no. The person booked reads your reason.",
    "accept": "The place is yours.",
    "cancel": "The booking is cancelled.",
    "substitute": "A colleague has the place now.",
}
SIDES = (
    (Permission.BOOK_TRAINING, Who.PERSON, "courses.own_step", (Step.ACCEPT, Step.SUBSTITUTE, Step.CANCEL)),
    (
        Permission.APPROVE_BOOKING,
        Who.MANAGER,
        "courses.answer",
        (Step.APPROVE, Step.REFUSE, Step.SUBSTITUTE, Step.CANCEL),
    ),
    (Permission.MANAGE_COURSES, Who.ORGANISER, "courses.organise", (Step.SUBSTITUTE, Step.CANCEL)),
)
"""What each permission makes of a viewer, where its form goes, and which steps the page offers there."""
BUTTONS = {
    Step.APPROVE: "Say yes",
    Step.REFUSE: "Say no",
    Step.ACCEPT: "Accept the place",
    Step.SUBSTITUTE: "Pass the place to a colleague",
    Step.CANCEL: "Cancel the booking",
}
WHY = {Step.REFUSE: "Say why, so that the person booked can plan.", Step.CANCEL: "Say why you cancel."}


@dataclass(frozen=True)
class Choice:
    """One step on the page: its button, or why it cannot be taken."""

    step: Step
    label: str
    route: str
    why_not: str

    @property
    def key(self) -> str:
        return self.step.name.lower()


@router.get("", name="courses.booking")
def show(page: PageDep, session: ReadSession, opened: Viewed, booking_id: UUID, done: str = "") -> Response:
    booking = queries.booking_in(session, opened, booking_id)
    return _page(page, session, opened, booking, empty(), done=done)


@router.post("/own", name="courses.own_step")
def own_step(form: Said, page: PageDep, session: WriteSession, opened: Own, booking_id: UUID) -> Response:
    """The person booked accepts an offer, cancels, or passes the place on."""
    return _take(form, page, session, opened, booking_id, Who.PERSON)


@router.post("/answer", name="courses.answer")
def answer(form: Said, page: PageDep, session: WriteSession, opened: Answering, booking_id: UUID) -> Response:
    """The line manager says yes or no, cancels, or passes the place on."""
    return _take(form, page, session, opened, booking_id, Who.MANAGER)


@router.post("/organise", name="courses.organise")
def organise(
    form: Said, page: PageDep, session: WriteSession, opened: Organising, booking_id: UUID
) -> Response:
    """The provider cancels, or passes the place on."""
    return _take(form, page, session, opened, booking_id, Who.ORGANISER)


def _take(
    form: Submitted[StepForm], page: Page, session: Session, opened: Opened, booking_id: UUID, who: Who
) -> Response:
    booking, now = queries.booking_in(session, opened, booking_id), utc_now()
    said = form.value
    step = STEPS[said.step] if said is not None else None
    if said is not None and step in WHY and not said.reason:
        form.refuse("reason", WHY[step])
    labels = {"reason": "Reason"} if step in WHY else {}
    found = checking.found_in_form(session, opened, form, labels)
    if not checking.stopped(form, found) and form.value is not None and step is not None:
        try:
            row = actions.take(
                session,
                opened,
                booking,
                step,
                who,
                reason=form.value.reason if step in WHY else "",
                email=form.value.email,
                now=now,
            )
            checking.keep_once(session, opened, "booking_step", row.id, found, now=now)
            return page.go_to(
                "courses.booking",
                query={"done": form.value.step},
                apprenticeship_id=opened.id,
                booking_id=booking_id,
            )
        except Refused as refusal:
            form.refuse("", refusal.reason)
            booking = queries.booking_in(session, opened, booking_id)  # as it stands now
    return _page(page, session, opened, booking, form, status=422)


def _choices(opened: Opened, facts: Facts) -> list[Choice]:
    """The steps of the viewer's sides, those they can take first; one that the state rules out is left away, one that
    the clock or the places refuse is named with the reason."""
    typed = replace(facts, reason="-", substitute="-")
    found: dict[Step, Choice] = {}
    for permission, who, route, steps in SIDES:
        if permission not in opened.may:
            continue
        for step in steps:
            if facts.state not in booking_rules.TABLE[step].before or step in found:
                continue
            why_not = booking_rules.refusal(step, who, typed) or ""
            found[step] = Choice(step, BUTTONS[step], route, why_not)
    return sorted(found.values(), key=lambda one: bool(one.why_not))


def _page(
    page: Page,
    session: Session,
    opened: Opened,
    booking: Booking,
    form: Submitted[Any],
    *,
    done: str = "",
    status: int = 200,
) -> Response:
    now, state = utc_now(), state_of(booking)
    line = queries.line_of(session, booking.session, now)
    facts = line.facts(booking, own=opened.is_own)
    late = state is State.CONFIRMED and rules().cancelled_late(booking.session.starts_at, now)
    steps = queries.steps_of(session, booking.id)
    texts = {booking.id: {"needs": booking.needs}} | {one.id: {"reason": one.reason} for one in steps}
    private = bool(
        {Permission.BOOK_TRAINING, Permission.APPROVE_BOOKING, Permission.MANAGE_COURSES} & opened.may
    )
    return page(
        "courses/booking.html",
        fragment="booking",
        status=status,
        opened=opened,
        booking=booking,
        one=booking.session,
        course=booking.session.course,
        tag=TAGS[booking.state],
        next=NEXT[state],
        number=line.number(booking.id),
        steps=[(STEP_WORDS[STEPS[one.step]], SIDE_WORDS[one.role], one) for one in steps],
        kept=findings.shown_in(session, texts) if private else {},
        private=private,
        choices=_choices(opened, facts),
        late=late,
        rules=rules(),
        clashes=queries.clashes(session, opened.id, booking.session) if state.open else [],
        managers=queries.managers_of(session, opened.id),
        form=form,
        said=DONE.get(done, ""),
    )
