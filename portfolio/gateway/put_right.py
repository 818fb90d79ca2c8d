"""Where each open requirement is put right: the page to go to, for those who may do it there. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from portfolio.access import Permission
from portfolio.gateway.facts import Party

P = Permission
PARTY_PERMISSIONS = {
    Party.APPRENTICE: P.DECLARE_AS_APPRENTICE,
    Party.EMPLOYER: P.DECLARE_AS_EMPLOYER,
    Party.PROVIDER: P.DECLARE_AS_PROVIDER,
}


@dataclass(frozen=True)
class Way:
    """A link: its words, the route it goes to, and what that route takes besides the apprenticeship."""

    label: str
    route: str
    takes: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class _Offer:
    requirement: str
    needs: P
    way: Way
    when_open: bool = False
    """Offered only while the requirement is open."""


_OFFERS = (
    _Offer("dbs", P.VIEW_DBS_DETAIL, Way("The DBS record", "gateway.dbs")),
    _Offer("dbs", P.RECORD_DBS, Way("Record a DBS check", "gateway.dbs_form")),
    _Offer("english", P.RECORD_QUALIFICATIONS, Way("Record English", "gateway.qualification", {"subject": "english"})),
    _Offer("maths", P.RECORD_QUALIFICATIONS, Way("Record maths", "gateway.qualification", {"subject": "maths"})),
    _Offer("english", P.VIEW_SUPPORT_STATUS, Way("Plan or statement status", "gateway.support")),
    _Offer("maths", P.VIEW_SUPPORT_STATUS, Way("Plan or statement status", "gateway.support")),
    _Offer("statements", P.VIEW_PORTFOLIO, Way("Open the statement map", "coverage.map"), when_open=True),
    _Offer("duties", P.VIEW_PORTFOLIO, Way("Open the duty list", "coverage.map"), when_open=True),
    _Offer("evidence_declarations", P.VIEW_PORTFOLIO, Way("Open the evidence", "evidence.list"), when_open=True),
    _Offer("time_on_programme", P.MANAGE_APPRENTICESHIP, Way("Dates and breaks", "apprenticeships.show"), when_open=True),
    _Offer("off_the_job", P.VIEW_PORTFOLIO, Way("Open the training log", "training.log")),
    _Offer("off_the_job", P.MANAGE_APPRENTICESHIP, Way("The plan of hours", "training.plan"), when_open=True),
    *(
        _Offer(f"declaration_{party}", permission, Way("Read and declare", "gateway.declaration", {"party": party.value}), when_open=True)
        for party, permission in PARTY_PERMISSIONS.items()
    ),
)  # fmt: skip


def ways(requirement: str, may: Collection[P], *, is_open: bool) -> list[Way]:
    """What this viewer can do about a requirement, most telling first."""
    return [
        offer.way
        for offer in _OFFERS
        if offer.requirement == requirement and offer.needs in may and (is_open or not offer.when_open)
    ]
