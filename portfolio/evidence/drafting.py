"""Keeping what an apprentice writes: a new piece, a changed draft, the next version of a returned piece.

A draft is saved whatever is wrong with it. Each function writes, records who did it, and flushes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.evidence import checked, queries, revisions, rules
from portfolio.evidence.attaching import Attached, add_files, attach
from portfolio.evidence.forms import Written
from portfolio.evidence.intake import TakenFile
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.evidence.revisions import Based, Together
from portfolio.evidence.trail import note
from portfolio.refusals import Refused
from portfolio.sealing.queries import is_sealed

WORDS = (
    "type", "happened_on", "what_happened", "what_i_did", "why", "original_kept_at", "original_seen_by",
    "original_what", "original_seen_on", "confidentiality", "nobody_identifiable", "own_work",
)  # fmt: skip
"""The columns that are copied from what was written; the title has a rule of its own."""


CLEANED = "Cleaned version"
"""The title of a version that begins anew since the one before it identified somebody."""


@dataclass(frozen=True)
class Kept:
    """A saved draft: the version as it stands now, what became of its files, and whether we made up its title.
    `beside`: so many texts could not be put into it and wait for their owner's choice; `more`: it says what the page
    that was saved does not show."""

    evidence: Evidence
    version: EvidenceVersion
    files: Attached
    title_made: bool
    beside: int = 0
    more: bool = False


def refuse_if(reasons: list[str]) -> None:
    if reasons:
        raise Refused(reasons[0])


def start(
    session: Session,
    opened: Opened,
    written: Written,
    files: list[TakenFile],
    *,
    form_key: str,
    most_files: int,
    now: datetime,
    based: Based | None = None,
) -> Kept:
    """A new piece as a draft. Raises Refused when the portfolio is closed."""
    refuse_if(rules.reasons_closed(queries.stage_of(session, opened.id)))
    evidence = Evidence(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        state="draft",
        state_since=now,
        created_at=now,
        created_by_id=opened.viewer.person_id,
        form_key=form_key[:64],
    )
    session.add(evidence)
    session.flush()
    version = _new_version(session, evidence, number=1, now=now)
    together, based = revisions.begin(written), based or Based(page=form_key[:64])
    return _fill(session, opened, evidence, version, together, files, based, most_files=most_files, now=now)


def change(
    session: Session,
    opened: Opened,
    evidence: Evidence,
    written: Written,
    files: list[TakenFile],
    *,
    most_files: int,
    now: datetime,
    based: Based | None = None,
) -> Kept:
    """Save a draft again, with what other pages saved meanwhile. A returned piece gets its next version, which begins
    as a draft.

    Raises Refused for a piece that cannot be changed now."""
    refuse_if(rules.reasons_not_to_edit(evidence.state, queries.stage_of(session, opened.id)))
    version = queries.version_with_content(session, draft_of(session, evidence, now=now).id)
    based = based or Based()
    together = revisions.put_together(session, version, written, based, now=now)
    return _fill(session, opened, evidence, version, together, files, based, most_files=most_files, now=now)


def choose(
    session: Session, opened: Opened, kept: Kept, wish: str, *, most_files: int, now: datetime
) -> Kept:
    """Put the text that its owner chose into the draft; see `revisions.choose`."""
    written = revisions.chosen(session, kept.version, wish)
    return change(session, opened, kept.evidence, written, [], most_files=most_files, now=now)


def draft_of(session: Session, evidence: Evidence, *, now: datetime) -> EvidenceVersion:
    """The newest version if it is a draft; otherwise a copy of it as the next one. Old versions stay."""
    newest = session.scalars(
        select(EvidenceVersion)
        .where(EvidenceVersion.evidence_id == evidence.id, EvidenceVersion.is_latest)
        .options(*queries.with_content())
    ).one()
    sealed = is_sealed(session, newest.id)
    if newest.submitted_at is None and not sealed:
        return newest
    newest.is_latest = False
    session.flush()
    version = _new_version(session, evidence, number=newest.number + 1, now=now)
    if sealed:  # nothing of what identified somebody comes along, but for what it is to show
        version.title, version.type = CLEANED, newest.type
        for claim in newest.claims:
            _add_claim(session, version, claim.item_code, "", claim.position)
        session.flush()
        return version
    version.title = newest.title
    for name in WORDS:
        setattr(version, name, getattr(newest, name))
    version.nobody_identifiable = version.own_work = False  # to be declared anew for what is new
    for claim in newest.claims:
        _add_claim(session, version, claim.item_code, claim.note, claim.position)
    for attachment in newest.attachments:
        attach(session, version, attachment.file_id, attachment.position)
    session.flush()
    checked.carry_on(session, newest, version)
    return version


def _new_version(session: Session, evidence: Evidence, *, number: int, now: datetime) -> EvidenceVersion:
    version = EvidenceVersion(
        provider_id=evidence.provider_id,
        apprenticeship_id=evidence.apprenticeship_id,
        evidence_id=evidence.id,
        number=number,
        is_latest=True,
        type="",
        title="",
        created_at=now,
        edited_at=now,
    )
    session.add(version)
    session.flush()
    return version


def _fill(
    session: Session,
    opened: Opened,
    evidence: Evidence,
    version: EvidenceVersion,
    together: Together,
    files: list[TakenFile],
    based: Based,
    *,
    most_files: int,
    now: datetime,
) -> Kept:
    written = together.written
    for name in WORDS:
        setattr(version, name, getattr(written, name))
    made = rules.title_from(written.texts, [file.name for file in files], list(written.claims))
    version.title = written.title or made or version.title or "Untitled"
    if files or not together.nothing_new:
        version.edited_at = now
    _set_claims(session, opened, version, written)
    by = opened.viewer.person_id
    attached = add_files(session, version, files, most=most_files, by=by, now=now)
    session.flush()
    beside = revisions.keep(session, version, together, based, now=now)
    version = queries.version_with_content(session, version.id)
    if together.first_of_page or not based.by_itself:  # what a page saves by itself is noted once
        note(session, "draft_saved", version, by=by, now=now, files=len(version.attachments))
    session.flush()
    return Kept(evidence, version, attached, title_made=not written.title, beside=beside, more=together.more)


def _set_claims(session: Session, opened: Opened, version: EvidenceVersion, written: Written) -> None:
    """Only what changed is written: a claim keeps its id while it stays."""
    before = {
        claim.item_code: claim
        for claim in session.scalars(select(Claim).where(Claim.version_id == version.id))
    }
    for code, claim in before.items():
        if code not in written.claims:
            session.delete(claim)
        elif claim.note != written.claims[code]:
            claim.note = written.claims[code]
    for code, text in written.claims.items():
        if code not in before:
            _add_claim(session, version, code, text, opened.standard.position(code))


def _add_claim(session: Session, version: EvidenceVersion, code: str, text: str, position: int) -> None:
    session.add(
        Claim(
            provider_id=version.provider_id,
            apprenticeship_id=version.apprenticeship_id,
            version_id=version.id,
            item_code=code,
            position=position,
            note=text,
        )
    )
