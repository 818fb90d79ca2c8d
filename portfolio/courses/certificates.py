"""Certificates of attendance: how each stands, deciding on them, and the data of the PDF.

What attendance alone says is a rule (`portfolio.training.rules.certificate`). Somebody at the provider puts it on
record, for a whole session in one step or for one person with a reason; the newest record of a booking stands."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.audit import actions as audit
from portfolio.courses import certificate_pdf
from portfolio.courses.after_models import Certificate
from portfolio.courses.models import Booking, CourseSession
from portfolio.courses.standing import state_of
from portfolio.evidence.queries import take_turn
from portfolio.people.models import Provider
from portfolio.refusals import Refused
from portfolio.training.rules import certificate as rules
from portfolio.training.rules.booking import ATTENDANCE, State
from portfolio.training.rules.certificate import Outcome, TrainersWord
from portfolio.training.rules.words import length
from portfolio.web.formats import date_words, london_day
from storage.limited import in_child

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""None that is taken for another when it is read out."""
OWN = "Nobody decides about their own certificate. Ask another manager."
KINDS = {one.value: one for one in rules.Certificate}


@dataclass(frozen=True)
class Standing:
    """One attended booking on the page of its session. `row`: what is on record, or None."""

    booking: Booking
    row: Certificate | None

    @property
    def rule(self) -> Outcome:
        """What attendance alone says."""
        return rules.certificate(state_of(self.booking))

    @property
    def fits(self) -> bool:
        """Whether what is on record follows from attendance as it stands now. What a trainer decided always does,
        but for somebody who was not there at all."""
        if self.row is None:
            return False
        if self.row.by_trainer and state_of(self.booking) is not State.NONE:
            return True
        return self.row.outcome == self.rule.certificate.value

    @property
    def decides(self) -> bool:
        """Whether a step for the whole session has something to record here."""
        return state_of(self.booking) in ATTENDANCE and not self.fits

    @property
    def issued(self) -> bool:
        return self.fits and self.row is not None and self.row.outcome == rules.Certificate.ISSUED.value


def of_session(session: Session, session_id: UUID) -> list[Standing]:
    """Everybody whose attendance is recorded, by name, in two queries."""
    attended = session.scalars(
        select(Booking)
        .where(Booking.session_id == session_id, Booking.state.in_([one.name.lower() for one in ATTENDANCE]))
        .options(joinedload(Booking.person))
    ).all()
    rows = standing(session, [one.id for one in attended])
    found = [Standing(one, rows.get(one.id)) for one in attended]
    return sorted(found, key=lambda one: (one.booking.person.name.casefold(), one.booking.id))


def standing(session: Session, booking_ids: Iterable[UUID]) -> Mapping[UUID, Certificate]:
    """The newest record of each of these bookings, in one query."""
    rows = session.scalars(
        select(Certificate)
        .where(Certificate.booking_id.in_(list(booking_ids)))
        .options(joinedload(Certificate.by))
        .order_by(Certificate.id)
    )
    return {one.booking_id: one for one in rows}


def standing_of(session: Session, booking: Booking) -> Standing:
    return Standing(booking, standing(session, [booking.id]).get(booking.id))


def issued_among(session: Session, booking_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Of these bookings those with a certificate that was issued: their attendance is not corrected under it."""
    rows = standing(session, booking_ids)
    return frozenset(key for key, row in rows.items() if row.outcome == rules.Certificate.ISSUED.value)


def record_attendance(session: Session, session_id: UUID, *, by: UUID, now: datetime) -> tuple[int, int]:
    """Put on record what attendance says, for everybody of a session for whom it does not stand there yet: how many
    were issued and withheld. Done twice it is done once. Nobody's own is decided by themselves."""
    for at in sorted({one.booking.apprenticeship_id for one in of_session(session, session_id)}):
        take_turn(session, at)
    made = {"issued": 0, "withheld": 0}
    for one in of_session(session, session_id):
        if one.decides and one.booking.person_id != by:
            row = _add(session, one.booking, one.rule, by=by, now=now)
            made[row.outcome] += 1
    return made["issued"], made["withheld"]


def decide(session: Session, booking: Booking, word: TrainersWord, *, by: UUID, now: datetime) -> Certificate:
    """The trainer's decision on one certificate. What stands already is not recorded again. Raises Refused."""
    take_turn(session, booking.apprenticeship_id)
    session.refresh(booking)
    if booking.person_id == by:
        raise Refused(OWN)
    state = state_of(booking)
    if reason := rules.refusal_of_word(state, word):
        raise Refused(reason)
    outcome = rules.certificate(state, word)
    one = standing_of(session, booking)
    same = one.row is not None and one.fits and one.row.outcome == outcome.certificate.value
    if one.row is not None and same and (one.issued or one.row.reason == outcome.reason):
        return one.row
    return _add(session, booking, outcome, by=by, now=now)


def _add(session: Session, booking: Booking, outcome: Outcome, *, by: UUID, now: datetime) -> Certificate:
    row = Certificate(
        provider_id=booking.provider_id,
        apprenticeship_id=booking.apprenticeship_id,
        booking_id=booking.id,
        outcome=outcome.certificate.value,
        reason=outcome.reason,
        by_trainer=outcome.by_trainer,
        number=new_number(now),
        by_id=by,
        at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        f"course.certificate_{row.outcome}",
        by=by,
        now=now,
        record="certificate",
        record_id=row.id,
        provider_id=row.provider_id,
        apprenticeship_id=row.apprenticeship_id,
        booking_id=str(booking.id),
        by_trainer=row.by_trainer,
    )
    return row


def new_number(now: datetime) -> str:
    """ "2026-K7QM-3XWD": nobody guesses one."""
    first, second = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(2))
    return f"{london_day(now).year}-{first}-{second}"


def data_of(booking: Booking, row: Certificate, provider: str) -> dict[str, Any]:
    """What the PDF says. The booking comes with its person, session and course."""
    of: CourseSession = booking.session
    course = of.course
    minutes = course.minutes or round((of.ends_at - of.starts_at).total_seconds() / 60)
    day, last = date_words(of.starts_at), date_words(of.ends_at)
    in_full = state_of(booking) is State.FULL
    facts: Sequence[tuple[str, str]] = [
        ("Day", day if day == last else f"{day} to {last}"),
        ("Length", length(minutes)),
        *([("Level", course.level)] if course.level else []),
        ("Provider", provider),
        ("Issued", date_words(row.at)),
        ("Certificate number", row.number),
    ]
    return {
        "title": f"Certificate of attendance: {course.title}",
        "provider": provider,
        "heading": "Certificate of attendance",
        "says": "This certifies that",
        "name": booking.person.name,
        "attended": "attended the whole session of" if in_full else "attended",
        "course": course.title,
        "facts": facts,
        "no_heading": "What this certificate is not",
        "no_qualification": (
            "It says that somebody was there and took part. It is no qualification, nothing was assessed for it, and "
            "it does not say that anybody is competent to do something."
        ),
        "check_heading": "How to check it",
        "check": f"Ask {provider} whether certificate number {row.number} stands: one can be withdrawn later.",
    }


def provider_name(session: Session, provider_id: UUID) -> str:
    return session.scalars(select(Provider.name).where(Provider.id == provider_id)).one()


def pdf(booking: Booking, row: Certificate, provider: str) -> bytes:
    """The certificate as a file. Raises `storage.limited.Stopped`."""
    data = json.dumps(data_of(booking, row, provider))
    return base64.b64decode(in_child(certificate_pdf.draw, data, int(row.at.timestamp()))["pdf"])
