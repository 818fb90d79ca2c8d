"""What a report measures with: today's rules with the lines drawn by the settings, the standards, their words."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.statements import Standard
from portfolio.cohorts import queries
from portfolio.cohorts.rules import Limits
from portfolio.cohorts.scope import Scope
from portfolio.cohorts.standing import StandingSql
from portfolio.web.formats import london_day, utc_now
from portfolio.web.page import Page


def rules_of_today(page: Page) -> StandingSql:
    """The rules as of today in London."""
    settings = page.request.app.state.settings
    limits = Limits.from_settings(
        settings.behind_below, settings.at_risk_below, settings.at_risk_after_quiet_days
    )
    return StandingSql(london_day(utc_now()).toordinal(), limits)


def catalogue_of(page: Page) -> Catalogue:
    catalogue: Catalogue = page.request.app.state.catalogue
    return catalogue


def standards_of(page: Page, session: Session, scope: Scope) -> list[Standard]:
    """The standard versions that the cohorts of this report are on."""
    return [catalogue_of(page).get(*key) for key in queries.standards_of(session, scope)]


def gateway_word(page: Page, standards: list[Standard]) -> str:
    """What the version of the assessment plan calls the gateway; of several, what the last one does."""
    standard = standards[-1] if standards else catalogue_of(page).default()
    return standard.words.gateway
