"""After a session, for whoever was booked: certificate, materials, evaluation, evidence, training log."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.courses import after_provider, certificates, evaluations, materials, queries
from portfolio.courses.after_forms import EvaluationForm, EvaluationPieceForm, answer_in, from_answer
from portfolio.courses.models import Booking
from portfolio.courses.standing import state_of
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.findings import queries as findings
from portfolio.refusals import NotFound, Refused, SentBefore
from portfolio.training import queries as training
from portfolio.training.answering import form_page
from portfolio.training.forms import hours_and_minutes
from portfolio.training.rules import evaluation as rules
from portfolio.training.rules.evaluation import ASKED
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, empty, filled, new_form_key, submitted
from portfolio.web.page import Page, PageDep
from storage.limited import Stopped

router = APIRouter()
one = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/bookings/{booking_id}")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_BOOKINGS))]
Own = Annotated[Opened, Depends(Needs(Permission.BOOK_TRAINING))]
Logging = Annotated[Opened, Depends(Needs(Permission.LOG_TRAINING))]
Making = Annotated[Opened, Depends(Needs(Permission.ADD_EVIDENCE))]
Answered = Annotated[Submitted[EvaluationForm], Depends(submitted(EvaluationForm))]
Claimed = Annotated[Submitted[EvaluationPieceForm], Depends(submitted(EvaluationPieceForm))]
FormKey = Literal["day", "follow_up"]
WORDS = {"day": {"words": "What you take from it"}, "follow_up": {"words": "What changed"}}
DONE = {"day": "Thank you. Your answer is kept.", "follow_up": "Thank you. Your answer is kept."}
NOT_DRAWN = "The certificate could not be drawn just now. Nothing is lost: try again in a minute."


@one.get("/after", name="courses.after")
def after(page: PageDep, session: ReadSession, opened: Viewed, booking_id: UUID, done: str = "") -> Response:
    """Everything that follows a session, in one place."""
    booking, now = queries.booking_in(session, opened, booking_id), utc_now()
    own = Permission.BOOK_TRAINING in opened.may
    logged = training.made_with_key(session, opened, _log_key(booking)) if own else None
    return page(
        "courses/certificate_after.html",
        opened=opened,
        booking=booking,
        certificate=certificates.standing_of(session, booking),
        attended=state_of(booking) in ASKED,
        materials=materials.for_attender(session, booking, now),
        forms=evaluations.forms_of(session, booking, now) if own else [],
        pieces=evaluations.pieces_of(session, booking) if own else {},
        own=own,
        logged=logged,
        said=DONE.get(done, ""),
    )


@one.get("/certificate.pdf", name="courses.certificate")
def certificate_pdf(session: ReadSession, opened: Viewed, booking_id: UUID) -> Response:
    """The certificate that stands. One that was withheld, or withdrawn later, is not there."""
    booking = queries.booking_in(session, opened, booking_id)
    found = certificates.standing_of(session, booking)
    if found.row is None or not found.issued:
        raise NotFound
    try:
        data = certificates.pdf(booking, found.row, certificates.provider_name(session, booking.provider_id))
    except Stopped:
        raise Refused(NOT_DRAWN) from None
    headers = {
        "Content-Disposition": f'attachment; filename="certificate-{found.row.number}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type="application/pdf", headers=headers)


@one.get("/evaluation/{form_name}", name="courses.evaluation")
def evaluation(
    page: PageDep, session: ReadSession, opened: Own, booking_id: UUID, form_name: FormKey
) -> Response:
    booking = queries.booking_in(session, opened, booking_id)
    given = evaluations.form_of(session, booking, form_name, utc_now()).answer
    return _form_page(page, session, opened, booking, form_name, from_answer(given) if given else empty())


@one.post("/evaluation/{form_name}", name="courses.evaluate")
def evaluate(
    form: Answered, page: PageDep, session: WriteSession, opened: Own, booking_id: UUID, form_name: FormKey
) -> Response:
    """Answer once. Sent twice, it stands once."""
    booking, now = queries.booking_in(session, opened, booking_id), utc_now()
    found = checking.found_in_form(session, opened, form, WORDS[form_name])
    if form.value is not None:
        given, key = answer_in(form.value, evaluations.FORMS[form_name]), form.value.form_key
        for field, sentence in rules.missing(given).items():
            form.refuse(field, sentence)
        if not checking.stopped(form, found) and form.value is not None:
            try:
                row = evaluations.answer(session, opened, booking, form_name, given, form_key=key, now=now)
                checking.keep_once(session, opened, "evaluation_answer", row.id, found, now=now)
            except Refused as refusal:
                if isinstance(refusal, SentBefore):
                    form.typed.pop("form_key", None)
                form.refuse("", refusal.reason)
    if form.errors:
        return _form_page(page, session, opened, booking, form_name, form, status=422)
    return page.go_to(
        "courses.after", query={"done": form_name}, apprenticeship_id=opened.id, booking_id=booking.id
    )


def _form_page(
    page: Page,
    session: Session,
    opened: Opened,
    booking: Booking,
    form_name: str,
    form: Submitted[Any],
    status: int = 200,
) -> Response:
    found = evaluations.form_of(session, booking, form_name, utc_now())
    kept = (
        findings.shown_in(session, {found.answer.id: {"words": found.answer.words}}) if found.answer else {}
    )
    offered, taught = evaluations.suggested(opened), evaluations.of_course(opened, booking)
    return page(
        "courses/evaluation.html",
        fragment="evaluation",
        status=status,
        opened=opened,
        booking=booking,
        found=found,
        kept=kept,
        form=form,
        key=new_form_key(),
        piece=evaluations.pieces_of(session, booking).get(form_name),
        taught=[opened.standard.item(code) for code in taught],
        offered=[opened.standard.item(code) for code in offered if code not in taught],
    )


@one.post("/evaluation/{form_name}/evidence", name="courses.make_evidence")
def make_evidence(
    form: Claimed,
    page: PageDep,
    session: WriteSession,
    opened: Making,
    request: Request,
    booking_id: UUID,
    form_name: FormKey,
) -> Response:
    """A draft of evidence from what was said; it opens to be looked through and submitted."""
    booking = queries.booking_in(session, opened, booking_id)
    evidence_id = evaluations.make_piece(
        session,
        opened,
        booking,
        form_name,
        form.value.claim if form.value else (),
        most_files=request.app.state.settings.files_per_piece,
        now=utc_now(),
    )
    return page.go_to("evidence.show", apprenticeship_id=opened.id, evidence_id=evidence_id)


@one.get("/log", name="courses.log")
def log(page: PageDep, session: ReadSession, opened: Logging, booking_id: UUID) -> Response:
    """A new entry of the training log, filled in from what was attended; its owner looks it over and saves it."""
    booking, now = queries.booking_in(session, opened, booking_id), utc_now()
    if state_of(booking) not in ASKED:
        raise Refused("Attendance is not recorded, so there is nothing to put into the training log yet.")
    made = training.made_with_key(session, opened, _log_key(booking))
    if made is not None:
        return page.go_to("training.show", apprenticeship_id=opened.id, entry_id=made.id)
    if closed := training.log_of(session, opened, london_day(now)).closed:
        raise Refused(closed)
    return form_page(page, session, opened, _entry(session, opened, booking))


def _log_key(booking: Booking) -> str:
    return f"booking-{booking.id.hex}"


def _entry(session: Session, opened: Opened, booking: Booking) -> Submitted[Any]:
    course, of = booking.session.course, booking.session
    minutes = course.minutes or round((of.ends_at - of.starts_at).total_seconds() / 60)
    hours, rest = hours_and_minutes(minutes)
    found = certificates.standing_of(session, booking)
    return filled(
        day=london_day(of.starts_at),
        hours=hours,
        minutes=rest,
        what=course.title,
        given_by="The training provider",  # a name would be asked about: many sound like a school
        certificate=found.row.number if found.row is not None and found.issued else "",
        activity="course",
        statements=evaluations.of_course(opened, booking),
        level=f"{course.framework_id}:{course.level_id}" if course.framework_id and course.level_id else "",
        english_maths="no",
        assessment_or_review="no",
        counts=True,
        form_key=_log_key(booking),
    )


router.include_router(one)
router.include_router(after_provider.router)
