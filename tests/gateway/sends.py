"""A plausible, valid request for every route that writes to an apprenticeship, by route name.

`tests/gateway/test_locked.py` sends each twice: to an open portfolio, where it has to change something, and to a locked
one, where it has to change nothing.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from portfolio.app import open_store
from portfolio.assessment.models import SignOff
from portfolio.database import new_id
from portfolio.evidence.models import Evidence, EvidenceFile, VersionFile
from portfolio.gateway.models import AssessmentEvent
from portfolio.training.queries import sha256_of
from portfolio.uploads.models import Upload, UploadChunk
from portfolio.uploads.rules import LEAST_CHUNK
from portfolio.web.formats import utc_now
from storage.store import new_key
from tests.builders import NOW, latest_version
from tests.courses import after_sends as after_course
from tests.courses import sends as courses
from tests.development import sends as development
from tests.frameworks.sends import OF_DEVELOPMENT
from tests.gateway.steps import PASSWORD, date_fields
from tests.gateway.world import KEY, Send, World
from tests.storage.corpus_files import pdf
from tests.training.steps import an_entry
from tests.training.steps import typed as learning

SIGN = {"agreed": "yes", "password": PASSWORD}
FIVE = dict.fromkeys(("valid", "authentic", "current", "sufficient", "reliable"), "yes")


def _piece(world: World, piece: Evidence, rest: str = "") -> str:
    return f"/evidence/{piece.id}{rest}"


def _complete(title: str) -> dict[str, Any]:
    return {
        "type": "work_product",
        "title": title,
        **date_fields("happened_on", date(2026, 10, 2)),
        "what_happened": "A colleague came to me with a worry.",
        "what_i_did": "I listened and passed it on.",
        "why": "Waiting could have left Child A at risk.",
        "claim": ["K7"],
        "confidentiality": "anonymised",
        "nobody_identifiable": "yes",
        "own_work": "yes",
        "form_key": new_id().hex,
    }


def _edit(world: World) -> dict[str, str]:
    return {
        "cohort_id": str(world.at.cohort_id),
        "employer_id": str(world.at.employer_id),
        **date_fields("start_on", date(2025, 10, 7)),
        **date_fields("planned_gateway_on", date(2027, 5, 6)),
        **date_fields("date_of_birth", date(2000, 5, 1)),
    }


def _unsigned(world: World) -> None:
    """One item is open again, so that it can be signed off."""
    world.session.add(
        SignOff(
            provider_id=world.at.provider_id,
            apprenticeship_id=world.at.id,
            item_code="S1",
            kind="withdrawn",
            basis="several_pieces",
            reason="Looked at again.",
            signed_by_id=world.cast.asha.id,
            signed_at=NOW,
            form_key=new_id().hex,
        )
    )
    world.session.flush()


def _withdrawn(world: World) -> None:
    world.at.withdrawn_on, world.at.withdrawn_by_id = date(2026, 11, 1), world.cast.priya.id
    world.session.flush()


def _a_planned_step(world: World) -> None:
    event = AssessmentEvent(
        provider_id=world.at.provider_id,
        apprenticeship_id=world.at.id,
        kind="organisation",
        organisation="Quay Assessments",
        recorded_by_id=world.cast.priya.id,
        recorded_at=NOW,
    )
    world.session.add(event)
    world.session.flush()
    world.event_id = str(event.id)


NOTE = b"What I wrote down that day.\n"


def _an_upload(world: World) -> None:
    """A small file on its way into the draft."""
    now = utc_now()
    upload = Upload(
        provider_id=world.at.provider_id,
        evidence_id=world.draft.id,
        person_id=world.cast.amina.id,
        key=KEY,
        name="note.txt",
        size=len(NOTE),
        chunk_size=LEAST_CHUNK,
        state="sending",
        refusal="",
        began_at=now,
        last_at=now,
    )
    world.session.add(upload)
    world.session.flush()
    world.upload_id = upload.id


def _a_whole_upload(world: World) -> None:
    """The same, with its one piece in the store."""
    _an_upload(world)
    key = new_key(str(world.at.provider_id))
    open_store(world.session.info["settings"]).put(key, NOTE)
    world.session.add(
        UploadChunk(
            provider_id=world.at.provider_id,
            upload_id=world.upload_id,
            number=0,
            size=len(NOTE),
            sha256=hashlib.sha256(NOTE).hexdigest(),
            storage_key=key,
        )
    )
    world.session.flush()


def _a_document(world: World) -> None:
    """A PDF in the draft, with its bytes in the store."""
    key, content = new_key(str(world.at.provider_id)), pdf()
    open_store(world.session.info["settings"]).put(key, content)
    common = {"provider_id": world.at.provider_id, "apprenticeship_id": world.at.id}
    sha256 = hashlib.sha256(content).hexdigest()
    file = EvidenceFile(
        **common,
        evidence_id=world.draft.id,
        storage_key=key,
        name="plan.pdf",
        kind="pdf",
        size=len(content),
        sha256_received=sha256,
        sha256_stored=sha256,
        uploaded_at=NOW,
        uploaded_by_id=world.cast.amina.id,
    )
    world.session.add(file)
    world.session.flush()
    world.session.add(VersionFile(**common, version_id=world.draft_version_id, file_id=file.id))
    world.session.flush()
    world.file_id = file.id


def _upload(world: World, rest: str) -> str:
    return _piece(world, world.draft, f"/uploads/{world.upload_id}{rest}")


NO_FILE = (("files", ("", b"")),)
A_FILE = (("files", ("note.txt", b"What I wrote down that day.\n")),)
REASON = {"reason": "The numbers were entered for somebody else."}
A_BREAK = date_fields("began_on", date(2026, 5, 4)) | date_fields("ended_on", date(2026, 5, 11))


def _an_entry(world: World) -> None:
    """An entry of the training log that waits for its confirmation."""
    entry = an_entry(world.session, world.at)
    world.entry_id, world.entry_sha256 = entry.id, sha256_of(entry)


REFUSED: dict[str, Send] = (
    after_course.REFUSED
    | development.REFUSED
    | {
        "apprenticeships.change": Send("priya", lambda w: "/edit", _edit),
        "apprenticeships.record_break": Send("priya", lambda w: "/breaks", lambda w: A_BREAK),
        "apprenticeships.change_break": Send("priya", lambda w: f"/breaks/{w.break_.id}", lambda w: A_BREAK),
        "apprenticeships.remove_break": Send("priya", lambda w: f"/breaks/{w.break_.id}/remove"),
        "evidence.create": Send("amina", lambda w: "/evidence", lambda w: _complete("New"), files=A_FILE),
        "evidence.save": Send(
            "amina", lambda w: _piece(w, w.draft, "/edit"), lambda w: _complete("Changed"), files=NO_FILE
        ),
        "evidence.autosave": Send(
            "amina",
            lambda w: _piece(w, w.draft, "/autosave"),
            lambda w: _complete("Changed") | {"form_key": KEY, "turn": "1"},
        ),
        "uploads.draft": Send("amina", lambda w: "/evidence/drafts", lambda w: {"form_key": KEY}),
        "uploads.begin": Send(
            "amina",
            lambda w: _piece(w, w.draft, "/uploads"),
            lambda w: {"key": KEY, "name": "talk.wav", "size": "100000", "chunk_size": str(LEAST_CHUNK)},
        ),
        "uploads.chunk": Send("amina", lambda w: _upload(w, "/chunks/0"), prepare=_an_upload, raw=NOTE),
        "uploads.finish": Send("amina", lambda w: _upload(w, "/finish"), prepare=_a_whole_upload),
        "evidence.submit": Send("amina", lambda w: _piece(w, w.draft, "/submit")),
        "evidence.take_back": Send("amina", lambda w: _piece(w, w.waiting, "/take-back")),
        "evidence.withdraw_now": Send("amina", lambda w: _piece(w, w.waiting, "/withdraw"), lambda w: REASON),
        "redaction.cover_now": Send(
            "amina",
            lambda w: _piece(w, w.draft, f"/files/{w.file_id}/cover"),
            lambda w: {"boxes_1": "10 10 50 10"},
            prepare=_a_document,
        ),
        "feedback.comment": Send(
            "marek", lambda w: _piece(w, w.waiting, "/comments"), lambda w: {"text": "Seen.", "form_key": KEY}
        ),
        "feedback.testify_now": Send(
            "marek",
            lambda w: _piece(w, w.waiting, "/testimony"),
            lambda w: (
                {"relation": "Line manager", "statement": "I was there.", "password": PASSWORD}
                | date_fields("saw_on", date(2026, 10, 20))
            ),
            read=lambda w: _piece(w, w.waiting, "/testimony"),
        ),
        "sightings.confirm_now": Send(
            "marek",
            lambda w: _piece(w, w.waiting, "/original"),
            lambda w: (
                {"seen_where": "The safeguarding log", "is_so": "yes", "password": PASSWORD}
                | date_fields("seen_on", date(2026, 10, 21))
            ),
            read=lambda w: _piece(w, w.waiting, "/original"),
        ),
        "training.enter": Send("amina", lambda w: "/training", lambda w: learning(form_key=KEY)),
        "training.change": Send(
            "amina",
            lambda w: f"/training/{w.entry_id}/edit",
            lambda w: learning(hours="2"),
            prepare=_an_entry,
        ),
        "training.remove": Send("amina", lambda w: f"/training/{w.entry_id}/remove", prepare=_an_entry),
        "training.make_evidence": Send(
            "amina",
            lambda w: f"/training/{w.entry_id}/evidence",
            lambda w: {"claim": ["K7"]},
            prepare=_an_entry,
        ),
        "training.answer": Send(
            "marek",
            lambda w: f"/training/{w.entry_id}/answer",
            lambda w: {"outcome": "returned", "reason": "That was one hour."},
            prepare=_an_entry,
            read=lambda w: f"/training/{w.entry_id}",
        ),
        "training.confirm_several": Send(
            "asha",
            lambda w: "/training/confirm",
            lambda w: {"chosen": [f"{w.entry_id}.{w.entry_sha256}"]},
            prepare=_an_entry,
        ),
        "training.set_plan": Send(
            "priya",
            lambda w: "/training/plan",
            lambda w: REASON | {"weekly_hours": "37", "planned_hours": "400", "delivery": "spread"},
        ),
        "assessment.decide": Send(
            "asha",
            lambda w: _piece(w, w.waiting, "/review"),
            lambda w: (
                FIVE
                | {
                    "version_id": str(latest_version(w.session, w.waiting.id).id),
                    "form_key": KEY,
                    "outcome-K3": "covered",
                }
            ),
        ),
        "assessment.supersede_now": Send(
            "asha",
            lambda w: _piece(w, w.decided, f"/decisions/{w.decision.id}/supersede"),
            lambda w: (
                FIVE
                | REASON
                | {"sufficient": "no", "form_key": KEY, "outcome-K1": "partly", "missing-K1": "More detail."}
            ),
        ),
        "assessment.sign_off_now": Send(
            "asha",
            lambda w: "/items/S1/sign-off",
            lambda w: REASON | {"form_key": KEY, "pieces": str(latest_version(w.session, w.decided.id).id)},
            prepare=_unsigned,
        ),
        "assessment.withdraw_sign_off_now": Send(
            "asha", lambda w: "/items/K1/withdraw", lambda w: REASON | {"form_key": KEY}
        ),
        "gateway.record_dbs": Send(
            "priya", lambda w: "/gateway/dbs/record", lambda w: {"decision": "awaiting", "level": "enhanced"}
        ),
        "gateway.record_qualification": Send(
            "priya", lambda w: "/gateway/qualifications/maths", lambda w: {"qualification": "entry_level_3"}
        ),
        "gateway.record_support": Send(
            "priya",
            lambda w: "/gateway/support",
            lambda w: {"plan": "education_health_care_plan"} | date_fields("plan_seen_on", date(2025, 11, 3)),
        ),
        "gateway.declare": Send("asha", lambda w: "/gateway/declarations/provider", lambda w: SIGN),
    }
)
"""Refused while the portfolio is locked, with a sentence."""
ON_ITS_WAY = frozenset({"uploads.begin", "uploads.chunk"})
"""Of these: what they write is no part of the portfolio yet."""

STILL_DONE: dict[str, Send] = (
    after_course.STILL_DONE
    | OF_DEVELOPMENT
    | development.STILL_DONE
    | courses.STILL_DONE
    | {
        "uploads.cancel": Send("amina", lambda w: _upload(w, "/cancel"), prepare=_an_upload),
        "slips.send_report": Send(
            "marek",
            lambda w: _piece(w, w.decided, "/report"),
            lambda w: {"what": "place", "part": "words", "form_key": KEY},
        ),
        "apprenticeships.assign": Send(
            "priya", lambda w: "/people", lambda w: {"role": "assessor", "person_id": str(w.cast.asha.id)}
        ),
        "apprenticeships.end_assignment": Send("priya", lambda w: f"/people/{w.assignment.id}/end"),
        "apprenticeships.withdraw": Send(
            "priya",
            lambda w: "/withdrawal",
            lambda w: REASON | date_fields("withdrawn_on", date(2026, 11, 2)),
        ),
        "apprenticeships.undo_withdrawal": Send(
            "priya", lambda w: "/withdrawal/undo", lambda w: REASON, prepare=_withdrawn
        ),
        "feedback.read": Send(
            "marek", lambda w: _piece(w, w.waiting, "/comments/read"), lambda w: {"until": ""}
        ),
        "gateway.dbs_show": Send("priya", lambda w: "/gateway/dbs/show"),
        "gateway.ask_to_unlock": Send(
            "priya", lambda w: "/gateway/unlock/ask", lambda w: REASON | {"password": PASSWORD}
        ),
        "gateway.approve_unlock": Send("priya", lambda w: "/gateway/unlock/approve", lambda w: SIGN),
        "gateway.record_step": Send(
            "priya", lambda w: "/gateway/assessment/record/organisation", lambda w: {"organisation": "Quay"}
        ),
        "gateway.correct_step": Send(
            "priya",
            lambda w: f"/gateway/assessment/correct/{w.event_id}",
            lambda w: {"organisation": "Pier Assessments", "note": "The contract went to another."},
            prepare=_a_planned_step,
        ),
    }
)
"""Who stands around the apprenticeship, its withdrawal, opening the lock, the record of the assessment, marks of what
was read, and clearing away what never arrived: none of it is part of the portfolio. Nor are the records of somebody's
own development, such as supervision, which goes on at work; only the evidence that one of them would become is."""

LOCKS_ITSELF = "gateway.lock"
"""Refused on its own: a second lock while one stands."""
