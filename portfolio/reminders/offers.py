"""The letter to whoever is offered a place from a waiting list, in the background.

- `offers.tell`: a job for each offer, added in its transaction (`portfolio.courses.offers`). It looks again: a place
  that is taken, left or gone needs no letter any more.

The key of the job names the offer, so it is added once. It leaves first and is done then: at least once, and a crash
between the two makes it leave again with the same Message-ID. Who has stopped the digests gets none of these either:
their home page shows the offer. No course, no place and nobody else is named in it.
"""

from __future__ import annotations

from uuid import UUID

from portfolio.courses.models import Booking
from portfolio.courses.offers import TELL, still_open
from portfolio.database import narrow
from portfolio.jobs.work import Handler, Payload, Work
from portfolio.people import mail
from portfolio.people.letters import address
from portfolio.people.mail import Delivery, Letter
from portfolio.people.models import Person
from portfolio.reminders import queries_people
from portfolio.reminders.jobs import post
from portfolio.reminders.letters import SETTINGS_PATH, STOP_PATH, list_headers
from portfolio.reminders.tokens import message_name, stop_token
from portfolio.settings import Settings
from portfolio.web.formats import moment_words

SUBJECT = "A place on a course is kept for you"


def tell(work: Work, payload: Payload) -> None:
    """The letter about one offer, if it still stands and its owner wants letters. Without any mail set up there is
    nothing to send."""
    if mail.open_mailer(work.settings).reached is Delivery.FAILED:
        return
    provider_id, step_id = UUID(payload["provider"]), UUID(payload["step"])
    with work.database.reading() as session:
        narrow(session, [provider_id])
        booking = still_open(session, step_id, work.now)
        person = queries_people.recipient(session, booking.person_id) if booking is not None else None
        if booking is None or person is None:
            return
        narrow(session, [provider_id], person.id)
        if not queries_people.choice_of(session, person.id).weekly:
            return
    post(work, letter(work.settings, person, booking, step_id))


def letter(settings: Settings, person: Person, booking: Booking, step_id: UUID) -> Letter:
    """No name in it but the receiver's."""
    page = f"/apprenticeships/{booking.apprenticeship_id}/bookings/{booking.id}"
    stop = address(settings, STOP_PATH + stop_token(settings, person.id))
    text = "\n\n".join(
        (
            f"Dear {' '.join(person.name.split())},",
            f"a place on a course you wait for is kept for you until {moment_words(booking.offer_until)}. "
            "Sign in to take or leave it:\n" + address(settings, page),
            "If you do nothing until then, it is offered to whoever is next.",
            f"Choose whether reminders come at all:\n{address(settings, SETTINGS_PATH)}",
            f"Stop them without signing in:\n{stop}",
            "KSB Portfolio",
        )
    )
    return Letter(
        person.name,
        person.email,
        SUBJECT,
        text + "\n",
        headers=list_headers(settings, stop),
        message_name=message_name(settings, person.id, f"offer:{step_id}"),
    )


HANDLERS: dict[str, Handler] = {TELL: tell}
