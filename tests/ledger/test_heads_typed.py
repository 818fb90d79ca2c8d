"""A head is given to `verify` as it stands in the mail or on a page."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.ledger.chain import Head
from portfolio.safekeeping.command_verify import head_of, whose
from portfolio.safekeeping.opening import Mistyped
from tests.builders import Cast
from tests.ledger.steps import a_history, check
from tests.ledger.steps import head_of as newest


def test_both_forms_are_taken_and_the_short_one_is_looked_up(
    session: Session, cast: Cast, database: Database
) -> None:
    a_history(session, cast)
    for provider in (cast.provider, cast.other_provider):
        head = newest(database, provider.id)
        for text in (head.whole, f" {head.whole.upper()} ", f"{head.seq}:{head.hash}"):
            assert whose(database, *head_of(text)) == [head]


def test_a_short_head_that_no_ledger_leads_to_is_a_fault(
    session: Session, cast: Cast, database: Database
) -> None:
    a_history(session, cast)
    heads = whose(database, *head_of(f"3:{'7' * 64}"))
    assert heads == [Head(one, 3, "7" * 64) for one in sorted((cast.provider.id, cast.other_provider.id))]
    assert len(check(database, None, heads)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "7",
        f"7:{'a' * 63}",
        f"7:{'a' * 65}",
        f"0:{'a' * 64}",
        f"-1:{'a' * 64}",
        f"x:7:{'a' * 64}",
        f"7:{'g' * 64}",
    ],
)
def test_a_head_that_is_not_whole_is_refused(text: str) -> None:
    """A shortened hash would give a false alarm."""
    with pytest.raises(Mistyped, match="64 digits"):
        head_of(text)
