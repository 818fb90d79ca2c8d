"""Confirm, refuse, add and take back links, for the provider. What stands already is not written again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.framework import Framework
from kbs.statements import Standard
from portfolio.audit import actions as audit
from portfolio.frameworks.links import Link, LinkState, links_for
from portfolio.frameworks.links_models import ConfirmedLink
from portfolio.refusals import Refused

CONFIRM, REFUSE, WITHDRAW = "confirmed", "refused", "withdrawn"
OUTCOMES = (CONFIRM, REFUSE, WITHDRAW)
STANDS = {CONFIRM: LinkState.CONFIRMED, REFUSE: LinkState.REFUSED}


def say(
    session: Session,
    provider_id: UUID,
    standard: Standard,
    framework: Framework,
    competency_id: str,
    codes: Sequence[str],
    outcome: str,
    *,
    by: UUID,
    now: datetime,
) -> int:
    """Answer these links of one competency. Returns how many were written: the same answer again writes none.

    Raises Refused for a statement that the standard does not have."""
    known = {
        one.code: one for one in links_for(session, provider_id, standard, framework).get(competency_id, ())
    }
    if strange := [code for code in codes if code not in standard.codes and code not in known]:
        raise Refused(
            f"{', '.join(strange)}: not a statement of {standard.reference} version {standard.version}."
        )
    written = [code for code in dict.fromkeys(codes) if _differs(known.get(code), outcome)]
    for code in written:
        row = ConfirmedLink(
            provider_id=provider_id,
            standard_reference=standard.reference,
            standard_version=standard.version,
            framework_id=framework.id,
            competency_id=competency_id,
            code=code,
            outcome=outcome,
            by_id=by,
            at=now,
        )
        session.add(row)
        session.flush()
        audit.record(
            session,
            f"link.{outcome}",
            by=by,
            now=now,
            record="confirmed_link",
            record_id=row.id,
            provider_id=provider_id,
            framework=framework.id,
            competency=competency_id,
            code=code,
        )
    return len(written)


def _differs(link: Link | None, outcome: str) -> bool:
    """Whether this answer changes how a link stands. Only what somebody confirmed or refused can be taken back, and
    only what is linked can be refused."""
    if outcome == WITHDRAW:
        return link is not None and link.state is not LinkState.SUGGESTED
    if outcome == REFUSE and link is None:
        return False
    return link is None or link.state is not STANDS[outcome]
