"""Where all background work is joined: what can be done, what recurs, and the worker that does it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI

from portfolio.courses import jobs as courses
from portfolio.evidence import jobs as evidence
from portfolio.jobs.work import Handler, Recurring, Work
from portfolio.jobs.worker import Worker
from portfolio.ledger import jobs as ledger
from portfolio.objects import jobs as objects
from portfolio.people import jobs as people
from portfolio.preparation import jobs as preparation
from portfolio.reminders import evaluations, offers
from portfolio.reminders import jobs as reminders
from portfolio.safekeeping import jobs as safekeeping
from portfolio.slips import jobs as slips
from portfolio.uploads import jobs as uploads
from portfolio.web.formats import utc_now


def handlers() -> Mapping[str, Handler]:
    """Every kind of job, with what does it."""
    return {
        **objects.HANDLERS,
        **ledger.HANDLERS,
        **evidence.HANDLERS,
        **preparation.HANDLERS,
        **people.HANDLERS,
        **reminders.HANDLERS,
        **evaluations.HANDLERS,
        **offers.HANDLERS,
        **courses.HANDLERS,
        **safekeeping.HANDLERS,
        **slips.HANDLERS,
        **uploads.HANDLERS,
    }


def recurring() -> list[Recurring]:
    """Every job that the clock asks for."""
    return [
        *objects.RECURRING,
        *ledger.RECURRING,
        *preparation.RECURRING,
        *reminders.RECURRING,
        *evaluations.RECURRING,
        *courses.RECURRING,
        *uploads.RECURRING,
    ]


def make_worker(app: FastAPI) -> Worker:
    """A worker over the same database, store and settings as the pages."""
    state = app.state
    work = Work(state.database, state.store, state.settings, state.catalogue, utc_now())
    return Worker(work, handlers(), recurring(), utc_now)
