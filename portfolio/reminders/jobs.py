"""The weekly digests, in the background: planned every morning, in pages of people, and sent one by one.

- `reminders.plan`, once a day from seven in London: a page of people for each provider. Days of this week on which no
  worker ran are made up for, and digests that could not leave in the last days are tried anew.
- `reminders.page`: five hundred people of a provider; a job for each who has something to be told, spread over a
  minute, so that other jobs get their turn between them; then the next page.
- `reminders.send`: counts what waits *now*, sends it, and notes it.

**How often a digest arrives.** The key of a job names the person and the week, and the row that is noted is unique by
both, so it is planned once. It is sent first and noted then: a crash (or a lost answer of the mail server) between the
two makes it leave once more, with the same Message-ID, so that mail programs show it once. Noted first, a crash would
lose it without a trace. So: at least once, and a duplicate for each crash in that moment at most.
"""

from __future__ import annotations

import logging
import time
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import narrow
from portfolio.jobs import actions as jobs
from portfolio.jobs.models import Job
from portfolio.jobs.work import GiveUp, Handler, Payload, Recurring, Work
from portfolio.people import mail
from portfolio.people.mail import AddressRefused, Delivery, Letter, NotSent
from portfolio.people.models import Person
from portfolio.reminders import actions, letters, queries_people, rules
from portfolio.reminders.queries_training import everything_for
from portfolio.reminders.rules import Limits, Said
from portfolio.settings import Settings
from portfolio.web.formats import london_day

logger = logging.getLogger("portfolio.reminders")
PLAN, PAGE, SEND = "reminders.plan", "reminders.page", "reminders.send"
PAGE_TAKES = timedelta(minutes=1)
SILENCE = timedelta(minutes=1)
"""After a server that let us wait until we gave up, nobody asks it again for so long: jobs of others would wait, too."""
_silent_until: dict[tuple[str, int], datetime] = {}


def limits_of(settings: Settings) -> Limits:
    return Limits(settings.at_risk_after_quiet_days, settings.reminder_long_wait_days)


def plan(work: Work, payload: Payload) -> None:
    """A first page for each provider and day. Without any mail set up there is nothing to plan."""
    if mail.open_mailer(work.settings).reached is Delivery.FAILED:
        return
    today = date.fromisoformat(payload["period"])
    with work.database.writing() as session:
        for day in rules.days_to_plan(today, _planned(session)):
            for provider_id in queries_people.providers_with_people(session):
                _add_page(session, work.now, day, provider_id)
        since = work.now - timedelta(days=rules.LATE_DAYS)
        jobs.retry_dead(session, SEND, error=NotSent.__name__, since=since, now=work.now)
        actions.forget_old(session, work.now)


def _planned(session: Session) -> set[date]:
    keys = session.scalars(select(Job.key).where(Job.kind == PLAN, Job.key.is_not(None)))
    return {date.fromisoformat(str(key).removeprefix(f"{PLAN}:")) for key in keys}


def _add_page(
    session: Session, at: datetime, day: date, provider_id: UUID, after: UUID | None = None
) -> None:
    jobs.enqueue(
        session,
        PAGE,
        now=at,
        key=f"{PAGE}:{day}:{provider_id}" + (f":{after}" if after else ""),
        day=day.isoformat(),
        provider=str(provider_id),
        after=str(after) if after else None,
    )


def page(work: Work, payload: Payload) -> None:
    """A job for each of these people who has something to be told, and the next page."""
    day, provider_id = date.fromisoformat(payload["day"]), UUID(payload["provider"])
    after = UUID(payload["after"]) if payload["after"] else None
    with work.database.reading() as session:
        narrow(session, [provider_id])
        people = queries_people.recipients(session, provider_id, day, after)
        limits, today = limits_of(work.settings), london_day(work.now)
        ids = [person_id for person_id, _ in people]
        facts = everything_for(session, work.catalogue, ids, limits, work.now)
        told = [one for one, choice in people if rules.digest(facts[one], choice, limits, today)]
    with work.database.writing() as session:
        for place, person_id in enumerate(told):
            run_at = work.now + place * PAGE_TAKES / queries_people.PAGE
            _add_send(session, work.now, run_at, day, person_id)
        if len(people) == queries_people.PAGE:
            _add_page(session, work.now + PAGE_TAKES, day, provider_id, ids[-1])


def _add_send(session: Session, now: datetime, run_at: datetime, day: date, person_id: UUID) -> None:
    key = f"{SEND}:{rules.week_of(day)}:{person_id}"
    jobs.enqueue(session, SEND, now=now, run_at=run_at, key=key, day=day.isoformat(), person=str(person_id))


def send(work: Work, payload: Payload) -> None:
    """The digest of one person, if there still is something to say and they still want it."""
    day, person_id = date.fromisoformat(payload["day"]), UUID(payload["person"])
    if (london_day(work.now) - day).days > rules.LATE_DAYS:
        return  # the next one says all that still waits
    week = rules.week_of(day)
    with work.database.reading() as session:
        if queries_people.was_sent(session, person_id, week):
            return  # sent and noted, but the worker died before it could say so
        person = queries_people.recipient(session, person_id)
        said = what_to_say(work, session, person) if person is not None else []
    if person is None or not said:
        return
    delivery = post(work, letters.digest(work.settings, person, week, said))
    with work.database.writing() as session:
        actions.note_sent(session, person_id, week, said, delivery, work.now)


def what_to_say(work: Work, session: Session, person: Person) -> list[Said]:
    """From here on the session sees what this person's providers hold, and no more."""
    narrow(session, queries_people.providers_of(session, person.id), person.id)
    limits = limits_of(work.settings)
    facts = everything_for(session, work.catalogue, [person.id], limits, work.now)[person.id]
    choice = queries_people.choice_of(session, person.id)
    return rules.digest(facts, choice, limits, london_day(work.now))


def post(work: Work, letter: Letter) -> Delivery:
    settings, started = work.settings, time.monotonic()
    server = (settings.smtp_host, settings.smtp_port)
    until = _silent_until.get(server, work.now)
    if until - SILENCE <= work.now < until:  # a clock that was set back does not make it longer
        raise NotSent("silent")
    mailer = mail.open_mailer(settings)
    try:
        mailer.send(letter, work.now)
    except AddressRefused:
        raise GiveUp("address_refused") from None
    except NotSent as error:
        logger.warning("mail.not_sent", extra={"kind": str(error).replace(" ", "_")})
        if time.monotonic() - started > settings.smtp_timeout_seconds / 2:
            _silent_until[server] = work.now + SILENCE
        raise
    return mailer.reached


HANDLERS: dict[str, Handler] = {PLAN: plan, PAGE: page, SEND: send}
RECURRING = [Recurring(PLAN, rules.plan_period)]
