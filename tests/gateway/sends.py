"""A plausible, valid request for every route that writes to an apprenticeship, by route name.

`tests/gateway/test_locked.py` sends each twice: to an open portfolio, where it has to change something, and to a locked
one, where it has to change nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.app import open_store
from portfolio.apprenticeships.models import Apprenticeship, Assignment, BreakInLearning
from portfolio.assessment.models import Decision, SignOff
from portfolio.database import new_id
from portfolio.evidence.models import Evidence, EvidenceFile, VersionFile
from portfolio.gateway.models import AssessmentEvent, Declaration, GatewayLock, UnlockRequest
from portfolio.uploads.models import Upload, UploadChunk
from portfolio.uploads.rules import LEAST_CHUNK
from portfolio.web.formats import utc_now
from storage.store import new_key
from tests.builders import NOW, Cast, a_draft, a_submitted, latest_version
from tests.client import Browser
from tests.gateway.steps import PASSWORD, date_fields, everything_but_declarations, give_passwords
from tests.storage.corpus_files import pdf

SIGN = {"agreed": "yes", "password": PASSWORD}
FIVE = dict.fromkeys(("valid", "authentic", "current", "sufficient", "reliable"), "yes")
KEY = "k" * 32


@dataclass
class World:
    """Amina's apprenticeship, in place but for the provider's declaration, with one of everything around it."""

    session: Session
    cast: Cast
    decided: Evidence
    decision: Decision
    draft: Evidence
    draft_version_id: UUID
    waiting: Evidence
    break_: BreakInLearning
    assignment: Assignment
    at: Apprenticeship
    event_id: str = ""
    upload_id: UUID | None = None
    file_id: UUID | None = None

    def lock(self) -> None:
        """A standing lock with a request to open it and a first step of the assessment."""
        common = {"provider_id": self.at.provider_id, "apprenticeship_id": self.at.id}
        lock = GatewayLock(
            **common,
            round=1,
            check_text="{}",
            portfolio_sha256="0" * 64,
            locked_by_id=self.cast.priya.id,
            locked_at=NOW,
        )
        self.session.add(lock)
        self.session.flush()

    def ask(self, lock: GatewayLock) -> None:
        """Ines asks for the lock to be opened."""
        self.session.add(
            UnlockRequest(
                provider_id=self.at.provider_id,
                apprenticeship_id=self.at.id,
                lock_id=lock.id,
                reason="One file is the wrong one.",
                asked_by_id=self.cast.ines.id,
                asked_at=NOW,
            )
        )
        self.session.flush()


def a_world(session: Session, cast: Cast, catalogue: Catalogue) -> World:
    give_passwords(session, cast.amina, cast.marek, cast.asha, cast.ines, cast.priya)
    decided = everything_but_declarations(session, cast, catalogue)
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    common = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    for party, person in (("apprentice", cast.amina), ("employer", cast.marek)):
        session.add(Declaration(**common, party=party, text="Ready.", signed_by_id=person.id, signed_at=NOW))
    break_ = BreakInLearning(
        **common,
        began_on=date(2026, 2, 2),
        ended_on=date(2026, 2, 9),
        recorded_by_id=cast.priya.id,
        recorded_at=NOW,
    )
    session.add(break_)
    session.flush()
    draft = a_draft(session, at, "K2", title="A draft")
    return World(
        session=session,
        cast=cast,
        decided=decided,
        decision=session.query(Decision).filter_by(item_code="K1").one(),
        draft=draft,
        draft_version_id=latest_version(session, draft.id).id,
        waiting=a_submitted(session, at, "K3", title="With the assessor"),
        break_=break_,
        assignment=session.query(Assignment).filter_by(apprenticeship_id=at.id, role="mentor").one(),
        at=at,
    )


@dataclass(frozen=True)
class Send:
    """`who` sends `data` to `path` (below the apprenticeship). `read`: a page whose hidden fields go along."""

    who: str
    path: Callable[[World], str]
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    prepare: Callable[[World], None] = lambda world: None
    read: Callable[[World], str] | None = None
    files: tuple[tuple[str, tuple[str, bytes]], ...] = ()
    raw: bytes = b""
    """The body itself, where no form is sent: its SHA-256 goes along."""

    def post(self, browser: Browser, address: str, data: dict[str, Any]) -> Any:
        if self.raw:
            headers = {"X-Chunk-SHA256": hashlib.sha256(self.raw).hexdigest()}
            return browser.post(address, content=self.raw, headers=headers)
        return browser.post(address, data=data, files=list(self.files) or None)

    def hidden(self, browser: Browser, world: World) -> dict[str, str]:
        """What the page of the form sends along by itself."""
        if self.read is None:
            return {}
        text = browser.get(f"/apprenticeships/{world.at.id}{self.read(world)}").text
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text)
        assert found, "the page of the form has no hidden fields"
        return dict(found)


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

REFUSED: dict[str, Send] = {
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
"""Refused while the portfolio is locked, with a sentence."""
ON_ITS_WAY = frozenset({"uploads.begin", "uploads.chunk"})
"""Of these: what they write is no part of the portfolio yet."""

STILL_DONE: dict[str, Send] = {
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
        "priya", lambda w: "/withdrawal", lambda w: REASON | date_fields("withdrawn_on", date(2026, 11, 2))
    ),
    "apprenticeships.undo_withdrawal": Send(
        "priya", lambda w: "/withdrawal/undo", lambda w: REASON, prepare=_withdrawn
    ),
    "feedback.read": Send("marek", lambda w: _piece(w, w.waiting, "/comments/read"), lambda w: {"until": ""}),
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
"""Who stands around the apprenticeship, its withdrawal, opening the lock, the record of the assessment, marks of what
was read, and clearing away what never arrived: none of it is part of the portfolio."""

LOCKS_ITSELF = "gateway.lock"
"""Refused on its own: a second lock while one stands."""
