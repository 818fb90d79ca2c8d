"""Telling people that something waits for them, without a word of what it is; and the last traces of what was purged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.jobs.actions import enqueue
from portfolio.jobs.work import GiveUp, Handler, Payload, Work
from portfolio.people import mail
from portfolio.people.letters import address
from portfolio.people.mail import AddressRefused, Letter
from portfolio.people.models import Person
from portfolio.sealing.models import Slip
from portfolio.slips import queries
from portfolio.web.formats import moment_words

TELL, TIDY = "slips.tell", "slips.tidy_up"
LAY = "slips.lay_beside_backups"
"""Done by `safekeeping.jobs`, which knows where backups are kept."""
NO_LEAD = (
    "Nobody is named as confidentiality lead yet, and nobody else can look at it or open it again. Give one or two "
    "managers the right “Confidentiality lead” on the page of people:"
)


def tell(session: Session, slip: Slip, what: str, people: Iterable[UUID], *, now: datetime) -> None:
    """A letter for each of these people after the commit."""
    for person_id in people:
        key = f"{TELL}:{slip.id}:{what}:{person_id}"
        enqueue(session, TELL, now=now, key=key, slip=str(slip.id), what=what, person=str(person_id))


def tidy_up(session: Session, slip: Slip, *, now: datetime) -> None:
    """After the commit: let go of the pages of the database that held what was purged, and lay the tombstone beside
    the backups."""
    enqueue(session, TIDY, now=now, key=f"{TIDY}:{slip.id}")
    enqueue(session, LAY, now=now, key=f"{LAY}:{slip.id}", slip=str(slip.id))


def send(work: Work, payload: Payload) -> None:
    with work.database.reading() as session:
        slip = session.get(Slip, UUID(payload["slip"]))
        person = session.get(Person, UUID(payload["person"]))
        no_lead = slip is not None and not queries.leads(session, slip.provider_id)
    if slip is None or person is None:
        return
    try:
        mail.open_mailer(work.settings).send(_letter(work, slip, person, payload["what"], no_lead), work.now)
    except AddressRefused as error:
        raise GiveUp("address_refused") from error


def _letter(work: Work, slip: Slip, person: Person, what: str, no_lead: bool) -> Letter:
    page = f"/providers/{slip.provider_id}/slips/{slip.id}"
    piece = f"/apprenticeships/{slip.apprenticeship_id}/evidence/{slip.evidence_id}"
    when = moment_words(slip.reported_at)
    subject, said, path = {
        "reported": (
            "A piece was reported: it may identify somebody",
            f"It was reported on {when}, and is closed for everybody since. Look at it here:",
            page,
        ),
        "purge_asked": (
            "A purge needs your agreement",
            "The other confidentiality lead wants a piece purged for good. It needs you as the second person:",
            page,
        ),
        "asked": (
            "A cleaned version of a piece is asked for",
            (
                "A piece of yours may identify somebody, and is closed. Make a version of it without that. Why, and how, "
                "stands here:"
            ),
            piece,
        ),
        "purged": (
            "A piece was removed for good",
            (
                "A piece of an apprentice whom you assess identified somebody and was removed. If you signed anything off "
                "on its strength, that stands until you take it back. Look at it here:"
            ),
            piece,
        ),
    }[what]
    if what == "reported" and no_lead:
        said, path = NO_LEAD, f"/providers/{slip.provider_id}/people"
    text = "\n\n".join([f"Hello {person.name},", said, address(work.settings, path), "KSB Portfolio"])
    return Letter(person.name, person.email, subject, text + "\n")


def tidy(work: Work, payload: Payload) -> None:
    """SQLite writes changes beside its file first; what was purged is overwritten in the file itself, and this empties
    what stands beside it. PostgreSQL does so by itself (autovacuum, and its log as it is recycled)."""
    if not work.database.is_sqlite:
        return
    with work.database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]  # type: ignore[union-attr]
    if busy:
        raise RuntimeError("somebody still reads what stands beside the database file")


HANDLERS: dict[str, Handler] = {TELL: send, TIDY: tidy}
