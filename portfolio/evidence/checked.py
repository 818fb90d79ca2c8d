"""The identity check of a piece: its texts, the notes on its claims, the names of its files and what was read in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.evidence.forms import Written
from portfolio.evidence.models import Evidence, EvidenceFile, EvidenceVersion
from portfolio.findings import actions, checking, queries
from portfolio.findings.models import FileReading, KeptFinding
from portfolio.findings.queries import Shown
from portfolio.findings.rules import FILE, READ, Checked, Found, Reasons
from portfolio.sightings.queries import Shown as Confirmed
from portfolio.web.forms import Submitted

LABELS = {
    "title": "Title",
    "what_happened": "What happened",
    "what_i_did": "What I did",
    "why": "Why I did it that way",
    "original_what": "What the original is",
    "original_kept_at": "Where the original is kept",
    "original_seen_by": "Who saw the original",
}
NOTE = "note_"


@dataclass(frozen=True)
class FileFindings:
    """One file of a draft: what its name may say, how far its text was read, and what was found in it."""

    file: EvidenceFile
    name: Sequence[Found]
    inside: Sequence[Found]
    reading: FileReading | None

    @property
    def any(self) -> bool:
        return bool(self.name or self.inside)

    @property
    def is_waiting(self) -> bool:
        return self.reading is not None and self.reading.state == "waiting"

    @property
    def is_unread(self) -> bool:
        return self.reading is not None and self.reading.state == "unread"

    @property
    def is_off(self) -> bool:
        return self.reading is not None and self.reading.state == "off"


def texts(said: EvidenceVersion | Written, notes: Mapping[str, str]) -> Iterator[Checked]:
    """All that was written in a form, field by field. `notes`: by code of the item."""
    for name, label in LABELS.items():
        yield Checked(name, label, getattr(said, name))
    for code, note in notes.items():
        yield Checked(f"{NOTE}{code}", f"The note on {code}", note)


def names(version: EvidenceVersion) -> Iterator[Checked]:
    for one in version.attachments:
        yield Checked(f"{FILE}{one.file.id}", "The name of a file", one.file.name, is_name=True)


def of_version(
    session: Session,
    opened: Opened,
    version: EvidenceVersion,
    reasons: Reasons,
    kept: Sequence[KeptFinding],
) -> list[Found]:
    """Everything found in a version as it stands, each with its reason if there is one."""
    inside = _inside(version, queries.readings_of(session, [one.file_id for one in version.attachments]))
    all_texts = [*texts(version, _notes(version)), *names(version)]
    return checking.found_in(session, opened, all_texts, reasons, more=inside, kept=kept)


def save_reasons(
    session: Session,
    opened: Opened,
    version: EvidenceVersion,
    form: Submitted[Any],
    *,
    always: bool,
    now: datetime,
) -> list[Found]:
    """Keep the reasons that came with the form of a draft, beside those it had. Without `always` only if there are
    any. What was found, to be shown or asked about."""
    reasons, kept = checking.reasons_in(form), _kept(session, version)
    if not reasons and not kept and not always:
        return []
    found = of_version(session, opened, version, reasons, kept)
    checking.keep(session, opened, "evidence_version", version.id, found, now=now)
    checking.show_beside(form, [one for one in found if one.reason])
    return found


def show_kept(session: Session, opened: Opened, version: EvidenceVersion, form: Submitted[Any]) -> None:
    """Beside each field what was kept in it before, with the reason."""
    if kept := _kept(session, version):
        found = checking.found_in(session, opened, [*texts(version, _notes(version))], {}, kept=kept)
        checking.show_beside(form, [one for one in found if one.reason])


def show_typed(session: Session, opened: Opened, written: Written, form: Submitted[Any]) -> None:
    """The same for a form that is shown again without being saved: nobody types a reason twice."""
    reasons = checking.reasons_in(form)
    if any(reasons.values()):
        found = checking.found_in(session, opened, [*texts(written, written.claims)], reasons)
        checking.show_beside(form, [one for one in found if one.reason])


def of_files(
    session: Session, opened: Opened, version: EvidenceVersion, form: Submitted[Any]
) -> list[FileFindings]:
    """For the page that edits a draft: its files one by one, with the reasons that stand or were just typed."""
    readings = queries.readings_of(session, [one.file_id for one in version.attachments])
    if not version.attachments:
        return []
    found = checking.found_in(
        session,
        opened,
        [*names(version)],
        checking.reasons_in(form),
        more=_inside(version, readings),
        kept=_kept(session, version),
    )
    by_field: dict[str, list[Found]] = {}
    for one in found:
        by_field.setdefault(one.field, []).append(one)
    return [
        FileFindings(
            one.file,
            by_field.get(f"{FILE}{one.file_id}", []),
            by_field.get(f"{READ}{one.file_id}", []),
            readings.get(one.file_id),
        )
        for one in version.attachments
    ]


def kept_in(session: Session, version: EvidenceVersion) -> list[Shown]:
    """What its writer kept in this version, for whoever reads it. One query, and one more if there are any of files."""
    rows = _kept(session, version)
    readings: dict[UUID, FileReading] = {}
    if any(row.field.startswith(READ) for row in rows):
        readings = queries.readings_of(session, [one.file_id for one in version.attachments])
    said = {one.field: one.text for one in (*texts(version, _notes(version)), *names(version))}
    inside = {one.field: one for one in _inside(version, readings)}
    said |= {field: one.words for field, one in inside.items()}
    shown = queries.shown(rows, lambda field: said.get(field, ""))
    return [
        replace(one, words=f"{inside[one.field].label}: {one.words}") if one.is_inside else one
        for one in shown
    ]


def kept_beside(session: Session, evidence: Evidence, seen: Sequence[Confirmed]) -> dict[UUID, list[Shown]]:
    """What was kept in the reason to withdraw this piece and in the confirmations of its original, by record. One query,
    none if there are neither."""
    said = {one.sighting.id: {"seen_where": one.sighting.seen_where} for one in seen}
    if evidence.withdrawn_reason:
        said[evidence.id] = {"reason": evidence.withdrawn_reason}
    return queries.shown_in(session, said)


def _kept(session: Session, version: EvidenceVersion) -> list[KeptFinding]:
    return queries.kept_in(session, [version.id]).get(version.id, [])


def _inside(version: EvidenceVersion, readings: Mapping[UUID, FileReading]) -> list[Found]:
    return [
        Found(f"{READ}{one.file_id}", f"Inside “{one.file.name}”", "inside", words, "", ((0, 0),))
        for one in version.attachments
        if (words := queries.inside(readings, one.file_id))
    ]


def _notes(version: EvidenceVersion) -> dict[str, str]:
    return {claim.item_code: claim.note for claim in version.claims}


def carry_on(session: Session, before: EvidenceVersion, to: EvidenceVersion) -> None:
    """The next version begins with what was kept in the one before."""
    actions.carry_on(session, before.id, to.id)
