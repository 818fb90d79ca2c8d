"""What each apprentice of the demonstration has done so far: pieces, talk, decisions, breaks.

Rows are written as the actions write them, at moments spread over the apprenticeship, in order of time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.assessment.models import Decision, SignOff
from portfolio.audit import actions as audit
from portfolio.database import new_id
from portfolio.demo import texts
from portfolio.demo.attachments import Attacher
from portfolio.demo.openings import opened_by_all
from portfolio.demo.originals import confirmed
from portfolio.demo.world import World
from portfolio.evidence.models import Claim, Evidence, EvidenceFile, EvidenceVersion, VersionFile
from portfolio.feedback.models import Comment, Testimony, ThreadRead
from portfolio.feedback.queries import content_of, newest_submitted
from portfolio.feedback.rules import version_sha256

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Plan:
    """How far somebody is. Pieces are taken in the order of the file; the last ones wait, come back or are drafts."""

    decided: int
    waiting: int = 0
    returned: int = 0
    drafts: int = 0
    quiet_days: int = 3
    """Days since they last did something."""
    files_on: int = 2
    """How many of the pieces that name files get them: files take time to make."""


@dataclass
class Journey:
    """One apprenticeship being filled, with the people around it."""

    session: Session
    world: World
    at: Apprenticeship
    number: int
    mentor_id: UUID
    assessor_id: UUID
    attach: Attacher
    setting: str = "school"
    """school, care or housing: where they work."""
    signed_off: set[str] = field(default_factory=set)
    files_left: int = 0
    files: list[EvidenceFile] = field(default_factory=list)
    """Of the piece that was made last."""

    def walk(self, plan: Plan) -> None:
        """Write every piece of the plan, oldest first."""
        chosen = self._chosen(plan.decided + plan.waiting + plan.returned + plan.drafts)
        self.files_left = plan.files_on
        moments = self._moments(len(chosen), plan.quiet_days)
        for index, (entry, moment) in enumerate(zip(chosen, moments, strict=True)):
            if index < plan.decided:
                self._decided(entry, moment, index)
            elif index < plan.decided + plan.returned:
                self._returned(entry, moment, index)
            elif index < plan.decided + plan.returned + plan.waiting:
                piece, version = self._submitted(entry, moment)
                self._talk(piece, entry["id"], moment, index, answered=False)
                self._witness(piece, version, entry["id"], moment + timedelta(days=1))
            else:
                self._draft(entry, moment, photo=self.number == 0 and index == len(chosen) - 1)
            self.session.flush()

    def _draft(self, entry: dict[str, Any], moment: datetime, *, photo: bool) -> None:
        """A draft; one of them has a photo, of which parts can still be covered."""
        self.files_left = int(photo)
        self._piece(entry | {"files": ["photo_whiteboard"]} if photo else entry, moment, files=photo)

    def _chosen(self, count: int) -> list[dict[str, Any]]:
        """The pieces of the file from another place for each person, those of their own workplace first."""
        found = texts.pieces()
        if count >= len(found) or self.number == 0:
            return found[:count]
        turned = found[self.number * 11 % len(found) :] + found[: self.number * 11 % len(found)]
        return sorted(turned, key=lambda entry: entry["setting"] != self.setting)[:count]

    def _moments(self, count: int, quiet_days: int) -> list[datetime]:
        first = self.at.start_on + timedelta(days=12)
        last = max(first, self.world.today - timedelta(days=quiet_days))
        step = (last - first) / max(count - 1, 1)
        return [
            self._at(first + step * i, 9 + (i * 3 + self.number) % 8, (i * 17 + self.number * 7) % 60)
            for i in range(count)
        ]

    def _at(self, day: date, hour: int, minute: int) -> datetime:
        moment = datetime.combine(day, time(hour, minute), LONDON)
        return min(moment, self.world.now - timedelta(minutes=5))

    def _piece(
        self, entry: dict[str, Any], moment: datetime, *, files: bool = True
    ) -> tuple[Evidence, EvidenceVersion]:
        piece = Evidence(
            **self._owner(),
            state="draft",
            state_since=moment,
            created_at=moment,
            created_by_id=self.at.apprentice_id,
            form_key=new_id().hex,
        )
        self.session.add(piece)
        self.session.flush()
        version = self._version(piece, entry, moment, number=1)
        self.files = []
        if files and entry["files"] and self.files_left > 0:
            self.files_left -= 1
            for position, kind in enumerate(entry["files"]):
                row = self.attach(
                    self.session, piece, kind, entry["title"], moment, seed=self.number % 12 + position
                )
                self.files.append(row)
                self.session.add(
                    VersionFile(**self._owner(), version_id=version.id, file_id=row.id, position=position)
                )
        self._note("evidence.created", "evidence", piece.id, self.at.apprentice_id, moment)
        return piece, version

    def _version(
        self, piece: Evidence, entry: dict[str, Any], moment: datetime, *, number: int
    ) -> EvidenceVersion:
        kept = (
            entry.get("original_kept_at")
            or "In the team's own records at work, open to the safeguarding team only"
        )
        version = EvidenceVersion(
            **self._owner(),
            evidence_id=piece.id,
            number=number,
            is_latest=True,
            type=entry["type"],
            title=entry["title"],
            happened_on=(moment - timedelta(days=4)).date(),
            what_happened=entry["what_happened"].strip(),
            what_i_did=entry["what_i_did"].strip(),
            why=entry["why"].strip(),
            original_kept_at=kept,
            original_seen_by=entry.get("original_seen_by") or "The designated safeguarding lead",
            original_what="The record that this account was written from",
            original_seen_on=(moment - timedelta(days=3)).date(),
            confidentiality="original_stays" if not entry["files"] else "not_a_record",
            nobody_identifiable=True,
            own_work=True,
            created_at=moment,
            edited_at=moment,
        )
        self.session.add(version)
        self.session.flush()
        for claim in sorted(entry["claims"], key=lambda claim: self.world.standard.position(claim["item"])):
            code = claim["item"]
            self.session.add(
                Claim(
                    **self._owner(),
                    version_id=version.id,
                    item_code=code,
                    position=self.world.standard.position(code),
                    note=claim.get("note", ""),
                )
            )
        self.session.flush()
        return version

    def _submitted(self, entry: dict[str, Any], moment: datetime) -> tuple[Evidence, EvidenceVersion]:
        piece, version = self._piece(entry, moment)
        sent_at = moment + timedelta(hours=1)
        self._submit(piece, version, sent_at)
        opened_by_all(
            self.session,
            self.files,
            owner_id=self.at.apprentice_id,
            mentor_id=self.mentor_id,
            assessor_id=self.assessor_id,
            sent_at=sent_at,
            now=self.world.now,
        )
        return piece, version

    def _submit(self, piece: Evidence, version: EvidenceVersion, moment: datetime) -> None:
        self.session.flush()
        version.submitted_at = moment
        piece.state, piece.state_since = "submitted", moment
        self._note("evidence.submitted", "evidence", piece.id, self.at.apprentice_id, moment)
        self.session.flush()

    def _decided(self, entry: dict[str, Any], moment: datetime, index: int) -> None:
        """Covered; for every sixth piece only on the second version, after it came back once."""
        piece, version = self._submitted(entry, moment)
        self._talk(piece, entry["id"], moment, index, answered=True)
        when = self._soon(moment, 3)
        if (index + self.number) % 6 == 5:
            self._decide(piece, version, entry, when, short_of=1, index=index)
            version = self._again(piece, entry, self._soon(when, 2))
            when = self._soon(when, 5)
        self._witness(piece, version, entry["id"], when - timedelta(hours=2))
        if not entry["files"] and index % 3:
            self._confirm_original(version, when - timedelta(hours=1))
        self._decide(piece, version, entry, when, short_of=0, index=index)

    def _returned(self, entry: dict[str, Any], moment: datetime, index: int) -> None:
        piece, version = self._submitted(entry, moment)
        self._decide(piece, version, entry, self._soon(moment, 2), short_of=2, index=index)
        self._say(
            piece,
            self.assessor_id,
            "assessor",
            texts.remarks("assessor_comments", entry["id"], index + self.number),
            self._soon(moment, 2),
        )

    def _again(self, piece: Evidence, entry: dict[str, Any], moment: datetime) -> EvidenceVersion:
        """The apprentice adds what was missing and sends it in as version 2."""
        for old in self.session.query(EvidenceVersion).filter_by(evidence_id=piece.id):
            old.is_latest = False
        self.session.flush()
        more = dict(
            entry, why=entry["why"].strip() + "\n\n" + texts.line("apprentice_replies", self.number + 3)
        )
        version = self._version(piece, more, moment, number=2)
        self._submit(piece, version, moment)
        return version

    def _decide(
        self,
        piece: Evidence,
        version: EvidenceVersion,
        entry: dict[str, Any],
        moment: datetime,
        *,
        short_of: int,
        index: int,
    ) -> None:
        """Decide every claim that has no standing covered decision; the last `short_of` fall short."""
        standard = self.world.standard
        claims = self.session.query(Claim).filter_by(version_id=version.id).order_by(Claim.position).all()
        earlier = {
            row.item_code
            for row in self.session.query(Decision).filter_by(evidence_id=piece.id, outcome="covered")
        }
        open_claims = [claim for claim in claims if claim.item_code not in earlier]
        key = new_id().hex
        for place, claim in enumerate(open_claims):
            falls_short = place >= len(open_claims) - short_of
            outcome = (
                "covered" if not falls_short else ("partly", "not_yet")[(place + index + self.number) % 2]
            )
            decision = Decision(
                **self._owner(),
                evidence_id=piece.id,
                version_id=version.id,
                claim_id=claim.id,
                item_code=claim.item_code,
                outcome=outcome,
                valid=True,
                authentic=True,
                current=True,
                sufficient=not falls_short,
                reliable=True,
                missing=texts.missing(claim.item_code, standard.item(claim.item_code).kind, index)
                if falls_short
                else "",
                decided_by_id=self.assessor_id,
                decided_at=moment,
                form_key=key,
            )
            self.session.add(decision)
            self.session.flush()
            if not falls_short and claim.item_code not in self.signed_off:
                self.signed_off.add(claim.item_code)
                self._sign_off(claim.item_code, decision.id, moment)
        state = "returned" if short_of else "decided"
        piece.state, piece.state_since = state, moment
        self._note("assessment.decided", "evidence", piece.id, self.assessor_id, moment)
        self.session.flush()

    def _sign_off(self, code: str, decision_id: UUID, moment: datetime) -> None:
        self.session.add(
            SignOff(
                **self._owner(),
                item_code=code,
                kind="signed_off",
                basis="decision",
                decision_id=decision_id,
                signed_by_id=self.assessor_id,
                signed_at=moment,
                form_key=new_id().hex,
            )
        )

    def _talk(self, piece: Evidence, name: str, moment: datetime, index: int, *, answered: bool) -> None:
        turn = index + self.number
        if turn % 3 == 0:
            said = texts.remarks("mentor_comments", name, turn)
            self._say(piece, self.mentor_id, "mentor", said, self._soon(moment, 1))
        if turn % 4 == 1 and answered:
            said = texts.remarks("assessor_comments", name, turn)
            self._say(piece, self.assessor_id, "assessor", said, self._soon(moment, 2))
            reply = texts.line("apprentice_replies", turn)
            self._say(piece, self.at.apprentice_id, "apprentice", reply, self._soon(moment, 2.5))
        if answered:
            for reader in (self.mentor_id, self.assessor_id, self.at.apprentice_id):
                self.session.add(
                    ThreadRead(
                        provider_id=self.at.provider_id,
                        evidence_id=piece.id,
                        person_id=reader,
                        read_until=self._soon(moment, 3),
                    )
                )

    def _say(self, piece: Evidence, author: UUID, role: str, text: str, moment: datetime) -> None:
        self.session.add(
            Comment(
                **self._owner(),
                evidence_id=piece.id,
                author_id=author,
                role=role,
                text=text.strip(),
                written_at=moment,
                form_key=new_id().hex,
            )
        )
        self._note("feedback.commented", "evidence", piece.id, author, moment)
        self.session.flush()

    def _witness(self, piece: Evidence, version: EvidenceVersion, name: str, moment: datetime) -> None:
        found = texts.testimony(name)
        if found is None or (self.number + len(name)) % 2:
            return
        seen = newest_submitted(self.session, piece.id)
        if seen is None:
            return
        self.session.add(
            Testimony(
                **self._owner(),
                evidence_id=piece.id,
                version_id=seen.id,
                version_sha256=version_sha256(content_of(seen)),
                author_id=self.mentor_id,
                relation=found["relation"],
                saw_on=seen.happened_on or moment.date(),
                statement=found["saw"].strip(),
                signed_at=min(moment, self.world.now - timedelta(minutes=3)),
            )
        )
        self._note("feedback.testified", "testimony", piece.id, self.mentor_id, moment)
        self.session.flush()

    def _confirm_original(self, version: EvidenceVersion, moment: datetime) -> None:
        signed = confirmed(self.session, version, self.mentor_id, moment)
        if signed is not None:
            self.session.add(signed)
            self._note("feedback.original_confirmed", "evidence", signed.evidence_id, self.mentor_id, moment)
            self.session.flush()

    def _soon(self, moment: datetime, days: float) -> datetime:
        return min(moment + timedelta(days=days), self.world.now - timedelta(minutes=4))

    def _owner(self) -> dict[str, UUID]:
        return {"provider_id": self.at.provider_id, "apprenticeship_id": self.at.id}

    def _note(self, action: str, record: str, record_id: UUID, by: UUID, moment: datetime) -> None:
        audit.record(
            self.session,
            action,
            by=by,
            now=moment,
            record=record,
            record_id=record_id,
            provider_id=self.at.provider_id,
            apprenticeship_id=self.at.id,
        )


def around(session: Session, at: Apprenticeship, role: str) -> UUID:
    """Who holds this role around the apprenticeship."""
    return session.query(Assignment).filter_by(apprenticeship_id=at.id, role=role).one().person_id
