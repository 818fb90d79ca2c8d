"""The identity check of what is written about a member of staff. That person and whoever writes may be named; the
employer's own words are looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.access import Viewer
from portfolio.findings import actions, queries, rules
from portfolio.findings.checking import reasons_in
from portfolio.findings.rules import Checked, Found
from portfolio.identities.rules import Known
from portfolio.staff.models import StaffChoice, StaffLearning, StaffMember
from portfolio.web.forms import Submitted


def found_in_form(
    session: Session, member: StaffMember, viewer: Viewer, form: Submitted[Any], labels: Mapping[str, str]
) -> Sequence[Found]:
    """What may identify somebody else in these fields, each with the reason that came along."""
    known = Known((member.name, viewer.name), queries.words_of(session, member.employer_id))
    texts = [Checked(name, label, form.text(name).strip()) for name, label in labels.items()]
    return rules.with_reasons(rules.look(texts, known), reasons_in(form))


def keep_once(
    session: Session, row: StaffChoice | StaffLearning, found: Sequence[Found], *, by: UUID, now: datetime
) -> None:
    """What stays, with its reasons. Sent again with other reasons, the first stand."""
    if not queries.kept_in(session, [row.id]):
        provider_id = row.provider_id
        actions.keep(session, row.__tablename__, row.id, found, provider_id=provider_id, by=by, now=now)
