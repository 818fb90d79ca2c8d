"""One row of each frozen table that no other builder makes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from portfolio.assessment.models import SignOff, SignOffPiece
from portfolio.database import new_id
from portfolio.evidence.models import EvidenceFile, VersionFile
from portfolio.feedback.models import Comment, Testimony
from portfolio.sightings.models import Sighting
from tests.builders import NOW, latest_version
from tests.gateway.steps import a_support_record
from tests.gateway.world import World
from tests.training.steps import a_plan, an_answer, an_entry


def fill(world: World) -> None:
    session, at = world.session, world.at
    common = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    draft = latest_version(session, world.draft.id)
    file = EvidenceFile(
        **common,
        evidence_id=world.draft.id,
        storage_key=new_id().hex,
        name="note.txt",
        kind="text",
        size=12,
        sha256_received="a" * 64,
        sha256_stored="a" * 64,
        uploaded_at=NOW,
        uploaded_by_id=at.apprentice_id,
    )
    session.add(file)
    session.flush()
    sign_off = session.scalars(select(SignOff).where(SignOff.apprenticeship_id == at.id).limit(1)).one()
    waiting = latest_version(session, world.waiting.id)
    session.add_all(
        [
            VersionFile(**common, version_id=draft.id, file_id=file.id),
            SignOffPiece(**common, sign_off_id=sign_off.id, version_id=waiting.id),
            Comment(
                **common,
                evidence_id=world.waiting.id,
                author_id=world.cast.marek.id,
                role="mentor",
                text="Good.",
                written_at=NOW,
                form_key=new_id().hex,
            ),
            Testimony(
                **common,
                evidence_id=world.waiting.id,
                version_id=waiting.id,
                version_sha256="b" * 64,
                author_id=world.cast.marek.id,
                relation="Line manager",
                saw_on=date(2026, 10, 20),
                statement="I was there.",
                signed_at=NOW,
            ),
            Sighting(
                **common,
                evidence_id=world.waiting.id,
                version_id=waiting.id,
                version_number=waiting.number,
                version_sha256="b" * 64,
                signed_by_id=world.cast.marek.id,
                role="mentor",
                seen_on=date(2026, 10, 21),
                seen_where="The safeguarding log",
                statement="I have seen it.",
                signed_at=NOW,
            ),
        ]
    )
    entry = an_entry(session, at)
    an_answer(session, entry, world.cast.marek, "returned", "That was one hour.")
    a_plan(session, at, world.cast.priya)
    a_support_record(session, at, world.cast.priya)
    session.flush()
