"""What the summary keeps: the same as the page says, but never dependent on the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session
from time_machine import Traveller

from kbs.catalogue import Catalogue
from kbs.coverage import CoverageMap
from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning
from portfolio.assessment.queries import item_facts
from portfolio.database import Database
from portfolio.gateway.from_records import breaks_from, words_of
from portfolio.gateway.queries import GatewayStanding, facts_for, standing_for
from portfolio.gateway.rules import Break, check, gap_codes
from tests.builders import NOW, Cast, a_submitted, a_version, latest_version
from tests.counting import queries
from tests.gateway.conftest import TODAY
from tests.gateway.steps import (
    a_dbs_record,
    a_qualification,
    a_support_record,
    everything_but_declarations,
    sign_off,
)


def the_apprenticeship(session: Session, cast: Cast) -> Apprenticeship:
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    assert at.cohort_id
    session.refresh(at, ["cohort"])
    return at


def standing(session: Session, cast: Cast, catalogue: Catalogue) -> GatewayStanding:
    at = the_apprenticeship(session, cast)
    standard = catalogue.get(at.standard_reference, at.standard_version)
    coverage = CoverageMap.from_facts(standard, item_facts(session, at.id))
    return standing_for(session, at, standard, coverage)


def page_gaps(session: Session, cast: Cast, catalogue: Catalogue, on: date) -> tuple[str, ...]:
    at = the_apprenticeship(session, cast)
    standard = catalogue.get(at.standard_reference, at.standard_version)
    coverage = CoverageMap.from_facts(standard, item_facts(session, at.id))
    return gap_codes(check(facts_for(session, at, standard, coverage), on))


Change = Callable[[Session, Cast], object]
CHANGES: dict[str, Change] = {
    "nothing recorded": lambda s, c: None,
    "a check awaited": lambda s, c: a_dbs_record(s, c.amina_at, c.priya, decision="awaiting"),
    "a check recorded": lambda s, c: a_dbs_record(s, c.amina_at, c.priya),
    "a check due later": lambda s, c: a_dbs_record(
        s, c.amina_at, c.priya, next_check_due_on=date(2026, 12, 24)
    ),
    "a check overdue": lambda s, c: a_dbs_record(s, c.amina_at, c.priya, next_check_due_on=date(2026, 11, 1)),
    "english held": lambda s, c: a_qualification(s, c.amina_at, c.priya, "english"),
    "entry level 3": lambda s, c: a_qualification(
        s, c.amina_at, c.priya, "maths", qualification="entry_level_3"
    ),
    "entry level 3 with a plan": lambda s, c: (
        a_qualification(s, c.amina_at, c.priya, "maths", qualification="entry_level_3"),
        a_support_record(s, c.amina_at, c.priya, plan="legacy_statement", plan_seen_on=date(2025, 11, 1)),
    ),
    "all statements": lambda s, c: sign_off(s, c.amina_at, c.asha, *(f"K{n}" for n in range(1, 32))),
    "evidence handed in": lambda s, c: a_submitted(s, c.amina_at, "K1"),
    "evidence without a declaration": lambda s, c: a_submitted(s, c.amina_at, "K1", own_work=False),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("days", [0, 1, 40, 400])
def test_stored_gaps_with_the_due_date_are_what_the_page_says_on_any_day(
    session: Session, cast: Cast, catalogue: Catalogue, change: str, days: int
) -> None:
    CHANGES[change](session, cast)
    session.flush()
    on = TODAY + timedelta(days=days)
    found = standing(session, cast, catalogue)
    overdue = found.dbs_due_on is not None and on > found.dbs_due_on
    assert set(found.gaps) | ({"dbs"} if overdue else set()) == set(page_gaps(session, cast, catalogue, on))


def test_nothing_stored_changes_overnight(
    session: Session, cast: Cast, catalogue: Catalogue, clock: Traveller
) -> None:
    everything_but_declarations(session, cast, catalogue)
    a_dbs_record(session, cast.amina_at, cast.priya, next_check_due_on=date(2026, 11, 20))
    before = standing(session, cast, catalogue)
    assert (before.gaps, before.dbs_due_on) == ((), date(2026, 11, 20))
    clock.shift(timedelta(days=300))
    assert standing(session, cast, catalogue) == before


@pytest.mark.parametrize(
    ("began_on", "back_on", "earliest_on"),
    [
        (None, None, date(2026, 6, 6)),
        (date(2026, 2, 2), date(2026, 2, 9), date(2026, 6, 13)),  # seven days away, back on the 9th
        (date(2026, 2, 2), date(2026, 2, 2), date(2026, 6, 6)),  # back the same day: no break
        (date(2026, 2, 2), None, None),
        (date(2027, 2, 1), None, None),
    ],
)
def test_the_first_day_back_is_no_day_of_the_break(
    session: Session,
    cast: Cast,
    catalogue: Catalogue,
    began_on: date | None,
    back_on: date | None,
    earliest_on: date | None,
) -> None:
    if began_on is not None:
        session.add(
            BreakInLearning(
                provider_id=cast.amina_at.provider_id,
                apprenticeship_id=cast.amina_at.id,
                began_on=began_on,
                ended_on=back_on,
                recorded_by_id=cast.priya.id,
                recorded_at=NOW,
            )
        )
        session.flush()
    assert standing(session, cast, catalogue).earliest_on == earliest_on


def test_breaks_are_handed_over_with_their_last_day() -> None:
    rows = [
        (date(2026, 2, 2), date(2026, 2, 9)),
        (date(2026, 3, 1), None),
        (date(2026, 4, 1), date(2026, 4, 1)),
    ]
    assert list(breaks_from(rows)) == [Break(date(2026, 2, 2), date(2026, 2, 8)), Break(date(2026, 3, 1))]


def test_a_draft_on_a_returned_piece_changes_nothing_that_was_declared(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    """The newest version that was handed in counts, not the one being written."""
    piece = a_submitted(session, cast.amina_at, "K1")
    latest_version(session, piece.id).is_latest = False
    piece.state = "returned"
    session.flush()
    a_version(session, piece, "K1", number=2, own_work=False, nobody_identifiable=False)
    assert "evidence_declarations" not in standing(session, cast, catalogue).gaps


def test_a_withdrawn_piece_asks_for_no_declaration(
    session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    a_submitted(session, cast.amina_at, "K1")
    piece = a_submitted(session, cast.amina_at, "K2", own_work=False)
    assert "evidence_declarations" in standing(session, cast, catalogue).gaps
    piece.state = "withdrawn"
    session.flush()
    assert "evidence_declarations" not in standing(session, cast, catalogue).gaps


def test_what_the_summary_asks_for_does_not_grow_with_the_rows(
    database: Database, session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    with queries(database) as few:
        standing(session, cast, catalogue)
    for number in range(6):
        a_submitted(session, cast.amina_at, "K1", title=f"Piece {number}")
        a_dbs_record(session, cast.amina_at, cast.priya)
        a_qualification(session, cast.amina_at, cast.priya, "english")
        a_support_record(session, cast.amina_at, cast.priya)
    session.flush()
    with queries(database) as many:
        standing(session, cast, catalogue)
    extra = 1  # the decisions on pieces that wait are asked for once there are any
    assert many.number <= few.number + extra


def test_every_standard_has_its_own_words(catalogue: Catalogue) -> None:
    """One asks for a check, the other does not; a sentence that is not known is said to be unknown."""
    asks = words_of(catalogue.get("ST1030", "1.0"))
    assert asks.dbs_sentence is not None
    assert "entry requirements" in asks.dbs_source
    other = words_of(catalogue.get("XT0007", "2.3"))
    assert other.dbs_sentence is None
    assert other.english_maths_sentence.startswith(
        "What this standard says on English and maths is not known"
    )
