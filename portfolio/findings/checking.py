"""The check of one form: what is found stands beside its field, and the reasons that came along keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.findings import actions, queries, rules
from portfolio.findings.models import KeptFinding
from portfolio.findings.rules import Checked, Found, Reasons
from portfolio.web.forms import Submitted


def reasons_in(form: Submitted[Any]) -> dict[tuple[str, str], str]:
    """Why things stay, as it came with this form."""
    return rules.reasons_given(form.all("kept_field"), form.all("kept_words"), form.all("kept_reason"))


def found_in(
    session: Session,
    opened: Opened,
    texts: Sequence[Checked],
    reasons: Reasons,
    *,
    more: Sequence[Found] = (),
    kept: Sequence[KeptFinding] = (),
) -> list[Found]:
    """What may identify somebody in these texts, each with its reason if there is one: as it came with the form, or
    as it was `kept` before. `more`: found elsewhere."""
    if not more and not any(one.text for one in texts):
        return []
    found = [*rules.look(texts, queries.known_for(session, opened)), *more]
    return rules.with_reasons(found, queries.reasons_of(kept, found) | dict(reasons))


def found_in_form(
    session: Session, opened: Opened, form: Submitted[Any], labels: Mapping[str, str]
) -> list[Found]:
    """What may identify somebody in these fields of a form, each with the reason that came along. `labels`: what stands
    above each field."""
    texts = [Checked(name, label, form.text(name).strip()) for name, label in labels.items()]
    return found_in(session, opened, texts, reasons_in(form))


def show_kept(
    session: Session, opened: Opened, record_id: UUID, form: Submitted[Any], labels: Mapping[str, str]
) -> None:
    """Beside each of these fields what was kept in this record before, with the reason."""
    if kept := queries.kept_in(session, [record_id]).get(record_id, []):
        texts = [Checked(name, label, form.text(name).strip()) for name, label in labels.items()]
        show_beside(form, [one for one in found_in(session, opened, texts, {}, kept=kept) if one.reason])


def left_out(session: Session, at: Apprenticeship, text: str) -> str:
    """A note about this portfolio without what may identify somebody: where asking first would keep people waiting."""
    found = rules.look([Checked("", "", text)], queries.known_in(session, at)) if text else ()
    return rules.left_out(text, found)


def show_beside(form: Submitted[Any], found: Sequence[Found]) -> None:
    """Put each beside its field, to be changed or kept with a reason."""
    form.found = {}
    for one in found:
        form.found.setdefault(one.field, []).append(one)


def stopped(form: Submitted[Any], found: Sequence[Found]) -> bool:
    """Whether something has no reason yet: then it is said beside its field and in the summary, and asked for."""
    missing = rules.open_ones(found)
    if missing:
        show_beside(form, found)
        for field, sentence in rules.sentences(missing).items():
            form.errors.setdefault(field, sentence)
    return bool(missing)


def keep_once(
    session: Session, opened: Opened, about: str, record_id: UUID, found: Sequence[Found], *, now: datetime
) -> None:
    """The same for what is never changed: sent again with other reasons, the first stand."""
    if not queries.kept_in(session, [record_id]):
        keep(session, opened, about, record_id, found, now=now)


def keep(
    session: Session, opened: Opened, about: str, record_id: UUID, found: Sequence[Found], *, now: datetime
) -> None:
    """What stays in this record, with its reasons."""
    by, provider_id = opened.viewer.person_id, opened.apprenticeship.provider_id
    actions.keep(session, about, record_id, found, provider_id=provider_id, by=by, now=now)
