"""The identity check of what an assessor writes: what is missing, and why a decision is superseded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.assessment.models import Decision
from portfolio.evidence.models import Evidence
from portfolio.findings import checking
from portfolio.findings.rules import Checked, Found
from portfolio.web.forms import Submitted

MISSING = "missing-"


def found_in(session: Session, opened: Opened, form: Submitted[Any], codes: Iterable[str]) -> list[Found]:
    """In what is missing for each of these items, and in the reason to supersede."""
    labels = {code: opened.standard.item(code).label for code in codes}
    texts = [
        Checked(f"{MISSING}{code}", f"{label}, what is missing", form.text(f"{MISSING}{code}").strip())
        for code, label in labels.items()
        if form.text(f"outcome-{code}") != "covered"
    ]
    texts.append(Checked("reason", "Why it is superseded", form.text("reason").strip()))
    return checking.found_in(session, opened, texts, checking.reasons_in(form))


def keep(
    session: Session,
    opened: Opened,
    evidence: Evidence,
    form_key: str,
    found: Iterable[Found],
    *,
    now: datetime,
) -> None:
    """Beside each decision that was recorded from the page with this key, what was kept in its words."""
    kept = [one for one in found if one.reason]
    mine = (Decision.form_key == form_key, Decision.decided_by_id == opened.viewer.person_id)
    rows = session.scalars(select(Decision).where(Decision.evidence_id == evidence.id, *mine)) if kept else ()
    for decision in rows:
        words = [one for one in kept if one.field in ("reason", f"{MISSING}{decision.item_code}")]
        own = [replace(one, field=one.field.partition("-")[0]) for one in words]
        checking.keep_once(session, opened, "decision", decision.id, own, now=now)
