"""The page in one sentence, and the check that a lock keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portfolio.gateway.check_text import as_text, from_text, stored
from portfolio.gateway.facts import Break, Declarations, GatewayFacts
from portfolio.gateway.headline import headline, locked_headline
from portfolio.gateway.rules import check
from portfolio.gateway.sight import Detail, Sight, check_for, lines_of
from tests.gateway.conftest import ON
from tests.gateway.examples import FUNDING, READY, TODAY, UNDECLARED

FULL = Sight(Detail.FULL, Detail.FULL)
BLIND = Sight(Detail.NOTHING, Detail.STATE)

CASES: dict[str, tuple[GatewayFacts, str, Sight, str]] = {
    "ready": (READY, "Amina Archer", FULL, "Amina Archer is ready: everything is in place, and a manager can lock the portfolio now."),
    "ready, to the apprentice": (READY, "", FULL, "You are ready: everything is in place, and a manager can lock the portfolio now."),
    "three to declare": (UNDECLARED, "", FULL, "You are nearly there: only 3 declarations have still to be made."),
    "one to declare": (
        replace(READY, declarations=Declarations(date(2026, 11, 2), date(2026, 11, 2), None)), "Amina Archer", FULL,
        "Amina Archer is nearly there: only 1 declaration has still to be made.",
    ),
    "one open": (
        replace(READY, dbs=None), "Amina Archer", FULL,
        "Amina Archer is not ready: 4 of 11 requirements are open. Earliest date 1 May 2026.",
    ),
    "a break without an end": (
        replace(READY, breaks=(Break(date(2026, 3, 1)),)), "Amina Archer", FULL,
        ("Amina Archer is not ready: 4 of 11 requirements are open. "
        "The earliest date cannot be said while a break is open or its dates are wrong."),
    ),
    "withdrawn": (
        replace(READY, withdrawn_on=date(2026, 11, 1)), "Amina Archer", FULL,
        "The apprenticeship was withdrawn on 1 November 2026, so the gateway stays shut.",
    ),
    "without the DBS line": (READY, "Amina Archer", BLIND, "Of the 10 requirements shown to you, 0 are open. Earliest date 1 May 2026."),
    "without the DBS line, and it is open": (
        replace(READY, dbs=None), "Amina Archer", BLIND,
        "Of the 10 requirements shown to you, 0 are open. Earliest date 1 May 2026.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_headline(name: str) -> None:
    facts, person, sight, expected = CASES[name]
    found = check_for(facts, TODAY, sight)
    assert headline(found, lines_of(found.requirements, sight), person) == expected


def test_the_headline_of_a_locked_portfolio() -> None:
    expected = (
        "is through the gateway to completion: the portfolio has been locked since 18 November 2026 at 14:05."
    )
    assert locked_headline("Amina Archer", gateway="gateway to completion", locked_at=ON).endswith(expected)


@pytest.mark.parametrize("facts", [READY, FUNDING, replace(READY, dbs=None)])
def test_a_kept_check_reads_back_as_it_was(facts: GatewayFacts) -> None:
    found = check(facts, TODAY)
    assert from_text(as_text(found)) == stored(found)


def test_a_check_of_a_format_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="format 9"):
        from_text('{"format": 9}')
