"""Whatever happens, in whatever order: the stored summary is the one a fresh computation gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning
from portfolio.assessment.models import Decision, SignOff
from portfolio.cohorts import progress
from portfolio.database import Database, new_id
from portfolio.evidence.models import Evidence
from portfolio.feedback.models import Comment
from portfolio.people.models import Person
from tests.assessment.steps import resubmitted
from tests.builders import (
    NOW,
    Cast,
    a_draft,
    a_person,
    a_submitted,
    an_apprenticeship,
    claims_of,
    latest_version,
)
from tests.gateway.steps import a_dbs_record, a_decision, a_qualification

ITEMS = ("K1", "K2", "K10", "S1", "B1", "D8")
OUTCOMES = ("covered", "partly", "not_yet")


class Story:
    """One apprenticeship and what happens to it. Each step takes a number and makes of it what is possible now."""

    def __init__(self, session: Session, cast: Cast, at_id: UUID) -> None:
        self.session, self.cast, self.at_id = session, cast, at_id

    @property
    def at(self) -> Apprenticeship:
        return self.session.get_one(Apprenticeship, self.at_id)

    def piece(self, number: int, *states: str) -> Evidence | None:
        found = self.session.scalars(
            select(Evidence)
            .where(Evidence.apprenticeship_id == self.at_id, Evidence.state.in_(states))
            .order_by(Evidence.id)
        ).all()
        return found[number % len(found)] if found else None

    def items(self, number: int) -> list[str]:
        return [ITEMS[number % 6], ITEMS[(number + 1 + number % 4) % 6]]

    def draft(self, number: int) -> None:
        a_draft(self.session, self.at, *self.items(number))

    def submit(self, number: int) -> None:
        a_submitted(self.session, self.at, *self.items(number), days_ago=number % 50)

    def decide(self, number: int) -> None:
        """One claim or all of them, and the piece leaves the assessor."""
        piece = self.piece(number, "submitted")
        if piece is None:
            return
        codes = list(claims_of(self.session, latest_version(self.session, piece.id)))
        worst = "covered"
        for place, code in enumerate(codes):
            outcome = OUTCOMES[(number + place) % 3]
            decision = a_decision(self.session, piece, self.cast.asha, code, outcome)
            if outcome == "covered":
                self.sign(code, "signed_off", decision.id)
            else:
                worst = outcome
        piece.state = "decided" if worst == "covered" else "returned"
        piece.state_since = NOW + timedelta(hours=number)

    def decide_one(self, number: int) -> None:
        """A first claim is decided, the rest still waits."""
        piece = self.piece(number, "submitted")
        if piece is not None:
            code = min(claims_of(self.session, latest_version(self.session, piece.id)))
            a_decision(self.session, piece, self.cast.asha, code, OUTCOMES[number % 3])

    def resubmit(self, number: int) -> None:
        piece = self.piece(number, "returned")
        if piece is not None:
            resubmitted(self.session, piece, *self.items(number))

    def supersede(self, number: int) -> None:
        superseded = select(Decision.supersedes_id).where(Decision.supersedes_id.is_not(None))
        found = self.session.scalars(
            select(Decision)
            .where(Decision.apprenticeship_id == self.at_id, Decision.id.not_in(superseded))
            .order_by(Decision.id)
        ).all()
        if found:
            old = found[number % len(found)]
            same = {
                column.key: getattr(old, column.key)
                for column in Decision.__table__.columns
                if column.key not in ("id", "outcome", "missing", "form_key", "supersedes_id", "reason")
            }
            self.session.add(
                Decision(
                    **same, outcome=OUTCOMES[number % 3], missing="More.", form_key=new_id().hex,
                    supersedes_id=old.id, reason="Seen again.",
                )
            )  # fmt: skip

    def sign(self, code: str, kind: str, decision_id: UUID | None = None) -> None:
        self.session.add(
            SignOff(
                provider_id=self.at.provider_id, apprenticeship_id=self.at_id, item_code=code, kind=kind,
                basis="several_pieces", decision_id=decision_id, reason="Several pieces.",
                signed_by_id=self.cast.asha.id, signed_at=NOW, form_key=new_id().hex,
            )
        )  # fmt: skip
        self.session.flush()

    def sign_off(self, number: int) -> None:
        self.sign(ITEMS[number % 6], "signed_off")

    def withdraw_sign_off(self, number: int) -> None:
        self.sign(ITEMS[number % 6], "withdrawn")

    def withdraw(self, number: int) -> None:
        piece = self.piece(number, "draft", "submitted", "returned")
        if piece is not None:
            piece.state, piece.state_since = "withdrawn", NOW + timedelta(hours=number)

    def comment(self, number: int) -> None:
        piece = self.piece(number, "submitted", "returned", "decided")
        if piece is not None:
            self.session.add(
                Comment(
                    provider_id=piece.provider_id, apprenticeship_id=self.at_id, evidence_id=piece.id,
                    author_id=self.cast.asha.id, role="assessor", text="Well observed.",
                    written_at=NOW + timedelta(days=number % 9), form_key=new_id().hex,
                )
            )  # fmt: skip

    def go_away(self, number: int) -> None:
        """A break, ended or not; breaks may even overlap."""
        began = date(2026, 1, 1) + timedelta(days=number)
        self.session.add(
            BreakInLearning(
                provider_id=self.at.provider_id, apprenticeship_id=self.at_id, began_on=began,
                ended_on=began + timedelta(days=number % 40) if number % 2 else None,
                recorded_by_id=self.cast.priya.id, recorded_at=NOW,
            )
        )  # fmt: skip

    def come_back(self, number: int) -> None:
        for row in self.session.scalars(
            select(BreakInLearning).where(
                BreakInLearning.apprenticeship_id == self.at_id, BreakInLearning.ended_on.is_(None)
            )
        ):
            row.ended_on = row.began_on + timedelta(days=number % 100)

    def move_dates(self, number: int) -> None:
        self.at.start_on = date(2025, 9, 1) + timedelta(days=number)
        self.at.planned_gateway_on = date(2027, 6, 1) + timedelta(days=number % 77)

    def rename(self, number: int) -> None:
        self.session.get_one(Person, self.at.apprentice_id).name = f"Ada {ITEMS[number % 6]}"

    def leave_or_return(self, number: int) -> None:
        gone = number % 2 == 0
        self.at.withdrawn_on = date(2026, 9, 1) if gone else None
        self.at.withdrawn_by_id = self.cast.priya.id if gone else None

    def record(self, number: int) -> None:
        if number % 3:
            a_qualification(self.session, self.at, self.cast.priya, ("english", "maths")[number % 2])
        else:
            due = date(2026, 6, 1) + timedelta(days=number) if number % 2 else None
            a_dbs_record(self.session, self.at, self.cast.priya, next_check_due_on=due)


STEPS: list[Callable[[Story, int], None]] = [
    Story.draft, Story.submit, Story.submit, Story.decide, Story.decide, Story.decide_one, Story.resubmit,
    Story.supersede, Story.sign_off, Story.withdraw_sign_off, Story.withdraw, Story.comment, Story.go_away,
    Story.come_back, Story.move_dates, Story.rename, Story.leave_or_return, Story.record,
]  # fmt: skip
steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 200), st.booleans()), min_size=1, max_size=14
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(what=steps)
def test_the_stored_summary_is_the_computed_one(
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    what: list[tuple[Callable[[Story, int], None], int, bool]],
) -> None:
    """Steps are committed one by one or several together."""
    with database.writing() as session:
        person = a_person(
            session, "Ada Abel", cast.provider, "apprentice", email=f"{new_id().hex}@example.org"
        )
        at_id = an_apprenticeship(session, person, cast.cohort, cast.employer).id
    with database.session(write=True, across=True) as session:
        story = Story(session, cast, at_id)
        for step, number, alone in what:
            step(story, number)
            session.flush()
            if alone:
                database.commit(session)
        database.commit(session)
    with database.reading() as session:
        assert list(progress.verify(session, catalogue, only=[at_id])) == []
