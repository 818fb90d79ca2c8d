"""The gateway of each apprentice of the demonstration: what is on record, declarations, lock, assessment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened, open_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.audit import actions as audit
from portfolio.database import new_id
from portfolio.demo.world import World
from portfolio.gateway.actions_lock import declare, lock
from portfolio.gateway.facts import Party
from portfolio.gateway.models import AssessmentEvent, DbsRecord, QualificationRecord, SupportRecord
from portfolio.people.sessions import viewer_for


@dataclass
class Gateways:
    """Writes what the provider recorded for one apprenticeship."""

    session: Session
    world: World
    at: Apprenticeship
    number: int
    mentor_id: UUID
    assessor_id: UUID

    @property
    def manager_id(self) -> UUID:
        provider = "northern" if self.at.provider_id == self.world.providers["northern"].id else "harbour"
        return self.world.of("managers", provider)[0].id

    def record(self, which: str) -> None:
        """`which` says what is missing: all, no_dbs, no_english, no_maths, supported, dbs_only, none."""
        if which == "none":
            return
        if which != "no_dbs":
            self._dbs("satisfactory")
        elif self.number % 2:
            self._dbs("awaiting")
        if which in ("dbs_only",):
            return
        if which == "supported":
            self._support()
        for subject in ("english", "maths"):
            if which != f"no_{subject}":
                self._qualification(subject, "entry_level_3" if which == "supported" else "level_2")

    def _dbs(self, decision: str) -> None:
        issued = self.at.start_on - timedelta(days=24 + self.number % 9)
        done = decision == "satisfactory"
        self._add(
            DbsRecord(
                **self._owner(),
                decision=decision,
                level="enhanced",
                workforce=("child", "adult", "child_and_adult")[self.number % 3],
                barred_lists=("children", "adults", "both")[self.number % 3],
                issued_on=issued if done else None,
                last_four=f"{1000 + self.number * 37 % 9000}" if done else "",
                original_seen_by="Employer's people lead" if done else "",
                original_seen_on=issued + timedelta(days=6) if done else None,
                decided_by="Employer's people lead" if done else "",
                decided_on=issued + timedelta(days=6) if done else None,
                next_check_due_on=add_years(issued, 3) if done else None,
                recorded_by_id=self.manager_id,
                recorded_at=self._moment(self.at.start_on - timedelta(days=5)),
            ),
            "gateway.dbs_recorded",
        )

    def _qualification(self, subject: str, qualification: str) -> None:
        titles = {"level_2": "GCSE grade 5" if self.number % 2 else "Functional Skills level 2"}
        self._add(
            QualificationRecord(
                **self._owner(),
                subject=subject,
                qualification=qualification,
                title=f"{titles.get(qualification, 'Functional Skills Entry Level 3')} in {subject}",
                proof="certificate",
                proof_seen_on=self.at.start_on,
                recorded_by_id=self.manager_id,
                recorded_at=self._moment(self.at.start_on),
            ),
            "gateway.qualification_recorded",
        )

    def _support(self) -> None:
        self._add(
            SupportRecord(
                **self._owner(),
                plan="education_health_care_plan",
                plan_seen_on=self.at.start_on,
                recorded_by_id=self.manager_id,
                recorded_at=self._moment(self.at.start_on),
            ),
            "gateway.support_recorded",
        )

    def declare(self, days_ago: int) -> None:
        """Apprentice, employer and provider say: ready. By the product's own action, with its checks."""
        moment = self.world.now - timedelta(days=max(days_ago - 3, 0))
        for party, person_id in (
            (Party.APPRENTICE, self.at.apprentice_id),
            (Party.EMPLOYER, self.mentor_id),
            (Party.PROVIDER, self.assessor_id),
        ):
            declare(self.session, self._opened(person_id), party, now=moment)

    def lock(self, days_ago: int) -> None:
        """A manager locks it."""
        moment = self.world.now - timedelta(days=max(days_ago - 4, 0))
        lock(self.session, self._opened(self.manager_id), now=moment)

    def _opened(self, person_id: UUID) -> Opened:
        viewer = viewer_for(self.session, person_id, new_id())
        assert viewer is not None  # noqa: S101  # everybody of the demonstration has an account
        return open_apprenticeship(self.session, self.world.catalogue, viewer, self.at.id)

    def assess(self, days_ago: int) -> None:
        """Organisation, dates, two components (one after a resit), the overall grade."""
        locked_on = self.world.today - timedelta(days=days_ago - 6)
        resit = self.number % 2 == 0
        steps: list[dict[str, Any]] = [
            {"kind": "organisation", "organisation": "Beacon Assessment (demo)"},
            {"kind": "planned", "component": "Professional discussion", "on": locked_on + timedelta(days=21)},
            {
                "kind": "result",
                "component": "Professional discussion",
                "attempt": "first",
                "on": locked_on + timedelta(days=21),
                "result": "fail" if resit else "pass",
            },
        ]
        if resit:
            steps.append(
                {
                    "kind": "result",
                    "component": "Professional discussion",
                    "attempt": "resit",
                    "on": locked_on + timedelta(days=35),
                    "result": "pass",
                }
            )
        steps.append(
            {
                "kind": "overall",
                "on": locked_on + timedelta(days=42),
                "result": ("pass", "distinction")[self.number % 2],
            }
        )
        for step in steps:
            on = step.get("on")
            moment = self._moment(on if isinstance(on, date) else locked_on + timedelta(days=2))
            event = AssessmentEvent(
                **self._owner(), recorded_by_id=self.manager_id, recorded_at=moment, **step
            )
            self._add(event, "gateway.assessment_recorded")

    def _owner(self) -> dict[str, UUID]:
        return {"provider_id": self.at.provider_id, "apprenticeship_id": self.at.id}

    def _moment(self, day: date) -> datetime:
        return min(
            self.world.now.replace(year=day.year, month=day.month, day=day.day, hour=14), self.world.now
        )

    def _add(
        self, row: DbsRecord | QualificationRecord | SupportRecord | AssessmentEvent, action: str
    ) -> None:
        self.session.add(row)
        self.session.flush()
        audit.record(
            self.session,
            action,
            by=row.recorded_by_id,
            now=row.recorded_at,
            record=row.__tablename__,
            record_id=row.id,
            provider_id=self.at.provider_id,
            apprenticeship_id=self.at.id,
        )


def add_years(day: date, years: int) -> date:
    return date(day.year + years, day.month, min(day.day, 28))
